//! Events to chunks. The first one says the role, the last ones why it ended, what it took (if asked for), and `[DONE]`.

use claw_hub::{Delta, Event, PartKind, Start, Stop, Usage};

use super::super::{refusal, reply, usage, wire};
use super::{DONE, keep_alive};
use crate::codec::Said;
use crate::json::{self, ObjectWriter, escape};

/// Writes one streamed reply. Signatures and encrypted reasoning have no place in this dialect and are left out.
#[derive(Debug)]
pub struct Encoder {
    said: Said,
    /// What every chunk begins with, from `data: ` to the value of `choices`; empty before the first one.
    head: Vec<u8>,
    calls: Vec<Call>,
    usage: Option<Usage>,
    has_refusal: bool,
    is_stopped: bool,
    is_over: bool,
}

/// A tool call; its place in the list is its index on the wire, which counts calls alone.
#[derive(Debug)]
struct Call {
    part: usize,
    has_arguments: bool,
    is_closed: bool,
}

impl Encoder {
    pub(crate) fn new(said: Said) -> Self {
        Self {
            said,
            head: Vec::new(),
            calls: Vec::new(),
            usage: None,
            has_refusal: false,
            is_stopped: false,
            is_over: false,
        }
    }

    pub(crate) fn event(&mut self, event: &Event, out: &mut Vec<u8>) {
        if self.is_over {
            return;
        }
        match event {
            Event::Start(start) => self.start(start, out),
            Event::Open { index, kind } => self.open(*index, kind, out),
            Event::More { index, delta } => self.more(*index, delta, out),
            Event::Close { index } => self.close(*index, out),
            Event::Stop(stop) => self.stop(stop, out),
            Event::Usage(usage) => self.usage = Some(*usage),
            Event::Ping => out.extend_from_slice(&keep_alive()),
            Event::Failed(refusal) => self.fail(refusal, out),
            Event::End => self.end(out),
        }
    }

    fn start(&mut self, start: &Start, out: &mut Vec<u8>) {
        if !self.head.is_empty() {
            return;
        }
        let model = if start.model.is_empty() { &self.said.model } else { &start.model };
        let mut head = b"data: {\"id\":".to_vec();
        escape(&reply::id_of(&start.id, &self.said), &mut head);
        head.extend_from_slice(b",\"object\":\"chat.completion.chunk\",\"created\":");
        head.extend_from_slice(self.said.created_unix_s.to_string().as_bytes());
        head.extend_from_slice(b",\"model\":");
        escape(model, &mut head);
        head.extend_from_slice(b",\"choices\":");
        self.head = head;
        self.chunk(out, None, |o| {
            o.string("role", "assistant");
            o.string("content", "");
        });
    }

    /// Writes one chunk with one choice.
    fn chunk(
        &mut self,
        out: &mut Vec<u8>,
        finish_reason: Option<&str>,
        delta: impl FnOnce(&mut ObjectWriter<'_>),
    ) {
        if self.head.is_empty() {
            self.start(&Start::default(), out);
        }
        out.extend_from_slice(&self.head);
        json::array(out, |a| {
            a.object(|o| {
                o.count("index", 0);
                o.object("delta", delta);
                match finish_reason {
                    Some(reason) => o.string("finish_reason", reason),
                    None => o.null("finish_reason"),
                }
            });
        });
        out.extend_from_slice(if self.said.include_usage { b",\"usage\":null}\n\n" } else { b"}\n\n" });
    }

    fn open(&mut self, index: usize, kind: &PartKind, out: &mut Vec<u8>) {
        match kind {
            PartKind::Text(text) if !text.is_empty() => self.chunk(out, None, |o| o.string("content", text)),
            PartKind::Thinking(thought) if !thought.text.is_empty() => {
                self.chunk(out, None, |o| o.string(wire::REASONING_CONTENT, &thought.text));
            }
            PartKind::Refusal(text) => {
                self.has_refusal = true;
                if !text.is_empty() {
                    self.chunk(out, None, |o| o.string("refusal", text));
                }
            }
            PartKind::ToolCall { id, name, arguments } => {
                let at = self.calls.len();
                let has_arguments = !arguments.is_empty();
                self.calls.push(Call { part: index, has_arguments, is_closed: false });
                self.call_chunk(out, at, arguments, Some((id, name)));
            }
            _ => {}
        }
    }

    /// Writes a piece of a call; the first one says its id and its name.
    fn call_chunk(&mut self, out: &mut Vec<u8>, at: usize, arguments: &str, first: Option<(&str, &str)>) {
        self.chunk(out, None, |o| {
            o.array("tool_calls", |a| {
                a.object(|o| {
                    o.count("index", u64::try_from(at).unwrap_or(u64::MAX));
                    if let Some((id, _)) = first {
                        o.string("id", id);
                        o.string("type", "function");
                    }
                    o.object("function", |o| {
                        o.maybe_string("name", first.map(|(_, name)| name));
                        o.string("arguments", arguments);
                    });
                });
            });
        });
    }

    fn more(&mut self, index: usize, delta: &Delta, out: &mut Vec<u8>) {
        match delta {
            Delta::Text(text) => self.chunk(out, None, |o| o.string("content", text)),
            Delta::Thinking(text) => self.chunk(out, None, |o| o.string(wire::REASONING_CONTENT, text)),
            Delta::Refusal(text) => self.chunk(out, None, |o| o.string("refusal", text)),
            Delta::Signature(_) => {}
            Delta::Arguments(text) => {
                if let Some(at) = self.call_of(index).filter(|_| !text.is_empty()) {
                    self.calls[at].has_arguments = true;
                    self.call_chunk(out, at, text, None);
                }
            }
        }
    }

    fn call_of(&self, part: usize) -> Option<usize> {
        self.calls.iter().position(|call| call.part == part)
    }

    /// A call without arguments has an empty object in this dialect, never an empty text.
    fn close(&mut self, index: usize, out: &mut Vec<u8>) {
        let Some(at) = self.call_of(index) else { return };
        let call = &mut self.calls[at];
        let is_owed = !call.has_arguments && !call.is_closed;
        call.is_closed = true;
        if is_owed {
            self.call_chunk(out, at, "{}", None);
        }
    }

    fn stop(&mut self, stop: &Stop, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.is_stopped, true) {
            return;
        }
        for at in 0..self.calls.len() {
            self.close(self.calls[at].part, out);
        }
        let reason = wire::finish_reason(stop, self.has_refusal);
        self.chunk(out, Some(reason), |_| {});
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        let stop = if self.calls.is_empty() { Stop::EndTurn } else { Stop::ToolUse };
        self.stop(&stop, out);
        if let Some(said) = self.usage.filter(|_| self.said.include_usage) {
            out.extend_from_slice(&self.head);
            out.extend_from_slice(b"[],");
            let mut value = Vec::new();
            json::object(&mut value, |o| usage::write(o, &said));
            out.extend_from_slice(&value[1..]);
            out.extend_from_slice(b"\n\n");
        }
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(DONE);
        out.extend_from_slice(b"\n\n");
        self.is_over = true;
    }

    /// Says the error in a chunk of its own. No `[DONE]` follows: the reply is not done.
    fn fail(&mut self, failure: &claw_hub::Refusal, out: &mut Vec<u8>) {
        out.extend_from_slice(b"data: ");
        json::object(out, |o| refusal::write(o, failure));
        out.extend_from_slice(b"\n\n");
        self.is_over = true;
    }
}
