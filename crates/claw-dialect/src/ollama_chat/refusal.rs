//! Errors, both ways: `{"error":"text"}`, <https://docs.ollama.com/api/errors>.

use claw_hub::{Fault, Kind, Refusal, Retry};

use crate::codec::Rendered;
use crate::error_body::{self, ErrorBody};
use crate::json::{self, Node, ObjectWriter};
use crate::provider_error::{retry, whole_seconds};

/// Writes a refusal.
pub(crate) fn encode(refusal: &Refusal, _request_id: &str) -> Rendered {
    let status = match refusal.kind {
        Kind::Malformed | Kind::Unsupported | Kind::ContextTooLong => 400,
        Kind::Unauthenticated => 401,
        Kind::Billing => 402,
        Kind::Forbidden => 403,
        Kind::NoSuchPath | Kind::NoSuchModel => 404,
        Kind::MethodNotAllowed => 405,
        Kind::SlowRequest => 408,
        Kind::TooLarge => 413,
        Kind::RateLimited => 429,
        Kind::Internal => 500,
        Kind::ProviderFailed | Kind::ProviderUnreachable | Kind::ProviderCredential => 502,
        Kind::Overloaded | Kind::Draining => 503,
        Kind::Deadline => 504,
    };
    let mut headers = Vec::new();
    if let Retry::After(wait) = refusal.retry {
        headers.push(("retry-after", whole_seconds(wait).to_string()));
    }
    let mut body = Vec::new();
    json::object(&mut body, |o| write(o, refusal));
    Rendered { status, headers, body }
}

/// Writes the `error` member, for a body or for a line of a stream.
pub(super) fn write(o: &mut ObjectWriter<'_>, refusal: &Refusal) {
    o.string("error", &refusal.message);
}

/// Reads a provider's error.
pub(crate) fn decode<'h>(status: u16, header: &dyn Fn(&str) -> Option<&'h str>, body: &[u8]) -> Refusal {
    let error = ErrorBody::read_body(body);
    let status = if (400..600).contains(&status) { status } else { error.status.unwrap_or(status) };
    let verdict = judge(&error, status);
    error.refuse(status, verdict, |unsaid| retry(header, unsaid))
}

/// Reads the `error` member of a line, or of a body that came with a success.
pub(super) fn in_band(error: &Node<'_>) -> Refusal {
    let error = ErrorBody::read(error);
    let status = error.status.unwrap_or(500);
    let verdict = judge(&error, status);
    error.refuse(status, verdict, |unsaid| unsaid)
}

fn judge(error: &ErrorBody, status: u16) -> (Kind, Fault) {
    match status {
        _ if error.is_too_long() => (Kind::ContextTooLong, Fault::Caller),
        // `registry.ollama.ai/library/x does not support tools`, or thinking.
        400 if error.message_has(&["does not support"]) => (Kind::Unsupported, Fault::Caller),
        404 if error.message_has(&["model"]) => (Kind::NoSuchModel, Fault::Caller),
        _ => error_body::judge(status),
    }
}
