//! Reads a chat completion request: its envelope, tools and format. Messages and sampling parameters have files of
//! their own. It must not know what will be answered.
//!
//! <https://platform.openai.com/docs/api-reference/chat/create>

use serde_json::Value;

use super::error::{invalid, missing, wrong_type};
use super::{messages, params};
use crate::asked::{Asked, Choice, Format, Thinking, Tool};
use crate::fields::{given, is_identifier, is_true, list, text};
use crate::wire::Refusal;

/// The parameters of the API, as its OpenAPI document lists them.
const KNOWN: [&str; 37] = [
    "audio",
    "frequency_penalty",
    "function_call",
    "functions",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "metadata",
    "modalities",
    "model",
    "moderation",
    "n",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "user",
    "verbosity",
    "web_search_options",
];

pub(crate) fn read(model: &str, body: &Value) -> Result<Asked, Refusal> {
    let name = model.split('~').next().unwrap_or_default();
    // Compatible vendors, which DeepSeek stands for here, have parameters of their own.
    if !name.starts_with("deepseek") {
        refuse_unknown(body)?;
    }
    let mut asked = Asked::new(model);
    asked.stream = is_true(body, "stream");
    params::read(&mut asked, name, body)?;
    stream_options(&mut asked, body)?;
    tools(&mut asked, body)?;
    format(&mut asked, body)?;
    messages::read(&mut asked, body)?;
    asked.thinking = match text(body, "reasoning_effort") {
        None | Some("none") => None,
        Some(_) if name.starts_with("deepseek") => Some(Thinking::Shown),
        Some(_) => Some(Thinking::Counted),
    };
    Ok(asked)
}

fn refuse_unknown(body: &Value) -> Result<(), Refusal> {
    let unknown = body.as_object().and_then(|body| body.keys().find(|key| !KNOWN.contains(&key.as_str())));
    match unknown {
        None => Ok(()),
        Some(key) => Err(invalid(Some("unknown_parameter"), key, format!("Unknown parameter: '{key}'."))),
    }
}

fn stream_options(asked: &mut Asked, body: &Value) -> Result<(), Refusal> {
    let Some(options) = given(body, "stream_options") else { return Ok(()) };
    if !asked.stream {
        let message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
        return Err(invalid(None, "stream_options", message));
    }
    asked.manner.usage_in_stream = is_true(options, "include_usage");
    asked.manner.padding = options.get("include_obfuscation").and_then(Value::as_bool).unwrap_or(true);
    Ok(())
}

fn tools(asked: &mut Asked, body: &Value) -> Result<(), Refusal> {
    let tools = list(body, "tools");
    if given(body, "tools").is_some() && tools.is_empty() {
        let message = "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array \
            instead.";
        return Err(invalid(Some("empty_array"), "tools", message));
    }
    for (index, tool) in tools.iter().enumerate() {
        let at = format!("tools[{index}]");
        asked.meter.json(tool);
        match text(tool, "type") {
            Some("function") => asked.tools.push(function(tool, &at)?),
            Some("custom") => {}
            Some(other) => {
                let message =
                    format!("Invalid value: '{other}'. Supported values are: 'function' and 'custom'.");
                return Err(invalid(Some("invalid_value"), &format!("{at}.type"), message));
            }
            None => return Err(missing(&format!("{at}.type"))),
        }
    }
    tool_choice(asked, body, tools.is_empty())
}

