//! The origin of a web page, as browsers write it into the `origin` header.

use std::fmt;

use crate::problem::Fault;
use crate::url::HttpUrl;

/// One origin: scheme, host and port, spelt as browsers spell it (<https://www.rfc-editor.org/rfc/rfc6454#section-6.2>).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        if text.contains('*') {
            return Err(Fault::new("must be an exact origin: no wildcard lets only your pages in")
                .hint("list each origin, as \"https://chat.example.com\""));
        }
        let url = HttpUrl::parse(text)?;
        if !url.path().is_empty() {
            return Err(Fault::new("must not have a path").hint("keep scheme, host and port only"));
        }
        let (scheme, host) = (url.scheme(), url.host().to_ascii_lowercase());
        // Browsers leave the default port out, so an origin that names it would never match.
        if url.port() == scheme.default_port() {
            return Ok(Self(format!("{}://{host}", scheme.as_str())));
        }
        Ok(Self(format!("{}://{host}:{}", scheme.as_str(), url.port())))
    }

    /// The origin as it stands in the header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Origin;

    #[test]
    fn an_origin_is_spelt_as_browsers_spell_it() {
        for (written, sent) in [
            ("https://Chat.Example.com", "https://chat.example.com"),
            ("https://chat.example.com:443/", "https://chat.example.com"),
            ("http://localhost:5173", "http://localhost:5173"),
        ] {
            assert_eq!(Origin::parse(written).unwrap().as_str(), sent);
        }
    }

    #[test]
    fn wildcards_paths_and_null_are_refused() {
        for bad in ["*", "https://*.example.com", "https://example.com/app", "null", "example.com"] {
            assert!(Origin::parse(bad).is_err(), "{bad}");
        }
    }
}
