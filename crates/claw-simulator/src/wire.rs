//! What a vendor must be able to do: read its requests, refuse them in its own words, and render a script. The exchange
//! speaks to all four through this alone. It must not know any of them.

use bytes::{BufMut, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use serde::Serialize;
use serde_json::Value;

use crate::asked::Asked;
use crate::route::Operation;
use crate::script::Script;
use crate::steps::Step;
use crate::vendor::Vendor;
use crate::{State, anthropic, bedrock, ollama, openai};

/// A call as it came, before its body is understood.
#[derive(Debug)]
pub(crate) struct Head<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

impl Head<'_> {
    /// A header's value, if it is there and text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Why a call is not answered. The vendor renders it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The vendor's name for this kind of error.
    pub(crate) kind: &'static str,
    /// OpenAI's `code`.
    pub(crate) code: Option<&'static str>,
    /// OpenAI's `param`.
    pub(crate) param: Option<String>,
    pub(crate) message: String,
    /// The seconds of `Retry-After`.
    pub(crate) retry_after: Option<u64>,
}

impl Refusal {
    pub(crate) fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, code: None, param: None, message: message.into(), retry_after: None }
    }
}

/// A vendor's dialect.
pub(crate) trait Wire: Sync {
    /// Whether the call brings the key, and the signature of the secret if there is one.
    fn authorise(&self, head: &Head<'_>, key: &str, secret: Option<&str>) -> Result<(), Refusal>;

    /// The model that the call names, before anything else is read.
    fn model(&self, head: &Head<'_>, body: &Value) -> Result<String, Refusal>;

    /// Reads and validates the whole request.
    fn read(&self, head: &Head<'_>, model: &str, body: &Value) -> Result<Asked, Refusal>;

    /// The body is not JSON.
    fn broken_body(&self, error: &serde_json::Error) -> Refusal;

    /// The body is larger than is read.
    fn too_large(&self) -> Refusal;

    /// The model does not exist.
    fn unknown_model(&self, model: &str) -> Refusal;

    /// The vendor's usual error of this HTTP status.
    fn failure(&self, status: u16, model: &str) -> Refusal;

    /// There is nothing at this address.
    fn nowhere(&self, method: &str, path: &str) -> Refusal;

    /// The body of a refusal.
    fn refusal(&self, refusal: &Refusal, sequence: u64) -> Vec<u8>;

    /// The headers of every answer.
    fn headers(&self, sequence: u64, headers: &mut HeaderMap);

    /// The headers of a refusal, beyond those of every answer.
    fn refusal_headers(&self, refusal: &Refusal, headers: &mut HeaderMap);

    /// The content type of a stream, and of everything else.
    fn content_type(&self, is_stream: bool) -> &'static str;

    /// A whole reply.
    fn reply(&self, script: &Script) -> Vec<u8>;

    /// Renders a stream step by step.
    fn writer(&self, script: &Script) -> Box<dyn Writer>;

    /// The answer to a count of tokens.
    fn token_count(&self, _tokens: u64) -> Vec<u8> {
        Vec::new()
    }

    /// The answer to a question about models or about the server itself.
    fn lookup(&self, state: &State, operation: &Operation, body: &Value) -> Result<Vec<u8>, Refusal>;
}

/// Renders one stream.
pub(crate) trait Writer: Send + Sync {
    /// Appends what the vendor sends for a step.
    fn write(&mut self, script: &Script, step: &Step<'_>, out: &mut BytesMut);

    /// Appends the vendor's in-stream error.
    fn fault(&mut self, script: &Script, status: Option<u16>, out: &mut BytesMut);
}

impl Vendor {
    /// How this vendor speaks.
    pub(crate) fn wire(self) -> &'static dyn Wire {
        match self {
            Self::OpenAi => &openai::OpenAi,
            Self::Anthropic => &anthropic::Anthropic,
            Self::Bedrock => &bedrock::Bedrock,
            Self::Ollama => &ollama::Ollama,
        }
    }
}

/// Appends a value as JSON.
pub(crate) fn append_json(out: &mut BytesMut, value: &impl Serialize) {
    // Writing to memory does not fail, and none of the values that are written here has keys that are not strings.
    let _ = serde_json::to_writer(out.writer(), value);
}

/// A value as JSON.
pub(crate) fn to_json(value: &impl Serialize) -> Vec<u8> {
    let mut out = BytesMut::with_capacity(512);
    append_json(&mut out, value);
    out.into()
}

/// Sets a header whose value is made of ASCII; anything else is left out.
pub(crate) fn set_header(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
