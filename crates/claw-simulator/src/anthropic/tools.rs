//! The tools of a Messages request and the choice between them. It must not know messages.
//!
//! <https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview>

use std::collections::HashSet;

use serde_json::Value;

use super::content::{Reader, only};
use super::error::{invalid, required};
use crate::asked::{Choice, Tool};
use crate::fields::{given, is_identifier, is_true, list, text};
use crate::wire::Refusal;

const MAX_NAME: usize = 128;
const KNOWN: [&str; 10] = [
    "type",
    "name",
    "description",
    "input_schema",
    "cache_control",
    "strict",
    "allowed_callers",
    "defer_loading",
    "eager_input_streaming",
    "input_examples",
];

pub(crate) fn read(reader: &mut Reader<'_>, body: &Value) -> Result<(), Refusal> {
    let tools = list(body, "tools");
    let mut names = HashSet::new();
    for (index, tool) in tools.iter().enumerate() {
        let at = format!("tools.{index}");
        match text(tool, "type") {
            None | Some("custom") => {
                let tool = custom(tool, &format!("{at}.custom"))?;
                reader.asked.tools.push(tool);
            }
            // A tool that the vendor runs itself. The simulator never calls those.
            Some(_) => {}
        }
        let name = text(tool, "name").unwrap_or_default();
        if !names.insert(name) {
            return Err(invalid("tools: Tool names must be unique."));
        }
        reader.asked.meter.json(tool);
        reader.mark(tool, &at)?;
    }
    choice(reader, body, tools.is_empty())
}

fn custom(tool: &Value, at: &str) -> Result<Tool, Refusal> {
    only(tool, at, &KNOWN)?;
    let name = text(tool, "name").ok_or_else(|| required(&format!("{at}.name")))?;
    if !is_identifier(name, MAX_NAME) {
        return Err(invalid(format!("{at}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")));
    }
    let at = format!("{at}.input_schema");
    let schema = given(tool, "input_schema").ok_or_else(|| required(&at))?;
    if ["anyOf", "oneOf", "allOf"].iter().any(|key| schema.get(key).is_some()) {
        let message = format!("{at}: input_schema does not support oneOf, allOf, or anyOf at the top level");
        return Err(invalid(message));
    }
    match text(schema, "type") {
        Some("object") => Ok(Tool { name: name.to_owned(), schema: schema.clone() }),
        Some(_) => Err(invalid(format!("{at}.type: Input should be 'object'"))),
        None => Err(required(&format!("{at}.type"))),
    }
}

fn choice(reader: &mut Reader<'_>, body: &Value, has_no_tools: bool) -> Result<(), Refusal> {
    let Some(choice) = given(body, "tool_choice") else { return Ok(()) };
    if has_no_tools {
        return Err(invalid("tool_choice may only be specified while providing tools."));
    }
    reader.asked.one_call_only = is_true(choice, "disable_parallel_tool_use");
    reader.asked.choice = match text(choice, "type") {
        Some("auto" | "any") => Choice::Auto,
        Some("none") => Choice::None,
        Some("tool") => {
            let name = text(choice, "name").ok_or_else(|| required("tool_choice.tool.name"))?;
            if !list(body, "tools").iter().any(|tool| text(tool, "name") == Some(name)) {
                return Err(invalid(format!("Tool '{name}' not found in provided tools")));
            }
            Choice::Named(name.to_owned())
        }
        _ => {
            let message = "tool_choice: Input tag does not match any of the expected tags: 'auto', 'any', 'tool', 'none'";
            return Err(invalid(message));
        }
    };
    Ok(())
}
