//! What is kept of a call, as it stands in the spool and in the database. It holds no prompt and no reply.

use std::borrow::Cow;

use claw_hub::{Call, Hold, Usage};
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::About;

/// Longer names are cut, so that no caller can make a line long.
const NAME_BYTES_MAX: usize = 256;
/// A longer list of losses is cut.
const LOSSY_BYTES_MAX: usize = 2048;
/// More tags are left out.
const TAGS_MAX: usize = 16;

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// A reply to a conversation.
    Chat,
    /// Embeddings.
    Embed,
    /// A guard asks a model.
    Guard,
    /// Models or profiles are looked up.
    Lookup,
}

impl CallKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Chat, Self::Embed, Self::Guard, Self::Lookup];

    /// The label in records and metrics.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Embed => "embed",
            Self::Guard => "guard",
            Self::Lookup => "lookup",
        }
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The provider said its last word.
    Done,
    /// The provider, or the way to it, failed.
    Failed,
    /// The caller went away.
    Cancelled,
    /// The time was over.
    Deadline,
    /// The gateway was shut down.
    Shutdown,
    /// The gateway died while the call ran; found at a later start.
    Orphaned,
}

impl Ending {
    /// All endings.
    pub const ALL: [Self; 6] =
        [Self::Done, Self::Failed, Self::Cancelled, Self::Deadline, Self::Shutdown, Self::Orphaned];

    /// The label in records and metrics.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Deadline => "deadline",
            Self::Shutdown => "shutdown",
            Self::Orphaned => "orphaned",
        }
    }
}

/// What is known of a call before the provider is called. The key of the record is (`region`, `id`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opening<'a> {
    /// The region of this gateway.
    #[serde(borrow)]
    pub region: Cow<'a, str>,
    /// The call.
    pub id: Ulid,
    /// What the call is for.
    pub kind: CallKind,
    /// Whether the user agreed that the conversation be used; nobody can say so yet.
    #[serde(default)]
    pub consent: bool,
    /// The caller's request; several calls may belong to it.
    pub request_id: Ulid,
    /// The budget that was reserved.
    pub hold_id: Ulid,
    /// The tenant that pays.
    #[serde(borrow)]
    pub tenant: Cow<'a, str>,
    /// The user or program.
    #[serde(borrow)]
    pub user: Cow<'a, str>,
    /// The id of the key, or the issuer of the token.
    #[serde(borrow)]
    pub credential_id: Cow<'a, str>,
    /// The name of the door that the request came in by.
    #[serde(borrow)]
    pub door: Cow<'a, str>,
    /// The provider's name in the configuration.
    #[serde(borrow)]
    pub provider: Cow<'a, str>,
    /// The dialect that the provider is spoken to in.
    #[serde(borrow)]
    pub dialect: Cow<'a, str>,
    /// The model as the provider names it.
    #[serde(borrow)]
    pub model: Cow<'a, str>,
    /// The model as the caller named it.
    #[serde(borrow)]
    pub asked_model: Cow<'a, str>,
    /// Whether the reply comes as a stream.
    pub stream: bool,
    /// Which attempt of the request this is, counted from 1.
    pub attempt: u32,
    /// Cost centres that the caller named.
    #[serde(borrow, default)]
    pub tags: Vec<Cow<'a, str>>,
    /// All text that is sent, in bytes.
    pub asked_bytes: u64,
    /// When the call was opened, in milliseconds since 1970; the time in `id`.
    pub opened_at_ms: u64,
}

impl<'a> Opening<'a> {
    /// Puts together what the permit, the hold and the pipeline know.
    pub(crate) fn new(call: &'a Call<'_>, hold: &Hold, about: &'a About, region: &'a str) -> Self {
        let target = call.target();
        let id = Ulid::new();
        Self {
            region: region.into(),
            id,
            kind: about.kind,
            consent: false,
            request_id: about.request_id,
            hold_id: hold.id(),
            tenant: name(&about.caller.tenant),
            user: name(&about.caller.user),
            credential_id: name(&about.caller.credential_id),
            door: about.door.into(),
            provider: name(&target.provider),
            dialect: target.dialect.name().into(),
            model: name(&target.model),
            asked_model: name(&about.asked_model),
            stream: about.stream,
            attempt: about.attempt,
            tags: about.tags.iter().take(TAGS_MAX).map(|tag| name(tag)).collect(),
            asked_bytes: about.asked_bytes,
            opened_at_ms: id.timestamp_ms(),
        }
    }
}

/// What is known of a call when it is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settlement<'a> {
    /// When the record was settled, in milliseconds since 1970.
    pub settled_at_ms: u64,
    /// How the call ended.
    pub ending: Ending,
    /// How long the call took, in milliseconds; absent for an orphan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
    /// How long the caller waited for the first token, in milliseconds; absent if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_token_ms: Option<u64>,
    /// Why the reply ended, where the provider said it.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<Cow<'a, str>>,
    /// What went wrong, for a call that failed.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Cow<'a, str>>,
    /// Whose fault it was, for a call that failed.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Cow<'a, str>>,
    /// The provider's HTTP status, for a call that failed and where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Tokens by kind.
    #[serde(with = "UsageFields")]
    pub usage: Usage,
    /// The cost in millionths of a US dollar; absent where the price is not known, which is not free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_micros: Option<u64>,
    /// What the translation changed or dropped; empty if nothing.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub lossy: Cow<'a, str>,
}

/// The one record of a call.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// What was known before.
    pub opening: Opening<'static>,
    /// What was known after.
    pub settlement: Settlement<'static>,
}

/// The hub's usage as the spool writes it; the hub itself knows no JSON.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Usage")]
struct UsageFields {
    input_fresh: u64,
    #[serde(default)]
    cache_read: u64,
    #[serde(default)]
    cache_write: u64,
    #[serde(default)]
    cache_write_1h: u64,
    output: u64,
    #[serde(default)]
    reasoning: u64,
    estimated: bool,
}

impl Opening<'_> {
    /// The same, on its own feet.
    pub(crate) fn into_owned(self) -> Opening<'static> {
        Opening {
            region: owned(self.region),
            tenant: owned(self.tenant),
            user: owned(self.user),
            credential_id: owned(self.credential_id),
            door: owned(self.door),
            provider: owned(self.provider),
            dialect: owned(self.dialect),
            model: owned(self.model),
            asked_model: owned(self.asked_model),
            tags: self.tags.into_iter().map(owned).collect(),
            id: self.id,
            kind: self.kind,
            consent: self.consent,
            request_id: self.request_id,
            hold_id: self.hold_id,
            stream: self.stream,
            attempt: self.attempt,
            asked_bytes: self.asked_bytes,
            opened_at_ms: self.opened_at_ms,
        }
    }
}

impl Settlement<'_> {
    /// The same, on its own feet.
    pub(crate) fn into_owned(self) -> Settlement<'static> {
        Settlement {
            stop: self.stop.map(owned),
            failure: self.failure.map(owned),
            fault: self.fault.map(owned),
            lossy: owned(self.lossy),
            settled_at_ms: self.settled_at_ms,
            ending: self.ending,
            latency_ms: self.latency_ms,
            first_token_ms: self.first_token_ms,
            status: self.status,
            usage: self.usage,
            cost_micros: self.cost_micros,
        }
    }
}

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

/// A name, cut to what a line has room for.
pub(crate) fn name(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(cut(text, NAME_BYTES_MAX))
}

/// A list of losses, cut to what a line has room for.
pub(crate) fn lossy(mut text: String) -> String {
    text.truncate(cut(&text, LOSSY_BYTES_MAX).len());
    text
}

fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}
