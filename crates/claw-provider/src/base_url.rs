//! The address of a provider, to which the paths of its API are appended. It knows no path of any API.

use std::fmt;
use std::str::FromStr;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

/// An absolute `http` or `https` URL without user, query and fragment, and without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    scheme: Scheme,
    authority: Authority,
    path: String,
}

/// Text that is not the address of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// It is not an absolute `http` or `https` URL.
    #[error("is not an http or https URL such as https://api.example.com")]
    Malformed,
    /// It holds a user or a password.
    #[error("must not hold a user or a password")]
    Userinfo,
    /// It holds a query or a fragment.
    #[error("must not hold a query or a fragment")]
    Query,
}

impl BaseUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// It is not one.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        if text.contains('#') {
            return Err(BaseUrlError::Query);
        }
        let uri: Uri = text.parse().map_err(|_| BaseUrlError::Malformed)?;
        let path = uri.path().trim_end_matches('/').to_owned();
        if uri.query().is_some() {
            return Err(BaseUrlError::Query);
        }
        let parts = uri.into_parts();
        let scheme = parts.scheme.ok_or(BaseUrlError::Malformed)?;
        let authority = parts.authority.ok_or(BaseUrlError::Malformed)?;
        if authority.as_str().contains('@') {
            return Err(BaseUrlError::Userinfo);
        }
        if (scheme != Scheme::HTTP && scheme != Scheme::HTTPS) || authority.host().is_empty() {
            return Err(BaseUrlError::Malformed);
        }
        Ok(Self { scheme, authority, path })
    }

    /// Whether it is spoken to over TLS.
    pub fn is_https(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// The address of a path of the API. The path begins with the version that the vendor documents, as `/v1/chat/completions`; a base that
    /// holds a version already (`https://host/v1`, `https://host/v1beta/openai`, `https://host/api/paas/v4`) has it appended without.
    pub(crate) fn join(&self, path: &str) -> Result<Uri, http::Error> {
        let path = match path.strip_prefix("/v1/") {
            Some(rest) if self.holds_a_version() => &path[path.len() - rest.len() - 1..],
            _ => path,
        };
        let whole = format!("{}{path}", self.path);
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(PathAndQuery::try_from(whole)?)
            .build()
    }

    fn holds_a_version(&self) -> bool {
        let is_version = |segment: &str| {
            segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        self.path.split('/').any(is_version)
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

#[cfg(test)]
mod tests;
