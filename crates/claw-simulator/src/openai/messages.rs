//! Reads the messages of a chat completion and checks that tool calls and their results stand together.
//! It must not know the rest of the request.
//!
//! <https://platform.openai.com/docs/api-reference/chat/create#chat-create-messages>

use serde_json::Value;

use super::error::{invalid, missing, wrong_type};
use crate::asked::Asked;
use crate::fields::{decode_base64, given, list, text};
use crate::meter::FIVE_MINUTES;
use crate::seen::SeenImage;
use crate::wire::Refusal;

/// Models that take no system prompt.
const NO_SYSTEM: [&str; 2] = ["o1-mini", "o1-preview"];
/// Prompts shorter than this are not cached.
const LEAST_CACHED_TOKENS: u64 = 1024;

pub(crate) fn read(asked: &mut Asked, body: &Value) -> Result<(), Refusal> {
    let messages = given(body, "messages").ok_or_else(|| missing("messages"))?;
    let messages = messages.as_array().ok_or_else(|| wrong_type("messages", "an array of objects"))?;
    if messages.is_empty() {
        let message = "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty \
            array instead.";
        return Err(invalid(Some("empty_array"), "messages", message));
    }
    let has_system = !NO_SYSTEM.iter().any(|name| text(body, "model").unwrap_or_default().starts_with(name));
    let mut reader = Reader { asked, has_system, open_calls: Vec::new(), may_answer: false };
    for (index, message) in messages.iter().enumerate() {
        reader.message(index, message)?;
        if reader.asked.meter.input_tokens() >= LEAST_CACHED_TOKENS {
            reader.asked.meter.mark(FIVE_MINUTES);
        }
    }
    reader.refuse_open_calls(messages.len())
}

struct Reader<'a> {
    asked: &'a mut Asked,
    /// Whether the model takes a system prompt.
    has_system: bool,
    /// Calls of the last assistant message that have no result yet.
    open_calls: Vec<&'a str>,
    /// Whether a tool message may stand here.
    may_answer: bool,
}

impl<'a> Reader<'a> {
    fn message(&mut self, index: usize, message: &'a Value) -> Result<(), Refusal> {
        let at = format!("messages[{index}]");
        let role = text(message, "role").ok_or_else(|| missing(&format!("{at}.role")))?;
        if role != "tool" {
            self.refuse_open_calls(index)?;
            self.may_answer = false;
        }
        self.asked.meter.text(role);
        match role {
            "system" | "developer" if !self.has_system => {
                let param = format!("{at}.role");
                let message =
                    format!("Unsupported value: '{param}' does not support '{role}' with this model.");
                Err(invalid(Some("unsupported_value"), &param, message))
            }
            "system" | "developer" => {
                for text in self.texts(message, &at)? {
                    self.asked.system(text);
                }
                Ok(())
            }
            "user" => self.user(message, &at),
            "assistant" => self.assistant(message, &at),
            "tool" => self.tool(message, index),
            "function" => self.texts(message, &at).map(|_| ()),
            other => {
                let message = format!(
                    "Invalid value: '{other}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', \
                     and 'developer'."
                );
                Err(invalid(Some("invalid_value"), &format!("{at}.role"), message))
            }
        }
    }

    fn user(&mut self, message: &'a Value, at: &str) -> Result<(), Refusal> {
        self.asked.said.user_message();
        match message.get("content") {
            Some(Value::String(text)) => self.asked.user_text(text),
            Some(Value::Array(parts)) => {
                for (index, part) in parts.iter().enumerate() {
                    self.part(part, &format!("{at}.content[{index}]"))?;
                }
            }
            _ => return Err(no_content(at)),
        }
        Ok(())
    }

    fn part(&mut self, part: &Value, at: &str) -> Result<(), Refusal> {
        match text(part, "type") {
            Some("text") => {
                let text = text(part, "text").ok_or_else(|| missing(&format!("{at}.text")))?;
                self.asked.user_text(text);
            }
            Some("image_url") => {
                let link = part.get("image_url").and_then(|image| text(image, "url"));
                let link = link.ok_or_else(|| missing(&format!("{at}.image_url.url")))?;
                self.asked.image(image(link, at)?);
            }
            Some("input_audio" | "file") => self.asked.meter.json(part),
            Some(other) => {
                let message = format!(
                    "Invalid value: '{other}'. Supported values are: 'text', 'image_url', 'input_audio', 'refusal', \
                     'audio', and 'file'."
                );
                return Err(invalid(Some("invalid_value"), &format!("{at}.type"), message));
            }
            None => return Err(missing(&format!("{at}.type"))),
        }
        Ok(())
    }

