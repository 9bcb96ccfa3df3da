//! Metrics in atomics, written out for Prometheus. Labels come from closed sets, so that no caller can make series.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// The doors that requests are counted by.
const DOORS: [&str; 6] =
    ["openai_chat", "anthropic_messages", "openclaw_chat", "provider_route", "models", "other"];
/// The outcomes that requests are counted by; a refusal counts by its kind.
const OUTCOMES: [&str; 22] = [
    "ok",
    "cancelled",
    "malformed",
    "unsupported",
    "too_large",
    "context_too_long",
    "unauthenticated",
    "forbidden",
    "no_such_path",
    "method_not_allowed",
    "no_such_model",
    "rate_limited",
    "billing",
    "slow_request",
    "overloaded",
    "provider_failed",
    "provider_unreachable",
    "deadline",
    "provider_credential",
    "draining",
    "internal",
    "other",
];

/// Tokens of one reply, as metrics count them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tokens {
    /// Input read anew.
    pub input: u64,
    /// Input from the prompt cache.
    pub cache_read: u64,
    /// Input written to the prompt cache.
    pub cache_write: u64,
    /// Output.
    pub output: u64,
}

/// A number that is looked up when metrics are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Gauge {
    /// Its name, with unit.
    pub name: &'static str,
    /// What it tells.
    pub help: &'static str,
    /// Prometheus's word for it: `gauge` or `counter`.
    pub kind: &'static str,
    /// The number.
    pub value: u64,
}

/// What is counted. Shared by all cores.
pub struct Metrics {
    requests: [[AtomicU64; OUTCOMES.len()]; DOORS.len()],
    tokens: [AtomicU64; 4],
    attempts: AtomicU64,
    keep_alives: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: [const { [const { AtomicU64::new(0) }; OUTCOMES.len()] }; DOORS.len()],
            tokens: [const { AtomicU64::new(0) }; 4],
            attempts: AtomicU64::new(0),
            keep_alives: AtomicU64::new(0),
        }
    }
}

impl Metrics {
    /// Counts a request that has ended. An unknown word counts as `other`.
    pub fn request(&self, door: &str, outcome: &str) {
        let door = DOORS.iter().position(|known| *known == door).unwrap_or(DOORS.len() - 1);
        let outcome = OUTCOMES.iter().position(|known| *known == outcome).unwrap_or(OUTCOMES.len() - 1);
        self.requests[door][outcome].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts the tokens of a reply.
    pub fn tokens(&self, tokens: Tokens) {
        let numbers = [tokens.input, tokens.cache_read, tokens.cache_write, tokens.output];
        for (counter, number) in self.tokens.iter().zip(numbers) {
            counter.fetch_add(number, Ordering::Relaxed);
        }
    }

    /// Counts an attempt at a provider.
    pub fn attempt(&self) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts bytes sent only to keep a stream alive, by occasion.
    pub fn keep_alive(&self) {
        self.keep_alives.fetch_add(1, Ordering::Relaxed);
    }

    /// Everything as Prometheus reads it: <https://prometheus.io/docs/instrumenting/exposition_formats/>.
    pub fn render(&self, gauges: &[Gauge]) -> String {
        let mut out = String::with_capacity(4096);
        head(
            &mut out,
            "openclaw_requests_total",
            "Requests that have ended, by door and outcome.",
            "counter",
        );
        for (door, row) in DOORS.iter().zip(&self.requests) {
            for (outcome, counter) in OUTCOMES.iter().zip(row) {
                let count = counter.load(Ordering::Relaxed);
                if count > 0 {
                    let _ = writeln!(
                        out,
                        "openclaw_requests_total{{door=\"{door}\",outcome=\"{outcome}\"}} {count}"
                    );
                }
            }
        }
        head(&mut out, "openclaw_tokens_total", "Tokens of replies, by kind.", "counter");
        for (kind, counter) in ["input", "cache_read", "cache_write", "output"].iter().zip(&self.tokens) {
            let _ =
                writeln!(out, "openclaw_tokens_total{{kind=\"{kind}\"}} {}", counter.load(Ordering::Relaxed));
        }
        let own = [
            ("openclaw_attempts_total", "Calls made to providers.", self.attempts.load(Ordering::Relaxed)),
            (
                "openclaw_keep_alives_total",
                "Times that a silent stream was kept alive.",
                self.keep_alives.load(Ordering::Relaxed),
            ),
        ];
        for (name, help, value) in own {
            head(&mut out, name, help, "counter");
            let _ = writeln!(out, "{name} {value}");
        }
        for gauge in gauges {
            head(&mut out, gauge.name, gauge.help, gauge.kind);
            let _ = writeln!(out, "{} {}", gauge.name, gauge.value);
        }
        out
    }
}

fn head(out: &mut String, name: &str, help: &str, kind: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}
