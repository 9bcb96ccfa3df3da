//! `[[identity.keys]]`: API keys, of which only the hash is known.

use claw_hub::Scope;
use jiff::Timestamp;

use super::refuse_repeats;
use crate::name;
use crate::problem::Fault;
use crate::reader::{Reader, choose};

pub(crate) const KEYS: &[&str] = &["id", "sha256", "scopes", "tenant", "user", "groups", "expires"];

/// An API key.
#[derive(Debug)]
pub struct ApiKey {
    /// What it is called in records and when it is revoked.
    pub id: String,
    /// SHA-256 of the whole key.
    pub sha256: [u8; 32],
    /// What its bearer may do; never empty.
    pub scopes: Vec<Scope>,
    /// The tenant of its bearer.
    pub tenant: String,
    /// Who its bearer is.
    pub user: String,
    /// The groups of its bearer.
    pub groups: Vec<String>,
    /// When it ends.
    pub expires: Expiry,
}

/// When a key ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// When it is taken out of the configuration.
    Never,
    /// At this moment.
    At(Timestamp),
}

/// A key as far as it could be read.
struct Raw {
    id: Option<String>,
    sha256: Option<[u8; 32]>,
    scopes: Option<Vec<Scope>>,
    tenant: Option<String>,
    user: Option<String>,
    groups: Vec<String>,
    expires: Expiry,
}

pub(super) fn read_all(readers: &[Reader<'_>]) -> Vec<ApiKey> {
    let raws: Vec<_> = readers.iter().map(read).collect();
    let ids: Vec<_> = raws.iter().map(|raw| raw.id.clone()).collect();
    let hashes: Vec<_> = raws.iter().map(|raw| raw.sha256).collect();
    refuse_repeats(readers, "id", &ids);
    refuse_repeats(readers, "sha256", &hashes);
    raws.into_iter().filter_map(check).collect()
}

fn read(reader: &Reader<'_>) -> Raw {
    reader.require("sha256");
    Raw {
        id: reader.required("id", name::identifier),
        // Whoever pastes the key itself here must not find it in a log afterwards.
        sha256: reader.item("sha256").and_then(|item| item.concealed().parsed(hash)),
        scopes: reader.required_list("scopes", scope),
        tenant: reader.parsed("tenant", name::label),
        user: reader.parsed("user", name::label),
        groups: reader.list("groups", name::label).unwrap_or_default(),
        expires: expiry(reader),
    }
}

fn check(raw: Raw) -> Option<ApiKey> {
    let Raw { id, sha256, scopes, tenant, user, groups, expires } = raw;
    let id = id?;
    Some(ApiKey {
        sha256: sha256?,
        scopes: scopes?,
        tenant: tenant.unwrap_or_else(|| super::DEFAULT_TENANT.to_owned()),
        user: user.unwrap_or_else(|| id.clone()),
        groups,
        expires,
        id,
    })
}

fn hash(text: &str) -> Result<[u8; 32], Fault> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).map_err(|_| {
        Fault::new("is not 64 hexadecimal digits")
            .hint("it is the SHA-256 of the key, as `printf %s \"$KEY\" | sha256sum` prints it")
    })?;
    Ok(hash)
}

fn scope(text: &str) -> Result<Scope, Fault> {
    choose(text, &Scope::ALL.map(|scope| (scope.name(), scope)))
}

fn expiry(reader: &Reader<'_>) -> Expiry {
    let parse = |text: &str| {
        text.parse::<Timestamp>().map_err(|_| {
            Fault::new("is not a date with a time and an offset").hint("write it as 2027-01-01T00:00:00Z")
        })
    };
    let Some(item) = reader.item("expires") else { return Expiry::Never };
    let Some(moment) = item.parsed_time(parse) else { return Expiry::Never };
    if moment <= Timestamp::now() {
        item.suspect(Fault::new("is in the past: the key is refused").hint("remove the key, or renew it"));
    }
    Expiry::At(moment)
}
