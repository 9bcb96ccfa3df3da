//! The messages of a request to the hub.
//!
//! Instructions that lead the conversation become the system prompt, later ones stay where they are. What their message said besides its
//! content (`developer` instead of `system`, a name) becomes extra fields of its first part, and each part with such a field
//! begins a message when the request is written again.

use claw_hub::{Extra, Json, Message, Part, PartKind, Refusal, Role, Thought};

use super::super::content::{self, foreign, take_cache};
use super::super::wire;
use super::decode::take_as;
use crate::extra::gather;
use crate::json::{Node, Object, Path, Value, escape};

/// What `messages` says.
#[derive(Default)]
pub(super) struct Conversation {
    /// The instructions that lead it.
    pub(super) system: Vec<Part>,
    /// The rest of it.
    pub(super) messages: Vec<Message>,
    /// Whether the last instructions have more than their content, so that the next ones must be told apart from them.
    is_marked: bool,
    /// Whether the last message holds results that more may join.
    takes_results: bool,
}

/// Reads the messages.
///
/// # Errors
/// There are none, a role is unknown, or a message is not what its role says.
pub(super) fn read(object: &mut Object<'_, '_>) -> Result<Conversation, Refusal> {
    let root = Path::Root;
    let path = root.field(wire::MESSAGES);
    let items = object.array(wire::MESSAGES)?.ok_or_else(|| path.refuse("is required"))?;
    let mut conversation = Conversation::default();
    for (n, item) in items.into_iter().enumerate() {
        conversation.add(item, path.item(n))?;
    }
    Ok(conversation)
}

impl Conversation {
    fn add(&mut self, node: Node<'_>, path: Path<'_>) -> Result<(), Refusal> {
        let whole = node.raw;
        let mut object = Object::open(node, path)?;
        let role = object.text("role")?.ok_or_else(|| path.field("role").refuse("is required"))?;
        let takes_results = std::mem::take(&mut self.takes_results);
        match role.as_ref() {
            wire::SYSTEM | wire::DEVELOPER if self.messages.is_empty() => self.instruct(&role, object)?,
            wire::SYSTEM | wire::DEVELOPER => {
                let mut message = read_plain(Role::System, object)?;
                if role == wire::DEVELOPER {
                    message.extra.0.push(field("role", &role));
                }
                self.messages.push(message);
            }
            "user" => self.messages.push(read_plain(Role::User, object)?),
            "assistant" => self.messages.push(read_assistant(object)?),
            "tool" => {
                let result = read_result(object)?;
                match self.messages.last_mut().filter(|_| takes_results) {
                    Some(last) => last.parts.push(result),
                    None => self.messages.push(Message::new(Role::User, vec![result])),
                }
                self.takes_results = true;
            }
            "function" => {
                let part = foreign("function", whole).into();
                self.messages.push(Message::new(Role::User, vec![part]));
            }
            _ => {
                let message = "must be system, developer, user, assistant, tool or function";
                return Err(path.field("role").refuse(message));
            }
        }
        Ok(())
    }

    fn instruct(&mut self, role: &str, object: Object<'_, '_>) -> Result<(), Refusal> {
        let message = read_plain(Role::System, object)?;
        let mut parts = message.parts;
        if parts.is_empty() {
            parts.push(Part::text(""));
        }
        let is_marked = role == wire::DEVELOPER || message.name.is_some();
        if let Some(first) = parts.first_mut() {
            if role == wire::DEVELOPER || self.is_marked {
                first.extra.0.push(field("role", role));
            }
            first.extra.0.extend(message.name.iter().map(|name| field("name", name)));
            first.extra.0.extend(message.extra.0);
        }
        self.is_marked = is_marked;
        self.system.extend(parts);
        Ok(())
    }
}

fn field(name: &str, text: &str) -> (String, Json) {
    let mut json = Vec::new();
    escape(text, &mut json);
    (name.to_owned(), Json::verbatim(String::from_utf8_lossy(&json).into_owned()))
}

