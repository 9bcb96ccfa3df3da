//! OpenAI's errors: `{"error":{"message","type","param","code"}}`, worded as the real API words them.
//! It must not know when they happen.
//!
//! <https://platform.openai.com/docs/guides/error-codes>

use serde::Serialize;

use crate::wire::Refusal;

const INVALID: &str = "invalid_request_error";
const SERVER_ERROR: &str = "server_error";

/// The body of an error, which is also the data of an in-stream error.
#[derive(Debug, Serialize)]
pub(crate) struct Body<'a> {
    error: Detail<'a>,
}

#[derive(Debug, Serialize)]
struct Detail<'a> {
    message: &'a str,
    r#type: &'a str,
    param: Option<&'a str>,
    code: Option<&'a str>,
}

pub(crate) fn body(refusal: &Refusal) -> Body<'_> {
    Body {
        error: Detail {
            message: &refusal.message,
            r#type: refusal.kind,
            param: refusal.param.as_deref(),
            code: refusal.code,
        },
    }
}

/// A 400 about one parameter.
pub(crate) fn invalid(code: Option<&'static str>, param: &str, message: impl Into<String>) -> Refusal {
    Refusal { code, param: Some(param.to_owned()), ..Refusal::new(400, INVALID, message) }
}

pub(crate) fn missing(param: &str) -> Refusal {
    invalid(Some("missing_required_parameter"), param, format!("Missing required parameter: '{param}'."))
}

pub(crate) fn wrong_type(param: &str, expected: &str) -> Refusal {
    let message = format!("Invalid type for '{param}': expected {expected}.");
    invalid(Some("invalid_type"), param, message)
}

pub(crate) fn no_model() -> Refusal {
    Refusal::new(400, INVALID, "you must provide a model parameter")
}

pub(crate) fn broken_body() -> Refusal {
    let message = "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your \
        HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)";
    Refusal::new(400, INVALID, message)
}

pub(crate) fn too_large() -> Refusal {
    Refusal::new(413, INVALID, "Request entity too large.")
}

pub(crate) fn no_key() -> Refusal {
    let message = "You didn't provide an API key. You need to provide your API key in an Authorization header using \
        Bearer auth (i.e. Authorization: Bearer YOUR_KEY).";
    Refusal::new(401, INVALID, message)
}

pub(crate) fn wrong_key(given: &str) -> Refusal {
    let shown: String = given.chars().take(4).collect();
    let message = format!(
        "Incorrect API key provided: {shown}****. You can find your API key at \
         https://platform.openai.com/account/api-keys."
    );
    Refusal { code: Some("invalid_api_key"), ..Refusal::new(401, INVALID, message) }
}

pub(crate) fn unknown_model(model: &str) -> Refusal {
    let message = format!("The model `{model}` does not exist or you do not have access to it.");
    Refusal { code: Some("model_not_found"), ..Refusal::new(404, INVALID, message) }
}

pub(crate) fn nowhere(method: &str, path: &str) -> Refusal {
    Refusal::new(404, INVALID, format!("Invalid URL ({method} {path})"))
}

/// The usual error of a status.
pub(crate) fn of_status(status: u16, model: &str) -> Refusal {
    match status {
        401 => wrong_key("sk-simulated"),
        403 => Refusal {
            code: Some("unsupported_country_region_territory"),
            ..Refusal::new(403, "request_forbidden", "Country, region, or territory not supported")
        },
        404 => unknown_model(model),
        429 => Refusal {
            code: Some("rate_limit_exceeded"),
            retry_after: Some(1),
            ..Refusal::new(
                429,
                "requests",
                format!(
                    "Rate limit reached for {model} in organization org-simulator on requests per min (RPM): \
                     Limit 500, Used 500, Requested 1. Please try again in 1s."
                ),
            )
        },
        503 => Refusal::new(503, SERVER_ERROR, "The engine is currently overloaded, please try again later"),
        500.. => Refusal::new(
            status,
            SERVER_ERROR,
            "The server had an error while processing your request. Sorry about that!",
        ),
        _ => Refusal::new(status, INVALID, "The request was refused because the model's name asks for it."),
    }
}
