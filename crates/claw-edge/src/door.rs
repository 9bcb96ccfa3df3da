//! Which door a path is: whose dialect is spoken there, which provider it is pinned to, and what is asked.
//! What is in no table is a 404 in the dialect that the path looks like.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use claw_dialect::Asked;
use claw_dialect::models::ListStyle;
use claw_hub::{Dialect, Kind, Refusal, Scope};
use http::{HeaderMap, Method};

/// Which listener a request came in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// The public one.
    Public,
    /// The one for operators.
    Admin,
}

/// What is asked at a door.
#[derive(Clone, Debug)]
pub enum Door {
    /// Is the process alive? Never depends on anyone else.
    Health,
    /// Can callers be authenticated and routed now?
    Ready,
    /// A chat.
    Chat {
        /// What the path says of the request.
        asked: Asked,
    },
    /// A list of models.
    Models(Listing),
    /// Ollama's version, which its clients ask for.
    OllamaVersion,
    /// Metrics, for Prometheus.
    Metrics,
    /// What the process is doing, for operators.
    Status,
}

/// Which models to list, and how.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The shape.
    pub style: ListStyle,
    /// One model only.
    pub only: Option<String>,
}

/// A door and how to speak at it.
#[derive(Clone, Debug)]
pub struct Route {
    /// What is asked.
    pub door: Door,
    /// The dialect that requests, replies and refusals have here.
    pub dialect: Dialect,
    /// The provider that the door is pinned to.
    pub pin: Option<Arc<str>>,
    /// The name in records and metrics.
    pub label: &'static str,
    /// What a caller must hold; `None` for the doors that need no credential.
    pub scope: Option<Scope>,
}

/// The doors of one configuration.
#[derive(Clone, Debug, Default)]
pub struct Doors {
    /// The providers that have a path of their own, with their dialect.
    pub providers: HashMap<Arc<str>, Dialect>,
    /// Whether `/admin/v1` is on the public listener too.
    pub admin_on_public: bool,
}

/// A path that is no door, or the wrong way to open one.
type Closed = (Dialect, Refusal);

