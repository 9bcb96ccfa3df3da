//! A message as a stream of events. It must not know when they are sent.
//!
//! <https://platform.claude.com/docs/en/build-with-claude/streaming>

use bytes::BytesMut;
use serde::Serialize;

use super::reply::{
    Block, Message, OutputDetails, StopDetails, beginning, output_details, stop_details, stop_reason,
    stop_sequence, tool_use,
};
use super::{error, request_id};
use crate::script::{Kind, Part, Script, Stop, no_arguments};
use crate::steps::Step;
use crate::wire::{Writer, append_json};

/// Renders the events of one message.
#[derive(Default)]
pub(crate) struct Events {
    sent: usize,
    has_pinged: bool,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event<'a> {
    MessageStart { message: Message<'a> },
    ContentBlockStart { index: usize, content_block: Block<'a> },
    Ping {},
    ContentBlockDelta { index: usize, delta: Delta<'a> },
    ContentBlockStop { index: usize },
    MessageDelta { delta: MessageDelta<'a>, usage: DeltaUsage },
    MessageStop {},
}

#[derive(Serialize)]
#[serde(tag = "type")]
enum Delta<'a> {
    #[serde(rename = "text_delta")]
    Text { text: &'a str },
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: &'a str },
    #[serde(rename = "signature_delta")]
    Signature { signature: &'a str },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: &'a str },
}

#[derive(Serialize)]
struct MessageDelta<'a> {
    stop_reason: &'static str,
    stop_sequence: Option<&'a str>,
    stop_details: Option<StopDetails>,
}

/// The whole usage once more, not what was added since the beginning.
#[derive(Serialize)]
struct DeltaUsage {
    input_tokens: u64,
    cache_creation_input_tokens: u64,
    cache_read_input_tokens: u64,
    output_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens_details: Option<OutputDetails>,
}

impl Event<'_> {
    fn name(&self) -> &'static str {
        match self {
            Self::MessageStart { .. } => "message_start",
            Self::ContentBlockStart { .. } => "content_block_start",
            Self::Ping {} => "ping",
            Self::ContentBlockDelta { .. } => "content_block_delta",
            Self::ContentBlockStop { .. } => "content_block_stop",
            Self::MessageDelta { .. } => "message_delta",
            Self::MessageStop {} => "message_stop",
        }
    }
}

impl Events {
    /// Appends one event. The real API pads its objects with spaces before the last brace, which a reader must bear.
    fn send(&mut self, event: &Event<'_>, out: &mut BytesMut) {
        self.sent += 1;
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(event.name().as_bytes());
        out.extend_from_slice(b"\ndata: ");
        append_json(out, event);
        out.truncate(out.len().saturating_sub(1));
        let padding = b"               ";
        out.extend_from_slice(padding.get(..self.sent * 5 % padding.len()).unwrap_or_default());
        out.extend_from_slice(b"}\n\n");
    }

    fn open(&mut self, index: usize, part: &Part, out: &mut BytesMut) {
        let content_block = match &part.kind {
            Kind::Text => Block::Text { text: "" },
            Kind::Thinking { .. } => Block::Thinking { thinking: "", signature: "" },
            Kind::Redacted { data } => Block::RedactedThinking { data },
            Kind::Call { id, name, .. } => tool_use(id, name, no_arguments()),
        };
        self.send(&Event::ContentBlockStart { index, content_block }, out);
        if !self.has_pinged {
            self.has_pinged = true;
            self.send(&Event::Ping {}, out);
        }
        if matches!(part.kind, Kind::Call { .. }) {
            let delta = Delta::InputJson { partial_json: "" };
            self.send(&Event::ContentBlockDelta { index, delta }, out);
        }
    }

    fn finish(&mut self, script: &Script, stop: &Stop, out: &mut BytesMut) {
        let usage = DeltaUsage {
            input_tokens: script.usage.input,
            cache_creation_input_tokens: script.usage.cache_write(),
            cache_read_input_tokens: script.usage.cache_read,
            output_tokens: script.usage.output,
            output_tokens_details: output_details(script),
        };
        let delta = MessageDelta {
            stop_reason: stop_reason(stop),
            stop_sequence: stop_sequence(stop),
            stop_details: stop_details(stop),
        };
        self.send(&Event::MessageDelta { delta, usage }, out);
    }
}

impl Writer for Events {
    fn write(&mut self, script: &Script, step: &Step<'_>, out: &mut BytesMut) {
        match step {
            Step::Begin => self.send(&Event::MessageStart { message: beginning(script) }, out),
            Step::Open { part, body, .. } => self.open(*part, body, out),
            Step::Piece { part, body, text, .. } => {
                let delta = match &body.kind {
                    Kind::Text => Delta::Text { text },
                    Kind::Thinking { .. } => Delta::Thinking { thinking: text },
                    Kind::Redacted { .. } => return,
                    // A call without arguments says nothing, where others would say `{}`.
                    Kind::Call { .. } if body.text == "{}" => Delta::InputJson { partial_json: "" },
                    Kind::Call { .. } => Delta::InputJson { partial_json: text },
                };
                self.send(&Event::ContentBlockDelta { index: *part, delta }, out);
            }
            Step::Close { part, body, .. } => {
                if let Kind::Thinking { signature } = &body.kind {
                    let delta = Delta::Signature { signature };
                    self.send(&Event::ContentBlockDelta { index: *part, delta }, out);
                }
                self.send(&Event::ContentBlockStop { index: *part }, out);
            }
            Step::Finish { stop, .. } => self.finish(script, stop, out),
            Step::End => self.send(&Event::MessageStop {}, out),
        }
    }

    fn fault(&mut self, script: &Script, status: Option<u16>, out: &mut BytesMut) {
        let refusal = error::of_status(status.unwrap_or(529), &script.model);
        out.extend_from_slice(b"event: error\ndata: ");
        append_json(out, &error::body(&refusal, &request_id(script.sequence)));
        out.extend_from_slice(b"\n\n");
    }
}
