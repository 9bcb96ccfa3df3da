//! Says who is calling: API keys known by their hash, and signed tokens.
//!
//! Identity comes only from verified signatures and hashes. It knows no doors, no policies and no database; it does no I/O.

mod api_key;
mod token;

use std::sync::Arc;

use claw_hub::{Caller, Kind, Proof, Refusal};

pub use api_key::{KeySettings, hash};
pub use token::IssuerSettings;

use api_key::ApiKeys;
use token::Tokens;

/// The key that only this stage can make.
pub struct Key(());

/// A credential longer than this is refused unread, in bytes.
const CREDENTIAL_MAX_BYTES: usize = 16 * 1024;

/// What the caller presents, as the headers hold it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Presented<'a> {
    /// The value of `authorization`.
    pub authorization: Option<&'a str>,
    /// The value of `x-api-key`.
    pub api_key: Option<&'a str>,
}

/// Why identity cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A key set is not one.
    #[error("the key set of issuer `{issuer}` cannot be read")]
    KeySet {
        /// The issuer.
        issuer: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A key set holds no key that can verify a signature.
    #[error("the key set of issuer `{0}` holds no usable signature key")]
    NoKey(String),
}

/// The stage.
pub struct Identity {
    keys: ApiKeys,
    tokens: Tokens,
}

impl Identity {
    /// Sets the stage up from checked settings.
    ///
    /// # Errors
    /// A key set cannot be used.
    pub fn new(keys: Vec<KeySettings>, issuers: Vec<IssuerSettings>) -> Result<Self, SetupError> {
        Ok(Self { keys: ApiKeys::new(keys), tokens: Tokens::new(issuers)? })
    }

    /// Finds out who presents these credentials. `now_unix_s` is the time in seconds since 1970.
    ///
    /// # Errors
    /// `Unauthenticated` without a credential or with one that does not hold; `Forbidden` for a signature that this gateway does not verify.
    pub fn identify(
        &self,
        presented: &Presented<'_>,
        now_unix_s: u64,
    ) -> Result<Proof<Key, Arc<Caller>>, Refusal> {
        let credential = credential(presented)?;
        if credential.len() > CREDENTIAL_MAX_BYTES {
            return Err(refuse("the credential is too long"));
        }
        let caller = if token::looks_like_one(credential) {
            self.tokens.verify(credential, now_unix_s)?
        } else {
            self.keys.find(credential, now_unix_s)?
        };
        Ok(Proof::seal(&Key(()), caller))
    }
}

/// The one credential that is presented, wherever the SDKs send it.
fn credential<'a>(presented: &Presented<'a>) -> Result<&'a str, Refusal> {
    let Some(authorization) = presented.authorization else {
        return presented.api_key.filter(|key| !key.is_empty()).ok_or_else(|| {
            refuse("no credential was sent: send `Authorization: Bearer KEY_OR_TOKEN` or `x-api-key: KEY`")
        });
    };
    let (scheme, value) = authorization.split_once(' ').unwrap_or((authorization, ""));
    if scheme.eq_ignore_ascii_case("bearer") && !value.trim().is_empty() {
        return Ok(value.trim());
    }
    if scheme.starts_with("AWS4-") {
        return Err(Refusal::caller(
            Kind::Forbidden,
            "requests signed with AWS credentials are not verified by this gateway: set AWS_BEARER_TOKEN_BEDROCK to a gateway key or token",
        ));
    }
    Err(refuse("the `Authorization` header must be `Bearer KEY_OR_TOKEN`"))
}

fn refuse(message: &str) -> Refusal {
    Refusal::caller(Kind::Unauthenticated, message)
}

#[cfg(test)]
mod tests;
