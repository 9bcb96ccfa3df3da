//! OpenAI Chat Completions. It must not know the other vendors.
//!
//! <https://platform.openai.com/docs/api-reference/chat>

mod error;
mod messages;
mod params;
mod reply;
mod request;
mod stream;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::State;
use crate::asked::Asked;
use crate::fields;
use crate::route::Operation;
use crate::script::Script;
use crate::vendor::Vendor;
use crate::wire::{Head, Refusal, Wire, Writer, set_header, to_json};

/// 2026-01-01, when everything here was made: replies are the same on every day.
const EPOCH_SECONDS: u64 = 1_767_225_600;

/// How OpenAI speaks.
pub(crate) struct OpenAi;

impl Wire for OpenAi {
    fn authorise(&self, head: &Head<'_>, key: &str, _secret: Option<&str>) -> Result<(), Refusal> {
        match head.header("authorization").and_then(|value| value.strip_prefix("Bearer ")) {
            None => Err(error::no_key()),
            Some(given) if given != key => Err(error::wrong_key(given)),
            Some(_) => Ok(()),
        }
    }

    fn model(&self, _head: &Head<'_>, body: &Value) -> Result<String, Refusal> {
        fields::text(body, "model").map(str::to_owned).ok_or_else(error::no_model)
    }

    fn read(&self, _head: &Head<'_>, model: &str, body: &Value) -> Result<Asked, Refusal> {
        request::read(model, body)
    }

    fn broken_body(&self, _error: &serde_json::Error) -> Refusal {
        error::broken_body()
    }

    fn too_large(&self) -> Refusal {
        error::too_large()
    }

    fn unknown_model(&self, model: &str) -> Refusal {
        error::unknown_model(model)
    }

    fn failure(&self, status: u16, model: &str) -> Refusal {
        error::of_status(status, model)
    }

    fn nowhere(&self, method: &str, path: &str) -> Refusal {
        error::nowhere(method, path)
    }

    fn refusal(&self, refusal: &Refusal, _sequence: u64) -> Vec<u8> {
        to_json(&error::body(refusal))
    }

    fn headers(&self, sequence: u64, headers: &mut HeaderMap) {
        set_header(headers, "x-request-id", &format!("req_sim{sequence:029}"));
        for (name, value) in HEADERS {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
    }

    fn refusal_headers(&self, _refusal: &Refusal, _headers: &mut HeaderMap) {}

    fn content_type(&self, is_stream: bool) -> &'static str {
        if is_stream { "text/event-stream; charset=utf-8" } else { "application/json" }
    }

    fn reply(&self, script: &Script) -> Vec<u8> {
        reply::whole(script)
    }

    fn writer(&self, script: &Script) -> Box<dyn Writer> {
        Box::new(stream::Chunks::new(script))
    }

    fn lookup(&self, state: &State, operation: &Operation, _body: &Value) -> Result<Vec<u8>, Refusal> {
        let models = state.options.models.iter().filter(|(vendor, _)| *vendor == Vendor::OpenAi);
        let describe = |name: &str| json!({ "id": name, "object": "model", "created": EPOCH_SECONDS, "owned_by": "simulator" });
        match operation {
            Operation::Model(wanted) => {
                let mut models = models.filter(|(_, name)| name == wanted);
                models
                    .next()
                    .map(|(_, name)| to_json(&describe(name)))
                    .ok_or_else(|| error::unknown_model(wanted))
            }
            _ => {
                let data: Vec<_> = models.map(|(_, name)| describe(name)).collect();
                Ok(to_json(&json!({ "object": "list", "data": data })))
            }
        }
    }
}

/// What every answer carries, as recorded from the real API.
const HEADERS: [(&str, &str); 10] = [
    ("openai-version", "2020-10-01"),
    ("openai-organization", "org-simulator"),
    ("openai-processing-ms", "1"),
    ("access-control-expose-headers", "X-Request-ID"),
    ("x-ratelimit-limit-requests", "10000"),
    ("x-ratelimit-limit-tokens", "2000000"),
    ("x-ratelimit-remaining-requests", "9999"),
    ("x-ratelimit-remaining-tokens", "1999000"),
    ("x-ratelimit-reset-requests", "6ms"),
    ("x-ratelimit-reset-tokens", "30ms"),
];

/// The id of a reply.
fn reply_id(script: &Script) -> String {
    format!("chatcmpl-sim{:026}", script.sequence)
}

/// When a reply was made, in seconds since 1970.
fn created(script: &Script) -> u64 {
    EPOCH_SECONDS + script.sequence
}
