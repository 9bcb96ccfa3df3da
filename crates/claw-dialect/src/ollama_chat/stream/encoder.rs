//! Events to lines. Words go out as they come; a tool call waits until it is whole, because its arguments are an object here.

use claw_hub::{Delta, Event, PartKind, Stop, Usage};

use super::super::{refusal, reply, wire};
use super::keep_alive;
use crate::codec::Said;
use crate::frame::FRAME_MAX_BYTES;
use crate::json::{self, ObjectWriter};

/// Writes one streamed reply. Signatures and encrypted reasoning have no place in this dialect and are left out.
#[derive(Debug)]
pub struct Encoder {
    said: Said,
    model: String,
    calls: Vec<Call>,
    written: usize,
    stop: Option<Stop>,
    usage: Option<Usage>,
    is_over: bool,
}

/// A call that is not whole yet.
#[derive(Debug)]
struct Call {
    part: usize,
    id: String,
    name: String,
    arguments: String,
}

impl Encoder {
    pub(crate) fn new(said: Said) -> Self {
        let model = said.model.clone();
        Self { said, model, calls: Vec::new(), written: 0, stop: None, usage: None, is_over: false }
    }

    pub(crate) fn event(&mut self, event: &Event, out: &mut Vec<u8>) {
        if self.is_over {
            return;
        }
        match event {
            Event::Start(start) => {
                if !start.model.is_empty() {
                    self.model.clone_from(&start.model);
                }
            }
            Event::Open { index, kind } => self.open(*index, kind, out),
            Event::More { index, delta } => self.more(*index, delta, out),
            Event::Close { index } => self.close(*index, out),
            Event::Stop(stop) => self.stop = Some(stop.clone()),
            Event::Usage(usage) => self.usage = Some(*usage),
            Event::Ping => out.extend_from_slice(&keep_alive()),
            Event::Failed(failure) => {
                json::object(out, |o| refusal::write(o, failure));
                out.push(b'\n');
                self.is_over = true;
            }
            Event::End => self.end(out),
        }
    }

    /// Writes one line that is not the last.
    fn line(&self, out: &mut Vec<u8>, content: &str, more: impl FnOnce(&mut ObjectWriter<'_>)) {
        json::object(out, |o| {
            reply::write_head(o, &self.model, &self.said);
            o.object("message", |o| {
                o.string("role", "assistant");
                o.string("content", content);
                more(o);
            });
            o.boolean("done", false);
        });
        out.push(b'\n');
    }

    fn open(&mut self, index: usize, kind: &PartKind, out: &mut Vec<u8>) {
        match kind {
            PartKind::ToolCall { id, name, arguments } => self.calls.push(Call {
                part: index,
                id: id.clone(),
                name: name.clone(),
                arguments: arguments.clone(),
            }),
            PartKind::Text(text) | PartKind::Refusal(text) if !text.is_empty() => {
                self.line(out, text, |_| {});
            }
            PartKind::Thinking(thought) if !thought.text.is_empty() => {
                self.line(out, "", |o| o.string("thinking", &thought.text));
            }
            PartKind::Image(_) => {
                if let Some(data) = reply::base64_of(kind) {
                    self.line(out, "", |o| o.array("images", |a| a.string(data)));
                }
            }
            _ => {}
        }
    }

    fn more(&mut self, index: usize, delta: &Delta, out: &mut Vec<u8>) {
        match delta {
            Delta::Text(text) | Delta::Refusal(text) => self.line(out, text, |_| {}),
            Delta::Thinking(text) => self.line(out, "", |o| o.string("thinking", text)),
            Delta::Signature(_) => {}
            Delta::Arguments(text) => {
                let call = self.calls.iter_mut().find(|call| call.part == index);
                // No provider's reply is as large as this; what is beyond it is cut off.
                if let Some(call) = call.filter(|call| call.arguments.len() + text.len() <= FRAME_MAX_BYTES) {
                    call.arguments.push_str(text);
                }
            }
        }
    }

    fn close(&mut self, index: usize, out: &mut Vec<u8>) {
        if let Some(at) = self.calls.iter().position(|call| call.part == index) {
            let call = self.calls.remove(at);
            self.call(&call, out);
        }
    }

    fn call(&mut self, call: &Call, out: &mut Vec<u8>) {
        let n = self.written;
        self.written += 1;
        self.line(out, "", |o| {
            o.array("tool_calls", |a| reply::write_call(a, n, (&call.id, &call.name), &call.arguments));
        });
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        for call in std::mem::take(&mut self.calls) {
            self.call(&call, out);
        }
        let stop = self.stop.take().unwrap_or(Stop::EndTurn);
        json::object(out, |o| {
            reply::write_head(o, &self.model, &self.said);
            o.raw("message", r#"{"role":"assistant","content":""}"#);
            o.boolean("done", true);
            o.string("done_reason", wire::done_reason(&stop));
            if let Some(usage) = &self.usage {
                wire::write_usage(o, usage);
            }
        });
        out.push(b'\n');
        self.is_over = true;
    }
}
