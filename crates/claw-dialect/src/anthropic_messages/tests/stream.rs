//! Streams.

use claw_hub::{Delta, Dialect, Event, Json, Kind, PartKind, Refusal, Retry, Start, Stop, Thought, Usage};
use serde_json::{Value, json};

use super::{bytes, events, payloads, sse};
use crate::sequence::{assert_well_formed, gist};

fn fixture() -> Vec<u8> {
    let path = format!("{}/fixtures/anthropic_messages/stream_tools.sse", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

fn message_start() -> Value {
    json!({"type": "message_start", "message": {"id": "msg_1", "model": "m", "content": [],
        "usage": {"input_tokens": 5, "output_tokens": 1}}})
}

fn block(index: usize, block: &Value) -> Value {
    json!({"type": "content_block_start", "index": index, "content_block": block})
}

fn delta(index: usize, delta: &Value) -> Value {
    json!({"type": "content_block_delta", "index": index, "delta": delta})
}

fn text_delta(index: usize, text: &str) -> Value {
    delta(index, &json!({"type": "text_delta", "text": text}))
}

fn stop(reason: &str) -> Value {
    json!({"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": null}, "usage": {"output_tokens": 9}})
}

fn message_stop() -> Value {
    json!({"type": "message_stop"})
}

/// The texts of all parts, joined per part.
fn texts(events: &[Event]) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for event in events {
        match event {
            Event::Open { .. } => parts.push(String::new()),
            Event::More { index, delta } => parts[*index].push_str(delta.text()),
            _ => {}
        }
    }
    parts
}

fn usage(events: &[Event]) -> Option<Usage> {
    events.iter().rev().find_map(|event| match event {
        Event::Usage(usage) => Some(*usage),
        _ => None,
    })
}

#[test]
fn a_stream_of_every_kind_of_block_is_read() {
    let read = events(&fixture());
    assert_well_formed("fixture", &read);
    assert_eq!(texts(&read), ["Two calls.", "", "Grüße, \"B+\"\n", "{\"point\": \"B+\"}", "{}", ""]);
    let kinds: Vec<&PartKind> = read
        .iter()
        .filter_map(|event| match event {
            Event::Open { kind, .. } => Some(kind),
            _ => None,
        })
        .collect();
    assert!(
        matches!(kinds[1], PartKind::Thinking(Thought { redacted: Some(data), .. }) if data == "c2VjcmV0")
    );
    assert!(matches!(kinds[4], PartKind::ToolCall { id, name, .. } if id == "toolu_2" && name == "now"));
    let PartKind::Foreign { name, json, .. } = kinds[5] else { panic!("{:?}", kinds[5]) };
    let whole: Value = serde_json::from_str(json.as_str()).unwrap();
    assert_eq!((name.as_str(), &whole["input"]), ("server_tool_use", &json!({"query": "hum"})));
    assert!(read.iter().any(|event| matches!(event, Event::Stop(Stop::ToolUse))));
    assert!(read.iter().any(|event| matches!(event, Event::Ping)));
    let usage = usage(&read).unwrap();
    assert_eq!((usage.input_fresh, usage.cache_read, usage.output, usage.reasoning), (7, 100, 50, 12));
    assert_eq!(gist(&events(&bytes(&read))), gist(&read));
}

#[test]
fn usage_of_later_events_replaces_and_does_not_add() {
    let read = events(&sse(&[message_start(), text_delta(0, "x"), stop("end_turn"), message_stop()]));
    let usage = usage(&read).unwrap();
    assert_eq!((usage.input_fresh, usage.output), (5, 9));
    let late = json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"},
        "usage": {"input_tokens": 70, "output_tokens": 3}});
    let read = events(&sse(&[message_start(), late, message_stop()]));
    assert_eq!(super::stream::usage(&read).unwrap().input_fresh, 70);
}

#[test]
fn a_repeated_beginning_says_nothing_and_a_filled_one_says_all() {
    let read = events(&sse(&[
        message_start(),
        message_start(),
        text_delta(0, "x"),
        stop("end_turn"),
        message_stop(),
    ]));
    assert_well_formed("twice", &read);
    assert_eq!(texts(&read), ["x"]);
    let filled = json!({"type": "message_start", "message": {"id": "msg_1", "model": "m", "stop_reason": "tool_use",
        "content": [{"type": "text", "text": "hi"}, {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}],
        "usage": {"input_tokens": 1, "output_tokens": 2}}});
    let read = events(&sse(&[filled.clone(), stop("max_tokens"), message_stop()]));
    assert_well_formed("filled", &read);
    assert_eq!(texts(&read), ["hi", "{\"a\":1}"]);
    assert!(read.iter().any(|event| matches!(event, Event::Stop(Stop::MaxTokens))));
    let read = events(&sse(&[filled, text_delta(0, "more"), message_stop()]));
    assert_well_formed("filled and followed", &read);
    assert_eq!(texts(&read), ["hi", "{\"a\":1}", "more"]);
    assert!(read.iter().any(|event| matches!(event, Event::Stop(Stop::ToolUse))));
}

