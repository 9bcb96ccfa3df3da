//! What is concluded from known measurements.

use clap::{Args as _, FromArgMatches as _};

use super::samples::{Metric, Sample, Start, median};
use super::*;
use crate::load::Report;

fn report(scenario: Scenario, per_second: f64, p99_us: f64) -> Report {
    let spread = serde_json::json!({"count": 9, "p50_us": p99_us / 2.0, "p99_us": p99_us, "max_us": p99_us});
    serde_json::from_value(serde_json::json!({
        "scenario": scenario, "seconds": 1.0, "done": 9, "done_total": 9, "per_second": per_second, "failures": 0,
        "first_failure": null, "latency": spread, "gap": spread, "gap_alone": spread, "large_latency": spread,
        "load_cpu_seconds": 0.1
    }))
    .unwrap()
}

fn sample(round: usize, target: &'static str, scenario: Scenario, per_second: f64, cpu_us: f64) -> Sample {
    let report = report(scenario, per_second, cpu_us * 10.0);
    Sample { round, target, report, cpu_us: Some(cpu_us), busy: Some(0.5), foreign: 0.0 }
}

/// A run in which the gateway just meets every aim.
fn good() -> Samples {
    let mut samples = Samples::default();
    for round in 1..=3 {
        // The machine is twice as fast in the third round; ratios must not see it.
        let speed = if round == 3 { 2.0 } else { 1.0 };
        for scenario in Scenario::ALL {
            for (target, share) in
                [("direct", 1.0), ("nginx", 1.0), ("bare", 0.7), ("gateway", 0.6), ("translated", 0.4)]
            {
                samples.samples.push(sample(
                    round,
                    target,
                    scenario,
                    1000.0 * share * speed,
                    20.0 / share / speed,
                ));
            }
        }
    }
    let start = Start { server: "gateway", ready_ms: 20.0, idle_mib: Some(15.0), loaded_mib: Some(30.0) };
    samples.starts.push(start);
    samples
}

fn options(arguments: &[&str]) -> Options {
    let command = Options::augment_args(clap::Command::new("run"));
    let all = ["run", "--gateway-bin", "/nonexistent"].into_iter().chain(arguments.iter().copied());
    Options::from_arg_matches(&command.try_get_matches_from(all).unwrap()).unwrap()
}

#[test]
fn ratios_are_paired_by_round() {
    let mut samples = Samples::default();
    for (round, theirs, mine) in [(1, 100.0, 90.0), (2, 400.0, 100.0), (3, 200.0, 180.0)] {
        samples.samples.push(sample(round, "nginx", Scenario::Fast, theirs, 1.0));
        samples.samples.push(sample(round, "gateway", Scenario::Fast, mine, 1.0));
    }
    // The ratio of the medians would be 0.5.
    let ratio = samples.ratio("gateway", "nginx", Scenario::Fast, Metric::PerSecond).unwrap();
    assert!((ratio - 0.9).abs() < 1e-9, "{ratio}");
    assert_eq!(samples.ratio("gateway", "missing", Scenario::Fast, Metric::PerSecond), None);
}

#[test]
fn a_median_leaves_out_what_is_no_number() {
    assert_eq!(median(vec![3.0, f64::NAN, 1.0, 2.0]), Some(2.0));
    assert_eq!(median(vec![1.0, 4.0]), Some(2.5));
    assert_eq!(median(vec![f64::INFINITY]), None);
}

#[test]
fn aims_that_are_met_say_so_and_the_translated_path_is_judged_by_its_own_limit() {
    let verdicts = aims::check(&good());
    assert_eq!(verdicts.len(), 12);
    let missed: Vec<_> =
        verdicts.iter().filter(|verdict| !verdict.met()).map(|verdict| verdict.aim).collect();
    // 1 / 0.6 of nginx is more than 1.5; 1 / 0.4 is less than 3.
    assert_eq!(missed.len(), 2, "{missed:?}");
    assert!(
        missed.iter().all(|aim| aim.contains("paced streams") && aim.contains("fast path")),
        "{missed:?}"
    );
}

