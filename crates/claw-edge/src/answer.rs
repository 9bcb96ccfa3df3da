//! Answers, and how a refusal becomes one: its status and body are decided here, once, in the caller's dialect.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use claw_dialect::codec;
use claw_hub::{Dialect, Refusal};
use futures_util::Stream;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body::{Frame, SizeHint};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What goes back to a caller.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Body,
}

/// The body of an answer.
pub enum Body {
    /// All of it.
    Whole(Bytes),
    /// Piece by piece. It is dropped when the caller goes away, and that cancels what makes it.
    Stream(Pin<Box<dyn Stream<Item = Bytes> + Send>>),
}

impl Answer {
    /// A JSON answer.
    pub fn json(status: StatusCode, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(CONTENT_TYPE, JSON);
        Self { status, headers, body: Body::Whole(body.into()) }
    }

    /// A streamed answer of a dialect.
    pub fn stream(dialect: Dialect, stream: Pin<Box<dyn Stream<Item = Bytes> + Send>>) -> Self {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(codec::stream_content_type(dialect)));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        Self { status: StatusCode::OK, headers, body: Body::Stream(stream) }
    }

    /// A refusal in a dialect.
    pub fn refusal(dialect: Dialect, refusal: &Refusal, request_id: &str) -> Self {
        let rendered = codec::encode_refusal(dialect, refusal, request_id);
        let status = StatusCode::from_u16(rendered.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = Self::json(status, rendered.body);
        for (name, value) in rendered.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                answer.headers.insert(HeaderName::from_static(name), value);
            }
        }
        answer
    }

    /// Names the request, under every name that clients of the dialect look for.
    pub(crate) fn name(&mut self, dialect: Dialect, request_id: &str) {
        let Ok(value) = HeaderValue::from_str(request_id) else { return };
        match dialect {
            Dialect::AnthropicMessages => self.headers.insert("request-id", value.clone()),
            Dialect::BedrockConverse => self.headers.insert("x-amzn-requestid", value.clone()),
            Dialect::OpenaiChat | Dialect::OllamaChat | Dialect::OpenclawChat => None,
        };
        self.headers.insert("x-request-id", value);
    }

    pub(crate) fn into_response(self) -> Response<ReplyBody> {
        let mut response = Response::new(ReplyBody(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// A body as hyper wants it.
pub struct ReplyBody(Body);

impl http_body::Body for ReplyBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut self.0 {
            Body::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Body::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Body::Stream(stream) => {
                stream.as_mut().poll_next(cx).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.0, Body::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Body::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Body::Stream(_) => SizeHint::default(),
        }
    }
}
