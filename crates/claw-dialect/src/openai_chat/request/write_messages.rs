//! The conversation to messages. What cannot be said is left out here and noted in `losses`.

use std::borrow::Cow;

use claw_hub::{Dialect, Message, Part, PartKind, Request, Role};

use super::super::content;
use super::super::wire;
use super::FOREIGN_CALL;
use super::losses::is_sayable;
use crate::call_ids::{CallIds, Pattern};
use crate::extra::{find, write_inner, write_outer};
use crate::json::{ArrayWriter, ObjectWriter};
use crate::tool_names::ToolNames;
use crate::tool_result::{self, words_of};

/// The fields of a message that travel as extra fields of its first part.
const LIFTED: [&str; 2] = ["role", "name"];

/// Writes `messages`: the system prompt first.
pub(super) fn write_messages(o: &mut ObjectWriter<'_>, request: &Request, names: &ToolNames) {
    let pattern = Pattern { allows: |byte| byte.is_ascii_graphic(), max_bytes: wire::CALL_ID_MAX_BYTES };
    let is_own = request.origin == Dialect::OpenaiChat;
    let mut writer = Writer { is_own, ids: CallIds::new(pattern), names };
    o.array(wire::MESSAGES, |a| {
        writer.system(a, &request.system);
        for message in &request.messages {
            match message.role {
                Role::System => writer.plain(a, message, role_of(message)),
                Role::User => writer.user(a, message),
                Role::Assistant => a.object(|o| writer.assistant(o, message)),
            }
        }
    });
}

fn role_of(message: &Message) -> &'static str {
    match find(&message.extra, "role").map(|json| json.as_str()) {
        Some("\"developer\"") => wire::DEVELOPER,
        _ => wire::SYSTEM,
    }
}

struct Writer<'n> {
    is_own: bool,
    ids: CallIds,
    names: &'n ToolNames,
}

