//! What a call consumed where the provider does not say it, or not to the end. What is estimated says so, and nothing is
//! zero because nobody said otherwise. It knows nothing of prices.

use claw_hub::{Kind, Usage};

use crate::End;

/// About so many bytes of text are a token.
const BYTES_PER_TOKEN: u64 = 4;

/// What was seen of a reply.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// What the provider said last of its usage.
    pub(crate) usage: Option<Usage>,
    /// The reply's text, in bytes.
    pub(crate) said_bytes: u64,
    /// How much of it had come when the provider spoke of its usage.
    pub(crate) reported_bytes: u64,
}

/// About so many tokens have that many bytes of text.
pub(crate) const fn tokens(bytes: u64) -> u64 {
    bytes.div_ceil(BYTES_PER_TOKEN)
}

/// The usage of a call that ended so.
///
/// A provider that finished is believed, but for zeros that cannot be. One that was cut off may have spoken of its usage
/// before it said more (Anthropic's `message_start`), so what came after is added.
pub(crate) fn consumed(asked_bytes: u64, seen: Seen, end: &End) -> Usage {
    if consumed_nothing(seen, end) {
        return Usage::default();
    }
    let mut usage = seen.usage.unwrap_or(Usage { estimated: true, ..Usage::default() });
    if usage.input() == 0 && asked_bytes > 0 {
        usage.input_fresh = tokens(asked_bytes);
        usage.estimated = true;
    }
    let unreported_bytes = match end {
        _ if usage.output == 0 => seen.said_bytes,
        End::Done { .. } => 0,
        End::Failed { .. } | End::Cancelled | End::Deadline | End::Shutdown => {
            seen.said_bytes.saturating_sub(seen.reported_bytes)
        }
    };
    if unreported_bytes > 0 {
        usage.output = usage.output.saturating_add(tokens(unreported_bytes));
        usage.estimated = true;
    }
    usage
}

/// The usage of a call whose gateway died; the last line that told how much was said may be old.
pub(crate) const fn orphaned(asked_bytes: u64, said_bytes: u64) -> Usage {
    Usage {
        input_fresh: tokens(asked_bytes),
        cache_read: 0,
        cache_write: 0,
        cache_write_1h: 0,
        output: tokens(said_bytes),
        reasoning: 0,
        estimated: true,
    }
}

/// Whether the provider refused the call before it read it, or was never reached; providers do not charge for that.
fn consumed_nothing(seen: Seen, end: &End) -> bool {
    let End::Failed { kind, status, .. } = end else { return false };
    let refused = status.is_some_and(|status| status >= 400) || *kind == Kind::ProviderUnreachable;
    refused && seen.usage.is_none() && seen.said_bytes == 0
}
