//! Events to chunks.

use claw_hub::{
    Delta, Dialect, Event, Kind, Part, PartKind, Refusal, Reply, Retry, Start, Stop, Thought, Usage,
};
use serde_json::{Value, json};

use crate::codec::{Said, keep_alive};
use crate::streamed::{encode, events_of, said};

/// The payloads of the events, the terminal one as a string.
fn chunks(said: Said, events: &[Event]) -> Vec<Value> {
    let bytes = encode(Dialect::OpenaiChat, said, events);
    let text = String::from_utf8(bytes).unwrap();
    let events = text.split_terminator("\n\n").map(|event| event.strip_prefix("data: ").unwrap_or(event));
    events.map(|data| serde_json::from_str(data).unwrap_or_else(|_| Value::from(data))).collect()
}

fn silent() -> Said {
    Said { include_usage: false, ..said() }
}

fn reply(parts: Vec<Part>, stop: Stop) -> Reply {
    let usage = Usage { input_fresh: 1, output: 2, ..Usage::default() };
    Reply { id: "id-1".into(), model: "m".into(), parts, stop, usage: Some(usage) }
}

fn deltas(chunks: &[Value]) -> Vec<Value> {
    chunks.iter().filter_map(|chunk| chunk["choices"].get(0).map(|choice| choice["delta"].clone())).collect()
}

#[test]
fn a_reply_begins_with_its_role_and_ends_with_done() {
    let events = events_of(&reply(vec![Part::text("Hi")], Stop::EndTurn));
    let chunks = chunks(silent(), &events);
    assert_eq!(
        chunks[0],
        json!({
            "id": "id-1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "m",
            "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": null}]
        })
    );
    assert_eq!(deltas(&chunks)[1..], [json!({"content": "H"}), json!({"content": "i"}), json!({})]);
    assert_eq!(chunks[3]["choices"][0]["finish_reason"], "stop");
    assert_eq!(chunks[4], "[DONE]");
    assert_eq!(chunks.len(), 5, "no usage was asked for");
}

#[test]
fn usage_comes_last_and_only_when_asked_for() {
    let chunks = chunks(said(), &events_of(&reply(vec![Part::text("Hi")], Stop::EndTurn)));
    let last = &chunks[chunks.len() - 2];
    assert_eq!((&last["choices"], &last["usage"]["total_tokens"]), (&json!([]), &json!(3)));
    assert!(chunks[..chunks.len() - 2].iter().all(|chunk| chunk.get("usage") == Some(&Value::Null)));
}

#[test]
fn an_index_counts_calls_and_not_parts() {
    let call = |id: &str, arguments: &str| -> Part {
        PartKind::ToolCall { id: id.into(), name: "f".into(), arguments: arguments.into() }.into()
    };
    let parts = vec![Part::text("x"), call("a", "{}"), call("b", "")];
    let chunks = chunks(silent(), &events_of(&reply(parts, Stop::ToolUse)));
    let calls: Vec<Value> = deltas(&chunks)
        .into_iter()
        .filter(|delta| delta.get("tool_calls").is_some())
        .map(|delta| delta["tool_calls"][0].clone())
        .collect();
    assert_eq!(
        calls,
        [
            json!({"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": ""}}),
            json!({"index": 0, "function": {"arguments": "{"}}),
            json!({"index": 0, "function": {"arguments": "}"}}),
            json!({"index": 1, "id": "b", "type": "function", "function": {"name": "f", "arguments": ""}}),
            json!({"index": 1, "function": {"arguments": "{}"}}),
        ],
        "a call without arguments has an empty object"
    );
}

#[test]
fn arguments_are_not_owed_twice() {
    let kind = PartKind::ToolCall { id: "a".into(), name: "f".into(), arguments: String::new() };
    let events = [
        Event::Start(Start::default()),
        Event::Open { index: 0, kind },
        Event::Close { index: 0 },
        Event::Close { index: 0 },
        Event::Stop(Stop::ToolUse),
        Event::Stop(Stop::EndTurn),
        Event::End,
        Event::End,
    ];
    let bytes = String::from_utf8(encode(Dialect::OpenaiChat, silent(), &events)).unwrap();
    assert_eq!(bytes.matches(r#""arguments":"{}""#).count(), 1);
    assert_eq!(bytes.matches(r#""finish_reason":"tool_calls""#).count(), 1);
    assert_eq!(bytes.matches("[DONE]").count(), 1);
}

#[test]
fn reasoning_goes_out_and_its_signature_does_not() {
    let thought = Thought { text: "hm".into(), signature: Some("c2ln".into()), redacted: None };
    let hidden = Thought { text: String::new(), signature: None, redacted: Some("cmVk".into()) };
    let parts = vec![PartKind::Thinking(thought).into(), PartKind::Thinking(hidden).into(), Part::text("a")];
    let bytes = encode(Dialect::OpenaiChat, silent(), &events_of(&reply(parts, Stop::EndTurn)));
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains(r#"{"reasoning_content":"h"}"#));
    assert!(!text.contains("c2ln") && !text.contains("cmVk"));
}

#[test]
fn a_refusal_in_words_ends_with_stop() {
    let parts = vec![PartKind::Refusal("no".into()).into()];
    let refused = chunks(silent(), &events_of(&reply(parts, Stop::Refusal)));
    assert_eq!(refused[refused.len() - 2]["choices"][0]["finish_reason"], "stop");
    let bare = chunks(silent(), &events_of(&reply(Vec::new(), Stop::Refusal)));
    assert_eq!(bare[1]["choices"][0]["finish_reason"], "content_filter");
}

#[test]
fn a_failure_is_an_error_chunk_without_done() {
    let failure = || Event::Failed(Refusal::provider(Kind::Overloaded, Retry::Maybe, "busy"));
    let error =
        json!({"error": {"message": "busy", "type": "server_error", "param": null, "code": "overloaded"}});
    assert_eq!(chunks(said(), &[failure(), Event::End]), [error.clone(); 1], "even before the start");
    let events = [Event::Start(Start::default()), Event::Stop(Stop::EndTurn), failure(), Event::End];
    let chunks = chunks(said(), &events);
    assert_eq!(chunks.last(), Some(&error));
    assert_eq!(chunks[0]["id"], "chatcmpl-01J");
    assert_eq!(chunks[0]["model"], "model-said");
}

#[test]
fn what_the_decoder_left_out_is_made_up_for() {
    let delta = Delta::Text("a".into());
    let events = [
        Event::Open { index: 0, kind: PartKind::Text(String::new()) },
        Event::More { index: 0, delta },
        Event::End,
    ];
    let chunks = chunks(silent(), &events);
    assert_eq!(deltas(&chunks).len(), 3, "role, text, finish");
    assert_eq!(chunks.last(), Some(&json!("[DONE]")));
}

#[test]
fn a_ping_is_a_comment() {
    assert_eq!(&keep_alive(Dialect::OpenaiChat)[..], b": keep-alive\n\n");
    assert_eq!(encode(Dialect::OpenaiChat, said(), &[Event::Ping]), b": keep-alive\n\n");
}