impl Writer<'_> {
    /// Writes the system prompt: one message, but for parts that say that they begin another one.
    fn system(&self, a: &mut ArrayWriter<'_>, parts: &[Part]) {
        let mut rest = parts;
        while let Some(first) = rest.first() {
            let begins = |part: &Part| LIFTED.iter().any(|name| find(&part.extra, name).is_some());
            let next = rest.iter().skip(1).position(|part| self.is_own && begins(part));
            let (group, after) = rest.split_at(next.map_or(rest.len(), |next| next + 1));
            rest = after;
            let lifted = |name| find(&first.extra, name).filter(|_| self.is_own);
            a.object(|o| {
                o.raw("role", lifted("role").map_or("\"system\"", |json| json.as_str()));
                o.maybe_raw("name", lifted("name"));
                content::write(o, &self.sayable(group, Role::System), self.is_own, &LIFTED);
            });
        }
    }

    fn sayable<'p>(&self, parts: &'p [Part], role: Role) -> Vec<Cow<'p, Part>> {
        let sayable = parts.iter().filter(|part| is_sayable(&part.kind, role, self.is_own));
        sayable.map(|part| self.in_words(part)).collect()
    }

    /// A file of words becomes a text, unless the caller sent it in this dialect.
    fn in_words<'p>(&self, part: &'p Part) -> Cow<'p, Part> {
        match &part.kind {
            PartKind::Document(media) if !self.is_own => match words_of(media) {
                Some(text) => Cow::Owned(Part::text(text)),
                None => Cow::Borrowed(part),
            },
            _ => Cow::Borrowed(part),
        }
    }

    fn plain(&self, a: &mut ArrayWriter<'_>, message: &Message, role: &str) {
        self.say(a, message, role, &self.sayable(&message.parts, message.role));
    }

    fn say(&self, a: &mut ArrayWriter<'_>, message: &Message, role: &str, parts: &[Cow<'_, Part>]) {
        a.object(|o| {
            o.string("role", role);
            if parts.is_empty() && self.is_own {
                o.null("content");
            } else if parts.is_empty() {
                o.string("content", "");
            } else {
                content::write(o, parts, self.is_own, &[]);
            }
            self.finish(o, message);
        });
    }

    fn finish(&self, o: &mut ObjectWriter<'_>, message: &Message) {
        o.maybe_string("name", message.name.as_deref());
        if self.is_own {
            write_outer(o, &message.extra, &[], &["role"]);
        }
    }

    /// Writes the results first, because they must follow the calls, and then what the user says.
    fn user(&mut self, a: &mut ArrayWriter<'_>, message: &Message) {
        let mut said = Vec::new();
        let mut others = Vec::new();
        let mut is_answered = false;
        for part in &message.parts {
            match &part.kind {
                PartKind::ToolResult { .. } => {
                    said.extend(self.result(a, part));
                    is_answered = true;
                }
                PartKind::Foreign { dialect: Dialect::OpenaiChat, name, json } if name == "function" => {
                    a.raw(json.as_str());
                    is_answered = true;
                }
                kind if is_sayable(kind, Role::User, self.is_own) => others.push(self.in_words(part)),
                _ => {}
            }
        }
        said.extend(others);
        if !said.is_empty() || !is_answered {
            self.say(a, message, "user", &said);
        }
    }

    /// Writes the result of one call, and gives back what must be said elsewhere.
    fn result<'p>(&mut self, a: &mut ArrayWriter<'_>, part: &'p Part) -> Vec<Cow<'p, Part>> {
        let PartKind::ToolResult { id, name, content, is_error } = &part.kind else { return Vec::new() };
        let id = if self.is_own {
            Cow::Borrowed(id.as_str())
        } else {
            self.ids.result(id, name.as_deref()).into()
        };
        let sayable = content.iter().filter(|inner| is_sayable(&inner.kind, Role::User, self.is_own));
        let (stay, moved): (Vec<_>, Vec<_>) =
            sayable.partition(|inner| self.is_own || tool_result::stays(&inner.kind));
        let mut stay: Vec<Cow<'p, Part>> = stay.into_iter().map(|inner| self.in_words(inner)).collect();
        tool_result::finish(&mut stay, *is_error, !moved.is_empty());
        a.object(|o| {
            o.string("role", "tool");
            o.string("tool_call_id", &id);
            o.maybe_string("name", name.as_deref().filter(|_| self.is_own));
            if stay.is_empty() {
                o.string("content", "");
            } else {
                content::write(o, &stay, self.is_own, &[]);
            }
            if self.is_own {
                content::write_cache(o, part.cache);
                write_outer(o, &part.extra, &[], &[]);
            }
        });
        if moved.is_empty() {
            return Vec::new();
        }
        let heading = Cow::Owned(tool_result::heading(&id));
        std::iter::once(heading).chain(moved.into_iter().map(Cow::Borrowed)).collect()
    }

    fn assistant(&mut self, o: &mut ObjectWriter<'_>, message: &Message) {
        o.string("role", "assistant");
        let refusals = message.parts.iter().filter(|part| matches!(part.kind, PartKind::Refusal(_)));
        // The field holds one refusal; several, or one with more than its text, stand among the parts.
        let is_field = refusals.clone().count() == 1 && refusals.clone().all(|part| self.is_bare(part));
        let said: Vec<_> = self
            .sayable(&message.parts, Role::Assistant)
            .into_iter()
            .filter(|part| match &part.kind {
                PartKind::ToolCall { .. } | PartKind::Thinking(_) => false,
                PartKind::Refusal(_) => !is_field,
                PartKind::Foreign { name, .. } => !name.starts_with(FOREIGN_CALL),
                _ => true,
            })
            .collect();
        self.thoughts(o, message);
        if said.is_empty() {
            o.null("content");
        } else {
            content::write(o, &said, self.is_own, &[]);
        }
        if let (true, Some(PartKind::Refusal(text))) = (is_field, refusals.map(|part| &part.kind).next()) {
            o.string("refusal", text);
        }
        self.calls(o, message);
        self.finish(o, message);
    }

    fn is_bare(&self, part: &Part) -> bool {
        !self.is_own || (part.extra.is_empty() && part.cache.is_none())
    }

    /// Writes the reasoning back that the same vendor gave.
    fn thoughts(&self, o: &mut ObjectWriter<'_>, message: &Message) {
        if !self.is_own {
            return;
        }
        let mut thoughts = message.parts.iter().filter_map(|part| match &part.kind {
            PartKind::Thinking(thought) => Some((part, thought.text.as_str())),
            _ => None,
        });
        let Some((first, text)) = thoughts.next() else { return };
        let is_short = find(&first.extra, wire::REASONING).is_some();
        let key = if is_short { wire::REASONING } else { wire::REASONING_CONTENT };
        let rest = thoughts.map(|(_, text)| text).collect::<String>();
        o.string(key, &format!("{text}{rest}"));
    }

    fn calls(&mut self, o: &mut ObjectWriter<'_>, message: &Message) {
        let is_call = |part: &&Part| match &part.kind {
            PartKind::ToolCall { .. } => true,
            PartKind::Foreign { dialect: Dialect::OpenaiChat, name, .. } => name.starts_with(FOREIGN_CALL),
            _ => false,
        };
        let calls: Vec<&Part> = message.parts.iter().filter(is_call).collect();
        if calls.is_empty() {
            return;
        }
        o.array("tool_calls", |a| {
            for part in calls {
                match &part.kind {
                    PartKind::Foreign { json, .. } => a.raw(json.as_str()),
                    _ => a.object(|o| self.call(o, part)),
                }
            }
        });
    }

    fn call(&mut self, o: &mut ObjectWriter<'_>, part: &Part) {
        let PartKind::ToolCall { id, name, arguments } = &part.kind else { return };
        if self.is_own {
            o.string("id", id);
        } else {
            o.string("id", &self.ids.call(id, name));
        }
        o.string("type", "function");
        o.object("function", |o| {
            o.string("name", self.names.wire(name));
            o.string("arguments", if arguments.is_empty() { "{}" } else { arguments });
            if self.is_own {
                write_inner(o, &part.extra, "function");
            }
        });
        if self.is_own {
            write_outer(o, &part.extra, &["function"], &[]);
        }
    }
}
