//! Bedrock's errors: `{"message"}` with the exception's name in a header, worded as the real API words them.
//! It must not know when they happen.
//!
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_Errors>

use serde::Serialize;

use crate::wire::Refusal;

/// The body of an error, which is also the payload of an exception frame.
#[derive(Debug, Serialize)]
pub(crate) struct Body<'a> {
    message: &'a str,
}

pub(crate) fn body(refusal: &Refusal) -> Body<'_> {
    Body { message: &refusal.message }
}

/// A 400.
pub(crate) fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "ValidationException", message)
}

/// A 400 in the words of the model's constraints.
pub(crate) fn constraint(value: &str, at: &str, constraint: &str) -> Refusal {
    invalid(format!(
        "1 validation error detected: Value '{value}' at '{at}' failed to satisfy constraint: {constraint}"
    ))
}

/// A 400 about something that must be there.
pub(crate) fn required(at: &str) -> Refusal {
    invalid(format!(
        "1 validation error detected: Value null at '{at}' failed to satisfy constraint: Member must not be null"
    ))
}

pub(crate) fn broken_body() -> Refusal {
    Refusal::new(400, "SerializationException", "The request body is not valid JSON.")
}

pub(crate) fn unknown_operation() -> Refusal {
    Refusal::new(
        404,
        "UnknownOperationException",
        "The requested operation is not recognized by the service.",
    )
}

pub(crate) fn no_key() -> Refusal {
    Refusal::new(403, "MissingAuthenticationTokenException", "Missing Authentication Token")
}

pub(crate) fn wrong_key() -> Refusal {
    let message = "The security token included in the request is invalid.";
    Refusal::new(403, "UnrecognizedClientException", message)
}

pub(crate) fn incomplete_signature(missing: &str) -> Refusal {
    Refusal::new(403, "IncompleteSignatureException", format!("Authorization header requires '{missing}'."))
}

pub(crate) fn wrong_signature() -> Refusal {
    let message = "The request signature we calculated does not match the signature you provided. Check your AWS \
        Secret Access Key and signing method. Consult the service documentation for details.";
    Refusal::new(403, "InvalidSignatureException", message)
}

/// The usual error of a status.
pub(crate) fn of_status(status: u16) -> Refusal {
    let (kind, message) = match status {
        401 => ("UnrecognizedClientException", "The security token included in the request is invalid."),
        403 => ("AccessDeniedException", "You don't have access to the model with the specified model ID."),
        404 => ("ResourceNotFoundException", "This model version has reached the end of its life."),
        408 => ("ModelTimeoutException", "The model took too long to answer."),
        424 => ("ModelErrorException", "The model returned an error while it was processing the request."),
        429 => ("ThrottlingException", "Too many requests, please wait before trying again."),
        503 | 529 => ("ServiceUnavailableException", "Bedrock is unable to process your request."),
        500.. => ("InternalServerException", "The system encountered an unexpected error during processing."),
        _ => ("ValidationException", "The request was refused because the model's name asks for it."),
    };
    Refusal::new(status, kind, message)
}

/// The exception frame of a status in the middle of a stream: its type and its message. ConverseStream knows only five
/// of them.
pub(crate) fn in_stream(status: Option<u16>) -> (&'static str, Refusal) {
    let status = status.unwrap_or(424);
    let name = match status {
        400 => "validationException",
        424 => "modelStreamErrorException",
        429 => "throttlingException",
        503 | 529 => "serviceUnavailableException",
        _ => "internalServerException",
    };
    (name, of_status(status))
}
