//! Tokens by kind. One algebra: input = fresh + cache read + cache write.

/// Tokens of one reply. Every number is exclusive of the others but `reasoning`, which is contained in `output`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Input that was read anew, in tokens.
    pub input_fresh: u64,
    /// Input that came from the prompt cache, in tokens.
    pub cache_read: u64,
    /// Input written to the prompt cache for five minutes, or for a time that is not said, in tokens.
    pub cache_write: u64,
    /// Input written to the prompt cache for an hour, in tokens.
    pub cache_write_1h: u64,
    /// Output, reasoning included, in tokens.
    pub output: u64,
    /// The part of the output that was reasoning, in tokens; 0 where it is not said.
    pub reasoning: u64,
    /// Whether this was estimated by the gateway, because the provider did not say.
    pub estimated: bool,
}

impl Usage {
    /// All input, cached or not, in tokens.
    pub const fn input(&self) -> u64 {
        self.input_fresh
            .saturating_add(self.cache_read)
            .saturating_add(self.cache_write)
            .saturating_add(self.cache_write_1h)
    }

    /// Input and output, in tokens.
    pub const fn total(&self) -> u64 {
        self.input().saturating_add(self.output)
    }
}
