//! What is known of one request besides its content, and reading that content at the edge of the pipeline.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use claw_dialect::{Said, codec};
use claw_edge::{Arrival, Door, read_body};
use claw_hub::{Caller, Dialect, Hold, Kind, Proof, Refusal, Request};
use claw_identity::Presented;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use ulid::Ulid;

use crate::app::Terms;

/// So many tags count, each of so many bytes; more are left out.
const TAGS_MAX: usize = 16;
const TAG_MAX_BYTES: usize = 64;
/// Headers of a dialect that belong to the request and go along to the same dialect.
const DIALECT_HEADERS: [&str; 2] = ["anthropic-version", "anthropic-beta"];

/// One request, as every stage after the edge may want to know it.
pub struct Context {
    /// The gateway's id of it.
    pub request_id: Ulid,
    /// Who asks.
    pub caller: Arc<Caller>,
    /// The door's name in records and metrics.
    pub door: &'static str,
    /// The dialect that the caller speaks.
    pub dialect: Dialect,
    /// The provider that the door is pinned to.
    pub pin: Option<Arc<str>>,
    /// The model as the caller named it.
    pub asked_model: Arc<str>,
    /// Cost centres that the caller named.
    pub tags: Vec<String>,
    /// When it came, in seconds since 1970.
    pub now_unix_s: u64,
    /// Whether the caller wants usage in a stream.
    pub include_usage: bool,
    /// Whether losses are refused.
    strict: bool,
    /// The caller's place among those in flight; given back when the request ends.
    _place: Hold,
}

impl Context {
    /// The context of a request whose body is not read yet.
    pub fn new(arrival: &Arrival, caller: &Arc<Caller>, place: Hold, terms: &Terms) -> Self {
        let headers = &arrival.parts.headers;
        Self {
            request_id: arrival.request_id,
            caller: caller.clone(),
            door: arrival.route.label,
            dialect: arrival.route.dialect,
            pin: arrival.route.pin.clone(),
            asked_model: Arc::from(""),
            tags: tags(headers),
            now_unix_s: now_unix_s(),
            include_usage: true,
            strict: terms.strict || is_true(headers, "x-openclaw-strict"),
            _place: place,
        }
    }

    /// What a reply says of itself to the caller.
    pub fn said(&self) -> Said {
        Said {
            request_id: self.request_id.to_string(),
            model: self.asked_model.to_string(),
            created_unix_s: self.now_unix_s,
            include_usage: self.include_usage,
        }
    }
}

/// The credentials that a request carries.
pub fn presented(arrival: &Arrival) -> Presented<'_> {
    let text = |name: &str| arrival.parts.headers.get(name).and_then(|value| value.to_str().ok());
    Presented { authorization: text(AUTHORIZATION.as_str()), api_key: text("x-api-key") }
}

/// Whether the caller may open this door at all.
///
/// # Errors
/// `Forbidden`: the scope is not among those of its credential.
pub fn holds_scope(
    caller: &Proof<claw_identity::Key, Arc<Caller>>,
    arrival: &Arrival,
) -> Result<(), Refusal> {
    match arrival.route.scope {
        Some(scope) if !caller.get().holds(scope) => Err(Refusal::caller(
            Kind::Forbidden,
            format!("your credential lacks the scope `{}`: ask your administrator for it", scope.name()),
        )),
        _ => Ok(()),
    }
}

/// Reads and decodes the body, once. The raw bytes stay in the request.
///
/// # Errors
/// The body is too large, too slow or not a request of the door's dialect.
pub async fn read(
    arrival: Arrival,
    mut context: Context,
    terms: &Terms,
) -> Result<(Request, Context), Refusal> {
    let Door::Chat { asked } = arrival.route.door else {
        return Err(Refusal::caller(Kind::NoSuchPath, "there is no chat at this path"));
    };
    let headers = &arrival.parts.headers;
    let body = read_body(arrival.body, headers, terms.body).await?;
    let mut request = codec::decode_request(context.dialect, &body, &asked)?;
    request.strict = context.strict;
    request.headers = dialect_headers(headers);
    context.asked_model = Arc::from(request.model.as_str());
    context.include_usage = request.include_usage;
    Ok((request, context))
}

/// The time, in seconds since 1970.
pub fn now_unix_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn dialect_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let one = |name: &str| Some((name.to_owned(), headers.get(name)?.to_str().ok()?.to_owned()));
    DIALECT_HEADERS.iter().filter_map(|name| one(name)).collect()
}

fn tags(headers: &HeaderMap) -> Vec<String> {
    let Some(value) = headers.get("x-openclaw-tags").and_then(|value| value.to_str().ok()) else {
        return Vec::new();
    };
    let tags = value.split(',').map(str::trim).filter(|tag| !tag.is_empty() && tag.len() <= TAG_MAX_BYTES);
    tags.take(TAGS_MAX).map(str::to_owned).collect()
}

fn is_true(headers: &HeaderMap, name: &str) -> bool {
    headers.get(name).is_some_and(|value| matches!(value.as_bytes(), b"true" | b"1"))
}
