//! A server that answers as a test says, over TCP, TLS or memory, and tells what it saw. It knows no dialect.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsAcceptor;

use crate::{Dial, Wire};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// What is answered, and after what time.
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    pieces: VecDeque<Bytes>,
    more: Option<mpsc::Receiver<Bytes>>,
    after: Duration,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { status, headers, pieces: [body.into()].into(), more: None, after: Duration::ZERO }
    }

    pub(crate) fn ok() -> Self {
        Self::new(200, "{}")
    }

    /// A stream that sends what it is fed, and ends when the feeder is dropped.
    pub(crate) fn fed(first: &'static str) -> (Self, mpsc::Sender<Bytes>) {
        let (feeder, more) = mpsc::channel(8);
        let answer = Self::new(200, first).with("content-type", "text/event-stream");
        (Self { more: Some(more), ..answer }, feeder)
    }

    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Sets a header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn after(mut self, after: Duration) -> Self {
        self.after = after;
        self
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(piece) = self.pieces.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match &mut self.more {
            Some(more) => more.poll_recv(cx).map(|piece| piece.map(|piece| Ok(Frame::data(piece)))),
            None => Poll::Ready(None),
        }
    }
}

type Handler = dyn Fn(&Seen) -> Answer + Send + Sync;

/// What the tasks of a server share.
struct State {
    handler: Box<Handler>,
    seen: Mutex<Vec<Seen>>,
    /// Connections: opened, closed.
    connections: watch::Sender<(usize, usize)>,
}

/// A running server.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) base: String,
    state: Arc<State>,
}

impl Server {
    fn new(handler: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        let (connections, _) = watch::channel((0, 0));
        let state = State { handler: Box::new(handler), seen: Mutex::default(), connections };
        Self { base: "http://host.test".to_owned(), state: Arc::new(state) }
    }

    /// A server on a port of its own.
    pub(crate) async fn tcp(handler: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        Self::listen(handler, None).await
    }

    /// The same, over TLS.
    pub(crate) async fn tls(
        acceptor: TlsAcceptor,
        handler: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
    ) -> Self {
        Self::listen(handler, Some(acceptor)).await
    }

    async fn listen(
        handler: impl Fn(&Seen) -> Answer + Send + Sync + 'static,
        acceptor: Option<TlsAcceptor>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut server = Self::new(handler);
        server.base = match acceptor {
            None => format!("http://127.0.0.1:{port}"),
            Some(_) => format!("https://localhost:{port}"),
        };
        tokio::spawn(accept(listener, acceptor, server.state.clone()));
        server
    }

    /// A server in memory, so that the clock may be paused, and what dials it.
    pub(crate) fn memory(handler: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> (Self, Arc<Dial>) {
        let server = Self::new(handler);
        let state = server.state.clone();
        let dial = move |_: Uri| -> crate::Dialling {
            let (near, far) = tokio::io::duplex(64 * 1024);
            tokio::spawn(serve(far, state.clone()));
            Box::pin(async move { Ok(Box::new(near) as Box<dyn Wire>) })
        };
        (server, Arc::new(dial))
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.seen.lock().unwrap().clone()
    }

    pub(crate) fn last(&self) -> Seen {
        self.seen().pop().unwrap()
    }

    pub(crate) fn connections(&self) -> usize {
        self.state.connections.borrow().0
    }

    /// Waits until all connections are closed.
    pub(crate) async fn all_closed(&self) {
        let mut connections = self.state.connections.subscribe();
        connections.wait_for(|(opened, closed)| opened == closed).await.unwrap();
    }
}

async fn accept(listener: TcpListener, acceptor: Option<TlsAcceptor>, state: Arc<State>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        tokio::spawn(welcome(stream, acceptor.clone(), state.clone()));
    }
}

async fn welcome(stream: TcpStream, acceptor: Option<TlsAcceptor>, state: Arc<State>) {
    match acceptor {
        None => serve(stream, state).await,
        Some(acceptor) => {
            // A client that does not trust us hangs up, which is what its test is about.
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(stream, state).await;
            }
        }
    }
}

async fn serve(stream: impl Wire + 'static, state: Arc<State>) {
    state.connections.send_modify(|(opened, _)| *opened += 1);
    let shared = state.clone();
    let service = service_fn(move |request| answer(request, shared.clone()));
    let builder = auto::Builder::new(TokioExecutor::new());
    // A client that goes away in the middle is no fault of the server.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
    state.connections.send_modify(|(_, closed)| *closed += 1);
}

async fn answer(request: Request<Incoming>, state: Arc<State>) -> Result<Response<Answer>, Infallible> {
    let (head, body) = request.into_parts();
    let body = whole(body).await;
    let seen = Seen { method: head.method, uri: head.uri, headers: head.headers, body };
    let answer = (state.handler)(&seen);
    state.seen.lock().unwrap().push(seen);
    if !answer.after.is_zero() {
        tokio::time::sleep(answer.after).await;
    }
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    Ok(response.body(answer).unwrap())
}

#[expect(clippy::disallowed_methods, reason = "the body is under a cap")]
async fn whole(body: Incoming) -> Bytes {
    Limited::new(body, 1024 * 1024).collect().await.unwrap().to_bytes()
}
