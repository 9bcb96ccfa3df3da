//! A log-linear histogram of durations: constant memory, every value kept to within 1.6%.
//! It must not know what was measured.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Values below this have a bucket each; above it, every power of two has `STEPS` buckets.
const EXACT: u64 = 128;
const STEPS: usize = 64;
/// Longer durations than this many nanoseconds (about 18 minutes) count as this long.
const LONGEST_NS: u64 = (1 << 40) - 1;

/// Durations, counted by size.
#[derive(Clone, Default)]
pub(crate) struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    longest_ns: u64,
}

/// What is told of a histogram, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Spread {
    pub(crate) count: u64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    pub(crate) max_us: f64,
}

impl Histogram {
    /// Counts one duration.
    pub(crate) fn record(&mut self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX).min(LONGEST_NS);
        let index = index_of(nanos);
        if index >= self.buckets.len() {
            self.buckets.resize(index + 1, 0);
        }
        self.buckets[index] += 1;
        self.count += 1;
        self.longest_ns = self.longest_ns.max(nanos);
    }

    /// Adds what another histogram counted.
    pub(crate) fn merge(&mut self, other: &Self) {
        if other.buckets.len() > self.buckets.len() {
            self.buckets.resize(other.buckets.len(), 0);
        }
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += theirs;
        }
        self.count += other.count;
        self.longest_ns = self.longest_ns.max(other.longest_ns);
    }

    /// The duration, in microseconds, that the share `quantile` (0 to 1) of all durations does not exceed.
    fn quantile_us(&self, quantile: f64) -> f64 {
        let wanted = ((self.count as f64 * quantile).ceil() as u64).max(1);
        let mut seen = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return middle_of(index).min(self.longest_ns) as f64 / 1000.0;
            }
        }
        0.0
    }

    /// The median, the 99th percentile and the longest.
    pub(crate) fn spread(&self) -> Spread {
        Spread {
            count: self.count,
            p50_us: self.quantile_us(0.50),
            p99_us: self.quantile_us(0.99),
            max_us: self.longest_ns as f64 / 1000.0,
        }
    }
}

fn index_of(nanos: u64) -> usize {
    if nanos < EXACT {
        return nanos as usize;
    }
    let power = nanos.ilog2() as usize;
    let step = (nanos >> (power - 6)) as usize - STEPS;
    EXACT as usize + (power - 7) * STEPS + step
}

fn middle_of(index: usize) -> u64 {
    let Some(above) = index.checked_sub(EXACT as usize) else {
        return index as u64;
    };
    let width = above / STEPS + 1;
    let low = ((above % STEPS + STEPS) as u64) << width;
    low + (1 << (width - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_kept_to_within_one_point_six_percent() {
        let mut value: u64 = 1;
        while value < LONGEST_NS {
            let kept = middle_of(index_of(value));
            let off = kept.abs_diff(value) as f64 / value as f64;
            assert!(off <= 0.016, "{value} is kept as {kept}");
            value += value / 7 + 1;
        }
    }

    #[test]
    fn quantiles_of_known_durations_are_found() {
        let mut histogram = Histogram::default();
        for micros in 1..=1000 {
            histogram.record(Duration::from_micros(micros));
        }
        let spread = histogram.spread();
        assert!((spread.p50_us - 500.0).abs() < 9.0, "{spread:?}");
        assert!((spread.p99_us - 990.0).abs() < 16.0, "{spread:?}");
        assert_eq!((spread.count, spread.max_us), (1000, 1000.0));
    }

    #[test]
    fn a_merged_histogram_counts_both() {
        let (mut left, mut right) = (Histogram::default(), Histogram::default());
        left.record(Duration::from_micros(10));
        right.record(Duration::from_secs(7200));
        right.record(Duration::from_millis(30));
        left.merge(&right);
        let spread = left.spread();
        assert_eq!(spread.count, 3);
        assert!((spread.p50_us - 30_000.0).abs() < 500.0, "{spread:?}");
    }

    #[test]
    fn an_empty_histogram_is_all_zero() {
        assert_eq!(Histogram::default().spread(), Spread::default());
    }
}
