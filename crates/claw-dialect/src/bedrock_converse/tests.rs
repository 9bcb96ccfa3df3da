//! Tests of the dialect: traps by hand, the recorded corpus, and whatever chance brings.

mod chance;
mod conversation;
mod recorded;
mod refusal;
mod reply;
mod settings;
mod stream;
mod tools;

use std::sync::Arc;

use bytes::Bytes;
use claw_hub::{Dialect, Event, Losses, ModelFacts, Request, Target};
use serde_json::Value;

use crate::codec::{Asked, Said, StreamDecoder, StreamEncoder};
use crate::frame::{Frame, Framer, encode_event_stream};

const CLAUDE: &str = "us.anthropic.claude-x-v1:0";

/// A target of this dialect with these facts.
fn target(model: &str, facts: ModelFacts) -> Target {
    Target {
        provider: "bedrock".into(),
        model: model.into(),
        dialect: Dialect::BedrockConverse,
        facts: Arc::new(facts),
    }
}

fn decode(model: &str, json: &Value) -> Request {
    let asked = Asked { model: Some(model.to_owned()), stream: Some(false) };
    super::request::decode(&Bytes::from(json.to_string()), &asked).unwrap()
}

/// What is sent, and what was lost on the way.
fn encode(request: &Request, to: &Target) -> (Value, String) {
    let mut losses = Losses::default();
    let body = super::request::encode(request, to, &mut losses).unwrap();
    (serde_json::from_slice(&body).unwrap(), losses.to_string())
}

/// What is sent to Claude with the default facts.
fn to_claude(request: &Request) -> (Value, String) {
    encode(request, &target(CLAUDE, ModelFacts::default()))
}

fn said() -> Said {
    Said {
        request_id: "01R".to_owned(),
        model: "the-model".to_owned(),
        created_unix_s: 1_700_000_000,
        include_usage: true,
    }
}

/// The bytes of one event.
fn frame(name: &str, payload: &Value, out: &mut Vec<u8>) {
    let headers = [(":event-type", name), (":content-type", "application/json"), (":message-type", "event")];
    encode_event_stream(&headers, payload.to_string().as_bytes(), out);
}

/// The bytes of events with these names and payloads.
fn wire(events: &[(&str, Value)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, payload) in events {
        frame(name, payload, &mut out);
    }
    out
}

fn frames(pieces: &[&[u8]]) -> Vec<Frame> {
    let mut framer = Framer::new(Dialect::BedrockConverse);
    let mut frames = Vec::new();
    for piece in pieces {
        framer.push(piece);
        while let Some(frame) = framer.next_frame().unwrap() {
            frames.push(frame);
        }
    }
    frames
}

/// The events of a stream's bytes.
fn events(bytes: &[u8]) -> Vec<Event> {
    let mut decoder = StreamDecoder::new(Dialect::BedrockConverse);
    let mut events = Vec::new();
    frames(&[bytes]).iter().for_each(|frame| decoder.frame(frame, &mut events));
    decoder.finish(&mut events);
    events
}

/// The bytes of events.
fn bytes(events: &[Event]) -> Vec<u8> {
    let mut encoder = StreamEncoder::new(Dialect::BedrockConverse, said());
    let mut out = Vec::new();
    events.iter().for_each(|event| encoder.event(event, &mut out));
    out
}

/// The names and payloads of a stream's bytes.
fn payloads(bytes: &[u8]) -> Vec<(String, Value)> {
    let read = |frame: Frame| (frame.name, serde_json::from_slice(&frame.data).unwrap());
    frames(&[bytes]).into_iter().map(read).collect()
}
