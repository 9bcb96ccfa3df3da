//! Why a reply ended. Wire names are not known here.

/// Why a reply ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The model was done.
    EndTurn,
    /// A stop text was reached; which one, where it is said.
    Sequence(Option<String>),
    /// The limit of tokens was reached.
    MaxTokens,
    /// The model waits for tool results.
    ToolUse,
    /// The provider paused a long turn of its own tools.
    Pause,
    /// The model declined.
    Refusal,
    /// The provider's filter stepped in.
    ContentFilter,
    /// A configured guardrail stepped in.
    Guardrail,
    /// The context window is full.
    ContextWindow,
    /// A word that only the dialect of origin has.
    Other(String),
}
