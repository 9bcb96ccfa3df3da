//! The report as Markdown: one table a scenario, then starts and memory, two gateways side by side, and the aims.
//! It must not compute anything beyond what [`Samples`] answers.

use super::Plan;
use super::aims::Verdict;
use super::layout::{Cell, layout};
use super::machine::{self, Machine};
use super::samples::{Metric, Samples, median};
use super::target::{Choice, Program};
use crate::load::Scenario;

/// Others may use this share of the machine before the report warns.
const QUIET: f64 = 0.05;

/// The whole report.
pub(super) fn render(
    plan: &Plan,
    choice: &Choice,
    machine: &Machine,
    samples: &Samples,
    verdicts: &[Verdict],
) -> String {
    let mut out = String::new();
    preamble(&mut out, plan, choice, machine, samples);
    for scenario in &plan.scenarios {
        let (title, columns) = layout(*scenario);
        out.push_str(&format!("\n### {scenario}: {title}\n\n"));
        let titles = columns.iter().map(|(title, _)| (*title).to_owned());
        head(&mut out, titles);
        for target in &choice.targets {
            let cells = columns.iter().map(|(_, cell)| show(samples, target.name, *scenario, cell));
            row(&mut out, target.name, cells);
        }
    }
    starts(&mut out, choice, samples);
    if choice.targets.iter().any(|target| target.program == Program::GatewayB) {
        pairs(&mut out, plan, choice, samples);
    }
    if !verdicts.is_empty() {
        aims(&mut out, verdicts);
    }
    out
}

fn preamble(out: &mut String, plan: &Plan, choice: &Choice, machine: &Machine, samples: &Samples) {
    let command: Vec<String> = std::env::args().skip(2).collect();
    let command = format!("bench/run {}", command.join(" "));
    out.push_str(&format!("Measured on {} with `{}`.\n\n", machine.date, command.trim()));
    out.push_str(&format!(
        "- Machine: {}, {} cores, Linux {}, TCP {}.\n",
        machine.cpu, machine.cores, machine.kernel, machine.congestion_control
    ));
    match machine.pins {
        Some(cores) => out.push_str(&format!(
            "- Each proxy alone on core {}; load and upstream together on core {}.\n",
            cores.proxy, cores.load
        )),
        None => out.push_str("- Not pinned: two cores and taskset are needed, so the ratios are rough.\n"),
    }
    out.push_str(&format!(
        "- {} rounds, every target in turn in each; windows of {} s after {} s of warm-up; \
         medians, ratios paired by round.\n",
        plan.rounds, plan.seconds, plan.warmup_seconds
    ));
    for program in choice.programs() {
        let said = match program {
            Program::Nginx => machine::version("nginx".as_ref(), "-v"),
            Program::Gateway => machine::version(&choice.gateway, "--version"),
            Program::Upstream | Program::Bare | Program::GatewayB => continue,
        };
        out.push_str(&format!("- {said}\n"));
    }
    match samples.foreign() {
        Some(share) if share > QUIET => out.push_str(&format!(
            "- **Not a quiet machine: others used {:.0}% of it. CPU times hold roughly, \
             rates and latencies do not.**\n",
            share * 100.0
        )),
        Some(_) | None => {}
    }
    if !samples.failures.is_empty() {
        out.push_str(&format!("- **{} measurements FAILED and are left out.**\n", samples.failures.len()));
    }
    out.push('\n');
    for target in &choice.targets {
        out.push_str(&format!("- `{}`: {}\n", target.name, target.meaning));
    }
}

fn head(out: &mut String, titles: impl Iterator<Item = String>) {
    let mut rule = "|---|".to_owned();
    out.push_str("| |");
    for title in titles {
        out.push_str(&format!(" {title} |"));
        rule.push_str("---:|");
    }
    out.push_str(&format!("\n{rule}\n"));
}

fn row(out: &mut String, name: &str, cells: impl Iterator<Item = String>) {
    out.push_str(&format!("| {name} |"));
    for cell in cells {
        out.push_str(&format!(" {cell} |"));
    }
    out.push('\n');
}

