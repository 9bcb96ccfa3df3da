//! Tools, the choice among them and the form of the answer, both ways.

use claw_hub::{Dialect, Extra, Format, Json, Refusal, Request, Tool, ToolChoice};

use super::super::content::{take_cache, write_cache};
use super::super::wire;
use super::decode::take_as;
use crate::call_ids::fit;
use crate::extra::{gather, write_inner, write_outer};
use crate::json::{Node, Object, ObjectWriter, Path, Value};
use crate::tool_names::ToolNames;

const FUNCTION: &str = "function";

/// Reads the tools on offer.
///
/// # Errors
/// A function has no name, or a field of it is not what it should be.
pub(super) fn read_tools(object: &mut Object<'_, '_>) -> Result<Vec<Tool>, Refusal> {
    let root = Path::Root;
    let path = root.field("tools");
    let items = object.array("tools")?.unwrap_or_default();
    items.into_iter().enumerate().map(|(n, item)| read_tool(item, path.item(n))).collect()
}

fn read_tool(node: Node<'_>, path: Path<'_>) -> Result<Tool, Refusal> {
    let kind = node.get("type").and_then(Node::as_str).unwrap_or(FUNCTION);
    if kind != FUNCTION {
        let named = node.get(kind).and_then(|inner| inner.get("name")).or_else(|| node.get("name"));
        let name = named.and_then(Node::as_str).unwrap_or(kind).to_owned();
        return Ok(Tool::Foreign { dialect: Dialect::OpenaiChat, name, json: Json::verbatim(node.raw) });
    }
    let mut object = Object::open(node, path)?;
    object.take("type");
    let mut function = Object::open(object.need(FUNCTION)?, path.field(FUNCTION))?;
    let name = function.need_string("name")?;
    let description = function.string("description")?;
    let schema = function.opaque("parameters");
    let strict = function.boolean("strict")?;
    let cache = take_cache(&mut object);
    let mut extra = gather(object.rest(), &path, [(FUNCTION, function.rest())])?;
    extra.0.extend(cache.unread.0);
    Ok(Tool::Function { name, description, schema, strict, cache: cache.mark, extra })
}

/// Reads the choice; a form that the hub has no word for (a custom tool) stays unread.
pub(super) fn read_choice(object: &mut Object<'_, '_>, unread: &mut Extra) -> Option<ToolChoice> {
    take_as(object, wire::TOOL_CHOICE, unread, |node| match &node.value {
        Value::String(word) => match word.as_ref() {
            "auto" => Some(ToolChoice::Auto),
            "required" => Some(ToolChoice::Required),
            "none" => Some(ToolChoice::None),
            _ => None,
        },
        _ => match (node.get("type").and_then(Node::as_str)?, node.fields().len()) {
            (FUNCTION, 2) => Some(ToolChoice::Named(function_name(node)?)),
            ("allowed_tools", 2) => read_among(node.get("allowed_tools")?),
            _ => None,
        },
    })
}

fn function_name(node: &Node<'_>) -> Option<String> {
    let function = node.get(FUNCTION).filter(|function| function.fields().len() == 1)?;
    function.get("name").and_then(Node::as_str).map(str::to_owned)
}

fn read_among(allowed: &Node<'_>) -> Option<ToolChoice> {
    let required = match allowed.get("mode").and_then(Node::as_str)? {
        "auto" => false,
        "required" => true,
        _ => return None,
    };
    let names = allowed.get("tools")?.items().iter().map(function_name).collect::<Option<_>>()?;
    (allowed.fields().len() == 2).then_some(ToolChoice::Among { names, required })
}

