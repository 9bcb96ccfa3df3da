//! Logs and metrics. Every metric has its name here and nowhere else; nothing of what callers say is ever an argument.

mod log;
mod metrics;

pub use log::{LogError, LogFormat, init_log};
pub use metrics::{Gauge, Metrics, Tokens};

#[cfg(test)]
mod tests;
