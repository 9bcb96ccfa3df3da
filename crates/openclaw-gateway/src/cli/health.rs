//! `health`: asks a running gateway whether it is well, for people and for container health checks. The exit code tells.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use anyhow::anyhow;
use clap::Args;
use http::StatusCode;

use super::client::{Client, read};

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// Orchestrators wait a few seconds for a check; an answer that takes longer is none.
const DEADLINE: Duration = Duration::from_secs(3);
const ANSWER_MAX_BYTES: usize = 64 * 1024;

/// What `health` takes.
#[derive(Args)]
#[command(
    after_help = "Example:\n  openclaw-gateway health --ready --url http://127.0.0.1:8080 && echo well"
)]
pub struct HealthArgs {
    /// Where the gateway is.
    #[arg(long, env = "OPENCLAW_URL", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    url: String,
    /// Ask whether it can serve callers now, and not only whether it is alive.
    #[arg(long)]
    ready: bool,
}

/// Prints one line; the exit code is 1 if the gateway is not well.
///
/// # Errors
/// The URL is none, or the terminal cannot be written to.
pub fn run(args: &HealthArgs) -> anyhow::Result<ExitCode> {
    let client = Client::new(&args.url, None)?;
    let path = if args.ready { "/health/ready" } else { "/health" };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let began = Instant::now();
    let answer = runtime.block_on(async {
        let asked = tokio::time::timeout(DEADLINE, ask(&client, path)).await;
        asked.unwrap_or_else(|_| Err(anyhow!("no answer within {} s", DEADLINE.as_secs())))
    });
    // A name that is still being looked up must not keep the process.
    runtime.shutdown_background();
    let mut out = anstream::stdout().lock();
    let (place, took_ms) = (format!("{}{path}", client.url()), began.elapsed().as_millis());
    let is_well = match answer {
        Ok((StatusCode::OK, word)) => {
            writeln!(out, "{GOOD}{word}{GOOD:#}  {place} answered in {took_ms} ms")?;
            true
        }
        Ok((status, word)) => {
            writeln!(out, "{BAD}{word}{BAD:#}  {place} answered {status}")?;
            false
        }
        Err(error) => {
            writeln!(out, "{BAD}unreachable{BAD:#}  {place}: {error:#}")?;
            false
        }
    };
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The status of the answer, and the gateway's word for how it is.
async fn ask(client: &Client, path: &str) -> anyhow::Result<(StatusCode, String)> {
    let response = client.get(path).await?;
    let status = response.status();
    let body = read(response.into_body(), ANSWER_MAX_BYTES).await?;
    let json: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let otherwise = if status.is_success() { "ok" } else { "not well" };
    let word = json.get("status").and_then(|word| word.as_str()).unwrap_or(otherwise);
    Ok((status, word.to_owned()))
}
