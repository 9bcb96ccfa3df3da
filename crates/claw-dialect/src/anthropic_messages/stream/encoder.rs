//! Writing a stream.
//!
//! `message_start` waits for the event after `Start`, so that it can say the usage that most providers tell first; `message_delta` waits for the
//! end, because other dialects tell the usage after the stop reason. Of thinking, only what will be signed is written.

use std::collections::VecDeque;

use bytes::Bytes;
use claw_hub::{Delta, Dialect, Event, PartKind, Start, Stop, Usage};

use super::super::refusal;
use super::super::reply::{head, write_stop};
use super::super::wire::{ID_PATTERN, write_usage};
use crate::call_ids::fit;
use crate::codec::Said;
use crate::json::{self, ObjectWriter};

/// Why a model declines is kept until the end, but not more of it than this, in bytes.
const REFUSAL_MAX_BYTES: usize = 64 * 1024;

/// Writes one streamed reply.
#[derive(Debug)]
pub struct Encoder {
    said: Said,
    start: Option<Start>,
    is_begun: bool,
    is_over: bool,
    open: VecDeque<Open>,
    next: usize,
    calls: bool,
    stop: Option<Stop>,
    refusal: Option<String>,
    usage: Usage,
}

/// A part that is open, and its index on the wire; `None` if it is not written.
#[derive(Debug)]
struct Open {
    index: usize,
    wire: Option<usize>,
}

impl Encoder {
    pub(crate) fn new(said: Said) -> Self {
        Self {
            said,
            start: None,
            is_begun: false,
            is_over: false,
            open: VecDeque::new(),
            next: 0,
            calls: false,
            stop: None,
            refusal: None,
            usage: Usage::default(),
        }
    }

    pub(crate) fn event(&mut self, event: &Event, out: &mut Vec<u8>) {
        if self.is_over {
            return;
        }
        match event {
            Event::Start(start) => self.start = Some(start.clone()),
            Event::Usage(usage) => self.usage = *usage,
            Event::Ping => out.extend_from_slice(PING),
            Event::Open { index, kind } => {
                self.begin(out);
                self.open_part(*index, kind, out);
            }
            Event::More { index, delta } => self.more(*index, delta, out),
            Event::Close { index } => self.close(*index, out),
            Event::Stop(stop) => {
                self.begin(out);
                self.close_all(out);
                self.stop = Some(stop.clone());
            }
            Event::Failed(failure) => {
                self.is_over = true;
                send(out, "error", |o| refusal::write(o, failure, &self.said.request_id));
            }
            Event::End => self.end(out),
        }
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        if self.is_begun {
            return;
        }
        self.is_begun = true;
        let start = self.start.take().unwrap_or_default();
        send(out, "message_start", |o| {
            o.string("type", "message_start");
            o.object("message", |o| {
                head(o, &start.id, &start.model, &self.said);
                o.array("content", |_| {});
                o.null("stop_reason");
                o.null("stop_sequence");
                o.object("usage", |o| write_usage(o, &self.usage));
            });
        });
    }

    fn open_part(&mut self, index: usize, kind: &PartKind, out: &mut Vec<u8>) {
        let is_written = match kind {
            PartKind::Text(_) | PartKind::ToolCall { .. } => true,
            PartKind::Thinking(thought) => thought.redacted.is_some() || thought.signature.is_some(),
            PartKind::Foreign { dialect, .. } => *dialect == Dialect::AnthropicMessages,
            PartKind::Refusal(_)
            | PartKind::Image(_)
            | PartKind::Document(_)
            | PartKind::ToolResult { .. } => false,
        };
        self.open.push_back(Open { index, wire: is_written.then_some(self.next) });
        if !is_written {
            return;
        }
        let wire = self.next;
        self.next += 1;
        self.calls |= matches!(kind, PartKind::ToolCall { .. });
        send(out, "content_block_start", |o| {
            o.string("type", "content_block_start");
            o.count("index", wire as u64);
            write_block(o, kind);
        });
    }

    fn more(&mut self, index: usize, delta: &Delta, out: &mut Vec<u8>) {
        if let Delta::Refusal(words) = delta {
            let kept = self.refusal.get_or_insert_default();
            if kept.len() + words.len() <= REFUSAL_MAX_BYTES {
                kept.push_str(words);
            }
            return;
        }
        let open = self.open.iter().find(|open| open.index == index);
        let Some(wire) = open.and_then(|open| open.wire) else { return };
        send(out, "content_block_delta", |o| {
            o.string("type", "content_block_delta");
            o.count("index", wire as u64);
            o.object("delta", |o| write_delta(o, delta));
        });
    }

    fn close(&mut self, index: usize, out: &mut Vec<u8>) {
        let Some(at) = self.open.iter().position(|open| open.index == index) else { return };
        if let Some(Open { wire: Some(wire), .. }) = self.open.remove(at) {
            send(out, "content_block_stop", |o| {
                o.string("type", "content_block_stop");
                o.count("index", wire as u64);
            });
        }
    }

    fn close_all(&mut self, out: &mut Vec<u8>) {
        while let Some(open) = self.open.front() {
            let index = open.index;
            self.close(index, out);
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.begin(out);
        self.close_all(out);
        self.is_over = true;
        let unsaid = if self.calls { Stop::ToolUse } else { Stop::EndTurn };
        let stop = match self.refusal {
            Some(_) => Stop::Refusal,
            None => self.stop.take().unwrap_or(unsaid),
        };
        send(out, "message_delta", |o| {
            o.string("type", "message_delta");
            o.object("delta", |o| write_stop(o, &stop, self.refusal.as_deref(), None));
            o.object("usage", |o| write_usage(o, &self.usage));
        });
        send(out, "message_stop", |o| o.string("type", "message_stop"));
    }
}

fn write_block(o: &mut ObjectWriter<'_>, kind: &PartKind) {
    if let PartKind::Foreign { json, .. } = kind {
        o.raw("content_block", json.as_str());
        return;
    }
    o.object("content_block", |o| match kind {
        PartKind::ToolCall { id, name, .. } => {
            o.string("type", "tool_use");
            o.string("id", &fit(id, ID_PATTERN));
            o.string("name", name);
            o.raw("input", "{}");
        }
        PartKind::Thinking(thought) => match &thought.redacted {
            Some(data) => {
                o.string("type", "redacted_thinking");
                o.string("data", data);
            }
            None => {
                o.string("type", "thinking");
                o.string("thinking", "");
                o.string("signature", "");
            }
        },
        _ => {
            o.string("type", "text");
            o.string("text", "");
        }
    });
}

fn write_delta(o: &mut ObjectWriter<'_>, delta: &Delta) {
    let (kind, field, text) = match delta {
        Delta::Text(text) | Delta::Refusal(text) => ("text_delta", "text", text),
        Delta::Thinking(text) => ("thinking_delta", "thinking", text),
        Delta::Signature(text) => ("signature_delta", "signature", text),
        Delta::Arguments(text) => ("input_json_delta", "partial_json", text),
    };
    o.string("type", kind);
    o.string(field, text);
}

fn send(out: &mut Vec<u8>, name: &str, fill: impl FnOnce(&mut ObjectWriter<'_>)) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\ndata: ");
    json::object(out, fill);
    out.extend_from_slice(b"\n\n");
}

const PING: &[u8] = b"event: ping\ndata: {\"type\": \"ping\"}\n\n";

/// The event that keeps a silent stream alive.
pub(crate) fn keep_alive() -> Bytes {
    Bytes::from_static(PING)
}
