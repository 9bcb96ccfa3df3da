//! The requests that are sent: chat completions of an exact size, with the turns and escapes that real ones have.
//! It must not know replies.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::Options;

/// Bytes of text in each turn of a long conversation.
const TURN_BYTES: usize = 2000;
const PROSE: &str = "The committee met in the \"long\" room and read the minutes.\n\tNothing was moved; everything was noted. ";

/// One whole HTTP request whose JSON body has `body_bytes` bytes.
pub(super) fn wire(
    options: &Options,
    address: SocketAddr,
    path: &str,
    model: &str,
    stream: bool,
    body_bytes: usize,
) -> anyhow::Result<Vec<u8>> {
    let model = format!("{}{model}", options.model_prefix);
    let body = chat(&model, stream, body_bytes)?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         accept: application/json\r\nuser-agent: claw-bench\r\ncontent-length: {}\r\n\r\n",
        options.key,
        body.len()
    );
    Ok([head.as_bytes(), &body].concat())
}

/// A chat request in the OpenAI dialect of exactly `body_bytes` bytes: as many full turns as fit, then a question
/// that fills the rest.
fn chat(model: &str, stream: bool, body_bytes: usize) -> anyhow::Result<Vec<u8>> {
    let missing = |turns: &[Value]| -> anyhow::Result<usize> {
        let size = render(model, stream, turns, "")?.len();
        body_bytes.checked_sub(size).ok_or_else(|| anyhow::anyhow!("{body_bytes} bytes are too few"))
    };
    let text = PROSE.repeat(TURN_BYTES / PROSE.len());
    let turn = |role: &str| json!({"role": role, "content": text});
    let turn_bytes = turn("assistant").to_string().len() + 1;
    let roles = ["user", "assistant"].into_iter().cycle().take(missing(&[])? / turn_bytes);
    let turns: Vec<Value> = roles.map(turn).collect();
    let rest = missing(&turns)?;
    let question: String = "Please answer in one short paragraph. ".chars().cycle().take(rest).collect();
    render(model, stream, &turns, &question)
}

fn render(model: &str, stream: bool, turns: &[Value], question: &str) -> anyhow::Result<Vec<u8>> {
    let mut messages = vec![json!({"role": "system", "content": "You are a careful assistant."})];
    messages.extend_from_slice(turns);
    messages.push(json!({"role": "user", "content": question}));
    let mut body = json!({"model": model, "messages": messages, "temperature": 0.7, "max_tokens": 256});
    if stream {
        body["stream"] = json!(true);
        body["stream_options"] = json!({"include_usage": true});
    }
    Ok(serde_json::to_vec(&body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_exactly_the_size_that_was_asked_and_is_a_chat() {
        for size in [600, 5000, 64 * 1024, 400 * 1024] {
            for stream in [false, true] {
                let body = chat("openai/bench-gap5", stream, size).unwrap();
                assert_eq!(body.len(), size);
                let read: Value = serde_json::from_slice(&body).unwrap();
                assert_eq!(read["stream"].as_bool().unwrap_or(false), stream);
                let turns = read["messages"].as_array().unwrap().len();
                assert!(turns >= 2 && turns >= size / 4000, "{turns} turns in {size} bytes");
            }
        }
    }

    #[test]
    fn too_small_a_size_is_refused() {
        assert!(chat("bench", true, 100).is_err());
    }
}
