//! Signed tokens (JWT): Cognito's access and ID tokens, and those of any issuer whose key set is configured.
//! What was verified is remembered by the SHA-256 of the WHOLE token, and never past its `exp`.

use std::collections::HashMap;
use std::sync::Arc;

use claw_hub::{Caller, Credential, Refusal, Scope};
use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use quick_cache::sync::Cache;
use serde::Deserialize;

use crate::{SetupError, hash, refuse};

/// How far the clocks of issuer and gateway may differ, in seconds.
const SKEW_S: u64 = 60;
/// How many verified tokens are remembered.
const VERIFIED_MAX: usize = 16 * 1024;
/// The algorithms that are accepted at all: asymmetric ones.
const ALGORITHMS: [(KeyAlgorithm, Algorithm); 4] = [
    (KeyAlgorithm::RS256, Algorithm::RS256),
    (KeyAlgorithm::PS256, Algorithm::PS256),
    (KeyAlgorithm::ES256, Algorithm::ES256),
    (KeyAlgorithm::EdDSA, Algorithm::EdDSA),
];

/// An issuer as the configuration holds it.
#[derive(Clone, Debug)]
pub struct IssuerSettings {
    /// The exact `iss`.
    pub issuer: String,
    /// Its key set, as JSON text (RFC 7517).
    pub jwks: String,
    /// The app clients whose tokens are accepted: `client_id` of access tokens, `aud` of ID tokens.
    pub client_ids: Vec<String>,
    /// The resource server whose scopes count; without one, bare scopes count.
    pub scope_prefix: Option<String>,
    /// The claim that names the tenant.
    pub tenant_claim: Option<String>,
    /// The tenant of callers without such a claim.
    pub tenant: Arc<str>,
}

/// Whether a credential has the form of a token.
pub(crate) fn looks_like_one(credential: &str) -> bool {
    credential.starts_with("eyJ") && credential.bytes().filter(|byte| *byte == b'.').count() == 2
}

struct Issuer {
    settings: IssuerSettings,
    keys: HashMap<String, (Algorithm, DecodingKey)>,
}

struct Verified {
    caller: Arc<Caller>,
    expires_unix_s: u64,
}

/// All issuers, and what was verified lately.
pub(crate) struct Tokens {
    issuers: Vec<Issuer>,
    verified: Cache<[u8; 32], Arc<Verified>>,
}

/// What is read of a token. A claim that stands twice is refused by the reader.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    exp: u64,
    #[serde(default)]
    nbf: Option<u64>,
    #[serde(default)]
    token_use: Option<String>,
    #[serde(default)]
    client_id: Option<String>,
    #[serde(default)]
    aud: Option<Audience>,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default, rename = "cognito:groups")]
    cognito_groups: Vec<String>,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(flatten)]
    other: HashMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Tokens {
    pub(crate) fn new(issuers: Vec<IssuerSettings>) -> Result<Self, SetupError> {
        let issuers = issuers.into_iter().map(Issuer::new).collect::<Result<_, _>>()?;
        Ok(Self { issuers, verified: Cache::new(VERIFIED_MAX) })
    }

    pub(crate) fn verify(&self, token: &str, now_unix_s: u64) -> Result<Arc<Caller>, Refusal> {
        let key = hash(token);
        if let Some(verified) = self.verified.get(&key) {
            return match verified.expires_unix_s > now_unix_s {
                true => Ok(verified.caller.clone()),
                false => Err(expired()),
            };
        }
        let header =
            decode_header(token).map_err(|error| refuse("the token cannot be read").because(error))?;
        let kid = header.kid.unwrap_or_default();
        let mut known =
            self.issuers.iter().filter_map(|issuer| Some((issuer, issuer.keys.get(&kid)?))).peekable();
        if known.peek().is_none() {
            return Err(refuse("the token is signed with a key that no configured issuer has"));
        }
        let mut refusal = None;
        for (issuer, (algorithm, key_of_issuer)) in known {
            match issuer.check(token, *algorithm, key_of_issuer, now_unix_s) {
                Ok((caller, expires_unix_s)) => {
                    let caller = Arc::new(caller);
                    self.verified.insert(key, Arc::new(Verified { caller: caller.clone(), expires_unix_s }));
                    return Ok(caller);
                }
                Err(error) => refusal = Some(error),
            }
        }
        Err(refusal.unwrap_or_else(|| refuse("the token does not hold")))
    }
}

