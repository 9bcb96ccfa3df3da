//! `toolConfig`, both ways.

use claw_hub::{Dialect, Extra, Json, Kind, Losses, PartKind, Refusal, Request, Tool, ToolChoice};

use super::super::wire::{cache_mark, write_cache_point};
use super::decode::keep;
use crate::json::{ArrayWriter, Node, Object, ObjectWriter, Path, Value};
use crate::schema::{fields_of, object_schema};
use crate::tool_names::ToolNames;
use crate::words::{Word, word};

const OWN: Dialect = Dialect::BedrockConverse;
const NAME: &str = "toolConfig";

/// Reads the tools and the choice.
pub(super) fn read(
    node: Node<'_>,
    request: &mut Request,
    left: &mut Vec<(String, Json)>,
) -> Result<(), Refusal> {
    let path = Path::Root.field(NAME);
    let mut o = Object::open(node, path)?;
    let path = path.field("tools");
    for (n, item) in o.array("tools")?.unwrap_or_default().into_iter().enumerate() {
        let mark = item.get("cachePoint").and_then(cache_mark);
        match (mark, request.tools.last_mut()) {
            (Some(mark), Some(Tool::Function { cache: cache @ None, .. })) => *cache = Some(mark),
            _ => request.tools.push(read_one(item, &path.item(n))?),
        }
    }
    let mut odd = Vec::new();
    if let Some(choice) = o.take("toolChoice") {
        request.tool_choice = read_choice(&choice);
        if request.tool_choice.is_none() {
            odd.push(("toolChoice".to_owned(), Json::verbatim(choice.raw)));
        }
    }
    odd.extend(o.rest().0);
    keep(NAME, &Extra(odd), left);
    Ok(())
}

fn read_choice(choice: &Node<'_>) -> Option<ToolChoice> {
    let Value::Object(fields) = &choice.value else { return None };
    match fields.as_slice() {
        [(kind, _)] if kind == "auto" => Some(ToolChoice::Auto),
        [(kind, _)] if kind == "any" => Some(ToolChoice::Required),
        [(kind, tool)] if kind == "tool" => Some(ToolChoice::Named(tool.get("name")?.as_str()?.to_owned())),
        _ => None,
    }
}

fn read_one(node: Node<'_>, path: &Path<'_>) -> Result<Tool, Refusal> {
    let raw = node.raw;
    let foreign =
        |name: &str| Tool::Foreign { dialect: OWN, name: name.to_owned(), json: Json::verbatim(raw) };
    let Value::Object(fields) = node.value else { return Err(path.refuse("must be an object")) };
    let mut members = fields.into_iter().filter(|(_, member)| member.value != Value::Null);
    let (Some((kind, spec)), None) = (members.next(), members.next()) else {
        return Err(path.refuse("must have exactly one member"));
    };
    if kind != "toolSpec" {
        return Ok(foreign(spec.get("name").and_then(Node::as_str).unwrap_or(&kind)));
    }
    let mut o = Object::open(spec, path.field("toolSpec"))?;
    let name = o.need_string("name")?;
    let description = o.string("description")?;
    let schema = o.take("inputSchema");
    let Some(schema) = schema.as_ref().and_then(|schema| schema.get("json")) else {
        return Ok(foreign(&name));
    };
    let schema = Some(Json::verbatim(schema.raw));
    let strict = o.boolean("strict")?;
    Ok(Tool::Function { name, description, schema, strict, cache: None, extra: o.rest() })
}

/// What `toolConfig` will hold.
pub(super) struct Config<'r> {
    request: &'r Request,
    names: &'r ToolNames,
    offered: Vec<&'r Tool>,
    /// Tools that only the history knows: Converse wants every tool of the history to be there.
    remembered: Vec<&'r str>,
    choice: Option<Choice<'r>>,
    native_strict: bool,
    cache_points: bool,
}

#[derive(Clone, Copy)]
enum Choice<'r> {
    Auto,
    Any,
    Tool(&'r str),
}

impl<'r> Config<'r> {
    /// Decides what to offer.
    ///
    /// # Errors
    /// A tool that another provider runs.
    pub(super) fn of(
        request: &'r Request,
        names: &'r ToolNames,
        facts: &claw_hub::ModelFacts,
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
        let history = history(request);
        let mut config = Self {
            request,
            names,
            offered: request.tools.iter().collect(),
            remembered: Vec::new(),
            choice: None,
            native_strict: facts.native_json_schema,
            cache_points: facts.takes_cache_points,
        };
        config.choose(!history.is_empty(), losses);
        if config.offered.is_empty() {
            config.remembered = history;
        }
        Ok(config)
    }

