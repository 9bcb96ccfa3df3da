//! Waiting for a quiet machine: a load that others disturbed is made again, as long as there is patience left.
//! It must not know what is loaded.

use std::time::{Duration, Instant};

use super::samples::Sample;
use super::say;
use super::server::pause;
use crate::proc;

/// Others may use this share of the machine during a load before it counts as disturbed.
const DISTURBED: f64 = 0.10;
/// Others are looked at for so long before a load is made again.
const LOOK: Duration = Duration::from_millis(500);

/// The time that may still be spent on waiting and repeating.
pub(super) struct Patience {
    left: Duration,
    cores: usize,
}

impl Patience {
    pub(super) fn new(seconds: u64, cores: usize) -> Self {
        Self { left: Duration::from_secs(seconds), cores }
    }

    /// Loads, and loads again while others disturb it and patience lasts; returns the least disturbed sample.
    pub(super) fn load(&mut self, load: impl Fn() -> anyhow::Result<Sample>) -> anyhow::Result<Sample> {
        let mut best = load()?;
        while best.foreign > DISTURBED && self.wait_until_quiet()? {
            let begun = Instant::now();
            let again = load()?;
            self.left = self.left.saturating_sub(begun.elapsed());
            // A failure is never traded for a quieter success.
            if best.report.failures == 0 && (again.foreign < best.foreign || again.report.failures > 0) {
                best = again;
            }
        }
        Ok(best)
    }

    /// True when the machine is quiet, false when patience ended first.
    fn wait_until_quiet(&mut self) -> anyhow::Result<bool> {
        if self.left >= LOOK {
            say(&format!("disturbed by others; waiting for up to {} s", self.left.as_secs()));
        }
        while self.left >= LOOK {
            let begun = Instant::now();
            let before = proc::machine_busy_seconds()?;
            pause(LOOK);
            let busy = proc::machine_busy_seconds()? - before;
            let elapsed = begun.elapsed();
            self.left = self.left.saturating_sub(elapsed);
            if busy / elapsed.as_secs_f64() / self.cores as f64 <= DISTURBED {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
