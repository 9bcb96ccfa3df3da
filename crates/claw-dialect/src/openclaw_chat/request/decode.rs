//! The body of a request to the hub.

use bytes::Bytes;
use claw_hub::{
    Dialect, Effort, Extra, Format, Kind, Message, Raw, Refusal, Request, Role, Sampling, Thinking,
    ThinkingMode, Tool, ToolChoice,
};

use super::super::part::read_content;
use super::super::wire::{self, CACHE_MARKS, ROLES};
use crate::json::{self, Node, Object, Path, Value};

/// Reads a request.
///
/// # Errors
/// The body is not JSON, a field is missing, unknown or not what it should be, or it asks for a session.
pub(crate) fn decode(body: &Bytes) -> Result<Request, Refusal> {
    let mut object = Object::open(json::parse(body)?, Path::Root)?;
    if object.take("session").is_some() {
        let message = "`session` cannot be used: sessions are not available yet. Send the whole conversation in `messages`.";
        return Err(Refusal::caller(Kind::Unsupported, message).at("session"));
    }
    let model = object.take("model");
    let model_at = model.as_ref().map(|node| node.span(body));
    let name = match &model {
        None => wire::AUTO,
        Some(node) => node.as_str().ok_or_else(|| Path::Root.field("model").refuse("must be a string"))?,
    };
    let mut request = Request::new(Dialect::OpenclawChat, name);
    request.stream = object.boolean("stream")?.unwrap_or(false);
    if let Some(system) = object.take("system") {
        request.system = read_content(system, &Path::Root.field("system"))?;
    }
    request.messages = read_messages(&mut object)?;
    request.tools = read_tools(&mut object)?;
    request.tool_choice = read_choice(&mut object)?;
    request.parallel_tools = object.boolean("parallel_tools")?;
    request.sampling = read_sampling(&mut object)?;
    request.thinking = read_effort(&mut object)?;
    request.format = read_format(&mut object)?;
    request.user = object.string("user")?;
    wire::done(object)?;
    request.raw = Some(Raw { body: body.clone(), model: model_at, patches: Vec::new() });
    Ok(request)
}

/// Reads the conversation: one message of the user, or all messages.
fn read_messages(object: &mut Object<'_, '_>) -> Result<Vec<Message>, Refusal> {
    let root = Path::Root;
    let one = object.take("message");
    let path = root.field("messages");
    match (one, object.array("messages")?) {
        (Some(content), None) => {
            let parts = read_content(content, &root.field("message"))?;
            Ok(vec![Message::new(Role::User, parts)])
        }
        (None, Some(items)) => {
            items.into_iter().enumerate().map(|(n, item)| read_message(item, path.item(n))).collect()
        }
        (None, None) => Err(root.field("message").refuse("or `messages` is required")),
        (Some(_), Some(_)) => Err(root.field("message").refuse("and `messages` exclude each other")),
    }
}

fn read_message(node: Node<'_>, path: Path<'_>) -> Result<Message, Refusal> {
    let mut object = Object::open(node, path)?;
    let role = object.need_string("role")?;
    let role = wire::find(&ROLES, &role, &path.field("role"))?;
    let parts = read_content(object.need("content")?, &path.field("content"))?;
    let name = object.string("name")?;
    wire::done(object)?;
    Ok(Message { role, parts, name, extra: Extra::default() })
}

fn read_tools(object: &mut Object<'_, '_>) -> Result<Vec<Tool>, Refusal> {
    let root = Path::Root;
    let path = root.field("tools");
    let items = object.array("tools")?.unwrap_or_default();
    items.into_iter().enumerate().map(|(n, item)| read_tool(item, path.item(n))).collect()
}

