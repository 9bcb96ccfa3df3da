//! Names and tables of the wire format. <https://docs.claude.com/en/api/messages>

use claw_hub::{CacheMark, Kind, Role, Stop, Usage};

use crate::call_ids::{Pattern, is_word_byte};
use crate::json::{Node, ObjectWriter, Value};

/// What a tool call's id may be: the API refuses others with `String should match pattern '^[a-zA-Z0-9_-]+$'`. It sets no length; this one
/// only keeps ids sane.
pub(super) const ID_PATTERN: Pattern = Pattern { allows: is_word_byte, max_bytes: 256 };

/// What a tool may be called: `^[a-zA-Z0-9_-]{1,128}$`. <https://docs.claude.com/en/docs/agents-and-tools/tool-use/implement-tool-use>
pub(crate) const TOOL_NAME_PATTERN: Pattern = Pattern { allows: is_word_byte, max_bytes: 128 };

/// The limit of tokens where neither the caller nor the catalogue knows one: the dialect requires it, and every Claude model has it.
pub(super) const MAX_TOKENS_UNSAID: u64 = 4096;

/// Fields of a reply's parts that are this dialect's own, so that they may be written back to it.
pub(super) const REPLY_FIELDS: [&str; 3] = ["citations", "caller", "toolset_name"];

/// Stop reasons that the hub has no word for.
const STOPS_OF_OUR_OWN: [&str; 1] = ["compaction"];

/// The role of that name.
pub(super) fn role(name: &str) -> Option<Role> {
    match name {
        "user" => Some(Role::User),
        "assistant" => Some(Role::Assistant),
        "system" => Some(Role::System),
        _ => None,
    }
}

/// The name of a role.
pub(super) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::System => "system",
    }
}

/// Why a reply ended. <https://docs.claude.com/en/api/handling-stop-reasons>
pub(super) fn stop(reason: &str, sequence: Option<String>) -> Stop {
    match reason {
        "end_turn" => Stop::EndTurn,
        "stop_sequence" => Stop::Sequence(sequence),
        "max_tokens" => Stop::MaxTokens,
        "tool_use" => Stop::ToolUse,
        "pause_turn" => Stop::Pause,
        "refusal" => Stop::Refusal,
        "model_context_window_exceeded" => Stop::ContextWindow,
        other => Stop::Other(other.to_owned()),
    }
}

/// The stop reason to write, and whether it is the very same thing.
pub(super) fn stop_reason(stop: &Stop) -> (&str, bool) {
    match stop {
        Stop::EndTurn => ("end_turn", true),
        Stop::Sequence(_) => ("stop_sequence", true),
        Stop::MaxTokens => ("max_tokens", true),
        Stop::ToolUse => ("tool_use", true),
        Stop::Pause => ("pause_turn", true),
        Stop::Refusal => ("refusal", true),
        Stop::ContentFilter | Stop::Guardrail => ("refusal", false),
        Stop::ContextWindow => ("model_context_window_exceeded", true),
        Stop::Other(word) if STOPS_OF_OUR_OWN.contains(&word.as_str()) => (word, true),
        Stop::Other(_) => ("end_turn", false),
    }
}

/// Reads a cache point; `None` if there is more to it than the hub can say.
pub(super) fn cache_mark(node: &Node<'_>) -> Option<CacheMark> {
    let Value::Object(fields) = &node.value else { return None };
    if node.get("type").and_then(Node::as_str) != Some("ephemeral")
        || fields.iter().any(|(key, _)| key != "type" && key != "ttl")
    {
        return None;
    }
    match node.get("ttl") {
        None => Some(CacheMark::Default),
        Some(ttl) => match ttl.as_str() {
            Some("5m") => Some(CacheMark::FiveMinutes),
            Some("1h") => Some(CacheMark::OneHour),
            _ => None,
        },
    }
}

/// Writes a cache point.
pub(super) fn write_cache(o: &mut ObjectWriter<'_>, mark: Option<CacheMark>) {
    let Some(mark) = mark else { return };
    o.object("cache_control", |o| {
        o.string("type", "ephemeral");
        match mark {
            CacheMark::Default => {}
            CacheMark::FiveMinutes => o.string("ttl", "5m"),
            CacheMark::OneHour => o.string("ttl", "1h"),
        }
    });
}

