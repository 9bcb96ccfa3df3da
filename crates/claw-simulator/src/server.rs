//! Listener and connections: HTTP/1.1 and HTTP/2 over TCP or over any byte stream, counted. It must not know what is
//! said on them.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::{State, exchange};

/// How long calls in flight may go on after the shutdown began.
const GRACE: Duration = Duration::from_secs(1);
/// How long to wait when the system has no socket left to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// How many connections there were and are.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    opened: AtomicU64,
    closed: AtomicU64,
}

impl Connections {
    pub(crate) fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }

    pub(crate) fn open(&self) -> u64 {
        self.opened().saturating_sub(self.closed.load(Ordering::Relaxed))
    }
}

/// Counts one connection for as long as it lives.
struct Counted<'a>(&'a Connections);

impl<'a> Counted<'a> {
    fn new(connections: &'a Connections) -> Self {
        connections.opened.fetch_add(1, Ordering::Relaxed);
        Self(connections)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.closed.fetch_add(1, Ordering::Relaxed);
    }
}

/// Accepts connections until `shutdown` resolves.
pub(crate) async fn listen(state: &Arc<State>, listener: TcpListener, shutdown: impl Future<Output = ()>) {
    let (stop, stopped) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => {
                    // Without it every small event of a stream would wait for the acknowledgement of the one before.
                    let _ = socket.set_nodelay(true);
                    let (state, stopped) = (Arc::clone(state), stopped.clone());
                    connections.spawn(async move { serve(&state, socket, stopped).await });
                }
                Err(_) => sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
            () = &mut shutdown => break,
        }
    }
    drop(listener);
    let _ = stop.send(true);
    let all_ended = async { while connections.join_next().await.is_some() {} };
    let _ = timeout(GRACE, all_ended).await;
    connections.shutdown().await;
}

/// Serves one connection until the peer closes it.
pub(crate) async fn serve_connection<IO>(state: &Arc<State>, io: IO)
where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (_stop, stopped) = watch::channel(false);
    serve(state, io, stopped).await;
}

async fn serve<IO>(state: &Arc<State>, io: IO, mut stopped: watch::Receiver<bool>)
where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let _counted = Counted::new(&state.connections);
    let service = service_fn(|request| {
        let state = Arc::clone(state);
        async move { Ok::<_, Infallible>(exchange::answer(&state, request).await) }
    });
    let builder = Builder::new(TokioExecutor::new());
    let mut connection = pin!(builder.serve_connection(TokioIo::new(io), service));
    // A connection ends with an error when the peer breaks it or when a trouble cuts it; neither is news to anyone.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopped.wait_for(|stopped| *stopped) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
