//! Tools and the choice among them, both ways.

use claw_hub::{Dialect, Json, Kind, Losses, Refusal, Request, Tool, ToolChoice};

use super::super::content::read_cache;
use super::super::wire::write_cache;
use super::decode::keep;
use crate::json::{Node, Object, ObjectWriter, Path};
use crate::schema::{fields_of, object_schema};
use crate::tool_names::ToolNames;
use crate::words::{Word, word};

const OWN: Dialect = Dialect::AnthropicMessages;
const ROOT: Path<'static> = Path::Root;

/// Reads the tools. One whose `type` is not `custom` is run by the provider.
pub(super) fn read(items: Vec<Node<'_>>) -> Result<Vec<Tool>, Refusal> {
    let path = ROOT.field("tools");
    items.into_iter().enumerate().map(|(n, node)| read_one(node, path.item(n))).collect()
}

fn read_one(node: Node<'_>, path: Path<'_>) -> Result<Tool, Refusal> {
    let text = |name: &str| node.get(name).and_then(Node::as_str).map(str::to_owned);
    if let Some(kind) = text("type").filter(|kind| kind != "custom") {
        let name = text("name").unwrap_or(kind);
        return Ok(Tool::Foreign {
            dialect: Dialect::AnthropicMessages,
            name,
            json: Json::verbatim(node.raw),
        });
    }
    let mut o = Object::open(node, path)?;
    o.take("type");
    let name = o.need_string("name")?;
    let description = o.string("description")?;
    let schema = o.opaque("input_schema");
    let strict = o.boolean("strict")?;
    let (cache, odd) = read_cache(&mut o);
    let mut extra = o.rest();
    extra.0.extend(odd);
    Ok(Tool::Function { name, description, schema, strict, cache, extra })
}

/// Reads the choice and what hangs on it.
pub(super) fn read_choice(
    node: Node<'_>,
    request: &mut Request,
    left: &mut Vec<(String, Json)>,
) -> Result<(), Refusal> {
    let raw = node.raw;
    let mut o = Object::open(node, ROOT.field("tool_choice"))?;
    let choice = match o.text("type")?.as_deref() {
        Some("auto") => ToolChoice::Auto,
        Some("any") => ToolChoice::Required,
        Some("none") => ToolChoice::None,
        Some("tool") => ToolChoice::Named(o.need_string("name")?),
        _ => {
            left.push(("tool_choice".to_owned(), Json::verbatim(raw)));
            return Ok(());
        }
    };
    request.tool_choice = Some(choice);
    request.parallel_tools = o.boolean("disable_parallel_tool_use")?.map(|disabled| !disabled);
    keep("tool_choice", &o.rest(), left);
    Ok(())
}

/// The tools to offer, and which of them must be called.
pub(super) struct Offer<'r> {
    request: &'r Request,
    names: &'r ToolNames,
    tools: Vec<&'r Tool>,
    is_same: bool,
    native_strict: bool,
}

impl<'r> Offer<'r> {
    /// Decides what to offer. A subset of the tools is said by offering no others.
    ///
    /// # Errors
    /// A tool that another provider runs: it is refused by name.
    pub(super) fn of(
        request: &'r Request,
        names: &'r ToolNames,
        native_strict: bool,
        losses: &mut Losses,
    ) -> Result<Self, Refusal> {
        for (n, tool) in request.tools.iter().enumerate() {
            if let Tool::Foreign { dialect, name, .. } = tool
                && *dialect != OWN
            {
                let message = format!(
                    "the tool `{name}` is run by its own provider and cannot be used with this model"
                );
                return Err(Refusal::caller(Kind::Unsupported, message).at(format!("tools[{n}]")));
            }
        }
        let mut tools: Vec<&Tool> = request.tools.iter().collect();
        if let Some(ToolChoice::Among { names, .. }) = &request.tool_choice {
            let path = word(request.origin, Word::ToolChoice);
            losses.changed(path, "said by offering only the tools that are allowed");
            tools.retain(|tool| names.iter().any(|name| name == tool.name()));
        }
        Ok(Self { request, names, tools, is_same: request.origin == OWN, native_strict })
    }

    /// Writes `tools` and `tool_choice`.
    pub(super) fn write(&self, o: &mut ObjectWriter<'_>, losses: &mut Losses) {
        if !self.tools.is_empty() {
            o.array("tools", |a| {
                for (n, tool) in self.tools.iter().enumerate() {
                    match tool {
                        Tool::Foreign { json, .. } => a.raw(json.as_str()),
                        Tool::Function { .. } => a.object(|o| self.tool(o, tool, n, losses)),
                    }
                }
            });
        }
        self.choice(o, losses);
    }

    fn tool(&self, o: &mut ObjectWriter<'_>, tool: &Tool, n: usize, losses: &mut Losses) {
        let Tool::Function { name, description, schema, strict, cache, extra } = tool else { return };
        o.string("name", self.names.wire(name));
        o.maybe_string("description", description.as_deref());
        if self.is_same {
            o.maybe_raw("input_schema", schema.as_ref());
        } else {
            let (schema, is_changed) = object_schema(schema.as_ref());
            o.raw("input_schema", &schema);
            if is_changed {
                losses.changed(format!("tools[{n}].parameters"), "given the type object");
            }
        }
        match strict {
            Some(strict) if self.is_same => o.boolean("strict", *strict),
            Some(true) if self.native_strict => o.boolean("strict", true),
            Some(true) => losses.dropped(format!("tools[{n}].strict")),
            Some(false) | None => {}
        }
        write_cache(o, *cache);
        if self.is_same {
            o.extra(extra);
        } else {
            extra.0.iter().for_each(|(key, _)| losses.dropped(format!("tools[{n}].{key}")));
        }
    }

    fn choice(&self, o: &mut ObjectWriter<'_>, losses: &mut Losses) {
        let request = self.request;
        let left = request.extra.0.iter().find(|(key, _)| self.is_same && key == "tool_choice");
        if self.tools.is_empty() && !self.is_same {
            // The API takes a choice only beside tools; a tool that must be called and is not there is a loss.
            if matches!(request.tool_choice, Some(ToolChoice::Required | ToolChoice::Named(_))) {
                losses.dropped(word(request.origin, Word::ToolChoice));
            }
            return;
        }
        let said = match &request.tool_choice {
            Some(ToolChoice::Auto | ToolChoice::Among { required: false, .. }) => Some(("auto", None)),
            Some(ToolChoice::Required | ToolChoice::Among { required: true, .. }) => Some(("any", None)),
            Some(ToolChoice::None) => Some(("none", None)),
            Some(ToolChoice::Named(name)) => Some(("tool", Some(self.names.wire(name)))),
            None if request.parallel_tools == Some(false) => Some(("auto", None)),
            None => None,
        };
        if said.is_none() && left.is_none() {
            return;
        }
        o.object("tool_choice", |o| {
            if let Some((kind, name)) = said {
                o.string("type", kind);
                o.maybe_string("name", name);
                let parallel = request.parallel_tools.filter(|parallel| self.is_same || !parallel);
                if let Some(parallel) = parallel.filter(|_| kind != "none") {
                    o.boolean("disable_parallel_tool_use", !parallel);
                }
            }
            for (key, json) in left.map(|(_, json)| fields_of(json.as_str())).unwrap_or_default() {
                o.raw(&key, json);
            }
        });
    }
}
