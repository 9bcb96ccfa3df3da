//! Reads a Converse request: system prompt, limits, tools and format. Messages have a file of their own. It must not
//! know what will be answered.
//!
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html>

use serde_json::Value;

use super::error::{constraint, invalid, required};
use super::messages;
use crate::asked::{Asked, Choice, Format, Thinking, Tool};
use crate::fields::{given, is_identifier, list, text};
use crate::meter::{FIVE_MINUTES, ONE_HOUR};
use crate::route::Operation;
use crate::wire::{Head, Refusal};

/// The longest name of a tool and the longest id of a tool use.
pub(crate) const MAX_NAME: usize = 64;
const MAX_STOPS: usize = 2500;
const NAME_PATTERN: &str = "Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+";
const NAME_LENGTH: &str = "Member must have length less than or equal to 64";

pub(crate) fn read(head: &Head<'_>, model: &str, body: &Value) -> Result<Asked, Refusal> {
    let mut asked = Asked::new(model);
    asked.stream = matches!(head.operation, Operation::ReplyOf { stream: true, .. });
    tools(&mut asked, body)?;
    system(&mut asked, body)?;
    messages::read(&mut asked, body)?;
    inference(&mut asked, body)?;
    thinking(&mut asked, body)?;
    format(&mut asked, body)?;
    let paths = list(body, "additionalModelResponseFieldPaths").iter().filter_map(Value::as_str);
    asked.manner.name_the_stop = paths.into_iter().any(|path| path.ends_with("/stop_sequence"));
    Ok(asked)
}

fn system(asked: &mut Asked, body: &Value) -> Result<(), Refusal> {
    for (index, block) in list(body, "system").iter().enumerate() {
        if let Some(said) = text(block, "text") {
            if said.is_empty() {
                let at = format!("system.{}.member.text", index + 1);
                return Err(constraint("", &at, "Member must have length greater than or equal to 1"));
            }
            asked.system(said);
        } else if !mark(asked, block)? && given(block, "guardContent").is_none() {
            return Err(invalid(format!(
                "SystemContentBlock object at system.{index} must set one of the following keys: text, guardContent, \
                 cachePoint."
            )));
        }
    }
    Ok(())
}

/// Marks the prefix that ends here if the block is a cache point, and says whether it is one.
pub(crate) fn mark(asked: &mut Asked, block: &Value) -> Result<bool, Refusal> {
    let Some(point) = given(block, "cachePoint") else { return Ok(false) };
    if text(point, "type") != Some("default") {
        let kind = text(point, "type").unwrap_or_default();
        return Err(constraint(kind, "cachePoint.type", "Member must satisfy enum value set: [default]"));
    }
    match text(point, "ttl") {
        None | Some("5m") => asked.meter.mark(FIVE_MINUTES),
        Some("1h") => asked.meter.mark(ONE_HOUR),
        Some(ttl) => {
            return Err(constraint(ttl, "cachePoint.ttl", "Member must satisfy enum value set: [5m, 1h]"));
        }
    }
    Ok(true)
}

fn inference(asked: &mut Asked, body: &Value) -> Result<(), Refusal> {
    let Some(config) = given(body, "inferenceConfig") else { return Ok(()) };
    for param in ["temperature", "topP"] {
        let Some(value) = given(config, param) else { continue };
        let bound = match value.as_f64() {
            Some(number) if number > 1.0 => "less than or equal to 1",
            Some(number) if number < 0.0 => "greater than or equal to 0",
            _ => continue,
        };
        let at = format!("inferenceConfig.{param}");
        return Err(constraint(&value.to_string(), &at, &format!("Member must have value {bound}")));
    }
    if let Some(most) = given(config, "maxTokens") {
        let positive = most.as_u64().filter(|most| *most > 0);
        let bound = "Member must have value greater than or equal to 1";
        let refusal = || constraint(&most.to_string(), "inferenceConfig.maxTokens", bound);
        asked.max_tokens = Some(positive.ok_or_else(refusal)?);
    }
    let stops = list(config, "stopSequences");
    if stops.len() > MAX_STOPS || stops.iter().any(|stop| stop.as_str().is_none_or(str::is_empty)) {
        let bound = "Member must have length greater than or equal to 1";
        return Err(constraint("", "inferenceConfig.stopSequences.1.member", bound));
    }
    asked.stop = stops.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    Ok(())
}

fn tools(asked: &mut Asked, body: &Value) -> Result<(), Refusal> {
    let Some(config) = given(body, "toolConfig") else { return Ok(()) };
    let tools = list(config, "tools");
    if tools.is_empty() {
        let bound = "Member must have length greater than or equal to 1";
        return Err(constraint("[]", "toolConfig.tools", bound));
    }
    for (index, tool) in tools.iter().enumerate() {
        let at = format!("toolConfig.tools.{}.member.toolSpec", index + 1);
        if let Some(spec) = given(tool, "toolSpec") {
            let spec = tool_spec(spec, &at)?;
            if asked.tools.iter().any(|other| other.name == spec.name) {
                return Err(invalid(format!(
                    "The tool name {} is duplicated in toolConfig.tools.",
                    spec.name
                )));
            }
            asked.tools.push(spec);
            asked.meter.json(tool);
        } else if !mark(asked, tool)? && given(tool, "systemTool").is_none() {
            return Err(invalid(format!(
                "Tool object at toolConfig.tools.{index} must set one of the following keys: toolSpec, systemTool, \
                 cachePoint."
            )));
        }
    }
    tool_choice(asked, config)
}

