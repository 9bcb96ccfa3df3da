//! Chunks to events.

use claw_hub::{Delta, Event, PartKind, Refusal, Start, Stop, Thought};

use super::super::{refusal, reply, usage, wire};
use super::DONE;
use super::calls::Calls;
use crate::frame::{Frame, FrameKind};
use crate::json::{self, Node};

/// Reads one streamed reply. Of several choices only the first is told.
#[derive(Debug, Default)]
pub struct Decoder {
    is_started: bool,
    is_over: bool,
    next: usize,
    open: Option<(usize, Lane)>,
    calls: Calls,
    has_refusal: bool,
    is_stopped: bool,
}

/// What is being said, where one thing is said at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lane {
    Text,
    Thinking,
    Refusal,
}

impl Decoder {
    pub(crate) fn frame(&mut self, frame: &Frame, out: &mut Vec<Event>) {
        if self.is_over {
            return;
        }
        let data = frame.data.trim_ascii();
        if frame.kind != FrameKind::Event || data.is_empty() {
            out.push(Event::Ping);
        } else if data == DONE {
            self.done(out);
        } else {
            match json::parse(data) {
                Ok(chunk) => self.chunk(&chunk, frame.name == "error", out),
                Err(error) => self.fail(wire::nonsense(error), out),
            }
        }
    }

    pub(crate) fn finish(&mut self, out: &mut Vec<Event>) {
        if self.is_over {
            return;
        }
        // Some vendors end without `[DONE]`; that the reply is whole is known by its finish reason.
        if self.is_stopped {
            self.is_over = true;
            out.push(Event::End);
        } else {
            self.fail(wire::nonsense("the stream ended before the reply did"), out);
        }
    }

    fn fail(&mut self, refusal: Refusal, out: &mut Vec<Event>) {
        self.is_over = true;
        out.push(Event::Failed(refusal));
    }

    fn done(&mut self, out: &mut Vec<Event>) {
        if !self.is_started {
            return self.fail(wire::nonsense("the stream ended without a reply"), out);
        }
        self.stop("stop", out);
        self.is_over = true;
        out.push(Event::End);
    }

    fn chunk(&mut self, chunk: &Node<'_>, is_error: bool, out: &mut Vec<Event>) {
        let error = chunk.get("error").and_then(Node::some).or(is_error.then_some(chunk));
        if let Some(error) = error {
            return self.fail(refusal::in_band(error), out);
        }
        let choices = chunk.get("choices").map_or(&[][..], Node::items);
        let said = chunk.get("usage").or_else(|| chunk.get("x_groq").and_then(|groq| groq.get("usage")));
        let mut said = said.and_then(usage::read);
        // Azure begins with a chunk about the prompt, without choices, id and model.
        if choices.is_empty() && said.is_none() {
            out.push(Event::Ping);
            return;
        }
        self.start(chunk, out);
        let first =
            choices.iter().find(|choice| choice.get("index").and_then(Node::as_count).unwrap_or(0) == 0);
        if let Some(choice) = first {
            if let Err(refusal) = self.choice(choice, out) {
                return self.fail(refusal, out);
            }
            // Moonshot says usage inside the choice.
            said = said.or_else(|| choice.get("usage").and_then(usage::read));
        }
        out.extend(said.map(Event::Usage));
    }

    fn start(&mut self, chunk: &Node<'_>, out: &mut Vec<Event>) {
        if !self.is_started {
            self.is_started = true;
            let text = |key: &str| chunk.get(key).and_then(Node::as_str).unwrap_or_default().to_owned();
            out.push(Event::Start(Start { id: text("id"), model: text("model") }));
        }
    }

    fn choice(&mut self, choice: &Node<'_>, out: &mut Vec<Event>) -> Result<(), Refusal> {
        if self.is_stopped {
            return Ok(());
        }
        if let Some(delta) = choice.get("delta").and_then(Node::some) {
            self.delta(delta, out)?;
        }
        let reason = choice.get("finish_reason").and_then(Node::as_str);
        if let Some(reason) = reason.filter(|reason| !reason.is_empty()) {
            self.stop(reason, out);
        }
        Ok(())
    }

    fn delta(&mut self, delta: &Node<'_>, out: &mut Vec<Event>) -> Result<(), Refusal> {
        let text = |key: &str| delta.get(key).and_then(Node::as_str).filter(|text| !text.is_empty());
        if let Some(words) = text(wire::REASONING_CONTENT).or_else(|| text(wire::REASONING)) {
            self.say(Delta::Thinking(words.to_owned()), out);
        }
        if let Some(content) = delta.get("content") {
            reply::read_content(content, &mut |delta| self.say(delta, out));
        }
        if let Some(words) = text("refusal") {
            self.has_refusal = true;
            self.say(Delta::Refusal(words.to_owned()), out);
        }
        let pieces = delta.get("tool_calls").map_or(&[][..], Node::items);
        let legacy = delta.get("function_call").and_then(Node::some);
        for piece in pieces.iter().chain(legacy) {
            self.close_lane(out);
            let taken = self.calls.take(piece, &mut self.next, out);
            taken.map_err(|_| wire::nonsense("it has too many tool calls"))?;
        }
        Ok(())
    }

    fn say(&mut self, delta: Delta, out: &mut Vec<Event>) {
        let lane = match delta {
            Delta::Thinking(_) => Lane::Thinking,
            Delta::Refusal(_) => Lane::Refusal,
            Delta::Text(_) | Delta::Signature(_) | Delta::Arguments(_) => Lane::Text,
        };
        let index = match self.open {
            Some((index, open)) if open == lane => index,
            _ => {
                self.close_lane(out);
                self.open_lane(lane, out)
            }
        };
        out.push(Event::More { index, delta });
    }

    fn open_lane(&mut self, lane: Lane, out: &mut Vec<Event>) -> usize {
        let kind = match lane {
            Lane::Text => PartKind::Text(String::new()),
            Lane::Refusal => PartKind::Refusal(String::new()),
            Lane::Thinking => {
                PartKind::Thinking(Thought { text: String::new(), signature: None, redacted: None })
            }
        };
        let index = self.next;
        self.next += 1;
        self.open = Some((index, lane));
        out.push(Event::Open { index, kind });
        index
    }

    fn close_lane(&mut self, out: &mut Vec<Event>) {
        out.extend(self.open.take().map(|(index, _)| Event::Close { index }));
    }

    fn stop(&mut self, reason: &str, out: &mut Vec<Event>) {
        if std::mem::replace(&mut self.is_stopped, true) {
            return;
        }
        self.close_lane(out);
        self.calls.close(&mut self.next, out);
        let stop: Stop = wire::stop(reason, !self.calls.is_empty(), self.has_refusal);
        out.push(Event::Stop(stop));
    }
}
