//! Whole replies.

use claw_hub::{Extra, Fault, Json, Kind, Losses, Part, PartKind, Reply, Stop, Thought, Usage};
use serde_json::{Value, json};

use super::said;
use crate::bedrock_converse::reply::{decode, encode};

fn fixture() -> Vec<u8> {
    std::fs::read(format!("{}/fixtures/bedrock_converse/reply_tools.json", env!("CARGO_MANIFEST_DIR")))
        .unwrap()
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
fn a_reply_of_the_dialect_is_read_and_written() {
    let read = decode(&fixture()).unwrap();
    assert_eq!(read.stop, Stop::Sequence(Some("END".into())));
    assert!(
        matches!(&read.parts[1].kind, PartKind::Thinking(thought) if thought.redacted.as_deref() == Some("c2VjcmV0"))
    );
    assert_eq!(read.parts[2].kind, PartKind::Text("The hum is the filter.".into()));
    let mut losses = Losses::default();
    let body = encode(&read, &said(), &mut losses);
    assert_eq!(decode(&body).unwrap(), read);
    assert!(losses.is_empty(), "{losses}");
    let sent: Value = serde_json::from_slice(&body).unwrap();
    let original: Value = serde_json::from_slice(&fixture()).unwrap();
    let content = |json: &Value, n: usize| json["output"]["message"]["content"][n].clone();
    for n in [0, 1, 3] {
        assert_eq!(content(&sent, n), content(&original, n));
    }
    assert_eq!(
        content(&sent, 2)["citationsContent"]["citations"],
        content(&original, 2)["citationsContent"]["citations"]
    );
}

#[test]
fn usage_is_told_apart() {
    let usage = decode(&fixture()).unwrap().usage.unwrap();
    let expected = Usage {
        input_fresh: 14,
        cache_read: 1000,
        cache_write: 3,
        cache_write_1h: 500,
        output: 5,
        ..Usage::default()
    };
    assert_eq!(usage, expected);
    assert_eq!(usage.total(), 1522);
    let (sent, _) = written(&Reply { usage: Some(usage), ..reply(vec![], Stop::EndTurn) });
    assert_eq!(sent["usage"]["totalTokens"], 1522);
    assert_eq!(sent["usage"]["cacheWriteInputTokens"], 503);
    assert_eq!(
        sent["usage"]["cacheDetails"],
        json!([{"ttl": "1h", "inputTokens": 500}, {"ttl": "5m", "inputTokens": 3}])
    );
}

#[test]
fn every_reason_to_stop_has_its_word() {
    let same = [
        ("end_turn", Stop::EndTurn),
        ("tool_use", Stop::ToolUse),
        ("max_tokens", Stop::MaxTokens),
        ("stop_sequence", Stop::Sequence(None)),
        ("guardrail_intervened", Stop::Guardrail),
        ("content_filtered", Stop::ContentFilter),
        ("model_context_window_exceeded", Stop::ContextWindow),
        ("malformed_tool_use", Stop::Other("malformed_tool_use".into())),
    ];
    for (word, stop) in same {
        let (sent, losses) = written(&reply(vec![], stop.clone()));
        assert_eq!((sent["stopReason"].as_str(), losses.as_str()), (Some(word), ""));
        assert_eq!(decode(sent.to_string().as_bytes()).unwrap().stop, stop);
    }
    for (word, stop) in [
        ("content_filtered", Stop::Refusal),
        ("end_turn", Stop::Pause),
        ("end_turn", Stop::Other("load".into())),
    ] {
        let (sent, losses) = written(&reply(vec![], stop));
        assert_eq!((sent["stopReason"].as_str(), losses.is_empty()), (Some(word), false));
    }
    let streamed = br#"{"output":{"message":{"role":"assistant","content":[]}},"stopReason":"stop_sequence",
        "additionalModelResponseFields":{"delta":{"stop_sequence":"END"}}}"#;
    assert_eq!(decode(streamed).unwrap().stop, Stop::Sequence(Some("END".into())));
}

#[test]
fn a_reply_has_what_the_sdks_require() {
    let (sent, _) = written(&reply(vec![Part::text("x")], Stop::EndTurn));
    assert_eq!(sent["output"]["message"], json!({"role": "assistant", "content": [{"text": "x"}]}));
    assert_eq!(sent["metrics"], json!({"latencyMs": 0}));
    assert_eq!((&sent["usage"]["inputTokens"], &sent["usage"]["totalTokens"]), (&json!(0), &json!(0)));
}

#[test]
fn what_the_dialect_cannot_say_is_told() {
    let call = |id: &str, arguments: &str| -> Part {
        PartKind::ToolCall { id: id.into(), name: "f".into(), arguments: arguments.into() }.into()
    };
    let unsigned = PartKind::Thinking(Thought { text: "t".into(), signature: None, redacted: None });
    let odd = Part { extra: Extra(vec![("annotations".into(), Json::verbatim("[]"))]), ..Part::text("x") };
    let foreign = PartKind::Foreign {
        dialect: claw_hub::Dialect::OpenaiChat,
        name: "audio".into(),
        json: Json::verbatim("{}"),
    };
    let parts = vec![
        unsigned.into(),
        odd,
        foreign.into(),
        PartKind::Refusal("no".into()).into(),
        call(&"i".repeat(70), "{\"a\":"),
    ];
    let (sent, losses) = written(&reply(parts, Stop::ToolUse));
    let content = sent["output"]["message"]["content"].as_array().unwrap();
    assert_eq!(content[0], json!({"reasoningContent": {"reasoningText": {"text": "t"}}}));
    assert_eq!((&content[1], &content[2]), (&json!({"text": "x"}), &json!({"text": "no"})));
    assert_eq!(content[3]["toolUse"]["toolUseId"].as_str().unwrap().len(), 64);
    assert_eq!(
        losses,
        "content[1].annotations dropped; content[2] dropped; content[4].input wrapped, because it is not an object"
    );
}

#[test]
fn nonsense_is_the_provider_s_fault() {
    for body in
        [&b""[..], b"<html>", b"{}", br#"{"output": {}}"#, br#"{"output": {"message": {"content": [1]}}}"#]
    {
        let refusal = decode(body).unwrap_err();
        assert_eq!((refusal.kind, refusal.fault), (Kind::ProviderFailed, Fault::Provider));
    }
}
