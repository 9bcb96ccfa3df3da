//! Whole replies, both ways. Of several choices only the first is read: a caller of this dialect who asked for more gets
//! the bytes as they are, and no other dialect can ask.

use claw_hub::{Delta, Dialect, Losses, Part, PartKind, Refusal, Reply, Stop, Thought};

use super::request::read_arguments;
use super::{content::foreign, refusal, usage, wire};
use crate::codec::Said;
use crate::extra;
use crate::json::{self, Node, ObjectWriter, Value};

/// The fields of a message that are read into parts of their own, or that say nothing.
const KNOWN: [&str; 8] = [
    "role",
    "content",
    "refusal",
    "tool_calls",
    "function_call",
    wire::REASONING_CONTENT,
    wire::REASONING,
    // OpenRouter's other form of the same reasoning.
    "reasoning_details",
];

/// Reads a reply.
///
/// # Errors
/// The body is not a reply, or it is an error in spite of its status.
pub(crate) fn decode(body: &[u8]) -> Result<Reply, Refusal> {
    let root = json::parse(body).map_err(wire::nonsense)?;
    if let Some(error) = root.get("error").and_then(Node::some) {
        return Err(refusal::in_band(error));
    }
    let choice = root.get("choices").and_then(|choices| choices.items().first());
    let choice = choice.ok_or_else(|| wire::nonsense("it has no choices"))?;
    let mut parts = Vec::new();
    // Azure leaves the message out where its filter stepped in.
    if let Some(message) = choice.get("message").and_then(Node::some) {
        read_message(message, &mut parts);
    }
    let has = |is: fn(&PartKind) -> bool| parts.iter().any(|part: &Part| is(&part.kind));
    let has_calls = has(|kind| matches!(kind, PartKind::ToolCall { .. }));
    let has_refusal = has(|kind| matches!(kind, PartKind::Refusal(_)));
    let reason = choice.get("finish_reason").and_then(Node::as_str).filter(|reason| !reason.is_empty());
    let stop = wire::stop(reason.unwrap_or("stop"), has_calls, has_refusal);
    if let Some(logprobs) = choice.get("logprobs").and_then(Node::some) {
        parts.push(foreign("logprobs", logprobs.raw).into());
    }
    let text = |key: &str| root.get(key).and_then(Node::as_str).unwrap_or_default().to_owned();
    let usage = root.get("usage").and_then(usage::read);
    Ok(Reply { id: text("id"), model: text("model"), parts, stop, usage })
}

fn read_message(message: &Node<'_>, parts: &mut Vec<Part>) {
    let text = |key: &str| message.get(key).and_then(Node::as_str).filter(|text| !text.is_empty());
    if let Some(text) = text(wire::REASONING_CONTENT).or_else(|| text(wire::REASONING)) {
        parts.push(thought(text).into());
    }
    if let Some(content) = message.get("content") {
        read_content(content, &mut |delta| {
            parts.push(match delta {
                Delta::Thinking(text) => thought(&text).into(),
                delta => Part::text(delta.text()),
            });
        });
    }
    parts.extend(text("refusal").map(|text| Part::from(PartKind::Refusal(text.to_owned()))));
    let calls = message.get("tool_calls").map_or(&[][..], Node::items);
    for call in calls {
        let n = parts.iter().filter(|part| matches!(part.kind, PartKind::ToolCall { .. })).count();
        parts.push(read_call(call, n).into());
    }
    if let Some(function) = message.get("function_call").and_then(Node::some) {
        parts.push(read_function(function, made_up_id(0)).into());
    }
    for (key, node) in message.fields() {
        if !KNOWN.contains(&key.as_ref()) && !is_nothing(node) {
            parts.push(foreign(key, node.raw).into());
        }
    }
}

fn thought(text: &str) -> PartKind {
    PartKind::Thinking(Thought { text: text.to_owned(), signature: None, redacted: None })
}

