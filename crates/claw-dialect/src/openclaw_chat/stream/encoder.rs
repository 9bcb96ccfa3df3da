//! Events to bytes.

use claw_hub::{Delta, Event, PartKind, Start, Stop};

use super::super::{part, refusal, reply, wire};
use super::keep_alive;
use crate::codec::Said;
use crate::json::{self, ObjectWriter};

/// Writes one streamed reply.
#[derive(Debug)]
pub struct Encoder {
    said: Said,
    is_started: bool,
    is_stopped: bool,
    is_over: bool,
    open: Vec<usize>,
}

impl Encoder {
    pub(crate) fn new(said: Said) -> Self {
        Self { said, is_started: false, is_stopped: false, is_over: false, open: Vec::new() }
    }

    pub(crate) fn event(&mut self, event: &Event, out: &mut Vec<u8>) {
        if self.is_over {
            return;
        }
        if !matches!(event, Event::Start(_) | Event::Ping | Event::Failed(_)) {
            self.start(&Start::default(), out);
        }
        match event {
            Event::Start(start) => self.start(start, out),
            Event::Open { index, kind } => {
                self.open.push(*index);
                write(out, "open", |o| write_open(o, *index, kind));
            }
            Event::More { index, delta } => write(out, "delta", |o| write_delta(o, *index, delta)),
            Event::Close { index } => self.close(*index, out),
            Event::Stop(stop) => self.stop(stop, out),
            Event::Usage(usage) => write(out, "usage", |o| wire::write_usage(o, usage)),
            Event::Ping => out.extend_from_slice(&keep_alive()),
            Event::Failed(failure) => {
                write(out, "error", |o| refusal::write(o, failure, &self.said.request_id));
                self.is_over = true;
            }
            Event::End => {
                self.stop(&Stop::EndTurn, out);
                write(out, "end", |_| {});
                self.is_over = true;
            }
        }
    }

    fn start(&mut self, start: &Start, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.is_started, true) {
            return;
        }
        let model = if start.model.is_empty() { &self.said.model } else { &start.model };
        write(out, "start", |o| {
            o.string("id", reply::id_of(&start.id, &self.said));
            o.string("model", model);
        });
    }

    fn close(&mut self, index: usize, out: &mut Vec<u8>) {
        if let Some(at) = self.open.iter().position(|open| *open == index) {
            self.open.remove(at);
            write(out, "close", |o| write_index(o, index));
        }
    }

    fn stop(&mut self, stop: &Stop, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.is_stopped, true) {
            return;
        }
        while let Some(index) = self.open.first().copied() {
            self.close(index, out);
        }
        write(out, "stop", |o| wire::write_stop(o, stop));
    }
}

fn write(out: &mut Vec<u8>, name: &str, fill: impl FnOnce(&mut ObjectWriter<'_>)) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\ndata: ");
    json::object(out, fill);
    out.extend_from_slice(b"\n\n");
}

fn write_index(o: &mut ObjectWriter<'_>, index: usize) {
    o.count("index", u64::try_from(index).unwrap_or(u64::MAX));
}

/// Writes what is known of a part when it begins: not the words that follow in pieces.
fn write_open(o: &mut ObjectWriter<'_>, index: usize, kind: &PartKind) {
    write_index(o, index);
    match kind {
        PartKind::Text(_) => o.string("type", "text"),
        PartKind::Refusal(_) => o.string("type", "refusal"),
        PartKind::ToolCall { id, name, .. } => {
            o.string("type", "tool_call");
            o.string("id", id);
            o.string("name", name);
        }
        whole => part::write(o, whole),
    }
}

fn write_delta(o: &mut ObjectWriter<'_>, index: usize, delta: &Delta) {
    write_index(o, index);
    let (kind, text) = match delta {
        Delta::Text(text) => ("text", text),
        Delta::Thinking(text) => ("thinking", text),
        Delta::Signature(text) => ("signature", text),
        Delta::Arguments(text) => ("arguments", text),
        Delta::Refusal(text) => ("refusal", text),
    };
    o.string("type", kind);
    o.string("text", text);
}
