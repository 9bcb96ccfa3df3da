//! Taking several equal things in turn, and letting one rest that was refused. It does not know what the things are.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// Nothing rests for longer than this, whatever a provider asks for: by then it is worth another try.
const REST_MAX: Duration = Duration::from_secs(60);

/// Whose turn it is among a fixed number of things.
#[derive(Debug)]
pub(crate) struct Rotation {
    turn: AtomicUsize,
    epoch: Instant,
    /// Until when each rests, in milliseconds since `epoch`.
    rests_until_ms: Box<[AtomicU64]>,
}

impl Rotation {
    pub(crate) fn new(count: usize) -> Self {
        let rests_until_ms = (0..count).map(|_| AtomicU64::new(0)).collect();
        Self { turn: AtomicUsize::new(0), epoch: Instant::now(), rests_until_ms }
    }

    /// The next that does not rest, or else the one whose rest ends first.
    pub(crate) fn next(&self) -> usize {
        let count = self.rests_until_ms.len();
        if count < 2 {
            return 0;
        }
        let now_ms = self.now_ms();
        let first = self.turn.fetch_add(1, Ordering::Relaxed);
        (0..count)
            .map(|step| first.wrapping_add(step) % count)
            .min_by_key(|index| self.rest_left_ms(*index, now_ms))
            .unwrap_or(0)
    }

    /// The next after `index` that does not rest.
    pub(crate) fn other_than(&self, index: usize) -> Option<usize> {
        let count = self.rests_until_ms.len();
        let now_ms = self.now_ms();
        (1..count)
            .map(|step| (index + step) % count)
            .find(|other| *other != index && self.rest_left_ms(*other, now_ms) == 0)
    }

    /// Lets one rest. It is still taken when all rest.
    pub(crate) fn rest(&self, index: usize, how_long: Duration) {
        if self.rests_until_ms.len() < 2 {
            return;
        }
        if let Some(until_ms) = self.rests_until_ms.get(index) {
            until_ms.fetch_max(self.now_ms() + millis(how_long.min(REST_MAX)), Ordering::Relaxed);
        }
    }

    fn rest_left_ms(&self, index: usize, now_ms: u64) -> u64 {
        let until_ms = self.rests_until_ms.get(index).map_or(0, |until| until.load(Ordering::Relaxed));
        until_ms.saturating_sub(now_ms)
    }

    fn now_ms(&self) -> u64 {
        millis(self.epoch.elapsed())
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
