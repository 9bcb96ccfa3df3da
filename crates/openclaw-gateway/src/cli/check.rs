//! `check`: everything that is wrong with a configuration, at once.

use std::io::Write as _;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use claw_config::LoadOptions;

use super::serve::ConfigArgs;
use crate::settings;

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default().bold();

/// Checks a configuration; the exit code is 1 if there is a problem.
///
/// # Errors
/// The terminal cannot be written to.
pub(super) fn run(args: &ConfigArgs) -> anyhow::Result<ExitCode> {
    let mut out = anstream::stdout().lock();
    let path = args.config.display();
    let loaded = match claw_config::load(&args.config, LoadOptions::default()) {
        Ok(loaded) => loaded,
        Err(problems) => {
            for problem in &problems.0 {
                writeln!(out, "{BAD}problem{BAD:#}  {problem}")?;
            }
            writeln!(out, "{path}: {} to mend, see above", counted(problems.0.len()))?;
            return Ok(ExitCode::FAILURE);
        }
    };
    for warning in &loaded.warnings {
        writeln!(out, "{DOUBTFUL}warning{DOUBTFUL:#}  {warning}")?;
    }
    // The stages are set up as `serve` would, so that nothing is found only then.
    let config = &loaded.config;
    let set_up =
        settings::stages(config, Default::default()).and_then(|_| settings::providers(config).map(drop));
    if let Err(error) = set_up {
        writeln!(out, "{BAD}problem{BAD:#}  {error:#}")?;
        return Ok(ExitCode::FAILURE);
    }
    writeln!(
        out,
        "{GOOD}ok{GOOD:#}  {path}: {} providers, {} model names, {} policy rules, {} keys, {} issuers",
        config.providers.len(),
        config.models.named.len(),
        config.policy.allow.len(),
        config.identity.keys.len(),
        config.identity.issuers.len(),
    )?;
    Ok(ExitCode::SUCCESS)
}

fn counted(number: usize) -> String {
    if number == 1 { "1 problem".to_owned() } else { format!("{number} problems") }
}
