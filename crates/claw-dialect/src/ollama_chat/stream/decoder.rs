//! Lines to events. Words come in pieces, tool calls whole.

use claw_hub::{Delta, Event, PartKind, Refusal, Start};

use super::super::request::thinking;
use super::super::{refusal, reply, wire};
use crate::frame::{Frame, FrameKind};
use crate::json::{self, Node};

/// Reads one streamed reply.
#[derive(Debug, Default)]
pub struct Decoder {
    is_started: bool,
    is_over: bool,
    next: usize,
    open: Option<(usize, bool)>,
    calls: usize,
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
        match json::parse(&frame.data) {
            Ok(line) => self.line(&line, out),
            Err(error) => self.fail(wire::nonsense(error), out),
        }
    }

    pub(crate) fn finish(&mut self, out: &mut Vec<Event>) {
        if !self.is_over {
            self.fail(wire::nonsense("the stream ended before the reply did"), out);
        }
    }

    fn fail(&mut self, refusal: Refusal, out: &mut Vec<Event>) {
        self.is_over = true;
        out.push(Event::Failed(refusal));
    }

    fn line(&mut self, line: &Node<'_>, out: &mut Vec<Event>) {
        if let Some(error) = line.get("error").and_then(Node::some) {
            return self.fail(refusal::in_band(error), out);
        }
        let is_done = line.get("done").is_some_and(|done| done.raw == "true");
        let message = line.get("message").and_then(Node::some);
        if message.is_none() && !is_done {
            out.push(Event::Ping);
            return;
        }
        if !self.is_started {
            self.is_started = true;
            let model = line.get("model").and_then(Node::as_str).unwrap_or_default().to_owned();
            out.push(Event::Start(Start { id: String::new(), model }));
        }
        if let Some(message) = message {
            self.message(message, out);
        }
        if is_done {
            self.done(line, out);
        }
    }

    fn message(&mut self, message: &Node<'_>, out: &mut Vec<Event>) {
        let text = |key: &str| message.get(key).and_then(Node::as_str).filter(|text| !text.is_empty());
        if let Some(words) = text("thinking") {
            self.say(true, words, out);
        }
        if let Some(words) = text("content") {
            self.say(false, words, out);
        }
        for kind in reply::read_images(message) {
            self.whole(kind, out);
        }
        for call in message.get("tool_calls").map_or(&[][..], Node::items) {
            let kind = reply::read_call(call, self.calls);
            self.calls += 1;
            self.whole(kind, out);
        }
    }

    fn say(&mut self, is_thought: bool, words: &str, out: &mut Vec<Event>) {
        let index = match self.open {
            Some((index, open)) if open == is_thought => index,
            _ => {
                self.close(out);
                let kind = if is_thought { thinking(String::new()) } else { PartKind::Text(String::new()) };
                let index = self.begin(kind, out);
                self.open = Some((index, is_thought));
                index
            }
        };
        let words = words.to_owned();
        let delta = if is_thought { Delta::Thinking(words) } else { Delta::Text(words) };
        out.push(Event::More { index, delta });
    }

    /// Tells a part that comes in one piece.
    fn whole(&mut self, mut kind: PartKind, out: &mut Vec<Event>) {
        self.close(out);
        let words = match &mut kind {
            PartKind::ToolCall { arguments, .. } => std::mem::take(arguments),
            _ => String::new(),
        };
        let index = self.begin(kind, out);
        if !words.is_empty() {
            out.push(Event::More { index, delta: Delta::Arguments(words) });
        }
        out.push(Event::Close { index });
    }

    fn begin(&mut self, kind: PartKind, out: &mut Vec<Event>) -> usize {
        let index = self.next;
        self.next += 1;
        out.push(Event::Open { index, kind });
        index
    }

    fn close(&mut self, out: &mut Vec<Event>) {
        out.extend(self.open.take().map(|(index, _)| Event::Close { index }));
    }

    fn done(&mut self, line: &Node<'_>, out: &mut Vec<Event>) {
        self.close(out);
        self.is_over = true;
        let reason = line.get("done_reason").and_then(Node::as_str).filter(|reason| !reason.is_empty());
        out.push(Event::Stop(wire::stop(reason.unwrap_or("stop"), self.calls > 0)));
        out.extend(wire::read_usage(line).map(Event::Usage));
        out.push(Event::End);
    }
}
