//! One connection: requests come out of it, answers go into it. Bounded in headers, idle time and streams.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use claw_hub::Refusal;
use http::header::CONNECTION;
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use ulid::Ulid;

use crate::answer::{Answer, Body, ReplyBody};
use crate::cors::Cors;
use crate::door::{Doors, Route, Surface};
use crate::phase::{Phase, PhaseWatch};

/// The most streams that one HTTP/2 connection may have open.
const STREAMS_MAX: u32 = 256;

/// A request that has come in. Its body is not read yet.
pub struct Arrival {
    /// Where it knocks.
    pub route: Route,
    /// Its head.
    pub parts: Parts,
    /// Its body, unread.
    pub body: Incoming,
    /// The gateway's id of it.
    pub request_id: Ulid,
}

/// What the edge needs to know; taken anew for each request, so that a changed configuration counts at once.
#[derive(Debug)]
pub struct ServeSettings {
    /// The doors.
    pub doors: Doors,
    /// The origins that browsers may call from.
    pub cors: Cors,
    /// The longest time for a request's head to arrive.
    pub header_deadline: Duration,
    /// The most bytes of a request's head.
    pub header_max_bytes: usize,
}

/// What stands behind the edge.
pub trait Serve: Send + Sync + 'static {
    /// The settings that count now.
    fn settings(&self) -> Arc<ServeSettings>;

    /// Answers one request. A refusal is rendered by the edge, in the door's dialect.
    fn serve(&self, arrival: Arrival) -> impl Future<Output = Result<Answer, Refusal>> + Send;
}

/// Serves one connection until it ends, or until what runs on it has ended after the process began to drain.
pub async fn serve_connection<S, I>(serve: Arc<S>, surface: Surface, io: I, mut phase: PhaseWatch)
where
    S: Serve,
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let settings = serve.settings();
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(settings.header_deadline)
        .max_buf_size(settings.header_max_bytes.max(8 * 1024));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(u32::try_from(settings.header_max_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(Duration::from_secs(30));
    let draining = phase.clone();
    let service = service_fn(move |request| handle(serve.clone(), surface, request, draining.clone()));
    let connection = builder.serve_connection(TokioIo::new(io), service);
    let mut connection = std::pin::pin!(connection);
    if *phase.borrow() >= Phase::Draining {
        // It came to learn that, and is told so: its one answer closes it.
        let _ = connection.await;
        return;
    }
    // A connection that breaks says nothing that anyone could act on: what ran on it was dropped, and that is recorded where it ran.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = phase.wait_for(|phase| *phase >= Phase::Draining) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

async fn handle<S: Serve>(
    serve: Arc<S>,
    surface: Surface,
    request: Request<Incoming>,
    phase: PhaseWatch,
) -> Result<Response<ReplyBody>, Infallible> {
    let settings = serve.settings();
    if let Some(headers) = settings.cors.preflight(&request) {
        let answer =
            Answer { status: StatusCode::NO_CONTENT, headers, body: Body::Whole(Default::default()) };
        return Ok(answer.into_response());
    }
    let origin = settings.cors.answer_to(request.headers());
    let request_id = Ulid::new();
    let mut text = [0; ulid::ULID_LEN];
    let name = &*request_id.array_to_str(&mut text);
    let found = settings.doors.find(surface, request.method(), request.uri().path(), request.headers());
    let (dialect, outcome) = match found {
        Ok(route) => {
            let dialect = route.dialect;
            let (parts, body) = request.into_parts();
            (dialect, serve.serve(Arrival { route, parts, body, request_id }).await)
        }
        Err(closed) => (closed.0, Err(closed.1)),
    };
    let mut answer = outcome.unwrap_or_else(|refusal| Answer::refusal(dialect, &refusal, name));
    answer.name(dialect, name);
    if let Some(origin) = origin {
        Cors::mark(origin, &mut answer.headers);
    }
    if *phase.borrow() >= Phase::Draining {
        answer.headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(answer.into_response())
}
