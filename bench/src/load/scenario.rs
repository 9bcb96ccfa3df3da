//! The scenarios as data: how many connections, how large, how often.
//! It must not know sockets.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Options;

/// What is sent. Each scenario answers one question; see bench/README.md.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, clap::ValueEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Scenario {
    /// Requests of 600 bytes, 64 connections, as many as go.
    Fast,
    /// Requests of 64 KB, 64 connections, as many as go.
    #[value(name = "64k")]
    #[serde(rename = "64k")]
    Body64k,
    /// Requests of 400 KB, 16 connections, as many as go.
    #[value(name = "400k")]
    #[serde(rename = "400k")]
    Body400k,
    /// 1,000 requests a second on a fixed schedule.
    Rate,
    /// 512 streams of 51 events, 5 ms apart.
    Paced,
    /// 100 streams of 51 events, 5 ms apart: every proxy keeps up, so every one does the same work.
    PacedLight,
    /// Streams of 51 events without gaps, 64 connections, as many as go.
    Burst,
    /// 200 paced streams, first alone, then beside requests of 400 KB at 50 a second.
    Mixed,
}

/// What a scenario comes to.
pub(super) struct Shape {
    pub(super) connections: usize,
    pub(super) body_bytes: usize,
    /// Without the prefix; it says to the upstream how to answer.
    pub(super) model: &'static str,
    /// Requests a second on a schedule; `None` for as many as go.
    pub(super) rate: Option<f64>,
    /// Over this time the connections begin, so that paced streams do not all tick at once.
    pub(super) stagger: Duration,
    /// What comes in the second half, beside the streams.
    pub(super) large_alongside: Option<Box<Self>>,
}

const SMALL_BYTES: usize = 600;
const LARGE_BYTES: usize = 400 * 1024;
/// Of 51 events that are 5 ms apart.
const STREAM_TIME: Duration = Duration::from_millis(250);

impl Shape {
    fn closed(connections: usize, body_bytes: usize) -> Self {
        let model = "bench";
        Self { connections, body_bytes, model, rate: None, stagger: Duration::ZERO, large_alongside: None }
    }

    fn open(connections: usize, body_bytes: usize, rate: f64) -> Self {
        Self { rate: Some(rate), ..Self::closed(connections, body_bytes) }
    }

    fn paced(connections: usize) -> Self {
        Self { model: "bench-gap5", stagger: STREAM_TIME, ..Self::closed(connections, SMALL_BYTES) }
    }
}

impl Scenario {
    /// All of them, in the order in which they are run and shown.
    pub(crate) const ALL: [Self; 8] = [
        Self::Fast,
        Self::Body64k,
        Self::Body400k,
        Self::Rate,
        Self::PacedLight,
        Self::Paced,
        Self::Burst,
        Self::Mixed,
    ];

    /// The numbers of this scenario, with what the options replace.
    pub(super) fn shape(self, options: &Options) -> anyhow::Result<Shape> {
        let mut shape = match self {
            Self::Fast => Shape::closed(64, SMALL_BYTES),
            Self::Body64k => Shape::closed(64, 64 * 1024),
            Self::Body400k => Shape::closed(16, LARGE_BYTES),
            Self::Rate => Shape::open(32, SMALL_BYTES, 1000.0),
            Self::Paced => Shape::paced(512),
            Self::PacedLight => Shape::paced(100),
            Self::Burst => Shape { model: "bench-burst", ..Shape::closed(64, SMALL_BYTES) },
            Self::Mixed => {
                let large = Some(Box::new(Shape::open(8, LARGE_BYTES, 50.0)));
                Shape { large_alongside: large, ..Shape::paced(200) }
            }
        };
        shape.connections = options.connections.unwrap_or(shape.connections);
        anyhow::ensure!((1..=2048).contains(&shape.connections), "connections are 1 to 2048");
        if let Some(rate) = shape.rate.as_mut() {
            *rate = options.rate.unwrap_or(*rate);
            anyhow::ensure!((1.0..=20_000.0).contains(rate), "a rate is 1 to 20,000 requests a second");
        }
        Ok(shape)
    }
}

impl std::fmt::Display for Scenario {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Fast => "fast",
            Self::Body64k => "64k",
            Self::Body400k => "400k",
            Self::Rate => "rate",
            Self::Paced => "paced",
            Self::PacedLight => "paced-light",
            Self::Burst => "burst",
            Self::Mixed => "mixed",
        })
    }
}
