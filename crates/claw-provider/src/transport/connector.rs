//! A connection from the first packet to the last word of TLS: direct or through a proxy, under one deadline, and counted.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use percent_encoding::percent_decode_str;
use tokio::time::timeout;
use tower_service::Service;

use super::Plan;
use super::dialler::{Dialler, Socket};
use super::tls;
use crate::settings::SetupError;

type BoxError = Box<dyn Error + Send + Sync>;
type Connecting<S> = Pin<Box<dyn Future<Output = Result<S, BoxError>> + Send>>;

/// No connection was made in time.
#[derive(Debug, thiserror::Error)]
#[error("no connection was made within {0:?}")]
pub(crate) struct ConnectLate(pub(crate) Duration);

/// Opens the connections of one provider. The client clones it for every request, so it is one pointer.
#[derive(Clone)]
pub(crate) struct Connector(Arc<Setup>);

struct Setup {
    layers: Layers,
    within: Duration,
    opened: Arc<AtomicU64>,
}

/// TLS is only set up where somebody speaks it.
#[derive(Clone)]
enum Layers {
    Plain(Route),
    Tls(HttpsConnector<Route>),
}

/// The way to the host.
#[derive(Clone)]
enum Route {
    Direct(Dialler),
    Proxy(Tunnel<Dialler>),
}

impl Connector {
    pub(crate) fn new(plan: &Plan<'_>) -> Result<Self, SetupError> {
        let dialler = Dialler::new(plan.sockets);
        let route = match plan.proxy {
            None => Route::Direct(dialler),
            Some(proxy) => {
                let tunnel = tunnel(proxy, dialler)
                    .ok_or_else(|| SetupError::of(plan.name, "has a proxy that is not http://host:port"))?;
                Route::Proxy(tunnel)
            }
        };
        let layers = if plan.https {
            let config = tls::config(plan.extra_ca)
                .map_err(|error| SetupError::because(plan.name, "cannot speak TLS", error))?;
            let builder = HttpsConnectorBuilder::new().with_tls_config(config).https_or_http();
            Layers::Tls(if plan.http2 {
                builder.enable_all_versions().wrap_connector(route)
            } else {
                builder.enable_http1().wrap_connector(route)
            })
        } else {
            Layers::Plain(route)
        };
        let opened = plan.opened.clone();
        Ok(Self(Arc::new(Setup { layers, within: plan.connect_within, opened })))
    }
}

/// A tunnel through `http://[user:password@]host:port`.
fn tunnel(proxy: &Uri, dialler: Dialler) -> Option<Tunnel<Dialler>> {
    let authority = proxy.authority()?.as_str();
    let (userinfo, host) = match authority.rsplit_once('@') {
        Some((userinfo, host)) => (Some(userinfo), host),
        None => (None, authority),
    };
    if proxy.scheme() != Some(&Scheme::HTTP) || host.is_empty() {
        return None;
    }
    let address = Uri::builder().scheme(Scheme::HTTP).authority(host).path_and_query("/").build().ok()?;
    let tunnel = Tunnel::new(address, dialler);
    let Some(userinfo) = userinfo else { return Some(tunnel) };
    let plain: Vec<u8> = percent_decode_str(userinfo).collect();
    let value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(plain))).ok()?;
    Some(tunnel.with_auth(value))
}

/// Writes out the port that the scheme means: a proxy is told a port in any case.
fn with_port(address: Uri) -> Uri {
    if address.port().is_some() {
        return address;
    }
    let port = if address.scheme() == Some(&Scheme::HTTP) { 80 } else { 443 };
    let host = address.host().unwrap_or_default();
    match Authority::try_from(format!("{host}:{port}")) {
        Ok(authority) => {
            let mut parts = address.into_parts();
            parts.authority = Some(authority);
            Uri::from_parts(parts).unwrap_or_default()
        }
        Err(_) => address,
    }
}

impl Service<Uri> for Route {
    type Response = Socket;
    type Error = BoxError;
    type Future = Connecting<Socket>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self {
            Self::Direct(dialler) => dialler.poll_ready(cx),
            Self::Proxy(tunnel) => tunnel.poll_ready(cx).map_err(Into::into),
        }
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        match self {
            Self::Direct(dialler) => dialler.call(address),
            Self::Proxy(tunnel) => {
                let tunnelling = tunnel.call(with_port(address));
                Box::pin(async move { Ok(tunnelling.await?) })
            }
        }
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<Socket>;
    type Error = BoxError;
    type Future = Connecting<MaybeHttpsStream<Socket>>;

    /// The layers below are always ready: they wait in the future that a call gives.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        let setup = self.0.clone();
        let connecting: Self::Future = match setup.layers.clone() {
            Layers::Plain(mut route) => {
                let connecting = route.call(address);
                Box::pin(async move { Ok(MaybeHttpsStream::Http(connecting.await?)) })
            }
            Layers::Tls(mut tls) => tls.call(address),
        };
        Box::pin(async move {
            let within = setup.within;
            let stream = timeout(within, connecting).await.map_err(|_| ConnectLate(within))??;
            setup.opened.fetch_add(1, Ordering::Relaxed);
            Ok(stream)
        })
    }
}
