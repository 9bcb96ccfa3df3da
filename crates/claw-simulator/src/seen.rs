//! One call as the log shows it: in this process as a value, to other processes as JSON. It must not know how the log
//! keeps it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::vendor::Vendor;

/// One call of a vendor's API, as it stands at the moment of asking.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Seen {
    /// Counts up from 1 in the order of arrival.
    pub sequence: u64,
    /// Whose API was called.
    pub vendor: Vendor,
    /// The HTTP method.
    pub method: String,
    /// The path as it came, percent-encoding and query included.
    pub path: String,
    /// All request headers by lower-case name. Of a credential only a digest: `Bearer sha256:1a2b3c4d`.
    pub headers: BTreeMap<String, String>,
    /// The model as the caller named it, once it was read.
    pub model: Option<String>,
    /// Whether a stream was asked for.
    pub stream: bool,
    /// The HTTP status of the answer; `None` as long as there is none.
    pub status: Option<u16>,
    /// The request body, `null` if there was none, if it was not JSON or if it was larger than the log keeps.
    pub body: Value,
    /// The size of the request body in bytes.
    pub body_bytes: u64,
    /// The images of the request, in order.
    pub images: Vec<SeenImage>,
    /// The tool results of the request, in order.
    pub tool_results: Vec<SeenToolResult>,
    /// How many content events (deltas of text, thinking or arguments) were handed to the connection; 1 for a whole
    /// reply.
    pub events_sent: u64,
    /// How the reply ended.
    pub ended: Ended,
    /// The tokens that the vendor would bill for what was read and said so far.
    pub usage: SeenUsage,
}

/// An image that came in a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenImage {
    /// Such as `image/png`; `url` for one that was only pointed to.
    pub media_type: String,
    /// The decoded size in bytes.
    pub bytes: u64,
    /// The SHA-256 of the decoded bytes in hex.
    pub sha256: String,
}

/// The result of a tool call that came in a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenToolResult {
    /// The id of the call; for Ollama the tool's name if it has no id.
    pub id: String,
    /// Its text; other content as JSON.
    pub text: String,
}

/// The tokens of a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenUsage {
    /// Read, neither from the cache nor into it.
    pub input: u64,
    /// Read from the cache.
    pub cache_read: u64,
    /// Written into the cache.
    pub cache_write: u64,
    /// Said so far, thinking included.
    pub output: u64,
    /// The thinking within the whole reply.
    pub reasoning: u64,
}

/// How a reply ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It has not ended yet.
    Running,
    /// It was handed to the connection to its end.
    Done,
    /// The caller went away first.
    ClientClosed,
    /// A trouble that the model's name asked for ended it.
    Fault,
}
