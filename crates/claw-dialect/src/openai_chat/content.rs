//! The parts of a message's content, both ways: a string, or a list of typed parts.
//!
//! Prompt-cache points: `prompt_cache_breakpoint` is OpenAI's own, `cache_control` is what vendors who resell Claude read. The first is
//! [`CacheMark::Default`] in the hub, the second one of the other two, so that each is written back as it came.

use std::borrow::Cow;

use claw_hub::{CacheMark, Dialect, Extra, Json, Media, Part, PartKind, Refusal, Source};

use crate::extra::{gather, write_inner, write_outer};
use crate::json::{ArrayWriter, Node, Object, ObjectWriter, Path, Value};

const IMAGE_URL: &str = "image_url";
const FILE: &str = "file";

/// Reads a message's content; `None` is no content.
///
/// # Errors
/// It is neither a string nor a list of parts, or a part of a known type is not what it should be.
pub(super) fn read(content: Option<Node<'_>>, path: &Path<'_>) -> Result<Vec<Part>, Refusal> {
    match content.map(|node| node.value) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![Part::text(text)]),
        Some(Value::Array(items)) => {
            items.into_iter().enumerate().map(|(n, item)| read_part(item, &path.item(n))).collect()
        }
        Some(_) => Err(path.refuse("must be a string or a list of parts")),
    }
}

fn read_part(node: Node<'_>, path: &Path<'_>) -> Result<Part, Refusal> {
    let whole = node.raw;
    let mut object = Object::open(node, *path)?;
    let kind = object.text("type")?.ok_or_else(|| path.field("type").refuse("is required"))?;
    match kind.as_ref() {
        "text" => {
            let text = object.need_string("text")?;
            finish(PartKind::Text(text), object, None)
        }
        "refusal" => {
            let text = object.need_string("refusal")?;
            finish(PartKind::Refusal(text), object, None)
        }
        IMAGE_URL => read_image(object),
        FILE => read_file(object, whole),
        other => Ok(foreign(other, whole).into()),
    }
}

/// Something that only this dialect has a word for.
pub(super) fn foreign(name: &str, json: &str) -> PartKind {
    PartKind::Foreign { dialect: Dialect::OpenaiChat, name: name.to_owned(), json: Json::verbatim(json) }
}

fn finish(
    kind: PartKind,
    mut object: Object<'_, '_>,
    inner: Option<(&'static str, Extra)>,
) -> Result<Part, Refusal> {
    let cache = take_cache(&mut object);
    let path = *object.path();
    let mut extra = gather(object.rest(), &path, inner)?;
    extra.0.extend(cache.unread.0);
    Ok(Part { kind, cache: cache.mark, extra })
}

fn read_image(mut object: Object<'_, '_>) -> Result<Part, Refusal> {
    let path = *object.path();
    let inner_path = path.field(IMAGE_URL);
    let node = object.need(IMAGE_URL)?;
    if let Some(url) = node.as_str() {
        return finish(image(url, None), object, None);
    }
    let mut inner = Object::open(node, inner_path)?;
    let url = inner.text("url")?.ok_or_else(|| inner_path.field("url").refuse("is required"))?;
    let kind = image(&url, inner.string("detail")?);
    finish(kind, object, Some((IMAGE_URL, inner.rest())))
}

fn image(url: &str, detail: Option<String>) -> PartKind {
    let (source, media_type) = read_url(url);
    PartKind::Image(Media { source, media_type, name: None, detail })
}

/// Takes a data URL apart: <https://www.rfc-editor.org/rfc/rfc2397>.
fn read_url(url: &str) -> (Source, String) {
    match url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")) {
        Some((media_type, data)) => (Source::Base64(data.to_owned()), media_type.to_owned()),
        None => (Source::Url(url.to_owned()), String::new()),
    }
}

/// A file's data are a data URL; vendors also take bare base64 and, for PDFs, an address.
fn read_file(mut object: Object<'_, '_>, whole: &str) -> Result<Part, Refusal> {
    let path = *object.path();
    let mut inner = Object::open(object.need(FILE)?, path.field(FILE))?;
    let name = inner.string("filename")?;
    let data = inner.string("file_data")?;
    let (source, media_type) = match (data, inner.string("file_id")?) {
        (Some(data), None) if data.contains(':') => read_url(&data),
        (Some(data), None) => (Source::Base64(data), String::new()),
        (None, Some(id)) => (Source::FileId(id), String::new()),
        _ => return Ok(foreign(FILE, whole).into()),
    };
    let kind = PartKind::Document(Media { source, media_type, name, detail: None });
    finish(kind, object, Some((FILE, inner.rest())))
}

/// A prompt-cache point as it was read, and what could not be read of it.
#[derive(Default)]
pub(super) struct Cache {
    /// The point.
    pub(super) mark: Option<CacheMark>,
    /// Fields that are written differently than anyone documents.
    pub(super) unread: Extra,
}

