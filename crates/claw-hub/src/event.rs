//! The events of a reply, streamed or whole. Wire names are not known here.

use crate::{Part, PartKind, Refusal, Stop, Usage};

/// A whole reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The provider's id of it; empty where it gave none.
    pub id: String,
    /// The model that answered, as the provider names it; empty where it does not say.
    pub model: String,
    /// What was said, in order.
    pub parts: Vec<Part>,
    /// Why it ended.
    pub stop: Stop,
    /// What it took; `None` where the provider did not say.
    pub usage: Option<Usage>,
}

/// How a streamed reply begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// The provider's id of the reply; empty where it gave none.
    pub id: String,
    /// The model that answers, as the provider names it; empty where it does not say.
    pub model: String,
}

/// One event of a streamed reply. Decoders make well-formed sequences, whatever the provider sends: one `Start`; parts that open once, in rising index,
/// and close once; at most one `Stop`; `End` or `Failed` last.
#[derive(Debug)]
pub enum Event {
    /// The reply begins.
    Start(Start),
    /// A part begins. Its kind carries what is known at once: the id and name of a tool call, the data of redacted thinking; texts are empty.
    /// Thinking that will be signed opens with an empty signature, thinking that nobody will sign with none: a client must not be shown as
    /// Claude's what Claude would refuse to be sent back.
    Open {
        /// The part's place in the reply, counted from 0 without gaps.
        index: usize,
        /// What kind of part.
        kind: PartKind,
    },
    /// More of an open part.
    More {
        /// The part's place.
        index: usize,
        /// What is added.
        delta: Delta,
    },
    /// A part is complete.
    Close {
        /// The part's place.
        index: usize,
    },
    /// Why the reply ends.
    Stop(Stop),
    /// Usage so far. It replaces what was said before; it is never added.
    Usage(Usage),
    /// The provider is alive and has nothing to say.
    Ping,
    /// The reply failed in the middle.
    Failed(Refusal),
    /// The provider's terminal event was seen.
    End,
}

/// What is added to an open part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delta {
    /// Words of a text.
    Text(String),
    /// Words of thinking.
    Thinking(String),
    /// The signature of the thinking.
    Signature(String),
    /// A piece of a tool call's arguments, as JSON text.
    Arguments(String),
    /// Words of a refusal.
    Refusal(String),
}

impl Delta {
    /// The text of it, for counting and guarding; a signature has none.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Thinking(text) | Self::Arguments(text) | Self::Refusal(text) => text,
            Self::Signature(_) => "",
        }
    }
}

impl Event {
    /// Whether the caller has seen something of the answer after this event, so that no other provider may begin anew.
    pub const fn is_content(&self) -> bool {
        matches!(self, Self::Open { .. } | Self::More { .. } | Self::Stop(_))
    }
}
