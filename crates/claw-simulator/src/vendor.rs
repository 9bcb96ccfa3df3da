//! The four vendors by name. It must not know how any of them speaks; `wire.rs` says what a vendor must be able to do.

use serde::{Deserialize, Serialize};

/// A vendor whose API is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vendor {
    /// OpenAI Chat Completions.
    OpenAi,
    /// Anthropic Messages.
    Anthropic,
    /// Amazon Bedrock Converse and ConverseStream.
    Bedrock,
    /// Ollama's native API.
    Ollama,
}

impl Vendor {
    /// The name in the log and in replies: `openai`, `anthropic`, `bedrock` or `ollama`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Bedrock => "bedrock",
            Self::Ollama => "ollama",
        }
    }
}
