//! The names of the wire formats. What the formats look like is known by `claw-dialect` alone.

use std::fmt;

/// A wire format. A provider is an address that speaks one; a door is a path that expects one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dialect {
    /// OpenAI Chat Completions, and every vendor that is compatible with it.
    OpenaiChat,
    /// Anthropic Messages.
    AnthropicMessages,
    /// Amazon Bedrock Converse and ConverseStream.
    BedrockConverse,
    /// Ollama's native `/api/chat`.
    OllamaChat,
    /// Our own `/api/v1/chat`. Spoken by doors only.
    OpenclawChat,
}

impl Dialect {
    /// All dialects, in the order in which documents list them.
    pub const ALL: [Self; 5] = [
        Self::OpenaiChat,
        Self::AnthropicMessages,
        Self::BedrockConverse,
        Self::OllamaChat,
        Self::OpenclawChat,
    ];

    /// The name in configuration, records and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenaiChat => "openai_chat",
            Self::AnthropicMessages => "anthropic_messages",
            Self::BedrockConverse => "bedrock_converse",
            Self::OllamaChat => "ollama_chat",
            Self::OpenclawChat => "openclaw_chat",
        }
    }

    /// The dialect of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name)
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
