//! Every measurement of a run, and what is asked of them: medians, and ratios paired round by round.
//! It must not know where the numbers came from or how they are shown.

use serde::Serialize;

use crate::load::{Report, Scenario};

/// One load of one target in one round.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Sample {
    pub(super) round: usize,
    pub(super) target: &'static str,
    pub(super) report: Report,
    /// Processor time of the proxy for each reply, in microseconds; `None` without a proxy.
    pub(super) cpu_us: Option<f64>,
    /// How much of one core the proxy used, 0 to 1.
    pub(super) busy: Option<f64>,
    /// How much of the machine others used, 0 to 1.
    pub(super) foreign: f64,
}

/// One start of one server.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Start {
    pub(super) server: &'static str,
    pub(super) ready_ms: f64,
    /// Half a second after it was ready; only in rounds.
    pub(super) idle_mib: Option<f64>,
    /// After the last scenario of its round.
    pub(super) loaded_mib: Option<f64>,
}

/// What can be asked of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Metric {
    PerSecond,
    CpuMicros,
    Busy,
    P50Micros,
    P99Micros,
    GapP99Micros,
    GapAloneP99Micros,
    /// How much the large requests beside the streams added to the 99th percentile of the gap.
    GapGrowthMicros,
    LargeP99Micros,
}

/// All of a run.
#[derive(Debug, Default, Serialize)]
pub(super) struct Samples {
    pub(super) samples: Vec<Sample>,
    pub(super) starts: Vec<Start>,
    /// Everything that went wrong, each naming its round, target and scenario.
    pub(super) failures: Vec<String>,
}

impl Sample {
    fn value(&self, metric: Metric) -> Option<f64> {
        let report = &self.report;
        match metric {
            Metric::PerSecond => Some(report.per_second),
            Metric::CpuMicros => self.cpu_us,
            Metric::Busy => self.busy,
            Metric::P50Micros => Some(report.latency.p50_us),
            Metric::P99Micros => Some(report.latency.p99_us),
            Metric::GapP99Micros => Some(report.gap.p99_us),
            Metric::GapAloneP99Micros => Some(report.gap_alone.p99_us),
            Metric::GapGrowthMicros => Some(report.gap.p99_us - report.gap_alone.p99_us),
            Metric::LargeP99Micros => Some(report.large_latency.p99_us),
        }
    }
}

impl Samples {
    /// The values of one target in one scenario, with their rounds.
    fn values(&self, target: &str, scenario: Scenario, metric: Metric) -> Vec<(usize, f64)> {
        let of_both = self
            .samples
            .iter()
            .filter(|sample| sample.target == target && sample.report.scenario == scenario);
        of_both.filter_map(|sample| Some((sample.round, sample.value(metric)?))).collect()
    }

    /// The median over the rounds.
    pub(super) fn median(&self, target: &str, scenario: Scenario, metric: Metric) -> Option<f64> {
        median(self.values(target, scenario, metric).into_iter().map(|(_, value)| value).collect())
    }

    /// What `combine` makes of both targets' values of the same round, for every round that has both.
    pub(super) fn paired(
        &self,
        target: &str,
        other: &str,
        scenario: Scenario,
        metric: Metric,
        combine: impl Fn(f64, f64) -> f64,
    ) -> Vec<f64> {
        let others = self.values(other, scenario, metric);
        let mine = self.values(target, scenario, metric).into_iter();
        let pair = |(round, value): (usize, f64)| {
            let (_, beside) = others.iter().find(|(other_round, _)| *other_round == round)?;
            Some(combine(value, *beside))
        };
        mine.filter_map(pair).collect()
    }

    /// The median of the rounds' ratios: what drifts from round to round cancels out in each pair.
    pub(super) fn ratio(&self, target: &str, other: &str, scenario: Scenario, metric: Metric) -> Option<f64> {
        median(self.paired(target, other, scenario, metric, |mine, theirs| mine / theirs))
    }

    /// The median of the rounds' differences.
    pub(super) fn difference(
        &self,
        target: &str,
        other: &str,
        scenario: Scenario,
        metric: Metric,
    ) -> Option<f64> {
        median(self.paired(target, other, scenario, metric, |mine, theirs| mine - theirs))
    }

    /// The median of one value of a server's starts.
    pub(super) fn of_starts(&self, server: &str, value: impl Fn(&Start) -> Option<f64>) -> Option<f64> {
        median(self.starts.iter().filter(|start| start.server == server).filter_map(value).collect())
    }

    /// The share of the machine that others used while this run measured.
    pub(super) fn foreign(&self) -> Option<f64> {
        median(self.samples.iter().map(|sample| sample.foreign).collect())
    }
}

/// The middle value, or the mean of the two in the middle; values that are not numbers are left out.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.retain(|value| value.is_finite());
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[middle]),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}