fn is_nothing(node: &Node<'_>) -> bool {
    match &node.value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Reads the content of a reply: a string, or, from a few vendors (Mistral), a list of typed parts. Empty texts say nothing.
pub(super) fn read_content(content: &Node<'_>, tell: &mut dyn FnMut(Delta)) {
    if let Some(text) = content.as_str() {
        if !text.is_empty() {
            tell(Delta::Text(text.to_owned()));
        }
        return;
    }
    for part in content.items() {
        match part.get("type").and_then(Node::as_str) {
            Some("text") => {
                if let Some(text) = part.get("text").and_then(Node::as_str).filter(|text| !text.is_empty()) {
                    tell(Delta::Text(text.to_owned()));
                }
            }
            Some("thinking") => {
                let mut words = String::new();
                if let Some(inner) = part.get("thinking") {
                    read_content(inner, &mut |delta| words.push_str(delta.text()));
                }
                if !words.is_empty() {
                    tell(Delta::Thinking(words));
                }
            }
            _ => {}
        }
    }
}

/// The id of a call to which the provider gave none, counted from 0 within the reply.
pub(super) fn made_up_id(n: usize) -> String {
    format!("call_{n}")
}

fn read_call(call: &Node<'_>, n: usize) -> PartKind {
    let Some(function) = call.get("function").and_then(Node::some) else {
        let kind = call.get("type").and_then(Node::as_str).unwrap_or_default();
        return foreign(&format!("{}{kind}", super::request::FOREIGN_CALL), call.raw);
    };
    let id = call.get("id").and_then(Node::as_str).filter(|id| !id.is_empty());
    read_function(function, id.map_or_else(|| made_up_id(n), str::to_owned))
}

fn read_function(function: &Node<'_>, id: String) -> PartKind {
    let name = function.get("name").and_then(Node::as_str).unwrap_or_default().to_owned();
    let arguments = function.get("arguments").and_then(Node::some);
    PartKind::ToolCall { id, name, arguments: arguments.map_or_else(|| "{}".to_owned(), read_arguments) }
}

/// The id of a reply to which the provider gave none.
pub(super) fn id_of<'r>(id: &'r str, said: &'r Said) -> std::borrow::Cow<'r, str> {
    if id.is_empty() { format!("chatcmpl-{}", said.request_id).into() } else { id.into() }
}

/// Writes a reply.
pub(crate) fn encode(reply: &Reply, said: &Said, losses: &mut Losses) -> Vec<u8> {
    note_losses(reply, losses);
    let has_refusal = reply.parts.iter().any(|part| matches!(part.kind, PartKind::Refusal(_)));
    let mut out = Vec::with_capacity(1024);
    json::object(&mut out, |o| {
        o.string("id", &id_of(&reply.id, said));
        o.string("object", "chat.completion");
        o.count("created", said.created_unix_s);
        o.string("model", if reply.model.is_empty() { &said.model } else { &reply.model });
        o.array("choices", |a| {
            a.object(|o| {
                o.count("index", 0);
                o.object("message", |o| write_message(o, &reply.parts));
                let logprobs = own_fields(&reply.parts).find(|(name, _)| *name == "logprobs");
                o.raw("logprobs", logprobs.map_or("null", |(_, json)| json));
                o.string("finish_reason", wire::finish_reason(&reply.stop, has_refusal));
            });
        });
        if let Some(said) = &reply.usage {
            usage::write(o, said);
        }
    });
    out
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
            PartKind::Foreign { dialect, .. } if *dialect != Dialect::OpenaiChat => losses.dropped(place),
            PartKind::Image(_) | PartKind::Document(_) | PartKind::ToolResult { .. } => losses.dropped(place),
            _ => {}
        }
    }
    match &reply.stop {
        Stop::Sequence(Some(_)) => losses.dropped("stop_sequence"),
        Stop::Pause => losses.changed("stop_reason", "said as stop"),
        _ => {}
    }
}

/// What this dialect alone has words for: the names of the fields and their JSON.
fn own_fields(parts: &[Part]) -> impl Iterator<Item = (&str, &str)> {
    parts.iter().filter_map(|part| match &part.kind {
        PartKind::Foreign { dialect: Dialect::OpenaiChat, name, json } => {
            Some((name.as_str(), json.as_str()))
        }
        _ => None,
    })
}

fn write_message(o: &mut ObjectWriter<'_>, parts: &[Part]) {
    o.string("role", "assistant");
    write_joined(o, wire::REASONING_CONTENT, parts, |kind| match kind {
        PartKind::Thinking(thought) => Some(thought.text.as_str()).filter(|text| !text.is_empty()),
        _ => None,
    });
    let is_said = write_joined(o, "content", parts, |kind| match kind {
        PartKind::Text(text) => Some(text.as_str()),
        _ => None,
    });
    let has_calls = parts.iter().any(is_call);
    let has_refusal = parts.iter().any(|part| matches!(part.kind, PartKind::Refusal(_)));
    match is_said {
        true => {}
        // A turn that says nothing at all is an empty text: clients read `null` as tool calls.
        false if has_calls || has_refusal => o.null("content"),
        false => o.string("content", ""),
    }
    let is_refused = write_joined(o, "refusal", parts, |kind| match kind {
        PartKind::Refusal(text) => Some(text.as_str()),
        _ => None,
    });
    if !is_refused {
        o.null("refusal");
    }
    if has_calls {
        o.array("tool_calls", |a| {
            for part in parts.iter().filter(|part| is_call(part)) {
                match &part.kind {
                    PartKind::Foreign { json, .. } => a.raw(json.as_str()),
                    kind => a.object(|o| write_call(o, kind)),
                }
            }
        });
    }
    for (name, json) in own_fields(parts) {
        if name != "logprobs" && !name.starts_with(super::request::FOREIGN_CALL) {
            o.raw(name, json);
        }
    }
}

fn is_call(part: &Part) -> bool {
    match &part.kind {
        PartKind::ToolCall { .. } => true,
        PartKind::Foreign { dialect: Dialect::OpenaiChat, name, .. } => {
            name.starts_with(super::request::FOREIGN_CALL)
        }
        _ => false,
    }
}

/// Writes the texts of one kind as one string; says whether there was one.
fn write_joined<'p>(
    o: &mut ObjectWriter<'_>,
    key: &str,
    parts: &'p [Part],
    text: impl Fn(&'p PartKind) -> Option<&'p str>,
) -> bool {
    let texts: Vec<&str> = parts.iter().filter_map(|part| text(&part.kind)).collect();
    match texts.as_slice() {
        [] => return false,
        [text] => o.string(key, text),
        several => o.string(key, &several.concat()),
    }
    true
}

fn write_call(o: &mut ObjectWriter<'_>, kind: &PartKind) {
    let PartKind::ToolCall { id, name, arguments } = kind else { return };
    o.string("id", id);
    o.string("type", "function");
    o.object("function", |o| {
        o.string("name", name);
        o.string("arguments", if arguments.is_empty() { "{}" } else { arguments });
    });
}
