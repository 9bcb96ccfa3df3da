//! API keys: only their hashes are known, looked up in memory. The key itself is never kept, logged or compared.

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::digest;
use claw_hub::{Caller, Credential, Refusal, Scope};
use subtle::ConstantTimeEq;

use crate::refuse;

/// A key as the configuration holds it.
#[derive(Clone, Debug)]
pub struct KeySettings {
    /// Its id, which records name.
    pub id: Arc<str>,
    /// SHA-256 of the whole key.
    pub sha256: [u8; 32],
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// The tenant that pays.
    pub tenant: Arc<str>,
    /// Who it stands for.
    pub user: Arc<str>,
    /// Groups, for policies.
    pub groups: Vec<Arc<str>>,
    /// When it ends, in seconds since 1970.
    pub expires_unix_s: Option<u64>,
}

/// SHA-256 of a credential.
pub fn hash(credential: &str) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, credential.as_bytes()).as_ref());
    out
}

struct Entry {
    sha256: [u8; 32],
    caller: Arc<Caller>,
    expires_unix_s: Option<u64>,
}

/// All keys. They are found by the first half of their hash, whose timing tells nothing about the key, and compared by the whole in constant time.
pub(crate) struct ApiKeys {
    by_hash: HashMap<[u8; 16], Entry>,
}

impl ApiKeys {
    pub(crate) fn new(keys: Vec<KeySettings>) -> Self {
        let by_hash = keys.into_iter().map(|key| {
            let caller = Caller {
                user: key.user,
                tenant: key.tenant,
                groups: key.groups,
                scopes: key.scopes,
                credential: Credential::ApiKey,
                credential_id: key.id,
            };
            let entry =
                Entry { sha256: key.sha256, caller: Arc::new(caller), expires_unix_s: key.expires_unix_s };
            (first_half(&key.sha256), entry)
        });
        Self { by_hash: by_hash.collect() }
    }

    pub(crate) fn find(&self, key: &str, now_unix_s: u64) -> Result<Arc<Caller>, Refusal> {
        let sha256 = hash(key);
        let entry =
            self.by_hash.get(&first_half(&sha256)).filter(|entry| bool::from(entry.sha256.ct_eq(&sha256)));
        match entry {
            Some(entry) if entry.expires_unix_s.is_some_and(|end| end <= now_unix_s) => {
                Err(refuse("the API key has expired: ask your administrator for a new one"))
            }
            Some(entry) => Ok(entry.caller.clone()),
            None => Err(refuse("the API key is not known to this gateway")),
        }
    }
}

fn first_half(sha256: &[u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&sha256[..16]);
    half
}