/// Reads the form of the answer; `text` is no form, and one that the hub has no word for stays unread.
///
/// # Errors
/// A schema has members that are not what they should be.
pub(super) fn read_format(
    object: &mut Object<'_, '_>,
    unread: &mut Extra,
) -> Result<Option<Format>, Refusal> {
    let Some(node) = object.take(wire::RESPONSE_FORMAT) else { return Ok(None) };
    let inner = node.get("json_schema").filter(|inner| inner.get("schema").is_some()).cloned();
    match (node.get("type").and_then(Node::as_str), node.fields().len(), inner) {
        (Some("text"), 1, _) => return Ok(None),
        (Some("json_object"), 1, _) => return Ok(Some(Format::JsonObject)),
        (Some("json_schema"), 2, Some(inner)) => {
            let root = Path::Root;
            let path = root.field(wire::RESPONSE_FORMAT);
            let mut inner = Object::open(inner, path.field("json_schema"))?;
            let name = inner.string("name")?;
            let description = inner.string("description")?;
            let strict = inner.boolean("strict")?;
            if let (Some(schema), true) = (inner.opaque("schema"), inner.rest().is_empty()) {
                return Ok(Some(Format::JsonSchema { name, description, schema, strict }));
            }
        }
        _ => {}
    }
    unread.0.push((wire::RESPONSE_FORMAT.to_owned(), Json::verbatim(node.raw)));
    Ok(None)
}

/// Writes the tools, the choice and whether several may be called at once.
pub(super) fn write(o: &mut ObjectWriter<'_>, request: &Request, names: &ToolNames) {
    let is_own = request.origin == Dialect::OpenaiChat;
    if !request.tools.is_empty() {
        o.array("tools", |a| {
            for tool in &request.tools {
                match tool {
                    Tool::Foreign { json, .. } => a.raw(json.as_str()),
                    Tool::Function { .. } => a.object(|o| write_tool(o, tool, is_own, names)),
                }
            }
        });
    }
    if let Some(choice) = &request.tool_choice {
        write_choice(o, choice, names);
    }
    if let Some(parallel) = request.parallel_tools.filter(|_| is_own || !request.tools.is_empty()) {
        o.boolean("parallel_tool_calls", parallel);
    }
}

fn write_tool(o: &mut ObjectWriter<'_>, tool: &Tool, is_own: bool, names: &ToolNames) {
    let Tool::Function { name, description, schema, strict, cache, extra } = tool else { return };
    o.string("type", FUNCTION);
    o.object(FUNCTION, |o| {
        o.string("name", names.wire(name));
        o.maybe_string("description", description.as_deref());
        o.maybe_raw("parameters", schema.as_ref());
        if let Some(strict) = strict {
            o.boolean("strict", *strict);
        }
        if is_own {
            write_inner(o, extra, FUNCTION);
        }
    });
    if is_own {
        write_cache(o, *cache);
        write_outer(o, extra, &[FUNCTION], &[]);
    }
}

fn write_choice(o: &mut ObjectWriter<'_>, choice: &ToolChoice, known: &ToolNames) {
    match choice {
        ToolChoice::Auto => o.string(wire::TOOL_CHOICE, "auto"),
        ToolChoice::Required => o.string(wire::TOOL_CHOICE, "required"),
        ToolChoice::None => o.string(wire::TOOL_CHOICE, "none"),
        ToolChoice::Named(name) => o.object(wire::TOOL_CHOICE, |o| write_name(o, known.wire(name))),
        ToolChoice::Among { names, required } => o.object(wire::TOOL_CHOICE, |o| {
            o.string("type", "allowed_tools");
            o.object("allowed_tools", |o| {
                o.string("mode", if *required { "required" } else { "auto" });
                o.array("tools", |a| {
                    for name in names {
                        a.object(|o| write_name(o, known.wire(name)));
                    }
                });
            });
        }),
    }
}

fn write_name(o: &mut ObjectWriter<'_>, name: &str) {
    o.string("type", FUNCTION);
    o.object(FUNCTION, |o| o.string("name", name));
}

/// Writes the form of the answer.
pub(super) fn write_format(o: &mut ObjectWriter<'_>, format: &Format, is_own: bool) {
    o.object(wire::RESPONSE_FORMAT, |o| match format {
        Format::JsonObject => o.string("type", "json_object"),
        Format::JsonSchema { name, description, schema, strict } => {
            o.string("type", "json_schema");
            o.object("json_schema", |o| {
                let name = name.as_deref().unwrap_or(wire::SCHEMA_NAME);
                // The name of a schema is made of the same letters as that of a tool.
                o.string("name", &if is_own { name.into() } else { fit(name, wire::TOOL_NAME_PATTERN) });
                o.maybe_string("description", description.as_deref());
                o.raw("schema", schema.as_str());
                if let Some(strict) = strict {
                    o.boolean("strict", *strict);
                }
            });
        }
    });
}
