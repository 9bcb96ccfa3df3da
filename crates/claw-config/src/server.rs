//! `[server]`: the listeners, and the bounds of what comes in.
//!
//! It knows nothing of what is behind the listeners, except that it must not be open to others by accident.

mod origin;
mod tls;

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::time::Duration;

pub use origin::Origin;
pub use tls::Tls;
pub(crate) use tls::{KEYS as TLS_KEYS, certificates};

use crate::problem::Fault;
use crate::reader::Reader;

pub(crate) const KEYS: &[&str] = &[
    "listen",
    "admin_listen",
    "admin_on_public",
    "workers",
    "cors_origins",
    "max_body",
    "max_header_bytes",
    "header_deadline",
    "body_deadline",
    "idle_connection",
    "drain_deadline",
    "commit_after",
    "keep_alive_every",
    "max_connections",
    "allow_insecure_public",
    "strict",
    "tls",
];

/// No wait of the listeners is shorter or longer than this.
const WAITS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_hours(1);

/// A load balancer closes a stream that is silent for 60 s, and some proxies do after 20 s.
const LONGEST_KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How many threads serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workers {
    /// One for each core that the process may use.
    OnePerCore,
    /// So many.
    Exactly(NonZeroUsize),
}

/// The checked `[server]`.
#[derive(Debug)]
pub struct Server {
    /// Where the public listener accepts connections.
    pub listen: SocketAddr,
    /// Where the admin listener accepts connections.
    pub admin_listen: SocketAddr,
    /// Whether the admin API stands on the public listener too.
    pub admin_on_public: bool,
    /// How many threads serve.
    pub workers: Workers,
    /// The origins whose pages may call the public listener.
    pub cors_origins: Vec<Origin>,
    /// The longest request body, in bytes, after decompression.
    pub max_body_bytes: u64,
    /// The longest request head, in bytes.
    pub max_header_bytes: u64,
    /// How long a request head may take to arrive.
    pub header_deadline: Duration,
    /// How long a request body may take to arrive.
    pub body_deadline: Duration,
    /// How long a connection may stay without a request.
    pub idle_connection: Duration,
    /// How long requests under way may take after the process was told to end.
    pub drain_deadline: Duration,
    /// When the head of a stream goes out although the provider has said nothing.
    pub commit_after: Duration,
    /// How often a silent stream gets a sign of life; at most 15 s.
    pub keep_alive_every: Duration,
    /// How many connections may be open at once.
    pub max_connections: usize,
    /// Whether plain HTTP may leave this machine, because something in front speaks TLS.
    pub allow_insecure_public: bool,
    /// Whether a translation that loses something is refused for everyone.
    pub strict: bool,
    /// Certificate and key of the public listener; `None` is plain HTTP.
    pub tls: Option<Tls>,
}

/// Reads the table, and refuses what would be open to others by accident.
pub(crate) fn read(reader: &Reader<'_>) -> Server {
    let seconds = Duration::from_secs;
    let workers = usize::try_from(reader.whole("workers", 0, 0..=1024)).unwrap_or(0);
    let max_connections = reader.whole("max_connections", 10_000, 1..=1_000_000);
    let server = Server {
        listen: address(reader, "listen", 8080),
        admin_listen: address(reader, "admin_listen", 8081),
        admin_on_public: reader.flag("admin_on_public", false),
        workers: NonZeroUsize::new(workers).map_or(Workers::OnePerCore, Workers::Exactly),
        cors_origins: reader.list("cors_origins", Origin::parse).unwrap_or_default(),
        max_body_bytes: reader.size("max_body", 32 << 20, 1 << 10..=1 << 30),
        // hyper panics below 8 KiB.
        max_header_bytes: reader.size("max_header_bytes", 64 << 10, 8 << 10..=1 << 20),
        header_deadline: reader.duration("header_deadline", seconds(10), WAITS),
        body_deadline: reader.duration("body_deadline", seconds(30), WAITS),
        idle_connection: reader.duration("idle_connection", seconds(75), WAITS),
        drain_deadline: reader.duration("drain_deadline", seconds(30), WAITS),
        commit_after: reader.duration("commit_after", seconds(10), WAITS),
        keep_alive_every: reader.duration(
            "keep_alive_every",
            LONGEST_KEEP_ALIVE,
            *WAITS.start()..=LONGEST_KEEP_ALIVE,
        ),
        max_connections: usize::try_from(max_connections).unwrap_or(usize::MAX),
        allow_insecure_public: reader.flag("allow_insecure_public", false),
        strict: reader.flag("strict", false),
        tls: tls::read(reader),
    };
    refuse_exposure(reader, &server);
    server
}

fn address(reader: &Reader<'_>, key: &'static str, port: u16) -> SocketAddr {
    let parse = |text: &str| {
        text.parse().map_err(|_| {
            Fault::new("is not an IP address with a port")
                .hint("write it as \"127.0.0.1:8080\", \"[::1]:8080\" or \"0.0.0.0:8080\"")
        })
    };
    reader.parsed(key, parse).unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
}

fn refuse_exposure(reader: &Reader<'_>, server: &Server) {
    let local = |address: SocketAddr| address.ip().to_canonical().is_loopback();
    // A broken certificate has its own problem already.
    let plain = !reader.given("tls");
    if plain && !local(server.listen) && !server.allow_insecure_public {
        let fault = Fault::new("would serve plain HTTP to other machines");
        reader.refuse(
            "listen",
            fault.hint(
                "set [server.tls], or allow_insecure_public = true if a load balancer in front speaks TLS",
            ),
        );
    }
    if !local(server.admin_listen) && !server.allow_insecure_public {
        let fault = Fault::new("would open the admin listener to other machines");
        reader
            .refuse("admin_listen", fault.hint("keep it on 127.0.0.1, or set allow_insecure_public = true"));
    }
    if server.listen == server.admin_listen && server.listen.port() != 0 {
        let fault = Fault::new("is the address of the public listener too");
        reader.refuse("admin_listen", fault.hint("give the two listeners different ports"));
    }
}
