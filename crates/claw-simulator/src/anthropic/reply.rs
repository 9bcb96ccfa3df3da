//! A whole message. It must not know streams.
//!
//! <https://platform.claude.com/docs/en/api/messages>

use serde::Serialize;
use serde_json::value::RawValue;

use super::message_id;
use crate::script::{Kind, Part, Script, Stop};
use crate::wire::to_json;

/// A message, also as it stands in `message_start`.
#[derive(Serialize)]
pub(crate) struct Message<'a> {
    model: &'a str,
    id: String,
    r#type: &'static str,
    role: &'static str,
    content: Vec<Block<'a>>,
    stop_reason: Option<&'static str>,
    stop_sequence: Option<&'a str>,
    stop_details: Option<StopDetails>,
    usage: Usage,
}

/// A content block; at the beginning of a stream its text is empty.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Block<'a> {
    Text { text: &'a str },
    Thinking { thinking: &'a str, signature: &'a str },
    RedactedThinking { data: &'a str },
    ToolUse { id: &'a str, name: &'a str, input: &'a RawValue, caller: Caller },
}

/// Why the model refused.
#[derive(Serialize)]
pub(crate) struct StopDetails {
    r#type: &'static str,
    category: &'static str,
    explanation: &'static str,
}

#[derive(Serialize)]
pub(crate) struct Caller {
    r#type: &'static str,
}

/// The usage of a message: `input_tokens` without what was read from the cache or written into it.
#[derive(Serialize)]
pub(crate) struct Usage {
    input_tokens: u64,
    cache_creation_input_tokens: u64,
    cache_read_input_tokens: u64,
    cache_creation: CacheCreation,
    output_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens_details: Option<OutputDetails>,
    service_tier: &'static str,
    inference_geo: &'static str,
}

#[derive(Serialize)]
struct CacheCreation {
    ephemeral_5m_input_tokens: u64,
    ephemeral_1h_input_tokens: u64,
}

#[derive(Serialize)]
pub(crate) struct OutputDetails {
    thinking_tokens: u64,
}

pub(crate) fn whole(script: &Script) -> Vec<u8> {
    let answer = script.answers.first();
    let parts = answer.map(|answer| answer.parts.as_slice()).unwrap_or_default();
    let stop = answer.map(|answer| &answer.stop);
    to_json(&message(script, parts.iter().map(block).collect(), stop, script.usage.output))
}

/// The message before anything was said.
pub(crate) fn beginning(script: &Script) -> Message<'_> {
    message(script, Vec::new(), None, 1)
}

fn message<'a>(
    script: &'a Script,
    content: Vec<Block<'a>>,
    stop: Option<&'a Stop>,
    output: u64,
) -> Message<'a> {
    let usage = &script.usage;
    Message {
        model: &script.model,
        id: message_id(script),
        r#type: "message",
        role: "assistant",
        content,
        stop_reason: stop.map(stop_reason),
        stop_sequence: stop.and_then(stop_sequence),
        stop_details: stop.and_then(stop_details),
        usage: Usage {
            input_tokens: usage.input,
            cache_creation_input_tokens: usage.cache_write(),
            cache_read_input_tokens: usage.cache_read,
            cache_creation: CacheCreation {
                ephemeral_5m_input_tokens: usage.cache_write_5m,
                ephemeral_1h_input_tokens: usage.cache_write_1h,
            },
            output_tokens: output,
            output_tokens_details: if stop.is_some() { output_details(script) } else { None },
            service_tier: "standard",
            inference_geo: "not_available",
        },
    }
}

fn block(part: &Part) -> Block<'_> {
    match &part.kind {
        Kind::Text => Block::Text { text: &part.text },
        Kind::Thinking { signature } => Block::Thinking { thinking: &part.text, signature },
        Kind::Redacted { data } => Block::RedactedThinking { data },
        Kind::Call { id, name, .. } => tool_use(id, name, part.arguments()),
    }
}

pub(crate) fn tool_use<'a>(id: &'a str, name: &'a str, input: &'a RawValue) -> Block<'a> {
    Block::ToolUse { id, name, input, caller: Caller { r#type: "direct" } }
}

pub(crate) fn output_details(script: &Script) -> Option<OutputDetails> {
    let thinking_tokens = script.usage.reasoning;
    (thinking_tokens > 0).then_some(OutputDetails { thinking_tokens })
}

pub(crate) fn stop_reason(stop: &Stop) -> &'static str {
    match stop {
        Stop::End => "end_turn",
        Stop::MaxTokens => "max_tokens",
        Stop::Sequence(_) => "stop_sequence",
        Stop::Calls => "tool_use",
        Stop::Refusal => "refusal",
    }
}

pub(crate) fn stop_details(stop: &Stop) -> Option<StopDetails> {
    let explanation = "The model's name asks for a refusal.";
    let details = StopDetails { r#type: "refusal", category: "general_harms", explanation };
    (*stop == Stop::Refusal).then_some(details)
}

pub(crate) fn stop_sequence(stop: &Stop) -> Option<&str> {
    if let Stop::Sequence(sequence) = stop { Some(sequence) } else { None }
}