#[test]
fn an_input_that_comes_whole_or_not_at_all_is_one_object() {
    let call = |input: Value| block(0, &json!({"type": "tool_use", "id": "t", "name": "f", "input": input}));
    let piece = |text: &str| delta(0, &json!({"type": "input_json_delta", "partial_json": text}));
    let read = |events_of: &[Value]| texts(&events(&sse(events_of)));
    let end = [stop("tool_use"), message_stop()];
    let with = |middle: &[Value]| [&[message_start()], middle, &end].concat();
    assert_eq!(read(&with(&[call(json!({}))])), ["{}"]);
    assert_eq!(read(&with(&[call(json!({})), piece("")])), ["{}"]);
    assert_eq!(read(&with(&[call(json!({"a": 1}))])), ["{\"a\":1}"]);
    assert_eq!(read(&with(&[call(json!({})), piece("{\"a\""), piece(":1}")])), ["{\"a\":1}"]);
}

#[test]
fn careless_providers_are_understood() {
    // No block starts, no stops, an event of tomorrow, deltas of nothing.
    let read = events(&sse(&[
        text_delta(0, "a"),
        json!({"type": "tomorrow", "x": 1}),
        delta(0, &json!({"type": "tomorrow_delta"})),
        delta(7, &json!({"type": "input_json_delta", "partial_json": "{"})),
        delta(1, &json!({"type": "thinking_delta", "thinking": "b"})),
        block(1, &json!({"type": "text", "text": "c"})),
        json!({"type": "content_block_stop", "index": 99}),
        stop("end_turn"),
        stop("max_tokens"),
        message_stop(),
        text_delta(0, "late"),
    ]));
    assert_well_formed("careless", &read);
    assert_eq!(texts(&read), ["a", "b", "c"]);
    assert!(matches!(read.last(), Some(Event::End)));
}

#[test]
fn the_name_of_the_event_counts_where_the_payload_has_no_type() {
    let bytes =
        b"event: message_start\ndata: {\"message\":{\"id\":\"i\"}}\n\nevent: message_stop\ndata: {}\n\n";
    let read = events(bytes);
    assert!(matches!(&read[0], Event::Start(Start { id, .. }) if id == "i"));
    assert!(matches!(read.last(), Some(Event::End)));
}

#[test]
fn no_more_than_so_many_blocks_are_open() {
    let mut sent = vec![message_start()];
    sent.extend((0..500).map(|n| block(n, &json!({"type": "text", "text": "x"}))));
    sent.extend([stop("end_turn"), message_stop()]);
    let read = events(&sse(&sent));
    assert_well_formed("many", &read);
    assert_eq!(texts(&read).len(), 500);
}

#[test]
fn a_refusal_in_the_stream_says_why() {
    let said = json!({"type": "message_delta", "usage": {"output_tokens": 5}, "delta": {"stop_reason": "refusal",
        "stop_details": {"type": "refusal", "category": "cyber", "explanation": "Not this."}}});
    let read = events(&sse(&[message_start(), said, message_stop()]));
    assert_well_formed("refusal", &read);
    assert!(matches!(&read[2], Event::Open { kind: PartKind::Refusal(_), .. }));
    let written = payloads(&bytes(&read));
    let delta = &written[written.len() - 2]["delta"];
    assert_eq!(
        (&delta["stop_reason"], &delta["stop_details"]["explanation"]),
        (&json!("refusal"), &json!("Not this."))
    );
}

