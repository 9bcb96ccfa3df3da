//! Which vendor's operation an address means. It must not know anything about bodies.

use http::{HeaderMap, Method};

use crate::vendor::Vendor;

/// What is wanted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// A reply; the body says of which model and whether as a stream.
    Reply,
    /// A reply of this model, as a stream or not.
    ReplyOf { model: String, stream: bool },
    /// How many tokens a request has.
    CountTokens,
    /// The vendor's models.
    Models,
    /// One model, by name.
    Model(String),
    /// What one model can do; the body names it.
    Show,
    /// The version of the server.
    Version,
    /// There is nothing here.
    Nowhere,
}

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Vendor(Vendor, Operation),
    /// The control plane for tests, by the rest of the path.
    Control(String),
}

/// Finds the place of a request. Unknown addresses belong to the vendor whose addresses they resemble.
pub(crate) fn find(method: &Method, path: &str, headers: &HeaderMap) -> Route {
    if let Some(rest) = path.strip_prefix("/_simulator/") {
        return Route::Control(rest.to_owned());
    }
    let is_anthropic = headers.contains_key("anthropic-version");
    let of_header = if is_anthropic { Vendor::Anthropic } else { Vendor::OpenAi };
    let (vendor, operation) = match (method.as_str(), path) {
        ("POST", "/v1/chat/completions") => (Vendor::OpenAi, Operation::Reply),
        ("POST", "/v1/messages") => (Vendor::Anthropic, Operation::Reply),
        ("POST", "/v1/messages/count_tokens") => (Vendor::Anthropic, Operation::CountTokens),
        ("GET", "/v1/models") => (of_header, Operation::Models),
        ("POST", "/api/chat") => (Vendor::Ollama, Operation::Reply),
        ("GET", "/api/tags") => (Vendor::Ollama, Operation::Models),
        ("GET", "/api/version") => (Vendor::Ollama, Operation::Version),
        ("POST", "/api/show") => (Vendor::Ollama, Operation::Show),
        ("POST", path) if path.starts_with("/model/") => (Vendor::Bedrock, bedrock(path)),
        ("GET", path) if path.starts_with("/v1/models/") => (of_header, one_model(path)),
        (_, path) if path.starts_with("/model/") => (Vendor::Bedrock, Operation::Nowhere),
        (_, path) if path.starts_with("/api/") => (Vendor::Ollama, Operation::Nowhere),
        (_, path) if path.starts_with("/v1/messages") => (Vendor::Anthropic, Operation::Nowhere),
        _ => (of_header, Operation::Nowhere),
    };
    Route::Vendor(vendor, operation)
}

/// `/model/{id}/converse`: the id is one segment, in which `/` and `:` may be percent-encoded.
fn bedrock(path: &str) -> Operation {
    let mut segments = path.trim_start_matches("/model/").split('/');
    match (segments.next(), segments.next(), segments.next()) {
        (Some(id), Some("converse"), None) => reply_of(id, false),
        (Some(id), Some("converse-stream"), None) => reply_of(id, true),
        _ => Operation::Nowhere,
    }
}

fn reply_of(id: &str, stream: bool) -> Operation {
    match percent_decoded(id) {
        Some(model) if !model.is_empty() => Operation::ReplyOf { model, stream },
        _ => Operation::Nowhere,
    }
}

fn one_model(path: &str) -> Operation {
    let name = path.trim_start_matches("/v1/models/");
    percent_decoded(name).filter(|name| !name.is_empty()).map_or(Operation::Nowhere, Operation::Model)
}

/// `None` if it is not valid percent-encoding of UTF-8.
fn percent_decoded(segment: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(segment.len());
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = char::from(bytes.next()?).to_digit(16)?;
            let low = char::from(bytes.next()?).to_digit(16)?;
            decoded.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests;
