//! What a request costs: tokens are a quarter of the UTF-8 bytes, rounded up, and a prefix that was marked for caching
//! is written the first time and read after that. It must not know how a vendor marks or reports any of this.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

const BYTES_PER_TOKEN: u64 = 4;
/// What an image counts as, whatever its size.
const IMAGE_BYTES: u64 = 1024;
/// How long a cached prefix lives unless its mark says otherwise.
pub(crate) const FIVE_MINUTES: Duration = Duration::from_mins(5);
/// The longer life that a mark can ask for.
pub(crate) const ONE_HOUR: Duration = Duration::from_hours(1);
const MAX_PREFIXES: usize = 10_000;

/// The number of tokens of so many bytes of text.
pub(crate) fn tokens(bytes: u64) -> u64 {
    bytes.div_ceil(BYTES_PER_TOKEN)
}

/// Reads a request in the order in which a model would, and remembers where its marks stand.
#[derive(Debug)]
pub(crate) struct Meter {
    bytes: u64,
    prefix: DefaultHasher,
    marks: Vec<Mark>,
}

#[derive(Debug, Clone, Copy)]
struct Mark {
    bytes: u64,
    digest: u64,
    life: Duration,
}

impl Meter {
    /// A meter for one model: another model never reads this one's prefixes.
    pub(crate) fn new(model: &str) -> Self {
        let mut prefix = DefaultHasher::new();
        prefix.write(model.as_bytes());
        Self { bytes: 0, prefix, marks: Vec::new() }
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.bytes += text.len() as u64;
        self.prefix.write(text.as_bytes());
        self.prefix.write_u8(0xff);
    }

    pub(crate) fn image(&mut self, fingerprint: &str) {
        self.bytes += IMAGE_BYTES;
        self.prefix.write(fingerprint.as_bytes());
    }

    /// Counts a JSON value as if it were written without spaces. The order of keys matters to the prefix, as it does
    /// to a model.
    pub(crate) fn json(&mut self, value: &Value) {
        match value {
            Value::Null => self.text("null"),
            Value::Bool(flag) => self.text(if *flag { "true" } else { "false" }),
            Value::Number(number) => self.text(&number.to_string()),
            Value::String(text) => {
                self.bytes += 2;
                self.text(text);
            }
            Value::Array(items) => {
                self.bytes += 2 + items.len().saturating_sub(1) as u64;
                items.iter().for_each(|item| self.json(item));
            }
            Value::Object(fields) => {
                self.bytes += 2 + fields.len().saturating_sub(1) as u64;
                for (key, field) in fields {
                    self.bytes += 3;
                    self.text(key);
                    self.json(field);
                }
            }
        }
    }

    /// Marks all that was read so far as a prefix to keep for `life`.
    pub(crate) fn mark(&mut self, life: Duration) {
        self.marks.push(Mark { bytes: self.bytes, digest: self.prefix.finish(), life });
    }

    /// How many prefixes were marked.
    pub(crate) fn marks(&self) -> usize {
        self.marks.len()
    }

    /// All tokens that were read.
    pub(crate) fn input_tokens(&self) -> u64 {
        tokens(self.bytes)
    }
}

/// The tokens of one exchange. What was read is `input + cache_read + cache_write_5m + cache_write_1h`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) input: u64,
    pub(crate) cache_read: u64,
    pub(crate) cache_write_5m: u64,
    pub(crate) cache_write_1h: u64,
    pub(crate) output: u64,
    /// The part of `output` that was thinking.
    pub(crate) reasoning: u64,
}

impl Usage {
    pub(crate) fn cache_write(&self) -> u64 {
        self.cache_write_5m + self.cache_write_1h
    }

    /// Everything that was read, cached or not.
    pub(crate) fn all_input(&self) -> u64 {
        self.input + self.cache_read + self.cache_write()
    }
}

/// The prefixes that live now, and until when.
#[derive(Debug, Default)]
pub(crate) struct PromptCache {
    prefixes: Mutex<HashMap<u64, Instant>>,
}

impl PromptCache {
    /// What reading the request costs. Its marked prefixes live on from now.
    pub(crate) fn charge(&self, meter: &Meter) -> Usage {
        let Some(last) = meter.marks.last() else {
            return Usage { input: meter.input_tokens(), ..Usage::default() };
        };
        let known = self.known_bytes(&meter.marks);
        let mut usage = Usage { cache_read: tokens(known), ..Usage::default() };
        let mut counted = usage.cache_read;
        for mark in meter.marks.iter().filter(|mark| mark.bytes > known) {
            let written = tokens(mark.bytes).saturating_sub(counted);
            counted += written;
            if mark.life > FIVE_MINUTES {
                usage.cache_write_1h += written;
            } else {
                usage.cache_write_5m += written;
            }
        }
        usage.input = meter.input_tokens() - tokens(last.bytes).min(meter.input_tokens());
        usage
    }

    /// The length of the longest marked prefix that is known; afterwards all of them are.
    fn known_bytes(&self, marks: &[Mark]) -> u64 {
        let now = Instant::now();
        let mut prefixes = self.prefixes();
        if prefixes.len() + marks.len() > MAX_PREFIXES {
            prefixes.retain(|_, end| *end > now);
            if prefixes.len() + marks.len() > MAX_PREFIXES {
                prefixes.clear();
            }
        }
        let lives = |mark: &&Mark| prefixes.get(&mark.digest).is_some_and(|end| *end > now);
        let known = marks.iter().filter(lives).map(|mark| mark.bytes).max().unwrap_or_default();
        for mark in marks {
            prefixes.insert(mark.digest, now + mark.life);
        }
        known
    }

    pub(crate) fn clear(&self) {
        self.prefixes().clear();
    }

    fn prefixes(&self) -> MutexGuard<'_, HashMap<u64, Instant>> {
        self.prefixes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
