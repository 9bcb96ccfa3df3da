//! The deadlines of one call. They run only while something is waited for, so a slow caller costs the provider nothing.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::settings::Deadlines;

/// While pieces are there without waiting, the clock is looked at once in so many.
const LOOK_EVERY: u8 = 16;

/// The clock of one call.
#[derive(Debug)]
pub(crate) struct Watch {
    deadlines: Deadlines,
    total_at: Instant,
    /// When the present wait is over.
    over_at: Option<Instant>,
    /// How many pieces were there without waiting since the clock was looked at.
    unwaited: u8,
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
        let total_at = Instant::now() + deadlines.total;
        Self { deadlines, total_at, over_at: None, unwaited: 0, sleep: None }
    }

    /// Waits for the head of the reply.
    pub(crate) async fn first_byte<F: Future>(&mut self, future: F) -> Result<F::Output, Late> {
        let mut future = pin!(future);
        let late = Late::FirstByte(self.deadlines.first_byte);
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => {
                self.over_at = None;
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

    /// Says that a piece is there, and asks whether it is too late for all: a provider that always has more is never waited for.
    pub(crate) fn heard(&mut self) -> Option<Late> {
        self.over_at = None;
        self.unwaited += 1;
        if self.unwaited < LOOK_EVERY {
            return None;
        }
        self.unwaited = 0;
        (Instant::now() >= self.total_at).then_some(Late::Total(self.deadlines.total))
    }

    fn poll(&mut self, cx: &mut Context<'_>, late: Late) -> Poll<Late> {
        self.unwaited = 0;
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
