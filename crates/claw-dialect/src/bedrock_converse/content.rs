//! Content blocks, both ways. A block is an object with one member, which names its kind.
//!
//! A cache point is a block of its own; in the hub it hangs on the part before it. What a tool answers as `json` is read as text and is
//! written as text: models read both the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use claw_hub::{Dialect, Extra, Json, Media, Part, PartKind, Refusal, Source, Thought};

use super::wire::{cache_mark, document_type, image_type};
use crate::json::{ArrayWriter, Node, Object, ObjectWriter, Path, Value};

/// The field of a text part that holds its citations.
pub(super) const CITATIONS: &str = "citationsContent";

/// Reads blocks in order.
pub(super) fn read_blocks(items: Vec<Node<'_>>, path: &Path<'_>) -> Result<Vec<Part>, Refusal> {
    let mut parts: Vec<Part> = Vec::with_capacity(items.len());
    for (n, item) in items.into_iter().enumerate() {
        let mark = item.get("cachePoint").and_then(cache_mark);
        match (mark, parts.last_mut()) {
            (Some(mark), Some(last)) if last.cache.is_none() && !is_foreign_point(last) => {
                last.cache = Some(mark);
            }
            _ => parts.push(read_block(item, &path.item(n))?),
        }
    }
    Ok(parts)
}

fn is_foreign_point(part: &Part) -> bool {
    matches!(&part.kind, PartKind::Foreign { name, .. } if name == "cachePoint")
}

fn read_block(node: Node<'_>, path: &Path<'_>) -> Result<Part, Refusal> {
    let raw = node.raw;
    let Value::Object(fields) = node.value else { return Err(path.refuse("must be an object")) };
    let mut members = fields.into_iter().filter(|(_, member)| member.value != Value::Null);
    let (Some((name, member)), None) = (members.next(), members.next()) else {
        return Err(path.refuse("must have exactly one member"));
    };
    let path = path.field(&name);
    let part = match name.as_ref() {
        "text" => match member.value {
            Value::String(text) => Some(Part::text(text)),
            _ => return Err(path.refuse("must be a string")),
        },
        "image" => read_image(member, &path)?,
        "document" => read_document(member, &path)?,
        "reasoningContent" => read_reasoning(member, &path)?,
        "toolUse" => read_call(member, &path)?,
        "toolResult" => Some(read_result(member, &path)?),
        "citationsContent" => read_cited(&member),
        _ => None,
    };
    let foreign = || foreign(name.clone().into_owned(), raw).into();
    Ok(part.unwrap_or_else(foreign))
}

/// A block that the hub has no word for.
pub(super) fn foreign(name: String, raw: &str) -> PartKind {
    PartKind::Foreign { dialect: Dialect::BedrockConverse, name, json: Json::verbatim(raw) }
}

fn whole(kind: PartKind, o: Object<'_, '_>) -> Part {
    let mut extra = o.rest();
    extra.0.retain(|(_, json)| json.as_str() != "null");
    Part { kind, cache: None, extra }
}

fn read_image(member: Node<'_>, path: &Path<'_>) -> Result<Option<Part>, Refusal> {
    let mut o = Object::open(member, *path)?;
    let format = o.text("format")?.and_then(|format| image_type(&format));
    let source = o.take("source").and_then(|source| lone(&source, "bytes"));
    let (Some(media_type), Some(bytes)) = (format, source) else { return Ok(None) };
    let media =
        Media { source: Source::Base64(bytes), media_type: media_type.to_owned(), name: None, detail: None };
    Ok(Some(whole(PartKind::Image(media), o)))
}

/// The text of the only member, if it is that one.
fn lone(source: &Node<'_>, member: &str) -> Option<String> {
    let Value::Object(fields) = &source.value else { return None };
    let said = source.get(member)?.as_str()?;
    (fields.len() == 1).then(|| said.to_owned())
}

fn read_document(member: Node<'_>, path: &Path<'_>) -> Result<Option<Part>, Refusal> {
    let mut o = Object::open(member, *path)?;
    let format = o.text("format")?;
    let media_type = match format.as_deref() {
        None => Some(""),
        Some(format) => document_type(format),
    };
    let name = o.string("name")?;
    let source = o.take("source").and_then(|source| {
        lone(&source, "bytes").map(Source::Base64).or_else(|| lone(&source, "text").map(Source::Text))
    });
    let (Some(media_type), Some(source)) = (media_type, source) else { return Ok(None) };
    let media = Media { source, media_type: media_type.to_owned(), name, detail: None };
    Ok(Some(whole(PartKind::Document(media), o)))
}

