//! The bytes that the upstream answers with, built once at its start.
//! The shapes are those of the public API references:
//! <https://platform.openai.com/docs/api-reference/chat> and <https://docs.claude.com/en/api/messages>.
//! It must not know sockets or timing.

use serde_json::{Value, json};

use crate::events::MARK;

/// Content events of one stream, so that every stream has 51 events in its own dialect.
pub(super) const OPENAI_TEXTS: usize = 47;
pub(super) const ANTHROPIC_TEXTS: usize = 46;

pub(super) const INPUT_TOKENS: u64 = 120;
pub(super) const OUTPUT_TOKENS: u64 = 160;

/// The wire format of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    OpenAi,
    Anthropic,
}

/// The answers of one dialect, heads and chunk framing included.
pub(super) struct Answers {
    /// A whole reply of about 1.1 KB.
    pub(super) whole: Vec<u8>,
    /// A stream as one block of bytes.
    pub(super) burst: Vec<u8>,
    /// The same stream, cut before each event; the head stands in the first part, the last chunk in the last.
    pub(super) parts: Vec<Vec<u8>>,
}

/// Everything that can be answered.
pub(super) struct Replies {
    pub(super) health: Vec<u8>,
    pub(super) refused: Vec<u8>,
    openai: Answers,
    anthropic: Answers,
}

impl Replies {
    pub(super) fn build() -> Self {
        Self {
            health: whole("200 OK", &json!({"status": "ok"})),
            refused: whole(
                "400 Bad Request",
                &json!({"error": {"message": "not a request of this benchmark"}}),
            ),
            openai: answers(&openai_reply(), &openai_events()),
            anthropic: answers(&anthropic_reply(), &anthropic_events()),
        }
    }

    pub(super) fn of(&self, dialect: Dialect) -> &Answers {
        match dialect {
            Dialect::OpenAi => &self.openai,
            Dialect::Anthropic => &self.anthropic,
        }
    }
}

fn whole(status: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

fn answers(reply: &Value, events: &[String]) -> Answers {
    let mut parts: Vec<Vec<u8>> =
        events.iter().map(|event| format!("{:x}\r\n{event}\r\n", event.len()).into_bytes()).collect();
    if let Some(last) = parts.last_mut() {
        last.extend_from_slice(b"0\r\n\r\n");
    }
    if let Some(first) = parts.first_mut() {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n\
                    transfer-encoding: chunked\r\n\r\n";
        first.splice(..0, head.bytes());
    }
    Answers { whole: whole("200 OK", reply), burst: parts.concat(), parts }
}

/// Text whose JSON reply comes to about 1.1 KB.
fn reply_text() -> String {
    "The zephyr moved over the measured plain and nothing was lost on the way. ".repeat(8)
}

fn openai_usage() -> Value {
    json!({
        "prompt_tokens": INPUT_TOKENS, "completion_tokens": OUTPUT_TOKENS, "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0}
    })
}

fn openai_reply() -> Value {
    json!({
        "id": "chatcmpl-bench00000000000000000000000", "object": "chat.completion", "created": 1_760_000_000,
        "model": "bench",
        "choices": [{
            "index": 0, "message": {"role": "assistant", "content": reply_text(), "refusal": null},
            "logprobs": null, "finish_reason": "stop"
        }],
        "usage": openai_usage(), "service_tier": "default", "system_fingerprint": "fp_bench00000"
    })
}

fn openai_event(choices: &Value, usage: &Value) -> String {
    let chunk = json!({
        "id": "chatcmpl-bench00000000000000000000000", "object": "chat.completion.chunk", "created": 1_760_000_000,
        "model": "bench", "service_tier": "default", "system_fingerprint": "fp_bench00000",
        "choices": choices, "usage": usage
    });
    format!("data: {chunk}\n\n")
}

fn openai_events() -> Vec<String> {
    let choice = |delta: Value, finish: Value| json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]);
    let mut events =
        vec![openai_event(&choice(json!({"role": "assistant", "content": ""}), Value::Null), &Value::Null)];
    let text = openai_event(&choice(json!({"content": format!(" {MARK}")}), Value::Null), &Value::Null);
    events.resize(1 + OPENAI_TEXTS, text);
    events.push(openai_event(&choice(json!({}), json!("stop")), &Value::Null));
    events.push(openai_event(&json!([]), &openai_usage()));
    events.push("data: [DONE]\n\n".to_owned());
    events
}

fn anthropic_usage(output_tokens: u64) -> Value {
    json!({
        "input_tokens": INPUT_TOKENS, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
        "output_tokens": output_tokens, "service_tier": "standard"
    })
}

fn anthropic_message(content: &Value, stop_reason: &Value, output_tokens: u64) -> Value {
    json!({
        "id": "msg_bench0000000000000000000", "type": "message", "role": "assistant", "model": "bench",
        "content": content, "stop_reason": stop_reason, "stop_sequence": null, "usage": anthropic_usage(output_tokens)
    })
}

fn anthropic_reply() -> Value {
    let text = reply_text() + &"And so the zephyr went on. ".repeat(9);
    anthropic_message(&json!([{"type": "text", "text": text}]), &json!("end_turn"), OUTPUT_TOKENS)
}

fn anthropic_events() -> Vec<String> {
    let named =
        |data: Value| format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or_default());
    let mut events = vec![
        named(json!({"type": "message_start", "message": anthropic_message(&json!([]), &Value::Null, 1)})),
        named(
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        ),
    ];
    let text = named(json!({
        "type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": format!(" {MARK}")}
    }));
    events.resize(2 + ANTHROPIC_TEXTS, text);
    events.push(named(json!({"type": "content_block_stop", "index": 0})));
    events.push(named(json!({
        "type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": null},
        "usage": anthropic_usage(OUTPUT_TOKENS)
    })));
    events.push(named(json!({"type": "message_stop"})));
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::EventCount;
    use crate::http1::{Message, Writer};

    #[test]
    fn a_whole_reply_is_about_one_kilobyte_of_json() {
        let replies = Replies::build();
        for dialect in [Dialect::OpenAi, Dialect::Anthropic] {
            let mut body = Vec::new();
            let mut message = Message::new(Writer::Server);
            message.feed(&replies.of(dialect).whole, &mut |bytes| body.extend_from_slice(bytes)).unwrap();
            assert!(message.is_complete());
            assert!((1050..1200).contains(&body.len()), "{dialect:?} has {} bytes", body.len());
            serde_json::from_slice::<Value>(&body).unwrap();
        }
    }

    #[test]
    fn every_stream_has_fifty_one_events_and_is_one_complete_reply() {
        let replies = Replies::build();
        for (dialect, texts) in [(Dialect::OpenAi, OPENAI_TEXTS), (Dialect::Anthropic, ANTHROPIC_TEXTS)] {
            let answers = replies.of(dialect);
            assert_eq!(answers.parts.len(), 51, "{dialect:?}");
            let mut count = EventCount::default();
            let mut message = Message::new(Writer::Server);
            message
                .feed(&answers.burst, &mut |bytes| {
                    count.feed(bytes);
                })
                .unwrap();
            assert!(message.is_complete());
            assert_eq!((count.events, count.marks), (51, texts as u64), "{dialect:?}");
        }
    }
}
