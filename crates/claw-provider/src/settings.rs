//! What a provider is, as whoever configured it says. It reads no file and no environment.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use claw_hub::Dialect;
use http::{HeaderName, HeaderValue, Uri};
use rustls_pki_types::CertificateDer;

use crate::base_url::BaseUrl;
use crate::keys::KeySource;

/// A provider: addresses with credentials that speak a dialect.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its name in the configuration. It stands in refusals.
    pub name: Arc<str>,
    /// What it speaks, unless a target says otherwise; never our own dialect.
    pub dialect: Dialect,
    /// Where it is: one address for each region, or one without a region. Several are taken in turn.
    pub endpoints: Vec<Endpoint>,
    /// What it is shown.
    pub auth: Auth,
    /// Headers of every request.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Whether HTTP/2 may be used. Over `http` it then is, without asking.
    pub http2: bool,
    /// The proxy in between, as `http://[user:password@]host:port`. Everything goes through tunnels that it opens.
    pub proxy: Option<Uri>,
    /// Certificate authorities that are believed beside those of the system.
    pub extra_ca: Vec<CertificateDer<'static>>,
    /// How long things may take.
    pub deadlines: Deadlines,
    /// How many idle connections are kept for each address.
    pub idle_connections_max: usize,
    /// The largest reply that is not a stream, in bytes.
    pub reply_max_bytes: usize,
}

impl Settings {
    /// A provider at one address that asks for no credential.
    pub fn new(name: impl Into<Arc<str>>, dialect: Dialect, base: BaseUrl) -> Self {
        Self {
            name: name.into(),
            dialect,
            endpoints: vec![Endpoint { region: None, base }],
            auth: Auth::None,
            headers: Vec::new(),
            http2: false,
            proxy: None,
            extra_ca: Vec::new(),
            deadlines: Deadlines::default(),
            idle_connections_max: 256,
            reply_max_bytes: 64 * 1024 * 1024,
        }
    }
}

/// An address of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The region that it is in. Signatures are made for it.
    pub region: Option<Arc<str>>,
    /// The address.
    pub base: BaseUrl,
}

/// What a provider is shown.
#[derive(Clone)]
pub enum Auth {
    /// Nothing.
    None,
    /// One of several API keys, taken in turn.
    Keys {
        /// Where the key stands in a request.
        header: AuthHeader,
        /// The keys.
        keys: Vec<Arc<dyn KeySource>>,
    },
    /// A signature of AWS (Signature Version 4).
    Aws(Aws),
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Keys { header, keys } => write!(f, "Keys({header:?}, {} of them)", keys.len()),
            Self::Aws(aws) => aws.fmt(f),
        }
    }
}

/// Where an API key stands in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthHeader {
    /// `authorization: Bearer KEY`.
    Bearer,
    /// `x-api-key: KEY`.
    XApiKey,
}

/// Whose AWS credentials sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aws {
    /// A profile of the shared AWS files; `None` is the one that the environment names. The chain of sources is AWS's default: environment,
    /// shared files, web identity, container, instance.
    pub profile: Option<String>,
    /// A role that is assumed with them.
    pub assumed_role: Option<AssumedRole>,
    /// The service's name in the signature: `bedrock`, unless a compatible endpoint wants another.
    pub signing_name: String,
}

impl Default for Aws {
    fn default() -> Self {
        Self { profile: None, assumed_role: None, signing_name: "bedrock".to_owned() }
    }
}

/// A role to assume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssumedRole {
    /// Its ARN.
    pub arn: String,
    /// What the role's owner agreed on with us, if anything.
    pub external_id: Option<String>,
}

/// How long things may take. The shortest that applies wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// Name lookup, TCP, the proxy's tunnel and TLS.
    pub connect: Duration,
    /// From the request to the head of the reply, connecting included.
    pub first_byte: Duration,
    /// From one piece of the reply to the next.
    pub idle: Duration,
    /// From the request to the end of the reply.
    pub total: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { connect: seconds(5), first_byte: seconds(300), idle: seconds(120), total: seconds(900) }
    }
}

/// Settings that cannot work.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Two providers have one name.
    #[error("provider `{name}` is there twice")]
    Twice {
        /// The name.
        name: Arc<str>,
    },
    /// One provider cannot be as it is said to be.
    #[error("provider `{name}` {fault}")]
    Provider {
        /// Its name.
        name: Arc<str>,
        /// What is wrong, as the rest of the sentence.
        fault: &'static str,
        /// The cause, where there is one.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

impl SetupError {
    pub(crate) fn of(name: &Arc<str>, fault: &'static str) -> Self {
        Self::Provider { name: name.clone(), fault, source: None }
    }

    pub(crate) fn because(
        name: &Arc<str>,
        fault: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Provider { name: name.clone(), fault, source: Some(source.into()) }
    }
}
