//! What one load comes to: counted while it runs, then reported.
//! It must not know sockets or scenarios' shapes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Phase, Scenario};
use crate::histogram::{Histogram, Spread};

/// Counts of one worker, or of several added up.
#[derive(Default)]
pub(super) struct Tally {
    latency: Histogram,
    gap: Histogram,
    gap_alone: Histogram,
    done: u64,
    done_total: u64,
    failures: u64,
    first_failure: Option<String>,
}

/// A worker gives up after so many failures: what is broken is not measured for long.
const MAX_FAILURES: u64 = 10;

impl Tally {
    /// Counts a complete, correct reply.
    pub(super) fn done(&mut self, phase: Phase, latency: Duration) {
        self.done_total += 1;
        if phase == Phase::Main {
            self.done += 1;
            self.latency.record(latency);
        }
    }

    /// Counts the time between two events of one stream.
    pub(super) fn gap(&mut self, phase: Phase, gap: Duration) {
        match phase {
            Phase::Alone => self.gap_alone.record(gap),
            Phase::Main => self.gap.record(gap),
            Phase::Warmup | Phase::Over => {}
        }
    }

    /// Counts a reply that was wrong or did not come.
    pub(super) fn failed(&mut self, why: impl Into<String>) {
        self.failures += 1;
        if self.first_failure.is_none() {
            self.first_failure = Some(why.into());
        }
    }

    /// Whether the worker should go on.
    pub(super) fn may_go_on(&self) -> bool {
        self.failures < MAX_FAILURES
    }

    /// Adds the counts of another worker.
    pub(super) fn merge(&mut self, other: &Self) {
        self.latency.merge(&other.latency);
        self.gap.merge(&other.gap);
        self.gap_alone.merge(&other.gap_alone);
        self.done += other.done;
        self.done_total += other.done_total;
        self.failures += other.failures;
        if self.first_failure.is_none() {
            self.first_failure.clone_from(&other.first_failure);
        }
    }
}

/// What one load came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) scenario: Scenario,
    /// Length of the measured window.
    pub(crate) seconds: f64,
    /// Complete, correct replies in the window.
    pub(crate) done: u64,
    /// The same with warm-up and what ended after the window: what the proxy spent its processor time on.
    pub(crate) done_total: u64,
    pub(crate) per_second: f64,
    pub(crate) failures: u64,
    pub(crate) first_failure: Option<String>,
    /// From the send (closed loop) or from the intended send (open loop) to the last byte.
    pub(crate) latency: Spread,
    /// Between the events of one stream.
    pub(crate) gap: Spread,
    /// The same before the large requests began (`mixed` only).
    pub(crate) gap_alone: Spread,
    /// Of the large requests beside the streams (`mixed` only).
    pub(crate) large_latency: Spread,
    /// Processor time of the load itself.
    pub(crate) load_cpu_seconds: f64,
}

impl Report {
    pub(super) fn new(scenario: Scenario, seconds: f64) -> Self {
        let none = Spread::default();
        Self {
            scenario,
            seconds,
            done: 0,
            done_total: 0,
            per_second: 0.0,
            failures: 0,
            first_failure: None,
            latency: none,
            gap: none,
            gap_alone: none,
            large_latency: none,
            load_cpu_seconds: 0.0,
        }
    }

    /// Takes the counts of the load itself.
    pub(super) fn add(&mut self, tally: &Tally) {
        self.done += tally.done;
        self.done_total += tally.done_total;
        self.per_second = self.done as f64 / self.seconds;
        self.latency = tally.latency.spread();
        self.gap = tally.gap.spread();
        self.gap_alone = tally.gap_alone.spread();
        self.add_failures(tally);
    }

    /// Takes the counts of the large requests that ran beside the load.
    pub(super) fn add_beside(&mut self, tally: &Tally) {
        self.large_latency = tally.latency.spread();
        self.add_failures(tally);
        if tally.done == 0 {
            self.failures += 1;
            self.first_failure
                .get_or_insert_with(|| "no large request was answered in the window".to_owned());
        }
    }

    fn add_failures(&mut self, tally: &Tally) {
        self.failures += tally.failures;
        if self.first_failure.is_none() {
            self.first_failure.clone_from(&tally.first_failure);
        }
    }

    /// The last step: a load that measured nothing has failed too.
    pub(super) fn close(mut self) -> anyhow::Result<Self> {
        if self.done == 0 && self.failures == 0 {
            self.failures = 1;
            self.first_failure = Some("no reply was completed in the window".to_owned());
        }
        self.load_cpu_seconds = crate::proc::cpu_seconds(std::process::id())?;
        Ok(self)
    }
}
