//! Listening sockets: one for each core on the same address, so that the kernel spreads connections and no core waits for another.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;

use crate::connection::{Serve, serve_connection};
use crate::door::Surface;
use crate::phase::PhaseWatch;

/// How many connections may wait to be accepted.
const BACKLOG: i32 = 4_096;
/// How long a TLS handshake may take.
const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(10);
/// How long to wait after the system refuses a connection, for example because there are too many files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: is another process there, or is the port below 1024?")]
pub struct ListenError {
    /// The address.
    pub address: SocketAddr,
    /// Why.
    #[source]
    pub source: io::Error,
}

/// A listening socket that is not yet given to a runtime.
#[derive(Debug)]
pub struct Listener {
    socket: std::net::TcpListener,
}

impl Listener {
    /// Listens on an address. With `shared`, several sockets can listen on it.
    ///
    /// # Errors
    /// The address is taken or not allowed.
    pub fn bind(address: SocketAddr, shared: bool) -> Result<Self, ListenError> {
        let bound = || -> io::Result<std::net::TcpListener> {
            let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
            socket.set_reuse_address(true)?;
            if shared {
                socket.set_reuse_port(true)?;
            }
            socket.set_nonblocking(true)?;
            socket.bind(&address.into())?;
            socket.listen(BACKLOG)?;
            Ok(socket.into())
        };
        bound().map(|socket| Self { socket }).map_err(|source| ListenError { address, source })
    }

    /// Where it listens; tells the port where 0 was asked for.
    ///
    /// # Errors
    /// The system cannot say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

/// Accepts connections, as many at once as there are places, until the task is dropped. It holds one place itself while it waits. New ones are accepted while the process drains too: they learn
/// that it does.
///
/// # Errors
/// The socket cannot be given to the runtime.
pub async fn accept_loop<S: Serve>(
    listener: Listener,
    serve: Arc<S>,
    surface: Surface,
    tls: Option<TlsAcceptor>,
    places: Arc<Semaphore>,
    phase: PhaseWatch,
) -> io::Result<()> {
    let listener = TcpListener::from_std(listener.socket)?;
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return Ok(()) };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // Without this every streamed event may wait for the acknowledgement of the one before. A socket that is gone already fails later anyway.
        let _ = stream.set_nodelay(true);
        tokio::spawn(run(stream, serve.clone(), surface, tls.clone(), phase.clone(), place));
    }
}

async fn run<S: Serve>(
    stream: TcpStream,
    serve: Arc<S>,
    surface: Surface,
    tls: Option<TlsAcceptor>,
    phase: PhaseWatch,
    _place: OwnedSemaphorePermit,
) {
    let Some(acceptor) = tls else {
        return serve_connection(serve, surface, stream, phase).await;
    };
    let handshake = tokio::time::timeout(HANDSHAKE_DEADLINE, acceptor.accept(stream));
    if let Ok(Ok(stream)) = handshake.await {
        serve_connection(serve, surface, stream, phase).await;
    }
}
