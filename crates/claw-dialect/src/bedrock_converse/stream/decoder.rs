//! Reading a stream: `messageStart`, blocks, `messageStop`, `metadata`; an exception anywhere.
//!
//! Only tool calls have a `contentBlockStart`; other blocks begin with their first delta. Thinking opens with an empty signature, which says
//! that one may follow: Claude's does, and the stream does not say who made the model.

use claw_hub::{Delta, Event, Kind, PartKind, Refusal, Retry, Start, Thought};

use super::super::refusal::in_band;
use super::super::wire;
use crate::frame::{Frame, FrameKind};
use crate::json::{self, Node, Value};

/// More blocks than this are never open at once; the oldest is closed then.
const OPEN_MAX: usize = 64;

/// Reads one streamed reply.
#[derive(Debug, Default)]
pub struct Decoder {
    state: State,
    open: Vec<Block>,
    next: usize,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Waiting,
    Started,
    Stopped,
    Over,
}

/// A block that is open.
#[derive(Debug)]
struct Block {
    wire: usize,
    index: usize,
    kind: Opened,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opened {
    Text,
    Thinking,
    Redacted,
    Call {
        is_fed: bool,
    },
    /// A kind that the hub has no word for; its deltas are passed over.
    Unknown,
}

impl Decoder {
    pub(crate) fn frame(&mut self, frame: &Frame, out: &mut Vec<Event>) {
        if self.state == State::Over {
            return;
        }
        match frame.kind {
            FrameKind::Empty => {}
            FrameKind::Exception => self.fail(in_band(&frame.name, &frame.data), out),
            FrameKind::Event => match json::parse(&frame.data) {
                Ok(root) => self.event(&frame.name, &root, out),
                Err(_) if frame.data.is_empty() => {}
                Err(error) => {
                    let message = format!("the provider's stream cannot be read: {error}");
                    self.fail(Refusal::provider(Kind::ProviderFailed, Retry::Maybe, message), out);
                }
            },
        }
    }

    /// Usage is told after the stop reason; a stream that ends before it is complete all the same.
    pub(crate) fn finish(&mut self, out: &mut Vec<Event>) {
        match self.state {
            State::Over => {}
            State::Stopped => {
                self.state = State::Over;
                out.push(Event::End);
            }
            State::Waiting | State::Started => {
                let message = "the provider's stream was cut before its end";
                self.fail(Refusal::provider(Kind::ProviderFailed, Retry::Maybe, message), out);
            }
        }
    }

    fn fail(&mut self, refusal: Refusal, out: &mut Vec<Event>) {
        self.state = State::Over;
        self.open.clear();
        out.push(Event::Failed(refusal));
    }

    fn event(&mut self, name: &str, root: &Node<'_>, out: &mut Vec<Event>) {
        match name {
            "messageStart" => self.begin(out),
            "contentBlockStart" if self.state != State::Stopped => {
                if let (Some(wire), Some(start)) = (index(root), root.get("start")) {
                    self.begin(out);
                    self.start(wire, start, out);
                }
            }
            "contentBlockDelta" if self.state != State::Stopped => {
                if let (Some(wire), Some(delta)) = (index(root), root.get("delta")) {
                    self.begin(out);
                    self.delta(wire, delta, out);
                }
            }
            "contentBlockStop" => {
                if let Some(at) = index(root).and_then(|wire| self.at(wire)) {
                    self.close(at, out);
                }
            }
            "messageStop" if self.state != State::Stopped => {
                self.begin(out);
                while !self.open.is_empty() {
                    self.close(0, out);
                }
                self.state = State::Stopped;
                let sequence = wire::stop_sequence(root.get("additionalModelResponseFields"));
                let reason = root.get("stopReason").and_then(Node::as_str).unwrap_or("end_turn");
                out.push(Event::Stop(wire::stop(reason, sequence)));
            }
            "metadata" => self.metadata(root, out),
            _ => {}
        }
    }

    fn begin(&mut self, out: &mut Vec<Event>) {
        if self.state == State::Waiting {
            self.state = State::Started;
            out.push(Event::Start(Start::default()));
        }
    }

    fn metadata(&mut self, root: &Node<'_>, out: &mut Vec<Event>) {
        self.begin(out);
        if let Some(usage) = root.get("usage") {
            out.push(Event::Usage(wire::read_usage(usage)));
        }
        if self.state == State::Stopped {
            self.state = State::Over;
            out.push(Event::End);
        }
    }

    fn at(&self, wire: usize) -> Option<usize> {
        self.open.iter().position(|block| block.wire == wire)
    }

