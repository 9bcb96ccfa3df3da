//! Errors, both ways: `{"error":{"message","type","param","code"}}`, <https://platform.openai.com/docs/guides/error-codes>.

use claw_hub::{Fault, Kind, Refusal, Retry};

use crate::codec::Rendered;
use crate::error_body::{self, ErrorBody};
use crate::json::{self, Node, ObjectWriter};
use crate::provider_error::{retry, whole_seconds};

/// Writes a refusal.
pub(crate) fn encode(refusal: &Refusal, _request_id: &str) -> Rendered {
    let (status, ..) = words(refusal.kind);
    let mut headers = Vec::new();
    match refusal.retry {
        Retry::After(wait) => headers.push(("retry-after", whole_seconds(wait).to_string())),
        Retry::Never if status == 429 || status >= 500 => {
            headers.push(("x-should-retry", "false".to_owned()));
        }
        Retry::Never | Retry::Maybe => {}
    }
    let mut body = Vec::new();
    json::object(&mut body, |o| write(o, refusal));
    Rendered { status, headers, body }
}

/// Writes the `error` member, for a body or for a chunk of a stream.
pub(super) fn write(o: &mut ObjectWriter<'_>, refusal: &Refusal) {
    let (_, kind, _) = words(refusal.kind);
    o.object("error", |o| {
        o.string("message", &refusal.message);
        o.string("type", kind);
        match &refusal.param {
            Some(param) => o.string("param", param),
            None => o.null("param"),
        }
        match code(refusal) {
            Some(code) => o.string("code", code),
            None => o.null("code"),
        }
    });
}

/// The code. Programs branch on those of some kinds, so these are OpenAI's whatever a provider of another dialect calls them.
fn code(refusal: &Refusal) -> Option<&str> {
    let (.., usual) = words(refusal.kind);
    match refusal.kind {
        Kind::NoSuchModel | Kind::ContextTooLong => usual,
        _ => refusal.code.as_deref().or(usual),
    }
}

/// The status, the type and the usual code of a kind.
const fn words(kind: Kind) -> (u16, &'static str, Option<&'static str>) {
    const BAD: &str = "invalid_request_error";
    const SERVER: &str = "server_error";
    match kind {
        Kind::Malformed => (400, BAD, None),
        Kind::Unsupported => (400, BAD, Some("unsupported_value")),
        Kind::ContextTooLong => (400, BAD, Some("context_length_exceeded")),
        Kind::TooLarge => (413, BAD, Some("request_too_large")),
        Kind::Unauthenticated => (401, BAD, Some("invalid_api_key")),
        Kind::Forbidden => (403, "permission_error", Some("forbidden")),
        Kind::NoSuchPath => (404, BAD, Some("unknown_url")),
        Kind::NoSuchModel => (404, BAD, Some("model_not_found")),
        Kind::MethodNotAllowed => (405, BAD, Some("method_not_allowed")),
        Kind::SlowRequest => (408, BAD, Some("request_timeout")),
        Kind::RateLimited => (429, "rate_limit_error", Some("rate_limit_exceeded")),
        Kind::Billing => (429, "insufficient_quota", Some("insufficient_quota")),
        Kind::Overloaded => (503, SERVER, Some("overloaded")),
        Kind::Draining => (503, SERVER, Some("draining")),
        Kind::ProviderFailed => (502, SERVER, Some("provider_failed")),
        Kind::ProviderUnreachable => (502, SERVER, Some("provider_unreachable")),
        Kind::ProviderCredential => (502, SERVER, Some("provider_credential")),
        Kind::Deadline => (504, SERVER, Some("timeout")),
        Kind::Internal => (500, SERVER, None),
    }
}

/// The status that an error without one would have had.
fn status_of(error: &ErrorBody) -> u16 {
    const STATUSES: [(&str, u16); 9] = [
        ("insufficient_quota", 429),
        ("rate_limit_exceeded", 429),
        ("rate_limit_error", 429),
        ("invalid_request_error", 400),
        ("content_filter", 400),
        ("context_length_exceeded", 400),
        ("model_not_found", 404),
        ("invalid_api_key", 401),
        ("overloaded_error", 503),
    ];
    let by_word = STATUSES.into_iter().find(|(word, _)| error.says(word)).map(|(_, status)| status);
    error.status.or(by_word).unwrap_or(500)
}

fn judge(error: &ErrorBody, status: u16) -> (Kind, Fault) {
    let is_no_model = error.says("model_not_found") || (status == 404 && error.message_has(&["model"]));
    match status {
        _ if error.is_too_long() => (Kind::ContextTooLong, Fault::Caller),
        _ if error.says("insufficient_quota") => (Kind::Billing, Fault::Gateway),
        _ if is_no_model => (Kind::NoSuchModel, Fault::Caller),
        _ => error_body::judge(status),
    }
}

/// Reads a provider's error.
pub(crate) fn decode<'h>(status: u16, header: &dyn Fn(&str) -> Option<&'h str>, body: &[u8]) -> Refusal {
    let error = ErrorBody::read_body(body);
    let status = if (400..600).contains(&status) { status } else { error.status.unwrap_or(status) };
    let verdict = judge(&error, status);
    error.refuse(status, verdict, |unsaid| retry(header, unsaid))
}

/// Reads the `error` member of a chunk, or of a body that came with a success.
pub(super) fn in_band(error: &Node<'_>) -> Refusal {
    let error = ErrorBody::read(error);
    let status = status_of(&error);
    let verdict = judge(&error, status);
    error.refuse(status, verdict, |unsaid| unsaid)
}
