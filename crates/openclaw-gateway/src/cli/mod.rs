//! The command line. Every command says what it needs and what to do next; each has an example in its `--help`.

pub mod chat;
pub mod check;
pub mod client;
pub mod demo;
pub mod health;
pub mod key;
pub mod serve;
pub mod simulate;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

const ERROR: anstyle::Style = anstyle::AnsiColor::Red.on_default().bold();

/// A gateway between an organisation and its LLM providers.
#[derive(Parser)]
#[command(name = "openclaw-gateway", version, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Try everything on this machine: simulated providers, a local token issuer, nothing to set up.
    Demo(demo::DemoArgs),
    /// Serve a configuration.
    Serve(serve::ServeArgs),
    /// Check a configuration and tell all its problems at once.
    Check(serve::ConfigArgs),
    /// Serve the four providers' APIs, simulated.
    Simulate(simulate::SimulateArgs),
    /// Chat in the terminal.
    Chat(chat::ChatArgs),
    /// Ask a running gateway whether it is well; the exit code tells.
    Health(health::HealthArgs),
    /// API keys for programs.
    #[command(subcommand)]
    Key(key::KeyCommand),
}

/// Runs the command that was asked for.
pub fn main() -> ExitCode {
    let outcome = match &Cli::parse().command {
        Command::Demo(args) => demo::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Check(args) => check::run(args),
        Command::Simulate(args) => simulate::run(args),
        Command::Chat(args) => chat::run(args),
        Command::Health(args) => health::run(args),
        Command::Key(command) => key::run(command),
    };
    outcome.unwrap_or_else(|error| {
        let _ = writeln!(anstream::stderr(), "{ERROR}error{ERROR:#}: {error:#}");
        ExitCode::FAILURE
    })
}
