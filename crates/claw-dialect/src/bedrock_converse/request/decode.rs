//! Reading a request.

use bytes::Bytes;
use claw_hub::{Dialect, Extra, Format, Json, Message, Raw, Refusal, Request};

use super::super::content::read_blocks;
use super::super::wire;
use super::{additional, tools};
use crate::codec::Asked;
use crate::json::{self, Node, Object, Path, Value};

const ROOT: Path<'static> = Path::Root;

/// Reads a request.
///
/// # Errors
/// The body is not one: a refusal that names the field.
pub(crate) fn decode(body: &Bytes, asked: &Asked) -> Result<Request, Refusal> {
    let model = asked.model.clone().ok_or_else(|| ROOT.field("modelId").refuse("is required in the path"))?;
    let root = json::parse(body).map_err(|error| ROOT.refuse(format_args!("is not JSON: {error}")))?;
    let mut o = Object::open(root, ROOT)?;
    let mut request = Request::new(Dialect::BedrockConverse, model);
    request.stream = asked.stream.unwrap_or(false);
    request.system = read_blocks(o.array("system")?.unwrap_or_default(), &ROOT.field("system"))?;
    let messages = o.array("messages")?.unwrap_or_default();
    request.messages = messages
        .into_iter()
        .enumerate()
        .map(|(n, node)| message(node, ROOT.field("messages").item(n)))
        .collect::<Result<_, _>>()?;
    let mut left = Vec::new();
    inference(&mut o, &mut request, &mut left)?;
    if let Some(config) = o.take("toolConfig") {
        tools::read(config, &mut request, &mut left)?;
    }
    if let Some(fields) = o.take("additionalModelRequestFields") {
        additional::read(fields, &mut request, &mut left)?;
    }
    if let Some(config) = o.take("outputConfig") {
        output(config, &mut request, &mut left)?;
    }
    if let Some(tier) = o.take("serviceTier") {
        let mut tier = Object::open(tier, ROOT.field("serviceTier"))?;
        request.service_tier = tier.string("type")?;
        keep("serviceTier", &tier.rest(), &mut left);
    }
    let Extra(unknown) = o.rest_of_envelope()?;
    left.extend(unknown);
    request.extra = Extra(left);
    request.raw = Some(Raw { body: body.clone(), model: None, patches: Vec::new() });
    Ok(request)
}

fn message(node: Node<'_>, path: Path<'_>) -> Result<Message, Refusal> {
    let mut o = Object::open(node, path)?;
    let name = o.text("role")?.ok_or_else(|| path.field("role").refuse("is required"))?;
    let Some(role) = wire::role(&name) else {
        return Err(path.field("role").refuse("must be `user`, `assistant` or `system`"));
    };
    let content = o.array("content")?.ok_or_else(|| path.field("content").refuse("is required"))?;
    let parts = read_blocks(content, &path.field("content"))?;
    Ok(Message { role, parts, name: None, extra: o.rest() })
}

fn inference(
    o: &mut Object<'_, '_>,
    request: &mut Request,
    left: &mut Vec<(String, Json)>,
) -> Result<(), Refusal> {
    let Some(config) = o.take("inferenceConfig") else { return Ok(()) };
    let path = ROOT.field("inferenceConfig");
    let mut config = Object::open(config, path)?;
    let sampling = &mut request.sampling;
    sampling.max_tokens = config.count("maxTokens")?;
    sampling.temperature = config.number("temperature")?;
    sampling.top_p = config.number("topP")?;
    let path = path.field("stopSequences");
    for (n, node) in config.array("stopSequences")?.unwrap_or_default().into_iter().enumerate() {
        match node.value {
            Value::String(text) => sampling.stop.push(text.into_owned()),
            _ => return Err(path.item(n).refuse("must be a string")),
        }
    }
    keep("inferenceConfig", &config.rest(), left);
    Ok(())
}

fn output(config: Node<'_>, request: &mut Request, left: &mut Vec<(String, Json)>) -> Result<(), Refusal> {
    let mut config = Object::open(config, ROOT.field("outputConfig"))?;
    let mut odd = Vec::new();
    if let Some(format) = config.take("textFormat") {
        request.format = read_format(&format);
        if request.format.is_none() {
            odd.push(("textFormat".to_owned(), Json::verbatim(format.raw)));
        }
    }
    if let Some(word) = config.take("effort")
        && !additional::read_effort(&word, request)
    {
        odd.push(("effort".to_owned(), Json::verbatim(word.raw)));
    }
    odd.extend(config.rest().0);
    keep("outputConfig", &Extra(odd), left);
    Ok(())
}

/// The schema stands there as a string.
fn read_format(format: &Node<'_>) -> Option<Format> {
    let definition = format.get("structure")?.get("jsonSchema")?;
    let text = |name: &str| definition.get(name).and_then(Node::as_str);
    let schema = text("schema")?;
    json::parse(schema.as_bytes()).ok()?;
    (format.get("type")?.as_str() == Some("json_schema")).then(|| Format::JsonSchema {
        name: text("name").map(str::to_owned),
        description: text("description").map(str::to_owned),
        schema: Json::verbatim(schema),
        strict: None,
    })
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
