//! How a provider is called: over what, through what, with which headers, and for how long.

use std::ops::RangeInclusive;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use rustls_pki_types::CertificateDer;

use crate::problem::Fault;
use crate::reader::{Item, Reader};
use crate::server;
use crate::url::HttpUrl;

/// No call is given less or more than this.
const WAITS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_hours(24);

/// Headers that the gateway sets itself, that carry credentials, or that belong to one hop
/// (<https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1>).
const OWN_HEADERS: [&str; 22] = [
    "accept-encoding",
    "api-key",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-amz-date",
    "x-amz-security-token",
    "x-api-key",
    "x-goog-api-key",
];

/// How a provider is called.
#[derive(Debug)]
pub struct Connection {
    /// Whether HTTP/2 may be used.
    pub http2: bool,
    /// The proxy in between; `None` connects directly.
    pub proxy: Option<HttpUrl>,
    /// Certificate authorities that are believed beside those of the system.
    pub extra_ca: Vec<CertificateDer<'static>>,
    /// How long things may take.
    pub deadlines: Deadlines,
    /// How many connections are kept for the next request.
    pub max_idle_connections: usize,
    /// Headers of every request.
    pub headers: Vec<StaticHeader>,
}

/// How long things may take. The shortest that applies wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// Name lookup, TCP and TLS.
    pub connect: Duration,
    /// From the request to the first byte of the reply.
    pub first_byte: Duration,
    /// From one byte of the reply to the next.
    pub idle: Duration,
    /// From the request to the last byte of the reply.
    pub total: Duration,
}

/// A header of every request; its value is marked sensitive, so that nothing prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticHeader {
    /// The name, in lower case.
    pub name: HeaderName,
    /// The value.
    pub value: HeaderValue,
}

pub(super) fn read(reader: &Reader<'_>) -> Connection {
    let seconds = Duration::from_secs;
    let walk = reader.place().walk;
    let idle = reader.whole("max_connections_idle", 256, 0..=100_000);
    Connection {
        http2: reader.flag("http2", false),
        proxy: reader.parsed("proxy", proxy),
        extra_ca: reader
            .parsed("extra_ca", |text| server::certificates(walk, text))
            .map(|(_, certificates)| certificates)
            .unwrap_or_default(),
        deadlines: Deadlines {
            connect: reader.duration("connect_deadline", seconds(5), WAITS),
            first_byte: reader.duration("first_byte_deadline", seconds(300), WAITS),
            idle: reader.duration("idle_deadline", seconds(120), WAITS),
            total: reader.duration("total_deadline", seconds(900), WAITS),
        },
        max_idle_connections: usize::try_from(idle).unwrap_or(usize::MAX),
        headers: reader.names("headers").into_iter().filter_map(header).collect(),
    }
}

fn proxy(text: &str) -> Result<HttpUrl, Fault> {
    let url = HttpUrl::parse(text)?;
    if url.path().is_empty() { Ok(url) } else { Err(Fault::new("must not have a path")) }
}

/// The value may be a secret of the vendor, so no problem shows it.
fn header((name, item): (&str, Item<'_>)) -> Option<StaticHeader> {
    let item = item.concealed();
    let value = item
        .parsed(|text| HeaderValue::from_str(text).map_err(|_| Fault::new("is not the value of a header")));
    let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
        item.refuse(Fault::new("is not the name of a header"));
        return None;
    };
    if OWN_HEADERS.contains(&name.as_str()) || name.as_str().starts_with("x-openclaw-") {
        item.refuse(Fault::new(
            "is a header that the gateway sets itself, or that belongs to one connection",
        ));
        return None;
    }
    let mut value = value?;
    value.set_sensitive(true);
    Some(StaticHeader { name, value })
}
