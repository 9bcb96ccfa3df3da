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

/// An aim before it is measured.
struct Aim {
    words: &'static str,
    bound: Bound,
    unit: &'static str,
    measure: fn(&Samples) -> Option<f64>,
}

const fn aim(
    words: &'static str,
    bound: Bound,
    unit: &'static str,
    measure: fn(&Samples) -> Option<f64>,
) -> Aim {
    Aim { words, bound, unit, measure }
}

const AIMS: [Aim; 12] = [
    aim("fast path, requests/s, of nginx", Bound::AtLeast(0.5), "", |samples| {
        samples.ratio("gateway", "nginx", Scenario::Fast, Metric::PerSecond)
    }),
    aim("512 paced streams, CPU a stream, fast path, of nginx", Bound::AtMost(1.5), "", |samples| {
        samples.ratio("gateway", "nginx", Scenario::Paced, Metric::CpuMicros)
    }),
    aim("512 paced streams, CPU a stream, translated, of nginx", Bound::AtMost(3.0), "", |samples| {
        samples.ratio("translated", "nginx", Scenario::Paced, Metric::CpuMicros)
    }),
    aim("100 paced streams, CPU a stream, fast path, of nginx", Bound::AtMost(1.5), "", |samples| {
        samples.ratio("gateway", "nginx", Scenario::PacedLight, Metric::CpuMicros)
    }),
    aim("100 paced streams, CPU a stream, translated, of nginx", Bound::AtMost(3.0), "", |samples| {
        samples.ratio("translated", "nginx", Scenario::PacedLight, Metric::CpuMicros)
    }),
    aim("bursts, streams/s, of the bare proxy", Bound::AtLeast(0.8), "", |samples| {
        samples.ratio("gateway", "bare", Scenario::Burst, Metric::PerSecond)
    }),
    aim("added p99 at 1,000 requests/s, fast path", Bound::Below(1.0), " ms", |samples| {
        added_p99_ms(samples, "gateway")
    }),
    aim("added p99 at 1,000 requests/s, translated", Bound::Below(1.0), " ms", |samples| {
        added_p99_ms(samples, "translated")
    }),
    aim("p99 gap grown by 400 KB requests at 50/s, fast path", Bound::Below(10.0), " ms", |samples| {
        grown_gap_ms(samples, "gateway")
    }),
    aim("p99 gap grown by 400 KB requests at 50/s, translated", Bound::Below(10.0), " ms", |samples| {
        grown_gap_ms(samples, "translated")
    }),
    aim("idle memory", Bound::Below(30.0), " MiB", |samples| {
        samples.of_starts("gateway", |start| start.idle_mib)
    }),
    aim("cold start", Bound::Below(100.0), " ms", |samples| {
        samples.of_starts("gateway", |start| Some(start.ready_ms))
    }),
];

fn added_p99_ms(samples: &Samples, target: &str) -> Option<f64> {
    samples.difference(target, "direct", Scenario::Rate, Metric::P99Micros).map(|micros| micros / 1000.0)
}

fn grown_gap_ms(samples: &Samples, target: &str) -> Option<f64> {
    samples.median(target, Scenario::Mixed, Metric::GapGrowthMicros).map(|micros| micros / 1000.0)
}

/// Holds the measurements against every aim.
pub(super) fn check(samples: &Samples) -> Vec<Verdict> {
    AIMS.iter().map(|aim| Verdict::new(aim.words, aim.bound, aim.unit, (aim.measure)(samples))).collect()
}
