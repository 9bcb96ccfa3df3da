//! `[limits]`: how much may be under way at once.

use std::num::NonZeroU32;

use crate::problem::Fault;
use crate::reader::Reader;

pub(crate) const KEYS: &[&str] = &["concurrency_per_caller", "max_requests_in_flight"];

/// The checked `[limits]`.
#[derive(Debug)]
pub struct Limits {
    /// Requests of one caller that may be under way at once.
    pub concurrency_per_caller: NonZeroU32,
    /// Requests of all callers that may be under way at once.
    pub max_requests_in_flight: NonZeroU32,
}

pub(crate) fn read(reader: &Reader<'_>) -> Limits {
    let count = |key, default: u32| {
        let count = reader.whole(key, u64::from(default), 1..=1_000_000);
        u32::try_from(count).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN)
    };
    let limits = Limits {
        concurrency_per_caller: count("concurrency_per_caller", 64),
        max_requests_in_flight: count("max_requests_in_flight", 4096),
    };
    if limits.concurrency_per_caller > limits.max_requests_in_flight {
        let place = reader.place_of("concurrency_per_caller");
        let fault =
            Fault::new("is more than max_requests_in_flight, so that one caller can fill the gateway");
        place.warning(Some(limits.concurrency_per_caller.to_string()), fault);
    }
    limits
}
