//! The log: JSON lines for machines, or coloured text on a terminal, on standard error.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Text where a person looks at it, JSON elsewhere.
    Auto,
    /// One JSON object a line.
    Json,
    /// Text.
    Pretty,
}

/// Why the log cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter cannot be read.
    #[error("the log filter cannot be read")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// A log is set up already.
    #[error("the log is set up already")]
    Again(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Sets the process's log up, once.
///
/// # Errors
/// The filter cannot be read, or a log is set up already.
pub fn init_log(filter: &str, format: LogFormat) -> Result<(), LogError> {
    let filter = EnvFilter::builder().parse(filter)?;
    let terminal = std::io::stderr().is_terminal();
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let json = format == LogFormat::Json || (format == LogFormat::Auto && !terminal);
    let done = if json {
        builder.json().flatten_event(true).try_init()
    } else {
        builder.with_ansi(terminal).try_init()
    };
    done.map_err(LogError::Again)
}
