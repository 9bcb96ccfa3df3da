//! The demo's token issuer: a key pair made at the start, a key set beside the data, and tokens in the form of Cognito's access tokens.

use anyhow::Context as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;

use crate::context;

/// The issuer's name in tokens. It is not an address that anyone asks.
pub(super) const NAME: &str = "https://issuer.demo.invalid";
/// The app client that tokens are issued to.
pub(super) const CLIENT_ID: &str = "demo";

const KEY_ID: &str = "demo";
/// How long a token holds, in seconds: half a day.
const TOKEN_LIFE_S: u64 = 12 * 60 * 60;

/// An issuer with its key.
pub(super) struct Issuer {
    key: EncodingKey,
    jwks: String,
}

impl Issuer {
    /// Makes a key pair.
    ///
    /// # Errors
    /// The system has no randomness.
    pub(super) fn new() -> anyhow::Result<Self> {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            .ok()
            .context("cannot make a key")?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref())
            .ok()
            .context("cannot read the key")?;
        // An uncompressed point: 0x04, then x and y of 32 bytes each.
        let point = pair.public_key().as_ref();
        let (x, y) =
            point.get(1..).and_then(|xy| xy.split_at_checked(32)).context("cannot read the public key")?;
        let jwks = json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": KEY_ID,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        }] });
        Ok(Self { key: EncodingKey::from_ec_der(pkcs8.as_ref()), jwks: jwks.to_string() })
    }

    /// The key set, as JSON.
    pub(super) fn jwks(&self) -> &str {
        &self.jwks
    }

    /// A token for everything.
    ///
    /// # Errors
    /// It cannot be signed.
    pub(super) fn token(&self) -> anyhow::Result<String> {
        let now = context::now_unix_s();
        let claims = json!({
            "iss": NAME, "sub": "demo-user", "client_id": CLIENT_ID, "token_use": "access",
            "scope": "chat:write chat:read admin", "cognito:groups": ["demo"],
            "iat": now, "exp": now + TOKEN_LIFE_S,
        });
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(KEY_ID.to_owned());
        Ok(encode(&header, &claims, &self.key)?)
    }
}
