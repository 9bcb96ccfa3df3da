//! Whole replies and errors, both ways.

use std::time::Duration;

use claw_hub::{Extra, Fault, Json, Kind, Losses, Part, Refusal, Reply, Retry, Stop, Usage};
use serde_json::{Value, json};

use super::super::{refusal, reply};
use crate::streamed::said;

fn said_nothing(stop: Stop) -> Reply {
    Reply { id: String::new(), model: String::new(), parts: Vec::new(), stop, usage: None }
}

#[test]
fn a_reply_says_all_its_text_at_once_too() {
    let cited = Part { extra: Extra(vec![("citations".into(), Json::verbatim("[]"))]), ..Part::text("b") };
    let usage = Usage {
        input_fresh: 1,
        cache_read: 2,
        cache_write: 4,
        cache_write_1h: 8,
        output: 16,
        reasoning: 3,
        estimated: true,
    };
    let given =
        Reply { parts: vec![Part::text("a"), cited], usage: Some(usage), ..said_nothing(Stop::EndTurn) };
    let mut losses = Losses::default();
    let written: Value = serde_json::from_slice(&reply::encode(&given, &said(), &mut losses)).unwrap();
    assert_eq!(
        written,
        json!({
            "id": "01J", "model": "model-said", "text": "ab",
            "parts": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
            "stop": "end_turn",
            "usage": {"input": 15, "cache_read": 2, "cache_write": 4, "cache_write_1h": 8, "output": 16, "reasoning": 3, "estimated": true}
        })
    );
    assert_eq!(losses.to_string(), "parts[1].citations dropped");
}

#[test]
fn every_stop_comes_back() {
    for stop in [
        Stop::EndTurn,
        Stop::Sequence(None),
        Stop::Sequence(Some("END".into())),
        Stop::MaxTokens,
        Stop::ToolUse,
        Stop::Pause,
        Stop::Refusal,
        Stop::ContentFilter,
        Stop::Guardrail,
        Stop::ContextWindow,
        Stop::Other("a_providers_own".into()),
    ] {
        let written = reply::encode(&said_nothing(stop.clone()), &said(), &mut Losses::default());
        assert_eq!(reply::decode(&written).unwrap().stop, stop);
    }
}

#[test]
fn what_is_no_reply_is_a_failure() {
    for body in [&b"{}"[..], b"<html>", br#"{"parts":[{"type":"video"}]}"#, b""] {
        assert_eq!(reply::decode(body).unwrap_err().kind, Kind::ProviderFailed);
    }
    let body = br#"{"error":{"kind":"overloaded","message":"busy","retry":true}}"#;
    let refusal = reply::decode(body).unwrap_err();
    assert_eq!((refusal.kind, refusal.retry), (Kind::Overloaded, Retry::Maybe));
}

#[test]
fn every_error_comes_back() {
    for (kind, status) in refusal::STATUSES {
        for retry in [Retry::Never, Retry::Maybe, Retry::After(Duration::from_secs(3))] {
            let mut given = Refusal::caller(kind, "why").at("messages[0]").coded(Some("own".into()));
            given.retry = retry;
            let written = refusal::encode(&given, "id-1");
            assert_eq!(written.status, status);
            let has_header = written.headers.contains(&("retry-after", "3".to_owned()));
            assert_eq!(has_header, matches!(retry, Retry::After(_)));
            let back = refusal::decode(status, &|_| None, &written.body);
            assert_eq!((back.kind, back.retry, back.message.as_str()), (kind, retry, "why"));
            assert_eq!((back.param.as_deref(), back.code.as_deref()), (Some("messages[0]"), Some("own")));
        }
    }
}

#[test]
fn an_error_that_is_not_ours_is_read_by_its_status() {
    let refusal = refusal::decode(503, &|_| None, b"<html>");
    assert_eq!((refusal.kind, refusal.fault), (Kind::Overloaded, Fault::Provider));
    let refusal = refusal::decode(500, &|_| None, br#"{"error":{"kind":"unheard of"}}"#);
    assert_eq!(refusal.kind, Kind::ProviderFailed);
}
