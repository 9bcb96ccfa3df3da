//! Whole replies, both ways.

use claw_hub::{Dialect, Losses, Part, PartKind, Refusal, Reply, Stop};

use super::request::{arguments, image, thinking};
use super::{refusal, wire};
use crate::codec::Said;
use crate::extra;
use crate::json::{self, ArrayWriter, Node, ObjectWriter};
use crate::rfc3339::rfc3339;
use crate::schema::object_arguments;

const LOGPROBS: &str = "logprobs";

/// Reads a reply.
///
/// # Errors
/// The body is not a reply, or it is an error in spite of its status.
pub(crate) fn decode(body: &[u8]) -> Result<Reply, Refusal> {
    let root = json::parse(body).map_err(wire::nonsense)?;
    if let Some(error) = root.get("error").and_then(Node::some) {
        return Err(refusal::in_band(error));
    }
    let message = root.get("message").ok_or_else(|| wire::nonsense("it has no message"))?;
    let mut parts = Vec::new();
    let text = |key: &str| message.get(key).and_then(Node::as_str).filter(|text| !text.is_empty());
    parts.extend(text("thinking").map(|text| Part::from(thinking(text.to_owned()))));
    parts.extend(text("content").map(Part::text));
    parts.extend(read_images(message).map(Part::from));
    let calls = message.get("tool_calls").map_or(&[][..], Node::items);
    parts.extend(calls.iter().enumerate().map(|(n, call)| Part::from(read_call(call, n))));
    if let Some(logprobs) = root.get(LOGPROBS).and_then(Node::some) {
        let json = claw_hub::Json::verbatim(logprobs.raw);
        parts
            .push(PartKind::Foreign { dialect: Dialect::OllamaChat, name: LOGPROBS.to_owned(), json }.into());
    }
    let reason = root.get("done_reason").and_then(Node::as_str).filter(|reason| !reason.is_empty());
    let stop = wire::stop(reason.unwrap_or("stop"), !calls.is_empty());
    let model = root.get("model").and_then(Node::as_str).unwrap_or_default().to_owned();
    Ok(Reply { id: String::new(), model, parts, stop, usage: wire::read_usage(&root) })
}

/// The pictures that the model made.
pub(super) fn read_images(message: &Node<'_>) -> impl Iterator<Item = PartKind> {
    let images = message.get("images").map_or(&[][..], Node::items);
    images.iter().filter_map(Node::as_str).map(image)
}

/// Reads call number `n` of a reply. Servers before mid-2026 give no ids: theirs are made up, in the same way for whole replies and for streams.
pub(super) fn read_call(call: &Node<'_>, n: usize) -> PartKind {
    let function = call.get(wire::FUNCTION).unwrap_or(call);
    let id = call.get("id").and_then(Node::as_str).filter(|id| !id.is_empty());
    PartKind::ToolCall {
        id: id.map_or_else(|| format!("call_{n}"), str::to_owned),
        name: function.get("name").and_then(Node::as_str).unwrap_or_default().to_owned(),
        arguments: function.get("arguments").map_or_else(|| "{}".to_owned(), arguments),
    }
}

/// Writes a reply.
pub(crate) fn encode(reply: &Reply, said: &Said, losses: &mut Losses) -> Vec<u8> {
    note_losses(reply, losses);
    let mut out = Vec::with_capacity(1024);
    json::object(&mut out, |o| {
        write_head(o, if reply.model.is_empty() { &said.model } else { &reply.model }, said);
        o.object("message", |o| write_message(o, &reply.parts));
        for part in &reply.parts {
            if let PartKind::Foreign { dialect: Dialect::OllamaChat, name, json } = &part.kind
                && name == LOGPROBS
            {
                o.raw(LOGPROBS, json.as_str());
            }
        }
        o.boolean("done", true);
        o.string("done_reason", wire::done_reason(&reply.stop));
        if let Some(usage) = &reply.usage {
            wire::write_usage(o, usage);
        }
    });
    out
}

/// Writes what every reply and every line of a stream begins with.
pub(super) fn write_head(o: &mut ObjectWriter<'_>, model: &str, said: &Said) {
    o.string("model", model);
    o.string("created_at", &rfc3339(said.created_unix_s));
}

fn note_losses(reply: &Reply, losses: &mut Losses) {
    for (n, part) in reply.parts.iter().enumerate() {
        let place = format!("content[{n}]");
        extra::note(&part.extra, &place, losses);
        match &part.kind {
            PartKind::Thinking(thought) => {
                if thought.redacted.is_some() {
                    losses.dropped(place);
                } else if thought.signature.is_some() {
                    losses.dropped(format!("{place}.signature"));
                }
            }
            PartKind::Refusal(_) => losses.changed(place, "said as text"),
            PartKind::Foreign { dialect, .. } if *dialect != Dialect::OllamaChat => losses.dropped(place),
            PartKind::Document(_) | PartKind::ToolResult { .. } => losses.dropped(place),
            PartKind::ToolCall { arguments, .. } if object_arguments(arguments).1 => {
                losses.changed(format!("{place}.arguments"), "wrapped in an object");
            }
            _ => {}
        }
    }
    match &reply.stop {
        Stop::Sequence(Some(_)) => losses.dropped("stop_sequence"),
        Stop::Pause | Stop::Refusal | Stop::ContentFilter | Stop::Guardrail => {
            losses.changed("stop_reason", "said as stop");
        }
        _ => {}
    }
}

fn write_message(o: &mut ObjectWriter<'_>, parts: &[Part]) {
    o.string("role", "assistant");
    let joined = |text: fn(&PartKind) -> Option<&str>| -> String {
        parts.iter().filter_map(|part| text(&part.kind)).collect()
    };
    let thoughts = joined(|kind| match kind {
        PartKind::Thinking(thought) => Some(&thought.text),
        _ => None,
    });
    let content = joined(|kind| match kind {
        PartKind::Text(text) | PartKind::Refusal(text) => Some(text),
        _ => None,
    });
    o.string("content", &content);
    if !thoughts.is_empty() {
        o.string("thinking", &thoughts);
    }
    let images: Vec<&str> = parts.iter().filter_map(|part| base64_of(&part.kind)).collect();
    if !images.is_empty() {
        o.array("images", |a| images.iter().for_each(|data| a.string(data)));
    }
    let calls: Vec<&PartKind> = parts
        .iter()
        .map(|part| &part.kind)
        .filter(|kind| matches!(kind, PartKind::ToolCall { .. }))
        .collect();
    if !calls.is_empty() {
        o.array("tool_calls", |a| {
            for (n, kind) in calls.into_iter().enumerate() {
                if let PartKind::ToolCall { id, name, arguments } = kind {
                    write_call(a, n, (id, name), arguments);
                }
            }
        });
    }
}

/// The base64 text of a picture.
pub(super) fn base64_of(kind: &PartKind) -> Option<&str> {
    match kind {
        PartKind::Image(claw_hub::Media { source: claw_hub::Source::Base64(data), .. }) => Some(data),
        _ => None,
    }
}

/// Writes call number `n` of a reply.
pub(super) fn write_call(a: &mut ArrayWriter<'_>, n: usize, (id, name): (&str, &str), arguments: &str) {
    a.object(|o| {
        if !id.is_empty() {
            o.string("id", id);
        }
        o.object(wire::FUNCTION, |o| {
            o.count("index", u64::try_from(n).unwrap_or(u64::MAX));
            o.string("name", name);
            o.raw("arguments", &object_arguments(arguments).0);
        });
    });
}
