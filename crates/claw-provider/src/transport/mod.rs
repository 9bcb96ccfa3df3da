//! Connections: TCP or what a test gives instead, a proxy's tunnel, TLS, and the pool that keeps them. It knows nothing of what is sent.

mod connector;
mod dialler;
mod tls;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use http_body_util::Full;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls_pki_types::CertificateDer;

use crate::settings::{Settings, SetupError};

pub(crate) use connector::{ConnectLate, Connector};
pub(crate) use dialler::Sockets;
pub use dialler::{Dial, Dialling, Wire};

/// Idle connections are closed after this time: before the usual 60 to 75 seconds are over after which the other side closes them, so that no
/// request meets a connection that is being closed.
const IDLE_FOR: Duration = Duration::from_secs(55);

/// How often a silent HTTP/2 connection is asked whether it is still there, while calls are open on it.
const PING_EVERY: Duration = Duration::from_secs(20);

/// The HTTP client of one provider.
pub(crate) type Client = legacy::Client<Connector, Full<Bytes>>;

/// What connections are made of.
pub(crate) struct Plan<'a> {
    pub(crate) name: &'a Arc<str>,
    pub(crate) sockets: &'a Sockets,
    pub(crate) opened: &'a Arc<AtomicU64>,
    pub(crate) connect_within: Duration,
    pub(crate) proxy: Option<&'a Uri>,
    pub(crate) extra_ca: &'a [CertificateDer<'static>],
    pub(crate) https: bool,
    pub(crate) http2: bool,
    pub(crate) idle_connections_max: usize,
}

impl<'a> Plan<'a> {
    /// The connections that a provider's settings ask for.
    pub(crate) fn of(settings: &'a Settings, sockets: &'a Sockets, opened: &'a Arc<AtomicU64>) -> Self {
        Self {
            name: &settings.name,
            sockets,
            opened,
            connect_within: settings.deadlines.connect,
            proxy: settings.proxy.as_ref(),
            extra_ca: &settings.extra_ca,
            https: settings.endpoints.iter().any(|endpoint| endpoint.base.is_https()),
            http2: settings.http2,
            idle_connections_max: settings.idle_connections_max,
        }
    }

    /// Makes the client. No connection is opened by it.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place where clients to providers are made"
    )]
    pub(crate) fn client(&self) -> Result<Client, SetupError> {
        let connector = Connector::new(self)?;
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_FOR)
            .pool_max_idle_per_host(self.idle_connections_max)
            .retry_canceled_requests(true);
        if self.http2 {
            builder
                .http2_only(!self.https)
                .http2_adaptive_window(true)
                .http2_keep_alive_interval(PING_EVERY)
                .http2_keep_alive_timeout(PING_EVERY);
        }
        Ok(builder.build(connector))
    }
}
