//! The turns of a conversation and how tool uses and their results stand in them. It must not know what is inside the
//! other blocks.
//!
//! <https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use>

use serde_json::Value;

use super::content::{Reader, only};
use super::error::{invalid, required};
use crate::fields::{list, text};
use crate::wire::Refusal;

pub(crate) fn read(reader: &mut Reader<'_>, body: &Value) -> Result<(), Refusal> {
    let messages = body.get("messages").ok_or_else(|| required("messages"))?;
    let messages = messages.as_array().ok_or_else(|| invalid("messages: Input should be a valid list"))?;
    if messages.is_empty() {
        return Err(invalid("messages: at least one message is required"));
    }
    let is_enabled = body.get("thinking").and_then(|thinking| text(thinking, "type")) == Some("enabled");
    let mut turns = Turns { open: Vec::new(), assistant_at: 0, role: "" };
    for (index, message) in messages.iter().enumerate() {
        let at = format!("messages.{index}");
        only(message, &at, &["role", "content"])?;
        let role = text(message, "role").ok_or_else(|| required(&format!("{at}.role")))?;
        let is_last = index + 1 == messages.len();
        match role {
            "user" => turns.user(reader, message, index)?,
            "assistant" => turns.assistant(reader, message, index, is_last)?,
            "system" if index > 0 => reader.system_message(message, &at)?,
            "system" => {
                let message = "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` \
                    parameter, not \"system\" as an input message role.";
                return Err(invalid(message));
            }
            _ => return Err(invalid(format!("{at}.role: Input should be 'user' or 'assistant'"))),
        }
    }
    turns.refuse_open()?;
    if is_enabled { thinking_comes_first(messages) } else { Ok(()) }
}

/// Follows the turns. Messages of the same role that stand together are one turn.
struct Turns<'a> {
    /// Uses of the last assistant turn that have no result yet.
    open: Vec<&'a str>,
    assistant_at: usize,
    role: &'a str,
}

impl<'a> Turns<'a> {
    fn user(&mut self, reader: &mut Reader<'_>, message: &'a Value, index: usize) -> Result<(), Refusal> {
        let at = format!("messages.{index}");
        self.role = "user";
        reader.asked.said.user_message();
        match message.get("content") {
            Some(Value::String(text)) if text.is_empty() => {
                return Err(invalid(format!("{at}: user messages must have non-empty content")));
            }
            Some(Value::String(text)) => {
                self.refuse_open()?;
                reader.asked.user_text(text);
            }
            Some(Value::Array(blocks)) if blocks.is_empty() => {
                return Err(invalid(format!("{at}: user messages must have non-empty content")));
            }
            Some(Value::Array(blocks)) => {
                for (number, block) in blocks.iter().enumerate() {
                    self.user_block(reader, block, &format!("{at}.content.{number}"))?;
                }
            }
            _ => return Err(required(&format!("{at}.content"))),
        }
        Ok(())
    }

    fn user_block(&mut self, reader: &mut Reader<'_>, block: &'a Value, at: &str) -> Result<(), Refusal> {
        if text(block, "type") != Some("tool_result") {
            self.refuse_open()?;
            return reader.user_block(block, at);
        }
        let id =
            text(block, "tool_use_id").ok_or_else(|| required(&format!("{at}.tool_result.tool_use_id")))?;
        let Some(place) = self.open.iter().position(|open| *open == id) else {
            return Err(invalid(format!(
                "{at}: unexpected `tool_use_id` found in `tool_result` blocks: {id}. Each `tool_result` block must \
                 have a corresponding `tool_use` block in the previous message."
            )));
        };
        self.open.remove(place);
        reader.tool_result(block, id, at)
    }

    fn assistant(
        &mut self,
        reader: &mut Reader<'_>,
        message: &'a Value,
        index: usize,
        is_last: bool,
    ) -> Result<(), Refusal> {
        let at = format!("messages.{index}");
        if self.role.is_empty() {
            return Err(invalid("messages: first message must use the \"user\" role"));
        }
        if self.role == "user" {
            self.refuse_open()?;
        }
        self.role = "assistant";
        self.assistant_at = index;
        reader.asked.said.assistant_message();
        match message.get("content") {
            Some(Value::String(text)) if text.is_empty() && !is_last => Err(invalid(format!(
                "{at}: all messages must have non-empty content except for the optional final \
                    assistant message"
            ))),
            Some(Value::String(text)) => reader.prefill(text, is_last),
            Some(Value::Array(blocks)) => {
                for (number, block) in blocks.iter().enumerate() {
                    reader.assistant_block(block, &format!("{at}.content.{number}"))?;
                    if text(block, "type") == Some("tool_use") {
                        self.open.extend(text(block, "id"));
                    }
                }
                Ok(())
            }
            _ => Err(required(&format!("{at}.content"))),
        }
    }

    /// Something else than a result, or the end, while uses wait for their results.
    fn refuse_open(&self) -> Result<(), Refusal> {
        if self.open.is_empty() {
            return Ok(());
        }
        Err(invalid(format!(
            "messages.{}: `tool_use` ids were found without `tool_result` blocks immediately after: {}. Each \
             `tool_use` block must have a corresponding `tool_result` block in the next message.",
            self.assistant_at,
            self.open.join(", ")
        )))
    }
}

/// With thinking enabled, an assistant turn that uses tools must begin with the thinking that led to it.
fn thinking_comes_first(messages: &[Value]) -> Result<(), Refusal> {
    let last =
        messages.iter().enumerate().rev().find(|(_, message)| text(message, "role") == Some("assistant"));
    let Some((index, message)) = last else { return Ok(()) };
    let blocks = list(message, "content");
    let uses_tools = blocks.iter().any(|block| text(block, "type") == Some("tool_use"));
    let first = blocks.first().and_then(|block| text(block, "type")).unwrap_or_default();
    if !uses_tools || first == "thinking" || first == "redacted_thinking" {
        return Ok(());
    }
    Err(invalid(format!(
        "messages.{index}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{first}`. When \
         `thinking` is enabled, a final `assistant` message must start with a thinking block."
    )))
}