    fn assistant(&mut self, message: &'a Value, at: &str) -> Result<(), Refusal> {
        self.asked.said.assistant_message();
        let calls = list(message, "tool_calls");
        let has_other = ["refusal", "audio", "function_call"].iter().any(|key| given(message, key).is_some());
        if given(message, "content").is_some() {
            for text in self.texts(message, at)? {
                self.asked.meter.text(text);
            }
        } else if calls.is_empty() && !has_other {
            return Err(no_content(at));
        }
        for (index, call) in calls.iter().enumerate() {
            let at = format!("{at}.tool_calls[{index}]");
            let id = text(call, "id").ok_or_else(|| missing(&format!("{at}.id")))?;
            self.asked.meter.json(call);
            self.open_calls.push(id);
            let Some(function) = given(call, "function") else { continue };
            text(function, "name").ok_or_else(|| missing(&format!("{at}.function.name")))?;
            let arguments = format!("{at}.function.arguments");
            given(function, "arguments")
                .ok_or_else(|| missing(&arguments))?
                .as_str()
                .ok_or_else(|| wrong_type(&arguments, "a string, but got an object instead"))?;
        }
        self.may_answer = !calls.is_empty();
        Ok(())
    }

    fn tool(&mut self, message: &'a Value, index: usize) -> Result<(), Refusal> {
        let at = format!("messages[{index}]");
        if !self.may_answer {
            let message = "Invalid parameter: messages with role 'tool' must be a response to a preceeding message \
                with 'tool_calls'.";
            return Err(invalid(None, &format!("messages.[{index}].role"), message));
        }
        let id = text(message, "tool_call_id").ok_or_else(|| missing(&format!("{at}.tool_call_id")))?;
        let Some(place) = self.open_calls.iter().position(|open| *open == id) else {
            let message = format!(
                "Invalid parameter: 'tool_call_id' of '{id}' not found in 'tool_calls' of previous message."
            );
            return Err(invalid(None, &format!("messages.[{index}].tool_call_id"), message));
        };
        self.open_calls.remove(place);
        let texts = self.texts(message, &at)?;
        self.asked.result(id, texts.join("\n"));
        Ok(())
    }

    /// The content of a message that may only have text.
    fn texts(&self, message: &'a Value, at: &str) -> Result<Vec<&'a str>, Refusal> {
        match message.get("content") {
            Some(Value::String(text)) => Ok(vec![text]),
            Some(Value::Array(parts)) => {
                let mut texts = Vec::with_capacity(parts.len());
                for (index, part) in parts.iter().enumerate() {
                    texts.push(self.text_part(part, &format!("{at}.content[{index}]"))?);
                }
                Ok(texts)
            }
            _ => Err(no_content(at)),
        }
    }

    fn text_part(&self, part: &'a Value, at: &str) -> Result<&'a str, Refusal> {
        let kind = text(part, "type").ok_or_else(|| missing(&format!("{at}.type")))?;
        match text(part, kind) {
            Some(said) if kind == "text" || kind == "refusal" => Ok(said),
            _ => {
                let message = format!("Invalid value: '{kind}'. Supported values are: 'text'.");
                Err(invalid(Some("invalid_value"), &format!("{at}.type"), message))
            }
        }
    }

    /// Another message than a result, or the end, while calls wait for their results.
    fn refuse_open_calls(&self, index: usize) -> Result<(), Refusal> {
        if self.open_calls.is_empty() {
            return Ok(());
        }
        let message = format!(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each \
             'tool_call_id'. The following tool_call_ids did not have response messages: {}",
            self.open_calls.join(", ")
        );
        Err(invalid(None, &format!("messages.[{index}].role"), message))
    }
}

fn no_content(at: &str) -> Refusal {
    let message = "Invalid value for 'content': expected a string, got null.";
    invalid(None, &format!("{at}.content"), message)
}

fn image(link: &str, at: &str) -> Result<SeenImage, Refusal> {
    let Some(data) = link.strip_prefix("data:") else {
        return Ok(SeenImage::linked(link));
    };
    let (media_type, data) = data.split_once(";base64,").unwrap_or_default();
    match decode_base64(data) {
        Some(bytes) if media_type.starts_with("image/") && !bytes.is_empty() => {
            Ok(SeenImage::embedded(media_type, &bytes))
        }
        _ => Err(invalid(
            Some("invalid_image_url"),
            &format!("{at}.image_url.url"),
            "Invalid base64 image_url.",
        )),
    }
}