#[test]
fn errors_cuts_and_nonsense_fail() {
    let last = |bytes: &[u8]| match events(bytes).pop() {
        Some(Event::Failed(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    let error = json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    let refusal = last(&sse(&[message_start(), error]));
    assert_eq!((refusal.kind, refusal.message.as_str()), (Kind::Overloaded, "Overloaded"));
    for cut in
        [sse(&[]), sse(&[message_start(), text_delta(0, "x")]), sse(&[message_start(), stop("end_turn")])]
    {
        assert_eq!(last(&cut).kind, Kind::ProviderFailed);
    }
    assert_eq!(last(b"data: {\"type\": \n\n").kind, Kind::ProviderFailed);
    let after = events(&sse(&[message_start(), message_stop(), message_start()]));
    assert!(matches!(after.last(), Some(Event::End)));
}

fn start() -> Event {
    Event::Start(Start { id: "chatcmpl-1".into(), model: String::new() })
}

#[test]
fn the_skeleton_is_what_the_sdks_need() {
    let more = |index, delta| Event::More { index, delta };
    let call = |id: &str| PartKind::ToolCall { id: id.into(), name: "f".into(), arguments: String::new() };
    let usage = Usage { input_fresh: 3, cache_read: 2, output: 4, ..Usage::default() };
    let written = payloads(&bytes(&[
        start(),
        Event::Open { index: 0, kind: PartKind::Text(String::new()) },
        more(0, Delta::Text("hi".into())),
        Event::Close { index: 0 },
        Event::Open { index: 1, kind: call("a") },
        Event::Open { index: 2, kind: call("b.0") },
        more(1, Delta::Arguments("{}".into())),
        more(2, Delta::Arguments("{}".into())),
        Event::Stop(Stop::ToolUse),
        Event::Usage(usage),
        Event::End,
    ]));
    let kinds: Vec<&str> = written.iter().map(|payload| payload["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "content_block_start",
            "content_block_start",
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "content_block_stop",
            "message_delta",
            "message_stop"
        ]
    );
    assert_eq!(written[0]["message"]["model"], "the-model");
    assert_eq!(written[5]["index"], 2);
    assert!(!written[5]["content_block"]["id"].as_str().unwrap().contains('.'));
    assert_eq!(written[10]["delta"], json!({"stop_reason": "tool_use", "stop_sequence": null}));
    assert_eq!(
        (&written[10]["usage"]["input_tokens"], &written[10]["usage"]["output_tokens"]),
        (&json!(3), &json!(4))
    );
}

#[test]
fn usage_that_is_known_at_once_stands_in_the_beginning() {
    let usage = Usage { input_fresh: 3, cache_write_1h: 7, ..Usage::default() };
    let written = payloads(&bytes(&[start(), Event::Usage(usage), Event::Stop(Stop::EndTurn), Event::End]));
    assert_eq!(written[0]["message"]["usage"]["input_tokens"], 3);
    assert_eq!(written[0]["message"]["usage"]["cache_creation_input_tokens"], 7);
}

#[test]
fn thinking_that_nobody_will_sign_is_not_shown() {
    let thinking = |signature: Option<&str>| {
        let signature = signature.map(str::to_owned);
        PartKind::Thinking(Thought { text: String::new(), signature, redacted: None })
    };
    let stream = |signature| {
        payloads(&bytes(&[
            start(),
            Event::Open { index: 0, kind: thinking(signature) },
            Event::More { index: 0, delta: Delta::Thinking("t".into()) },
            Event::More { index: 0, delta: Delta::Signature("s".into()) },
            Event::Close { index: 0 },
            Event::Open { index: 1, kind: PartKind::Text(String::new()) },
            Event::Stop(Stop::EndTurn),
            Event::End,
        ]))
    };
    let unsigned = stream(None);
    assert_eq!((&unsigned[1]["index"], &unsigned[1]["content_block"]["type"]), (&json!(0), &json!("text")));
    let signed = stream(Some(""));
    assert_eq!(signed[1]["content_block"], json!({"type": "thinking", "thinking": "", "signature": ""}));
    assert_eq!(signed[3]["delta"], json!({"type": "signature_delta", "signature": "s"}));
}

#[test]
fn foreign_parts_are_only_shown_to_their_own() {
    let foreign =
        |dialect| PartKind::Foreign { dialect, name: "x".into(), json: Json::verbatim(r#"{"type":"x"}"#) };
    let written = payloads(&bytes(&[
        start(),
        Event::Open { index: 0, kind: foreign(Dialect::OpenaiChat) },
        Event::Close { index: 0 },
        Event::Open { index: 1, kind: foreign(Dialect::AnthropicMessages) },
        Event::Close { index: 1 },
        Event::End,
    ]));
    assert_eq!((&written[1]["index"], &written[1]["content_block"]), (&json!(0), &json!({"type": "x"})));
    assert_eq!(written.len(), 5);
}

#[test]
fn a_failure_is_an_event_even_before_the_beginning() {
    let failure = || Event::Failed(Refusal::provider(Kind::Overloaded, Retry::Maybe, "busy"));
    for before in [vec![failure()], vec![start(), failure(), Event::End, Event::Ping]] {
        let text = String::from_utf8(bytes(&before)).unwrap();
        assert!(text.starts_with("event: error\ndata: "), "{text}");
        let written = payloads(text.as_bytes());
        assert_eq!(written.len(), 1);
        assert_eq!(
            written[0],
            json!({"type": "error", "error": {"type": "overloaded_error", "message": "busy"}, "request_id": "01R"})
        );
    }
}

#[test]
fn a_ping_is_the_keep_alive() {
    assert_eq!(bytes(&[Event::Ping]), &super::super::stream::keep_alive()[..]);
    assert!(matches!(events(&super::super::stream::keep_alive())[0], Event::Ping));
}
