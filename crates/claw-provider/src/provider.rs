//! One provider, ready to be called. It does not know the request.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use claw_hub::Dialect;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderName, HeaderValue};

use crate::aws::{self, Sessions};
use crate::credentials::Credentials;
use crate::endpoint::Endpoint;
use crate::keys::KeyRing;
use crate::rotation::Rotation;
use crate::settings::{Auth, Aws, Deadlines, Settings, SetupError};
use crate::transport::{Client, Plan, Sockets};

/// Headers that the client writes itself.
const WRITTEN_BY_THE_CLIENT: [HeaderName; 7] =
    [CONNECTION, CONTENT_LENGTH, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE];

/// A provider.
pub(crate) struct Provider {
    pub(crate) name: Arc<str>,
    pub(crate) client: Client,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) rotation: Rotation,
    pub(crate) credentials: Credentials,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) deadlines: Deadlines,
    pub(crate) reply_max_bytes: usize,
}

impl Provider {
    pub(crate) fn new(
        settings: Settings,
        sockets: &Sockets,
        opened: &Arc<AtomicU64>,
    ) -> Result<Self, SetupError> {
        check(&settings)?;
        let plan = Plan::of(&settings, sockets, opened);
        let client = plan.client()?;
        let credentials = match &settings.auth {
            Auth::None => Credentials::None,
            Auth::Keys { header, keys } => {
                Credentials::Keys { header: *header, ring: KeyRing::new(keys.clone()) }
            }
            Auth::Aws(aws) => Credentials::Aws(sessions(aws, &settings, &plan)?),
        };
        let name = settings.name;
        let endpoints = settings.endpoints.into_iter().map(Endpoint::new).collect::<Result<Vec<_>, _>>();
        let endpoints = endpoints
            .map_err(|error| SetupError::because(&name, "has an address that takes no path", error))?;
        Ok(Self {
            client,
            rotation: Rotation::new(endpoints.len()),
            endpoints,
            credentials,
            headers: settings.headers,
            deadlines: settings.deadlines,
            reply_max_bytes: settings.reply_max_bytes,
            name,
        })
    }
}

fn check(settings: &Settings) -> Result<(), SetupError> {
    let fault = if settings.dialect == Dialect::OpenclawChat {
        "speaks our own dialect, which no provider does"
    } else if settings.endpoints.is_empty() {
        "has no address"
    } else if matches!(&settings.auth, Auth::Keys { keys, .. } if keys.is_empty()) {
        "has no key"
    } else if matches!(settings.auth, Auth::Aws(_))
        && settings.endpoints.iter().any(|endpoint| endpoint.region.is_none())
    {
        "is signed for, but has an address without a region"
    } else if settings.headers.iter().any(|(name, _)| WRITTEN_BY_THE_CLIENT.contains(name)) {
        "sets a header that belongs to the connection"
    } else {
        return Ok(());
    };
    Err(SetupError::of(&settings.name, fault))
}

/// The credentials of AWS come over connections of their own: those of the instance and the container never through a proxy, and TLS even if
/// the provider itself is spoken to in the clear.
fn sessions(aws: &Aws, settings: &Settings, plan: &Plan<'_>) -> Result<Sessions, SetupError> {
    let local = Plan { proxy: None, https: false, http2: false, idle_connections_max: 1, ..*plan };
    let remote = Plan { https: true, http2: false, idle_connections_max: 1, ..*plan };
    let http = aws::HttpClient { local: local.client()?, remote: remote.client()? };
    let region = settings.endpoints.iter().find_map(|endpoint| endpoint.region.as_deref());
    let resolve = aws::resolver(aws, region.unwrap_or_default(), http);
    Ok(Sessions::new(resolve, aws.signing_name.clone()))
}
