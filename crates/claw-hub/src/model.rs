//! Where a request can go, and what is known of the model there.

use std::sync::Arc;

use crate::Dialect;

/// A provider, a model at it and, where the provider has them, a region.
#[derive(Clone, Debug)]
pub struct Target {
    /// The provider's name in the configuration.
    pub provider: Arc<str>,
    /// The model as the provider names it.
    pub model: Arc<str>,
    /// The dialect that the model speaks at this provider.
    pub dialect: Dialect,
    /// What is known of the model.
    pub facts: Arc<ModelFacts>,
}

/// The version of Anthropic's API that a model is called with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnthropicVersion {
    /// `2023-06-01`.
    V2023_06_01,
    /// `2026-10-21`: sampling parameters are refused. <https://platform.claude.com/docs/en/api/versioning>
    V2026_10_21,
}

impl AnthropicVersion {
    /// The value of the header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V2023_06_01 => "2023-06-01",
            Self::V2026_10_21 => "2026-10-21",
        }
    }
}

/// Which of OpenAI's two fields the limit of tokens goes into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaxTokensField {
    /// `max_completion_tokens`: OpenAI's own models.
    Completion,
    /// `max_tokens`: most compatible vendors.
    Legacy,
}

/// How a Claude model is asked to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThinkingStyle {
    /// `enabled` with a budget of tokens.
    Budget,
    /// `adaptive`, with an effort beside it.
    Adaptive,
    /// It cannot think.
    None,
}

/// Whether the facts are of this model, or of its family, or a guess that only keeps it working.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// Known by its id.
    Known,
    /// Known by the family that its id begins with.
    Family,
    /// Not known: safe defaults.
    Unknown,
}

/// What is known of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFacts {
    /// How sure this is.
    pub provenance: Provenance,
    /// The context window, in tokens.
    pub context_tokens: Option<u64>,
    /// The most that it can say, in tokens.
    pub max_output_tokens: Option<u64>,
    /// The version of Anthropic's API to call it with.
    pub anthropic_version: AnthropicVersion,
    /// Whether `temperature`, `top_p` and `top_k` may be sent.
    pub takes_sampling: bool,
    /// Whether stop texts may be sent.
    pub takes_stop: bool,
    /// Whether a system message in mid-conversation may be sent.
    pub takes_mid_system: bool,
    /// Which field the limit of tokens goes into (OpenAI's dialect).
    pub max_tokens_field: MaxTokensField,
    /// How it is asked to think (Claude).
    pub thinking: ThinkingStyle,
    /// Whether structured output is native (Claude, Bedrock).
    pub native_json_schema: bool,
    /// Whether prompt-cache points may be sent (Bedrock).
    pub takes_cache_points: bool,
}

impl Default for ModelFacts {
    /// What keeps an unknown model working: everything is sent as the caller said it.
    fn default() -> Self {
        Self {
            provenance: Provenance::Unknown,
            context_tokens: None,
            max_output_tokens: None,
            anthropic_version: AnthropicVersion::V2023_06_01,
            takes_sampling: true,
            takes_stop: true,
            takes_mid_system: false,
            max_tokens_field: MaxTokensField::Legacy,
            thinking: ThinkingStyle::Budget,
            native_json_schema: true,
            takes_cache_points: true,
        }
    }
}
