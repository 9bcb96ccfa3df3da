//! `[telemetry]`: what is logged, and in which form.

use std::fmt;

use crate::problem::Fault;
use crate::reader::{Reader, choose};

pub(crate) const KEYS: &[&str] = &["log", "log_format"];

/// The checked `[telemetry]`.
#[derive(Debug)]
pub struct Telemetry {
    /// What is logged.
    pub log: LogFilter,
    /// In which form.
    pub log_format: LogFormat,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// What failed.
    Error,
    /// What looks wrong.
    Warn,
    /// What happened.
    Info,
    /// How it happened.
    Debug,
    /// Every step.
    Trace,
}

impl LogLevel {
    const WORDS: [(&'static str, Self); 6] = [
        ("off", Self::Off),
        ("error", Self::Error),
        ("warn", Self::Warn),
        ("info", Self::Info),
        ("debug", Self::Debug),
        ("trace", Self::Trace),
    ];

    /// The word in the configuration.
    pub const fn name(self) -> &'static str {
        Self::WORDS[self as usize].0
    }
}

/// A level for everything, and levels for parts of the program.
///
/// Its `Display` is the form that `tracing_subscriber` reads (`info,hyper=warn`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFilter {
    /// What holds for targets that are not named.
    pub level: LogLevel,
    /// Targets, as `claw_provider` or `hyper::client`, with levels of their own.
    pub targets: Vec<(String, LogLevel)>,
}

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.level.name())?;
        for (target, level) in &self.targets {
            write!(f, ",{target}={}", level.name())?;
        }
        Ok(())
    }
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people on a terminal, JSON elsewhere.
    Auto,
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
}

pub(crate) fn read(reader: &Reader<'_>) -> Telemetry {
    let forms = [("auto", LogFormat::Auto), ("json", LogFormat::Json), ("pretty", LogFormat::Pretty)];
    Telemetry {
        log: reader.parsed("log", filter).unwrap_or(LogFilter { level: LogLevel::Info, targets: Vec::new() }),
        log_format: reader.choice("log_format", &forms).unwrap_or(LogFormat::Auto),
    }
}

/// Reads directives that are separated by commas.
///
/// It is stricter than `tracing_subscriber`, to which a mistyped level is a target of which everything is logged.
fn filter(text: &str) -> Result<LogFilter, Fault> {
    let mut filter = LogFilter { level: LogLevel::Info, targets: Vec::new() };
    let directives = text.split(',').map(str::trim);
    for directive in directives {
        let Some((target, word)) = directive.split_once('=') else {
            filter.level = level(directive)?;
            continue;
        };
        let known = |b: u8| b.is_ascii_alphanumeric() || b"_:-".contains(&b);
        if target.is_empty() || !target.bytes().all(known) {
            return Err(Fault::new("has a target that is no module path")
                .hint("write directives as \"info,claw_provider=debug\""));
        }
        filter.targets.push((target.to_owned(), level(word)?));
    }
    Ok(filter)
}

fn level(word: &str) -> Result<LogLevel, Fault> {
    let at_fault = |fault: Fault| Fault { message: "has an unknown level".to_owned(), ..fault };
    choose(word, &LogLevel::WORDS).map_err(at_fault)
}
