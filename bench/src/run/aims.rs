//! The project's aims for speed, each with the number that decides it.
//! It must not know how the numbers were measured.

use super::samples::{Metric, Samples};
use crate::load::Scenario;

/// One aim and what was measured.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) aim: &'static str,
    /// The limit with its direction and unit.
    pub(super) limit: String,
    /// `None` when a target or scenario was left out.
    pub(super) measured: Option<f64>,
    pub(super) unit: &'static str,
    bound: Bound,
}

#[derive(Clone, Copy, Debug)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
    Below(f64),
}

impl Verdict {
    fn new(aim: &'static str, bound: Bound, unit: &'static str, measured: Option<f64>) -> Self {
        let limit = match bound {
            Bound::AtLeast(limit) => format!(">= {limit}{unit}"),
            Bound::AtMost(limit) => format!("<= {limit}{unit}"),
            Bound::Below(limit) => format!("< {limit}{unit}"),
        };
        Self { aim, limit, measured, unit, bound }
    }

    /// Whether the aim was measured and met.
    pub(super) fn met(&self) -> bool {
        self.measured.is_some_and(|value| match self.bound {
            Bound::AtLeast(limit) => value >= limit,
            Bound::AtMost(limit) => value <= limit,
            Bound::Below(limit) => value < limit,
        })
    }
}

/// Holds the measurements against every aim.
pub(super) fn check(samples: &Samples) -> Vec<Verdict> {
    use Bound::{AtLeast, AtMost, Below};
    use Metric::{CpuMicros, GapGrowthMicros, P99Micros, PerSecond};
    let ratio = |target, other, scenario, metric| samples.ratio(target, other, scenario, metric);
    let added_ms = |target| {
        samples.difference(target, "direct", Scenario::Rate, P99Micros).map(|micros| micros / 1000.0)
    };
    let grown_ms =
        |target| samples.median(target, Scenario::Mixed, GapGrowthMicros).map(|micros| micros / 1000.0);
    vec![
        Verdict::new(
            "fast path, requests/s, of nginx",
            AtLeast(0.5),
            "",
            ratio("gateway", "nginx", Scenario::Fast, PerSecond),
        ),
        Verdict::new(
            "paced streams, processor time a stream, fast path, of nginx",
            AtMost(1.5),
            "",
            ratio("gateway", "nginx", Scenario::Paced, CpuMicros),
        ),
        Verdict::new(
            "paced streams, processor time a stream, translated, of nginx",
            AtMost(3.0),
            "",
            ratio("translated", "nginx", Scenario::Paced, CpuMicros),
        ),
        Verdict::new(
            "bursts, streams/s, of the bare proxy",
            AtLeast(0.8),
            "",
            ratio("gateway", "bare", Scenario::Burst, PerSecond),
        ),
        Verdict::new("added p99 at 1,000 requests/s, fast path", Below(1.0), " ms", added_ms("gateway")),
        Verdict::new("added p99 at 1,000 requests/s, translated", Below(1.0), " ms", added_ms("translated")),
        Verdict::new(
            "p99 gap grown by 400 KB requests at 50/s, fast path",
            Below(10.0),
            " ms",
            grown_ms("gateway"),
        ),
        Verdict::new(
            "p99 gap grown by 400 KB requests at 50/s, translated",
            Below(10.0),
            " ms",
            grown_ms("translated"),
        ),
        Verdict::new(
            "idle memory",
            Below(30.0),
            " MiB",
            samples.of_starts("gateway", |start| start.idle_mib),
        ),
        Verdict::new(
            "cold start",
            Below(100.0),
            " ms",
            samples.of_starts("gateway", |start| Some(start.ready_ms)),
        ),
    ]
}
