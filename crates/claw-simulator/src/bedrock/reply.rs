//! A whole Converse reply. It must not know streams.
//!
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_ResponseSyntax>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::script::{Kind, Part, Script, Stop};
use crate::wire::to_json;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    metrics: Metrics,
    output: Output<'a>,
    stop_reason: &'static str,
    usage: Usage,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_model_response_fields: Option<ModelFields<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metrics {
    latency_ms: u64,
}

#[derive(Serialize)]
struct Output<'a> {
    message: Message<'a>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Vec<Block<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Block<'a> {
    Text(&'a str),
    ReasoningContent(Reasoning<'a>),
    ToolUse(ToolUse<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Reasoning<'a> {
    ReasoningText { text: &'a str, signature: &'a str },
    RedactedContent(String),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToolUse<'a> {
    tool_use_id: &'a str,
    name: &'a str,
    input: &'a RawValue,
}

/// The usage of a reply: `inputTokens` without the cache, `totalTokens` with it. The cache has two names, as recorded.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Usage {
    input_tokens: u64,
    output_tokens: u64,
    total_tokens: u64,
    cache_read_input_tokens: u64,
    cache_write_input_tokens: u64,
    cache_read_input_token_count: u64,
    cache_write_input_token_count: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cache_details: Vec<CacheDetail>,
    server_tool_usage: Nothing,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CacheDetail {
    ttl: &'static str,
    input_tokens: u64,
}

#[derive(Serialize)]
struct Nothing {}

/// What the caller asked for with `additionalModelResponseFieldPaths`.
#[derive(Serialize)]
pub(crate) struct ModelFields<'a> {
    stop_sequence: &'a str,
}

pub(crate) fn whole(script: &Script) -> Vec<u8> {
    let answer = script.answers.first();
    let parts = answer.map(|answer| answer.parts.as_slice()).unwrap_or_default();
    let stop = answer.map_or(&Stop::End, |answer| &answer.stop);
    to_json(&Response {
        metrics: metrics(script),
        output: Output { message: Message { role: "assistant", content: parts.iter().map(block).collect() } },
        stop_reason: stop_reason(stop),
        usage: usage(script),
        additional_model_response_fields: model_fields(script, stop),
    })
}

fn block(part: &Part) -> Block<'_> {
    match &part.kind {
        Kind::Text => Block::Text(&part.text),
        Kind::Thinking { signature } => {
            Block::ReasoningContent(Reasoning::ReasoningText { text: &part.text, signature })
        }
        Kind::Redacted { data } => Block::ReasoningContent(Reasoning::RedactedContent(blob(data))),
        Kind::Call { id, name, .. } => {
            Block::ToolUse(ToolUse { tool_use_id: id, name, input: part.arguments() })
        }
    }
}

/// Sealed thinking is text in base64 already, but a blob to Bedrock, which goes in base64: so it comes in base64 twice.
pub(crate) fn blob(data: &str) -> String {
    STANDARD.encode(data)
}

pub(crate) fn metrics(script: &Script) -> Metrics {
    let latency_ms = script.began.elapsed().as_millis();
    Metrics { latency_ms: u64::try_from(latency_ms).unwrap_or(u64::MAX).max(1) }
}

pub(crate) fn usage(script: &Script) -> Usage {
    let usage = &script.usage;
    let written = [("5m", usage.cache_write_5m), ("1h", usage.cache_write_1h)];
    let details = written.into_iter().filter(|(_, tokens)| *tokens > 0);
    Usage {
        input_tokens: usage.input,
        output_tokens: usage.output,
        total_tokens: usage.all_input() + usage.output,
        cache_read_input_tokens: usage.cache_read,
        cache_write_input_tokens: usage.cache_write(),
        cache_read_input_token_count: usage.cache_read,
        cache_write_input_token_count: usage.cache_write(),
        cache_details: details.map(|(ttl, input_tokens)| CacheDetail { ttl, input_tokens }).collect(),
        server_tool_usage: Nothing {},
    }
}

pub(crate) fn stop_reason(stop: &Stop) -> &'static str {
    match stop {
        Stop::End => "end_turn",
        Stop::MaxTokens => "max_tokens",
        Stop::Sequence(_) => "stop_sequence",
        Stop::Calls => "tool_use",
        Stop::Refusal => "content_filtered",
    }
}

pub(crate) fn model_fields<'a>(script: &Script, stop: &'a Stop) -> Option<ModelFields<'a>> {
    match stop {
        Stop::Sequence(stop_sequence) if script.manner.name_the_stop => Some(ModelFields { stop_sequence }),
        _ => None,
    }
}
