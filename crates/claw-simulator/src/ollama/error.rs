//! Ollama's errors: `{"error":"text"}`. It must not know when they happen.
//!
//! <https://github.com/ollama/ollama/blob/main/docs/api/errors.mdx>

use serde::Serialize;

use crate::wire::Refusal;

/// The body of an error, which is also the line of an in-stream error.
#[derive(Debug, Serialize)]
pub(crate) struct Body<'a> {
    error: &'a str,
}

pub(crate) fn body(refusal: &Refusal) -> Body<'_> {
    Body { error: &refusal.message }
}

/// A 400.
pub(crate) fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "invalid", message)
}

pub(crate) fn unknown_model(model: &str) -> Refusal {
    Refusal::new(404, "not found", format!("model '{model}' not found"))
}

/// The usual error of a status.
pub(crate) fn of_status(status: u16, model: &str) -> Refusal {
    let message = match status {
        401 => "unauthorized",
        403 => "forbidden",
        404 => return unknown_model(model),
        429 => {
            let message = "too many requests";
            return Refusal { retry_after: Some(1), ..Refusal::new(429, "too many requests", message) };
        }
        502 => "the remote model could not be reached",
        503 | 529 => "server busy, please try again. maximum pending requests exceeded",
        500.. => "an error was encountered while running the model",
        _ => "the request was refused because the model's name asks for it",
    };
    Refusal::new(status, "failure", message)
}