fn show(samples: &Samples, target: &str, scenario: Scenario, cell: &Cell) -> String {
    match cell {
        Cell::Median(metric, unit, decimals) => {
            number(samples.median(target, scenario, *metric).map(|value| value / unit), *decimals)
        }
        Cell::Percent(metric) => {
            let share = samples.median(target, scenario, *metric);
            share.map_or_else(|| "-".to_owned(), |share| format!("{:.0}%", share * 100.0))
        }
        Cell::Ratio(metric, other) => number(samples.ratio(target, other, scenario, *metric), 2),
        Cell::AddedMs(metric, other) => {
            number(samples.difference(target, other, scenario, *metric).map(|micros| micros / 1000.0), 2)
        }
    }
}

/// A number with thousands set apart, or a dash for what was not measured.
fn number(value: Option<f64>, decimals: usize) -> String {
    let Some(value) = value else {
        return "-".to_owned();
    };
    let text = format!("{value:.decimals$}");
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut out = sign.to_owned();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + fraction
}

fn starts(out: &mut String, choice: &Choice, samples: &Samples) {
    let programs = choice.programs();
    if programs.is_empty() {
        return;
    }
    out.push_str("\n### Starts and memory\n\n");
    let titles = ["starts", "cold start ms", "slowest ms", "idle MiB", "after load MiB"];
    head(out, titles.into_iter().map(str::to_owned));
    for program in programs {
        let name = program.name();
        let ready: Vec<f64> =
            samples.starts.iter().filter(|start| start.server == name).map(|start| start.ready_ms).collect();
        let cells = [
            ready.len().to_string(),
            number(median(ready.clone()), 1),
            number(ready.into_iter().reduce(f64::max), 1),
            number(samples.of_starts(name, |start| start.idle_mib), 1),
            number(samples.of_starts(name, |start| start.loaded_mib), 1),
        ];
        row(out, name, cells.into_iter());
    }
}

/// The second gateway against the first: the middle ratio and the span of the rounds, so that noise is seen as such.
fn pairs(out: &mut String, plan: &Plan, choice: &Choice, samples: &Samples) {
    out.push_str("\n### Second gateway, of the first (median, lowest to highest round)\n\n");
    head(out, ["replies/s", "CPU a reply", "p99"].into_iter().map(str::to_owned));
    let chosen = |name: &str| choice.targets.iter().any(|target| target.name == name);
    let both = [("gateway-b", "gateway"), ("translated-b", "translated")];
    for (second, first) in both.into_iter().filter(|(second, _)| chosen(second)) {
        for scenario in &plan.scenarios {
            let cells = [Metric::PerSecond, Metric::CpuMicros, Metric::P99Micros].map(|metric| {
                let ratios = samples.paired(second, first, *scenario, metric, |mine, theirs| mine / theirs);
                span(ratios)
            });
            row(out, &format!("{first}, {scenario}"), cells.into_iter());
        }
    }
}

fn span(ratios: Vec<f64>) -> String {
    let low = ratios.iter().copied().reduce(f64::min);
    let high = ratios.iter().copied().reduce(f64::max);
    format!("{} ({} to {})", number(median(ratios), 3), number(low, 3), number(high, 3))
}

fn aims(out: &mut String, verdicts: &[Verdict]) {
    out.push_str("\n### Aims\n\n| aim | limit | measured | met |\n|---|---:|---:|---|\n");
    for verdict in verdicts {
        let measured = match verdict.measured {
            Some(value) => format!("{}{}", number(Some(value), 2), verdict.unit),
            None => "not measured".to_owned(),
        };
        let met = if verdict.met() { "yes" } else { "**no**" };
        out.push_str(&format!("| {} | {} | {measured} | {met} |\n", verdict.aim, verdict.limit));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(number(Some(1_234_567.891), 2), "1,234,567.89");
        assert_eq!(number(Some(-1234.0), 0), "-1,234");
        assert_eq!(number(Some(999.4), 0), "999");
        assert_eq!(number(None, 2), "-");
    }
}