/// `redactedContent` is a blob, so it is base64 of what Anthropic writes, which is base64 itself.
fn read_reasoning(member: Node<'_>, path: &Path<'_>) -> Result<Option<Part>, Refusal> {
    let mut o = Object::open(member, *path)?;
    if let Some(redacted) = o.take("redactedContent") {
        let data = redacted.as_str().and_then(crate::media::base64_text);
        let thought = |data| Thought { text: String::new(), signature: None, redacted: Some(data) };
        return Ok(data.map(|data| PartKind::Thinking(thought(data)).into()));
    }
    let Some(inner) = o.take("reasoningText") else { return Ok(None) };
    let mut inner = Object::open(inner, path.field("reasoningText"))?;
    let text = inner.string("text")?.unwrap_or_default();
    let signature = inner.string("signature")?;
    Ok(Some(whole(PartKind::Thinking(Thought { text, signature, redacted: None }), inner)))
}

/// A call whose `type` is said is run by the provider.
fn read_call(member: Node<'_>, path: &Path<'_>) -> Result<Option<Part>, Refusal> {
    let mut o = Object::open(member, *path)?;
    if o.take("type").is_some() {
        return Ok(None);
    }
    let kind = PartKind::ToolCall {
        id: o.need_string("toolUseId")?,
        name: o.need_string("name")?,
        arguments: o.opaque("input").map_or_else(|| "{}".to_owned(), |json| json.as_str().to_owned()),
    };
    Ok(Some(whole(kind, o)))
}

fn read_result(member: Node<'_>, path: &Path<'_>) -> Result<Part, Refusal> {
    let mut o = Object::open(member, *path)?;
    let id = o.need_string("toolUseId")?;
    let inner = path.field("content");
    let mut content = Vec::new();
    for (n, item) in o.array("content")?.unwrap_or_default().into_iter().enumerate() {
        match item.get("json").filter(|json| json.value != Value::Null) {
            Some(json) => content.push(Part::text(json.raw)),
            None => content.push(read_block(item, &inner.item(n))?),
        }
    }
    let is_error = o.text("status")?.is_some_and(|status| status == "error");
    Ok(whole(PartKind::ToolResult { id, name: None, content, is_error }, o))
}

/// Words with citations are words first.
fn read_cited(member: &Node<'_>) -> Option<Part> {
    let Value::Array(content) = &member.get("content")?.value else { return None };
    let text =
        content.iter().map(|item| item.get("text").and_then(Node::as_str)).collect::<Option<String>>()?;
    let citations = member.get("citations").map(|node| (CITATIONS.to_owned(), Json::verbatim(node.raw)));
    let extra = Extra(citations.into_iter().collect());
    Some(Part { kind: PartKind::Text(text), cache: None, extra })
}

/// Writes a text block, with its citations if it has some.
pub(super) fn write_text(a: &mut ArrayWriter<'_>, text: &str, extra: &Extra) {
    a.object(|o| match extra.0.iter().find(|(key, _)| key == CITATIONS) {
        None => o.string("text", text),
        Some((_, citations)) => o.object("citationsContent", |o| {
            o.array("content", |a| a.object(|o| o.string("text", text)));
            o.raw("citations", citations.as_str());
        }),
    });
}

/// Writes thinking as it came.
pub(super) fn write_thought(a: &mut ArrayWriter<'_>, thought: &Thought, extra: &Extra) {
    a.object(|o| {
        o.object("reasoningContent", |o| match &thought.redacted {
            Some(data) => o.string("redactedContent", &STANDARD.encode(data)),
            None => o.object("reasoningText", |o| {
                o.string("text", &thought.text);
                o.maybe_string("signature", thought.signature.as_deref().filter(|text| !text.is_empty()));
                o.extra(extra);
            }),
        });
    });
}

/// Writes a tool call; `input` is an object as text.
pub(super) fn write_call(a: &mut ArrayWriter<'_>, id: &str, name: &str, input: &str, extra: &Extra) {
    a.object(|o| {
        o.object("toolUse", |o| {
            o.string("toolUseId", id);
            o.string("name", name);
            o.raw("input", input);
            o.extra(extra);
        });
    });
}

/// Writes the field `source`.
pub(super) fn write_source(o: &mut ObjectWriter<'_>, member: &str, content: &str) {
    o.object("source", |o| o.string(member, content));
}
