//! Names and tables of the wire format, <https://github.com/ollama/ollama/blob/main/docs/openapi.yaml>.

use claw_hub::{Effort, Kind, Refusal, Retry, Stop, Usage};

use crate::json::{Node, ObjectWriter};

/// The object of sampling parameters.
pub(super) const OPTIONS: &str = "options";
/// The object of a call or of a tool on offer.
pub(super) const FUNCTION: &str = "function";

/// Why a reply ended, from `done_reason`. Ollama says `stop` for tool calls too.
pub(super) fn stop(done_reason: &str, has_calls: bool) -> Stop {
    match done_reason {
        "stop" if has_calls => Stop::ToolUse,
        "stop" => Stop::EndTurn,
        "length" => Stop::MaxTokens,
        // `load` and `unload` answer requests without messages.
        other => Stop::Other(other.to_owned()),
    }
}

/// The `done_reason` of a stop.
pub(super) fn done_reason(stop: &Stop) -> &str {
    match stop {
        Stop::MaxTokens | Stop::ContextWindow => "length",
        Stop::Other(word) => word,
        Stop::EndTurn
        | Stop::Sequence(_)
        | Stop::ToolUse
        | Stop::Pause
        | Stop::Refusal
        | Stop::ContentFilter
        | Stop::Guardrail => "stop",
    }
}

/// The word for an effort, and whether it is another grade.
pub(super) const fn think(effort: Effort) -> (&'static str, bool) {
    match effort {
        Effort::None | Effort::Low => ("low", false),
        Effort::Minimal => ("low", true),
        Effort::Medium => ("medium", false),
        Effort::High => ("high", false),
        Effort::Xhigh => ("high", true),
        Effort::Max => ("max", false),
    }
}

/// Reads the counts; `None` where the reply has none. Old servers leave `prompt_eval_count` out when the prompt was cached.
pub(super) fn read_usage(reply: &Node<'_>) -> Option<Usage> {
    let count = |key: &str| reply.get(key).and_then(Node::as_count);
    let (input, output) = (count("prompt_eval_count"), count("eval_count"));
    if input.is_none() && output.is_none() {
        return None;
    }
    Some(Usage { input_fresh: input.unwrap_or(0), output: output.unwrap_or(0), ..Usage::default() })
}

/// Writes the counts.
pub(super) fn write_usage(o: &mut ObjectWriter<'_>, usage: &Usage) {
    o.count("prompt_eval_count", usage.input());
    o.count("eval_count", usage.output);
}

/// The refusal of a provider's bytes that are not what they should be.
pub(super) fn nonsense(what: impl std::fmt::Display) -> Refusal {
    let message = format!("the provider's answer cannot be read: {what}");
    Refusal::provider(Kind::ProviderFailed, Retry::Maybe, message)
}