fn function(tool: &Value, at: &str) -> Result<Tool, Refusal> {
    let function = given(tool, "function").ok_or_else(|| missing(&format!("{at}.function")))?;
    let name = text(function, "name").ok_or_else(|| missing(&format!("{at}.function.name")))?;
    if !is_identifier(name, 64) {
        let at = format!("{at}.function.name");
        let message = format!(
            "Invalid '{at}': string does not match pattern. Expected a string that matches the pattern \
             '^[a-zA-Z0-9_-]+$' and has at most 64 characters."
        );
        return Err(invalid(Some("invalid_value"), &at, message));
    }
    let schema =
        given(function, "parameters").cloned().unwrap_or_else(|| serde_json::json!({"type": "object"}));
    let is_object = text(&schema, "type") == Some("object");
    let is_closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    if !is_object || (is_true(function, "strict") && !is_closed) {
        let message = if is_object {
            format!(
                "Invalid schema for function '{name}': In context=(), 'additionalProperties' is required to be \
                 supplied and to be false."
            )
        } else {
            format!(
                "Invalid schema for function '{name}': schema must be a JSON Schema of 'type: \"object\"'."
            )
        };
        let at = format!("{at}.function.parameters");
        return Err(invalid(Some("invalid_function_parameters"), &at, message));
    }
    Ok(Tool { name: name.to_owned(), schema })
}

fn tool_choice(asked: &mut Asked, body: &Value, has_no_tools: bool) -> Result<(), Refusal> {
    for param in ["tool_choice", "parallel_tool_calls"] {
        if has_no_tools && given(body, param).is_some() {
            let message =
                format!("Invalid value for '{param}': '{param}' is only allowed when 'tools' are specified.");
            return Err(invalid(None, param, message));
        }
    }
    asked.one_call_only = body.get("parallel_tool_calls") == Some(&Value::Bool(false));
    let Some(choice) = given(body, "tool_choice") else { return Ok(()) };
    asked.choice = match (choice.as_str(), text(choice, "type")) {
        (Some("none"), _) => Choice::None,
        (Some("auto" | "required"), _) => Choice::Auto,
        (None, Some("function")) => named(asked, choice)?,
        (None, Some("allowed_tools")) => allowed(asked, choice),
        (None, Some("custom")) => Choice::Auto,
        _ => {
            let message =
                "Invalid value for 'tool_choice'. Supported values are: 'none', 'auto', and 'required'.";
            return Err(invalid(Some("invalid_value"), "tool_choice", message));
        }
    };
    Ok(())
}

fn named(asked: &Asked, choice: &Value) -> Result<Choice, Refusal> {
    let name = choice.get("function").and_then(|function| text(function, "name")).unwrap_or_default();
    if asked.tools.iter().any(|tool| tool.name == name) {
        return Ok(Choice::Named(name.to_owned()));
    }
    let message = format!("Tool choice '{name}' not found in 'tools' parameter.");
    Err(invalid(None, "tool_choice", message))
}

/// `allowed_tools` leaves only some of the tools to choose from.
fn allowed(asked: &mut Asked, choice: &Value) -> Choice {
    let allowed = list(choice.get("allowed_tools").unwrap_or(choice), "tools");
    let names: Vec<_> = allowed
        .iter()
        .filter_map(|tool| tool.get("function"))
        .filter_map(|tool| text(tool, "name"))
        .collect();
    asked.tools.retain(|tool| names.contains(&tool.name.as_str()));
    Choice::Auto
}

fn format(asked: &mut Asked, body: &Value) -> Result<(), Refusal> {
    let Some(format) = given(body, "response_format") else { return Ok(()) };
    asked.meter.json(format);
    match text(format, "type") {
        Some("text") => {}
        Some("json_object") => asked.format = Some(Format::Object),
        Some("json_schema") => {
            let at = "response_format.json_schema";
            let named = given(format, "json_schema").ok_or_else(|| missing(at))?;
            let name = text(named, "name").ok_or_else(|| missing(&format!("{at}.name")))?;
            let schema = given(named, "schema").ok_or_else(|| missing(&format!("{at}.schema")))?;
            if is_true(named, "strict") && schema.get("additionalProperties") != Some(&Value::Bool(false)) {
                let message = format!(
                    "Invalid schema for response_format '{name}': In context=(), 'additionalProperties' is required \
                     to be supplied and to be false."
                );
                return Err(invalid(Some("invalid_json_schema"), "response_format", message));
            }
            asked.format = Some(Format::Schema(schema.clone()));
        }
        _ => return Err(wrong_type("response_format.type", "one of 'text', 'json_object' or 'json_schema'")),
    }
    Ok(())
}
