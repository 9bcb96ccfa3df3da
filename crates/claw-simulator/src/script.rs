//! The script of a reply: what will be said, in which parts, how it ends and what it costs. The vendors render it, whole
//! or step by step. It must not know how anything looks on a wire.

use serde_json::value::RawValue;
use tokio::time::Instant;

use crate::asked::{Asked, Choice, Manner, Thinking, Tool};
use crate::knobs::Knobs;
use crate::meter::{PromptCache, Usage, tokens};
use crate::signature::{seal, sign};
use crate::synthesis;
use crate::vendor::Vendor;
use crate::words;

/// Everything that one exchange will say.
#[derive(Debug)]
pub(crate) struct Script {
    /// The number of the exchange; all its ids are made from it.
    pub(crate) sequence: u64,
    /// The model as the caller named it.
    pub(crate) model: String,
    /// One, unless alternatives were asked for.
    pub(crate) answers: Vec<Answer>,
    pub(crate) usage: Usage,
    pub(crate) manner: Manner,
    /// When the request had arrived.
    pub(crate) began: Instant,
}

/// One answer of the model.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) parts: Vec<Part>,
    pub(crate) stop: Stop,
}

/// A block of an answer.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) kind: Kind,
    /// The text, the thinking, or the arguments of a call as JSON.
    pub(crate) text: String,
    pub(crate) cut: Cut,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Thinking {
        signature: String,
    },
    /// Thinking that is not shown; its text is empty.
    Redacted {
        data: String,
    },
    Text,
    Call {
        index: usize,
        id: String,
        name: String,
    },
}

impl Part {
    /// The arguments of a call; none if its text was cut off in the middle.
    pub(crate) fn arguments(&self) -> &RawValue {
        serde_json::from_str(&self.text).unwrap_or_else(|_| no_arguments())
    }
}

/// `{}`
pub(crate) fn no_arguments() -> &'static RawValue {
    serde_json::from_str("{}").unwrap_or(RawValue::NULL)
}

/// How a part's text is cut into pieces when it is streamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    Words,
    Pieces(usize),
}

/// Why an answer ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    End,
    MaxTokens,
    Sequence(String),
    Calls,
    /// The model will not answer; what text there is says so.
    Refusal,
}

/// A part of JSON arguments shows that they come in pieces.
const ARGUMENT_PIECES: usize = 3;
const LONGEST_PIECE_BYTES: usize = 64;

impl Cut {
    /// The end of the piece that begins at `from`. It is after `from` and between two characters.
    pub(crate) fn end_of_piece(self, text: &str, from: usize) -> usize {
        match self {
            Self::Words => end_of_word(text, from),
            Self::Pieces(count) => {
                let (length, count) = (text.len() as u128, count.max(1) as u128);
                let mut piece = from as u128 * count / length.max(1);
                loop {
                    piece += 1;
                    let end = usize::try_from(piece * length / count).unwrap_or(text.len()).min(text.len());
                    let end = text.floor_char_boundary(end);
                    if end > from || end == text.len() {
                        return end;
                    }
                }
            }
        }
    }
}

fn end_of_word(text: &str, from: usize) -> usize {
    let rest = text.as_bytes().get(from + 1..).unwrap_or_default();
    let length = rest.iter().position(|byte| *byte == b' ').map_or(text.len() - from, |at| at + 1);
    text.floor_char_boundary(from + length.min(LONGEST_PIECE_BYTES))
}

/// Writes scripts: what the request asks for, as the knobs of the model's name will have it.
pub(crate) struct Author<'a> {
    pub(crate) vendor: Vendor,
    /// The model's name without its knobs.
    pub(crate) name: &'a str,
    pub(crate) sequence: u64,
    pub(crate) asked: &'a Asked,
    pub(crate) knobs: &'a Knobs,
}

