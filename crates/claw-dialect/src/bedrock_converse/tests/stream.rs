//! Streams.

use claw_hub::{Delta, Event, Kind, PartKind, Refusal, Retry, Start, Stop, Thought, Usage};
use serde_json::{Value, json};

use super::{bytes, events, frame, frames, payloads, wire};
use crate::frame::{FrameKind, encode_event_stream};
use crate::sequence::{assert_well_formed, gist};

fn fixture() -> Vec<u8> {
    let path = format!("{}/fixtures/bedrock_converse/stream_tools.lines", env!("CARGO_MANIFEST_DIR"));
    let mut out = Vec::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let (name, payload) = line.split_once(' ').unwrap();
        frame(name, &serde_json::from_str(payload).unwrap(), &mut out);
    }
    out
}

fn delta(index: usize, delta: &Value) -> (&'static str, Value) {
    ("contentBlockDelta", json!({"contentBlockIndex": index, "delta": delta}))
}

fn message_start() -> (&'static str, Value) {
    ("messageStart", json!({"role": "assistant"}))
}

fn message_stop() -> (&'static str, Value) {
    ("messageStop", json!({"stopReason": "end_turn"}))
}

fn metadata() -> (&'static str, Value) {
    (
        "metadata",
        json!({"usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}, "metrics": {"latencyMs": 1}}),
    )
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

fn failure(bytes: &[u8]) -> Refusal {
    match events(bytes).pop() {
        Some(Event::Failed(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_stream_of_every_kind_of_block_is_read() {
    let read = events(&fixture());
    assert_well_formed("fixture", &read);
    assert_eq!(texts(&read), ["Two calls.", "", "Grüße, \"B+\"\n", "{\"point\": \"B+\"}", "{}"]);
    let redacted = |event: &Event| matches!(event, Event::Open { index: 1, kind: PartKind::Thinking(Thought { redacted: Some(data), .. }) } if data == "c2VjcmV0");
    assert!(read.iter().any(redacted));
    assert!(read.iter().any(|event| matches!(event, Event::Stop(Stop::ToolUse))));
    assert!(read.iter().any(|event| matches!(event, Event::Usage(usage) if usage.total() == 157)));
    assert!(matches!(read.last(), Some(Event::End)));
    assert_eq!(gist(&events(&bytes(&read))), gist(&read));
}

#[test]
fn a_block_may_begin_with_its_first_delta_and_change_its_kind() {
    let read = events(&wire(&[
        delta(0, &json!({"reasoningContent": {"text": "a"}})),
        delta(0, &json!({"text": "b"})),
        delta(0, &json!({"toolUse": {"input": "lost"}})),
        delta(1, &json!({"text": "c"})),
        delta(1, &json!({"tomorrow": 1})),
        ("contentBlockStop", json!({"contentBlockIndex": 9})),
        ("tomorrow", json!({})),
        message_stop(),
        delta(2, &json!({"text": "late"})),
        metadata(),
        metadata(),
    ]));
    assert_well_formed("careless", &read);
    assert_eq!(texts(&read), ["a", "b", "c"]);
    assert!(matches!(read.last(), Some(Event::End)));
}

#[test]
fn blocks_of_unknown_kinds_are_passed_over() {
    let read = events(&wire(&[
        message_start(),
        ("contentBlockStart", json!({"contentBlockIndex": 0, "start": {"image": {"format": "png"}}})),
        delta(0, &json!({"image": {"source": {"bytes": "eA=="}}})),
        delta(0, &json!({"text": "not a text"})),
        ("contentBlockStop", json!({"contentBlockIndex": 0})),
        (
            "contentBlockStart",
            json!({"contentBlockIndex": 1, "start": {"toolUse": {"toolUseId": "s", "name": "n", "type": "server_tool_use"}}}),
        ),
        ("contentBlockStop", json!({"contentBlockIndex": 1})),
        delta(2, &json!({"text": "x"})),
        message_stop(),
        metadata(),
    ]));
    assert_well_formed("unknown", &read);
    assert_eq!(texts(&read), ["x"]);
}

#[test]
fn the_end_is_metadata_or_the_end_of_the_bytes_after_the_stop() {
    let read = events(&wire(&[message_start(), message_stop()]));
    assert_well_formed("without metadata", &read);
    assert!(matches!(read.last(), Some(Event::End)));
    let read = events(&wire(&[message_start(), metadata(), message_stop()]));
    assert_well_formed("metadata first", &read);
    assert!(matches!(read.last(), Some(Event::End)));
    for cut in [wire(&[]), wire(&[message_start()]), wire(&[message_start(), metadata()])] {
        assert_eq!(failure(&cut).kind, Kind::ProviderFailed);
    }
}

#[test]
fn exceptions_and_errors_fail() {
    let exception = |name: &str, message: &str| {
        let mut out = wire(&[message_start(), delta(0, &json!({"text": "x"}))]);
        let headers = [
            (":exception-type", name),
            (":content-type", "application/json"),
            (":message-type", "exception"),
        ];
        encode_event_stream(&headers, json!({"message": message}).to_string().as_bytes(), &mut out);
        failure(&out)
    };
    for (name, kind) in [
        ("throttlingException", Kind::RateLimited),
        ("modelStreamErrorException", Kind::ProviderFailed),
        ("internalServerException", Kind::ProviderFailed),
        ("serviceUnavailableException", Kind::Overloaded),
        ("validationException", Kind::Malformed),
        ("modelTimeoutException", Kind::Deadline),
        ("tomorrowException", Kind::ProviderFailed),
    ] {
        let refusal = exception(name, "why");
        assert_eq!((refusal.kind, refusal.message.as_str()), (kind, "why"));
    }
    assert_eq!(exception("validationException", "Input is too long.").kind, Kind::ContextTooLong);
    let mut out = Vec::new();
    let headers = [(":message-type", "error"), (":error-code", "InternalError"), (":error-message", "why")];
    encode_event_stream(&headers, b"", &mut out);
    assert_eq!(failure(&out).kind, Kind::ProviderFailed);
    let mut broken = Vec::new();
    encode_event_stream(&[(":event-type", "messageStart"), (":message-type", "event")], b"{", &mut broken);
    assert_eq!(failure(&broken).kind, Kind::ProviderFailed);
}

#[test]
fn no_more_than_so_many_blocks_are_open() {
    let mut sent = vec![message_start()];
    sent.extend((0..500).map(|n| delta(n, &json!({"text": "x"}))));
    sent.extend([message_stop(), metadata()]);
    let read = events(&wire(&sent));
    assert_well_formed("many", &read);
    assert_eq!(texts(&read).len(), 500);
}

fn start() -> Event {
    Event::Start(Start::default())
}

#[test]
fn the_skeleton_is_what_boto_needs() {
    let usage = Usage { input_fresh: 3, cache_read: 2, output: 4, ..Usage::default() };
    let call = PartKind::ToolCall { id: "call_1".into(), name: "f".into(), arguments: String::new() };
    let written = bytes(&[
        start(),
        Event::Open { index: 0, kind: PartKind::Text(String::new()) },
        Event::More { index: 0, delta: Delta::Text("hi".into()) },
        Event::Close { index: 0 },
        Event::Open { index: 1, kind: call },
        Event::More { index: 1, delta: Delta::Arguments("{}".into()) },
        Event::Stop(Stop::ToolUse),
        Event::Usage(usage),
        Event::End,
    ]);
    assert_eq!(
        payloads(&written),
        [
            ("messageStart".to_owned(), json!({"role": "assistant"})),
            ("contentBlockDelta".to_owned(), json!({"contentBlockIndex": 0, "delta": {"text": "hi"}})),
            ("contentBlockStop".to_owned(), json!({"contentBlockIndex": 0})),
            (
                "contentBlockStart".to_owned(),
                json!({"contentBlockIndex": 1, "start": {"toolUse": {"toolUseId": "call_1", "name": "f"}}})
            ),
            (
                "contentBlockDelta".to_owned(),
                json!({"contentBlockIndex": 1, "delta": {"toolUse": {"input": "{}"}}})
            ),
            ("contentBlockStop".to_owned(), json!({"contentBlockIndex": 1})),
            ("messageStop".to_owned(), json!({"stopReason": "tool_use"})),
            (
                "metadata".to_owned(),
                json!({"usage": {"inputTokens": 3, "outputTokens": 4, "totalTokens": 9, "cacheReadInputTokens": 2,
                    "cacheWriteInputTokens": 0}, "metrics": {"latencyMs": 0}})
            ),
        ]
    );
}

#[test]
fn parts_that_cannot_be_said_leave_no_gap() {
    let foreign = PartKind::Foreign {
        dialect: claw_hub::Dialect::AnthropicMessages,
        name: "server_tool_use".into(),
        json: claw_hub::Json::verbatim("{}"),
    };
    let written = payloads(&bytes(&[
        start(),
        Event::Open { index: 0, kind: foreign },
        Event::Close { index: 0 },
        Event::Open { index: 1, kind: PartKind::Refusal(String::new()) },
        Event::More { index: 1, delta: Delta::Refusal("no".into()) },
        Event::End,
    ]));
    assert_eq!(written[1].1, json!({"contentBlockIndex": 0, "delta": {"text": "no"}}));
    assert_eq!(written[3], ("messageStop".to_owned(), json!({"stopReason": "end_turn"})));
}

#[test]
fn a_failure_is_an_exception_frame_even_before_the_beginning() {
    for (kind, name) in [
        (Kind::RateLimited, "throttlingException"),
        (Kind::Overloaded, "serviceUnavailableException"),
        (Kind::ProviderFailed, "modelStreamErrorException"),
        (Kind::ContextTooLong, "validationException"),
        (Kind::Internal, "internalServerException"),
    ] {
        let written = bytes(&[Event::Failed(Refusal::provider(kind, Retry::Maybe, "why")), Event::End]);
        let [exception] = frames(&[&written]).try_into().unwrap();
        assert_eq!((exception.kind, exception.name.as_str()), (FrameKind::Exception, name));
        let message = if kind == Kind::ContextTooLong { "Input is too long." } else { "why" };
        assert_eq!(serde_json::from_slice::<Value>(&exception.data).unwrap(), json!({"message": message}));
    }
}

#[test]
fn a_ping_is_the_keep_alive_and_says_nothing() {
    assert_eq!(bytes(&[Event::Ping]), &super::super::stream::keep_alive()[..]);
    let mut stream = super::super::stream::keep_alive().to_vec();
    stream.extend(wire(&[message_start(), message_stop(), metadata()]));
    let read = events(&stream);
    assert_well_formed("kept alive", &read);
    assert!(matches!(read.last(), Some(Event::End)));
}