#[test]
fn an_aim_that_was_not_measured_is_not_met() {
    assert!(aims::check(&Samples::default()).iter().all(|verdict| !verdict.met()));
}

#[test]
fn a_failed_load_or_an_enforced_miss_fails_the_run() {
    let code = |arguments: &[&str], samples: &Samples| {
        let verdicts = aims::check(samples);
        conclude(&options(arguments), samples, &verdicts)
    };
    let failure = format!("{:?}", ExitCode::FAILURE);
    assert_ne!(format!("{:?}", code(&["--aims"], &good())), failure);
    assert_eq!(format!("{:?}", code(&["--aims", "--enforce"], &good())), failure);
    let mut broken = good();
    broken.failures.push("round 1, fast, nginx: 1 failures".to_owned());
    assert_eq!(format!("{:?}", code(&[], &broken)), failure);
}

#[test]
fn the_report_has_a_table_for_every_scenario_and_a_row_for_every_target() {
    let options = options(&["--aims"]);
    let plan = Plan::new(&options).unwrap();
    let choice = Choice::new(&options).unwrap();
    let machine = machine::Machine::look(18_000).unwrap();
    let samples = good();
    let report = table::render(&plan, &choice, &machine, &samples, &aims::check(&samples));
    for scenario in Scenario::ALL {
        assert!(report.contains(&format!("### {scenario}: ")), "{scenario}");
    }
    assert_eq!(report.matches("\n| nginx |").count(), Scenario::ALL.len() + 1);
    assert!(report.contains("| bare | 700 | 0.70 | 1.00 |"), "{report}");
    assert!(report.contains("| idle memory | < 30 MiB | 15.00 MiB | yes |"), "{report}");
}

#[test]
fn a_gateway_that_was_asked_for_and_is_missing_is_an_error_and_otherwise_left_out() {
    assert!(Choice::new(&options(&["--only", "gateway"])).is_err());
    assert!(Choice::new(&options(&["--only", "nonsense"])).is_err());
    let names: Vec<_> =
        Choice::new(&options(&[])).unwrap().targets.iter().map(|target| target.name).collect();
    assert_eq!(names, ["direct", "nginx", "bare"]);
}

#[test]
fn a_second_gateway_is_compared_with_the_first_round_by_round() {
    let this = std::env::current_exe().unwrap();
    let this = this.to_str().unwrap();
    let options = options(&["--gateway-bin-b", this, "--only", "gateway-b", "--scenario", "fast"]);
    let choice = Choice::new(&options).unwrap();
    let mut samples = good();
    for (round, per_second) in [(1, 1200.0), (2, 600.0), (3, 1320.0)] {
        samples.samples.push(sample(round, "gateway-b", Scenario::Fast, per_second, 20.0));
    }
    let machine = machine::Machine::look(18_000).unwrap();
    let report = table::render(&Plan::new(&options).unwrap(), &choice, &machine, &samples, &[]);
    // 1200 of 600, 600 of 600 and 1320 of 1200.
    assert!(report.contains("| gateway, fast | 1.100 (1.000 to 2.000) |"), "{report}");
}

#[test]
fn a_disturbed_load_is_made_once_without_patience_and_a_quiet_one_is_never_repeated() {
    for (seconds, foreign) in [(0, 0.9), (300, 0.0)] {
        let made = std::cell::Cell::new(0);
        let load = || {
            made.set(made.get() + 1);
            Ok(Sample { foreign, ..sample(1, "nginx", Scenario::Fast, 1.0, 1.0) })
        };
        let kept = patience::Patience::new(seconds, 2).load(load).unwrap();
        assert_eq!((made.get(), kept.foreign), (1, foreign));
    }
}
