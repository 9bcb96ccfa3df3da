//! A whole chat reply, which is also the form of a line of a stream. It must not know streams.
//!
//! <https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-chat-completion>

use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;

use super::clock::timestamp;
use crate::script::{Kind, Part, Script, Stop};
use crate::wire::to_json;

/// A reply, or a line of one.
#[derive(Serialize)]
pub(crate) struct Reply<'a> {
    model: &'a str,
    created_at: String,
    message: Message<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    done_reason: Option<&'static str>,
    done: bool,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    figures: Option<Figures>,
}

/// What was said, whole or in part.
#[derive(Serialize)]
pub(crate) struct Message<'a> {
    role: &'static str,
    content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
}

#[derive(Serialize)]
struct Call<'a> {
    id: &'a str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    index: usize,
    name: &'a str,
    arguments: &'a RawValue,
}

/// Counts of tokens, and times in nanoseconds.
#[derive(Serialize)]
struct Figures {
    total_duration: u64,
    load_duration: u64,
    prompt_eval_count: u64,
    prompt_eval_duration: u64,
    eval_count: u64,
    eval_duration: u64,
}

impl<'a> Message<'a> {
    pub(crate) fn empty() -> Self {
        Message { role: "assistant", content: "", thinking: None, tool_calls: Vec::new() }
    }

    /// A piece of text or of thinking; a call comes whole.
    pub(crate) fn of(part: &'a Part, piece: &'a str) -> Self {
        let empty = Self::empty();
        match &part.kind {
            Kind::Text => Self { content: piece, ..empty },
            Kind::Redacted { .. } => empty,
            Kind::Thinking { .. } => Self { thinking: Some(piece), ..empty },
            Kind::Call { .. } => Self { tool_calls: call(part).into_iter().collect(), ..empty },
        }
    }
}

pub(crate) fn whole(script: &Script) -> Vec<u8> {
    let parts = script.answers.first().map(|answer| answer.parts.as_slice()).unwrap_or_default();
    let mut message = Message::empty();
    for part in parts {
        match &part.kind {
            Kind::Text => message.content = &part.text,
            Kind::Redacted { .. } => {}
            Kind::Thinking { .. } => message.thinking = Some(&part.text),
            Kind::Call { .. } => message.tool_calls.extend(call(part)),
        }
    }
    to_json(&last(script, 1, message))
}

fn call(part: &Part) -> Option<Call<'_>> {
    let Kind::Call { index, id, name } = &part.kind else { return None };
    let function = Function { index: *index, name, arguments: part.arguments() };
    Some(Call { id, function })
}

/// A line in the middle of a stream.
pub(crate) fn line<'a>(script: &'a Script, number: u64, message: Message<'a>) -> Reply<'a> {
    Reply {
        model: &script.model,
        created_at: timestamp(number),
        message,
        done_reason: None,
        done: false,
        figures: None,
    }
}

/// The last line of a stream, or a whole reply.
pub(crate) fn last<'a>(script: &'a Script, number: u64, message: Message<'a>) -> Reply<'a> {
    let reason = match script.answers.first().map(|answer| &answer.stop) {
        None => "load",
        Some(Stop::MaxTokens) => "length",
        Some(Stop::End | Stop::Sequence(_) | Stop::Calls | Stop::Refusal) => "stop",
    };
    // A model that is only loaded has nothing to count.
    let figures = script.answers.first().map(|_| figures(script));
    Reply { done_reason: Some(reason), done: true, figures, ..line(script, number, message) }
}

fn figures(script: &Script) -> Figures {
    let total = nanoseconds(script.began.elapsed()).max(4);
    let quarter = total / 4;
    Figures {
        total_duration: total,
        load_duration: quarter,
        prompt_eval_count: script.usage.all_input(),
        prompt_eval_duration: quarter,
        eval_count: script.usage.output,
        eval_duration: total - quarter - quarter,
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
