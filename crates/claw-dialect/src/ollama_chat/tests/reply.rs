//! Whole replies, both ways.

use claw_hub::{Dialect, Json, Kind, Losses, Part, PartKind, Reply, Stop, Thought, Usage};
use serde_json::{Value, json};

use super::super::reply::{decode, encode};
use super::lost;
use crate::streamed::said;

fn of_message(message: &str, rest: &str) -> Reply {
    let body = format!(r#"{{"model":"m","message":{message},"done":true{rest}}}"#);
    decode(body.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal:?}: {body}"))
}

fn reply(parts: Vec<Part>, stop: Stop) -> Reply {
    Reply { id: String::new(), model: String::new(), parts, stop, usage: None }
}

fn written(reply: &Reply) -> (Value, Vec<String>) {
    let mut losses = Losses::default();
    let body = encode(reply, &said(), &mut losses);
    (serde_json::from_slice(&body).unwrap(), lost(&losses))
}

const CALLS: &str = r#"{"content":"","tool_calls":[{"function":{"name":"f","arguments":{ "x":1}}},{"id":"call_y","function":{"name":"g"}}]}"#;

#[test]
fn a_stop_with_calls_waits_for_their_results() {
    let calls = of_message(CALLS, r#","done_reason":"stop""#);
    assert_eq!(calls.stop, Stop::ToolUse);
    let call = |id: &str, name: &str, arguments: &str| -> Part {
        PartKind::ToolCall { id: id.into(), name: name.into(), arguments: arguments.into() }.into()
    };
    assert_eq!(calls.parts, [call("call_0", "f", "{ \"x\":1}"), call("call_y", "g", "{}")]);
    assert_eq!(of_message(CALLS, r#","done_reason":"length""#).stop, Stop::MaxTokens);
    assert_eq!(of_message(r#"{"content":"x"}"#, "").stop, Stop::EndTurn);
    let loaded = of_message(r#"{"content":""}"#, r#","done_reason":"load""#);
    assert_eq!((loaded.parts.len(), loaded.stop), (0, Stop::Other("load".into())));
}

#[test]
fn counts_are_usage_where_there_are_any() {
    let usage = |rest: &str| of_message("{}", rest).usage;
    let both = Usage { input_fresh: 5, output: 7, ..Usage::default() };
    assert_eq!(usage(r#","prompt_eval_count":5,"eval_count":7"#), Some(both));
    assert_eq!(usage(r#","eval_count":7"#), Some(Usage { input_fresh: 0, ..both }), "the prompt was cached");
    assert_eq!(usage(""), None);
}

#[test]
fn thinking_comes_first_and_pictures_are_read() {
    let reply = of_message(
        r#"{"content":"a","thinking":"hm","images":["iVBORw0KGgo="]}"#,
        r#","logprobs":[{"token":"a"}]"#,
    );
    assert_eq!(reply.parts.len(), 4);
    assert!(matches!(&reply.parts[0].kind, PartKind::Thinking(thought) if thought.text == "hm"));
    let (body, losses) = written(&reply);
    assert_eq!(
        body["message"],
        json!({"role": "assistant", "content": "a", "thinking": "hm", "images": ["iVBORw0KGgo="]})
    );
    assert_eq!((&body["logprobs"], losses.len()), (&json!([{"token": "a"}]), 0));
}

#[test]
fn an_error_in_a_success_is_an_error() {
    assert_eq!(decode(br#"{"error":"model 'x' not found"}"#).unwrap_err().kind, Kind::ProviderFailed);
    for body in [&b"{}"[..], b"<html>", b""] {
        assert_eq!(decode(body).unwrap_err().kind, Kind::ProviderFailed);
    }
}

#[test]
fn a_reply_is_written_with_its_time() {
    let usage = Usage { input_fresh: 1, cache_read: 2, cache_write: 3, output: 4, ..Usage::default() };
    let (body, _) = written(&Reply {
        usage: Some(usage),
        ..reply(vec![Part::text("a"), Part::text("b")], Stop::EndTurn)
    });
    assert_eq!(
        body,
        json!({
            "model": "model-said", "created_at": "2023-11-14T22:13:20Z",
            "message": {"role": "assistant", "content": "ab"},
            "done": true, "done_reason": "stop", "prompt_eval_count": 6, "eval_count": 4
        })
    );
}

#[test]
fn what_this_dialect_cannot_say_is_noted() {
    let thought = Thought { text: "hm".into(), signature: Some("s".into()), redacted: None };
    let json = Json::verbatim("[]");
    let foreign = PartKind::Foreign { dialect: Dialect::OpenaiChat, name: "annotations".into(), json };
    let call = PartKind::ToolCall { id: String::new(), name: "f".into(), arguments: "{cut".into() };
    let parts = vec![
        PartKind::Thinking(thought).into(),
        foreign.into(),
        PartKind::Refusal("no".into()).into(),
        call.into(),
    ];
    let (body, losses) = written(&reply(parts, Stop::Refusal));
    assert_eq!(
        losses,
        [
            "content[0].signature dropped",
            "content[1] dropped",
            "content[2] said as text",
            "content[3].arguments wrapped in an object",
            "stop_reason said as stop",
        ]
    );
    assert_eq!(body["message"]["content"], "no");
    assert_eq!(
        body["message"]["tool_calls"],
        json!([{"function": {"index": 0, "name": "f", "arguments": {"arguments": "{cut"}}}])
    );
    for (stop, word) in [
        (Stop::MaxTokens, "length"),
        (Stop::ContextWindow, "length"),
        (Stop::ToolUse, "stop"),
        (Stop::Guardrail, "stop"),
        (Stop::Other("unload".into()), "unload"),
    ] {
        assert_eq!(written(&reply(Vec::new(), stop)).0["done_reason"], word);
    }
}
