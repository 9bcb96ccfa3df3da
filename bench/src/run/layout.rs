//! Which columns stand in the table of each scenario, as data.
//! It must not know how a number is found or written.

use super::samples::Metric;
use crate::load::Scenario;

/// What stands in one column of a row.
pub(super) enum Cell {
    /// The median, divided by the second number, with so many decimals.
    Median(Metric, f64, usize),
    /// The median as a percentage.
    Percent(Metric),
    /// The paired ratio to another target.
    Ratio(Metric, &'static str),
    /// The paired difference to another target, in milliseconds.
    AddedMs(Metric, &'static str),
}

/// The columns of one table, with their titles.
pub(super) type Columns = &'static [(&'static str, Cell)];

const MS: f64 = 1000.0;

const CLOSED: Columns = &[
    ("requests/s", Cell::Median(Metric::PerSecond, 1.0, 0)),
    ("of nginx", Cell::Ratio(Metric::PerSecond, "nginx")),
    ("of bare", Cell::Ratio(Metric::PerSecond, "bare")),
    ("CPU us/request", Cell::Median(Metric::CpuMicros, 1.0, 1)),
    ("CPU of nginx", Cell::Ratio(Metric::CpuMicros, "nginx")),
    ("core busy", Cell::Percent(Metric::Busy)),
    ("p50 ms", Cell::Median(Metric::P50Micros, MS, 2)),
    ("p99 ms", Cell::Median(Metric::P99Micros, MS, 2)),
];
const RATE: Columns = &[
    ("p50 ms", Cell::Median(Metric::P50Micros, MS, 2)),
    ("p99 ms", Cell::Median(Metric::P99Micros, MS, 2)),
    ("added p50 ms", Cell::AddedMs(Metric::P50Micros, "direct")),
    ("added p99 ms", Cell::AddedMs(Metric::P99Micros, "direct")),
    ("CPU us/request", Cell::Median(Metric::CpuMicros, 1.0, 1)),
];
const STREAMS: Columns = &[
    ("streams/s", Cell::Median(Metric::PerSecond, 1.0, 0)),
    ("CPU us/stream", Cell::Median(Metric::CpuMicros, 1.0, 0)),
    ("CPU of nginx", Cell::Ratio(Metric::CpuMicros, "nginx")),
    ("CPU of bare", Cell::Ratio(Metric::CpuMicros, "bare")),
    ("core busy", Cell::Percent(Metric::Busy)),
    ("gap p99 ms", Cell::Median(Metric::GapP99Micros, MS, 2)),
];
const BURST: Columns = &[
    ("streams/s", Cell::Median(Metric::PerSecond, 1.0, 0)),
    ("of nginx", Cell::Ratio(Metric::PerSecond, "nginx")),
    ("of bare", Cell::Ratio(Metric::PerSecond, "bare")),
    ("CPU us/stream", Cell::Median(Metric::CpuMicros, 1.0, 0)),
    ("core busy", Cell::Percent(Metric::Busy)),
    ("p99 ms", Cell::Median(Metric::P99Micros, MS, 2)),
];
const MIXED: Columns = &[
    ("gap p99 ms alone", Cell::Median(Metric::GapAloneP99Micros, MS, 2)),
    ("gap p99 ms beside 400 KB", Cell::Median(Metric::GapP99Micros, MS, 2)),
    ("growth ms", Cell::Median(Metric::GapGrowthMicros, MS, 2)),
    ("400 KB p99 ms", Cell::Median(Metric::LargeP99Micros, MS, 2)),
];

/// The title and the columns of a scenario's table.
pub(super) fn layout(scenario: Scenario) -> (&'static str, Columns) {
    match scenario {
        Scenario::Fast => ("600 B requests, 64 connections, as many as go", CLOSED),
        Scenario::Body64k => ("64 KB requests, 64 connections, as many as go", CLOSED),
        Scenario::Body400k => ("400 KB requests, 16 connections, as many as go", CLOSED),
        Scenario::Rate => {
            ("600 B requests, 1,000 a second on a schedule, latency from the intended send", RATE)
        }
        Scenario::PacedLight => ("100 paced streams, 51 events 5 ms apart", STREAMS),
        Scenario::Paced => ("512 paced streams, 51 events 5 ms apart", STREAMS),
        Scenario::Burst => ("streams of 51 events at once, 64 connections, as many as go", BURST),
        Scenario::Mixed => ("200 paced streams, then the same beside 400 KB requests at 50 a second", MIXED),
    }
}
