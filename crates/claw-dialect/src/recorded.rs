//! The recorded corpus, for tests. It lies outside the repository and is found by `OPENCLAW_WIRE_FIXTURES`.
//!
//! Without that variable the tests that need it say so and check nothing; with `OPENCLAW_REQUIRE_FIXTURES=1` they fail instead.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;

/// One recorded request and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// The file below the corpus, and the number of the exchange in it.
    pub(crate) name: String,
    /// The path that was asked for; empty where only a reply was kept.
    pub(crate) path: String,
    /// The body of the request; empty where there is none.
    pub(crate) request: Bytes,
    /// The status of the answer; 0 where only the request was kept.
    pub(crate) status: u16,
    /// The headers of the answer, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body of the answer.
    pub(crate) reply: Bytes,
    /// Whether the answer is a stream.
    pub(crate) is_stream: bool,
}

impl Exchange {
    /// A header of the answer.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the answer is a success.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// The corpus, if it is there.
pub(crate) fn corpus() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("OPENCLAW_WIRE_FIXTURES") {
        return Some(path.into());
    }
    assert!(std::env::var_os("OPENCLAW_REQUIRE_FIXTURES").is_none(), "OPENCLAW_WIRE_FIXTURES must be set");
    eprintln!("SKIPPED: OPENCLAW_WIRE_FIXTURES is not set, so the recorded corpus was not checked");
    None
}

/// Every recorded exchange below a folder of the corpus (a file of it works too), in the order of the names.
pub(crate) fn exchanges(below: &str) -> Vec<Exchange> {
    let Some(corpus) = corpus() else { return Vec::new() };
    let mut files = Vec::new();
    collect(&corpus.join(below), &mut files);
    assert!(!files.is_empty(), "nothing recorded below {below}");
    files.sort();
    files.iter().flat_map(|file| read(&corpus, file)).collect()
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_file() {
        files.push(path.to_owned());
        return;
    }
    for entry in fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())) {
        collect(&entry.unwrap().path(), files);
    }
}

fn read(corpus: &Path, file: &Path) -> Vec<Exchange> {
    let name = file.strip_prefix(corpus).unwrap().display().to_string();
    let text = fs::read_to_string(file).unwrap();
    if name.ends_with(".chunks.txt") {
        let events = text.lines().map(|line| format!("data: {line}\n\n")).collect::<String>();
        return vec![reply_alone(name, events.into(), true)];
    }
    if name.ends_with(".sse") {
        // An editor took the last empty line of these files away.
        return vec![reply_alone(name, format!("{}\n\n", text.trim_end()).into(), true)];
    }
    let json: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    match json.get("exchanges").and_then(Value::as_array) {
        None => vec![reply_alone(name, text.into(), false)],
        Some(list) => list
            .iter()
            .enumerate()
            .map(|(n, exchange)| read_exchange(format!("{name}#{n}"), exchange))
            .collect(),
    }
}

fn reply_alone(name: String, reply: Bytes, is_stream: bool) -> Exchange {
    let status = if name.contains("/error/") { 400 } else { 200 };
    let (path, request, headers) = (String::new(), Bytes::new(), Vec::new());
    Exchange { name, path, request, status, headers, reply, is_stream }
}

fn read_exchange(name: String, exchange: &Value) -> Exchange {
    let request = &exchange["request"];
    let response = &exchange["response"];
    let headers: Vec<(String, String)> = response["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.as_str().unwrap_or_default().to_owned()))
        .collect();
    let content_type = headers.iter().find(|(name, _)| name == "content-type").map_or("", |(_, value)| value);
    let is_stream = ["event-stream", "eventstream", "ndjson"].iter().any(|kind| content_type.contains(kind));
    let reply = body(response);
    let is_lines = content_type.is_empty() && reply.starts_with(b"data:");
    Exchange {
        name,
        path: request["path"].as_str().unwrap_or_default().to_owned(),
        request: body(request),
        status: response["status"].as_u64().and_then(|status| status.try_into().ok()).unwrap_or(0),
        is_stream: is_stream || is_lines,
        headers,
        reply,
    }
}

fn body(side: &Value) -> Bytes {
    if let Some(text) = side["body_text"].as_str() {
        return text.to_owned().into();
    }
    if let Some(text) = side["body_base64"].as_str() {
        return STANDARD.decode(text).unwrap().into();
    }
    match side.get("body") {
        None | Some(Value::Null) => Bytes::new(),
        Some(json) => json.to_string().into(),
    }
}
