//! Whole replies, both ways. <https://docs.claude.com/en/api/messages>

use std::borrow::Cow;

use claw_hub::{Dialect, Extra, Json, Kind, Losses, Part, PartKind, Refusal, Reply, Retry, Stop, Usage};

use super::content::{Trim, is_signed, read_block, write_call, write_text, write_thought};
use super::refusal::in_band;
use super::wire::{self, ID_PATTERN, REPLY_FIELDS};
use crate::call_ids::fit;
use crate::codec::Said;
use crate::json::{self, ArrayWriter, Node, Object, ObjectWriter, Path};
use crate::schema::object_arguments;

const OWN: Dialect = Dialect::AnthropicMessages;

/// Reads a reply. Why the model declined becomes a part of its own, after what was said before.
///
/// # Errors
/// The body is not a reply, which is the provider's fault, or an error.
pub(crate) fn decode(body: &[u8]) -> Result<Reply, Refusal> {
    let root = json::parse(body).map_err(|error| unreadable(&format!("not JSON: {error}")))?;
    if root.get("type").and_then(Node::as_str) == Some("error") {
        return Err(in_band(&root));
    }
    read(root).map_err(|refusal| unreadable(&refusal.message))
}

fn unreadable(what: &str) -> Refusal {
    let message = format!("the provider's reply cannot be read: {what}");
    Refusal::provider(Kind::ProviderFailed, Retry::Maybe, message)
}

fn read(root: Node<'_>) -> Result<Reply, Refusal> {
    let mut o = Object::open(root, Path::Root)?;
    let content = Path::Root.field("content");
    let mut parts = Vec::new();
    for (n, node) in o.array("content")?.ok_or_else(|| content.refuse("is required"))?.into_iter().enumerate()
    {
        parts.push(read_block(node, &content.item(n))?);
    }
    parts.extend(o.take("stop_details").as_ref().and_then(explanation));
    let sequence = o.string("stop_sequence")?;
    let stop = o.text("stop_reason")?.map_or(Stop::EndTurn, |reason| wire::stop(&reason, sequence));
    let usage = o.take("usage").map(|node| {
        let mut usage = Usage::default();
        wire::read_usage(&node, &mut usage);
        usage
    });
    let id = o.string("id")?.unwrap_or_default();
    let model = o.string("model")?.unwrap_or_default();
    Ok(Reply { id, model, parts, stop, usage })
}

/// Why the model declined, in words, with the category beside it.
pub(super) fn explanation(details: &Node<'_>) -> Option<Part> {
    let words = details.get("explanation")?.as_str()?;
    let category = details.get("category").filter(|node| node.as_str().is_some());
    let extra = category.map(|node| ("category".to_owned(), Json::verbatim(node.raw)));
    let kind = PartKind::Refusal(words.to_owned());
    Some(Part { kind, cache: None, extra: Extra(extra.into_iter().collect()) })
}

/// Writes a reply. Thinking that nobody signed is left out: a client would send it back, and Anthropic refuses it then.
pub(crate) fn encode(reply: &Reply, said: &Said, losses: &mut Losses) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    let declined = reply.parts.iter().rev().find(|part| matches!(part.kind, PartKind::Refusal(_)));
    json::object(&mut out, |o| {
        head(o, &reply.id, &reply.model, said);
        o.array("content", |a| {
            for (n, part) in reply.parts.iter().enumerate() {
                write_part(a, part, n, losses);
            }
        });
        let stop = if declined.is_some() { &Stop::Refusal } else { &reply.stop };
        let (_, is_exact) = wire::stop_reason(stop);
        if !is_exact {
            losses.changed("stop_reason", "said in the nearest word");
        }
        let words = declined.and_then(|part| match &part.kind {
            PartKind::Refusal(words) => Some(words.as_str()),
            _ => None,
        });
        let category = declined.and_then(|part| part.extra.0.iter().find(|(key, _)| key == "category"));
        write_stop(o, stop, words, category.map(|(_, json)| json));
        o.object("usage", |o| wire::write_usage(o, &reply.usage.unwrap_or_default()));
    });
    out
}

/// Writes what stands before the content.
pub(super) fn head(o: &mut ObjectWriter<'_>, id: &str, model: &str, said: &Said) {
    match id {
        "" => o.string("id", &format!("msg_{}", said.request_id)),
        id => o.string("id", id),
    }
    o.string("type", "message");
    o.string("role", "assistant");
    o.string("model", if model.is_empty() { &said.model } else { model });
}

/// Writes why the reply ended.
pub(super) fn write_stop(
    o: &mut ObjectWriter<'_>,
    stop: &Stop,
    words: Option<&str>,
    category: Option<&Json>,
) {
    o.string("stop_reason", wire::stop_reason(stop).0);
    match stop {
        Stop::Sequence(Some(text)) => o.string("stop_sequence", text),
        _ => o.null("stop_sequence"),
    }
    if words.is_none() {
        return;
    }
    o.object("stop_details", |o| {
        o.string("type", "refusal");
        match category {
            Some(json) => o.raw("category", json.as_str()),
            None => o.null("category"),
        }
        o.maybe_string("explanation", words);
    });
}

fn write_part(a: &mut ArrayWriter<'_>, part: &Part, n: usize, losses: &mut Losses) {
    let extra = own_fields(part, n, losses);
    let trim = Trim { cache: None, extra: &extra };
    match &part.kind {
        PartKind::Text(text) => write_text(a, text, trim),
        PartKind::Thinking(thought) if is_signed(thought) => write_thought(a, thought, trim),
        PartKind::ToolCall { id, name, arguments } => {
            let (input, is_changed) = object_arguments(arguments);
            if is_changed {
                losses.changed(format!("content[{n}].input"), "wrapped, because it is not an object");
            }
            write_call(a, &fit(id, ID_PATTERN), name, &input, trim);
        }
        PartKind::Foreign { dialect: OWN, json, .. } => a.raw(json.as_str()),
        // It is written beside the stop reason.
        PartKind::Refusal(_) => {}
        PartKind::Thinking(_)
        | PartKind::Foreign { .. }
        | PartKind::Image(_)
        | PartKind::Document(_)
        | PartKind::ToolResult { .. } => losses.dropped(format!("content[{n}]")),
    }
}

/// A reply does not say which dialect its fields came from, so they are told by their names.
fn own_fields<'p>(part: &'p Part, n: usize, losses: &mut Losses) -> Cow<'p, Extra> {
    if part.extra.is_empty() || matches!(part.kind, PartKind::Refusal(_)) {
        return Cow::Owned(Extra::default());
    }
    let mut kept = Vec::new();
    for (key, json) in &part.extra.0 {
        if REPLY_FIELDS.contains(&key.as_str()) {
            kept.push((key.clone(), json.clone()));
        } else {
            losses.dropped(format!("content[{n}].{key}"));
        }
    }
    Cow::Owned(Extra(kept))
}