/// Takes the prompt-cache point out of a part, a tool or a message.
pub(super) fn take_cache(object: &mut Object<'_, '_>) -> Cache {
    let mut cache = Cache::default();
    for (name, node) in [
        ("cache_control", object.take("cache_control")),
        ("prompt_cache_breakpoint", object.take("prompt_cache_breakpoint")),
    ] {
        let Some(node) = node else { continue };
        match read_mark(name, &node).filter(|_| cache.mark.is_none()) {
            Some(mark) => cache.mark = Some(mark),
            None => cache.unread.0.push((name.to_owned(), Json::verbatim(node.raw))),
        }
    }
    cache
}

fn read_mark(name: &str, node: &Node<'_>) -> Option<CacheMark> {
    let member = |key| node.get(key).and_then(Node::as_str);
    let members = node.fields().len();
    if name == "prompt_cache_breakpoint" {
        return (member("mode") == Some("explicit") && members == 1).then_some(CacheMark::Default);
    }
    match (member("type"), member("ttl"), members) {
        (Some("ephemeral"), None, 1) | (Some("ephemeral"), Some("5m"), 2) => Some(CacheMark::FiveMinutes),
        (Some("ephemeral"), Some("1h"), 2) => Some(CacheMark::OneHour),
        _ => None,
    }
}

/// Writes a prompt-cache point.
pub(super) fn write_cache(o: &mut ObjectWriter<'_>, mark: Option<CacheMark>) {
    match mark {
        None => {}
        Some(CacheMark::Default) => o.raw("prompt_cache_breakpoint", r#"{"mode":"explicit"}"#),
        Some(CacheMark::FiveMinutes) => o.raw("cache_control", r#"{"type":"ephemeral"}"#),
        Some(CacheMark::OneHour) => o.raw("cache_control", r#"{"type":"ephemeral","ttl":"1h"}"#),
    }
}

/// Writes a message's content: a string where it is one plain text, which is what every vendor takes, else a list. `lifted` names fields that
/// belong to the message instead of the part. Whatever of the parts cannot be said has been taken out before.
pub(super) fn write(o: &mut ObjectWriter<'_>, parts: &[Cow<'_, Part>], is_own: bool, lifted: &[&str]) {
    if let [part] = parts
        && let PartKind::Text(text) = &part.kind
        && (!is_own
            || (part.cache.is_none() && part.extra.0.iter().all(|(key, _)| lifted.contains(&key.as_str()))))
    {
        o.string("content", text);
        return;
    }
    o.array("content", |a| parts.iter().for_each(|part| write_part(a, part, is_own, lifted)));
}

fn write_part(a: &mut ArrayWriter<'_>, part: &Part, is_own: bool, lifted: &[&str]) {
    let (kind, inner): (_, &[&str]) = match &part.kind {
        PartKind::Foreign { json, .. } => return a.raw(json.as_str()),
        PartKind::Text(_) => ("text", &[]),
        PartKind::Refusal(_) => ("refusal", &[]),
        PartKind::Image(_) => (IMAGE_URL, &[IMAGE_URL]),
        PartKind::Document(_) => (FILE, &[FILE]),
        PartKind::Thinking(_) | PartKind::ToolCall { .. } | PartKind::ToolResult { .. } => return,
    };
    a.object(|o| {
        o.string("type", kind);
        match &part.kind {
            PartKind::Text(text) => o.string("text", text),
            PartKind::Refusal(text) => o.string("refusal", text),
            PartKind::Image(media) => o.object(IMAGE_URL, |o| {
                write_url(o, "url", media);
                o.maybe_string("detail", media.detail.as_deref());
                write_inner_of(o, part, is_own, IMAGE_URL);
            }),
            PartKind::Document(media) => o.object(FILE, |o| {
                write_file(o, media, is_own);
                write_inner_of(o, part, is_own, FILE);
            }),
            _ => {}
        }
        if is_own {
            write_cache(o, part.cache);
            write_outer(o, &part.extra, inner, lifted);
        }
    });
}

fn write_inner_of(o: &mut ObjectWriter<'_>, part: &Part, is_own: bool, name: &str) {
    if is_own {
        write_inner(o, &part.extra, name);
    }
}

fn write_url(o: &mut ObjectWriter<'_>, key: &str, media: &Media) {
    match &media.source {
        Source::Base64(data) => o.string(key, &format!("data:{};base64,{data}", media.media_type)),
        Source::Url(text) | Source::FileId(text) | Source::Text(text) => o.string(key, text),
    }
}

fn write_file(o: &mut ObjectWriter<'_>, media: &Media, is_own: bool) {
    match (&media.name, &media.source) {
        (Some(name), _) => o.string("filename", name),
        // OpenAI refuses data without a name.
        (None, Source::Base64(_)) if !is_own => o.string("filename", "document.pdf"),
        (None, _) => {}
    }
    match &media.source {
        Source::FileId(id) => o.string("file_id", id),
        Source::Base64(data) if media.media_type.is_empty() => o.string("file_data", data),
        Source::Base64(_) | Source::Url(_) | Source::Text(_) => write_url(o, "file_data", media),
    }
}
