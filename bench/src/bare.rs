//! "The limit": the smallest proxy that could still route by model. One current-thread runtime, a pooled upstream,
//! no delay on either socket, and a peek at `model` and `stream` in the body; nothing else.
//! It must not grow: what it lacks is what the gateway's stages cost.

use std::borrow::Cow;
use std::convert::Infallible;
use std::net::SocketAddr;

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::http::uri::{Authority, Scheme};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde::Deserialize;
use tokio::net::TcpListener;

const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

type Body = BoxBody<Bytes, hyper::Error>;
type Pool = Client<HttpConnector, Full<Bytes>>;

/// All that this proxy reads of a request.
#[derive(Deserialize)]
struct Peek<'a> {
    #[serde(borrow)]
    model: Cow<'a, str>,
    #[serde(default)]
    stream: bool,
}

/// Serves on `listen`, forwarding to `upstream`, until the process ends.
pub(crate) async fn serve(listen: SocketAddr, upstream: &str) -> anyhow::Result<()> {
    let authority: Authority = upstream.parse().context("--upstream is HOST:PORT")?;
    let pool = pool();
    let listener = TcpListener::bind(listen).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (pool, authority) = (pool.clone(), authority.clone());
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let (pool, authority) = (pool.clone(), authority.clone());
                async move { Ok::<_, Infallible>(forward(&pool, &authority, request).await) }
            });
            // A client that goes away ends its connection and nothing else.
            drop(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await,
            );
        });
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the bare proxy is measured against claw-provider, so it cannot use it"
)]
fn pool() -> Pool {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new()).pool_max_idle_per_host(1024).build(connector)
}

async fn forward(pool: &Pool, authority: &Authority, request: Request<Incoming>) -> Response<Body> {
    if request.method() == Method::GET && request.uri().path() == "/health" {
        return plain(StatusCode::OK, "ok");
    }
    match relay(pool, authority, request).await {
        Ok(response) => response,
        Err(error) => plain(StatusCode::BAD_GATEWAY, &error.to_string()),
    }
}

async fn relay(
    pool: &Pool,
    authority: &Authority,
    request: Request<Incoming>,
) -> anyhow::Result<Response<Body>> {
    let (mut head, body) = request.into_parts();
    let body = read(body).await?;
    let peek: Peek<'_> = serde_json::from_slice(&body)?;
    anyhow::ensure!(!peek.model.is_empty(), "no model");
    std::hint::black_box(peek.stream);
    let mut uri = std::mem::take(&mut head.uri).into_parts();
    (uri.scheme, uri.authority) = (Some(Scheme::HTTP), Some(authority.clone()));
    head.uri = Uri::from_parts(uri)?;
    let response = pool.request(Request::from_parts(head, Full::new(body))).await?;
    Ok(response.map(BodyExt::boxed))
}

#[expect(clippy::disallowed_methods, reason = "the body is limited right here")]
async fn read(body: Incoming) -> anyhow::Result<Bytes> {
    let read = Limited::new(body, MAX_BODY_BYTES).collect().await;
    Ok(read.map_err(|error| anyhow::anyhow!("body: {error}"))?.to_bytes())
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    let body = Full::new(Bytes::copy_from_slice(text.as_bytes())).map_err(|never| match never {}).boxed();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}
