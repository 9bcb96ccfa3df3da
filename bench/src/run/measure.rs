//! The measuring itself: starts timed, then rounds in which every target is loaded in turn, scenario by scenario.
//! It must not know what the numbers are compared with.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::machine::Machine;
use super::patience::Patience;
use super::samples::{Sample, Samples, Start};
use super::server::{Server, Starter, pause};
use super::target::{Choice, Program, Target};
use super::workplace::Workplace;
use super::{Options, Plan, say};
use crate::load::{Report, Scenario};
use crate::proc;

/// A server that has been ready for so long is idle.
const IDLE_AFTER: Duration = Duration::from_millis(500);

/// Measures everything that was chosen.
pub(super) fn all(
    options: &Options,
    plan: &Plan,
    choice: &Choice,
    machine: &Machine,
) -> anyhow::Result<Samples> {
    let workplace = Workplace::new(options.base_port)?;
    let starter = Starter { machine, workplace: &workplace, choice, folder: &options.folder };
    let mut samples = Samples::default();
    let mut patience = Patience::new(options.patience, machine.cores);
    time_starts(&starter, plan, &mut samples)?;
    for round in 1..=plan.rounds {
        run_round(&starter, plan, round, &mut patience, &mut samples)?;
    }
    Ok(samples)
}

/// Cold starts, the servers in turn.
fn time_starts(starter: &Starter<'_>, plan: &Plan, samples: &mut Samples) -> anyhow::Result<()> {
    say(&format!("timing {} starts of each server", plan.starts));
    for _ in 0..plan.starts {
        for program in starter.choice.programs() {
            let server = starter.start(program)?;
            samples.starts.push(start_of(&server));
        }
    }
    Ok(())
}

fn start_of(server: &Server) -> Start {
    let ready_ms = server.ready_after.as_secs_f64() * 1000.0;
    Start { server: server.program.name(), ready_ms, idle_mib: None, loaded_mib: None }
}

fn run_round(
    starter: &Starter<'_>,
    plan: &Plan,
    round: usize,
    patience: &mut Patience,
    samples: &mut Samples,
) -> anyhow::Result<()> {
    let upstream = starter.start(Program::Upstream)?;
    let mut servers = Vec::new();
    let mut starts = Vec::new();
    for program in starter.choice.programs() {
        let server = starter.start(program)?;
        pause(IDLE_AFTER);
        starts.push(Start { idle_mib: Some(server.resident_mib()?), ..start_of(&server) });
        servers.push(server);
    }
    for scenario in &plan.scenarios {
        for target in &starter.choice.targets {
            let server = servers.iter().find(|server| server.program == target.program);
            let place = format!("round {round} of {}, {scenario}, {}", plan.rounds, target.name);
            match patience.load(|| load(starter, plan, *scenario, (target, server, &upstream))) {
                Ok(sample) => keep(Sample { round, ..sample }, &place, samples),
                Err(error) => {
                    say(&format!("{place}: FAILED, {error:#}"));
                    samples.failures.push(format!("{place}: {error:#}"));
                }
            }
        }
    }
    for (server, start) in servers.iter().zip(&mut starts) {
        start.loaded_mib = server.resident_mib().ok();
    }
    samples.starts.extend(starts);
    Ok(())
}

/// Keeps a sample; one with failures is told and not compared with anything.
fn keep(sample: Sample, place: &str, samples: &mut Samples) {
    let report = &sample.report;
    if report.failures > 0 {
        let first = report.first_failure.as_deref().unwrap_or("unknown");
        say(&format!("{place}: FAILED {} times, first: {first}", report.failures));
        samples.failures.push(format!("{place}: {} failures, first: {first}", report.failures));
        return;
    }
    let cpu = sample.cpu_us.map_or_else(String::new, |micros| format!(", {micros:.1} us of processor each"));
    say(&format!("{place}: {:.0}/s{cpu}", report.per_second));
    samples.samples.push(sample);
}

/// One load in its own process, with what it cost the proxy, the upstream and the machine.
fn load(
    starter: &Starter<'_>,
    plan: &Plan,
    scenario: Scenario,
    (target, server, upstream): (&Target, Option<&Server>, &Server),
) -> anyhow::Result<Sample> {
    let used = || -> anyhow::Result<(f64, f64, f64)> {
        let proxy = server.map_or(Ok(0.0), Server::cpu_seconds)?;
        Ok((proxy, upstream.cpu_seconds()?, proc::machine_busy_seconds()?))
    };
    let begun = Instant::now();
    let before = used()?;
    let address = server.unwrap_or(upstream).address;
    let report = load_process(starter.machine, plan, scenario, target, &format!("http://{address}"))?;
    let after = used()?;
    let elapsed = begun.elapsed().as_secs_f64();
    let proxy = after.0 - before.0;
    let ours = proxy + (after.1 - before.1) + report.load_cpu_seconds;
    let others = (after.2 - before.2 - ours).max(0.0);
    Ok(Sample {
        round: 0,
        target: target.name,
        cpu_us: server.map(|_| proxy * 1e6 / report.done_total.max(1) as f64),
        busy: server.map(|_| proxy / elapsed),
        foreign: others / elapsed / starter.machine.cores as f64,
        report,
    })
}

fn load_process(
    machine: &Machine,
    plan: &Plan,
    scenario: Scenario,
    target: &Target,
    base: &str,
) -> anyhow::Result<Report> {
    let mut command = machine.command(|cores| cores.load, std::env::current_exe()?);
    command.args(["load", "--scenario", &scenario.to_string()]);
    command.args(["--target", &format!("{base}/v1/chat/completions"), "--model-prefix", target.model_prefix]);
    let (warmup, seconds) = plan.lengths(scenario);
    command.args(["--texts", &target.texts.to_string()]);
    command.args(["--warmup-seconds", &warmup.to_string(), "--seconds", &seconds.to_string()]);
    if let Some(events) = target.events {
        command.args(["--events", &events.to_string()]);
    }
    let out =
        command.stdin(Stdio::null()).stderr(Stdio::piped()).output().context("cannot start the load")?;
    // A load that could not begin says why on stderr and nothing on stdout.
    serde_json::from_slice(&out.stdout)
        .map_err(|_| anyhow::anyhow!("{}", String::from_utf8_lossy(&out.stderr).trim().to_owned()))
}
