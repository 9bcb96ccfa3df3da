//! Whole replies, both ways.

use claw_hub::{Dialect, Extra, Json, Kind, Losses, Part, PartKind, Reply, Stop, Thought, Usage};
use serde_json::{Value, json};

use super::super::reply::{decode, encode};
use crate::streamed::said;

const REASONING: &str = include_str!("../../../fixtures/openai_chat/reply_reasoning.json");

fn reply(parts: Vec<Part>, stop: Stop) -> Reply {
    Reply { id: String::new(), model: String::new(), parts, stop, usage: None }
}

fn written(reply: &Reply) -> (Value, Vec<String>) {
    let mut losses = Losses::default();
    let body = encode(reply, &said(), &mut losses);
    (serde_json::from_slice(&body).unwrap(), losses.as_slice().iter().map(ToString::to_string).collect())
}

fn of_message(message: &str, finish_reason: &str) -> Reply {
    let body = format!(r#"{{"choices":[{{"message":{message},"finish_reason":{finish_reason}}}]}}"#);
    decode(body.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal:?}: {body}"))
}

#[test]
fn what_only_this_dialect_says_survives_a_round() {
    let reply = decode(REASONING.as_bytes()).unwrap();
    let names: Vec<String> = reply
        .parts
        .iter()
        .map(|part| match &part.kind {
            PartKind::Foreign { name, .. } => name.clone(),
            PartKind::Thinking(thought) => thought.text.clone(),
            PartKind::Text(text) => text.clone(),
            _ => panic!(),
        })
        .collect();
    assert_eq!(names, ["Hm.", "Yes.", "annotations", "logprobs"]);
    let (body, losses) = written(&reply);
    let given: Value = serde_json::from_str(REASONING).unwrap();
    assert_eq!(body["choices"], given["choices"]);
    assert!(losses.is_empty());
}

#[test]
fn cached_tokens_are_part_of_the_prompt() {
    let usage = |json: &str| {
        let body = format!(r#"{{"choices":[{{}}],"usage":{json}}}"#);
        decode(body.as_bytes()).unwrap().usage
    };
    let plain = Usage { input_fresh: 20, cache_read: 10, output: 12, reasoning: 9, ..Usage::default() };
    assert_eq!(decode(REASONING.as_bytes()).unwrap().usage, Some(plain));
    let written = usage(
        r#"{"prompt_tokens":100,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":30}}"#,
    );
    let expected = Usage { input_fresh: 10, cache_read: 60, cache_write: 30, output: 1, ..Usage::default() };
    assert_eq!(written, Some(expected));
    // More cached than read cannot be.
    let odd =
        usage(r#"{"prompt_tokens":5,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":9}}"#)
            .unwrap();
    assert_eq!((odd.input_fresh, odd.cache_read), (0, 5));
    assert_eq!(usage("null"), None);
    assert_eq!(usage("{}"), None);
}

#[test]
fn reasoning_that_is_only_in_the_total_is_output() {
    let body = br#"{"choices":[{}],"usage":{"prompt_tokens":35,"completion_tokens":12,"total_tokens":109}}"#;
    let usage = decode(body).unwrap().usage.unwrap();
    assert_eq!((usage.input(), usage.output, usage.reasoning, usage.total()), (35, 74, 62, 109));
}

#[test]
fn stops_are_read_together_with_what_was_said() {
    let call = r#"{"content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x"}}]}"#;
    assert_eq!(of_message(call, "\"tool_calls\"").stop, Stop::ToolUse);
    assert_eq!(of_message(call, "\"stop\"").stop, Stop::ToolUse, "a forced tool");
    assert_eq!(of_message(call, "\"length\"").stop, Stop::MaxTokens);
    assert_eq!(of_message(r#"{"content":null,"refusal":"I will not"}"#, "\"stop\"").stop, Stop::Refusal);
    assert_eq!(of_message(r#"{"content":"x"}"#, "null").stop, Stop::EndTurn);
    assert_eq!(of_message(r#"{"content":"x"}"#, "\"content_filter\"").stop, Stop::ContentFilter);
    assert_eq!(of_message(r#"{"content":"x"}"#, "\"eos\"").stop, Stop::Other("eos".into()));
    // Azure's filter leaves the message out.
    let filtered = decode(br#"{"choices":[{"finish_reason":"content_filter","index":0}]}"#).unwrap();
    assert_eq!((filtered.parts.len(), filtered.stop), (0, Stop::ContentFilter));
}

#[test]
fn calls_without_ids_get_ids() {
    let reply = of_message(
        r#"{"tool_calls":[{"id":"","function":{"name":"f"}},{"function":{"name":"g","arguments":""}}]}"#,
        "\"tool_calls\"",
    );
    let call = |id: &str, name: &str| -> Part {
        PartKind::ToolCall { id: id.into(), name: name.into(), arguments: "{}".into() }.into()
    };
    assert_eq!(reply.parts, [call("call_0", "f"), call("call_1", "g")]);
}

#[test]
fn an_error_in_a_success_is_an_error() {
    let refusal = decode(br#"{"error":{"message":"busy","code":429}}"#).unwrap_err();
    assert_eq!(refusal.kind, Kind::RateLimited);
    for body in [&b"<html>"[..], b"{}", br#"{"choices":[]}"#, b""] {
        assert_eq!(decode(body).unwrap_err().kind, Kind::ProviderFailed);
    }
}

#[test]
fn a_turn_that_says_nothing_is_an_empty_text() {
    let (body, _) = written(&reply(Vec::new(), Stop::EndTurn));
    assert_eq!(body["choices"][0]["message"]["content"], "");
    assert_eq!(body["id"], "chatcmpl-01J");
    assert_eq!(body["model"], "model-said");
    assert_eq!(body["created"], 1_700_000_000);
    assert_eq!(body.get("usage"), None);
}

#[test]
fn texts_are_joined_and_calls_are_apart() {
    let call = PartKind::ToolCall { id: "toolu_1".into(), name: "f".into(), arguments: String::new() };
    let (body, losses) =
        written(&reply(vec![Part::text("a"), Part::text("b"), call.clone().into()], Stop::ToolUse));
    let message = &body["choices"][0]["message"];
    assert_eq!(message["content"], "ab");
    assert_eq!(
        message["tool_calls"],
        json!([{"id": "toolu_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}])
    );
    assert!(losses.is_empty());
    let (body, _) = written(&reply(vec![call.into()], Stop::ToolUse));
    assert_eq!(body["choices"][0]["message"]["content"], Value::Null);
}

#[test]
fn every_stop_has_a_finish_reason() {
    for (stop, word) in [
        (Stop::EndTurn, "stop"),
        (Stop::Sequence(None), "stop"),
        (Stop::MaxTokens, "length"),
        (Stop::ToolUse, "tool_calls"),
        (Stop::Pause, "stop"),
        (Stop::Refusal, "content_filter"),
        (Stop::ContentFilter, "content_filter"),
        (Stop::Guardrail, "content_filter"),
        (Stop::ContextWindow, "length"),
        (Stop::Other("malformed_tool_use".into()), "malformed_tool_use"),
    ] {
        assert_eq!(written(&reply(Vec::new(), stop)).0["choices"][0]["finish_reason"], word);
    }
    let refused = reply(vec![PartKind::Refusal("no".into()).into()], Stop::Refusal);
    assert_eq!(written(&refused).0["choices"][0]["finish_reason"], "stop");
}

#[test]
fn what_this_dialect_cannot_say_is_noted() {
    let thought = |signature: Option<&str>, redacted: Option<&str>| -> Part {
        PartKind::Thinking(Thought {
            text: "hm".into(),
            signature: signature.map(Into::into),
            redacted: redacted.map(Into::into),
        })
        .into()
    };
    let json = Json::verbatim("{}");
    let foreign =
        PartKind::Foreign { dialect: Dialect::AnthropicMessages, name: "server_tool_use".into(), json };
    let cited = Part { extra: Extra(vec![("citations".into(), Json::verbatim("[]"))]), ..Part::text("x") };
    let parts = vec![thought(Some("s"), None), thought(None, Some("r")), foreign.into(), cited];
    let (body, losses) = written(&reply(parts, Stop::Sequence(Some("END".into()))));
    assert_eq!(
        losses,
        [
            "content[0].signature dropped",
            "content[1] dropped",
            "content[2] dropped",
            "content[3].citations dropped",
            "stop_sequence dropped"
        ]
    );
    assert_eq!(body["choices"][0]["message"]["reasoning_content"], "hmhm");
}

#[test]
fn usage_of_other_providers_is_summed_up() {
    let usage = Usage {
        input_fresh: 1,
        cache_read: 10,
        cache_write: 100,
        cache_write_1h: 1000,
        output: 7,
        reasoning: 3,
        estimated: false,
    };
    let (body, _) = written(&Reply { usage: Some(usage), ..reply(Vec::new(), Stop::EndTurn) });
    assert_eq!(
        body["usage"],
        json!({
            "prompt_tokens": 1111, "completion_tokens": 7, "total_tokens": 1118,
            "prompt_tokens_details": {"cached_tokens": 10, "cache_write_tokens": 1100},
            "completion_tokens_details": {"reasoning_tokens": 3}
        })
    );
}
