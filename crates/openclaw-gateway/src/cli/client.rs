//! A small HTTP/1.1 client for the commands that ask a running gateway: one connection for each request, TLS where the URL says so.
//! It must not know what is asked; providers are called by `claw-provider`, never from here.

use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Whom to ask.
#[derive(Debug)]
pub struct Client {
    url: String,
    scheme: Scheme,
    authority: Authority,
    /// The path of the URL, without a slash at its end.
    prefix: String,
    token: Option<HeaderValue>,
}

impl Client {
    /// A client of the gateway at `url`, which shows `token` if there is one.
    ///
    /// # Errors
    /// The URL or the token cannot be used.
    pub fn new(url: &str, token: Option<&str>) -> anyhow::Result<Self> {
        let wrong = || format!("`{url}` is no URL of a gateway: write it as http://127.0.0.1:8080");
        let parts = url.parse::<Uri>().with_context(wrong)?.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else { bail!(wrong()) };
        if scheme != Scheme::HTTP && scheme != Scheme::HTTPS {
            bail!(wrong());
        }
        let path = parts.path_and_query.as_ref().map_or("", |path| path.path());
        let token = token.map(bearer).transpose()?;
        let (url, prefix) = (url.trim_end_matches('/').to_owned(), path.trim_end_matches('/').to_owned());
        Ok(Self { url, scheme, authority, prefix, token })
    }

    /// The URL, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether the gateway is on this machine.
    pub fn is_local(&self) -> bool {
        matches!(self.authority.host(), "localhost" | "127.0.0.1" | "[::1]")
    }

    /// Asks for a path.
    ///
    /// # Errors
    /// The gateway cannot be reached.
    pub async fn get(&self, path: &str) -> anyhow::Result<Response<Incoming>> {
        self.send(Method::GET, path, Bytes::new()).await
    }

    /// Sends JSON to a path.
    ///
    /// # Errors
    /// The gateway cannot be reached.
    pub async fn post(&self, path: &str, json: Bytes) -> anyhow::Result<Response<Incoming>> {
        self.send(Method::POST, path, json).await
    }

    async fn send(&self, method: Method, path: &str, body: Bytes) -> anyhow::Result<Response<Incoming>> {
        let request = self.request(method, path, body)?;
        let port = self.authority.port_u16().unwrap_or(if self.scheme == Scheme::HTTPS { 443 } else { 80 });
        let host = self.authority.host().trim_start_matches('[').trim_end_matches(']');
        let socket = TcpStream::connect((host, port)).await.with_context(|| {
            format!(
                "nobody answers at {}: is the gateway running there? Another address is named with --url",
                self.url
            )
        })?;
        // A stream of small events stalls without it.
        socket.set_nodelay(true)?;
        if self.scheme != Scheme::HTTPS {
            return exchange(socket, request).await;
        }
        let name = ServerName::try_from(host.to_owned())?;
        let connector = TlsConnector::from(Arc::new(trust()?));
        let tls = connector.connect(name, socket).await.with_context(|| {
            format!("no TLS with {}: an authority of your own is named by SSL_CERT_FILE", self.url)
        })?;
        exchange(tls, request).await
    }

    fn request(&self, method: Method, path: &str, body: Bytes) -> anyhow::Result<Request<Full<Bytes>>> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.prefix))
            .header(HOST, self.authority.as_str())
            .header(USER_AGENT, concat!("openclaw-gateway/", env!("CARGO_PKG_VERSION")));
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token.clone());
        }
        Ok(request.body(Full::new(body))?)
    }
}

/// One request over one connection, which ends with the body of the response.
async fn exchange<IO>(io: IO, request: Request<Full<Bytes>>) -> anyhow::Result<Response<Incoming>>
where
    IO: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(io)).await?;
    // How the connection fails is told by the request or by the body, too.
    tokio::spawn(async move { drop(connection.await) });
    sender.send_request(request).await.context("the gateway hung up before it answered")
}

/// Reads a body that is known to be small.
///
/// # Errors
/// It breaks off, or is longer than `most_bytes`.
pub async fn read(mut body: Incoming, most_bytes: usize) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.context("the answer of the gateway broke off")?;
        bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
        if bytes.len() > most_bytes {
            bail!("the answer of the gateway is longer than {most_bytes} bytes");
        }
    }
    Ok(bytes)
}

fn bearer(token: &str) -> anyhow::Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| anyhow!("the token has characters that no token has"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The authorities of the system, or of `SSL_CERT_FILE`.
fn trust() -> anyhow::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        bail!(
            "this system knows no certificate authority: install its ca-certificates, or name a file with SSL_CERT_FILE"
        );
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
