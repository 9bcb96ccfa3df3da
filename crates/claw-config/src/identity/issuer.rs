//! `[[identity.issuers]]`: an issuer of signed tokens, and what its tokens mean here.

use std::path::PathBuf;

use serde_json::Value;

use super::refuse_repeats;
use crate::name;
use crate::problem::Fault;
use crate::reader::Reader;
use crate::url::{HttpUrl, Scheme};
use crate::walk::Walk;

pub(crate) const KEYS: &[&str] =
    &["issuer", "jwks_file", "client_ids", "scope_prefix", "tenant_claim", "tenant"];

/// The parts of a JSON Web Key that only its owner may have (<https://www.rfc-editor.org/rfc/rfc7518#section-6>).
const PRIVATE_PARTS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// An issuer whose tokens are believed.
#[derive(Debug)]
pub struct Issuer {
    /// Exactly the `iss` of its tokens.
    pub issuer: String,
    /// The file of its public keys.
    pub jwks_file: PathBuf,
    /// The JSON Web Key Set as it was read: it has at least one key, and none is private or symmetric.
    pub jwks: String,
    /// The clients whose tokens are believed, by `client_id` or `aud`; never empty.
    pub client_ids: Vec<String>,
    /// How its tokens write our scopes.
    pub scopes: ScopeForm,
    /// Which tenant its callers belong to.
    pub tenant: TokenTenant,
}

/// How an issuer writes scopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeForm {
    /// As `chat:write`.
    Bare,
    /// As `PREFIX/chat:write`, the prefix being that of a resource server; bare scopes mean nothing then.
    Behind(String),
}

/// Where the tenant of a token's bearer is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenTenant {
    /// All callers of this issuer are of one tenant.
    Fixed(String),
    /// In this claim of the token; a token without it is refused.
    Claim(String),
}

/// An issuer as far as it could be read.
struct Raw {
    issuer: Option<String>,
    jwks: Option<(PathBuf, String)>,
    client_ids: Option<Vec<String>>,
    scopes: ScopeForm,
    tenant: TokenTenant,
}

pub(super) fn read_all(readers: &[Reader<'_>]) -> Vec<Issuer> {
    let (issuers, raws): (Vec<_>, Vec<_>) =
        readers.iter().map(read).map(|raw| (raw.issuer.clone(), raw)).unzip();
    refuse_repeats(readers, "issuer", &issuers);
    raws.into_iter().filter_map(check).collect()
}

fn read(reader: &Reader<'_>) -> Raw {
    let walk = reader.place().walk;
    Raw {
        issuer: reader.required("issuer", issuer),
        jwks: reader.required("jwks_file", |text| key_set(walk, text)),
        client_ids: reader.required_list("client_ids", name::label),
        scopes: reader.parsed("scope_prefix", prefix).map_or(ScopeForm::Bare, ScopeForm::Behind),
        tenant: tenant(reader),
    }
}

fn check(raw: Raw) -> Option<Issuer> {
    let Raw { issuer, jwks, client_ids, scopes, tenant } = raw;
    let (jwks_file, jwks) = jwks?;
    Some(Issuer { issuer: issuer?, jwks_file, jwks, client_ids: client_ids?, scopes, tenant })
}

/// The text is kept as it is: `iss` is compared byte by byte, a slash at the end included.
fn issuer(text: &str) -> Result<String, Fault> {
    let url = HttpUrl::parse(text)?;
    if url.scheme() == Scheme::Http && !url.is_loopback() {
        return Err(Fault::new("must be an https URL").hint("http is for issuers on this machine only"));
    }
    Ok(text.to_owned())
}

fn prefix(text: &str) -> Result<String, Fault> {
    if text.ends_with('/') {
        return Err(Fault::new("must not end with a slash").hint("the slash before the scope is added"));
    }
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Fault::new("must be printable ASCII characters without spaces")
            .hint("leave it out if the issuer writes bare scopes"));
    }
    Ok(text.to_owned())
}

fn tenant(reader: &Reader<'_>) -> TokenTenant {
    let claim = reader.parsed("tenant_claim", name::label);
    let fixed = reader.parsed("tenant", name::label);
    if reader.given("tenant_claim") && reader.given("tenant") {
        let fault = Fault::new("contradicts tenant_claim: the tenant is fixed or in a claim, not both");
        reader.refuse("tenant", fault.hint("keep one of the two"));
    }
    match claim {
        Some(claim) => TokenTenant::Claim(claim),
        None => TokenTenant::Fixed(fixed.unwrap_or_else(|| super::DEFAULT_TENANT.to_owned())),
    }
}

/// Reads a JSON Web Key Set (<https://www.rfc-editor.org/rfc/rfc7517#section-5>).
fn key_set(walk: &Walk, text: &str) -> Result<(PathBuf, String), Fault> {
    let (path, content) = walk.read_file(text)?;
    let set: Value = serde_json::from_slice(&content)
        .map_err(|error| Fault::new(format!("is not a file of JSON: {error}")))?;
    let keys = set.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if keys.is_empty() || !keys.iter().all(|key| key.get("kty").is_some_and(Value::is_string)) {
        return Err(Fault::new("is not a JSON Web Key Set")
            .hint("it must be {\"keys\": [...]} with at least one key"));
    }
    if keys.iter().any(|key| PRIVATE_PARTS.iter().any(|part| key.get(part).is_some())) {
        return Err(Fault::new("holds a private or symmetric key")
            .hint("only public keys belong here: who has the private key can be anyone"));
    }
    // JSON that parsed is UTF-8.
    Ok((path, String::from_utf8_lossy(&content).into_owned()))
}
