//! Whole replies.

use claw_hub::{Dialect, Extra, Json, Kind, Losses, Part, PartKind, Reply, Stop, Thought, Usage};
use serde_json::{Value, json};

use super::said;
use crate::anthropic_messages::reply::{decode, encode};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/fixtures/anthropic_messages/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn written(reply: &Reply) -> (Value, String) {
    let mut losses = Losses::default();
    let body = encode(reply, &said(), &mut losses);
    (serde_json::from_slice(&body).unwrap(), losses.to_string())
}

fn reply(parts: Vec<Part>, stop: Stop) -> Reply {
    Reply { id: String::new(), model: String::new(), parts, stop, usage: None }
}

#[test]
fn a_reply_of_the_dialect_is_written_as_it_was_read() {
    for name in ["reply_tools.json", "reply_declined.json"] {
        let first = decode(&fixture(name)).unwrap();
        let mut losses = Losses::default();
        let body = encode(&first, &said(), &mut losses);
        assert_eq!(decode(&body).unwrap(), first, "{name}");
        assert!(losses.is_empty(), "{name}: {losses}");
        let sent: Value = serde_json::from_slice(&body).unwrap();
        let original: Value = serde_json::from_slice(&fixture(name)).unwrap();
        assert_eq!(sent["content"], original["content"], "{name}");
        assert_eq!(sent["stop_reason"], original["stop_reason"], "{name}");
    }
}

#[test]
fn usage_is_told_apart() {
    let usage = decode(&fixture("reply_tools.json")).unwrap().usage.unwrap();
    let expected = Usage {
        input_fresh: 7,
        cache_read: 100,
        cache_write: 10,
        cache_write_1h: 20,
        output: 50,
        reasoning: 12,
        estimated: false,
    };
    assert_eq!(usage, expected);
    let (sent, _) = written(&Reply { usage: Some(expected), ..reply(vec![], Stop::EndTurn) });
    assert_eq!(sent["usage"]["input_tokens"], 7);
    assert_eq!(sent["usage"]["cache_creation_input_tokens"], 30);
    assert_eq!(sent["usage"]["cache_creation"]["ephemeral_1h_input_tokens"], 20);
    assert_eq!(sent["usage"]["output_tokens_details"]["thinking_tokens"], 12);
}

#[test]
fn a_declined_reply_says_why() {
    let declined = decode(&fixture("reply_declined.json")).unwrap();
    assert_eq!(declined.stop, Stop::Refusal);
    assert_eq!(declined.parts[0].kind, PartKind::Refusal("Not this.".into()));
    let (sent, losses) = written(&declined);
    assert_eq!(sent["content"], json!([]));
    assert_eq!(
        sent["stop_details"],
        json!({"type": "refusal", "category": "cyber", "explanation": "Not this."})
    );
    assert_eq!(losses, "");
    // OpenAI's models decline with an ordinary stop.
    let (sent, _) = written(&reply(vec![PartKind::Refusal("No.".into()).into()], Stop::EndTurn));
    assert_eq!(
        (&sent["stop_reason"], &sent["stop_details"]["explanation"]),
        (&json!("refusal"), &json!("No."))
    );
}

#[test]
fn a_reply_without_content_is_a_reply() {
    let body = br#"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":"end_turn",
        "stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":0}}"#;
    let read = decode(body).unwrap();
    assert_eq!((read.parts.len(), read.stop), (0, Stop::EndTurn));
}

#[test]
fn every_reason_to_stop_has_its_word() {
    let same = [
        ("end_turn", Stop::EndTurn),
        ("stop_sequence", Stop::Sequence(None)),
        ("max_tokens", Stop::MaxTokens),
        ("tool_use", Stop::ToolUse),
        ("pause_turn", Stop::Pause),
        ("refusal", Stop::Refusal),
        ("model_context_window_exceeded", Stop::ContextWindow),
        ("compaction", Stop::Other("compaction".into())),
    ];
    for (word, stop) in same {
        let (sent, losses) = written(&reply(vec![], stop.clone()));
        assert_eq!((sent["stop_reason"].as_str(), losses.as_str()), (Some(word), ""));
        assert_eq!(decode(sent.to_string().as_bytes()).unwrap().stop, stop);
    }
    let near = [
        ("refusal", Stop::ContentFilter),
        ("refusal", Stop::Guardrail),
        ("end_turn", Stop::Other("load".into())),
    ];
    for (word, stop) in near {
        let (sent, losses) = written(&reply(vec![], stop));
        assert_eq!((sent["stop_reason"].as_str(), losses.is_empty()), (Some(word), false));
    }
    let (sent, _) = written(&reply(vec![], Stop::Sequence(Some("END".into()))));
    assert_eq!(sent["stop_sequence"], "END");
}

#[test]
fn what_the_provider_does_not_say_is_filled_in() {
    let (sent, _) = written(&reply(vec![Part::text("x")], Stop::EndTurn));
    assert_eq!((&sent["id"], &sent["model"]), (&json!("msg_01R"), &json!("the-model")));
    assert_eq!((&sent["type"], &sent["role"]), (&json!("message"), &json!("assistant")));
    assert_eq!((&sent["usage"]["input_tokens"], &sent["usage"]["output_tokens"]), (&json!(0), &json!(0)));
}

#[test]
fn what_the_dialect_cannot_say_is_told() {
    let thought = |signature: Option<&str>| -> Part {
        let signature = signature.map(str::to_owned);
        PartKind::Thinking(Thought { text: "t".into(), signature, redacted: None }).into()
    };
    let foreign =
        PartKind::Foreign { dialect: Dialect::OpenaiChat, name: "audio".into(), json: Json::verbatim("{}") };
    let odd = Part { extra: Extra(vec![("annotations".into(), Json::verbatim("[]"))]), ..Part::text("x") };
    let call = |id: &str, arguments: &str| -> Part {
        PartKind::ToolCall { id: id.into(), name: "f".into(), arguments: arguments.into() }.into()
    };
    let parts = vec![
        thought(None),
        thought(Some("s")),
        foreign.into(),
        odd,
        call("functions.f:0", "{\"a\":"),
        call("b", ""),
    ];
    let (sent, losses) = written(&reply(parts, Stop::ToolUse));
    let kinds: Vec<&str> =
        sent["content"].as_array().unwrap().iter().map(|block| block["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["thinking", "text", "tool_use", "tool_use"]);
    assert!(!sent["content"][2]["id"].as_str().unwrap().contains(['.', ':']));
    assert_eq!(sent["content"][2]["input"], json!({"arguments": "{\"a\":"}));
    assert_eq!(sent["content"][3]["input"], json!({}));
    for told in [
        "content[0] dropped",
        "content[2] dropped",
        "content[3].annotations dropped",
        "content[4].input wrapped",
    ] {
        assert!(losses.contains(told), "{told}: {losses}");
    }
}

#[test]
fn nonsense_is_the_provider_s_fault_and_an_error_is_an_error() {
    for body in [&b""[..], b"<html>", b"[]", b"{}", br#"{"content": 1}"#, br#"{"content": [{}]}"#] {
        let refusal = decode(body).unwrap_err();
        assert_eq!((refusal.kind, refusal.fault), (Kind::ProviderFailed, claw_hub::Fault::Provider));
    }
    let body = br#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    assert_eq!(decode(body).unwrap_err().kind, Kind::Overloaded);
}
