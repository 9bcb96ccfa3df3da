//! The load: one scenario against one address, every reply checked, the measured values as one JSON object.
//! It must not know which proxy it talks to, nor that there are others to compare with.

mod closed;
mod connection;
mod probe;
mod rate;
mod report;
mod request;
mod scenario;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hyper::Uri;

pub(crate) use report::Report;
pub(crate) use scenario::Scenario;

use closed::Expect;
use report::Tally;
use scenario::Shape;

/// What to load, and how long.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Options {
    /// What is sent.
    #[arg(long)]
    pub(crate) scenario: Scenario,
    /// Where it is sent, as http://HOST:PORT/PATH; loopback addresses only.
    #[arg(long)]
    pub(crate) target: String,
    /// Stands before every model name, such as `openai/`.
    #[arg(long, default_value = "")]
    pub(crate) model_prefix: String,
    /// Content texts that a complete stream holds.
    #[arg(long, default_value_t = crate::upstream::OPENAI_TEXTS)]
    pub(crate) texts: u64,
    /// Events that a complete stream holds; not checked when left out.
    #[arg(long)]
    pub(crate) events: Option<u64>,
    /// The bearer token.
    #[arg(long, default_value = "bench", env = "OPENCLAW_BENCH_KEY", hide_env_values = true)]
    pub(crate) key: String,
    /// Length of the measured window.
    #[arg(long, default_value_t = 3.0)]
    pub(crate) seconds: f64,
    /// What comes before the window and is not counted.
    #[arg(long, default_value_t = 0.5)]
    pub(crate) warmup_seconds: f64,
    /// Connections, instead of the scenario's own number.
    #[arg(long)]
    pub(crate) connections: Option<usize>,
    /// Requests a second of an open loop, instead of the scenario's own number.
    #[arg(long)]
    pub(crate) rate: Option<f64>,
}

/// After the window, requests in flight have this long to end.
const GRACE: Duration = Duration::from_secs(10);

/// Which part of a run an instant belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Warmup,
    /// Streams without the large requests that come in the next phase.
    Alone,
    Main,
    Over,
}

/// The instants at which the phases of a run begin.
#[derive(Clone, Copy)]
struct Clock {
    begin: Instant,
    measured: Instant,
    main: Instant,
    end: Instant,
}

impl Clock {
    fn start(warmup: Duration, alone: Duration, window: Duration) -> Self {
        let begin = Instant::now();
        let measured = begin + warmup;
        let main = measured + alone;
        Self { begin, measured, main, end: main + window }
    }

    fn phase(&self, now: Instant) -> Phase {
        if now < self.measured {
            Phase::Warmup
        } else if now < self.main {
            Phase::Alone
        } else if now < self.end {
            Phase::Main
        } else {
            Phase::Over
        }
    }
}

/// Runs one scenario and reports it.
pub(crate) fn run(options: &Options) -> anyhow::Result<Report> {
    let shape = options.scenario.shape(options)?;
    let (address, path) = address_of(&options.target)?;
    probe::check(options, address, &path)?;
    let warmup = seconds(options.warmup_seconds)?;
    let window = seconds(options.seconds)?;
    let wire = |model: &str, stream, bytes| request::wire(options, address, &path, model, stream, bytes);
    let alone = if shape.large_alongside.is_some() { window } else { Duration::ZERO };
    let clock = Clock::start(warmup, alone, window);
    let mut report = Report::new(options.scenario, window.as_secs_f64());
    match &shape.large_alongside {
        None if shape.rate.is_some() => {
            let plan = rate::Plan::new(&shape, address, wire("bench", false, shape.body_bytes)?);
            report.add(&rate::run(&plan, &clock)?);
        }
        None => report.add(&closed_loop(options, &shape, address, clock, &wire)?),
        Some(large) => {
            let plan = rate::Plan::new(large, address, wire("bench", false, large.body_bytes)?);
            let from_main = Clock { begin: clock.main, ..clock };
            let beside = std::thread::spawn(move || rate::run(&plan, &from_main));
            report.add(&closed_loop(options, &shape, address, clock, &wire)?);
            let beside = beside.join().map_err(|_| anyhow::anyhow!("the large requests ended early"))?;
            report.add_beside(&beside?);
        }
    }
    report.close()
}

fn closed_loop(
    options: &Options,
    shape: &Shape,
    address: SocketAddr,
    clock: Clock,
    wire: &impl Fn(&str, bool, usize) -> anyhow::Result<Vec<u8>>,
) -> anyhow::Result<Tally> {
    let stream = shape.model != "bench";
    let expect =
        if stream { Expect::Stream { texts: options.texts, events: options.events } } else { Expect::Whole };
    let job = closed::Job {
        address,
        request: wire(shape.model, stream, shape.body_bytes)?,
        expect,
        connections: shape.connections,
        stagger: shape.stagger,
        clock,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(closed::run(Arc::new(job)))
}

fn seconds(value: f64) -> anyhow::Result<Duration> {
    anyhow::ensure!((0.0..=300.0).contains(&value), "{value} s is not between 0 and 300 s");
    Ok(Duration::from_secs_f64(value))
}

/// Splits the target into its socket address and path; refuses whatever is not on this machine.
fn address_of(target: &str) -> anyhow::Result<(SocketAddr, String)> {
    let uri: Uri = target.parse().with_context(|| format!("{target} is not a URL"))?;
    let authority = uri.authority().context("the target names no host")?;
    let address: SocketAddr =
        authority.as_str().parse().with_context(|| format!("{authority} is not an IP address and a port"))?;
    anyhow::ensure!(
        address.ip().is_loopback(),
        "{address} is not on this machine; load is for loopback only"
    );
    Ok((address, uri.path().to_owned()))
}
