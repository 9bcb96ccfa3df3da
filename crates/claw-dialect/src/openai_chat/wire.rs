//! Names and tables of the wire format, <https://github.com/openai/openai-openapi>.

use claw_hub::{Refusal, Retry, Stop};

use crate::call_ids::{Pattern, is_word_byte};

/// The body's members that the hub has words for, beside those that only readers need.
pub(super) const MODEL: &str = "model";
/// The conversation.
pub(super) const MESSAGES: &str = "messages";
/// What a stream shall say besides.
pub(super) const STREAM_OPTIONS: &str = "stream_options";
/// Whether a stream shall say usage.
pub(super) const INCLUDE_USAGE: &str = "include_usage";
/// The form of the answer.
pub(super) const RESPONSE_FORMAT: &str = "response_format";
/// Whether and which tool to call.
pub(super) const TOOL_CHOICE: &str = "tool_choice";
/// How hard to reason.
pub(super) const REASONING_EFFORT: &str = "reasoning_effort";

/// The role of instructions.
pub(super) const SYSTEM: &str = "system";
/// The newer word for [`SYSTEM`].
pub(super) const DEVELOPER: &str = "developer";

/// Reasoning as DeepSeek, vLLM and most others write it.
pub(super) const REASONING_CONTENT: &str = "reasoning_content";
/// Reasoning as OpenRouter, Groq and newer vLLM write it.
pub(super) const REASONING: &str = "reasoning";

/// The name that a schema gets where the caller's dialect has none.
pub(super) const SCHEMA_NAME: &str = "answer";

/// What the name of a function may be made of; compatible vendors are as strict.
pub(super) const TOOL_NAME_PATTERN: Pattern = Pattern { allows: is_word_byte, max_bytes: 64 };
/// The longest id of a tool call, in bytes.
pub(super) const CALL_ID_MAX_BYTES: usize = 40;

/// The words of `service_tier`.
pub(super) const SERVICE_TIERS: [&str; 6] = ["auto", "default", "flex", "priority", "scale", "fast"];

/// Why a reply ended, from `finish_reason`. A reply with tool calls waits for their results even where the provider says `stop`: OpenAI
/// does so when the tool was forced, others always do. A refusal in its own field comes with `stop` too.
pub(super) fn stop(finish_reason: &str, has_calls: bool, has_refusal: bool) -> Stop {
    match finish_reason {
        "stop" if has_calls => Stop::ToolUse,
        "stop" if has_refusal => Stop::Refusal,
        "stop" => Stop::EndTurn,
        "length" => Stop::MaxTokens,
        "tool_calls" | "function_call" => Stop::ToolUse,
        "content_filter" => Stop::ContentFilter,
        other => Stop::Other(other.to_owned()),
    }
}

/// The `finish_reason` of a stop. A refusal that was said in its own field goes with `stop`.
pub(super) fn finish_reason(stop: &Stop, has_refusal: bool) -> &str {
    match stop {
        Stop::EndTurn | Stop::Sequence(_) | Stop::Pause => "stop",
        Stop::MaxTokens | Stop::ContextWindow => "length",
        Stop::ToolUse => "tool_calls",
        Stop::Refusal if has_refusal => "stop",
        Stop::Refusal | Stop::ContentFilter | Stop::Guardrail => "content_filter",
        Stop::Other(word) => word,
    }
}

/// The refusal of a provider's bytes that are not what they should be.
pub(super) fn nonsense(what: impl std::fmt::Display) -> Refusal {
    Refusal::provider(
        claw_hub::Kind::ProviderFailed,
        Retry::Maybe,
        format!("the provider's answer cannot be read: {what}"),
    )
}
