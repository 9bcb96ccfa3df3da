//! Walking over every text of a request, wherever it stands. What is not walked over here is not guarded and not counted.

use crate::{Extra, Json, Part, PartKind, Request, Source, Tool};

/// Sees the texts of a request.
pub trait Visit {
    /// A text that the codec understood.
    fn text(&mut self, text: &str);
    /// JSON that the codec did not look into: fields that it does not know, foreign parts, schemas of tools.
    fn opaque(&mut self, json: &Json);
}

impl Request {
    /// Shows every text that will be sent: system prompt, messages, tool calls and results, tools, and what only the dialect of origin knows.
    pub fn visit(&self, visit: &mut impl Visit) {
        extra(&self.extra, visit);
        self.system.iter().for_each(|item| part(item, visit));
        for message in &self.messages {
            message.name.iter().for_each(|name| visit.text(name));
            extra(&message.extra, visit);
            message.parts.iter().for_each(|item| part(item, visit));
        }
        self.tools.iter().for_each(|item| tool(item, visit));
        self.user.iter().for_each(|user| visit.text(user));
    }
}

fn extra(extra: &Extra, visit: &mut impl Visit) {
    extra.0.iter().for_each(|(_, json)| visit.opaque(json));
}

fn part(part: &Part, visit: &mut impl Visit) {
    extra(&part.extra, visit);
    match &part.kind {
        PartKind::Text(text) | PartKind::Refusal(text) => visit.text(text),
        PartKind::Thinking(thought) => visit.text(&thought.text),
        PartKind::ToolCall { arguments, name, .. } => {
            visit.text(name);
            visit.text(arguments);
        }
        PartKind::ToolResult { content, .. } => content.iter().for_each(|inner| self::part(inner, visit)),
        PartKind::Image(media) | PartKind::Document(media) => {
            media.name.iter().for_each(|name| visit.text(name));
            match &media.source {
                Source::Text(text) | Source::Url(text) => visit.text(text),
                Source::Base64(_) | Source::FileId(_) => {}
            }
        }
        PartKind::Foreign { json, .. } => visit.opaque(json),
    }
}

fn tool(tool: &Tool, visit: &mut impl Visit) {
    match tool {
        Tool::Function { name, description, schema, extra: more, .. } => {
            visit.text(name);
            description.iter().for_each(|text| visit.text(text));
            schema.iter().for_each(|json| visit.opaque(json));
            extra(more, visit);
        }
        Tool::Foreign { json, .. } => visit.opaque(json),
    }
}
