//! A whole chat completion. It must not know streams.
//!
//! <https://platform.openai.com/docs/api-reference/chat/object>

use serde::Serialize;

use super::{created, reply_id};
use crate::script::{Answer, Kind, Part, Script, Stop};
use crate::wire::to_json;

pub(crate) const FINGERPRINT: &str = "fp_simulator";
pub(crate) const TIER: &str = "default";
/// How likely every token is said to be.
const LOGPROB: f64 = -0.01;
/// The cache counts in steps of so many tokens.
const CACHE_STEP: u64 = 128;

#[derive(Serialize)]
struct Completion<'a> {
    id: String,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: Vec<Choice<'a>>,
    usage: Usage,
    service_tier: &'static str,
    system_fingerprint: &'static str,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: usize,
    message: Message<'a>,
    logprobs: Option<Logprobs<'a>>,
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
    refusal: Option<&'a str>,
    annotations: [(); 0],
}

#[derive(Serialize)]
struct Call<'a> {
    id: &'a str,
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    arguments: &'a str,
}

/// The log probabilities of a text: every piece counts as one token.
#[derive(Serialize)]
pub(crate) struct Logprobs<'a> {
    content: Vec<Logprob<'a>>,
    refusal: Option<()>,
}

#[derive(Serialize)]
struct Logprob<'a> {
    token: &'a str,
    logprob: f64,
    bytes: &'a [u8],
    top_logprobs: [(); 0],
}

/// The usage of a completion; prompt tokens include the cached ones.
#[derive(Debug, Serialize)]
pub(crate) struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: PromptDetails,
    completion_tokens_details: CompletionDetails,
}

#[derive(Debug, Serialize)]
struct PromptDetails {
    cached_tokens: u64,
    audio_tokens: u64,
}

#[derive(Debug, Serialize)]
struct CompletionDetails {
    reasoning_tokens: u64,
    audio_tokens: u64,
    accepted_prediction_tokens: u64,
    rejected_prediction_tokens: u64,
}

pub(crate) fn whole(script: &Script) -> Vec<u8> {
    to_json(&Completion {
        id: reply_id(script),
        object: "chat.completion",
        created: created(script),
        model: &script.model,
        choices: script
            .answers
            .iter()
            .enumerate()
            .map(|(index, answer)| choice(script, index, answer))
            .collect(),
        usage: usage(script),
        service_tier: TIER,
        system_fingerprint: FINGERPRINT,
    })
}

fn choice<'a>(script: &Script, index: usize, answer: &'a Answer) -> Choice<'a> {
    let text = find(answer, |kind| *kind == Kind::Text);
    let thinking = find(answer, |kind| matches!(kind, Kind::Thinking { .. }));
    let tool_calls: Vec<_> = answer.parts.iter().filter_map(call).collect();
    // A reply that has nothing to say is an empty text, unless it calls tools instead.
    let said = text.map(|part| part.text.as_str()).or(tool_calls.is_empty().then_some(""));
    let (content, refusal) = if answer.stop == Stop::Refusal { (None, said) } else { (said, None) };
    let logprobs = text.filter(|_| script.manner.logprobs).map(|part| {
        let mut from = 0;
        let pieces = std::iter::from_fn(|| {
            let start = from;
            from = (start < part.text.len()).then(|| part.cut.end_of_piece(&part.text, start))?;
            part.text.get(start..from)
        });
        Logprobs { content: pieces.map(logprob).collect(), refusal: None }
    });
    Choice {
        index,
        message: Message {
            role: "assistant",
            content,
            reasoning_content: thinking.map(|part| part.text.as_str()),
            tool_calls,
            refusal,
            annotations: [],
        },
        logprobs,
        finish_reason: finish_reason(&answer.stop),
    }
}

fn find(answer: &Answer, is_wanted: impl Fn(&Kind) -> bool) -> Option<&Part> {
    answer.parts.iter().find(|part| is_wanted(&part.kind))
}

fn call(part: &Part) -> Option<Call<'_>> {
    let Kind::Call { id, name, .. } = &part.kind else { return None };
    Some(Call { id, r#type: "function", function: Function { name, arguments: &part.text } })
}

/// The log probability of one piece.
pub(crate) fn logprobs(piece: &str) -> Logprobs<'_> {
    Logprobs { content: vec![logprob(piece)], refusal: None }
}

fn logprob(token: &str) -> Logprob<'_> {
    Logprob { token, logprob: LOGPROB, bytes: token.as_bytes(), top_logprobs: [] }
}

pub(crate) fn finish_reason(stop: &Stop) -> &'static str {
    match stop {
        Stop::End | Stop::Sequence(_) | Stop::Refusal => "stop",
        Stop::MaxTokens => "length",
        Stop::Calls => "tool_calls",
    }
}

pub(crate) fn usage(script: &Script) -> Usage {
    let usage = &script.usage;
    let prompt_tokens = usage.all_input();
    Usage {
        prompt_tokens,
        completion_tokens: usage.output,
        total_tokens: prompt_tokens + usage.output,
        prompt_tokens_details: PromptDetails {
            cached_tokens: usage.cache_read / CACHE_STEP * CACHE_STEP,
            audio_tokens: 0,
        },
        completion_tokens_details: CompletionDetails {
            reasoning_tokens: usage.reasoning,
            audio_tokens: 0,
            accepted_prediction_tokens: 0,
            rejected_prediction_tokens: 0,
        },
    }
}