    fn start(&mut self, wire: usize, start: &Node<'_>, out: &mut Vec<Event>) {
        if let Some(at) = self.at(wire) {
            self.close(at, out);
        }
        let call =
            start.get("toolUse").filter(|call| call.get("type").is_none_or(|kind| kind.value == Value::Null));
        let Some(call) = call else {
            self.open.push(Block { wire, index: usize::MAX, kind: Opened::Unknown });
            self.bound(out);
            return;
        };
        let text = |name: &str| call.get(name).and_then(Node::as_str).unwrap_or_default().to_owned();
        let kind = PartKind::ToolCall { id: text("toolUseId"), name: text("name"), arguments: String::new() };
        self.open_part(wire, kind, Opened::Call { is_fed: false }, out);
    }

    fn open_part(&mut self, wire: usize, kind: PartKind, opened: Opened, out: &mut Vec<Event>) -> usize {
        let index = self.next;
        self.next += 1;
        out.push(Event::Open { index, kind });
        self.open.push(Block { wire, index, kind: opened });
        self.bound(out);
        index
    }

    fn bound(&mut self, out: &mut Vec<Event>) {
        if self.open.len() > OPEN_MAX {
            self.close(0, out);
        }
    }

    fn delta(&mut self, wire: usize, delta: &Node<'_>, out: &mut Vec<Event>) {
        let reasoning = delta.get("reasoningContent");
        if let Some(text) = delta.get("text").and_then(Node::as_str) {
            self.more(wire, Opened::Text, Delta::Text(text.to_owned()), out);
        } else if let Some(input) =
            delta.get("toolUse").and_then(|call| call.get("input")).and_then(Node::as_str)
        {
            self.more(wire, Opened::Call { is_fed: true }, Delta::Arguments(input.to_owned()), out);
        } else if let Some(reasoning) = reasoning {
            self.reasoning(wire, reasoning, out);
        }
    }

    fn reasoning(&mut self, wire: usize, reasoning: &Node<'_>, out: &mut Vec<Event>) {
        let text = |name: &str| reasoning.get(name).and_then(Node::as_str);
        if let Some(text) = text("text") {
            self.more(wire, Opened::Thinking, Delta::Thinking(text.to_owned()), out);
        }
        if let Some(text) = text("signature") {
            self.more(wire, Opened::Thinking, Delta::Signature(text.to_owned()), out);
        }
        if let Some(data) = text("redactedContent").and_then(crate::media::base64_text) {
            if let Some(at) = self.at(wire) {
                self.close(at, out);
            }
            let thought = Thought { text: String::new(), signature: None, redacted: Some(data) };
            self.open_part(wire, PartKind::Thinking(thought), Opened::Redacted, out);
        }
    }

    /// More of the block; it begins, or begins anew, if what is open there is of another kind.
    fn more(&mut self, wire: usize, wanted: Opened, delta: Delta, out: &mut Vec<Event>) {
        let at = self.at(wire);
        let index = match (at.map(|at| &mut self.open[at]), wanted) {
            (Some(Block { kind: Opened::Unknown, .. }), _) => return,
            (Some(Block { index, kind: Opened::Call { is_fed }, .. }), Opened::Call { .. }) => {
                *is_fed |= !delta.text().is_empty();
                *index
            }
            (_, Opened::Call { .. }) => return,
            (Some(block), wanted) if block.kind == wanted => block.index,
            _ => {
                if let Some(at) = at {
                    self.close(at, out);
                }
                let kind = match wanted {
                    Opened::Text => PartKind::Text(String::new()),
                    _ => PartKind::Thinking(Thought {
                        text: String::new(),
                        signature: Some(String::new()),
                        redacted: None,
                    }),
                };
                self.open_part(wire, kind, wanted, out)
            }
        };
        let is_empty = !matches!(delta, Delta::Signature(_)) && delta.text().is_empty();
        if !is_empty && !matches!(&delta, Delta::Signature(text) if text.is_empty()) {
            out.push(Event::More { index, delta });
        }
    }

    fn close(&mut self, at: usize, out: &mut Vec<Event>) {
        let Block { index, kind, .. } = self.open.remove(at);
        match kind {
            Opened::Unknown => return,
            Opened::Call { is_fed: false } => {
                out.push(Event::More { index, delta: Delta::Arguments("{}".to_owned()) });
            }
            Opened::Call { is_fed: true } | Opened::Text | Opened::Thinking | Opened::Redacted => {}
        }
        out.push(Event::Close { index });
    }
}

fn index(root: &Node<'_>) -> Option<usize> {
    match root.get("contentBlockIndex")?.value {
        Value::Number(text) => text.parse().ok(),
        _ => None,
    }
}
