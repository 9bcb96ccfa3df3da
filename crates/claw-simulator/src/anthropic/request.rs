//! Reads a Messages request: its version, envelope, system prompt and limits. Tools and messages have files of their
//! own. It must not know what will be answered.
//!
//! <https://platform.claude.com/docs/en/api/messages> and <https://platform.claude.com/docs/en/api/versioning>

use serde_json::Value;

use super::content::{Reader, only};
use super::error::{invalid, required};
use super::{messages, tools};
use crate::asked::{Asked, Choice, Format, Thinking};
use crate::fields::{given, is_true, list, text};
use crate::meter::FIVE_MINUTES;
use crate::route::Operation;
use crate::wire::{Head, Refusal};

const OLD_VERSIONS: [&str; 2] = ["2023-01-01", "2023-06-01"];
const NEW_VERSION: &str = "2026-10-21";
/// The sampling parameters, which the new version does not have.
const SAMPLING: [&str; 3] = ["temperature", "top_k", "top_p"];
const KNOWN: [&str; 19] = [
    "cache_control",
    "container",
    "diagnostics",
    "inference_geo",
    "max_tokens",
    "messages",
    "metadata",
    "model",
    "output_config",
    "service_tier",
    "speed",
    "stop_sequences",
    "stream",
    "system",
    "thinking",
    "tool_choice",
    "tools",
    "user_profile_id",
    "workspace_id",
];
/// What only a call with an `anthropic-beta` header may send.
const BETA: [&str; 9] = [
    "billing_policy",
    "compaction",
    "context_management",
    "fallback_credit_token",
    "fallbacks",
    "mcp_servers",
    "output_format",
    "tags",
    "thread",
];
/// What a count of tokens has no use for.
const NOT_COUNTED: [&str; 5] = ["max_tokens", "metadata", "service_tier", "stop_sequences", "stream"];
const EFFORTS: [&str; 5] = ["low", "medium", "high", "xhigh", "max"];
const LEAST_BUDGET: u64 = 1024;
const MAX_MARKS: usize = 4;

/// Whether the call speaks the version of 2026.
pub(crate) fn version(head: &Head<'_>) -> Result<bool, Refusal> {
    match head.header("anthropic-version") {
        None => Err(invalid("anthropic-version: header is required")),
        Some(NEW_VERSION) => Ok(true),
        Some(version) if OLD_VERSIONS.contains(&version) => Ok(false),
        Some(version) => Err(invalid(format!("anthropic-version: \"{version}\" is not a valid version"))),
    }
}

pub(crate) fn read(head: &Head<'_>, model: &str, body: &Value) -> Result<Asked, Refusal> {
    let is_new = version(head)?;
    let is_count = *head.operation == Operation::CountTokens;
    refuse_unknown(body, is_new, head.header("anthropic-beta").is_some(), is_count)?;
    let mut asked = Asked::new(model);
    asked.stream = is_true(body, "stream");
    if !is_count {
        asked.max_tokens = Some(max_tokens(body)?);
    }
    sampling(body)?;
    asked.stop = stops(body)?;
    thinking(&mut asked, body, is_count)?;
    let mut reader = Reader { asked: &mut asked, is_new };
    tools::read(&mut reader, body)?;
    system(&mut reader, body)?;
    messages::read(&mut reader, body)?;
    output_config(&mut asked, body)?;
    refuse_forced_thinking(&asked, body)?;
    if given(body, "cache_control").is_some() {
        asked.meter.mark(FIVE_MINUTES);
    }
    if asked.meter.marks() > MAX_MARKS {
        let found = asked.meter.marks();
        return Err(invalid(format!(
            "A maximum of 4 blocks with cache_control may be provided. Found {found}."
        )));
    }
    Ok(asked)
}

fn refuse_unknown(body: &Value, is_new: bool, is_beta: bool, is_count: bool) -> Result<(), Refusal> {
    let is_known = |key: &str| {
        let is_sampling = !is_new && !is_count && SAMPLING.contains(&key);
        let is_plain = KNOWN.contains(&key) && !(is_count && NOT_COUNTED.contains(&key));
        is_plain || is_sampling || (is_beta && BETA.contains(&key))
    };
    match body.as_object().and_then(|body| body.keys().find(|key| !is_known(key))) {
        None => Ok(()),
        Some(key) => Err(invalid(format!("{key}: Extra inputs are not permitted"))),
    }
}

