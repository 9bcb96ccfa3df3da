//! Bytes to events. What breaks the promises of a stream ends it: the other side is ours, and does not do that.

use claw_hub::{Delta, Event, PartKind, Refusal, Start, Thought};

use super::super::{part, refusal, reply::nonsense, wire};
use crate::frame::{Frame, FrameKind};
use crate::json::{self, Node, Object, Path};

/// Reads one streamed reply.
#[derive(Debug, Default)]
pub struct Decoder {
    is_started: bool,
    is_stopped: bool,
    is_over: bool,
    next: usize,
    open: Vec<usize>,
}

impl Decoder {
    pub(crate) fn frame(&mut self, frame: &Frame, out: &mut Vec<Event>) {
        if self.is_over {
            return;
        }
        if frame.kind != FrameKind::Event {
            out.push(Event::Ping);
            return;
        }
        let event = match json::parse(&frame.data) {
            Ok(data) => self.read(&frame.name, &data),
            Err(error) => Err(nonsense(error)),
        };
        match event {
            Ok(event) => {
                self.is_over = matches!(event, Event::End | Event::Failed(_));
                out.push(event);
            }
            Err(refusal) => self.fail(refusal, out),
        }
    }

    pub(crate) fn finish(&mut self, out: &mut Vec<Event>) {
        if !self.is_over {
            self.fail(nonsense("the stream ended before the reply did"), out);
        }
    }

    fn fail(&mut self, refusal: Refusal, out: &mut Vec<Event>) {
        self.is_over = true;
        out.push(Event::Failed(refusal));
    }

    fn read(&mut self, name: &str, data: &Node<'_>) -> Result<Event, Refusal> {
        let text = |key: &str| data.get(key).and_then(Node::as_str).unwrap_or_default().to_owned();
        let is_known = matches!(name, "open" | "delta" | "close" | "stop" | "usage" | "end");
        if (is_known && !self.is_started) || (name == "start" && self.is_started) {
            return Err(nonsense(format_args!("the event {name} is out of place")));
        }
        match name {
            "start" => {
                self.is_started = true;
                Ok(Event::Start(Start { id: text("id"), model: text("model") }))
            }
            "open" => self.read_open(data),
            "delta" => {
                let index = self.index(data)?;
                Ok(Event::More { index, delta: read_delta(&text("type"), text("text"))? })
            }
            "close" => {
                let index = self.index(data)?;
                self.open.retain(|open| *open != index);
                Ok(Event::Close { index })
            }
            "stop" if self.is_stopped || !self.open.is_empty() => {
                Err(nonsense("the reply stops with open parts, or twice"))
            }
            "stop" => {
                self.is_stopped = true;
                Ok(Event::Stop(wire::read_stop(data)))
            }
            "usage" => {
                wire::read_usage(data).map(Event::Usage).ok_or_else(|| nonsense("usage without numbers"))
            }
            "error" => {
                Ok(Event::Failed(data.get("error").map_or_else(|| nonsense("an empty error"), refusal::read)))
            }
            "end" if !self.is_stopped => Err(nonsense("the reply ends without saying why")),
            "end" => Ok(Event::End),
            _ => Ok(Event::Ping),
        }
    }

    fn index(&self, data: &Node<'_>) -> Result<usize, Refusal> {
        let index = data.get("index").and_then(Node::as_count).and_then(|index| usize::try_from(index).ok());
        index
            .filter(|index| self.open.contains(index))
            .ok_or_else(|| nonsense("an event of a part that is not open"))
    }

    fn read_open(&mut self, data: &Node<'_>) -> Result<Event, Refusal> {
        let index = self.next;
        let said = data.get("index").and_then(Node::as_count);
        if said != u64::try_from(index).ok() || self.is_stopped {
            return Err(nonsense("a part opens out of place"));
        }
        let text = |key: &str| data.get(key).and_then(Node::as_str).unwrap_or_default().to_owned();
        let kind = match text("type").as_str() {
            "text" => PartKind::Text(String::new()),
            "refusal" => PartKind::Refusal(String::new()),
            "tool_call" => {
                PartKind::ToolCall { id: text("id"), name: text("name"), arguments: String::new() }
            }
            _ => {
                let mut object = Object::open(data.clone(), Path::Root).map_err(nonsense)?;
                part::read_open(&mut object).map_err(nonsense)?.kind
            }
        };
        let kind = match kind {
            // Its words follow in pieces.
            PartKind::Thinking(thought) => PartKind::Thinking(Thought { text: String::new(), ..thought }),
            other => other,
        };
        self.next += 1;
        self.open.push(index);
        Ok(Event::Open { index, kind })
    }
}

fn read_delta(kind: &str, text: String) -> Result<Delta, Refusal> {
    match kind {
        "text" => Ok(Delta::Text(text)),
        "thinking" => Ok(Delta::Thinking(text)),
        "signature" => Ok(Delta::Signature(text)),
        "arguments" => Ok(Delta::Arguments(text)),
        "refusal" => Ok(Delta::Refusal(text)),
        _ => Err(nonsense("a piece of an unknown type")),
    }
}
