//! The log of calls: what came in, and how the reply went, kept in a bounded ring that costs a load test little.
//! It must not know what a call means; the vendors' readers say which images and tool results it holds.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use http::HeaderMap;

use crate::Options;
use crate::asked::{Asked, Said};
use crate::meter::{Usage, tokens};
use crate::seen::{Ended, Seen, SeenImage, SeenToolResult, SeenUsage};
use crate::signature::sha256_hex;
use crate::vendor::Vendor;

/// A bounded ring of calls.
#[derive(Debug)]
pub(crate) struct Log {
    is_on: bool,
    entries: usize,
    bytes: usize,
    body_bytes: usize,
    sequence: AtomicU64,
    ring: Mutex<Ring>,
}

#[derive(Debug, Default)]
struct Ring {
    records: VecDeque<Arc<Record>>,
    bytes: usize,
}

/// The head and the body of one call.
#[derive(Debug)]
pub(crate) struct Arrival<'a> {
    pub(crate) vendor: Vendor,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// What the log keeps of one call. The body is parsed when somebody looks.
#[derive(Debug)]
struct Record {
    sequence: u64,
    vendor: Vendor,
    method: String,
    path: String,
    headers: String,
    body: Option<Box<[u8]>>,
    body_bytes: u64,
    model: OnceLock<String>,
    detail: OnceLock<Detail>,
    usage: OnceLock<Usage>,
    status: AtomicU16,
    events: AtomicU64,
    said_bytes: AtomicU64,
    ended: AtomicU8,
}

#[derive(Debug)]
struct Detail {
    stream: bool,
    images: Vec<SeenImage>,
    tool_results: Vec<SeenToolResult>,
}

