//! Anthropic's errors: `{"type":"error","error":{"type","message"},"request_id"}`, worded as the real API words them.
//! It must not know when they happen.
//!
//! <https://platform.claude.com/docs/en/api/errors>

use serde::Serialize;

use crate::wire::Refusal;

const INVALID: &str = "invalid_request_error";

/// The body of an error, which is also the data of an `error` event.
#[derive(Debug, Serialize)]
pub(crate) struct Body<'a> {
    r#type: &'static str,
    error: Detail<'a>,
    request_id: &'a str,
}

#[derive(Debug, Serialize)]
struct Detail<'a> {
    r#type: &'a str,
    message: &'a str,
}

pub(crate) fn body<'a>(refusal: &'a Refusal, request_id: &'a str) -> Body<'a> {
    Body { r#type: "error", error: Detail { r#type: refusal.kind, message: &refusal.message }, request_id }
}

/// A 400.
pub(crate) fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(400, INVALID, message)
}

/// A 400 about something that must be there.
pub(crate) fn required(at: &str) -> Refusal {
    invalid(format!("{at}: Field required"))
}

pub(crate) fn no_key() -> Refusal {
    Refusal::new(401, "authentication_error", "x-api-key header is required")
}

pub(crate) fn wrong_key() -> Refusal {
    Refusal::new(401, "authentication_error", "invalid x-api-key")
}

/// The usual error of a status.
pub(crate) fn of_status(status: u16, model: &str) -> Refusal {
    let (kind, message) = match status {
        401 => return wrong_key(),
        402 => ("billing_error", "Your credit balance is too low to access the Anthropic API."),
        403 => ("permission_error", "Your API key does not have permission to use the specified resource."),
        404 => return Refusal::new(404, "not_found_error", format!("model: {model}")),
        409 => ("conflict_error", "The request conflicts with the current state of the resource."),
        413 => ("request_too_large", "Request exceeds the maximum size"),
        429 => {
            let message =
                "This request would exceed your organization's rate limit of 4,000 requests per minute.";
            return Refusal { retry_after: Some(1), ..Refusal::new(429, "rate_limit_error", message) };
        }
        504 => ("timeout_error", "Request timed out"),
        503 | 529 => ("overloaded_error", "Overloaded"),
        500.. => ("api_error", "Internal server error"),
        _ => (INVALID, "The request was refused because the model's name asks for it."),
    };
    Refusal::new(status, kind, message)
}
