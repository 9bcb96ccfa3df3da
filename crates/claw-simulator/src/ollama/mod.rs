//! Ollama's native API. It must not know the other vendors.
//!
//! <https://github.com/ollama/ollama/blob/main/docs/api.md>

mod clock;
mod error;
mod models;
mod reply;
mod request;
mod stream;

use http::HeaderMap;
use serde_json::{Value, json};

use crate::State;
use crate::asked::Asked;
use crate::fields;
use crate::route::Operation;
use crate::script::Script;
use crate::wire::{Head, Refusal, Wire, Writer, to_json};

const VERSION: &str = "0.20.0";

/// How Ollama speaks.
pub(crate) struct Ollama;

impl Wire for Ollama {
    fn authorise(&self, head: &Head<'_>, key: &str, _secret: Option<&str>) -> Result<(), Refusal> {
        let given = head.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        if given == Some(key) { Ok(()) } else { Err(Refusal::new(401, "unauthorized", "unauthorized")) }
    }

    fn model(&self, _head: &Head<'_>, body: &Value) -> Result<String, Refusal> {
        let name = fields::text(body, "model").filter(|name| !name.is_empty());
        name.map(str::to_owned).ok_or_else(|| error::invalid("model is required"))
    }

    fn read(&self, _head: &Head<'_>, model: &str, body: &Value) -> Result<Asked, Refusal> {
        request::read(model, body)
    }

    fn broken_body(&self, error: &serde_json::Error) -> Refusal {
        error::invalid(format!("invalid JSON: {error}"))
    }

    fn too_large(&self) -> Refusal {
        Refusal::new(413, "too large", "request body too large")
    }

    fn unknown_model(&self, model: &str) -> Refusal {
        error::unknown_model(model)
    }

    fn failure(&self, status: u16, model: &str) -> Refusal {
        error::of_status(status, model)
    }

    fn nowhere(&self, _method: &str, _path: &str) -> Refusal {
        Refusal::new(404, "not found", "404 page not found")
    }

    fn refusal(&self, refusal: &Refusal, _sequence: u64) -> Vec<u8> {
        to_json(&error::body(refusal))
    }

    fn headers(&self, _sequence: u64, _headers: &mut HeaderMap) {}

    fn refusal_headers(&self, _refusal: &Refusal, _headers: &mut HeaderMap) {}

    fn content_type(&self, is_stream: bool) -> &'static str {
        if is_stream { "application/x-ndjson" } else { "application/json; charset=utf-8" }
    }

    fn reply(&self, script: &Script) -> Vec<u8> {
        reply::whole(script)
    }

    fn writer(&self, _script: &Script) -> Box<dyn Writer> {
        Box::new(stream::Lines::default())
    }

    fn lookup(&self, state: &State, operation: &Operation, body: &Value) -> Result<Vec<u8>, Refusal> {
        match operation {
            Operation::Version => Ok(to_json(&json!({ "version": VERSION }))),
            Operation::Show => models::show(state, body),
            _ => Ok(models::tags(state)),
        }
    }
}