fn read_tool(node: Node<'_>, path: Path<'_>) -> Result<Tool, Refusal> {
    let mut object = Object::open(node, path)?;
    let name = object.need_string("name")?;
    let description = object.string("description")?;
    let schema = object.take("schema");
    if schema.as_ref().is_some_and(|node| !matches!(node.value, Value::Object(_))) {
        return Err(path.field("schema").refuse("must be a JSON schema"));
    }
    let schema = schema.map(|node| claw_hub::Json::verbatim(node.raw));
    let strict = object.boolean("strict")?;
    let cache = match object.text("cache")? {
        None => None,
        Some(word) => Some(wire::find(&CACHE_MARKS, &word, &path.field("cache"))?),
    };
    wire::done(object)?;
    Ok(Tool::Function { name, description, schema, strict, cache, extra: Extra::default() })
}

fn read_choice(object: &mut Object<'_, '_>) -> Result<Option<ToolChoice>, Refusal> {
    let Some(node) = object.take("tool_choice") else { return Ok(None) };
    let root = Path::Root;
    let path = root.field("tool_choice");
    let choice = match node.as_str() {
        Some("auto") => ToolChoice::Auto,
        Some("required") => ToolChoice::Required,
        Some("none") => ToolChoice::None,
        Some(_) => {
            return Err(path.refuse("must be auto, required, none, or an object with `name` or `names`"));
        }
        None => {
            let mut inner = Object::open(node, path)?;
            let choice = match inner.array("names")? {
                Some(items) => ToolChoice::Among {
                    names: read_strings(&items, &path.field("names"))?,
                    required: inner.boolean("required")?.unwrap_or(false),
                },
                None => ToolChoice::Named(inner.need_string("name")?),
            };
            wire::done(inner)?;
            choice
        }
    };
    Ok(Some(choice))
}

fn read_strings(items: &[Node<'_>], path: &Path<'_>) -> Result<Vec<String>, Refusal> {
    let read = |(n, item): (usize, &Node<'_>)| {
        item.as_str().map(str::to_owned).ok_or_else(|| path.item(n).refuse("must be a string"))
    };
    items.iter().enumerate().map(read).collect()
}

fn read_sampling(object: &mut Object<'_, '_>) -> Result<Sampling, Refusal> {
    let root = Path::Root;
    let stop = root.field("stop");
    Ok(Sampling {
        max_tokens: object.count("max_tokens")?,
        temperature: object.number("temperature")?,
        top_p: object.number("top_p")?,
        top_k: object.count("top_k")?,
        stop: match object.take("stop").map(|node| node.value) {
            None => Vec::new(),
            Some(Value::String(text)) => vec![text.into_owned()],
            Some(Value::Array(items)) => read_strings(&items, &stop)?,
            Some(_) => return Err(stop.refuse("must be a text or a list of texts")),
        },
        seed: object.number("seed")?,
        frequency_penalty: object.number("frequency_penalty")?,
        presence_penalty: object.number("presence_penalty")?,
        n: None,
    })
}

fn read_effort(object: &mut Object<'_, '_>) -> Result<Option<Thinking>, Refusal> {
    let Some(word) = object.text("effort")? else { return Ok(None) };
    let grades = Effort::ALL.map(|effort| (effort.name(), effort));
    let effort = wire::find(&grades, &word, &Path::Root.field("effort"))?;
    let mode = ThinkingMode::Unsaid;
    Ok(Some(Thinking { mode, budget_tokens: None, effort: Some(effort), display: None }))
}

fn read_format(object: &mut Object<'_, '_>) -> Result<Option<Format>, Refusal> {
    let Some(node) = object.take("format") else { return Ok(None) };
    let root = Path::Root;
    let path = root.field("format");
    match node.as_str() {
        Some("json") => return Ok(Some(Format::JsonObject)),
        Some(_) => return Err(path.refuse("must be \"json\", or an object with `schema`")),
        None => {}
    }
    let mut inner = Object::open(node, path)?;
    let name = inner.string("name")?;
    let description = inner.string("description")?;
    let strict = inner.boolean("strict")?;
    let schema = claw_hub::Json::verbatim(inner.need("schema")?.raw);
    wire::done(inner)?;
    Ok(Some(Format::JsonSchema { name, description, schema, strict }))
}
