//! The conversation to messages: one text each, with its pictures beside it. What cannot be said is left out here and noted in `losses`.

use std::borrow::Cow;

use claw_hub::{Message, Part, PartKind, Request, Role, Source};

use super::super::wire::FUNCTION;
use super::losses::{is_sayable, is_text};
use crate::extra::{write_inner, write_outer};
use crate::json::{ArrayWriter, ObjectWriter};
use crate::schema::object_arguments;
use crate::tool_result::{self, words_of};

/// What stands between texts that become one: Ollama joins consecutive messages of one role in the same way.
const JOINT: &str = "\n\n";

/// Writes `messages`: the system prompt first.
pub(super) fn write_messages(o: &mut ObjectWriter<'_>, request: &Request, is_own: bool) {
    let mut writer = Writer { is_own, names: Vec::new() };
    o.array("messages", |a| {
        writer.system(a, &request.system);
        for message in &request.messages {
            match message.role {
                Role::System => writer.say(a, "system", &borrowed(&message.parts), message),
                Role::User => writer.user(a, message),
                Role::Assistant => writer.assistant(a, message),
            }
        }
    });
}

fn borrowed(parts: &[Part]) -> Vec<Cow<'_, Part>> {
    parts.iter().map(Cow::Borrowed).collect()
}

struct Writer<'r> {
    is_own: bool,
    /// The ids of the calls so far and the names of their tools, because a result must say the name.
    names: Vec<(&'r str, &'r str)>,
}

impl<'r> Writer<'r> {
    /// Writes the system prompt: one message, or as many as the caller of this dialect sent.
    fn system(&self, a: &mut ArrayWriter<'_>, parts: &[Part]) {
        let mut rest = parts;
        while !rest.is_empty() {
            // A caller's message ends with its text.
            let end = rest.iter().position(|part| self.is_own && is_text(&part.kind));
            let (group, after) = rest.split_at(end.map_or(rest.len(), |end| end + 1));
            rest = after;
            let mut message = Message::new(Role::System, Vec::new());
            if let Some(last) = group.last() {
                message.extra = last.extra.clone();
            }
            self.say(a, "system", &borrowed(group), &message);
        }
    }

    fn say(&self, a: &mut ArrayWriter<'_>, role: &str, parts: &[Cow<'_, Part>], message: &Message) {
        a.object(|o| {
            o.string("role", role);
            write_content(o, parts);
            if self.is_own {
                write_outer(o, &message.extra, &[], &[]);
            }
        });
    }

    /// Writes the results first, because they must follow the calls, and then what the user says.
    fn user(&mut self, a: &mut ArrayWriter<'_>, message: &'r Message) {
        let mut said = Vec::new();
        let mut others = Vec::new();
        let mut is_answered = false;
        for part in &message.parts {
            match &part.kind {
                PartKind::ToolResult { .. } => {
                    said.extend(self.result(a, part));
                    is_answered = true;
                }
                kind if is_sayable(kind, Role::User) => others.push(Cow::Borrowed(part)),
                _ => {}
            }
        }
        said.extend(others);
        if !said.is_empty() || !is_answered {
            self.say(a, "user", &said, message);
        }
    }

    /// Writes the result of one call, and gives back what must be said elsewhere.
    fn result(&self, a: &mut ArrayWriter<'_>, part: &'r Part) -> Vec<Cow<'r, Part>> {
        let PartKind::ToolResult { id, name, content, is_error } = &part.kind else { return Vec::new() };
        let sayable = content.iter().filter(|inner| is_sayable(&inner.kind, Role::User)).map(Cow::Borrowed);
        let (mut stay, moved): (Vec<_>, Vec<_>) =
            sayable.partition(|inner| self.is_own || tool_result::stays(&inner.kind));
        tool_result::finish(&mut stay, *is_error, !moved.is_empty());
        let known = self.names.iter().rev().find(|(call, _)| call == id && !id.is_empty() && !self.is_own);
        let name = name.as_deref().or(known.map(|(_, name)| *name));
        a.object(|o| {
            o.string("role", "tool");
            write_content(o, &stay);
            o.maybe_string("tool_name", name);
            o.maybe_string("tool_call_id", Some(id.as_str()).filter(|id| !id.is_empty()));
            if self.is_own {
                write_outer(o, &part.extra, &[], &[]);
            }
        });
        if moved.is_empty() {
            return Vec::new();
        }
        let heading = Cow::Owned(tool_result::heading(name.unwrap_or(id)));
        std::iter::once(heading).chain(moved).collect()
    }

    fn assistant(&mut self, a: &mut ArrayWriter<'_>, message: &'r Message) {
        let calls: Vec<&Part> =
            message.parts.iter().filter(|part| matches!(part.kind, PartKind::ToolCall { .. })).collect();
        let thoughts: Vec<&str> = message
            .parts
            .iter()
            .filter_map(|part| match &part.kind {
                PartKind::Thinking(thought) => Some(thought.text.as_str()).filter(|text| !text.is_empty()),
                _ => None,
            })
            .collect();
        a.object(|o| {
            o.string("role", "assistant");
            if !thoughts.is_empty() {
                o.string("thinking", &thoughts.join(JOINT));
            }
            write_content(o, &borrowed(&message.parts));
            if !calls.is_empty() {
                o.array("tool_calls", |a| calls.iter().for_each(|part| a.object(|o| self.call(o, part))));
            }
            if self.is_own {
                write_outer(o, &message.extra, &[], &[]);
            }
        });
        for part in calls {
            if let PartKind::ToolCall { id, name, .. } = &part.kind {
                self.names.push((id, name));
            }
        }
    }

    fn call(&self, o: &mut ObjectWriter<'_>, part: &Part) {
        let PartKind::ToolCall { id, name, arguments } = &part.kind else { return };
        if !id.is_empty() {
            o.string("id", id);
        }
        o.object(FUNCTION, |o| {
            o.string("name", name);
            o.raw("arguments", &object_arguments(arguments).0);
            if self.is_own {
                write_inner(o, &part.extra, FUNCTION);
            }
        });
        if self.is_own {
            write_outer(o, &part.extra, &[FUNCTION], &[]);
        }
    }
}

/// Writes the text and the pictures of a message.
fn write_content(o: &mut ObjectWriter<'_>, parts: &[Cow<'_, Part>]) {
    let texts: Vec<Cow<'_, str>> = parts
        .iter()
        .filter_map(|part| match &part.kind {
            PartKind::Text(text) | PartKind::Refusal(text) => Some(Cow::Borrowed(text.as_str())),
            PartKind::Document(media) => words_of(media).map(Cow::Owned),
            _ => None,
        })
        .collect();
    match texts.as_slice() {
        [text] => o.string("content", text),
        several => o.string("content", &several.join(JOINT)),
    }
    let images: Vec<&str> = parts
        .iter()
        .filter_map(|part| match &part.kind {
            PartKind::Image(media) => match &media.source {
                Source::Base64(data) => Some(data.as_str()),
                Source::Url(_) | Source::FileId(_) | Source::Text(_) => None,
            },
            _ => None,
        })
        .collect();
    if !images.is_empty() {
        o.array("images", |a| images.iter().for_each(|data| a.string(data)));
    }
}
