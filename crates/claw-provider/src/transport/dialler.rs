//! The first bytes of a connection: a TCP socket, or what a test gives instead. It knows neither TLS nor HTTP.

use std::error::Error;
use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tower_service::Service;

/// After how much silence the kernel asks whether the other side is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// A stream of bytes, both ways.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A stream that is being opened.
pub type Dialling = Pin<Box<dyn Future<Output = io::Result<Box<dyn Wire>>> + Send>>;

/// Opens a stream to the host and port of an address.
pub type Dial = dyn Fn(Uri) -> Dialling + Send + Sync;

/// Where streams come from.
#[derive(Clone)]
pub(crate) enum Sockets {
    Tcp,
    Given(Arc<Dial>),
}

/// Opens streams.
#[derive(Clone)]
pub(crate) enum Dialler {
    Tcp(HttpConnector),
    Given(Arc<Dial>),
}

impl Dialler {
    pub(crate) fn new(sockets: &Sockets) -> Self {
        match sockets {
            Sockets::Tcp => {
                let mut tcp = HttpConnector::new();
                tcp.enforce_http(false);
                tcp.set_nodelay(true);
                tcp.set_keepalive(Some(KEEP_ALIVE));
                Self::Tcp(tcp)
            }
            Sockets::Given(dial) => Self::Given(dial.clone()),
        }
    }
}

impl Service<Uri> for Dialler {
    type Response = Socket;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Socket, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        match self {
            Self::Tcp(tcp) => tcp.poll_ready(cx).map_err(Into::into),
            Self::Given(_) => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        match self {
            Self::Tcp(tcp) => {
                let connecting = tcp.call(address);
                Box::pin(async move { Ok(Socket::Tcp(connecting.await?)) })
            }
            Self::Given(dial) => {
                let dialling = dial(address);
                Box::pin(async move { Ok(Socket::Given(TokioIo::new(dialling.await?))) })
            }
        }
    }
}

/// An open stream.
pub(crate) enum Socket {
    Tcp(TokioIo<TcpStream>),
    Given(TokioIo<Box<dyn Wire>>),
}

impl Connection for Socket {
    /// Nothing is told of it: what the socket would tell is copied into every reply.
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_read(cx, buffer),
            Self::Given(given) => Pin::new(given).poll_read(cx, buffer),
        }
    }
}

impl Write for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Self::Given(given) => Pin::new(given).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_flush(cx),
            Self::Given(given) => Pin::new(given).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Self::Given(given) => Pin::new(given).poll_shutdown(cx),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(tcp) => tcp.is_write_vectored(),
            Self::Given(given) => given.is_write_vectored(),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(tcp) => Pin::new(tcp).poll_write_vectored(cx, slices),
            Self::Given(given) => Pin::new(given).poll_write_vectored(cx, slices),
        }
    }
}
