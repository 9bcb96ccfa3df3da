//! Reads a chat request. Like Ollama itself it reads over fields that it does not know. It must not know what will be
//! answered.
//!
//! <https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-chat-completion>

use serde_json::Value;

use super::error::invalid;
use crate::asked::{Asked, Choice, Format, Thinking, Tool};
use crate::fields::{decode_base64, given, list, text};
use crate::seen::SeenImage;
use crate::wire::Refusal;

const ROLES: &str = "must be one of [system, user, assistant, tool]";

pub(crate) fn read(model: &str, body: &Value) -> Result<Asked, Refusal> {
    let mut asked = Asked::new(model);
    asked.stream = body.get("stream").and_then(Value::as_bool).unwrap_or(true);
    tools(&mut asked, body)?;
    let messages = match body.get("messages") {
        None | Some(Value::Null) => &[],
        Some(Value::Array(messages)) => messages.as_slice(),
        Some(_) => return Err(wrong_type("messages", "[]api.Message")),
    };
    for message in messages {
        self::message(&mut asked, message)?;
    }
    options(&mut asked, body)?;
    format(&mut asked, body)?;
    asked.thinking = match body.get("think") {
        Some(Value::Bool(true)) => Some(Thinking::Shown),
        Some(Value::String(level)) if ["low", "medium", "high", "max"].contains(&level.as_str()) => {
            Some(Thinking::Shown)
        }
        None | Some(Value::Null | Value::Bool(false)) => None,
        Some(other) => {
            let message = format!(
                "invalid think value: {other} (must be \"high\", \"medium\", \"low\", true, or false)"
            );
            return Err(invalid(message));
        }
    };
    // Without messages the model is only loaded.
    if messages.is_empty() {
        asked.choice = Choice::None;
        asked.manner.answers = 0;
    }
    Ok(asked)
}

fn wrong_type(field: &str, wanted: &str) -> Refusal {
    invalid(format!("json: cannot unmarshal value into Go struct field ChatRequest.{field} of type {wanted}"))
}

fn tools(asked: &mut Asked, body: &Value) -> Result<(), Refusal> {
    for tool in list(body, "tools") {
        let function = given(tool, "function").unwrap_or(&Value::Null);
        let name = text(function, "name").ok_or_else(|| wrong_type("tools.function.name", "string"))?;
        let schema = given(function, "parameters").cloned().unwrap_or_default();
        asked.meter.json(tool);
        asked.tools.push(Tool { name: name.to_owned(), schema });
    }
    Ok(())
}

fn message(asked: &mut Asked, message: &Value) -> Result<(), Refusal> {
    let content = match message.get("content") {
        None | Some(Value::Null) => "",
        Some(Value::String(content)) => content,
        Some(_) => return Err(wrong_type("messages.content", "string")),
    };
    match text(message, "role").unwrap_or_default() {
        "system" => asked.system(content),
        "user" => {
            asked.said.user_message();
            if !content.is_empty() {
                asked.user_text(content);
            }
        }
        "assistant" => {
            asked.said.assistant_message();
            asked.meter.text(content);
            asked.meter.text(text(message, "thinking").unwrap_or_default());
            calls(asked, message)?;
        }
        "tool" => {
            let id = text(message, "tool_call_id").filter(|id| !id.is_empty());
            let id = id.or_else(|| text(message, "tool_name")).unwrap_or_default();
            asked.result(id, content.to_owned());
        }
        other => return Err(invalid(format!("invalid role: {other}, {ROLES}"))),
    }
    images(asked, message)
}

/// Arguments are an object here, where others have a string.
fn calls(asked: &mut Asked, message: &Value) -> Result<(), Refusal> {
    for call in list(message, "tool_calls") {
        let arguments = call.pointer("/function/arguments").filter(|arguments| !arguments.is_null());
        if arguments.is_some_and(|arguments| !arguments.is_object()) {
            return Err(wrong_type(
                "messages.tool_calls.function.arguments",
                "api.ToolCallFunctionArguments",
            ));
        }
        asked.meter.json(call);
    }
    Ok(())
}

fn images(asked: &mut Asked, message: &Value) -> Result<(), Refusal> {
    for image in list(message, "images") {
        let data = image.as_str().ok_or_else(|| wrong_type("messages.images", "api.ImageData"))?;
        let bytes = decode_base64(data).filter(|bytes| !bytes.is_empty());
        let bytes = bytes.ok_or_else(|| invalid("illegal base64 data at input byte 0"))?;
        asked.image(SeenImage::embedded(media_type(&bytes), &bytes));
    }
    Ok(())
}

/// Images come without their type; their first bytes tell it.
fn media_type(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'G', b'I', b'F', b'8', ..] => "image/gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        _ => "application/octet-stream",
    }
}

fn options(asked: &mut Asked, body: &Value) -> Result<(), Refusal> {
    let Some(options) = given(body, "options") else { return Ok(()) };
    // A negative number means that there is no limit.
    asked.max_tokens =
        options.get("num_predict").and_then(Value::as_i64).and_then(|most| u64::try_from(most).ok());
    for (key, value) in options.as_object().into_iter().flatten() {
        let is_number =
            matches!(key.as_str(), "temperature" | "top_p" | "top_k" | "num_ctx" | "seed" | "num_predict");
        if is_number && !value.is_number() {
            return Err(invalid(format!("option \"{key}\" must be of type float32")));
        }
    }
    asked.stop = match options.get("stop") {
        Some(Value::String(one)) => vec![one.clone()],
        _ => list(options, "stop").iter().filter_map(Value::as_str).map(str::to_owned).collect(),
    };
    Ok(())
}

fn format(asked: &mut Asked, body: &Value) -> Result<(), Refusal> {
    asked.format = match body.get("format") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) if name.is_empty() => None,
        Some(Value::String(name)) if name == "json" => Some(Format::Object),
        Some(schema @ Value::Object(_)) => Some(Format::Schema(schema.clone())),
        Some(other) => {
            return Err(invalid(format!(
                "invalid format: {other}; expected \"json\" or a valid JSON Schema object"
            )));
        }
    };
    Ok(())
}
