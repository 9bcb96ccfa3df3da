//! Tests of the dialect: traps by hand, the recorded corpus, and whatever chance brings.

mod chance;
mod recorded;
mod refusal;
mod reply;
mod request;
mod settings;
mod stream;

use std::sync::Arc;

use bytes::Bytes;
use claw_hub::{Dialect, Event, Losses, ModelFacts, Request, Target};
use serde_json::Value;

use crate::codec::{Said, StreamDecoder, StreamEncoder};
use crate::frame::Framer;

/// A target of this dialect with these facts.
fn target(facts: ModelFacts) -> Target {
    Target {
        provider: "anthropic".into(),
        model: "claude-x".into(),
        dialect: Dialect::AnthropicMessages,
        facts: Arc::new(facts),
    }
}

fn decode(json: &Value) -> Request {
    super::request::decode(&Bytes::from(json.to_string())).unwrap()
}

/// What is sent, and what was lost on the way.
fn encode(request: &Request, facts: ModelFacts) -> (Value, String) {
    let mut losses = Losses::default();
    let body = super::request::encode(request, &target(facts), &mut losses).unwrap();
    (serde_json::from_slice(&body).unwrap(), losses.to_string())
}

fn said() -> Said {
    Said {
        request_id: "01R".to_owned(),
        model: "the-model".to_owned(),
        created_unix_s: 1_700_000_000,
        include_usage: true,
    }
}

/// The events of a stream's bytes.
fn events(bytes: &[u8]) -> Vec<Event> {
    let mut framer = Framer::new(Dialect::AnthropicMessages);
    let mut decoder = StreamDecoder::new(Dialect::AnthropicMessages);
    let mut events = Vec::new();
    framer.push(bytes);
    while let Some(frame) = framer.next_frame().unwrap() {
        decoder.frame(&frame, &mut events);
    }
    decoder.finish(&mut events);
    events
}

/// The bytes of events.
fn bytes(events: &[Event]) -> Vec<u8> {
    let mut encoder = StreamEncoder::new(Dialect::AnthropicMessages, said());
    let mut out = Vec::new();
    for event in events {
        encoder.event(event, &mut out);
    }
    out
}

/// The payloads of a stream's bytes.
fn payloads(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Server-sent events of these payloads.
fn sse(payloads: &[Value]) -> Vec<u8> {
    payloads.iter().map(|payload| format!("data: {payload}\n\n")).collect::<String>().into_bytes()
}
