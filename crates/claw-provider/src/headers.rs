//! The headers of a request, but for the credential. It does not know where they go.

use claw_hub::{Call, Dialect};
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::operations::Operation;

const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
const ANTHROPIC_BETA: HeaderName = HeaderName::from_static("anthropic-beta");

/// Headers of the caller that are never passed on, whatever the edge lets through: those that the gateway sets itself, that carry
/// credentials, or that belong to one hop (<https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1>).
const NEVER: [&str; 19] = [
    "accept",
    "accept-encoding",
    "api-key",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-api-key",
];

/// The same, by how they begin.
const NEVER_PREFIXED: [&str; 4] = ["proxy-", "x-amz-", "x-forwarded-", "x-openclaw-"];

/// The headers of one call.
pub(crate) fn of(
    call: &Call<'_>,
    operation: &Operation,
    forwarded: bool,
    fixed: &[(HeaderName, HeaderValue)],
) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(16 + fixed.len());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT, HeaderValue::from_static(operation.accept));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(
        USER_AGENT,
        HeaderValue::from_static(concat!("openclaw-gateway/", env!("CARGO_PKG_VERSION"))),
    );
    for (name, value) in fixed {
        headers.insert(name.clone(), value.clone());
    }
    let same_dialect = call.request().origin == call.target().dialect;
    if same_dialect {
        let passed = call.request().headers.iter().filter(|(name, _)| may_pass(name));
        for (name, value) in passed {
            pass(name, value, &mut headers);
        }
    }
    if call.target().dialect == Dialect::AnthropicMessages {
        let version = HeaderValue::from_static(call.target().facts.anthropic_version.name());
        if forwarded {
            // Bytes that the caller wrote for a version are sent with that version.
            headers.entry(ANTHROPIC_VERSION).or_insert(version);
        } else if !fixed.iter().any(|(name, _)| *name == ANTHROPIC_VERSION) {
            headers.insert(ANTHROPIC_VERSION, version);
        }
    }
    headers
}

fn may_pass(name: &str) -> bool {
    !NEVER.contains(&name) && !NEVER_PREFIXED.iter().any(|prefix| name.starts_with(prefix))
}

/// Adds a header of the caller. Configured headers win over it, but betas are a list that both may add to.
fn pass(name: &str, value: &str, headers: &mut HeaderMap) {
    let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { return };
    let Ok(value) = HeaderValue::from_str(value) else { return };
    if name == ANTHROPIC_BETA {
        headers.append(name, value);
    } else {
        headers.entry(name).or_insert(value);
    }
}
