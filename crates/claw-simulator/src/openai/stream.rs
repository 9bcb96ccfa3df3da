//! A chat completion as a stream of chunks. It must not know when they are sent.
//!
//! <https://platform.openai.com/docs/api-reference/chat-streaming>

use bytes::BytesMut;
use serde::Serialize;

use super::reply::{FINGERPRINT, Logprobs, TIER, Usage, finish_reason, logprobs, usage};
use super::{created, error, reply_id};
use crate::script::{Kind, Script, Stop};
use crate::steps::Step;
use crate::wire::{Writer, append_json};

const PADDING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Renders the chunks of one completion.
pub(crate) struct Chunks {
    id: String,
    created: u64,
    sent: usize,
}

#[derive(Serialize)]
struct Chunk<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    service_tier: &'static str,
    system_fingerprint: &'static str,
    choices: &'a [Choice<'a>],
    /// Absent unless it was asked for; then `null` on all chunks but the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Option<Usage>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    obfuscation: Option<&'static str>,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: usize,
    delta: Delta<'a>,
    logprobs: Option<Logprobs<'a>>,
    finish_reason: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Delta<'a> {
    Role { role: &'static str, content: Option<&'static str>, refusal: Option<()> },
    Content { content: &'a str },
    Refusal { refusal: &'a str },
    Reasoning { reasoning_content: &'a str },
    Calls { tool_calls: [CallDelta<'a>; 1] },
    Nothing {},
}

#[derive(Serialize)]
struct CallDelta<'a> {
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
    function: FunctionDelta<'a>,
}

#[derive(Serialize)]
struct FunctionDelta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    arguments: &'a str,
}

impl Chunks {
    pub(crate) fn new(script: &Script) -> Self {
        Self { id: reply_id(script), created: created(script), sent: 0 }
    }

    fn delta(&mut self, script: &Script, index: usize, delta: Delta<'_>, out: &mut BytesMut) {
        let logprobs = match delta {
            Delta::Content { content } if script.manner.logprobs => Some(logprobs(content)),
            _ => None,
        };
        self.chunk(script, &[Choice { index, delta, logprobs, finish_reason: None }], None, out);
    }

    fn chunk(&mut self, script: &Script, choices: &[Choice<'_>], usage: Option<Usage>, out: &mut BytesMut) {
        self.sent += 1;
        let padding = PADDING.get(..self.sent * 7 % PADDING.len());
        out.extend_from_slice(b"data: ");
        append_json(
            out,
            &Chunk {
                id: &self.id,
                object: "chat.completion.chunk",
                created: self.created,
                model: &script.model,
                service_tier: TIER,
                system_fingerprint: FINGERPRINT,
                choices,
                usage: script.manner.usage_in_stream.then_some(usage),
                obfuscation: padding.filter(|_| script.manner.padding),
            },
        );
        out.extend_from_slice(b"\n\n");
    }

    /// Every answer begins with its role, and with a text unless it has none.
    fn begin(&mut self, script: &Script, out: &mut BytesMut) {
        for (index, answer) in script.answers.iter().enumerate() {
            let has_calls = answer.parts.iter().any(|part| matches!(part.kind, Kind::Call { .. }));
            let has_text = answer.parts.iter().any(|part| part.kind == Kind::Text);
            let is_refusal = answer.stop == Stop::Refusal;
            let content = ((has_text || !has_calls) && !is_refusal).then_some("");
            self.delta(script, index, Delta::Role { role: "assistant", content, refusal: None }, out);
        }
    }
}

impl Writer for Chunks {
    fn write(&mut self, script: &Script, step: &Step<'_>, out: &mut BytesMut) {
        match step {
            Step::Begin => self.begin(script, out),
            Step::Open { answer, body, .. } => {
                if let Kind::Call { index, id, name } = &body.kind {
                    let function = FunctionDelta { name: Some(name), arguments: "" };
                    let call = CallDelta { index: *index, id: Some(id), r#type: Some("function"), function };
                    self.delta(script, *answer, Delta::Calls { tool_calls: [call] }, out);
                }
            }
            Step::Piece { answer, body, text, .. } => {
                let is_refusal = script.answers.get(*answer).is_some_and(|told| told.stop == Stop::Refusal);
                let delta = match &body.kind {
                    Kind::Text if is_refusal => Delta::Refusal { refusal: text },
                    Kind::Redacted { .. } => return,
                    Kind::Text => Delta::Content { content: text },
                    Kind::Thinking { .. } => Delta::Reasoning { reasoning_content: text },
                    Kind::Call { index, .. } => {
                        let function = FunctionDelta { name: None, arguments: text };
                        Delta::Calls {
                            tool_calls: [CallDelta { index: *index, id: None, r#type: None, function }],
                        }
                    }
                };
                self.delta(script, *answer, delta, out);
            }
            Step::Close { .. } => {}
            Step::Finish { answer, stop } => {
                let finish_reason = Some(finish_reason(stop));
                let choice =
                    Choice { index: *answer, delta: Delta::Nothing {}, logprobs: None, finish_reason };
                self.chunk(script, &[choice], None, out);
            }
            Step::End => {
                if script.manner.usage_in_stream {
                    self.chunk(script, &[], Some(usage(script)), out);
                }
                out.extend_from_slice(b"data: [DONE]\n\n");
            }
        }
    }

    fn fault(&mut self, script: &Script, status: Option<u16>, out: &mut BytesMut) {
        let refusal = error::of_status(status.unwrap_or(500), &script.model);
        out.extend_from_slice(b"data: ");
        append_json(out, &error::body(&refusal));
        out.extend_from_slice(b"\n\n");
    }
}
