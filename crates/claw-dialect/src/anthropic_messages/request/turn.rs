//! Writing the system prompt and the conversation.

use std::borrow::Cow;

use claw_hub::{AnthropicVersion, Dialect, Extra, Losses, Media, Part, PartKind, Role, Source};

use super::super::content::{Trim, write_call, write_media, write_text, write_thought};
use super::super::wire::{ID_PATTERN, role_name};
use crate::call_ids::CallIds;
use crate::json::{ArrayWriter, ObjectWriter};
use crate::media;
use crate::schema::object_arguments;
use crate::tool_names::ToolNames;
use crate::turns::{Piece, ROLE, Turn};

const OWN: Dialect = Dialect::AnthropicMessages;

/// Writes content, and remembers what was lost and which call got which id.
pub(super) struct Pen<'l> {
    pub(super) losses: &'l mut Losses,
    is_same: bool,
    version: AnthropicVersion,
    names: &'l ToolNames,
    ids: CallIds,
}

impl<'l> Pen<'l> {
    pub(super) fn new(
        is_same: bool,
        version: AnthropicVersion,
        names: &'l ToolNames,
        losses: &'l mut Losses,
    ) -> Self {
        Self { losses, is_same, version, names, ids: CallIds::new(ID_PATTERN) }
    }

    /// Writes the system prompt: one plain text as a string, anything else as blocks.
    pub(super) fn system(&mut self, o: &mut ObjectWriter<'_>, parts: &[Part]) {
        let mut said: Vec<(usize, &Part)> = Vec::with_capacity(parts.len());
        for (n, part) in parts.iter().enumerate() {
            match &part.kind {
                PartKind::Text(text) if text.is_empty() => {}
                PartKind::Text(text) if self.is_same || !text.trim().is_empty() => said.push((n, part)),
                PartKind::Foreign { dialect: OWN, .. } => said.push((n, part)),
                _ => self.losses.dropped(format!("system[{n}]")),
            }
        }
        match said.as_slice() {
            [] => {}
            [(_, Part { kind: PartKind::Text(text), cache: None, extra })] if extra.is_empty() => {
                o.string("system", text);
            }
            said => o.array("system", |a| {
                for (n, part) in said {
                    self.part(a, part, &|| format!("system[{n}]"), Role::System);
                }
            }),
        }
    }

