//! What is asked of a model. Wire names are not known here.

use std::ops::Range;

use bytes::Bytes;

use crate::{Dialect, Extra, Json, Message, Part, Tool, ToolChoice};

/// A request for one reply.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The dialect that it was asked in: the only one that `extra` fields and foreign parts can be sent to.
    pub origin: Dialect,
    /// The model as the caller named it.
    pub model: String,
    /// Whether the reply shall come as a stream.
    pub stream: bool,
    /// Whether a stream shall end with usage. Dialects that always say it have this set.
    pub include_usage: bool,
    /// Whether a loss in translation is to be refused instead of told.
    pub strict: bool,
    /// The system prompt, in order.
    pub system: Vec<Part>,
    /// The conversation, in order.
    pub messages: Vec<Message>,
    /// The tools on offer, in order: prompt caches depend on it.
    pub tools: Vec<Tool>,
    /// Whether and which tool to call.
    pub tool_choice: Option<ToolChoice>,
    /// Whether several tools may be called at once; `None` where it is not said.
    pub parallel_tools: Option<bool>,
    /// Sampling and limits.
    pub sampling: Sampling,
    /// Reasoning.
    pub thinking: Option<Thinking>,
    /// The form of the answer.
    pub format: Option<Format>,
    /// An id of the end user that the caller chose to pass on.
    pub user: Option<String>,
    /// The processing tier that was asked for.
    pub service_tier: Option<String>,
    /// Fields that only the dialect of origin knows.
    pub extra: Extra,
    /// Headers of the dialect of origin that belong to the request, such as `anthropic-beta`; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The bytes that this was read from, for forwarding to the same dialect. Whoever changes anything else here must clear it.
    pub raw: Option<Raw>,
}

/// The bytes of a request, and where they may be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    /// The body as it arrived, decompressed.
    pub body: Bytes,
    /// Where the value of `model` stands, quotes included; `None` where the dialect has it in the path.
    pub model: Option<Range<usize>>,
    /// What else must be changed, in rising order and not overlapping: the text that replaces each range.
    pub patches: Vec<(Range<usize>, Box<str>)>,
}

impl Request {
    /// An empty request for a model.
    pub fn new(origin: Dialect, model: impl Into<String>) -> Self {
        Self {
            origin,
            model: model.into(),
            stream: false,
            include_usage: true,
            strict: false,
            system: Vec::new(),
            messages: Vec::new(),
            tools: Vec::new(),
            tool_choice: None,
            parallel_tools: None,
            sampling: Sampling::default(),
            thinking: None,
            format: None,
            user: None,
            service_tier: None,
            extra: Extra::default(),
            headers: Vec::new(),
            raw: None,
        }
    }
}

/// Sampling parameters and limits; `None` is not said. Numbers that a provider reads as decimals are kept as JSON text, so that `1` and
/// `1.0` arrive as they were written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sampling {
    /// The most tokens to say, thinking included.
    pub max_tokens: Option<u64>,
    /// 0 to 2 with OpenAI and Ollama, 0 to 1 with Anthropic and Bedrock.
    pub temperature: Option<Json>,
    /// Nucleus sampling.
    pub top_p: Option<Json>,
    /// Sampling among the k likeliest.
    pub top_k: Option<u64>,
    /// Texts that end the reply.
    pub stop: Vec<String>,
    /// The random seed.
    pub seed: Option<Json>,
    /// Against repetition, by count.
    pub frequency_penalty: Option<Json>,
    /// Against repetition, by presence.
    pub presence_penalty: Option<Json>,
    /// How many replies; only one can be had outside OpenAI.
    pub n: Option<u64>,
}

/// Whether and how much to reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thinking {
    /// The switch.
    pub mode: ThinkingMode,
    /// The most tokens to think, where the dialect counts.
    pub budget_tokens: Option<u64>,
    /// How hard to think, where the dialect grades.
    pub effort: Option<Effort>,
    /// What to show of the thinking (`summarized`, `omitted`), where the dialect says.
    pub display: Option<String>,
}

/// The switch of reasoning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThinkingMode {
    /// On, with a budget.
    Enabled,
    /// The model decides how much.
    Adaptive,
    /// Off.
    Disabled,
    /// Nothing was said but an effort.
    Unsaid,
}

/// How hard to reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// Not at all.
    None,
    /// As little as possible.
    Minimal,
    /// A little.
    Low,
    /// The middle.
    Medium,
    /// A lot.
    High,
    /// More.
    Xhigh,
    /// As much as there is.
    Max,
}

impl Effort {
    /// All grades, rising.
    pub const ALL: [Self; 7] =
        [Self::None, Self::Minimal, Self::Low, Self::Medium, Self::High, Self::Xhigh, Self::Max];

    /// The word that every dialect uses for this grade.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Xhigh => "xhigh",
            Self::Max => "max",
        }
    }

    /// The grade of that word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|effort| effort.name() == name)
    }
}

/// The form that the answer must have.
#[derive(Clone, Debug, PartialEq)]
pub enum Format {
    /// Some JSON object.
    JsonObject,
    /// JSON by this schema.
    JsonSchema {
        /// A name for it, where the dialect has one.
        name: Option<String>,
        /// What it is for, where the dialect says it.
        description: Option<String>,
        /// The schema, as it arrived.
        schema: Json,
        /// Whether to follow it to the letter.
        strict: Option<bool>,
    },
}
