//! The content blocks of messages, one by one, and the cache marks on them. It must not know in which order blocks and
//! turns may stand.

use serde_json::Value;

use super::error::{invalid, required};
use crate::asked::Asked;
use crate::fields::{decode_base64, given, is_identifier, list, text};
use crate::meter::{FIVE_MINUTES, ONE_HOUR};
use crate::seen::SeenImage;
use crate::signature;
use crate::wire::Refusal;

const IMAGE_TYPES: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/// Reads blocks into a request.
pub(crate) struct Reader<'a> {
    pub(crate) asked: &'a mut Asked,
    /// Whether the call speaks the version of 2026.
    pub(crate) is_new: bool,
}

/// Refuses every other key.
pub(crate) fn only(value: &Value, at: &str, known: &[&str]) -> Result<(), Refusal> {
    let Some(fields) = value.as_object() else {
        return Err(invalid(format!("{at}: Input should be a valid dictionary")));
    };
    match fields.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(invalid(format!("{at}.{key}: Extra inputs are not permitted"))),
    }
}

impl Reader<'_> {
    pub(crate) fn user_block(&mut self, block: &Value, at: &str) -> Result<(), Refusal> {
        match text(block, "type") {
            Some("text") => {
                let said = self.text_block(block, at)?;
                self.asked.user_text(said);
            }
            Some("image") => {
                only(block, &format!("{at}.image"), &["type", "source", "cache_control"])?;
                let image = image(block, &format!("{at}.image"))?;
                self.asked.image(image);
            }
            Some("document" | "search_result" | "container_upload") => self.asked.meter.json(block),
            Some(other) => return Err(unexpected(at, other)),
            None => return Err(required(&format!("{at}.type"))),
        }
        self.mark(block, at)
    }

    pub(crate) fn assistant_block(&mut self, block: &Value, at: &str) -> Result<(), Refusal> {
        match text(block, "type") {
            Some("text") => {
                let said = self.text_block(block, at)?;
                self.asked.meter.text(said);
            }
            Some("thinking") => thinking(block, at)?,
            Some("redacted_thinking") => redacted_thinking(block, at)?,
            Some("tool_use") => self.tool_use(block, &format!("{at}.tool_use"))?,
            Some("document") if self.is_new => return Err(unexpected(at, "document")),
            // What the vendor's own tools left in the conversation.
            Some(kind)
                if kind.ends_with("_tool_result") || kind == "server_tool_use" || kind == "document" =>
            {
                self.asked.meter.json(block);
            }
            Some(other) => return Err(unexpected(at, other)),
            None => return Err(required(&format!("{at}.type"))),
        }
        self.mark(block, at)
    }

    /// The last assistant message may be the beginning of the reply.
    pub(crate) fn prefill(&mut self, said: &str, is_last: bool) -> Result<(), Refusal> {
        if is_last && said.ends_with(char::is_whitespace) {
            return Err(invalid("messages: final assistant content cannot end with trailing whitespace"));
        }
        self.asked.meter.text(said);
        Ok(())
    }

    /// A system message in the middle of the conversation.
    pub(crate) fn system_message(&mut self, message: &Value, at: &str) -> Result<(), Refusal> {
        match message.get("content") {
            Some(Value::String(said)) => self.asked.system(said),
            Some(Value::Array(blocks)) => {
                for (index, block) in blocks.iter().enumerate() {
                    let at = format!("{at}.content.{index}");
                    let said = self.text_block(block, &at)?;
                    self.asked.system(said);
                    self.mark(block, &at)?;
                }
            }
            _ => return Err(required(&format!("{at}.content"))),
        }
        Ok(())
    }

    fn text_block<'b>(&self, block: &'b Value, at: &str) -> Result<&'b str, Refusal> {
        only(block, &format!("{at}.text"), &["type", "text", "cache_control", "citations"])?;
        let said = text(block, "text").ok_or_else(|| required(&format!("{at}.text.text")))?;
        if said.is_empty() {
            return Err(invalid("messages: text content blocks must be non-empty"));
        }
        Ok(said)
    }

    fn tool_use(&mut self, block: &Value, at: &str) -> Result<(), Refusal> {
        only(block, at, &["type", "id", "name", "input", "cache_control", "caller", "toolset_name"])?;
        let id = text(block, "id").ok_or_else(|| required(&format!("{at}.id")))?;
        if !is_identifier(id, usize::MAX) {
            return Err(invalid(format!("{at}.id: String should match pattern '^[a-zA-Z0-9_-]+$'")));
        }
        text(block, "name").ok_or_else(|| required(&format!("{at}.name")))?;
        let input = block.get("input").ok_or_else(|| required(&format!("{at}.input")))?;
        if !input.is_object() {
            return Err(invalid(format!("{at}.input: Input should be a valid dictionary")));
        }
        self.asked.meter.json(block);
        Ok(())
    }

    pub(crate) fn tool_result(&mut self, block: &Value, id: &str, at: &str) -> Result<(), Refusal> {
        let inside = format!("{at}.tool_result");
        let known = ["type", "tool_use_id", "content", "is_error", "cache_control", "toolset_name"];
        only(block, &inside, &known)?;
        let mut said = text(block, "content").unwrap_or_default().to_owned();
        for (index, item) in list(block, "content").iter().enumerate() {
            let at = format!("{inside}.content.{index}");
            match text(item, "type") {
                Some("text") => {
                    let text = self.text_block(item, &at)?;
                    said.push_str(if said.is_empty() { "" } else { "\n" });
                    said.push_str(text);
                }
                Some("image") => {
                    let image = image(item, &format!("{at}.image"))?;
                    self.asked.image(image);
                }
                _ => said.push_str(&item.to_string()),
            }
        }
        self.asked.result(id, said);
        self.mark(block, at)
    }

    /// Marks the prefix that ends here if the block says so.
    pub(crate) fn mark(&mut self, block: &Value, at: &str) -> Result<(), Refusal> {
        let Some(mark) = given(block, "cache_control") else { return Ok(()) };
        if text(mark, "type") != Some("ephemeral") {
            return Err(invalid(format!("{at}.cache_control.type: Input should be 'ephemeral'")));
        }
        match text(mark, "ttl") {
            None | Some("5m") => self.asked.meter.mark(FIVE_MINUTES),
            Some("1h") => self.asked.meter.mark(ONE_HOUR),
            Some(_) => {
                return Err(invalid(format!(
                    "{at}.cache_control.ephemeral.ttl: Input should be '5m' or '1h'"
                )));
            }
        }
        Ok(())
    }
}

