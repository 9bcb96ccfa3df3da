//! Names and tables of the wire format. <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html>

use claw_hub::{CacheMark, Kind, Role, Stop, Usage};

use crate::call_ids::{Pattern, is_word_byte};
use crate::json::{Node, ObjectWriter, Value};

/// What a tool may be called.
/// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolSpecification.html>
pub(crate) const TOOL_NAME_PATTERN: Pattern = Pattern { allows: is_word_byte, max_bytes: 64 };

/// What a tool call's id may be. Converse allows `.` and `:` besides, but the Claude models behind it do not.
/// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html>
pub(super) const ID_PATTERN: Pattern = Pattern { allows: is_word_byte, max_bytes: 64 };

/// What the caller's own ids may be, when the caller speaks this dialect too.
pub(super) const OWN_ID_PATTERN: Pattern = Pattern { allows: is_id_byte, max_bytes: 64 };

fn is_id_byte(byte: u8) -> bool {
    is_word_byte(byte) || matches!(byte, b'.' | b':')
}

/// Beta flags of Anthropic's API that Bedrock knows, in `additionalModelRequestFields.anthropic_beta`; any other is refused with `invalid
/// beta flag`. <https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-request-response.html>
pub(super) const BETAS: [&str; 4] = [
    "interleaved-thinking-2025-05-14",
    "context-1m-2025-08-07",
    "output-128k-2025-02-19",
    "token-efficient-tools-2025-02-19",
];

/// Who made the model: what stands in `additionalModelRequestFields` depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Anthropic's Claude.
    Claude,
    /// Amazon Nova.
    Nova,
    /// OpenAI's open models.
    GptOss,
    /// Somebody else.
    Other,
    /// An ARN does not say it.
    Unsaid,
}

impl Family {
    /// The family by the model's id.
    pub(super) fn of(model: &str) -> Self {
        if model.contains("anthropic") || model.contains("claude") {
            Self::Claude
        } else if model.contains("amazon.nova") {
            Self::Nova
        } else if model.contains("gpt-oss") {
            Self::GptOss
        } else if model.starts_with("arn:") {
            Self::Unsaid
        } else {
            Self::Other
        }
    }
}

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

/// Why a reply ended. `sequence` comes from the fields that the caller asked the model for.
pub(super) fn stop(reason: &str, sequence: Option<String>) -> Stop {
    match reason {
        "end_turn" => Stop::EndTurn,
        "tool_use" => Stop::ToolUse,
        "max_tokens" => Stop::MaxTokens,
        "stop_sequence" => Stop::Sequence(sequence),
        "guardrail_intervened" => Stop::Guardrail,
        "content_filtered" => Stop::ContentFilter,
        "model_context_window_exceeded" => Stop::ContextWindow,
        other => Stop::Other(other.to_owned()),
    }
}

/// The stop reason to write, and whether it is the very same thing.
pub(super) fn stop_reason(stop: &Stop) -> (&str, bool) {
    match stop {
        Stop::EndTurn => ("end_turn", true),
        Stop::ToolUse => ("tool_use", true),
        Stop::MaxTokens => ("max_tokens", true),
        Stop::Sequence(_) => ("stop_sequence", true),
        Stop::Guardrail => ("guardrail_intervened", true),
        Stop::ContentFilter => ("content_filtered", true),
        Stop::Refusal => ("content_filtered", false),
        Stop::ContextWindow => ("model_context_window_exceeded", true),
        Stop::Pause => ("end_turn", false),
        Stop::Other(word) => match word.as_str() {
            "malformed_model_output" | "malformed_tool_use" => (word, true),
            _ => ("end_turn", false),
        },
    }
}

/// The stop text in `additionalModelResponseFields`: `/stop_sequence` of a reply, `/delta/stop_sequence` of a stream.
pub(super) fn stop_sequence(fields: Option<&Node<'_>>) -> Option<String> {
    let fields = fields?;
    let said = fields.get("stop_sequence").or_else(|| fields.get("delta")?.get("stop_sequence"));
    said.and_then(Node::as_str).map(str::to_owned)
}

