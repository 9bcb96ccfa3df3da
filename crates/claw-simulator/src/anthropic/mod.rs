//! Anthropic Messages, in the API versions 2023-06-01 and 2026-10-21. It must not know the other vendors.
//!
//! <https://platform.claude.com/docs/en/api/messages>

mod content;
mod error;
mod messages;
mod reply;
mod request;
mod stream;
mod tools;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::State;
use crate::asked::Asked;
use crate::fields;
use crate::route::Operation;
use crate::script::Script;
use crate::vendor::Vendor;
use crate::wire::{Head, Refusal, Wire, Writer, set_header, to_json};

/// How Anthropic speaks.
pub(crate) struct Anthropic;

impl Wire for Anthropic {
    fn authorise(&self, head: &Head<'_>, key: &str, _secret: Option<&str>) -> Result<(), Refusal> {
        let bearer = head.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        match head.header("x-api-key").or(bearer) {
            None => Err(error::no_key()),
            Some(given) if given != key => Err(error::wrong_key()),
            Some(_) => Ok(()),
        }
    }

    fn model(&self, head: &Head<'_>, body: &Value) -> Result<String, Refusal> {
        request::version(head)?;
        match body.get("model") {
            None => Err(error::invalid("model: Field required")),
            Some(_) => fields::text(body, "model")
                .map(str::to_owned)
                .ok_or_else(|| error::invalid("model: Input should be a valid string")),
        }
    }

    fn read(&self, head: &Head<'_>, model: &str, body: &Value) -> Result<Asked, Refusal> {
        request::read(head, model, body)
    }

    fn broken_body(&self, error: &serde_json::Error) -> Refusal {
        error::invalid(format!("The request body is not valid JSON: {error}"))
    }

    fn too_large(&self) -> Refusal {
        error::of_status(413, "")
    }

    fn unknown_model(&self, model: &str) -> Refusal {
        error::of_status(404, model)
    }

    fn failure(&self, status: u16, model: &str) -> Refusal {
        error::of_status(status, model)
    }

    fn nowhere(&self, _method: &str, _path: &str) -> Refusal {
        Refusal::new(404, "not_found_error", "Not Found")
    }

    fn refusal(&self, refusal: &Refusal, sequence: u64) -> Vec<u8> {
        to_json(&error::body(refusal, &request_id(sequence)))
    }

    fn headers(&self, sequence: u64, headers: &mut HeaderMap) {
        set_header(headers, "request-id", &request_id(sequence));
        for (name, value) in HEADERS {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
    }

    fn refusal_headers(&self, refusal: &Refusal, headers: &mut HeaderMap) {
        let may_help = refusal.status == 429 || refusal.status >= 500;
        let verdict = HeaderValue::from_static(if may_help { "true" } else { "false" });
        headers.insert(HeaderName::from_static("x-should-retry"), verdict);
    }

    fn content_type(&self, is_stream: bool) -> &'static str {
        if is_stream { "text/event-stream; charset=utf-8" } else { "application/json" }
    }

    fn reply(&self, script: &Script) -> Vec<u8> {
        reply::whole(script)
    }

    fn writer(&self, _script: &Script) -> Box<dyn Writer> {
        Box::new(stream::Events::default())
    }

    fn token_count(&self, tokens: u64) -> Vec<u8> {
        to_json(&json!({ "input_tokens": tokens }))
    }

    fn lookup(&self, state: &State, operation: &Operation, _body: &Value) -> Result<Vec<u8>, Refusal> {
        let models = state.options.models.iter().filter(|(vendor, _)| *vendor == Vendor::Anthropic);
        let mut names = models.map(|(_, name)| name.as_str());
        if let Operation::Model(wanted) = operation {
            let found = names.find(|name| name == wanted).ok_or_else(|| error::of_status(404, wanted))?;
            return Ok(to_json(&model_info(found)));
        }
        let names: Vec<_> = names.collect();
        let data: Vec<_> = names.iter().map(|name| model_info(name)).collect();
        let (first, last) = (names.first(), names.last());
        Ok(to_json(&json!({ "data": data, "has_more": false, "first_id": first, "last_id": last })))
    }
}

/// What every answer carries, as recorded from the real API.
const HEADERS: [(&str, &str); 7] = [
    ("anthropic-organization-id", "00000000-0000-4000-8000-000000000000"),
    ("anthropic-ratelimit-requests-limit", "4000"),
    ("anthropic-ratelimit-requests-remaining", "3999"),
    ("anthropic-ratelimit-requests-reset", "2026-01-01T00:00:00Z"),
    ("anthropic-ratelimit-tokens-limit", "2400000"),
    ("anthropic-ratelimit-tokens-remaining", "2400000"),
    ("anthropic-ratelimit-tokens-reset", "2026-01-01T00:00:00Z"),
];

fn model_info(name: &str) -> Value {
    json!({
        "type": "model",
        "id": name,
        "display_name": name,
        "created_at": "2026-01-01T00:00:00Z",
        "lifecycle": "active",
        "max_input_tokens": 200_000,
        "max_tokens": 64_000,
    })
}

fn request_id(sequence: u64) -> String {
    format!("req_sim{sequence:021}")
}

fn message_id(script: &Script) -> String {
    format!("msg_sim{:021}", script.sequence)
}