impl Doors {
    /// Finds the door of a request.
    ///
    /// # Errors
    /// There is none, or not for this method: a refusal, and the dialect to say it in.
    pub fn find(
        &self,
        surface: Surface,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Result<Route, Box<Closed>> {
        let mut segments = path.trim_start_matches('/').splitn(8, '/');
        let parts: Vec<&str> = segments.by_ref().take(7).collect();
        let deeper = segments.next().is_some();
        let dialect = self.dialect_of(&parts, headers);
        let found = match surface {
            _ if deeper => None,
            Surface::Public => self.public(&parts, headers),
            Surface::Admin => admin(&parts),
        };
        let Some(route) = found else {
            return Err(Box::new((
                dialect,
                Refusal::caller(Kind::NoSuchPath, format!("there is nothing at {}", shown(path))),
            )));
        };
        let allowed = route.door.method();
        if method != allowed && !(method == Method::HEAD && allowed == Method::GET) {
            let refusal = Refusal::caller(
                Kind::MethodNotAllowed,
                format!("{} takes {allowed}, not {}", shown(path), shown(method.as_str())),
            );
            return Err(Box::new((dialect, refusal)));
        }
        Ok(route)
    }

    fn public(&self, parts: &[&str], headers: &HeaderMap) -> Option<Route> {
        let (dialect, label, door, pin) = match parts {
            ["health"] => return Some(open_to_all(Door::Health, "health")),
            ["health", "ready"] => return Some(open_to_all(Door::Ready, "ready")),
            ["admin", "v1", ..] if self.admin_on_public => return admin(parts),
            ["v1", "chat", "completions"] => (Dialect::OpenaiChat, "openai_chat", chat(), None),
            ["v1", "messages"] => (Dialect::AnthropicMessages, "anthropic_messages", chat(), None),
            ["v1", "models", rest @ ..] => {
                let (dialect, style) = family(headers);
                (dialect, "models", models(style, rest)?, None)
            }
            ["api", "v1", "chat"] => (Dialect::OpenclawChat, "openclaw_chat", chat(), None),
            ["api", "v1", "models", rest @ ..] => {
                (Dialect::OpenclawChat, "models", models(ListStyle::Openclaw, rest)?, None)
            }
            ["api", provider, rest @ ..] => {
                let (name, dialect) = self.providers.get_key_value(*provider)?;
                (*dialect, "provider_route", provider_door(*dialect, rest)?, Some(name.clone()))
            }
            _ => return None,
        };
        let scope = Some(if matches!(door, Door::Chat { .. }) { Scope::ChatWrite } else { Scope::ChatRead });
        Some(Route { door, dialect, pin, label, scope })
    }

    /// The dialect that a path looks like, for saying that it is none.
    fn dialect_of(&self, parts: &[&str], headers: &HeaderMap) -> Dialect {
        match parts {
            ["v1", "messages", ..] => Dialect::AnthropicMessages,
            ["v1", ..] => family(headers).0,
            ["model", ..] => Dialect::BedrockConverse,
            ["api", "chat" | "generate" | "embed" | "tags" | "show" | "version", ..] => Dialect::OllamaChat,
            ["api", provider, ..] => self.providers.get(*provider).copied().unwrap_or(Dialect::OpenclawChat),
            _ => Dialect::OpenclawChat,
        }
    }
}

impl Door {
    fn method(&self) -> Method {
        match self {
            Self::Chat { .. } => Method::POST,
            Self::Health
            | Self::Ready
            | Self::Models(_)
            | Self::OllamaVersion
            | Self::Metrics
            | Self::Status => Method::GET,
        }
    }
}

/// The operations of a provider's own API, rooted at its path. What is not here is not passed on.
fn provider_door(dialect: Dialect, rest: &[&str]) -> Option<Door> {
    match (dialect, rest) {
        (Dialect::OpenaiChat, ["v1", "chat", "completions"])
        | (Dialect::AnthropicMessages, ["v1", "messages"]) => Some(chat()),
        (Dialect::OpenaiChat, ["v1", "models", rest @ ..]) => models(ListStyle::Openai, rest),
        (Dialect::AnthropicMessages, ["v1", "models", rest @ ..]) => models(ListStyle::Anthropic, rest),
        (Dialect::BedrockConverse, ["model", id, operation @ ("converse" | "converse-stream")]) => {
            let asked =
                Asked { model: Some(percent_decoded(id)?), stream: Some(*operation == "converse-stream") };
            Some(Door::Chat { asked })
        }
        (Dialect::OllamaChat, ["api", "chat"]) => Some(chat()),
        (Dialect::OllamaChat, ["api", "tags"]) => models(ListStyle::Ollama, &[]),
        (Dialect::OllamaChat, ["api", "version"]) => Some(Door::OllamaVersion),
        _ => None,
    }
}

/// The doors of the admin listener.
fn admin(parts: &[&str]) -> Option<Route> {
    match parts {
        ["health"] => Some(open_to_all(Door::Health, "health")),
        ["health", "ready"] => Some(open_to_all(Door::Ready, "ready")),
        ["metrics"] => Some(open_to_all(Door::Metrics, "metrics")),
        ["admin", "v1", "status"] => {
            let scope = Some(Scope::Admin);
            Some(Route {
                door: Door::Status,
                dialect: Dialect::OpenclawChat,
                pin: None,
                label: "status",
                scope,
            })
        }
        _ => None,
    }
}

fn open_to_all(door: Door, label: &'static str) -> Route {
    Route { door, dialect: Dialect::OpenclawChat, pin: None, label, scope: None }
}

fn chat() -> Door {
    Door::Chat { asked: Asked::default() }
}

fn models(style: ListStyle, rest: &[&str]) -> Option<Door> {
    let only = match rest {
        [] => None,
        // A model's name may hold slashes.
        names => Some(percent_decoded(&names.join("/"))?),
    };
    Some(Door::Models(Listing { style, only }))
}

/// `/v1/models` is both OpenAI's and Anthropic's; only Anthropic's clients send their version.
fn family(headers: &HeaderMap) -> (Dialect, ListStyle) {
    if headers.contains_key("anthropic-version") {
        (Dialect::AnthropicMessages, ListStyle::Anthropic)
    } else {
        (Dialect::OpenaiChat, ListStyle::Openai)
    }
}

/// One path segment, decoded once. boto3 sends `%3A` and `%2F` in model ids and ARNs.
fn percent_decoded(segment: &str) -> Option<String> {
    let mut out = Vec::with_capacity(segment.len());
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let high = char::from(bytes.next()?).to_digit(16)?;
        let low = char::from(bytes.next()?).to_digit(16)?;
        out.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(out).ok().filter(|decoded| !decoded.chars().any(char::is_control))
}

fn shown(text: &str) -> Cow<'_, str> {
    if text.len() <= 120 {
        return Cow::Borrowed(text);
    }
    text.chars().take(120).collect::<String>().into()
}
