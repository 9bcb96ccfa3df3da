//! Writing a stream, as event-stream frames.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use claw_hub::{Delta, Event, PartKind, Stop, Usage};

use super::super::refusal;
use super::super::wire::{self, OWN_ID_PATTERN, stream_error_name};
use crate::call_ids::fit;
use crate::codec::Said;
use crate::frame::encode_event_stream;
use crate::json::{self, ObjectWriter};

/// Writes one streamed reply.
#[derive(Debug)]
pub struct Encoder {
    open: Vec<Open>,
    next: usize,
    calls: bool,
    usage: Usage,
    state: State,
    payload: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Waiting,
    Begun,
    Stopped,
    Over,
}

/// A part that is open, and its index on the wire; `None` if it is not written.
#[derive(Debug)]
struct Open {
    index: usize,
    wire: Option<usize>,
}

impl Encoder {
    pub(crate) fn new(_said: Said) -> Self {
        Self {
            open: Vec::new(),
            next: 0,
            calls: false,
            usage: Usage::default(),
            state: State::Waiting,
            payload: Vec::new(),
        }
    }

    pub(crate) fn event(&mut self, event: &Event, out: &mut Vec<u8>) {
        if self.state == State::Over {
            return;
        }
        match event {
            Event::Start(_) => self.begin(out),
            Event::Usage(usage) => self.usage = *usage,
            Event::Ping => out.extend_from_slice(&KEEP_ALIVE),
            Event::Open { index, kind } => {
                self.begin(out);
                self.open_part(*index, kind, out);
            }
            Event::More { index, delta } => self.more(*index, delta, out),
            Event::Close { index } => self.close(*index, out),
            Event::Stop(stop) => self.stop(stop, out),
            Event::Failed(failure) => {
                self.state = State::Over;
                let name = stream_error_name(failure.kind);
                let headers = [
                    (":exception-type", name),
                    (":content-type", "application/json"),
                    (":message-type", "exception"),
                ];
                encode_event_stream(&headers, &refusal::body(failure), out);
            }
            Event::End => {
                let stop = if self.calls { Stop::ToolUse } else { Stop::EndTurn };
                self.stop(&stop, out);
                self.state = State::Over;
                let usage = self.usage;
                self.send("metadata", out, |o| {
                    o.object("usage", |o| wire::write_usage(o, &usage));
                    o.object("metrics", |o| o.count("latencyMs", 0));
                });
            }
        }
    }

    fn send(&mut self, name: &str, out: &mut Vec<u8>, fill: impl FnOnce(&mut ObjectWriter<'_>)) {
        self.payload.clear();
        json::object(&mut self.payload, fill);
        encode_event_stream(&event_headers(name), &self.payload, out);
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        if self.state == State::Waiting {
            self.state = State::Begun;
            self.send("messageStart", out, |o| o.string("role", "assistant"));
        }
    }

    /// Says why the reply ends, once.
    fn stop(&mut self, stop: &Stop, out: &mut Vec<u8>) {
        self.begin(out);
        if self.state >= State::Stopped {
            return;
        }
        while let Some(open) = self.open.first() {
            let index = open.index;
            self.close(index, out);
        }
        self.state = State::Stopped;
        self.send("messageStop", out, |o| wire::write_stop(o, stop));
    }

    fn open_part(&mut self, index: usize, kind: &PartKind, out: &mut Vec<u8>) {
        let is_written = match kind {
            PartKind::Text(_) | PartKind::Refusal(_) | PartKind::Thinking(_) | PartKind::ToolCall { .. } => {
                true
            }
            PartKind::Foreign { .. }
            | PartKind::Image(_)
            | PartKind::Document(_)
            | PartKind::ToolResult { .. } => false,
        };
        self.open.push(Open { index, wire: is_written.then_some(self.next) });
        if !is_written {
            return;
        }
        let wire = self.next;
        self.next += 1;
        match kind {
            PartKind::ToolCall { id, name, .. } => {
                self.calls = true;
                self.send("contentBlockStart", out, |o| {
                    o.object("start", |o| {
                        o.object("toolUse", |o| {
                            o.string("toolUseId", &fit(id, OWN_ID_PATTERN));
                            o.string("name", name);
                        });
                    });
                    o.count("contentBlockIndex", wire as u64);
                });
            }
            PartKind::Thinking(thought) => {
                if let Some(data) = &thought.redacted {
                    let blob = STANDARD.encode(data);
                    self.delta(wire, out, |o| {
                        o.object("reasoningContent", |o| o.string("redactedContent", &blob));
                    });
                }
            }
            _ => {}
        }
    }

    fn delta(&mut self, wire: usize, out: &mut Vec<u8>, fill: impl FnOnce(&mut ObjectWriter<'_>)) {
        self.send("contentBlockDelta", out, |o| {
            o.count("contentBlockIndex", wire as u64);
            o.object("delta", fill);
        });
    }

    fn more(&mut self, index: usize, delta: &Delta, out: &mut Vec<u8>) {
        let open = self.open.iter().find(|open| open.index == index);
        let Some(wire) = open.and_then(|open| open.wire) else { return };
        self.delta(wire, out, |o| match delta {
            Delta::Text(text) | Delta::Refusal(text) => o.string("text", text),
            Delta::Thinking(text) => o.object("reasoningContent", |o| o.string("text", text)),
            Delta::Signature(text) => o.object("reasoningContent", |o| o.string("signature", text)),
            Delta::Arguments(text) => o.object("toolUse", |o| o.string("input", text)),
        });
    }

    fn close(&mut self, index: usize, out: &mut Vec<u8>) {
        let Some(at) = self.open.iter().position(|open| open.index == index) else { return };
        if let Open { wire: Some(wire), .. } = self.open.remove(at) {
            self.send("contentBlockStop", out, |o| o.count("contentBlockIndex", wire as u64));
        }
    }
}

fn event_headers(name: &str) -> [(&str, &str); 3] {
    [(":event-type", name), (":content-type", "application/json"), (":message-type", "event")]
}

/// An event of a type that no SDK knows: they drop it.
static KEEP_ALIVE: LazyLock<Bytes> = LazyLock::new(|| {
    let mut frame = Vec::new();
    encode_event_stream(&event_headers("keepAlive"), b"{}", &mut frame);
    frame.into()
});

/// The event that keeps a silent stream alive.
pub(crate) fn keep_alive() -> Bytes {
    KEEP_ALIVE.clone()
}
