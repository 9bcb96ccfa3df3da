//! Writing the system prompt and the conversation.

use std::borrow::Cow;
use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use claw_hub::{CacheMark, Dialect, Extra, Losses, Media, Part, PartKind, Role, Source};

use super::super::content::{write_call, write_source, write_text, write_thought};
use super::super::wire::{ID_PATTERN, OWN_ID_PATTERN, document_format, role_name, write_cache_point};
use super::encode::image_format_of;
use crate::call_ids::CallIds;
use crate::json::{ArrayWriter, ObjectWriter};
use crate::schema::object_arguments;
use crate::tool_names::ToolNames;
use crate::turns::{ROLE, Turn};

const OWN: Dialect = Dialect::BedrockConverse;
/// What a tool said that said nothing: blank texts are refused.
const NOTHING: &str = "(empty)";
/// What stands beside a document: Converse wants words in the same turn.
const BESIDE_A_DOCUMENT: &str = "(see the document)";
/// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html>
const DOCUMENT_NAME_MAX_CHARS: usize = 200;

/// The format of a document; PDF where nothing is said, as that is what most files are.
pub(super) fn document_format_of(media: &Media) -> Option<&'static str> {
    match (&media.source, media.media_type.as_str()) {
        (Source::Text(_), "") => Some("txt"),
        (_, "") => Some("pdf"),
        (_, media_type) => document_format(media_type),
    }
}

/// Writes content, and remembers what was lost, which call got which id, and which names documents have.
pub(super) struct Pen<'l> {
    pub(super) losses: &'l mut Losses,
    is_same: bool,
    cache_points: bool,
    names: &'l ToolNames,
    ids: CallIds,
    documents: HashSet<String>,
}

type Where<'w> = &'w dyn Fn() -> String;

impl<'l> Pen<'l> {
    pub(super) fn new(
        is_same: bool,
        cache_points: bool,
        names: &'l ToolNames,
        losses: &'l mut Losses,
    ) -> Self {
        let ids = CallIds::new(if is_same { OWN_ID_PATTERN } else { ID_PATTERN });
        Self { losses, is_same, cache_points, names, ids, documents: HashSet::new() }
    }

    /// Writes the system prompt. Only words and this dialect's own blocks go in.
    pub(super) fn system(&mut self, o: &mut ObjectWriter<'_>, parts: &[Part]) {
        let mut said: Vec<(usize, &Part)> = Vec::with_capacity(parts.len());
        for (n, part) in parts.iter().enumerate() {
            match &part.kind {
                PartKind::Text(text) if text.is_empty() => {}
                PartKind::Text(text) if !text.trim().is_empty() => said.push((n, part)),
                PartKind::Foreign { dialect: OWN, .. } => said.push((n, part)),
                _ => self.losses.dropped(format!("system[{n}]")),
            }
        }
        if !said.is_empty() {
            o.array("system", |a| {
                for (n, part) in said {
                    self.part(a, part, &|| format!("system[{n}]"));
                }
            });
        }
    }

