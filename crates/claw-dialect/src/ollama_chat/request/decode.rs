//! The body of a request to the hub.

use bytes::Bytes;
use claw_hub::{
    Dialect, Effort, Extra, Format, Json, Media, Message, Part, PartKind, Raw, Refusal, Request, Role,
    Sampling, Source, Thinking, ThinkingMode, Thought, Tool,
};

use super::super::wire::{FUNCTION, OPTIONS};
use crate::extra::gather;
use crate::json::{self, Node, Object, Path, Value};
use crate::media::image_type;

/// Reads a request.
///
/// # Errors
/// The body is not JSON, lacks `model`, or a known field is not what it should be.
pub(crate) fn decode(body: &Bytes) -> Result<Request, Refusal> {
    let mut object = Object::open(json::parse(body)?, Path::Root)?;
    let model = object.need("model")?;
    let model_at = model.span(body);
    let name = model.as_str().ok_or_else(|| Path::Root.field("model").refuse("must be a string"))?;
    let mut request = Request::new(Dialect::OllamaChat, name);
    // Unlike everyone else, Ollama streams unless told not to.
    request.stream = object.boolean("stream")?.unwrap_or(true);
    read_messages(&mut object, &mut request)?;
    request.tools = read_tools(&mut object)?;
    request.format = read_format(&mut object)?;
    request.thinking = read_think(&mut object)?;
    let (sampling, options) = read_options(&mut object)?;
    request.sampling = sampling;
    request.extra = gather(object.rest_of_envelope()?, &Path::Root, [(OPTIONS, options)])?;
    request.raw = Some(Raw { body: body.clone(), model: Some(model_at), patches: Vec::new() });
    Ok(request)
}

fn read_options(object: &mut Object<'_, '_>) -> Result<(Sampling, Extra), Refusal> {
    let Some(node) = object.take(OPTIONS) else { return Ok(Default::default()) };
    let root = Path::Root;
    let path = root.field(OPTIONS);
    let mut options = Object::open(node, path)?;
    let mut unread = Extra::default();
    // -1 and -2 are "without end" and "until the context is full", which nobody else can say.
    let limit = options.take("num_predict");
    let max_tokens = limit.as_ref().and_then(Node::as_count);
    if let (Some(node), None) = (&limit, max_tokens) {
        unread.0.push(("num_predict".to_owned(), Json::verbatim(node.raw)));
    }
    let sampling = Sampling {
        max_tokens,
        temperature: options.number("temperature")?,
        top_p: options.number("top_p")?,
        top_k: options.count("top_k")?,
        stop: read_stop(&mut options)?,
        seed: options.number("seed")?,
        frequency_penalty: options.number("frequency_penalty")?,
        presence_penalty: options.number("presence_penalty")?,
        n: None,
    };
    unread.0.extend(options.rest().0);
    Ok((sampling, unread))
}

fn read_stop(options: &mut Object<'_, '_>) -> Result<Vec<String>, Refusal> {
    let path = *options.path();
    let refuse = || path.field("stop").refuse("must be a string or a list of strings");
    match options.take("stop").map(|node| node.value) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text.into_owned()]),
        Some(Value::Array(items)) => {
            items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(refuse)).collect()
        }
        Some(_) => Err(refuse()),
    }
}

fn read_think(object: &mut Object<'_, '_>) -> Result<Option<Thinking>, Refusal> {
    let Some(node) = object.take("think") else { return Ok(None) };
    let (mode, effort) = match &node.value {
        Value::Bool(true) => (ThinkingMode::Enabled, None),
        Value::Bool(false) => (ThinkingMode::Disabled, None),
        Value::String(word) => (ThinkingMode::Unsaid, Effort::from_name(word)),
        _ => (ThinkingMode::Unsaid, None),
    };
    if mode == ThinkingMode::Unsaid && effort.is_none() {
        return Err(Path::Root.field("think").refuse("must be true, false, low, medium, high or max"));
    }
    Ok(Some(Thinking { mode, budget_tokens: None, effort, display: None }))
}

fn read_format(object: &mut Object<'_, '_>) -> Result<Option<Format>, Refusal> {
    let Some(node) = object.take("format") else { return Ok(None) };
    match &node.value {
        // An empty text is how old clients say that there is none.
        Value::String(word) if word.is_empty() => Ok(None),
        Value::String(word) if word == "json" => Ok(Some(Format::JsonObject)),
        Value::Object(_) => Ok(Some(Format::JsonSchema {
            name: None,
            description: None,
            schema: Json::verbatim(node.raw),
            strict: None,
        })),
        _ => Err(Path::Root.field("format").refuse("must be \"json\" or a JSON schema")),
    }
}

fn read_tools(object: &mut Object<'_, '_>) -> Result<Vec<Tool>, Refusal> {
    let root = Path::Root;
    let path = root.field("tools");
    let items = object.array("tools")?.unwrap_or_default();
    items.into_iter().enumerate().map(|(n, item)| read_tool(item, path.item(n))).collect()
}

fn read_tool(node: Node<'_>, path: Path<'_>) -> Result<Tool, Refusal> {
    let kind = node.get("type").and_then(Node::as_str).unwrap_or(FUNCTION);
    if kind != FUNCTION {
        let name = kind.to_owned();
        return Ok(Tool::Foreign { dialect: Dialect::OllamaChat, name, json: Json::verbatim(node.raw) });
    }
    let mut object = Object::open(node, path)?;
    object.take("type");
    let mut function = Object::open(object.need(FUNCTION)?, path.field(FUNCTION))?;
    let name = function.need_string("name")?;
    let description = function.string("description")?;
    let schema = function.opaque("parameters");
    let extra = gather(object.rest(), &path, [(FUNCTION, function.rest())])?;
    Ok(Tool::Function { name, description, schema, strict: None, cache: None, extra })
}