fn read_plain(role: Role, mut object: Object<'_, '_>) -> Result<Message, Refusal> {
    let path = *object.path();
    let parts = content::read(object.take("content"), &path.field("content"))?;
    let name = object.string("name")?;
    Ok(Message { role, parts, name, extra: object.rest() })
}

fn read_result(mut object: Object<'_, '_>) -> Result<Part, Refusal> {
    let path = *object.path();
    let mut content = content::read(object.take("content"), &path.field("content"))?;
    if matches!(content.as_slice(), [Part { kind: PartKind::Text(text), .. }] if text.is_empty()) {
        content.clear();
    }
    let id = object.string("tool_call_id")?.unwrap_or_default();
    let kind = PartKind::ToolResult { id, name: object.string("name")?, content, is_error: false };
    let cache = take_cache(&mut object);
    let mut extra = object.rest();
    extra.0.extend(cache.unread.0);
    Ok(Part { kind, cache: cache.mark, extra })
}

fn read_assistant(mut object: Object<'_, '_>) -> Result<Message, Refusal> {
    let path = *object.path();
    let mut unread = Extra::default();
    let mut parts: Vec<Part> = read_thought(&mut object, &mut unread).into_iter().collect();
    let said = content::read(object.take("content"), &path.field("content"))?;
    let refusal = object.string("refusal")?;
    let calls = object.array("tool_calls")?.unwrap_or_default();
    // Beside tool calls and refusals an empty text says nothing, and other dialects refuse it.
    let is_beside = !calls.is_empty() || refusal.is_some();
    parts.extend(said.into_iter().filter(|part| !(is_beside && is_empty_text(part))));
    parts.extend(refusal.map(|text| Part::from(PartKind::Refusal(text))));
    for (n, call) in calls.into_iter().enumerate() {
        parts.push(read_call(call, path.field("tool_calls").item(n))?);
    }
    let name = object.string("name")?;
    let mut extra = object.rest();
    extra.0.extend(unread.0);
    Ok(Message { role: Role::Assistant, parts, name, extra })
}

fn is_empty_text(part: &Part) -> bool {
    matches!(&part.kind, PartKind::Text(text) if text.is_empty()) && part.extra.is_empty()
}

/// Reads reasoning that a vendor wants back. Which of the two words it was is an extra field of the part.
fn read_thought(object: &mut Object<'_, '_>, unread: &mut Extra) -> Option<Part> {
    let text = |node: &Node<'_>| node.as_str().map(str::to_owned);
    let thought = |text| PartKind::Thinking(Thought { text, signature: None, redacted: None });
    if let Some(said) = take_as(object, wire::REASONING_CONTENT, unread, text) {
        return Some(thought(said).into());
    }
    let mut part = Part::from(thought(take_as(object, wire::REASONING, unread, text)?));
    part.extra.0.push((wire::REASONING.to_owned(), Json::verbatim("true")));
    Some(part)
}

fn read_call(node: Node<'_>, path: Path<'_>) -> Result<Part, Refusal> {
    let whole = node.raw;
    let kind = node.get("type").and_then(Node::as_str).unwrap_or("function");
    if kind != "function" {
        return Ok(foreign(&format!("{}{kind}", super::FOREIGN_CALL), whole).into());
    }
    let mut object = Object::open(node, path)?;
    object.take("type");
    let mut function = Object::open(object.need("function")?, path.field("function"))?;
    let name = function.need_string("name")?;
    let arguments = function.take("arguments").as_ref().map_or_else(|| "{}".to_owned(), read_arguments);
    let id = object.string("id")?.unwrap_or_default();
    let extra = gather(object.rest(), &path, [("function", function.rest())])?;
    Ok(Part { kind: PartKind::ToolCall { id, name, arguments }, cache: None, extra })
}

/// Arguments are a string that holds JSON; some vendors say the JSON itself. A call without arguments has an empty object.
pub(in super::super) fn read_arguments(node: &Node<'_>) -> String {
    match &node.value {
        Value::String(text) if text.trim().is_empty() => "{}".to_owned(),
        Value::String(text) => text.clone().into_owned(),
        _ => node.raw.to_owned(),
    }
}
