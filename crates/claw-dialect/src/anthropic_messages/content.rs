//! Content blocks, both ways. Requests and replies are made of the same ones.

use claw_hub::{CacheMark, Dialect, Extra, Json, Media, Part, PartKind, Refusal, Source, Thought};

use super::wire::{cache_mark, write_cache};
use crate::json::{ArrayWriter, Node, Object, ObjectWriter, Path, Value};

/// Reads the `content` of a message or a tool result: a string is one text.
pub(super) fn read_content(node: Node<'_>, path: &Path<'_>) -> Result<Vec<Part>, Refusal> {
    match node.value {
        Value::String(text) => Ok(vec![Part::text(text)]),
        Value::Array(items) => {
            items.into_iter().enumerate().map(|(n, item)| read_block(item, &path.item(n))).collect()
        }
        _ => Err(path.refuse("must be a string or a list")),
    }
}

/// Reads one block. A kind that the hub has no word for is kept whole.
pub(super) fn read_block(node: Node<'_>, path: &Path<'_>) -> Result<Part, Refusal> {
    let raw = node.raw;
    let Some(name) = node.get("type").and_then(Node::as_str).map(str::to_owned) else {
        return Err(path.field("type").refuse("is required"));
    };
    let mut o = Object::open(node, *path)?;
    o.take("type");
    let kind = match name.as_str() {
        "text" => Some(PartKind::Text(o.need_string("text")?)),
        "image" => read_source(&mut o).map(|(source, media_type)| {
            PartKind::Image(Media { source, media_type, name: None, detail: None })
        }),
        "document" => read_document(&mut o)?,
        "thinking" => Some(PartKind::Thinking(Thought {
            text: o.string("thinking")?.unwrap_or_default(),
            signature: o.string("signature")?,
            redacted: None,
        })),
        "redacted_thinking" => Some(PartKind::Thinking(Thought {
            text: String::new(),
            signature: None,
            redacted: Some(o.need_string("data")?),
        })),
        "tool_use" => Some(PartKind::ToolCall {
            id: o.need_string("id")?,
            name: o.need_string("name")?,
            arguments: o.opaque("input").map_or_else(|| "{}".to_owned(), |json| json.as_str().to_owned()),
        }),
        "tool_result" => Some(read_result(&mut o)?),
        _ => None,
    };
    match kind {
        Some(kind) => {
            let (cache, odd) = read_cache(&mut o);
            let mut extra = o.rest();
            extra.0.extend(odd);
            extra.0.retain(|(_, json)| json.as_str() != "null");
            Ok(Part { kind, cache, extra })
        }
        None => Ok(foreign(name, raw).into()),
    }
}

/// A block that the hub has no word for.
pub(super) fn foreign(name: String, raw: &str) -> PartKind {
    PartKind::Foreign { dialect: Dialect::AnthropicMessages, name, json: Json::verbatim(raw) }
}

/// Takes the cache point out; one that the hub cannot say is given back as a field.
pub(super) fn read_cache(o: &mut Object<'_, '_>) -> (Option<CacheMark>, Option<(String, Json)>) {
    match o.take("cache_control") {
        None => (None, None),
        Some(node) => match cache_mark(&node) {
            Some(mark) => (Some(mark), None),
            None => (None, Some(("cache_control".to_owned(), Json::verbatim(node.raw)))),
        },
    }
}

/// Takes a source out, with its media type. `None` for one that the hub has no word for.
fn read_source(o: &mut Object<'_, '_>) -> Option<(Source, String)> {
    let node = o.take("source")?;
    let Value::Object(fields) = &node.value else { return None };
    let text = |name: &str| node.get(name).and_then(Node::as_str).map(str::to_owned);
    let media_type = text("media_type").unwrap_or_default();
    let (source, known): (Source, &[&str]) = match text("type")?.as_str() {
        "base64" => (Source::Base64(text("data")?), &["type", "media_type", "data"]),
        "text" => (Source::Text(text("data")?), &["type", "media_type", "data"]),
        "url" => (Source::Url(text("url")?), &["type", "url"]),
        "file" => (Source::FileId(text("file_id")?), &["type", "file_id"]),
        _ => return None,
    };
    fields.iter().all(|(key, _)| known.contains(&key.as_ref())).then_some((source, media_type))
}