    fn choose(&mut self, has_history: bool, losses: &mut Losses) {
        let path = word(self.request.origin, Word::ToolChoice);
        let has_tools = !self.offered.is_empty();
        self.choice = match &self.request.tool_choice {
            Some(ToolChoice::Auto) if has_tools => Some(Choice::Auto),
            Some(ToolChoice::Required) if has_tools => Some(Choice::Any),
            Some(ToolChoice::Named(name)) if has_tools => Some(Choice::Tool(name)),
            Some(ToolChoice::Required | ToolChoice::Named(_)) => {
                losses.dropped(path);
                None
            }
            Some(ToolChoice::Among { names, required }) => {
                losses.changed(path, "said by offering only the tools that are allowed");
                self.offered.retain(|tool| names.iter().any(|name| name == tool.name()));
                (*required && !self.offered.is_empty()).then_some(Choice::Any)
            }
            // There is no word for it: without tools nothing can be called, but a history of calls cannot be sent without them.
            Some(ToolChoice::None) if has_history => {
                if has_tools {
                    losses.changed(path, "not enforced, because the history uses tools");
                }
                None
            }
            Some(ToolChoice::None) => {
                self.offered.clear();
                None
            }
            Some(ToolChoice::Auto) | None => None,
        };
    }

    /// Whether tools are offered, and whether a choice is written.
    pub(super) fn has(&self, parallel_is_said: bool) -> (bool, bool) {
        (!self.offered.is_empty(), self.writes_choice(parallel_is_said))
    }

    /// `auto` is left to `additionalModelRequestFields` where that says it.
    fn writes_choice(&self, parallel_is_said: bool) -> bool {
        match self.choice {
            Some(Choice::Auto) => !parallel_is_said,
            Some(Choice::Any | Choice::Tool(_)) => true,
            None => false,
        }
    }

    /// Writes it, if there are tools.
    pub(super) fn write(&self, o: &mut ObjectWriter<'_>, parallel_is_said: bool, losses: &mut Losses) {
        if self.offered.is_empty() && self.remembered.is_empty() {
            return;
        }
        o.object(NAME, |o| {
            o.array("tools", |a| {
                for (n, tool) in self.offered.iter().enumerate() {
                    self.tool(a, tool, n, losses);
                }
                for name in &self.remembered {
                    a.object(|o| o.object("toolSpec", |o| self.spec(o, name, None, r#"{"type":"object"}"#)));
                }
            });
            if self.writes_choice(parallel_is_said) {
                o.object("toolChoice", |o| match self.choice {
                    Some(Choice::Any) => o.object("any", |_| {}),
                    Some(Choice::Tool(name)) => o.object("tool", |o| o.string("name", self.names.wire(name))),
                    Some(Choice::Auto) | None => o.object("auto", |_| {}),
                });
            }
            if self.request.origin == OWN {
                let left = self.request.extra.0.iter().find(|(key, _)| key == NAME);
                for (key, json) in left.map(|(_, json)| fields_of(json.as_str())).unwrap_or_default() {
                    o.raw(&key, json);
                }
            }
        });
    }

    fn spec(&self, o: &mut ObjectWriter<'_>, name: &str, description: Option<&str>, schema: &str) {
        o.string("name", self.names.wire(name));
        // An empty description is refused.
        o.maybe_string("description", description.filter(|text| !text.is_empty()));
        o.object("inputSchema", |o| o.raw("json", schema));
    }

    fn tool(&self, a: &mut ArrayWriter<'_>, tool: &Tool, n: usize, losses: &mut Losses) {
        let is_same = self.request.origin == OWN;
        let Tool::Function { name, description, schema, strict, cache, extra } = tool else {
            if let Tool::Foreign { json, .. } = tool {
                a.raw(json.as_str());
            }
            return;
        };
        let (schema, is_changed) = object_schema(schema.as_ref());
        let (schema, is_changed) = match tool {
            Tool::Function { schema: Some(own), .. } if is_same => (own.as_str().into(), false),
            _ => (schema, is_changed),
        };
        if is_changed {
            losses.changed(format!("tools[{n}].parameters"), "given the type object");
        }
        let strict = strict.filter(|strict| is_same || *strict);
        if strict.is_some() && !is_same && !self.native_strict {
            losses.dropped(format!("tools[{n}].strict"));
        }
        a.object(|o| {
            o.object("toolSpec", |o| {
                self.spec(o, name, description.as_deref(), &schema);
                if let Some(strict) = strict.filter(|_| is_same || self.native_strict) {
                    o.boolean("strict", strict);
                }
                if is_same {
                    o.extra(extra);
                }
            });
        });
        if !is_same {
            extra.0.iter().for_each(|(key, _)| losses.dropped(format!("tools[{n}].{key}")));
        }
        if let Some(mark) = cache {
            if self.cache_points {
                a.object(|o| write_cache_point(o, *mark));
            } else {
                losses.dropped(format!("tools[{n}].cache_control"));
            }
        }
    }
}

/// The tools that were called before, each once, in order.
fn history(request: &Request) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for part in request.messages.iter().flat_map(|message| &message.parts) {
        let name = match &part.kind {
            PartKind::ToolCall { name, .. } => name.as_str(),
            PartKind::ToolResult { name, .. } => name.as_deref().unwrap_or("tool"),
            _ => continue,
        };
        // A result without a name belongs to a call that has one.
        if !names.contains(&name) && (name != "tool" || names.is_empty()) {
            names.push(name);
        }
    }
    names
}