    /// Writes the conversation.
    pub(super) fn turns(&mut self, o: &mut ObjectWriter<'_>, turns: &[Turn<'_>]) {
        o.array("messages", |a| {
            for turn in turns {
                a.object(|o| {
                    o.string("role", role_name(turn.role));
                    self.content(o, turn);
                    for (key, json) in &turn.extra {
                        o.raw(key, json.as_str());
                    }
                });
            }
        });
    }

    fn content(&mut self, o: &mut ObjectWriter<'_>, turn: &Turn<'_>) {
        if let [Piece { part, .. }] = turn.pieces.as_slice()
            && let Part { kind: PartKind::Text(text), cache: None, extra } = part.as_ref()
            && extra.is_empty()
        {
            o.string("content", text);
            return;
        }
        o.array("content", |a| {
            for piece in &turn.pieces {
                self.part(a, &piece.part, &|| piece.place.to_string(), turn.role);
            }
        });
    }

    fn part(&mut self, a: &mut ArrayWriter<'_>, part: &Part, path: &dyn Fn() -> String, role: Role) {
        let extra = self.extra(part, path, role);
        let trim = Trim { cache: part.cache, extra: &extra };
        match &part.kind {
            PartKind::Text(text) => write_text(a, text, trim),
            PartKind::Refusal(text) => {
                self.losses.changed(path(), "said as text");
                write_text(a, text, trim);
            }
            PartKind::Thinking(thought) => {
                if part.cache.is_some() {
                    self.losses.dropped(format!("{}.cache_control", path()));
                }
                write_thought(a, thought, Trim { cache: None, extra: &extra });
            }
            PartKind::Image(media) => write_media(a, "image", &self.image(media, path), trim),
            PartKind::Document(media) => write_media(a, "document", &self.document(media), trim),
            PartKind::ToolCall { id, name, arguments } => {
                let (input, is_changed) = object_arguments(arguments);
                if is_changed {
                    self.losses.changed(path(), "wrapped, because its arguments are not an object");
                }
                write_call(a, &self.ids.call(id, name), self.names.wire(name), &input, trim);
            }
            PartKind::ToolResult { id, name, content, is_error } => {
                let id = self.ids.result(id, name.as_deref());
                self.result(a, (&id, content, *is_error), path, trim);
            }
            PartKind::Foreign { json, .. } => a.raw(json.as_str()),
        }
    }

    fn result(
        &mut self,
        a: &mut ArrayWriter<'_>,
        (id, content, is_error): (&str, &[Part], bool),
        path: &dyn Fn() -> String,
        trim: Trim<'_>,
    ) {
        a.object(|o| {
            o.string("type", "tool_result");
            o.string("tool_use_id", id);
            match content {
                [] => {}
                [Part { kind: PartKind::Text(text), cache: None, extra }] if extra.is_empty() => {
                    o.string("content", text);
                }
                parts => o.array("content", |a| {
                    for (n, part) in parts.iter().enumerate() {
                        let path = || format!("{}.content[{n}]", path());
                        match &part.kind {
                            // The API refuses empty texts here too.
                            PartKind::Text(text) if text.is_empty() => {}
                            PartKind::Foreign { dialect, .. } if *dialect != OWN => {
                                self.losses.dropped(path());
                            }
                            _ => self.part(a, part, &path, Role::User),
                        }
                    }
                }),
            }
            if is_error {
                o.boolean("is_error", true);
            }
            trim.write(o);
        });
    }

    /// The fields to carry along: those of this dialect, but for what its newer version refuses.
    fn extra<'p>(&mut self, part: &'p Part, path: &dyn Fn() -> String, role: Role) -> Cow<'p, Extra> {
        if part.extra.is_empty() {
            return Cow::Borrowed(&part.extra);
        }
        let refuses_citations = role == Role::User
            && self.version == AnthropicVersion::V2026_10_21
            && matches!(part.kind, PartKind::Text(_));
        let mut kept = Vec::new();
        for (key, json) in &part.extra.0 {
            if self.is_same && !(refuses_citations && key == "citations") {
                kept.push((key.clone(), json.clone()));
            } else if key != ROLE {
                self.losses.dropped(format!("{}.{key}", path()));
            }
        }
        Cow::Owned(Extra(kept))
    }

    fn image<'p>(&mut self, media: &'p Media, path: &dyn Fn() -> String) -> Cow<'p, Media> {
        if media.detail.is_some() {
            self.losses.dropped(format!("{}.detail", path()));
        }
        if media.name.is_some() {
            self.losses.dropped(format!("{}.name", path()));
        }
        match &media.source {
            Source::Base64(data) if media.media_type.is_empty() => {
                let media_type = media::image_type(data).unwrap_or_default().to_owned();
                Cow::Owned(Media { media_type, ..media.clone() })
            }
            Source::Base64(_) if media.media_type == "image/jpg" => {
                Cow::Owned(Media { media_type: "image/jpeg".to_owned(), ..media.clone() })
            }
            _ => Cow::Borrowed(media),
        }
    }

    /// Only PDF may be sent as bytes; other words are sent as words.
    fn document<'p>(&self, media: &'p Media) -> Cow<'p, Media> {
        match &media.source {
            Source::Base64(data) if media::is_text(&media.media_type) => match media::base64_text(data) {
                Some(text) => Cow::Owned(Media { source: Source::Text(text), ..media.clone() }),
                None => Cow::Borrowed(media),
            },
            Source::Base64(_) if media.media_type.is_empty() => {
                Cow::Owned(Media { media_type: "application/pdf".to_owned(), ..media.clone() })
            }
            _ => Cow::Borrowed(media),
        }
    }
}