/// Reads the messages. System messages that lead the conversation are the system prompt, each one part of it; results in a row are one message.
fn read_messages(object: &mut Object<'_, '_>, request: &mut Request) -> Result<(), Refusal> {
    let root = Path::Root;
    let path = root.field("messages");
    let mut takes_results = false;
    for (n, item) in object.array("messages")?.unwrap_or_default().into_iter().enumerate() {
        let path = path.item(n);
        let mut object = Object::open(item, path)?;
        let role = object.text("role")?.ok_or_else(|| path.field("role").refuse("is required"))?;
        let joins = std::mem::take(&mut takes_results);
        match role.as_ref() {
            "system" if request.messages.is_empty() => instruct(read_plain(Role::System, object)?, request),
            "system" => request.messages.push(read_plain(Role::System, object)?),
            "user" => request.messages.push(read_plain(Role::User, object)?),
            "assistant" => request.messages.push(read_assistant(object)?),
            "tool" => {
                let result = read_result(object)?;
                match request.messages.last_mut().filter(|_| joins) {
                    Some(last) => last.parts.push(result),
                    None => request.messages.push(Message::new(Role::User, vec![result])),
                }
                takes_results = true;
            }
            _ => return Err(path.field("role").refuse("must be system, user, assistant or tool")),
        }
    }
    Ok(())
}

fn instruct(message: Message, request: &mut Request) {
    let mut parts = message.parts;
    if parts.is_empty() {
        parts.push(Part::text(""));
    }
    if let Some(last) = parts.last_mut() {
        last.extra = message.extra;
    }
    request.system.append(&mut parts);
}

fn read_plain(role: Role, mut object: Object<'_, '_>) -> Result<Message, Refusal> {
    let mut parts = read_images(&mut object)?;
    parts.extend(read_content(&mut object)?);
    Ok(Message { role, parts, name: None, extra: object.rest() })
}

fn read_content(object: &mut Object<'_, '_>) -> Result<Option<Part>, Refusal> {
    let text = object.string("content")?;
    Ok(text.filter(|text| !text.is_empty()).map(Part::text))
}

/// Pictures are base64 text whose type nobody says; its first characters tell.
fn read_images(object: &mut Object<'_, '_>) -> Result<Vec<Part>, Refusal> {
    let path = *object.path();
    let images = path.field("images");
    let items = object.array("images")?.unwrap_or_default();
    let read = |(n, item): (usize, &Node<'_>)| {
        let text = item.as_str().ok_or_else(|| images.item(n).refuse("must be base64 text"))?;
        Ok(image(text).into())
    };
    items.iter().enumerate().map(read).collect()
}

/// A picture by its base64 text; some clients send a data URL.
pub(in super::super) fn image(text: &str) -> PartKind {
    let (media_type, data) = match text.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")) {
        Some((media_type, data)) => (media_type, data),
        None => (image_type(text).unwrap_or_default(), text),
    };
    let source = Source::Base64(data.to_owned());
    PartKind::Image(Media { source, media_type: media_type.to_owned(), name: None, detail: None })
}

fn read_assistant(mut object: Object<'_, '_>) -> Result<Message, Refusal> {
    let path = *object.path();
    let thought = object.string("thinking")?.filter(|text| !text.is_empty());
    let mut parts: Vec<Part> = thought.map(|text| thinking(text).into()).into_iter().collect();
    parts.extend(read_images(&mut object)?);
    parts.extend(read_content(&mut object)?);
    for (n, call) in object.array("tool_calls")?.unwrap_or_default().into_iter().enumerate() {
        parts.push(read_call(call, path.field("tool_calls").item(n))?);
    }
    Ok(Message { role: Role::Assistant, parts, name: None, extra: object.rest() })
}

pub(in super::super) fn thinking(text: String) -> PartKind {
    PartKind::Thinking(Thought { text, signature: None, redacted: None })
}

fn read_call(node: Node<'_>, path: Path<'_>) -> Result<Part, Refusal> {
    let mut object = Object::open(node, path)?;
    // Its only value is `function`; some clients add it, as OpenAI's do.
    object.take("type");
    let mut function = Object::open(object.need(FUNCTION)?, path.field(FUNCTION))?;
    // The place in the list says the same.
    function.take("index");
    let name = function.need_string("name")?;
    let arguments = function.take("arguments").as_ref().map_or_else(|| "{}".to_owned(), arguments);
    let id = object.string("id")?.unwrap_or_default();
    let extra = gather(object.rest(), &path, [(FUNCTION, function.rest())])?;
    Ok(Part { kind: PartKind::ToolCall { id, name, arguments }, cache: None, extra })
}

/// Arguments are an object; some clients send the text of one.
pub(in super::super) fn arguments(node: &Node<'_>) -> String {
    match &node.value {
        Value::String(text) if text.trim().is_empty() => "{}".to_owned(),
        Value::String(text) => text.clone().into_owned(),
        Value::Null => "{}".to_owned(),
        _ => node.raw.to_owned(),
    }
}

fn read_result(mut object: Object<'_, '_>) -> Result<Part, Refusal> {
    let mut content = read_images(&mut object)?;
    content.extend(read_content(&mut object)?);
    let id = object.string("tool_call_id")?.unwrap_or_default();
    let kind = PartKind::ToolResult { id, name: object.string("tool_name")?, content, is_error: false };
    Ok(Part { kind, cache: None, extra: object.rest() })
}
