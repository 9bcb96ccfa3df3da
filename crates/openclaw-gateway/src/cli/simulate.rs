//! `simulate`: the four providers' APIs on one listener, for trying and testing.

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use claw_simulator::{Options, Simulator};
use tokio::net::TcpListener;

/// What `simulate` takes.
#[derive(Args)]
#[command(after_help = "Example:\n  openclaw-gateway simulate --listen 127.0.0.1:9090 &\n  \
    curl http://127.0.0.1:9090/v1/chat/completions -d '{\"model\":\"gpt-sim~first=300ms~tps=20\",\"stream\":true,\
    \"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}'")]
pub(super) struct SimulateArgs {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:9090", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// The key that callers must show; without one any will do.
    #[arg(long, value_name = "KEY")]
    required_key: Option<String>,
}

/// Serves until interrupted.
///
/// # Errors
/// The address cannot be listened on.
pub(super) fn run(args: &SimulateArgs) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(args.listen)
            .await
            .with_context(|| format!("cannot listen on {}", args.listen))?;
        let address = listener.local_addr()?;
        writeln!(
            anstream::stdout(),
            "simulating OpenAI, Anthropic, Bedrock and Ollama on http://{address}; Ctrl-C ends it"
        )?;
        let options = Options { required_key: args.required_key.clone(), ..Options::default() };
        let interrupted = async {
            let _ = tokio::signal::ctrl_c().await;
        };
        Simulator::new(options).serve(listener, interrupted).await;
        Ok(ExitCode::SUCCESS)
    })
}
