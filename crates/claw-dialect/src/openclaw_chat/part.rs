//! The parts of a message or of a reply, both ways, one to one with the hub.

use claw_hub::{Dialect, Json, Media, Part, PartKind, Refusal, Source, Thought};

use super::wire::{self, CACHE_MARKS};
use crate::json::{self, ArrayWriter, Node, Object, ObjectWriter, Path, Value};

/// Reads a content: a text, or a list of parts.
///
/// # Errors
/// It is something else, or a part is not what its type says.
pub(super) fn read_content(node: Node<'_>, path: &Path<'_>) -> Result<Vec<Part>, Refusal> {
    match node.value {
        Value::String(text) => Ok(vec![Part::text(text)]),
        Value::Array(items) => {
            items.into_iter().enumerate().map(|(n, item)| read(item, &path.item(n))).collect()
        }
        _ => Err(path.refuse("must be a text or a list of parts")),
    }
}

/// Reads one part.
///
/// # Errors
/// Its type is unknown, a field is missing or wrong, or there is one too many.
pub(super) fn read(node: Node<'_>, path: &Path<'_>) -> Result<Part, Refusal> {
    let mut object = Object::open(node, *path)?;
    let part = read_open(&mut object)?;
    wire::done(object)?;
    Ok(part)
}

/// Reads a part out of an object that may have more.
///
/// # Errors
/// Its type is unknown, or a field is missing or wrong.
pub(super) fn read_open(object: &mut Object<'_, '_>) -> Result<Part, Refusal> {
    let path = *object.path();
    let kind = object.need_string("type")?;
    let cache = match object.text("cache")? {
        None => None,
        Some(word) => Some(wire::find(&CACHE_MARKS, &word, &path.field("cache"))?),
    };
    let kind = match kind.as_str() {
        "text" => PartKind::Text(object.need_string("text")?),
        "refusal" => PartKind::Refusal(object.need_string("text")?),
        "image" => PartKind::Image(read_media(object, false)?),
        "document" => PartKind::Document(read_media(object, true)?),
        "thinking" => PartKind::Thinking(Thought {
            text: object.string("text")?.unwrap_or_default(),
            signature: object.string("signature")?,
            redacted: object.string("redacted")?,
        }),
        "tool_call" => PartKind::ToolCall {
            id: object.need_string("id")?,
            name: object.need_string("name")?,
            arguments: read_arguments(object)?,
        },
        "tool_result" => PartKind::ToolResult {
            id: object.need_string("id")?,
            name: object.string("name")?,
            content: read_content(object.need("content")?, &path.field("content"))?,
            is_error: object.boolean("is_error")?.unwrap_or(false),
        },
        "foreign" => read_foreign(object)?,
        _ => {
            let known = "text, image, document, thinking, tool_call, tool_result, refusal, foreign";
            return Err(path.field("type").refuse(format_args!("must be one of: {known}")));
        }
    };
    Ok(Part { kind, cache, extra: Default::default() })
}

fn read_media(object: &mut Object<'_, '_>, is_document: bool) -> Result<Media, Refusal> {
    let path = *object.path();
    let data = object.string("data")?.map(Source::Base64);
    let url = object.string("url")?.map(Source::Url);
    let file = object.string("file_id")?.map(Source::FileId);
    let text = if is_document { object.string("text")?.map(Source::Text) } else { None };
    let mut sources = [data, url, file, text].into_iter().flatten();
    let source = match (sources.next(), sources.next()) {
        (Some(source), None) => source,
        _ if is_document => {
            return Err(path.refuse("must have exactly one of `data`, `url`, `file_id` and `text`"));
        }
        _ => return Err(path.refuse("must have exactly one of `data`, `url` and `file_id`")),
    };
    let media_type = object.string("media_type")?;
    if media_type.is_none() && matches!(source, Source::Base64(_)) {
        return Err(path.field("media_type").refuse("is required beside `data`"));
    }
    Ok(Media {
        source,
        media_type: media_type.unwrap_or_default(),
        name: object.string("name")?,
        detail: object.string("detail")?,
    })
}