/// Writes why the reply ended.
pub(super) fn write_stop(o: &mut ObjectWriter<'_>, stop: &Stop) {
    o.string("stopReason", stop_reason(stop).0);
    if let Stop::Sequence(Some(text)) = stop {
        o.object("additionalModelResponseFields", |o| o.string("stop_sequence", text));
    }
}

/// The media type of an image's `format`.
pub(super) fn image_type(format: &str) -> Option<&'static str> {
    IMAGES.into_iter().find(|(known, _)| *known == format).map(|(_, media_type)| media_type)
}

/// The `format` of an image's media type.
pub(super) fn image_format(media_type: &str) -> Option<&'static str> {
    if media_type == "image/jpg" {
        return Some("jpeg");
    }
    IMAGES.into_iter().find(|(_, known)| *known == media_type).map(|(format, _)| format)
}

const IMAGES: [(&str, &str); 4] =
    [("png", "image/png"), ("jpeg", "image/jpeg"), ("gif", "image/gif"), ("webp", "image/webp")];

/// The media type of a document's `format`.
pub(super) fn document_type(format: &str) -> Option<&'static str> {
    DOCUMENTS.into_iter().find(|(known, _)| *known == format).map(|(_, media_type)| media_type)
}

/// The `format` of a document's media type; words of any other kind are `txt`.
pub(super) fn document_format(media_type: &str) -> Option<&'static str> {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let known = DOCUMENTS.into_iter().find(|(_, known)| *known == essence).map(|(format, _)| format);
    known.or_else(|| crate::media::is_text(essence).then_some("txt"))
}

