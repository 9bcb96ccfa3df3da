//! One simulator and an HTTP client on a pipe, under a clock that the test owns. It must not know any vendor.

use std::time::Duration;

use bytes::Bytes;
use claw_simulator::{Options, Seen, Simulator};
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::time::Instant;

/// A 1x1 PNG of 70 bytes.
pub(crate) const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// A simulator to talk to.
pub(crate) struct Peer {
    pub(crate) simulator: Simulator,
    headers: Vec<(&'static str, String)>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// How long after the request the head came.
    pub(crate) head_after: Duration,
    /// How long after the request each chunk of the body came.
    pub(crate) chunks_after: Vec<Duration>,
    /// Whether the connection broke before the body was complete.
    pub(crate) is_cut: bool,
}

impl Peer {
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        Self { simulator: Simulator::new(options), headers: Vec::new() }
    }

    /// Sends this header with every request from now on.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Posts JSON and reads the whole answer.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, body.to_string()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, String::new()).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: String) -> Answer {
        let start = Instant::now();
        let (head, mut body) = self.open(method, path, body).await.into_parts();
        let head_after = start.elapsed();
        let (mut whole, mut chunks_after, mut is_cut) = (Vec::new(), Vec::new(), false);
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => {
                    whole.extend_from_slice(&frame.into_data().unwrap_or_default());
                    chunks_after.push(start.elapsed());
                }
                Err(_) => is_cut = true,
            }
        }
        let (status, headers) = (head.status.as_u16(), head.headers);
        Answer { status, headers, body: whole.into(), head_after, chunks_after, is_cut }
    }

    /// Sends a request and returns as soon as the head of the answer is there.
    pub(crate) async fn open(&self, method: &str, path: &str, body: String) -> http::Response<Incoming> {
        let (near, far) = tokio::io::duplex(256 * 1024);
        let simulator = self.simulator.clone();
        tokio::spawn(async move { simulator.serve_connection(far).await });
        let (mut sender, connection) = http1::handshake(TokioIo::new(near)).await.expect("a handshake");
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path).header("host", "simulator");
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(Bytes::from(body))).expect("a request");
        sender.send_request(request).await.expect("an answer")
    }

    /// The last call of the log.
    pub(crate) fn last(&self) -> Seen {
        self.simulator.log().pop().expect("a call in the log")
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().expect("text")).unwrap_or_default()
    }

    /// The JSON of every `data:` line, without `[DONE]`.
    pub(crate) fn events(&self) -> Vec<Value> {
        let text = self.text();
        let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
        data.filter(|data| *data != "[DONE]").map(|data| serde_json::from_str(data).expect(data)).collect()
    }

    /// The JSON of every line.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    /// Type and payload of every AWS event-stream frame, all checksums verified.
    pub(crate) fn frames(&self) -> Vec<(String, Value)> {
        let (mut rest, mut frames) = (&self.body[..], Vec::new());
        while !rest.is_empty() {
            let word = |at: usize| u32::from_be_bytes(rest[at..at + 4].try_into().expect("four bytes"));
            let (total, header_bytes) = (word(0) as usize, word(4) as usize);
            assert_eq!(word(8), crc32fast::hash(&rest[..8]), "the checksum of the prelude");
            assert_eq!(word(total - 4), crc32fast::hash(&rest[..total - 4]), "the checksum of the frame");
            let headers = frame_headers(&rest[12..12 + header_bytes]);
            let of =
                |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
            let kind = of(":event-type").or_else(|| of(":exception-type")).expect("a type");
            let is_exception = of(":message-type").as_deref() == Some("exception");
            assert_eq!(is_exception, kind.ends_with("Exception"), "{kind}");
            assert_eq!(of(":content-type").as_deref(), Some("application/json"));
            let payload = serde_json::from_slice(&rest[12 + header_bytes..total - 4]).expect("a payload");
            frames.push((kind, payload));
            rest = &rest[total..];
        }
        frames
    }
}

fn frame_headers(mut bytes: &[u8]) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    while !bytes.is_empty() {
        let name_end = 1 + usize::from(bytes[0]);
        assert_eq!(bytes[name_end], 7, "a header of type string");
        let length = usize::from(u16::from_be_bytes([bytes[name_end + 1], bytes[name_end + 2]]));
        let value_end = name_end + 3 + length;
        let text = |range: &[u8]| String::from_utf8(range.to_vec()).expect("text");
        headers.push((text(&bytes[1..name_end]), text(&bytes[name_end + 3..value_end])));
        bytes = &bytes[value_end..];
    }
    headers
}

/// A request body with some fields changed; `null` takes one out.
pub(crate) fn with(base: &Value, changes: Value) -> Value {
    let mut body = base.clone();
    let fields = body.as_object_mut().expect("an object");
    let Value::Object(changes) = changes else { panic!("changes are an object") };
    for (key, value) in changes {
        if value.is_null() {
            fields.shift_remove(&key)
        } else {
            fields.insert(key, value)
        };
    }
    body
}