/// A thinking block must come back as it was given out.
fn thinking(block: &Value, at: &str) -> Result<(), Refusal> {
    let inside = format!("{at}.thinking");
    only(block, &inside, &["type", "thinking", "signature"])?;
    let thought = text(block, "thinking").ok_or_else(|| required(&format!("{inside}.thinking")))?;
    let given = text(block, "signature").ok_or_else(|| required(&format!("{inside}.signature")))?;
    if signature::is_genuine(thought, given) {
        return Ok(());
    }
    Err(invalid(format!("{at}: Invalid `signature` in `thinking` block")))
}

/// So must one that could not be read.
fn redacted_thinking(block: &Value, at: &str) -> Result<(), Refusal> {
    let inside = format!("{at}.redacted_thinking");
    only(block, &inside, &["type", "data"])?;
    let data = text(block, "data").ok_or_else(|| required(&format!("{inside}.data")))?;
    if signature::is_sealed(data) {
        return Ok(());
    }
    Err(invalid(format!("{at}: Invalid `data` in `redacted_thinking` block")))
}

fn image(block: &Value, at: &str) -> Result<SeenImage, Refusal> {
    let source = given(block, "source").ok_or_else(|| required(&format!("{at}.source")))?;
    match text(source, "type") {
        Some("base64") => {
            let at = format!("{at}.source.base64");
            let media_type =
                text(source, "media_type").ok_or_else(|| required(&format!("{at}.media_type")))?;
            if !IMAGE_TYPES.contains(&media_type) {
                return Err(invalid(format!(
                    "{at}.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'"
                )));
            }
            let data = text(source, "data").ok_or_else(|| required(&format!("{at}.data")))?;
            let bytes = decode_base64(data).filter(|bytes| !bytes.is_empty());
            let bytes = bytes.ok_or_else(|| invalid(format!("{at}.data: invalid base64 data")))?;
            Ok(SeenImage::embedded(media_type, &bytes))
        }
        Some("url") => Ok(SeenImage::linked(text(source, "url").unwrap_or_default())),
        Some("file") => Ok(SeenImage::linked(text(source, "file_id").unwrap_or_default())),
        _ => Err(invalid(format!("{at}.source: Input tag does not match any of the expected tags"))),
    }
}

fn unexpected(at: &str, kind: &str) -> Refusal {
    invalid(format!("{at}: Input tag '{kind}' found using 'type' does not match any of the expected tags"))
}
