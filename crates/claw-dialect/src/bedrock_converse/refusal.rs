//! Errors, both ways. <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors>
//!
//! The exception's name stands in the header `x-amzn-errortype`, with an address after a colon; the body has only the message. Claude Code
//! knows a prompt that does not fit by the very words `Input is too long.`

use claw_hub::{Fault, Kind, Refusal, Retry};

use super::wire;
use crate::codec::Rendered;
use crate::json::{self, Node};
use crate::provider_error::{retry, scrub, whole_seconds};

const TOO_LONG: &str = "Input is too long.";

/// Writes a refusal for the caller.
pub(crate) fn encode(refusal: &Refusal, request_id: &str) -> Rendered {
    let (status, name) = wire::error_name(refusal.kind);
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("x-amzn-errortype", name.to_owned()),
        ("x-amzn-requestid", request_id.to_owned()),
    ];
    if let Retry::After(wait) = refusal.retry {
        headers.push(("retry-after", whole_seconds(wait).to_string()));
    }
    Rendered { status, headers, body: body(refusal) }
}

/// The body of an error, in a reply or in a stream.
pub(super) fn body(refusal: &Refusal) -> Vec<u8> {
    let mut body = Vec::with_capacity(128);
    let is_too_long = refusal.kind == Kind::ContextTooLong;
    json::object(&mut body, |o| o.string("message", if is_too_long { TOO_LONG } else { &refusal.message }));
    body
}

/// Reads a provider's error.
pub(crate) fn decode<'h>(status: u16, header: &dyn Fn(&str) -> Option<&'h str>, body: &[u8]) -> Refusal {
    let root = json::parse(body).ok();
    let field = |name: &str| root.as_ref().and_then(|root| root.get(name)).and_then(Node::as_str);
    let words = field("message").or_else(|| field("Message"));
    let name = header("x-amzn-errortype").or_else(|| field("__type")).map(short_name);
    let kind = name.and_then(kind_of).unwrap_or_else(|| kind_of_status(status));
    let unsaid = format!("the provider answered {status} without a reason");
    let mut refusal = build(kind, name, words, &unsaid);
    refusal.retry = retry(header, refusal.retry);
    refusal
}

/// Reads an exception or error frame of a stream.
pub(super) fn in_band(name: &str, body: &[u8]) -> Refusal {
    let root = json::parse(body).ok();
    let field = |name: &str| root.as_ref().and_then(|root| root.get(name)).and_then(Node::as_str);
    let text = std::str::from_utf8(body).ok().filter(|text| root.is_none() && !text.trim().is_empty());
    let words = field("message").or_else(|| field("Message")).or(text);
    let name = short_name(name);
    let kind = kind_of(name).unwrap_or(Kind::ProviderFailed);
    build(kind, Some(name), words, "the provider failed in the middle of its reply")
}

/// `aws.protocoltests#ValidationException:http://internal..` is `ValidationException`.
fn short_name(name: &str) -> &str {
    let name = name.split(':').next().unwrap_or_default();
    name.rsplit('#').next().unwrap_or(name).trim()
}

fn kind_of(name: &str) -> Option<Kind> {
    wire::error_kind(&name.to_ascii_lowercase())
}

fn kind_of_status(status: u16) -> Kind {
    match status {
        401 | 403 => Kind::ProviderCredential,
        402 => Kind::Billing,
        404 => Kind::NoSuchModel,
        408 | 504 => Kind::Deadline,
        413 => Kind::TooLarge,
        429 => Kind::RateLimited,
        503 => Kind::Overloaded,
        424 | 500.. => Kind::ProviderFailed,
        _ => Kind::Malformed,
    }
}

/// Some things are only said in words.
fn build(kind: Kind, name: Option<&str>, words: Option<&str>, unsaid: &str) -> Refusal {
    let says = |text: &str| words.is_some_and(|words| words.contains(text));
    let is_too_long =
        ["Input is too long", "Input Tokens Exceeded", "prompt is too long", "too many input tokens"];
    let (kind, retry, fault) = match kind {
        Kind::Malformed if is_too_long.into_iter().any(says) => {
            (Kind::ContextTooLong, Retry::Never, Fault::Caller)
        }
        Kind::Malformed if says("model identifier is invalid") || says("on-demand throughput") => {
            (Kind::NoSuchModel, Retry::Never, Fault::Caller)
        }
        Kind::Malformed | Kind::TooLarge | Kind::NoSuchModel => (kind, Retry::Never, Fault::Caller),
        Kind::ProviderCredential => (kind, Retry::Never, Fault::Gateway),
        Kind::Billing => (kind, Retry::Never, Fault::Provider),
        _ => (kind, Retry::Maybe, Fault::Provider),
    };
    let message = match words {
        _ if kind == Kind::ProviderCredential => "the provider refuses the gateway's credential".to_owned(),
        Some(words) if !words.trim().is_empty() => scrub(words),
        _ => unsaid.to_owned(),
    };
    let mut refusal = Refusal::provider(kind, retry, message).coded(name.map(str::to_owned));
    refusal.fault = fault;
    refusal
}
