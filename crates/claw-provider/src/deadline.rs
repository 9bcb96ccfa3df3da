//! The deadlines of one call. They run only while something is waited for, so a slow caller costs the provider nothing.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::settings::Deadlines;

/// The clock of one call.
#[derive(Debug)]
pub(crate) struct Watch {
    deadlines: Deadlines,
    total_at: Instant,
    /// When the present wait is over.
    over_at: Option<Instant>,
    /// Made at the first wait and used again for all others.
    sleep: Option<Pin<Box<Sleep>>>,
}

/// Which deadline passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Late {
    FirstByte(Duration),
    Idle(Duration),
    Total(Duration),
}

impl Watch {
    pub(crate) fn start(deadlines: Deadlines) -> Self {
        Self { deadlines, total_at: Instant::now() + deadlines.total, over_at: None, sleep: None }
    }

    /// Waits for the head of the reply.
    pub(crate) async fn first_byte<F: Future>(&mut self, future: F) -> Result<F::Output, Late> {
        let mut future = pin!(future);
        let late = Late::FirstByte(self.deadlines.first_byte);
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => {
                self.heard();
                Poll::Ready(Ok(output))
            }
            Poll::Pending => self.poll(cx, late).map(Err),
        })
        .await
    }

    /// Asks, when a piece of the reply is awaited and not there, whether it is too late for it.
    pub(crate) fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<Late> {
        self.poll(cx, Late::Idle(self.deadlines.idle))
    }

    /// Says that the wait is over.
    pub(crate) fn heard(&mut self) {
        self.over_at = None;
    }

    fn poll(&mut self, cx: &mut Context<'_>, late: Late) -> Poll<Late> {
        let (Late::FirstByte(limit) | Late::Idle(limit) | Late::Total(limit)) = late;
        let over_at = *self.over_at.get_or_insert_with(|| self.total_at.min(Instant::now() + limit));
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(over_at)));
        if sleep.deadline() != over_at {
            sleep.as_mut().reset(over_at);
        }
        let late = if over_at == self.total_at { Late::Total(self.deadlines.total) } else { late };
        sleep.as_mut().poll(cx).map(|()| late)
    }
}
