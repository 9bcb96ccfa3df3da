//! Everything side by side: starts the upstream and each proxy, loads them in turn, round after round, and reports.
//! It must not know how load is made or counted; that is the load's own process.

mod aims;
mod document;
mod layout;
mod machine;
mod measure;
mod patience;
mod samples;
mod server;
mod table;
mod target;
#[cfg(test)]
mod tests;
mod workplace;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;

use crate::load::Scenario;
use samples::Samples;
use target::Choice;

/// What to compare, how long, and where the report goes.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// About a minute instead of about eight: shorter windows, fewer rounds, the scenarios that the aims need.
    #[arg(long)]
    quick: bool,
    /// Only these targets: direct, nginx, bare, gateway, translated, gateway-b, translated-b.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Only these scenarios.
    #[arg(long, value_delimiter = ',')]
    scenario: Vec<Scenario>,
    /// Rounds, instead of the mode's own number.
    #[arg(long)]
    rounds: Option<usize>,
    /// Length of each measured window, instead of the mode's own.
    #[arg(long)]
    seconds: Option<f64>,
    /// So many seconds in all may be spent on waiting for a quiet machine and repeating disturbed loads.
    #[arg(long, default_value_t = 0, value_name = "SECONDS")]
    patience: u64,
    /// Checks the project's aims and says yes or no to each.
    #[arg(long)]
    aims: bool,
    /// An aim that is missed or was not measured makes the run fail.
    #[arg(long, requires = "aims")]
    enforce: bool,
    /// Writes the report between the markers of this page too.
    #[arg(long, num_args = 0..=1, value_name = "FILE", default_missing_value = "docs/reference/benchmarks.md")]
    write_doc: Option<PathBuf>,
    /// Writes every single measurement, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// The folder with nginx.conf and gateway.toml.
    #[arg(long, default_value = "bench")]
    folder: PathBuf,
    /// The ports used are this one and the nine after it.
    #[arg(long, default_value_t = 18_000)]
    base_port: u16,
    /// The gateway; without one the comparison is made without it, which fails `--enforce`.
    #[arg(long, env = "OPENCLAW_GATEWAY_BIN", default_value = "target/release/openclaw-gateway")]
    gateway_bin: PathBuf,
    /// A second gateway, compared with the first round by round.
    #[arg(long, env = "OPENCLAW_GATEWAY_BIN_B")]
    gateway_bin_b: Option<PathBuf>,
}

/// Lengths that follow from the mode and the options.
struct Plan {
    rounds: usize,
    seconds: f64,
    warmup_seconds: f64,
    /// Starts of each server that are timed before the rounds.
    starts: usize,
    scenarios: Vec<Scenario>,
}

const QUICK: [Scenario; 6] =
    [Scenario::Fast, Scenario::Rate, Scenario::PacedLight, Scenario::Paced, Scenario::Burst, Scenario::Mixed];

/// Streams that wait for each other take up to a second; a shorter window would hardly see one end.
const LEAST_PACED_SECONDS: f64 = 1.5;
const LEAST_PACED_WARMUP_SECONDS: f64 = 0.5;

impl Plan {
    fn new(options: &Options) -> anyhow::Result<Self> {
        let (rounds, seconds, warmup_seconds, starts) =
            if options.quick { (2, 0.5, 0.2, 3) } else { (5, 1.5, 0.3, 10) };
        let all = if options.quick { &QUICK[..] } else { &Scenario::ALL };
        let scenarios = if options.scenario.is_empty() { all.to_vec() } else { options.scenario.clone() };
        let rounds = options.rounds.unwrap_or(rounds);
        anyhow::ensure!((1..=100).contains(&rounds), "rounds are 1 to 100");
        Ok(Self { rounds, seconds: options.seconds.unwrap_or(seconds), warmup_seconds, starts, scenarios })
    }

    /// Warm-up and window of a scenario, in seconds.
    fn lengths(&self, scenario: Scenario) -> (f64, f64) {
        if scenario == Scenario::Paced {
            (self.warmup_seconds.max(LEAST_PACED_WARMUP_SECONDS), self.seconds.max(LEAST_PACED_SECONDS))
        } else {
            (self.warmup_seconds, self.seconds)
        }
    }
}

/// Runs the comparison; the exit code says whether every reply was right and, if asked, every aim was met.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let plan = Plan::new(options)?;
    let choice = Choice::new(options)?;
    let machine = machine::Machine::look(options.base_port)?;
    let samples = measure::all(options, &plan, &choice, &machine)?;
    let verdicts = if options.aims { aims::check(&samples) } else { Vec::new() };
    let report = table::render(&plan, &choice, &machine, &samples, &verdicts);
    std::io::stdout().lock().write_all(report.as_bytes())?;
    if let Some(page) = &options.write_doc {
        document::write(page, &report).with_context(|| page.display().to_string())?;
    }
    if let Some(file) = &options.json {
        std::fs::write(file, serde_json::to_vec_pretty(&samples)?)
            .with_context(|| file.display().to_string())?;
    }
    Ok(conclude(options, &samples, &verdicts))
}

fn conclude(options: &Options, samples: &Samples, verdicts: &[aims::Verdict]) -> ExitCode {
    for failure in &samples.failures {
        say(&format!("FAILED: {failure}"));
    }
    let missed = verdicts.iter().filter(|verdict| !verdict.met()).count();
    if missed > 0 {
        say(&format!("{missed} of {} aims are not met", verdicts.len()));
    }
    if samples.failures.is_empty() && !(options.enforce && missed > 0) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Progress, for the person who waits.
fn say(line: &str) {
    // Without stderr there is nobody left to tell.
    drop(writeln!(std::io::stderr().lock(), "{line}"));
}
