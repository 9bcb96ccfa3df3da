//! Streams, both ways.

use claw_hub::{Dialect, Event, Kind, PartKind, Refusal, Retry, Start, Stop};

use crate::sequence::assert_well_formed;
use crate::streamed::{decode, encode, said};

fn written(events: &[Event]) -> String {
    String::from_utf8(encode(Dialect::OpenclawChat, said(), events)).unwrap()
}

fn failure(bytes: &str) -> Refusal {
    let mut events = decode(Dialect::OpenclawChat, bytes.as_bytes(), &[]);
    assert_well_formed(bytes, &events);
    match events.pop() {
        Some(Event::Failed(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

const START: &str = "event: start\ndata: {\"id\":\"i\",\"model\":\"m\"}\n\n";
const OPEN: &str = "event: open\ndata: {\"index\":0,\"type\":\"text\"}\n\n";

#[test]
fn a_failure_is_an_error_event() {
    let failure = || Event::Failed(Refusal::provider(Kind::Overloaded, Retry::Maybe, "busy"));
    let error = "event: error\ndata: {\"error\":{\"kind\":\"overloaded\",\"message\":\"busy\",\"param\":null,\"code\":null,\"retry\":true,\"retry_after_s\":null,\"request_id\":\"01J\"}}\n\n";
    assert_eq!(written(&[failure(), Event::End]), error, "before the start, and the last one");
    let events = [Event::Start(Start::default()), Event::Ping, failure()];
    assert_eq!(
        written(&events),
        format!("event: start\ndata: {{\"id\":\"01J\",\"model\":\"model-said\"}}\n\n: keep-alive\n\n{error}")
    );
}

#[test]
fn what_the_decoder_left_out_is_made_up_for() {
    let kind = || PartKind::Text(String::new());
    let events = [
        Event::Open { index: 0, kind: kind() },
        Event::Open { index: 1, kind: kind() },
        Event::Close { index: 7 },
        Event::Stop(Stop::MaxTokens),
        Event::Stop(Stop::EndTurn),
        Event::End,
        Event::Ping,
    ];
    let bytes = written(&events);
    assert_eq!(bytes.matches("event: close").count(), 2);
    assert_eq!(bytes.matches("event: stop").count(), 1);
    let back = decode(Dialect::OpenclawChat, bytes.as_bytes(), &[]);
    assert_well_formed("made up for", &back);
    assert!(matches!(back.last(), Some(Event::End)));
    assert!(written(&[Event::End]).contains("\"stop\":\"end_turn\""));
}

#[test]
fn a_stream_that_breaks_its_promises_fails() {
    for rest in [
        String::new(),
        START.to_owned(),
        OPEN.replace("\"index\":0", "\"index\":1"),
        OPEN.replace("text", "video"),
        "event: delta\ndata: {\"index\":0,\"type\":\"text\",\"text\":\"a\"}\n\n".to_owned(),
        format!("{OPEN}event: delta\ndata: {{\"index\":0,\"type\":\"smell\",\"text\":\"a\"}}\n\n"),
        format!("{OPEN}event: stop\ndata: {{\"stop\":\"end_turn\"}}\n\n"),
        "event: end\ndata: {}\n\n".to_owned(),
        "event: usage\ndata: {\"input\":1}\n\n".to_owned(),
        "event: error\ndata: {}\n\n".to_owned(),
        "data: not json\n\n".to_owned(),
    ] {
        assert_eq!(failure(&format!("{START}{rest}")).kind, Kind::ProviderFailed, "{rest}");
    }
    assert_eq!(failure(OPEN).kind, Kind::ProviderFailed, "nothing comes before the start");
}

#[test]
fn events_of_later_versions_are_passed_over() {
    let bytes = format!(
        "{START}event: news\ndata: {{}}\n\n: c\n\nevent: stop\ndata: {{\"stop\":\"pause\"}}\n\nevent: end\ndata: {{}}\n\nevent: start\ndata: {{}}\n\n"
    );
    let events = decode(Dialect::OpenclawChat, bytes.as_bytes(), &[]);
    assert_well_formed("news", &events);
    assert!(matches!(events.last(), Some(Event::End)));
}