const DOCUMENTS: [(&str, &str); 9] = [
    ("pdf", "application/pdf"),
    ("csv", "text/csv"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("html", "text/html"),
    ("txt", "text/plain"),
    ("md", "text/markdown"),
];

/// Reads a cache point; `None` if there is more to it than the hub can say.
pub(super) fn cache_mark(node: &Node<'_>) -> Option<CacheMark> {
    let Value::Object(fields) = &node.value else { return None };
    if fields.iter().any(|(key, _)| key != "type" && key != "ttl") {
        return None;
    }
    if node.get("type").and_then(Node::as_str) != Some("default") {
        return None;
    }
    match node.get("ttl").map(|ttl| &ttl.value) {
        None | Some(Value::Null) => Some(CacheMark::Default),
        Some(Value::String(ttl)) if ttl == "5m" => Some(CacheMark::FiveMinutes),
        Some(Value::String(ttl)) if ttl == "1h" => Some(CacheMark::OneHour),
        Some(_) => None,
    }
}

/// Writes the one field of a cache point's block.
pub(super) fn write_cache_point(o: &mut ObjectWriter<'_>, mark: CacheMark) {
    o.object("cachePoint", |o| {
        o.string("type", "default");
        match mark {
            CacheMark::Default => {}
            CacheMark::FiveMinutes => o.string("ttl", "5m"),
            CacheMark::OneHour => o.string("ttl", "1h"),
        }
    });
}

/// Reads `usage`. `inputTokens` excludes the cache; what was written for an hour is only told in `cacheDetails`.
/// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html>
pub(super) fn read_usage(node: &Node<'_>) -> Usage {
    let count = |name: &str| number(node.get(name)).unwrap_or(0);
    let written = count("cacheWriteInputTokens");
    let hour = match node.get("cacheDetails").map(|details| &details.value) {
        Some(Value::Array(details)) => details
            .iter()
            .filter(|detail| detail.get("ttl").and_then(Node::as_str) == Some("1h"))
            .filter_map(|detail| number(detail.get("inputTokens")))
            .fold(0, u64::saturating_add),
        _ => 0,
    };
    Usage {
        input_fresh: count("inputTokens"),
        cache_read: count("cacheReadInputTokens"),
        cache_write: written.saturating_sub(hour),
        cache_write_1h: hour.min(written),
        output: count("outputTokens"),
        reasoning: 0,
        estimated: false,
    }
}

fn number(node: Option<&Node<'_>>) -> Option<u64> {
    match node?.value {
        Value::Number(text) => text.parse().ok(),
        _ => None,
    }
}

/// Writes the fields of `usage`.
pub(super) fn write_usage(o: &mut ObjectWriter<'_>, usage: &Usage) {
    o.count("inputTokens", usage.input_fresh);
    o.count("outputTokens", usage.output);
    o.count("totalTokens", usage.total());
    o.count("cacheReadInputTokens", usage.cache_read);
    o.count("cacheWriteInputTokens", usage.cache_write.saturating_add(usage.cache_write_1h));
    if usage.cache_write_1h > 0 {
        o.array("cacheDetails", |a| {
            a.object(|o| {
                o.string("ttl", "1h");
                o.count("inputTokens", usage.cache_write_1h);
            });
            if usage.cache_write > 0 {
                a.object(|o| {
                    o.string("ttl", "5m");
                    o.count("inputTokens", usage.cache_write);
                });
            }
        });
    }
}

/// The kind of an exception, by its name in lower case.
/// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors>
pub(super) fn error_kind(name: &str) -> Option<Kind> {
    match name {
        "validationexception" => Some(Kind::Malformed),
        "accessdeniedexception"
        | "unrecognizedclientexception"
        | "invalidsignatureexception"
        | "expiredtokenexception"
        | "incompletesignatureexception"
        | "missingauthenticationtokenexception"
        | "missingauthenticationtoken"
        | "invalidclienttokenid"
        | "notauthorized" => Some(Kind::ProviderCredential),
        "resourcenotfoundexception" => Some(Kind::NoSuchModel),
        "throttlingexception" | "toomanyrequestsexception" | "servicequotaexceededexception" => {
            Some(Kind::RateLimited)
        }
        "modelnotreadyexception" | "serviceunavailableexception" => Some(Kind::Overloaded),
        "modeltimeoutexception" => Some(Kind::Deadline),
        "modelerrorexception"
        | "modelstreamerrorexception"
        | "internalserverexception"
        | "internalerror"
        | "internalfailure" => Some(Kind::ProviderFailed),
        _ => None,
    }
}

/// The status and the exception to write.
pub(super) const fn error_name(kind: Kind) -> (u16, &'static str) {
    match kind {
        Kind::Malformed | Kind::Unsupported | Kind::ContextTooLong => (400, "ValidationException"),
        Kind::TooLarge => (413, "ValidationException"),
        Kind::MethodNotAllowed => (405, "ValidationException"),
        Kind::Unauthenticated => (403, "UnrecognizedClientException"),
        Kind::Forbidden => (403, "AccessDeniedException"),
        Kind::NoSuchPath => (404, "UnknownOperationException"),
        Kind::NoSuchModel => (404, "ResourceNotFoundException"),
        Kind::SlowRequest => (408, "ModelTimeoutException"),
        Kind::RateLimited => (429, "ThrottlingException"),
        Kind::Billing => (402, "ServiceQuotaExceededException"),
        Kind::Overloaded | Kind::Draining => (503, "ServiceUnavailableException"),
        Kind::ProviderFailed | Kind::ProviderUnreachable | Kind::ProviderCredential => {
            (502, "ModelErrorException")
        }
        Kind::Deadline => (504, "ModelTimeoutException"),
        Kind::Internal => (500, "InternalServerException"),
    }
}

/// The exception to write into a stream: there are only five.
/// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html>
pub(super) const fn stream_error_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Malformed
        | Kind::Unsupported
        | Kind::ContextTooLong
        | Kind::TooLarge
        | Kind::Unauthenticated
        | Kind::Forbidden
        | Kind::NoSuchPath
        | Kind::MethodNotAllowed
        | Kind::NoSuchModel
        | Kind::SlowRequest => "validationException",
        Kind::RateLimited | Kind::Billing => "throttlingException",
        Kind::Overloaded | Kind::Draining => "serviceUnavailableException",
        Kind::ProviderFailed | Kind::ProviderUnreachable | Kind::ProviderCredential | Kind::Deadline => {
            "modelStreamErrorException"
        }
        Kind::Internal => "internalServerException",
    }
}
