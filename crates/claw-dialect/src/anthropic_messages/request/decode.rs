//! Reading a request. `max_tokens` may be absent: `count_tokens` has the same body without it.

use bytes::Bytes;
use claw_hub::{
    Dialect, Effort, Extra, Format, Json, Message, Raw, Refusal, Request, Thinking, ThinkingMode,
};

use super::super::content::{is_signed, read_content};
use super::super::wire;
use super::tools;
use crate::json::{self, Node, Object, Path, Value};

const ROOT: Path<'static> = Path::Root;

/// Reads a request.
///
/// # Errors
/// The body is not one: a refusal that names the field.
pub(crate) fn decode(body: &Bytes) -> Result<Request, Refusal> {
    let root = json::parse(body).map_err(|error| ROOT.refuse(format_args!("is not JSON: {error}")))?;
    let mut o = Object::open(root, ROOT)?;
    let model = o.need("model")?;
    let span = model.span(body);
    let Some(name) = model.as_str() else { return Err(ROOT.field("model").refuse("must be a string")) };
    let mut request = Request::new(Dialect::AnthropicMessages, name);
    request.stream = o.boolean("stream")?.unwrap_or(false);
    if let Some(system) = o.take("system") {
        request.system = read_content(system, &ROOT.field("system"))?;
    }
    let messages = o.array("messages")?.ok_or_else(|| ROOT.field("messages").refuse("is required"))?;
    request.messages = messages
        .into_iter()
        .enumerate()
        .map(|(n, node)| message(node, ROOT.field("messages").item(n)))
        .collect::<Result<_, _>>()?;
    let mut left = Vec::new();
    sampling(&mut o, &mut request)?;
    request.tools = match o.array("tools")? {
        Some(items) => tools::read(items)?,
        None => Vec::new(),
    };
    if let Some(node) = o.take("tool_choice") {
        tools::read_choice(node, &mut request, &mut left)?;
    }
    thinking(&mut o, &mut request, &mut left)?;
    metadata(&mut o, &mut request, &mut left)?;
    request.service_tier = o.string("service_tier")?;
    let Extra(unknown) = o.rest_of_envelope()?;
    left.extend(unknown);
    request.extra = Extra(left);
    // Thinking that nobody signed came from another provider's model: the bytes must not go to Anthropic as they are.
    if !has_unsigned_thinking(&request) {
        request.raw = Some(Raw { body: body.clone(), model: Some(span), patches: Vec::new() });
    }
    Ok(request)
}

fn has_unsigned_thinking(request: &Request) -> bool {
    request
        .messages
        .iter()
        .flat_map(|message| &message.parts)
        .any(|part| matches!(&part.kind, claw_hub::PartKind::Thinking(thought) if !is_signed(thought)))
}

fn message(node: Node<'_>, path: Path<'_>) -> Result<Message, Refusal> {
    let mut o = Object::open(node, path)?;
    let name = o.text("role")?.ok_or_else(|| path.field("role").refuse("is required"))?;
    let Some(role) = wire::role(&name) else {
        return Err(path.field("role").refuse("must be `user`, `assistant` or `system`"));
    };
    let parts = read_content(o.need("content")?, &path.field("content"))?;
    Ok(Message { role, parts, name: None, extra: o.rest() })
}

fn sampling(o: &mut Object<'_, '_>, request: &mut Request) -> Result<(), Refusal> {
    let sampling = &mut request.sampling;
    sampling.max_tokens = o.count("max_tokens")?;
    sampling.temperature = o.number("temperature")?;
    sampling.top_p = o.number("top_p")?;
    sampling.top_k = o.count("top_k")?;
    let path = ROOT.field("stop_sequences");
    for (n, node) in o.array("stop_sequences")?.unwrap_or_default().into_iter().enumerate() {
        match node.value {
            Value::String(text) => sampling.stop.push(text.into_owned()),
            _ => return Err(path.item(n).refuse("must be a string")),
        }
    }
    Ok(())
}

/// `thinking` and `output_config` together say how to reason and in which form to answer.
fn thinking(
    o: &mut Object<'_, '_>,
    request: &mut Request,
    left: &mut Vec<(String, Json)>,
) -> Result<(), Refusal> {
    let mut thinking =
        Thinking { mode: ThinkingMode::Unsaid, budget_tokens: None, effort: None, display: None };
    if let Some(node) = o.take("thinking") {
        let raw = node.raw;
        let mode = match node.get("type").and_then(Node::as_str) {
            Some("enabled") => Some(ThinkingMode::Enabled),
            Some("adaptive") => Some(ThinkingMode::Adaptive),
            Some("disabled") => Some(ThinkingMode::Disabled),
            _ => None,
        };
        match mode {
            Some(mode) => {
                let mut inner = Object::open(node, ROOT.field("thinking"))?;
                inner.take("type");
                thinking.mode = mode;
                thinking.budget_tokens = inner.count("budget_tokens")?;
                thinking.display = inner.string("display")?;
                keep("thinking", &inner.rest(), left);
            }
            None => left.push(("thinking".to_owned(), Json::verbatim(raw))),
        }
    }
    if let Some(node) = o.take("output_config") {
        let mut inner = Object::open(node, ROOT.field("output_config"))?;
        let mut odd = Vec::new();
        if let Some(word) = inner.take("effort") {
            match word.as_str().and_then(Effort::from_name) {
                Some(effort) => thinking.effort = Some(effort),
                None => odd.push(("effort".to_owned(), Json::verbatim(word.raw))),
            }
        }
        if let Some(node) = inner.take("format") {
            match format(&node) {
                Some(format) => request.format = Some(format),
                None => odd.push(("format".to_owned(), Json::verbatim(node.raw))),
            }
        }
        odd.extend(inner.rest().0);
        keep("output_config", &Extra(odd), left);
    }
    let is_said = thinking.mode != ThinkingMode::Unsaid || thinking.effort.is_some();
    request.thinking = is_said.then_some(thinking);
    Ok(())
}

fn format(node: &Node<'_>) -> Option<Format> {
    let Value::Object(fields) = &node.value else { return None };
    let is_plain = fields.iter().all(|(key, _)| key == "type" || key == "schema");
    let schema = Json::verbatim(node.get("schema")?.raw);
    (is_plain && node.get("type")?.as_str() == Some("json_schema")).then_some(Format::JsonSchema {
        name: None,
        description: None,
        schema,
        strict: None,
    })
}

fn metadata(
    o: &mut Object<'_, '_>,
    request: &mut Request,
    left: &mut Vec<(String, Json)>,
) -> Result<(), Refusal> {
    if let Some(node) = o.take("metadata") {
        let mut inner = Object::open(node, ROOT.field("metadata"))?;
        request.user = inner.string("user_id")?;
        keep("metadata", &inner.rest(), left);
    }
    Ok(())
}

/// Keeps what is left of an object that the hub knows some fields of, as an object of the same name.
pub(super) fn keep(name: &str, rest: &Extra, left: &mut Vec<(String, Json)>) {
    if rest.is_empty() {
        return;
    }
    let mut object = Vec::new();
    json::object(&mut object, |o| o.extra(rest));
    if let Ok(text) = String::from_utf8(object) {
        left.push((name.to_owned(), Json::verbatim(text)));
    }
}
