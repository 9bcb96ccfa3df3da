//! What a provider is shown with a request, and what to try when it refuses that. It does not know what is asked.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use claw_hub::Refusal;
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue, Response};
use http_body_util::Full;

use crate::aws::{Session, Sessions, sign};
use crate::failure;
use crate::keys::{KeyRing, UsedKey};
use crate::settings::AuthHeader;

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const AMZN_ERROR: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// The errors by which AWS refuses the signer with status 403, and not what is asked.
/// <https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html>
const AWS_REFUSALS: [&str; 8] = [
    "UnrecognizedClientException",
    "ExpiredTokenException",
    "ExpiredToken",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "IncompleteSignature",
    "MissingAuthenticationTokenException",
    "NotAuthorized",
];

/// The credentials of one provider.
pub(crate) enum Credentials {
    None,
    Keys { header: AuthHeader, ring: KeyRing },
    Aws(Sessions),
}

/// A credential that is shown with one request.
pub(crate) enum Pass {
    None,
    Key(UsedKey),
    Aws(Arc<Session>),
}

impl Credentials {
    /// What to show first.
    pub(crate) async fn first(&self, provider: &str) -> Result<Pass, Refusal> {
        match self {
            Self::None => Ok(Pass::None),
            Self::Keys { ring, .. } => match ring.next() {
                Some(key) => Ok(Pass::Key(key)),
                None => Err(failure::no_credential(provider, "there is no key")),
            },
            Self::Aws(sessions) => match sessions.current().await {
                Ok(session) => Ok(Pass::Aws(session)),
                Err(error) => Err(failure::no_credential(provider, error)),
            },
        }
    }

    /// What to show after that was refused; `None` if there is nothing else to show.
    pub(crate) async fn after(&self, refused: &Pass) -> Option<Pass> {
        match (self, refused) {
            (Self::Keys { ring, .. }, Pass::Key(key)) => ring.after(key).await.map(Pass::Key),
            (Self::Aws(sessions), Pass::Aws(session)) => sessions.after(session).await.map(Pass::Aws),
            _ => None,
        }
    }

    /// Lets a refused credential rest, if there are others.
    pub(crate) fn rest(&self, refused: &Pass, how_long: Duration) {
        if let (Self::Keys { ring, .. }, Pass::Key(key)) = (self, refused) {
            ring.rest(key, how_long);
        }
    }

    /// Writes the credential into a request that is otherwise complete.
    pub(crate) fn show(
        &self,
        pass: &Pass,
        region: Option<&str>,
        request: &mut http::Request<Full<Bytes>>,
        body: &[u8],
    ) -> Result<(), ShowError> {
        match (self, pass) {
            (Self::Keys { header, .. }, Pass::Key(key)) => {
                let secret = key.secret.expose();
                let (name, value) = match header {
                    AuthHeader::Bearer => (AUTHORIZATION, HeaderValue::try_from(format!("Bearer {secret}"))),
                    AuthHeader::XApiKey => (X_API_KEY, HeaderValue::from_str(secret)),
                };
                let mut value = value.map_err(|_| ShowError::Key)?;
                value.set_sensitive(true);
                request.headers_mut().insert(name, value);
                Ok(())
            }
            (Self::Aws(sessions), Pass::Aws(session)) => {
                let region = region.ok_or(ShowError::Region)?;
                sign(request, body, session, region, sessions.signing_name()).map_err(ShowError::Sign)
            }
            _ => Ok(()),
        }
    }
}

/// A credential that cannot be written into a request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShowError {
    #[error("the key holds characters that cannot stand in a header")]
    Key,
    #[error("a signature needs a region")]
    Region,
    #[error("the request cannot be signed")]
    Sign(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Whether an answer refuses the credential, and not what was asked with it.
pub(crate) fn are_refused<B>(answer: &Response<B>) -> bool {
    match answer.status().as_u16() {
        401 => true,
        403 => {
            // The value may go on with a colon and an address: `ExpiredTokenException:http://internal.amazon.com/...`.
            let value = answer.headers().get(AMZN_ERROR).and_then(|value| value.to_str().ok());
            value.and_then(|value| value.split(':').next()).is_some_and(|name| AWS_REFUSALS.contains(&name))
        }
        _ => false,
    }
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pass(..)")
    }
}