fn tool_spec(spec: &Value, at: &str) -> Result<Tool, Refusal> {
    let name = text(spec, "name").ok_or_else(|| required(&format!("{at}.name")))?;
    identifier(name, &format!("{at}.name"))?;
    if text(spec, "description").is_some_and(str::is_empty) {
        let bound = "Member must have length greater than or equal to 1";
        return Err(constraint("", &format!("{at}.description"), bound));
    }
    let at = format!("{at}.inputSchema");
    let schema = given(spec, "inputSchema").ok_or_else(|| required(&at))?;
    let schema = given(schema, "json").ok_or_else(|| required(&format!("{at}.json")))?;
    match text(schema, "type") {
        Some("object") => Ok(Tool { name: name.to_owned(), schema: schema.clone() }),
        _ => Err(invalid(format!("The value at {at}.json.type must be one of the following: object."))),
    }
}

/// Checks the name of a tool or the id of a tool use.
pub(crate) fn identifier(name: &str, at: &str) -> Result<(), Refusal> {
    let is_id = at.ends_with("toolUseId");
    let is_allowed =
        is_identifier(name, usize::MAX) || (is_id && !name.is_empty() && name.bytes().all(in_id));
    if !is_allowed {
        return Err(constraint(name, at, NAME_PATTERN));
    }
    if name.len() > MAX_NAME { Err(constraint(name, at, NAME_LENGTH)) } else { Ok(()) }
}

fn in_id(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte)
}

fn tool_choice(asked: &mut Asked, config: &Value) -> Result<(), Refusal> {
    let Some(choice) = given(config, "toolChoice") else { return Ok(()) };
    if let Some(tool) = given(choice, "tool") {
        let name = text(tool, "name").ok_or_else(|| required("toolConfig.toolChoice.tool.name"))?;
        if !asked.tools.iter().any(|tool| tool.name == name) {
            return Err(invalid(format!(
                "The tool {name} in toolConfig.toolChoice is not in toolConfig.tools."
            )));
        }
        asked.choice = Choice::Named(name.to_owned());
    } else if given(choice, "auto").is_none() && given(choice, "any").is_none() {
        let message =
            "ToolChoice object at toolConfig.toolChoice must set one of the following keys: auto, any, tool.";
        return Err(invalid(message));
    }
    Ok(())
}

/// Claude's own fields: `thinking`, or `reasoning_config` as Bedrock named it first.
///
/// <https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html>
fn thinking(asked: &mut Asked, body: &Value) -> Result<(), Refusal> {
    let Some(fields) = given(body, "additionalModelRequestFields") else { return Ok(()) };
    let disable = fields.get("tool_choice").and_then(|choice| choice.get("disable_parallel_tool_use"));
    asked.one_call_only = disable == Some(&Value::Bool(true));
    let Some(thinking) = given(fields, "thinking").or_else(|| given(fields, "reasoning_config")) else {
        return Ok(());
    };
    let shown =
        if text(thinking, "display") == Some("omitted") { Thinking::Omitted } else { Thinking::Shown };
    match text(thinking, "type") {
        Some("disabled") => {}
        Some("adaptive") => asked.thinking = Some(shown),
        Some("enabled") => {
            let budget = thinking.get("budget_tokens").and_then(Value::as_u64).unwrap_or_default();
            if budget < 1024 {
                return Err(of_model(
                    "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
                ));
            }
            if asked.max_tokens.is_some_and(|most| most <= budget) {
                return Err(of_model("`max_tokens` must be greater than `thinking.budget_tokens`."));
            }
            if matches!(asked.choice, Choice::Named(_)) {
                return Err(of_model("Thinking may not be enabled when tool_choice forces tool use."));
            }
            asked.thinking = Some(shown);
        }
        _ => return Err(of_model("thinking: Input tag does not match any of the expected tags")),
    }
    Ok(())
}

/// A refusal that comes from behind Bedrock, from the model itself.
pub(crate) fn of_model(message: &str) -> Refusal {
    invalid(format!("The model returned the following errors: {message}"))
}

/// The schema comes as a string that holds JSON.
fn format(asked: &mut Asked, body: &Value) -> Result<(), Refusal> {
    let Some(format) = body.get("outputConfig").and_then(|config| given(config, "textFormat")) else {
        return Ok(());
    };
    let at = "outputConfig.textFormat.structure.jsonSchema.schema";
    let schema = format.pointer("/structure/jsonSchema/schema").ok_or_else(|| required(at))?;
    let schema = schema.as_str().and_then(|schema| serde_json::from_str(schema).ok());
    let schema: Value =
        schema.ok_or_else(|| invalid(format!("The value at {at} is not a valid JSON schema.")))?;
    asked.meter.json(&schema);
    asked.format = Some(Format::Schema(schema));
    Ok(())
}
