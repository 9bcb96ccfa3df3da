//! `[guard]`: what no prompt may contain.

use regex::{Regex, RegexBuilder};

use crate::problem::Fault;
use crate::reader::Reader;

pub(crate) const KEYS: &[&str] = &["block_patterns"];

/// A compiled pattern may take this much memory.
const LARGEST_PATTERN_BYTES: usize = 1 << 20;

/// The checked `[guard]`.
#[derive(Debug)]
pub struct Guard {
    /// A prompt in which one of them matches anywhere is refused.
    pub block_patterns: Vec<Regex>,
}

pub(crate) fn read(reader: &Reader<'_>) -> Guard {
    Guard { block_patterns: reader.list("block_patterns", pattern).unwrap_or_default() }
}

fn pattern(text: &str) -> Result<Regex, Fault> {
    let compiled = RegexBuilder::new(text).size_limit(LARGEST_PATTERN_BYTES).build();
    // The error quotes the pattern, which may have come out of a reference; its last line says what is wrong.
    let pattern = compiled.map_err(|error| {
        let words = error.to_string();
        let reason = words.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Fault::new(format!("is not a regular expression: {reason}"))
            .hint("in single quotes TOML leaves backslashes as they are")
    })?;
    if pattern.is_match("") {
        return Err(Fault::new("matches the empty text, so that every prompt would be refused"));
    }
    Ok(pattern)
}
