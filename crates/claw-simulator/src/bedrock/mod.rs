//! Amazon Bedrock Converse and ConverseStream. It must not know the other vendors.
//!
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html>

mod error;
mod event_stream;
mod messages;
mod reply;
mod request;
mod sigv4;
mod stream;

use http::HeaderMap;
use serde_json::Value;

use self::sigv4::Signed;
use crate::State;
use crate::asked::Asked;
use crate::route::Operation;
use crate::script::Script;
use crate::wire::{Head, Refusal, Wire, Writer, set_header, to_json};

/// How Bedrock speaks.
pub(crate) struct Bedrock;

impl Wire for Bedrock {
    fn authorise(&self, head: &Head<'_>, key: &str, secret: Option<&str>) -> Result<(), Refusal> {
        let given = head.header("authorization").ok_or_else(error::no_key)?;
        if let Some(bearer) = given.strip_prefix("Bearer ") {
            return if bearer == key { Ok(()) } else { Err(error::wrong_key()) };
        }
        let signed = Signed::read(given)?;
        if signed.access_key != key {
            return Err(error::wrong_key());
        }
        secret.map_or(Ok(()), |secret| signed.verify(head, secret))
    }

    fn model(&self, head: &Head<'_>, _body: &Value) -> Result<String, Refusal> {
        match head.operation {
            Operation::ReplyOf { model, .. } => Ok(model.clone()),
            _ => Err(error::unknown_operation()),
        }
    }

    fn read(&self, head: &Head<'_>, model: &str, body: &Value) -> Result<Asked, Refusal> {
        request::read(head, model, body)
    }

    fn broken_body(&self, _error: &serde_json::Error) -> Refusal {
        error::broken_body()
    }

    fn too_large(&self) -> Refusal {
        Refusal::new(413, "RequestEntityTooLargeException", "Request body is too large.")
    }

    fn unknown_model(&self, _model: &str) -> Refusal {
        error::invalid("The provided model identifier is invalid.")
    }

    fn failure(&self, status: u16, _model: &str) -> Refusal {
        error::of_status(status)
    }

    fn nowhere(&self, _method: &str, _path: &str) -> Refusal {
        error::unknown_operation()
    }

    fn refusal(&self, refusal: &Refusal, _sequence: u64) -> Vec<u8> {
        to_json(&error::body(refusal))
    }

    fn headers(&self, sequence: u64, headers: &mut HeaderMap) {
        set_header(headers, "x-amzn-requestid", &format!("00000000-0000-4000-8000-{sequence:012}"));
    }

    fn refusal_headers(&self, refusal: &Refusal, headers: &mut HeaderMap) {
        let kind = format!("{}:http://internal.amazon.com/coral/com.amazon.bedrock/", refusal.kind);
        set_header(headers, "x-amzn-errortype", &kind);
    }

    fn content_type(&self, is_stream: bool) -> &'static str {
        if is_stream { "application/vnd.amazon.eventstream" } else { "application/json" }
    }

    fn reply(&self, script: &Script) -> Vec<u8> {
        reply::whole(script)
    }

    fn writer(&self, _script: &Script) -> Box<dyn Writer> {
        Box::new(stream::Frames::default())
    }

    fn lookup(&self, _state: &State, _operation: &Operation, _body: &Value) -> Result<Vec<u8>, Refusal> {
        Err(error::unknown_operation())
    }
}
