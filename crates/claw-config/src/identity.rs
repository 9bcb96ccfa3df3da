//! `[identity]`: whose tokens and which API keys are believed.
//!
//! It checks that key sets can be read; verifying a token is not its business.

mod issuer;
mod key;

pub use issuer::{Issuer, ScopeForm, TokenTenant};
pub use key::{ApiKey, Expiry};

pub(crate) use issuer::KEYS as ISSUER_KEYS;
pub(crate) use key::KEYS as KEY_KEYS;

use crate::problem::Fault;
use crate::reader::Reader;

pub(crate) const KEYS: &[&str] = &["issuers", "keys"];

/// The tenant of those for whom the configuration names none.
pub const DEFAULT_TENANT: &str = "default";

/// The checked `[identity]`: at least one issuer or one key.
#[derive(Debug)]
pub struct Identity {
    /// Whose signed tokens are believed; no two have the same `iss`.
    pub issuers: Vec<Issuer>,
    /// The API keys, known by their hashes; no two have the same id or hash.
    pub keys: Vec<ApiKey>,
}

/// Reads the table; a gateway that nobody could be known to is refused.
pub(crate) fn read(reader: &Reader<'_>) -> Identity {
    let issuers = reader.tables("issuers", ISSUER_KEYS);
    let keys = reader.tables("keys", KEY_KEYS);
    if !reader.given("issuers") && !reader.given("keys") {
        let fault = Fault::new("names nobody: without an issuer or a key no caller can be known");
        reader.place().problem(None, fault.hint("add [[identity.issuers]] or [[identity.keys]]"));
    }
    Identity { issuers: issuer::read_all(&issuers), keys: key::read_all(&keys) }
}

/// Reports the entries of a list that have what an earlier entry has; the value itself is not shown.
fn refuse_repeats<T: PartialEq>(readers: &[Reader<'_>], key: &'static str, values: &[Option<T>]) {
    for (index, (reader, value)) in readers.iter().zip(values).enumerate() {
        if value.is_some() && values[..index].contains(value) {
            reader.place_of(key).problem(None, Fault::new("is that of an earlier entry too"));
        }
    }
}
