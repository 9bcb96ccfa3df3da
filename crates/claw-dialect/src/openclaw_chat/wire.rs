//! Names and tables of the wire format, which is ours.

use claw_hub::{CacheMark, Extra, Losses, Refusal, Role, Stop, Usage};

use crate::json::{Node, Object, ObjectWriter, Path};

/// The model of a request that names none: preference and policy decide.
pub(super) const AUTO: &str = "auto";

/// The words of roles.
pub(super) const ROLES: [(&str, Role); 3] =
    [("system", Role::System), ("user", Role::User), ("assistant", Role::Assistant)];

/// The words of prompt-cache points.
pub(super) const CACHE_MARKS: [(&str, CacheMark); 3] =
    [("default", CacheMark::Default), ("5m", CacheMark::FiveMinutes), ("1h", CacheMark::OneHour)];

/// Refuses what was not taken out of an object.
///
/// # Errors
/// There is such a field.
pub(super) fn done(object: Object<'_, '_>) -> Result<(), Refusal> {
    let path = *object.path();
    let Extra(rest) = object.rest();
    match rest.first() {
        None => Ok(()),
        Some((key, _)) => Err(path.field(key).refuse("is not a field of this API")),
    }
}

/// The value of a word.
///
/// # Errors
/// The word is unknown; the refusal lists the known ones.
pub(super) fn find<T: Copy>(words: &[(&str, T)], word: &str, path: &Path<'_>) -> Result<T, Refusal> {
    match words.iter().find(|(known, _)| *known == word) {
        Some((_, value)) => Ok(*value),
        None => {
            let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
            Err(path.refuse(format_args!("must be one of: {}", known.join(", "))))
        }
    }
}

/// The word of a value; the tables have one for each.
pub(super) fn word_of<T: PartialEq>(words: &[(&'static str, T)], value: &T) -> &'static str {
    words.iter().find(|(_, known)| known == value).map_or("", |(word, _)| word)
}

/// Reads why a reply ended.
pub(super) fn read_stop(reply: &Node<'_>) -> Stop {
    let text = |key: &str| reply.get(key).and_then(Node::as_str);
    match text("stop").unwrap_or_default() {
        "end_turn" => Stop::EndTurn,
        "stop_sequence" => Stop::Sequence(text("stop_sequence").map(str::to_owned)),
        "max_tokens" => Stop::MaxTokens,
        "tool_use" => Stop::ToolUse,
        "pause" => Stop::Pause,
        "refusal" => Stop::Refusal,
        "content_filter" => Stop::ContentFilter,
        "guardrail" => Stop::Guardrail,
        "context_window" => Stop::ContextWindow,
        other => Stop::Other(other.to_owned()),
    }
}

/// Writes why a reply ended.
pub(super) fn write_stop(o: &mut ObjectWriter<'_>, stop: &Stop) {
    let word = match stop {
        Stop::EndTurn => "end_turn",
        Stop::Sequence(_) => "stop_sequence",
        Stop::MaxTokens => "max_tokens",
        Stop::ToolUse => "tool_use",
        Stop::Pause => "pause",
        Stop::Refusal => "refusal",
        Stop::ContentFilter => "content_filter",
        Stop::Guardrail => "guardrail",
        Stop::ContextWindow => "context_window",
        Stop::Other(word) => word,
    };
    o.string("stop", word);
    if let Stop::Sequence(Some(text)) = stop {
        o.string("stop_sequence", text);
    }
}

/// Reads usage; `None` where the numbers are not there.
pub(super) fn read_usage(usage: &Node<'_>) -> Option<Usage> {
    let count = |key: &str| usage.get(key).and_then(Node::as_count);
    let said = Usage {
        input_fresh: 0,
        cache_read: count("cache_read")?,
        cache_write: count("cache_write")?,
        cache_write_1h: count("cache_write_1h")?,
        output: count("output")?,
        reasoning: count("reasoning")?,
        estimated: usage.get("estimated").is_some_and(|estimated| estimated.raw == "true"),
    };
    Some(Usage { input_fresh: count("input")?.saturating_sub(said.input()), ..said })
}

/// Writes usage. `input` is all input, and the cached kinds are parts of it, as `reasoning` is a part of `output`.
pub(super) fn write_usage(o: &mut ObjectWriter<'_>, usage: &Usage) {
    o.count("input", usage.input());
    o.count("cache_read", usage.cache_read);
    o.count("cache_write", usage.cache_write);
    o.count("cache_write_1h", usage.cache_write_1h);
    o.count("output", usage.output);
    o.count("reasoning", usage.reasoning);
    o.boolean("estimated", usage.estimated);
}

/// Notes that none of the fields arrives: other dialects' have no place here.
pub(super) fn note_extra(extra: &Extra, place: &str, losses: &mut Losses) {
    crate::extra::note(extra, place, losses);
}