/// Takes what a `usage` object says into what is known. Its numbers are cumulative, and each event may leave some out.
/// `input_tokens` excludes the cache. <https://docs.claude.com/en/docs/build-with-claude/prompt-caching>
pub(super) fn read_usage(node: &Node<'_>, usage: &mut Usage) {
    let count = |node: &Node<'_>, name: &str| node.get(name).and_then(number);
    if let Some(tokens) = count(node, "input_tokens") {
        usage.input_fresh = tokens;
    }
    if let Some(tokens) = count(node, "cache_read_input_tokens") {
        usage.cache_read = tokens;
    }
    let hour = node.get("cache_creation").and_then(|split| count(split, "ephemeral_1h_input_tokens"));
    let five = node.get("cache_creation").and_then(|split| count(split, "ephemeral_5m_input_tokens"));
    if let Some(tokens) = hour {
        usage.cache_write_1h = tokens;
    }
    match (count(node, "cache_creation_input_tokens"), five) {
        (Some(all), _) => usage.cache_write = all.saturating_sub(usage.cache_write_1h),
        (None, Some(five)) => usage.cache_write = five,
        (None, None) => {}
    }
    if let Some(tokens) = count(node, "output_tokens") {
        usage.output = tokens;
    }
    if let Some(tokens) = node.get("output_tokens_details").and_then(|split| count(split, "thinking_tokens"))
    {
        usage.reasoning = tokens;
    }
}

fn number(node: &Node<'_>) -> Option<u64> {
    match node.value {
        Value::Number(text) => text.parse().ok(),
        _ => None,
    }
}

/// Writes the fields of a `usage` object.
pub(super) fn write_usage(o: &mut ObjectWriter<'_>, usage: &Usage) {
    o.count("input_tokens", usage.input_fresh);
    o.count("cache_creation_input_tokens", usage.cache_write.saturating_add(usage.cache_write_1h));
    o.count("cache_read_input_tokens", usage.cache_read);
    o.object("cache_creation", |o| {
        o.count("ephemeral_5m_input_tokens", usage.cache_write);
        o.count("ephemeral_1h_input_tokens", usage.cache_write_1h);
    });
    o.count("output_tokens", usage.output);
    if usage.reasoning > 0 {
        o.object("output_tokens_details", |o| o.count("thinking_tokens", usage.reasoning));
    }
}

/// The kind of an error's `type`. <https://docs.claude.com/en/api/errors>
pub(super) fn error_kind(name: &str) -> Option<Kind> {
    match name {
        "invalid_request_error" => Some(Kind::Malformed),
        "authentication_error" | "permission_error" => Some(Kind::ProviderCredential),
        "billing_error" => Some(Kind::Billing),
        "not_found_error" => Some(Kind::NoSuchModel),
        "request_too_large" => Some(Kind::TooLarge),
        "rate_limit_error" => Some(Kind::RateLimited),
        "timeout_error" => Some(Kind::Deadline),
        "overloaded_error" => Some(Kind::Overloaded),
        "api_error" | "conflict_error" => Some(Kind::ProviderFailed),
        _ => None,
    }
}

/// The status and the error `type` to write.
pub(super) const fn error_name(kind: Kind) -> (u16, &'static str) {
    match kind {
        Kind::Malformed | Kind::Unsupported | Kind::ContextTooLong => (400, "invalid_request_error"),
        Kind::TooLarge => (413, "request_too_large"),
        Kind::Unauthenticated => (401, "authentication_error"),
        Kind::Forbidden => (403, "permission_error"),
        Kind::NoSuchPath | Kind::NoSuchModel => (404, "not_found_error"),
        Kind::MethodNotAllowed => (405, "invalid_request_error"),
        Kind::SlowRequest => (408, "timeout_error"),
        Kind::RateLimited => (429, "rate_limit_error"),
        Kind::Billing => (402, "billing_error"),
        Kind::Overloaded => (529, "overloaded_error"),
        Kind::Draining => (503, "overloaded_error"),
        Kind::ProviderFailed | Kind::ProviderUnreachable | Kind::ProviderCredential => (502, "api_error"),
        Kind::Deadline => (504, "timeout_error"),
        Kind::Internal => (500, "api_error"),
    }
}
