//! The addresses of others: an `http` or `https` URL without user, query and fragment.

use std::fmt;
use std::net::IpAddr;

use http::Uri;
use http::uri::Authority;

use crate::problem::Fault;

/// How bytes travel to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    /// The word before `://`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port that a URL of this scheme means when it names none.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// An absolute URL to which paths are appended: no user, no query, no fragment, no slash at the end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HttpUrl {
    scheme: Scheme,
    authority: Authority,
    path: String,
}

impl HttpUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let malformed = || {
            Fault::new("is not an http or https URL")
                .hint("write it as https://host, https://host:port or https://host/path")
        };
        if text.contains('#') {
            return Err(Fault::new("must not have a fragment").hint("leave out everything from the # on"));
        }
        let uri: Uri = text.parse().map_err(|_| malformed())?;
        let scheme = match uri.scheme_str() {
            Some("https") => Scheme::Https,
            Some("http") => Scheme::Http,
            _ => return Err(malformed()),
        };
        let authority = uri.authority().ok_or_else(malformed)?;
        if authority.as_str().contains('@') {
            return Err(Fault::new("must not hold a user or a password")
                .hint("leave out what stands before the @; credentials have keys of their own"));
        }
        if uri.query().is_some() {
            return Err(Fault::new("must not have a query").hint("leave out everything from the ? on"));
        }
        let port = authority.as_str().strip_prefix(authority.host()).unwrap_or_default();
        if authority.host().is_empty()
            || !(port.is_empty() || authority.port_u16().is_some_and(|port| port > 0))
        {
            return Err(malformed());
        }
        let path = uri.path().trim_end_matches('/').to_owned();
        Ok(Self { scheme, authority: authority.clone(), path })
    }

    /// How bytes travel there.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Host, and port if one is written: what belongs in the `host` header.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The host, an IPv6 address in its brackets.
    pub fn host(&self) -> &str {
        self.authority.host()
    }

    /// The port, written or meant.
    pub fn port(&self) -> u16 {
        self.authority.port_u16().unwrap_or(self.scheme.default_port())
    }

    /// The path before which nothing stands and behind which paths are appended: empty, or `/openai`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether the address is this machine.
    pub fn is_loopback(&self) -> bool {
        let host = self.host().trim_start_matches('[').trim_end_matches(']');
        let host = host.strip_suffix('.').unwrap_or(host);
        let by_address = host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback());
        by_address || host.eq_ignore_ascii_case("localhost")
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme.as_str(), self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::HttpUrl;

    #[test]
    fn the_checked_form_has_no_slash_at_the_end() {
        for (written, checked) in [
            ("https://api.openai.com", "https://api.openai.com"),
            ("https://api.openai.com/", "https://api.openai.com"),
            ("https://api.groq.com/openai/", "https://api.groq.com/openai"),
            ("http://[::1]:11434", "http://[::1]:11434"),
        ] {
            assert_eq!(HttpUrl::parse(written).unwrap().to_string(), checked);
        }
    }

    #[test]
    fn what_a_base_must_not_hold_is_refused() {
        for bad in [
            "",
            "api.openai.com",
            "ftp://host",
            "https://",
            "https:///path",
            "https://user:pw@host",
            "https://host?x=1",
            "https://host/#top",
            "https://host:99999",
            "https://host:0",
            "https://host:",
            "https://ho st",
        ] {
            assert!(HttpUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn loopback_is_recognised_in_all_its_spellings() {
        for local in [
            "http://localhost:1",
            "http://LOCALHOST",
            "http://127.9.9.9",
            "http://[::1]",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert!(HttpUrl::parse(local).unwrap().is_loopback(), "{local}");
        }
        for remote in [
            "http://localhost.example.com",
            "http://10.0.0.1",
            "http://[::2]",
            "http://127.0.0.1.example.com",
        ] {
            assert!(!HttpUrl::parse(remote).unwrap().is_loopback(), "{remote}");
        }
    }
}
