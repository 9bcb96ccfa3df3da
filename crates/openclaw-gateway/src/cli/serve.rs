//! `serve`: the real thing, from one configuration file.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use claw_config::{Checked, LoadOptions, Loaded, LogFormat};

use crate::process::{self, Addresses, Source};

/// Which configuration.
#[derive(Args)]
#[command(after_help = "Example:\n  openclaw-gateway check --config examples/production.toml")]
pub(super) struct ConfigArgs {
    /// The configuration file.
    #[arg(long, env = "OPENCLAW_CONFIG", value_name = "FILE")]
    pub(super) config: PathBuf,
}

/// What `serve` takes.
#[derive(Args)]
#[command(
    after_help = "Example:\n  OPENAI_API_KEY=sk-... openclaw-gateway serve --config examples/openai.toml"
)]
pub(super) struct ServeArgs {
    /// The configuration file.
    #[arg(long, env = "OPENCLAW_CONFIG", value_name = "FILE")]
    config: PathBuf,
    /// Print one line of JSON with the addresses when ready.
    #[arg(long)]
    json: bool,
}

/// Serves until told to end.
///
/// # Errors
/// The configuration has problems, or the process cannot start.
pub(super) fn run(args: &ServeArgs) -> anyhow::Result<ExitCode> {
    let options = LoadOptions::default();
    let loaded = load(&args.config, &options)?;
    init_log(&loaded.config)?;
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    let json = args.json;
    let source = Source { path: args.config.clone(), options, loaded };
    process::run(source, move |addresses| {
        if json {
            let _ = writeln!(anstream::stdout(), "{}", line(&addresses));
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Reads a configuration, or tells all its problems.
///
/// # Errors
/// There are problems.
pub(super) fn load(path: &std::path::Path, options: &LoadOptions) -> anyhow::Result<Loaded> {
    claw_config::load(path, options.clone())
        .map_err(|problems| anyhow::anyhow!("{problems}"))
        .with_context(|| format!("{} cannot be used", path.display()))
}

/// Sets the log up as the configuration says.
///
/// # Errors
/// The filter cannot be read; the check has refused it already.
pub(super) fn init_log(config: &Checked) -> anyhow::Result<()> {
    let format = match config.telemetry.log_format {
        LogFormat::Auto => claw_telemetry::LogFormat::Auto,
        LogFormat::Json => claw_telemetry::LogFormat::Json,
        LogFormat::Pretty => claw_telemetry::LogFormat::Pretty,
    };
    Ok(claw_telemetry::init_log(&config.telemetry.log.to_string(), format)?)
}

/// The address of the public listener as a URL.
pub(super) fn url(addresses: &Addresses) -> String {
    format!("{}://{}", if addresses.tls { "https" } else { "http" }, addresses.public)
}

fn line(addresses: &Addresses) -> serde_json::Value {
    serde_json::json!({ "url": url(addresses), "admin_url": format!("http://{}", addresses.admin) })
}