impl Author<'_> {
    pub(crate) fn write(&self, model: String, cache: &PromptCache, began: Instant) -> Script {
        let mut usage = cache.charge(&self.asked.meter);
        let mut answers = Vec::with_capacity(self.asked.manner.answers);
        for number in 0..self.asked.manner.answers {
            answers.push(self.answer(number, &mut usage));
        }
        Script { sequence: self.sequence, model, answers, usage, manner: self.asked.manner.clone(), began }
    }

    fn answer(&self, number: usize, usage: &mut Usage) -> Answer {
        let mut budget = Budget::new(self.asked.max_tokens);
        let mut parts = Vec::new();
        self.think(&mut parts, &mut budget, usage);
        let calls = self.calls();
        let mut stop = Stop::Calls;
        if calls.is_empty() {
            let (text, end) = self.text(number);
            stop = end;
            budget.push(&mut parts, Kind::Text, text, self.knobs.events.map_or(Cut::Words, Cut::Pieces));
        } else if self.knobs.pretext {
            budget.push(&mut parts, Kind::Text, words::BEFORE_TOOLS.to_owned(), Cut::Words);
        }
        for (index, (tool, turn)) in calls.into_iter().enumerate() {
            let id = call_id(self.vendor, self.sequence, number * 1000 + index);
            let arguments = synthesis::instance(&tool.schema, turn).to_string();
            let kind = Kind::Call { index, id, name: tool.name.clone() };
            // Ollama tells a call in one line.
            let pieces = if self.vendor == Vendor::Ollama { 1 } else { ARGUMENT_PIECES };
            budget.push(&mut parts, kind, arguments, Cut::Pieces(pieces));
        }
        usage.output += tokens(budget.spent);
        let stop = if budget.is_overdrawn { Stop::MaxTokens } else { stop };
        Answer { parts, stop }
    }

    fn think(&self, parts: &mut Vec<Part>, budget: &mut Budget, usage: &mut Usage) {
        let thinking = self.asked.thinking.or(self.knobs.think.then_some(Thinking::Shown));
        let Some(shown) = thinking else { return };
        let kind = Kind::Thinking { signature: String::new() };
        let Some(mut part) = budget.part(kind, words::thought(self.asked), Cut::Words) else { return };
        usage.reasoning += tokens(part.text.len() as u64);
        if self.knobs.redact {
            if matches!(self.vendor, Vendor::Anthropic | Vendor::Bedrock) {
                let kind = Kind::Redacted { data: seal(&part.text) };
                parts.push(Part { kind, text: String::new(), cut: part.cut });
            }
            return;
        }
        if shown == Thinking::Omitted {
            part.text.clear();
        }
        if shown != Thinking::Counted {
            part.kind = Kind::Thinking { signature: sign(&part.text) };
            parts.push(part);
        }
    }

    /// The text of an answer and how it ends, before the budget cuts it. Alternatives say which one they are.
    fn text(&self, number: usize) -> (String, Stop) {
        if self.knobs.refuse {
            return (words::REFUSAL.to_owned(), Stop::Refusal);
        }
        let mut text = words::reply(self.vendor, self.name, self.asked);
        if self.asked.format.is_none() {
            if number > 0 {
                text.push_str(&format!(" (answer {})", number + 1));
            }
            if let Some(size) = self.knobs.size {
                words::resize(&mut text, size);
            }
            if let Some(events) = self.knobs.events {
                words::stretch(&mut text, events);
            }
        }
        let first = self.asked.stop.iter().filter_map(|stop| Some((text.find(stop.as_str())?, stop))).min();
        match first {
            Some((at, stop)) => {
                text.truncate(at);
                (text, Stop::Sequence(stop.clone()))
            }
            None => (text, Stop::End),
        }
    }

    /// The tools to call, each with the turn that it is: the second call of the same tool has other arguments.
    fn calls(&self) -> Vec<(&Tool, u64)> {
        let asked = self.asked;
        let is_answered = !asked.said.new_results().is_empty();
        if self.knobs.refuse || asked.tools.is_empty() || asked.choice == Choice::None || is_answered {
            return Vec::new();
        }
        let chosen: Vec<&Tool> = match &asked.choice {
            Choice::Named(name) => asked.tools.iter().filter(|tool| tool.name == *name).take(1).collect(),
            Choice::Auto | Choice::None => asked.tools.iter().collect(),
        };
        let is_parallel = !asked.one_call_only && asked.said.text.contains("parallel");
        let count = self.knobs.calls.unwrap_or(if is_parallel { chosen.len().max(2) } else { 1 });
        let rounds = (1_u64..).flat_map(|turn| chosen.iter().map(move |tool| (*tool, turn)));
        if chosen.is_empty() { Vec::new() } else { rounds.take(count).collect() }
    }
}

/// An id in the vendor's style.
fn call_id(vendor: Vendor, sequence: u64, index: usize) -> String {
    let prefix = match vendor {
        Vendor::OpenAi | Vendor::Ollama => "call_",
        Vendor::Anthropic => "toolu_",
        Vendor::Bedrock => "tooluse_",
    };
    format!("{prefix}sim{sequence:010}x{index:03}")
}

/// What may still be said.
struct Budget {
    left: Option<usize>,
    spent: u64,
    is_overdrawn: bool,
}

impl Budget {
    fn new(max_tokens: Option<u64>) -> Self {
        let bytes = max_tokens.map(|most| usize::try_from(most.saturating_mul(4)).unwrap_or(usize::MAX));
        Self { left: bytes, spent: 0, is_overdrawn: false }
    }

    /// A part with as much of its text as may still be said; none if nothing may.
    fn part(&mut self, kind: Kind, mut text: String, cut: Cut) -> Option<Part> {
        if self.is_overdrawn {
            return None;
        }
        if let Some(left) = self.left {
            if text.len() > left {
                self.is_overdrawn = true;
                text.truncate(text.floor_char_boundary(left));
            }
            self.left = Some(left - text.len());
        }
        self.spent += text.len() as u64;
        (!text.is_empty()).then_some(Part { kind, text, cut })
    }

    fn push(&mut self, parts: &mut Vec<Part>, kind: Kind, text: String, cut: Cut) {
        parts.extend(self.part(kind, text, cut));
    }
}

#[cfg(test)]
mod tests;
