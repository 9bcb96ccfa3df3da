//! The dialect's tests: its document, its requests, its replies and streams, and chance.

use std::sync::Arc;

use bytes::Bytes;
use claw_hub::{Dialect, Losses, ModelFacts, Refusal, Request, Target};

mod chance;
mod document;
mod reply;
mod request;
mod stream;

fn decode(body: &str) -> Result<Request, Refusal> {
    super::request::decode(&Bytes::from(body.to_owned()))
}

fn encode(request: &Request, losses: &mut Losses) -> Result<Vec<u8>, Refusal> {
    let target = Target {
        provider: "p".into(),
        model: request.model.as_str().into(),
        dialect: Dialect::OpenclawChat,
        facts: Arc::new(ModelFacts::default()),
    };
    super::request::encode(request, &target, losses)
}

/// The request as it is when it has been written and read once more.
fn again(request: &Request) -> Request {
    let mut losses = Losses::default();
    let body = encode(request, &mut losses).unwrap();
    assert!(losses.is_empty(), "{losses}");
    let back = super::request::decode(&body.into()).unwrap();
    Request { raw: None, ..back }
}