fn max_tokens(body: &Value) -> Result<u64, Refusal> {
    let most = given(body, "max_tokens").ok_or_else(|| required("max_tokens"))?;
    match most.as_u64() {
        Some(0) => Err(invalid("max_tokens: must be greater than or equal to 1")),
        Some(most) => Ok(most),
        None => Err(invalid("max_tokens: Input should be a valid integer")),
    }
}

fn sampling(body: &Value) -> Result<(), Refusal> {
    for param in ["temperature", "top_p"] {
        let Some(value) = given(body, param) else { continue };
        if !value.as_f64().is_some_and(|value| (0.0..=1.0).contains(&value)) {
            return Err(invalid(format!("{param}: range: 0..1")));
        }
    }
    Ok(())
}

fn stops(body: &Value) -> Result<Vec<String>, Refusal> {
    let stops = list(body, "stop_sequences").iter().filter_map(Value::as_str);
    let stops: Vec<_> = stops.map(str::to_owned).collect();
    if stops.iter().any(|stop| stop.trim().is_empty()) {
        return Err(invalid("stop_sequences: each stop sequence must contain non-whitespace"));
    }
    Ok(stops)
}

/// <https://platform.claude.com/docs/en/build-with-claude/extended-thinking>
fn thinking(asked: &mut Asked, body: &Value, is_count: bool) -> Result<(), Refusal> {
    let Some(thinking) = given(body, "thinking") else { return Ok(()) };
    let shown =
        if text(thinking, "display") == Some("omitted") { Thinking::Omitted } else { Thinking::Shown };
    match text(thinking, "type") {
        Some("disabled") => {}
        Some("adaptive" | "between_tools") => asked.thinking = Some(shown),
        Some("enabled") => {
            let at = "thinking.enabled.budget_tokens";
            let budget = given(thinking, "budget_tokens").ok_or_else(|| required(at))?;
            let budget = budget.as_u64().unwrap_or_default();
            if budget < LEAST_BUDGET {
                return Err(invalid(format!("{at}: Input should be greater than or equal to 1024")));
            }
            if !is_count && asked.max_tokens.is_some_and(|most| most <= budget) {
                return Err(invalid("`max_tokens` must be greater than `thinking.budget_tokens`."));
            }
            if given(body, "temperature").is_some_and(|value| value.as_f64() != Some(1.0)) {
                return Err(invalid("`temperature` may only be set to 1 when thinking is enabled."));
            }
            asked.thinking = Some(shown);
        }
        _ => {
            let message = "thinking: Input tag does not match any of the expected tags: 'adaptive', 'between_tools', \
                'disabled', 'enabled'";
            return Err(invalid(message));
        }
    }
    Ok(())
}

fn refuse_forced_thinking(asked: &Asked, body: &Value) -> Result<(), Refusal> {
    let choice = body.get("tool_choice").and_then(|choice| text(choice, "type"));
    let is_enabled = body.get("thinking").and_then(|thinking| text(thinking, "type")) == Some("enabled");
    if is_enabled && (matches!(asked.choice, Choice::Named(_)) || choice == Some("any")) {
        return Err(invalid("Thinking may not be enabled when tool_choice forces tool use."));
    }
    Ok(())
}

fn system(reader: &mut Reader<'_>, body: &Value) -> Result<(), Refusal> {
    match body.get("system") {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) => reader.asked.system(text),
        Some(Value::Array(blocks)) => {
            for (index, block) in blocks.iter().enumerate() {
                let at = format!("system.{index}");
                only(block, &at, &["type", "text", "cache_control", "citations"])?;
                let said = text(block, "text").ok_or_else(|| required(&format!("{at}.text")))?;
                if said.is_empty() {
                    return Err(invalid("system: text content blocks must be non-empty"));
                }
                reader.asked.system(said);
                reader.mark(block, &at)?;
            }
        }
        Some(_) => return Err(invalid("system: Input should be a valid list")),
    }
    Ok(())
}

/// `output_config`; its format was `output_format` in the beta.
fn output_config(asked: &mut Asked, body: &Value) -> Result<(), Refusal> {
    let config = given(body, "output_config");
    if let Some(effort) = config.and_then(|config| text(config, "effort"))
        && !EFFORTS.contains(&effort)
    {
        return Err(invalid(format!(
            "This model does not support effort level '{effort}'. Supported levels: high, low, max, medium, xhigh."
        )));
    }
    let format = config.and_then(|config| given(config, "format")).or_else(|| given(body, "output_format"));
    if let Some(schema) = format.and_then(|format| given(format, "schema")) {
        asked.meter.json(schema);
        asked.format = Some(Format::Schema(schema.clone()));
    }
    Ok(())
}