fn read_document(o: &mut Object<'_, '_>) -> Result<Option<PartKind>, Refusal> {
    let Some((source, media_type)) = read_source(o) else { return Ok(None) };
    let name = o.string("title")?;
    Ok(Some(PartKind::Document(Media { source, media_type, name, detail: None })))
}

fn read_result(o: &mut Object<'_, '_>) -> Result<PartKind, Refusal> {
    let id = o.need_string("tool_use_id")?;
    let content = o.take("content");
    let path = *o.path();
    let content = match content {
        None => Vec::new(),
        Some(node) => read_content(node, &path.field("content"))?,
    };
    let is_error = o.boolean("is_error")?.unwrap_or(false);
    Ok(PartKind::ToolResult { id, name: None, content, is_error })
}

/// What is written of a part beside its kind.
#[derive(Clone, Copy)]
pub(super) struct Trim<'w> {
    /// The cache point.
    pub(super) cache: Option<CacheMark>,
    /// Fields of this dialect.
    pub(super) extra: &'w Extra,
}

impl Trim<'_> {
    pub(super) fn write(self, o: &mut ObjectWriter<'_>) {
        write_cache(o, self.cache);
        o.extra(self.extra);
    }
}

/// Writes a text block.
pub(super) fn write_text(a: &mut ArrayWriter<'_>, text: &str, trim: Trim<'_>) {
    a.object(|o| {
        o.string("type", "text");
        o.string("text", text);
        trim.write(o);
    });
}

/// Writes thinking as it came.
pub(super) fn write_thought(a: &mut ArrayWriter<'_>, thought: &Thought, trim: Trim<'_>) {
    a.object(|o| {
        match &thought.redacted {
            Some(data) => {
                o.string("type", "redacted_thinking");
                o.string("data", data);
            }
            None => {
                o.string("type", "thinking");
                o.string("thinking", &thought.text);
                o.string("signature", thought.signature.as_deref().unwrap_or_default());
            }
        }
        trim.write(o);
    });
}

/// Writes a tool call; `input` is an object as text.
pub(super) fn write_call(a: &mut ArrayWriter<'_>, id: &str, name: &str, input: &str, trim: Trim<'_>) {
    a.object(|o| {
        o.string("type", "tool_use");
        o.string("id", id);
        o.string("name", name);
        o.raw("input", input);
        trim.write(o);
    });
}

/// Writes a picture or a file: `kind` is `image` or `document`.
pub(super) fn write_media(a: &mut ArrayWriter<'_>, kind: &str, media: &Media, trim: Trim<'_>) {
    a.object(|o| {
        o.string("type", kind);
        o.object("source", |o| match &media.source {
            Source::Base64(data) => {
                o.string("type", "base64");
                o.string("media_type", &media.media_type);
                o.string("data", data);
            }
            Source::Text(text) => {
                o.string("type", "text");
                o.string("media_type", "text/plain");
                o.string("data", text);
            }
            Source::Url(url) => {
                o.string("type", "url");
                o.string("url", url);
            }
            Source::FileId(id) => {
                o.string("type", "file");
                o.string("file_id", id);
            }
        });
        if kind == "document" {
            o.maybe_string("title", media.name.as_deref());
        }
        trim.write(o);
    });
}

/// Whether thinking may be replayed: it is signed, or encrypted.
pub(super) fn is_signed(thought: &Thought) -> bool {
    thought.redacted.is_some() || thought.signature.as_deref().is_some_and(|signature| !signature.is_empty())
}