/// Arguments are an object; a text is taken as it is, because a model may be cut off in the middle of them.
fn read_arguments(object: &mut Object<'_, '_>) -> Result<String, Refusal> {
    let path = *object.path();
    let node = object.need("arguments")?;
    match node.value {
        Value::Object(_) => Ok(node.raw.to_owned()),
        Value::String(text) => Ok(text.into_owned()),
        _ => Err(path.field("arguments").refuse("must be an object, or the text of one that was cut off")),
    }
}

fn read_foreign(object: &mut Object<'_, '_>) -> Result<PartKind, Refusal> {
    let path = *object.path();
    let word = object.need_string("dialect")?;
    let dialect = Dialect::from_name(&word)
        .ok_or_else(|| path.field("dialect").refuse("is not a dialect that is known here"))?;
    let name = object.need_string("name")?;
    let json = object.take_nullable("json").ok_or_else(|| path.field("json").refuse("is required"))?;
    Ok(PartKind::Foreign { dialect, name, json: Json::verbatim(json.raw) })
}

/// Writes a content: a text where it is one text and nothing more, else a list.
pub(super) fn write_content(o: &mut ObjectWriter<'_>, key: &str, parts: &[Part]) {
    match parts {
        [Part { kind: PartKind::Text(text), cache: None, .. }] => o.string(key, text),
        parts => o.array(key, |a| write_all(a, parts)),
    }
}

/// Writes parts.
pub(super) fn write_all(a: &mut ArrayWriter<'_>, parts: &[Part]) {
    for part in parts {
        a.object(|o| {
            write(o, &part.kind);
            if let Some(mark) = &part.cache {
                o.string("cache", wire::word_of(&CACHE_MARKS, mark));
            }
        });
    }
}

/// Writes the fields of a part.
pub(super) fn write(o: &mut ObjectWriter<'_>, kind: &PartKind) {
    match kind {
        PartKind::Text(text) => {
            o.string("type", "text");
            o.string("text", text);
        }
        PartKind::Refusal(text) => {
            o.string("type", "refusal");
            o.string("text", text);
        }
        PartKind::Image(media) => write_media(o, "image", media),
        PartKind::Document(media) => write_media(o, "document", media),
        PartKind::Thinking(thought) => {
            o.string("type", "thinking");
            o.maybe_string("text", Some(thought.text.as_str()).filter(|text| !text.is_empty()));
            o.maybe_string("signature", thought.signature.as_deref());
            o.maybe_string("redacted", thought.redacted.as_deref());
        }
        PartKind::ToolCall { id, name, arguments } => {
            o.string("type", "tool_call");
            o.string("id", id);
            o.string("name", name);
            if is_object(arguments) {
                o.raw("arguments", arguments);
            } else {
                o.string("arguments", arguments);
            }
        }
        PartKind::ToolResult { id, name, content, is_error } => {
            o.string("type", "tool_result");
            o.string("id", id);
            o.maybe_string("name", name.as_deref());
            write_content(o, "content", content);
            if *is_error {
                o.boolean("is_error", true);
            }
        }
        PartKind::Foreign { dialect, name, json } => {
            o.string("type", "foreign");
            o.string("dialect", dialect.name());
            o.string("name", name);
            o.raw("json", json.as_str());
        }
    }
}

/// Whether a text is one JSON object and nothing around it, so that it can stand in a body as it is.
fn is_object(text: &str) -> bool {
    json::parse(text.as_bytes()).is_ok_and(|node| matches!(node.value, Value::Object(_)) && node.raw == text)
}

fn write_media(o: &mut ObjectWriter<'_>, kind: &str, media: &Media) {
    o.string("type", kind);
    let is_data = matches!(media.source, Source::Base64(_));
    if is_data || !media.media_type.is_empty() {
        o.string("media_type", &media.media_type);
    }
    match &media.source {
        Source::Base64(data) => o.string("data", data),
        Source::Url(url) => o.string("url", url),
        Source::FileId(id) => o.string("file_id", id),
        Source::Text(text) => o.string("text", text),
    }
    o.maybe_string("name", media.name.as_deref());
    o.maybe_string("detail", media.detail.as_deref());
}