impl Log {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            is_on: options.log && options.log_entries > 0,
            entries: options.log_entries,
            bytes: options.log_bytes,
            body_bytes: options.log_body_bytes,
            sequence: AtomicU64::new(0),
            ring: Mutex::default(),
        }
    }

    /// Numbers a call and writes it down. The returned value must live as long as the call does.
    pub(crate) fn open(&self, arrival: &Arrival<'_>) -> (u64, Ending) {
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed) + 1;
        if !self.is_on {
            return (sequence, Ending::unlogged());
        }
        let is_kept = arrival.body.len() <= self.body_bytes;
        let record = Arc::new(Record {
            sequence,
            vendor: arrival.vendor,
            method: arrival.method.to_owned(),
            path: arrival.path.to_owned(),
            headers: compact(arrival.headers),
            body: is_kept.then(|| arrival.body.into()),
            body_bytes: arrival.body.len() as u64,
            model: OnceLock::new(),
            detail: OnceLock::new(),
            usage: OnceLock::new(),
            status: AtomicU16::new(0),
            events: AtomicU64::new(0),
            said_bytes: AtomicU64::new(0),
            ended: AtomicU8::new(Ended::Running as u8),
        });
        let mut ring = self.ring();
        ring.bytes += record.kept_bytes();
        ring.records.push_back(Arc::clone(&record));
        while ring.records.len() > self.entries || (ring.bytes > self.bytes && ring.records.len() > 1) {
            let Some(oldest) = ring.records.pop_front() else { break };
            ring.bytes -= oldest.kept_bytes();
        }
        (sequence, Ending { record: Some(record) })
    }

    pub(crate) fn snapshot(&self) -> Vec<Seen> {
        let records: Vec<_> = self.ring().records.iter().map(Arc::clone).collect();
        records.iter().map(|record| record.seen()).collect()
    }

    pub(crate) fn clear(&self) {
        *self.ring() = Ring::default();
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    fn kept_bytes(&self) -> usize {
        self.body.as_ref().map_or(0, |body| body.len()) + self.headers.len() + self.path.len()
    }

    fn seen(&self) -> Seen {
        let detail = self.detail.get();
        let usage = self.usage.get().copied().unwrap_or_default();
        let ended = Ended::from_code(self.ended.load(Ordering::Acquire));
        let said = tokens(self.said_bytes.load(Ordering::Relaxed));
        Seen {
            sequence: self.sequence,
            vendor: self.vendor,
            method: self.method.clone(),
            path: self.path.clone(),
            headers: self.headers.lines().filter_map(|line| line.split_once(": ")).map(owned).collect(),
            model: self.model.get().cloned(),
            stream: detail.is_some_and(|detail| detail.stream),
            status: Some(self.status.load(Ordering::Relaxed)).filter(|status| *status > 0),
            body: self.body.as_ref().and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default(),
            body_bytes: self.body_bytes,
            images: detail.map(|detail| detail.images.clone()).unwrap_or_default(),
            tool_results: detail.map(|detail| detail.tool_results.clone()).unwrap_or_default(),
            events_sent: self.events.load(Ordering::Relaxed),
            ended,
            usage: SeenUsage {
                input: usage.input,
                cache_read: usage.cache_read,
                cache_write: usage.cache_write(),
                output: if ended == Ended::Done { usage.output } else { said },
                reasoning: usage.reasoning,
            },
        }
    }
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

impl Ended {
    fn from_code(code: u8) -> Self {
        let all = [Self::Running, Self::Done, Self::ClientClosed, Self::Fault];
        all.into_iter().find(|ended| *ended as u8 == code).unwrap_or(Self::Running)
    }
}

/// Follows one call to its end. Dropped before the end was told, the caller has gone away.
#[derive(Debug)]
pub(crate) struct Ending {
    record: Option<Arc<Record>>,
}

impl Ending {
    /// A call that is not in the log.
    pub(crate) fn unlogged() -> Self {
        Self { record: None }
    }

    /// The model was read.
    pub(crate) fn named(&self, model: &str) {
        if let Some(record) = &self.record {
            let _ = record.model.set(model.to_owned());
        }
    }

    /// The request was read and found valid.
    pub(crate) fn asked(&self, asked: Asked) {
        if let Some(record) = &self.record {
            let Said { images, results, .. } = asked.said;
            let _ = record.detail.set(Detail { stream: asked.stream, images, tool_results: results });
        }
    }

    /// The reply is written and costs this much if it is heard to its end.
    pub(crate) fn priced(&self, usage: Usage) {
        if let Some(record) = &self.record {
            let _ = record.usage.set(usage);
        }
    }

    /// The head of the answer is decided.
    pub(crate) fn answered(&self, status: u16) {
        if let Some(record) = &self.record {
            record.status.store(status, Ordering::Relaxed);
        }
    }

    /// Content was handed to the connection: so many events with so many bytes of words.
    pub(crate) fn said(&self, events: u64, bytes: u64) {
        if let Some(record) = &self.record {
            record.events.fetch_add(events, Ordering::Relaxed);
            record.said_bytes.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    /// The reply has ended; what comes after does not count.
    pub(crate) fn finish(&self, ended: Ended) {
        if let Some(record) = &self.record {
            let running = Ended::Running as u8;
            // An error means that the end was told before, and the first one told is the true one.
            let _ = record.ended.compare_exchange(running, ended as u8, Ordering::AcqRel, Ordering::Acquire);
        }
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.finish(Ended::ClientClosed);
    }
}

/// All headers as lines. Cheaper than a map, and it does not keep the connection's read buffer alive.
fn compact(headers: &HeaderMap) -> String {
    let mut lines = String::with_capacity(256);
    for (name, value) in headers {
        let value = value.to_str().unwrap_or("<not text>");
        lines.push_str(name.as_str());
        lines.push_str(": ");
        match name.as_str() {
            "authorization" | "proxy-authorization" => lines.push_str(&redact_authorization(value)),
            "x-api-key" | "api-key" | "cookie" | "x-amz-security-token" => {
                lines.push_str(&fingerprint(value));
            }
            _ => lines.push_str(value),
        }
        lines.push('\n');
    }
    lines
}

/// Keeps the scheme, and of an AWS signature the scope (date, region, service), which is no secret.
fn redact_authorization(value: &str) -> String {
    let (scheme, secret) = value.split_once(' ').unwrap_or(("", value));
    if !scheme.starts_with("AWS4-") {
        return format!("{scheme} {}", fingerprint(secret)).trim_start().to_owned();
    }
    let scope =
        secret.split("Credential=").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or_default();
    let (key, scope) = scope.split_once('/').unwrap_or((scope, ""));
    format!("{scheme} {} {scope}", fingerprint(key))
}

fn fingerprint(secret: &str) -> String {
    let digest = sha256_hex(secret.as_bytes());
    format!("sha256:{}", digest.get(..8).unwrap_or_default())
}