    /// Writes the conversation.
    pub(super) fn turns(&mut self, o: &mut ObjectWriter<'_>, turns: &[Turn<'_>]) {
        o.array("messages", |a| {
            for turn in turns {
                a.object(|o| {
                    o.string("role", role_name(turn.role));
                    o.array("content", |a| {
                        for piece in &turn.pieces {
                            self.part(a, &piece.part, &|| piece.place.to_string());
                        }
                        self.beside_a_document(a, turn);
                    });
                    for (key, json) in &turn.extra {
                        o.raw(key, json.as_str());
                    }
                });
            }
        });
    }

    fn beside_a_document(&mut self, a: &mut ArrayWriter<'_>, turn: &Turn<'_>) {
        let document = turn.pieces.iter().find(|piece| matches!(piece.part.kind, PartKind::Document(_)));
        let has_words = turn.pieces.iter().any(|piece| matches!(piece.part.kind, PartKind::Text(_)));
        if let Some(document) = document.filter(|_| !has_words && !self.is_same && turn.role == Role::User) {
            write_text(a, BESIDE_A_DOCUMENT, &Extra::default());
            self.losses.changed(document.place.to_string(), "accompanied by words");
        }
    }

    fn part(&mut self, a: &mut ArrayWriter<'_>, part: &Part, path: Where<'_>) {
        let extra = self.extra(part, path);
        let mut cache = part.cache;
        match &part.kind {
            PartKind::Text(text) => write_text(a, text, &extra),
            PartKind::Refusal(text) => {
                self.losses.changed(path(), "said as text");
                write_text(a, text, &extra);
            }
            PartKind::Thinking(thought) => write_thought(a, thought, &extra),
            PartKind::Image(media) => self.image(a, media, &extra, path),
            PartKind::Document(media) => self.document(a, media, &extra),
            PartKind::ToolCall { id, name, arguments } => {
                let (input, is_changed) = object_arguments(arguments);
                if is_changed {
                    self.losses.changed(path(), "wrapped, because its arguments are not an object");
                }
                let wire = self.ids.call(id, name);
                write_call(a, &wire, self.names.wire(name), &input, &extra);
            }
            PartKind::ToolResult { id, name, content, is_error } => {
                let wire = self.ids.result(id, name.as_deref());
                a.object(|o| {
                    o.object("toolResult", |o| self.result(o, (&wire, content, *is_error), path, &extra));
                });
                // There are no cache points inside of a result: the last one inside is put after it.
                cache = cache.or(content.iter().rev().find_map(|inner| inner.cache));
            }
            PartKind::Foreign { json, .. } => a.raw(json.as_str()),
        }
        self.cache_point(a, cache, path);
    }

    fn cache_point(&mut self, a: &mut ArrayWriter<'_>, mark: Option<CacheMark>, path: Where<'_>) {
        match mark {
            Some(mark) if self.cache_points => a.object(|o| write_cache_point(o, mark)),
            Some(_) => self.losses.dropped(format!("{}.cache_control", path())),
            None => {}
        }
    }

    fn result(
        &mut self,
        o: &mut ObjectWriter<'_>,
        (id, content, is_error): (&str, &[Part], bool),
        path: Where<'_>,
        extra: &Extra,
    ) {
        o.string("toolUseId", id);
        o.array("content", |a| {
            let mut is_empty = true;
            for (n, part) in content.iter().enumerate() {
                let path = || format!("{}.content[{n}]", path());
                let is_sayable = match &part.kind {
                    PartKind::Text(text) => !text.trim().is_empty(),
                    PartKind::Foreign { dialect, .. } if *dialect != OWN => {
                        self.losses.dropped(path());
                        false
                    }
                    _ => true,
                };
                if is_sayable {
                    is_empty = false;
                    let bare = Part { cache: None, ..part.clone() };
                    self.part(a, &bare, &path);
                }
            }
            if is_empty && (!self.is_same || !content.is_empty()) {
                write_text(a, NOTHING, &Extra::default());
            }
        });
        if is_error {
            o.string("status", "error");
        }
        o.extra(extra);
    }

    fn image(&mut self, a: &mut ArrayWriter<'_>, media: &Media, extra: &Extra, path: Where<'_>) {
        if media.detail.is_some() {
            self.losses.dropped(format!("{}.detail", path()));
        }
        if media.name.is_some() {
            self.losses.dropped(format!("{}.name", path()));
        }
        let (Some(format), Source::Base64(data)) = (image_format_of(media), &media.source) else { return };
        a.object(|o| {
            o.object("image", |o| {
                o.string("format", format);
                write_source(o, "bytes", data);
                o.extra(extra);
            });
        });
    }

    fn document(&mut self, a: &mut ArrayWriter<'_>, media: &Media, extra: &Extra) {
        let name = self.document_name(media.name.as_deref());
        let says_format = !(self.is_same && media.media_type.is_empty());
        let format = document_format_of(media).filter(|_| says_format);
        a.object(|o| {
            o.object("document", |o| {
                o.maybe_string("format", format);
                o.string("name", &name);
                match &media.source {
                    Source::Text(text) if self.is_same => write_source(o, "text", text),
                    // As bytes every model takes it.
                    Source::Text(text) => write_source(o, "bytes", &STANDARD.encode(text)),
                    Source::Base64(data) => write_source(o, "bytes", data),
                    Source::Url(_) | Source::FileId(_) => {}
                }
                o.extra(extra);
            });
        });
    }

    /// Letters, digits, single spaces, hyphens, parentheses and brackets; no name twice in a request.
    fn document_name(&mut self, said: Option<&str>) -> String {
        if self.is_same {
            return said.unwrap_or("document").to_owned();
        }
        let stem = said.map(|name| name.rsplit_once('.').map_or(name, |(stem, _)| stem)).unwrap_or_default();
        let mut name = String::with_capacity(stem.len());
        for letter in stem.chars().take(DOCUMENT_NAME_MAX_CHARS - 8) {
            let fits = letter.is_ascii_alphanumeric() || "-()[]".contains(letter);
            match letter {
                letter if fits => name.push(letter),
                _ if name.is_empty() || name.ends_with(' ') => {}
                _ => name.push(' '),
            }
        }
        let name = match name.trim_end() {
            "" => "document",
            name => name,
        };
        let numbered = (2_usize..).map(|n| format!("{name}-{n}"));
        let mut candidates = std::iter::once(name.to_owned()).chain(numbered);
        // Case does not tell names apart.
        candidates.find(|name| self.documents.insert(name.to_ascii_lowercase())).unwrap_or_default()
    }

    /// The fields to carry along: those of this dialect.
    fn extra<'p>(&mut self, part: &'p Part, path: Where<'_>) -> Cow<'p, Extra> {
        if part.extra.is_empty() || self.is_same {
            return Cow::Borrowed(&part.extra);
        }
        for (key, _) in part.extra.0.iter().filter(|(key, _)| key != ROLE) {
            self.losses.dropped(format!("{}.{key}", path()));
        }
        Cow::Owned(Extra::default())
    }
}
