//! `claw-bench`: everything that `make bench` needs in one binary. Each subcommand is one process of a measurement;
//! `run` starts them and compares. It must not know anything of the gateway but its command line and its doors.

mod bare;
mod events;
mod histogram;
mod http1;
mod load;
mod proc;
mod run;
mod upstream;

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures the gateway beside nginx, a bare proxy and no proxy.
///
/// Example: claw-bench run --quick --aims
#[derive(Parser)]
#[command(name = "claw-bench", version)]
enum Command {
    /// A provider that answers from prebuilt bytes.
    ///
    /// Example: claw-bench upstream --listen 127.0.0.1:18001
    Upstream {
        /// The address to serve on.
        #[arg(long)]
        listen: SocketAddr,
    },
    /// The bare proxy: what Rust and hyper reach with no stages.
    ///
    /// Example: claw-bench proxy --listen 127.0.0.1:18003 --upstream 127.0.0.1:18001
    Proxy {
        /// The address to serve on.
        #[arg(long)]
        listen: SocketAddr,
        /// The address to forward to, HOST:PORT.
        #[arg(long)]
        upstream: String,
    },
    /// One scenario against one address; the measured values come as JSON on stdout.
    ///
    /// Example: claw-bench load --scenario fast --target <http://127.0.0.1:18003/v1/chat/completions>
    Load(load::Options),
    /// Everything side by side, as a Markdown report on stdout.
    ///
    /// Example: claw-bench run --only gateway,nginx --scenario fast
    Run(run::Options),
}

fn main() -> ExitCode {
    match execute(Command::parse()) {
        Ok(code) => code,
        Err(error) => {
            // Without stderr there is nobody left to tell.
            drop(writeln!(std::io::stderr().lock(), "claw-bench: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Upstream { listen } => on_one_thread(upstream::serve(listen)),
        Command::Proxy { listen, upstream } => on_one_thread(bare::serve(listen, &upstream)),
        Command::Load(options) => {
            let report = load::run(&options)?;
            let mut out = std::io::stdout().lock();
            writeln!(out, "{}", serde_json::to_string(&report)?)?;
            // `run` reads the failures from the report; a script reads them from the exit code.
            Ok(if report.failures == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) })
        }
        Command::Run(options) => run::run(&options),
    }
}

fn on_one_thread(server: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(server)?;
    Ok(ExitCode::SUCCESS)
}
