//! Errors, both ways. <https://docs.claude.com/en/api/errors>
//!
//! Claude Code recovers by the words of some of them: `prompt is too long` must be said for a prompt that does not fit, a spent
//! quota is `billing_error`, and `x-should-retry: false` stops its back-off.

use claw_hub::{Fault, Kind, Refusal, Retry};

use super::wire;
use crate::codec::Rendered;
use crate::json::{self, Node, ObjectWriter};
use crate::provider_error::{retry, scrub, whole_seconds};

const TOO_LONG: &str = "prompt is too long";

/// Writes a refusal for the caller.
pub(crate) fn encode(refusal: &Refusal, request_id: &str) -> Rendered {
    let (status, name) = name_of(refusal);
    let mut headers =
        vec![("content-type", "application/json".to_owned()), ("request-id", request_id.to_owned())];
    match refusal.retry {
        Retry::Never if status == 401 || status == 429 || status >= 500 => {
            headers.push(("x-should-retry", "false".to_owned()));
        }
        Retry::After(wait) => headers.push(("retry-after", whole_seconds(wait).to_string())),
        Retry::Never | Retry::Maybe => {}
    }
    let mut body = Vec::with_capacity(256);
    json::object(&mut body, |o| fields(o, name, refusal, request_id));
    Rendered { status, headers, body }
}

/// Writes the fields of an error, in a body or in a stream.
pub(super) fn write(o: &mut ObjectWriter<'_>, refusal: &Refusal, request_id: &str) {
    fields(o, name_of(refusal).1, refusal, request_id);
}

fn fields(o: &mut ObjectWriter<'_>, name: &str, refusal: &Refusal, request_id: &str) {
    o.string("type", "error");
    o.object("error", |o| {
        o.string("type", name);
        if refusal.kind == Kind::ContextTooLong && !refusal.message.contains(TOO_LONG) {
            o.string("message", &format!("{TOO_LONG}: {}", refusal.message));
        } else {
            o.string("message", &refusal.message);
        }
    });
    o.string("request_id", request_id);
}

/// A quota that will not fill up again by waiting is a matter of money.
fn name_of(refusal: &Refusal) -> (u16, &'static str) {
    match (refusal.kind, refusal.retry) {
        (Kind::RateLimited, Retry::Never) => (429, "billing_error"),
        (kind, _) => wire::error_name(kind),
    }
}

/// Reads a provider's error.
pub(crate) fn decode<'h>(status: u16, header: &dyn Fn(&str) -> Option<&'h str>, body: &[u8]) -> Refusal {
    let root = json::parse(body).ok();
    let error = root.as_ref().and_then(|root| root.get("error"));
    let name = error.and_then(|error| error.get("type")).and_then(Node::as_str);
    let words = error.and_then(|error| error.get("message")).and_then(Node::as_str);
    let kind = match name.and_then(wire::error_kind) {
        Some(kind) => kind,
        None => kind_of_status(status),
    };
    let detail = error
        .and_then(|error| error.get("details"))
        .and_then(|details| details.get("error_code"))
        .and_then(Node::as_str);
    let refusal = classify(kind, words, detail);
    let words_of_none = || format!("the provider answered {status} without a reason");
    let message = if refusal.0 == Kind::ProviderCredential {
        "the provider refuses the gateway's credential".to_owned()
    } else {
        words.map_or_else(words_of_none, scrub)
    };
    build(refusal, retry(header, refusal.1), message, name.map(str::to_owned))
}

/// Reads an error inside a stream, or one in a success's clothes.
pub(super) fn in_band(root: &Node<'_>) -> Refusal {
    let error = root.get("error");
    let name = error.and_then(|error| error.get("type")).and_then(Node::as_str);
    let words = error.and_then(|error| error.get("message")).and_then(Node::as_str);
    let refusal = classify(name.and_then(wire::error_kind).unwrap_or(Kind::ProviderFailed), words, None);
    let message = words.map_or_else(|| "the provider failed in the middle of its reply".to_owned(), scrub);
    build(refusal, refusal.1, message, name.map(str::to_owned))
}

fn kind_of_status(status: u16) -> Kind {
    match status {
        401 | 403 => Kind::ProviderCredential,
        402 => Kind::Billing,
        404 => Kind::NoSuchModel,
        408 | 504 => Kind::Deadline,
        413 => Kind::TooLarge,
        429 => Kind::RateLimited,
        503 | 529 => Kind::Overloaded,
        409 | 500.. => Kind::ProviderFailed,
        _ => Kind::Malformed,
    }
}

/// The kind, whether trying again helps, and whose fault it is. Some things are only said in words.
fn classify(kind: Kind, words: Option<&str>, detail: Option<&str>) -> (Kind, Retry, Fault) {
    let says = |text: &str| words.is_some_and(|words| words.contains(text));
    match kind {
        Kind::Malformed | Kind::TooLarge if says(TOO_LONG) || says("exceed context limit") => {
            (Kind::ContextTooLong, Retry::Never, Fault::Caller)
        }
        Kind::Malformed if says("credit balance is too low") => {
            (Kind::Billing, Retry::Never, Fault::Provider)
        }
        Kind::RateLimited if detail == Some("enforced_spend_limit_reached") => {
            (Kind::Billing, Retry::Never, Fault::Provider)
        }
        Kind::Malformed | Kind::TooLarge | Kind::NoSuchModel => (kind, Retry::Never, Fault::Caller),
        Kind::Billing => (kind, Retry::Never, Fault::Provider),
        Kind::ProviderCredential => (kind, Retry::Never, Fault::Gateway),
        _ => (kind, Retry::Maybe, Fault::Provider),
    }
}

fn build(
    (kind, _, fault): (Kind, Retry, Fault),
    retry: Retry,
    message: String,
    code: Option<String>,
) -> Refusal {
    let mut refusal = Refusal::provider(kind, retry, message).coded(code);
    refusal.fault = fault;
    refusal
}
