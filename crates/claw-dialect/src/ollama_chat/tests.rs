//! The dialect's tests: one file for each direction, the recorded corpus, and chance.

use std::sync::Arc;

use bytes::Bytes;
use claw_hub::{Dialect, Losses, ModelFacts, Refusal, Request, Target};
use serde_json::Value;

mod chance;
mod recorded;
mod refusal;
mod reply;
mod request_decode;
mod request_encode;
mod stream;

fn target(facts: ModelFacts) -> Target {
    Target {
        provider: "p".into(),
        model: "target-model".into(),
        dialect: Dialect::OllamaChat,
        facts: Arc::new(facts),
    }
}

fn decode(body: &str) -> Request {
    super::request::decode(&Bytes::from(body.to_owned()))
        .unwrap_or_else(|refusal| panic!("{refusal:?}: {body}"))
}

fn decode_error(body: &str) -> Refusal {
    super::request::decode(&Bytes::from(body.to_owned())).unwrap_err()
}

fn encode_for(request: &Request, facts: ModelFacts) -> (Value, Losses) {
    let mut losses = Losses::default();
    let body = super::request::encode(request, &target(facts), &mut losses).unwrap();
    (serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{error}: {}", body.escape_ascii())), losses)
}

fn encode(request: &Request) -> (Value, Losses) {
    encode_for(request, ModelFacts::default())
}

fn lost(losses: &Losses) -> Vec<String> {
    losses.as_slice().iter().map(ToString::to_string).collect()
}

/// The request as it is when it has been written and read once more, with the name of the model put back.
fn again(request: &Request) -> Request {
    let mut losses = Losses::default();
    let body = super::request::encode(request, &target(ModelFacts::default()), &mut losses).unwrap();
    assert!(losses.is_empty(), "{losses}");
    let mut back = super::request::decode(&body.into()).unwrap();
    back.model.clone_from(&request.model);
    back.raw = None;
    back
}
