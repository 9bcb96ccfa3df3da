//! `demo`: everything on this machine, with nothing to set up. The providers are simulated, and everything else is the real thing: a token of a local
//! issuer goes through the same checks as one of Cognito.

mod issuer;
mod welcome;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;

use anyhow::{Context as _, bail};
use clap::Args;
use claw_config::LoadOptions;
use claw_simulator::{Options, Simulator};

use super::serve;
use crate::process::{self, Source};

/// What `demo` takes.
#[derive(Args)]
#[command(after_help = "Example:\n  openclaw-gateway demo --listen 127.0.0.1:8080 --data ./data")]
pub(super) struct DemoArgs {
    /// Where to listen; only this machine can be let in.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Where operators look; only this machine can be let in.
    #[arg(long, default_value = "127.0.0.1:8081", value_name = "ADDRESS")]
    admin: SocketAddr,
    /// Where records and the token go.
    #[arg(long, default_value = "data", value_name = "DIR")]
    data: PathBuf,
    /// Print one line of JSON with `url`, `admin_url`, `token` and `models` when ready.
    #[arg(long)]
    json: bool,
}

/// Serves until interrupted.
///
/// # Errors
/// A listener off loopback, an address that is taken, a folder that cannot be written.
pub(super) fn run(args: &DemoArgs) -> anyhow::Result<ExitCode> {
    for address in [args.listen, args.admin] {
        if !address.ip().is_loopback() {
            bail!(
                "the demo lets in this machine only, and {address} is open to others: use 127.0.0.1, or `serve` with a configuration"
            );
        }
    }
    std::fs::create_dir_all(&args.data)
        .with_context(|| format!("cannot make the folder {}", args.data.display()))?;
    let simulator = start_simulator()?;
    let issuer = issuer::Issuer::new()?;
    std::fs::write(args.data.join("jwks.json"), issuer.jwks())?;
    let path = args.data.join("demo.toml");
    std::fs::write(&path, configuration(args, simulator))?;
    let token = issuer.token()?;
    write_private(&args.data.join("token"), &token)?;
    let options = LoadOptions { allow_literal_secrets: true, ..LoadOptions::default() };
    let loaded = serve::load(&path, &options)?;
    serve::init_log(&loaded.config)?;
    let json = args.json;
    process::run(Source { path, options, loaded }, move |addresses| {
        welcome::say(&addresses, simulator, &token, json);
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Starts the simulated providers on a free port, on a thread of their own.
fn start_simulator() -> anyhow::Result<SocketAddr> {
    let (tell, told) = mpsc::sync_channel(1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("simulator".into()).spawn(move || {
        runtime.block_on(async move {
            let listener = match tokio::net::TcpListener::bind("127.0.0.1:0").await {
                Ok(listener) => listener,
                Err(error) => return drop(tell.send(Err(error))),
            };
            let _ = tell.send(listener.local_addr());
            Simulator::new(Options::default()).serve(listener, std::future::pending()).await;
        });
    })?;
    told.recv()?.context("the simulated providers cannot listen")
}

/// A token is worth something as long as the demo runs: only its owner may read the file.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    Ok(file.write_all(text.as_bytes())?)
}

/// The demo's configuration, written where a person can look at it.
fn configuration(args: &DemoArgs, simulator: SocketAddr) -> String {
    let (listen, admin) = (args.listen, args.admin);
    let (issuer, client) = (issuer::NAME, issuer::CLIENT_ID);
    let real_ollama = if ollama_answers() {
        "\n[providers.local]\ndialect = \"ollama_chat\"\nbase_url = \"http://127.0.0.1:11434\"\nprivate = true\n"
    } else {
        ""
    };
    format!(
        r#"# Written by `openclaw-gateway demo` at every start. Its providers are simulated.
version = 1

[server]
listen = "{listen}"
admin_listen = "{admin}"

[[identity.issuers]]
issuer = "{issuer}"
jwks_file = "jwks.json"
client_ids = ["{client}"]

[[policy.allow]]
tenants = ["*"]
users = ["*"]
groups = ["*"]
models = ["*"]

[providers.openai]
dialect = "openai_chat"
base_url = "http://{simulator}"
api_keys = ["simulated"]
models = ["gpt-5", "gpt-5-mini", "*"]

[providers.anthropic]
dialect = "anthropic_messages"
base_url = "http://{simulator}"
api_keys = ["simulated"]
models = ["claude-sonnet-4-6", "claude-haiku-4-5", "*"]

[providers.bedrock]
dialect = "bedrock_converse"
base_url = "http://{simulator}"
regions = ["us-east-1"]
api_keys = ["simulated"]
models = ["us.anthropic.claude-sonnet-4-6-v1:0", "*"]

[providers.ollama]
dialect = "ollama_chat"
base_url = "http://{simulator}"
private = true
models = ["llama3.2", "*"]
{real_ollama}
[models.fast]
targets = ["openai/gpt-5-mini", "anthropic/claude-haiku-4-5"]
default = true

[models.smart]
targets = ["anthropic/claude-sonnet-4-6", "openai/gpt-5"]

[ledger]
folder = "ledger"

[telemetry]
log = "warn"
"#
    )
}

/// Whether a real Ollama listens on this machine.
fn ollama_answers() -> bool {
    let address = SocketAddr::from(([127, 0, 0, 1], 11434));
    std::net::TcpStream::connect_timeout(&address, std::time::Duration::from_millis(100)).is_ok()
}
