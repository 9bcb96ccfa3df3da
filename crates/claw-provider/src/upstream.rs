//! The bytes of a reply as they come, under the idle and the total deadline. It knows nothing of what they say.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use claw_hub::Refusal;
use http_body::Body;
use hyper::body::Incoming;

use crate::deadline::Watch;
use crate::failure;

/// A reply on its way. Dropping it before its end closes the connection (HTTP/2: resets the stream), which cancels the call at the provider.
/// A connection is kept for the next call only if [`Upstream::next`] has given `None`, so read to the end after the terminal event too.
pub struct Upstream {
    provider: Arc<str>,
    body: Option<Incoming>,
    watch: Watch,
}

impl Upstream {
    pub(crate) fn new(provider: Arc<str>, body: Incoming, watch: Watch) -> Self {
        Self { provider, body: Some(body), watch }
    }

    /// The next bytes, never empty; `None` at the end. It may be dropped while it waits, and nothing is lost. After an error there is only `None`.
    ///
    /// # Errors
    /// The provider broke off, or fell silent for longer than the deadlines allow.
    pub async fn next(&mut self) -> Option<Result<Bytes, Refusal>> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Refusal>>> {
        loop {
            let Some(body) = &mut self.body else { return Poll::Ready(None) };
            let refusal = match Pin::new(body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => match (self.watch.heard(), frame.into_data()) {
                    (Some(late), _) => failure::late(&self.provider, late),
                    (None, Ok(data)) if !data.is_empty() => return Poll::Ready(Some(Ok(data))),
                    // Trailers and empty frames say nothing.
                    (None, _) => continue,
                },
                Poll::Ready(Some(Err(error))) => failure::broken_off(&self.provider, error),
                Poll::Ready(None) => {
                    self.body = None;
                    return Poll::Ready(None);
                }
                Poll::Pending => match self.watch.poll_idle(cx) {
                    Poll::Ready(late) => failure::late(&self.provider, late),
                    Poll::Pending => return Poll::Pending,
                },
            };
            // The connection is of no use any more, and the provider shall know at once.
            self.body = None;
            return Poll::Ready(Some(Err(refusal)));
        }
    }

    /// The bytes that are announced, if they are: a hint for how much room to make.
    pub(crate) fn size_hint(&self) -> Option<u64> {
        self.body.as_ref()?.size_hint().exact()
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upstream({})", self.provider)
    }
}