impl Issuer {
    fn new(settings: IssuerSettings) -> Result<Self, SetupError> {
        let set: JwkSet = serde_json::from_str(&settings.jwks)
            .map_err(|source| SetupError::KeySet { issuer: settings.issuer.clone(), source })?;
        let keys: HashMap<_, _> = set.keys.iter().filter_map(usable).collect();
        if keys.is_empty() {
            return Err(SetupError::NoKey(settings.issuer));
        }
        Ok(Self { settings, keys })
    }

    fn check(
        &self,
        token: &str,
        algorithm: Algorithm,
        key: &DecodingKey,
        now_unix_s: u64,
    ) -> Result<(Caller, u64), Refusal> {
        let mut validation = Validation::new(algorithm);
        // Times and audience are checked below, by the gateway's own clock and by the kind of token.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        let claims: Claims = decode(token, key, &validation)
            .map_err(|error| refuse("the token's signature, issuer or form does not hold").because(error))?
            .claims;
        if claims.exp <= now_unix_s {
            return Err(expired());
        }
        if claims.nbf.is_some_and(|start| start > now_unix_s + SKEW_S) {
            return Err(refuse("the token is not valid yet"));
        }
        if claims.iss != self.settings.issuer || !self.is_for_us(&claims) {
            return Err(refuse("the token was issued to an app client that this gateway does not accept"));
        }
        let expires_unix_s = claims.exp;
        Ok((self.caller(claims), expires_unix_s))
    }

    /// Access tokens of Cognito have no `aud`: <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html>
    fn is_for_us(&self, claims: &Claims) -> bool {
        let accepted = |id: &String| self.settings.client_ids.contains(id);
        let in_audience = match &claims.aud {
            Some(Audience::One(id)) => accepted(id),
            Some(Audience::Many(ids)) => ids.iter().any(accepted),
            None => false,
        };
        let is_client = claims.client_id.as_ref().is_some_and(accepted);
        match claims.token_use.as_deref() {
            Some("access") => is_client,
            Some("id") => in_audience,
            Some(_) => false,
            None => is_client || in_audience,
        }
    }

    fn caller(&self, claims: Claims) -> Caller {
        let named = |name: &String| claims.other.get(name).and_then(serde_json::Value::as_str);
        let tenant = self
            .settings
            .tenant_claim
            .as_ref()
            .and_then(named)
            .map_or(self.settings.tenant.clone(), Arc::from);
        let scopes = claims
            .scope
            .as_deref()
            .unwrap_or_default()
            .split(' ')
            .filter_map(|scope| self.scope(scope))
            .collect();
        let groups = claims.cognito_groups.into_iter().chain(claims.groups).map(Arc::from).collect();
        Caller {
            user: claims.sub.into(),
            tenant,
            groups,
            scopes,
            credential: Credential::Token,
            credential_id: self.settings.issuer.as_str().into(),
        }
    }

    fn scope(&self, written: &str) -> Option<Scope> {
        match &self.settings.scope_prefix {
            Some(prefix) => Scope::from_name(written.strip_prefix(prefix.as_str())?.strip_prefix('/')?),
            None => Scope::from_name(written),
        }
    }
}

/// A key that can verify, under its id, with the one algorithm that it is for.
fn usable(jwk: &Jwk) -> Option<(String, (Algorithm, DecodingKey))> {
    let kid = jwk.common.key_id.clone().filter(|kid| !kid.is_empty())?;
    let declared = jwk.common.key_algorithm?;
    let (_, algorithm) = ALGORITHMS.into_iter().find(|(name, _)| *name == declared)?;
    Some((kid, (algorithm, DecodingKey::from_jwk(jwk).ok()?)))
}

fn expired() -> Refusal {
    refuse("the token has expired: sign in again")
}
