//! A Converse reply as a stream of frames. It must not know when they are sent.
//!
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html>

use bytes::BytesMut;
use serde::Serialize;

use super::reply::{Metrics, ModelFields, Usage, blob, metrics, model_fields, stop_reason, usage};
use super::{error, event_stream};
use crate::script::{Kind, Script};
use crate::steps::Step;
use crate::wire::Writer;

const PADDING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Renders the frames of one reply.
#[derive(Default)]
pub(crate) struct Frames {
    sent: usize,
}

/// The payload of a frame. Every one carries padding, so that its length does not tell the length of the words.
#[derive(Serialize)]
struct Padded<'a, P> {
    #[serde(flatten)]
    payload: P,
    p: &'a str,
}

#[derive(Serialize)]
struct MessageStart {
    role: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BlockStart<'a> {
    content_block_index: usize,
    start: Start<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Start<'a> {
    #[serde(rename_all = "camelCase")]
    ToolUse { name: &'a str, tool_use_id: &'a str },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BlockDelta<'a> {
    content_block_index: usize,
    delta: Delta<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Delta<'a> {
    Text(&'a str),
    ToolUse { input: &'a str },
    ReasoningContent(Reasoning<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Reasoning<'a> {
    Text(&'a str),
    Signature(&'a str),
    RedactedContent(String),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BlockStop {
    content_block_index: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageStop<'a> {
    stop_reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_model_response_fields: Option<ModelFields<'a>>,
}

#[derive(Serialize)]
struct Metadata {
    metrics: Metrics,
    usage: Usage,
}

impl Frames {
    fn send(&mut self, event: &str, payload: impl Serialize, out: &mut BytesMut) {
        self.sent += 1;
        let p = PADDING.get(..self.sent * 11 % PADDING.len() + 1).unwrap_or_default();
        let headers =
            [(":event-type", event), (":content-type", "application/json"), (":message-type", "event")];
        event_stream::append(out, &headers, &Padded { payload, p });
    }

    fn delta(&mut self, content_block_index: usize, delta: Delta<'_>, out: &mut BytesMut) {
        self.send("contentBlockDelta", BlockDelta { content_block_index, delta }, out);
    }
}

impl Writer for Frames {
    fn write(&mut self, script: &Script, step: &Step<'_>, out: &mut BytesMut) {
        match step {
            Step::Begin => self.send("messageStart", MessageStart { role: "assistant" }, out),
            Step::Open { part, body, .. } => {
                // Only tool uses announce themselves; text and reasoning begin with their first delta.
                if let Kind::Call { id, name, .. } = &body.kind {
                    let start = Start::ToolUse { name, tool_use_id: id };
                    self.send("contentBlockStart", BlockStart { content_block_index: *part, start }, out);
                }
            }
            Step::Piece { part, body, text, .. } => {
                let delta = match &body.kind {
                    Kind::Text => Delta::Text(text),
                    Kind::Thinking { .. } => Delta::ReasoningContent(Reasoning::Text(text)),
                    Kind::Redacted { .. } => return,
                    Kind::Call { .. } => Delta::ToolUse { input: text },
                };
                self.delta(*part, delta, out);
            }
            Step::Close { part, body, .. } => {
                match &body.kind {
                    Kind::Thinking { signature } => {
                        self.delta(*part, Delta::ReasoningContent(Reasoning::Signature(signature)), out);
                    }
                    Kind::Redacted { data } => {
                        self.delta(
                            *part,
                            Delta::ReasoningContent(Reasoning::RedactedContent(blob(data))),
                            out,
                        );
                    }
                    Kind::Text | Kind::Call { .. } => {}
                }
                self.send("contentBlockStop", BlockStop { content_block_index: *part }, out);
            }
            Step::Finish { stop, .. } => {
                let payload = MessageStop {
                    stop_reason: stop_reason(stop),
                    additional_model_response_fields: model_fields(script, stop),
                };
                self.send("messageStop", payload, out);
            }
            Step::End => {
                self.send("metadata", Metadata { metrics: metrics(script), usage: usage(script) }, out);
            }
        }
    }

    fn fault(&mut self, _script: &Script, status: Option<u16>, out: &mut BytesMut) {
        let (name, refusal) = error::in_stream(status);
        let headers = [
            (":exception-type", name),
            (":content-type", "application/json"),
            (":message-type", "exception"),
        ];
        event_stream::append(out, &headers, &error::body(&refusal));
    }
}
