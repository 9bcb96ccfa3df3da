//! Reads the messages of a Converse request and checks that roles alternate and that every tool use has its result in
//! the very next turn. It must not know the rest of the request.
//!
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html>

use serde_json::Value;

use super::error::{constraint, invalid, required};
use super::request::{identifier, mark, of_model};
use crate::asked::Asked;
use crate::fields::{decode_base64, given, list, text};
use crate::seen::SeenImage;
use crate::signature;
use crate::wire::Refusal;

const IMAGE_FORMATS: [&str; 4] = ["gif", "jpeg", "png", "webp"];

pub(crate) fn read(asked: &mut Asked, body: &Value) -> Result<(), Refusal> {
    let mut reader = Reader { asked, open: Vec::new(), role: "", has_tool_blocks: false };
    let messages = list(body, "messages");
    for (index, message) in messages.iter().enumerate() {
        reader.message(index, message)?;
    }
    if reader.role.is_empty() {
        return Err(starts_with_user());
    }
    if !reader.open.is_empty() {
        return Err(no_results(&format!("messages.{}", messages.len()), &reader.open));
    }
    if reader.has_tool_blocks && given(body, "toolConfig").is_none() {
        let message =
            "The toolConfig field must be defined when using toolUse and toolResult content blocks.";
        return Err(invalid(message));
    }
    Ok(())
}

fn no_results(at: &str, ids: &[&str]) -> Refusal {
    let ids = ids.join(", ");
    invalid(format!("Expected toolResult blocks at {at}.content for the following Ids: {ids}"))
}

fn starts_with_user() -> Refusal {
    invalid(
        "A conversation must start with a user message. Try again with a conversation that starts with a user \
        message.",
    )
}

struct Reader<'a> {
    asked: &'a mut Asked,
    /// Whether the conversation has tool uses or results, which ask for the tools that they are of.
    has_tool_blocks: bool,
    /// Uses of the last assistant turn, which the turn that is read must answer.
    open: Vec<&'a str>,
    role: &'a str,
}

impl<'a> Reader<'a> {
    fn message(&mut self, index: usize, message: &'a Value) -> Result<(), Refusal> {
        let at = format!("messages.{index}");
        let role =
            text(message, "role").ok_or_else(|| required(&format!("messages.{}.member.role", index + 1)))?;
        let blocks = list(message, "content");
        match role {
            "system" => return self.system(blocks),
            "user" | "assistant" if role == self.role => {
                return Err(invalid(
                    "A conversation must alternate between user and assistant roles. Make sure the \
                    conversation alternates between user and assistant roles and try again.",
                ));
            }
            "assistant" if self.role.is_empty() => return Err(starts_with_user()),
            "user" | "assistant" => self.role = role,
            other => {
                let at = format!("messages.{}.member.role", index + 1);
                return Err(constraint(
                    other,
                    &at,
                    "Member must satisfy enum value set: [user, assistant, system]",
                ));
            }
        }
        if blocks.is_empty() {
            return Err(invalid(format!(
                "The content field in the Message object at {at} is empty. Add a ContentBlock object to the content \
                 field and try again."
            )));
        }
        if role == "user" { self.user(blocks, &at) } else { self.assistant(blocks, &at) }
    }

    fn system(&mut self, blocks: &[Value]) -> Result<(), Refusal> {
        for block in blocks {
            if let Some(said) = text(block, "text") {
                self.asked.system(said);
            }
            mark(self.asked, block)?;
        }
        Ok(())
    }

    fn user(&mut self, blocks: &'a [Value], at: &str) -> Result<(), Refusal> {
        self.asked.said.user_message();
        let expected = std::mem::take(&mut self.open);
        let results = || blocks.iter().filter_map(|block| given(block, "toolResult"));
        let answered: Vec<_> = results().filter_map(|result| text(result, "toolUseId")).collect();
        let missing: Vec<_> = expected.iter().filter(|id| !answered.contains(id)).copied().collect();
        if !missing.is_empty() {
            return Err(no_results(at, &missing));
        }
        if answered.len() > expected.len() || answered.iter().any(|id| !expected.contains(id)) {
            return Err(invalid(format!(
                "The number of toolResult blocks at {at}.content exceeds the number of toolUse blocks of previous turn."
            )));
        }
        for (index, block) in blocks.iter().enumerate() {
            self.user_block(block, &format!("{at}.content.{index}"))?;
        }
        Ok(())
    }

    fn user_block(&mut self, block: &Value, at: &str) -> Result<(), Refusal> {
        if let Some(said) = given(block, "text") {
            let said = not_empty(said, at)?;
            self.asked.user_text(said);
        } else if let Some(image) = given(block, "image") {
            let image = self::image(image, at)?;
            self.asked.image(image);
        } else if let Some(result) = given(block, "toolResult") {
            self.tool_result(result, at)?;
        } else if let Some(document) = given(block, "document") {
            self.document(document, at)?;
        } else if !mark(self.asked, block)? && !self.is_other(block) {
            return Err(no_known_key(at));
        }
        Ok(())
    }

    fn assistant(&mut self, blocks: &'a [Value], at: &str) -> Result<(), Refusal> {
        self.asked.said.assistant_message();
        for (index, block) in blocks.iter().enumerate() {
            let at = format!("{at}.content.{index}");
            if let Some(said) = given(block, "text") {
                let said = not_empty(said, &at)?;
                self.asked.meter.text(said);
            } else if let Some(call) = given(block, "toolUse") {
                self.tool_use(call, &at)?;
            } else if let Some(thought) = given(block, "reasoningContent") {
                thinking(thought, &at)?;
            } else if !mark(self.asked, block)? && !self.is_other(block) {
                return Err(no_known_key(&at));
            }
        }
        Ok(())
    }

    fn tool_use(&mut self, call: &'a Value, at: &str) -> Result<(), Refusal> {
        self.has_tool_blocks = true;
        let at = format!("{at}.toolUse");
        let id = text(call, "toolUseId").ok_or_else(|| required(&format!("{at}.toolUseId")))?;
        identifier(id, &format!("{at}.toolUseId"))?;
        let name = text(call, "name").ok_or_else(|| required(&format!("{at}.name")))?;
        identifier(name, &format!("{at}.name"))?;
        let input = call.get("input").ok_or_else(|| required(&format!("{at}.input")))?;
        if !input.is_object() {
            return Err(invalid(format!(
                "The format of the value at {at}.input is invalid. Provide a json object for the field and try again."
            )));
        }
        self.asked.meter.json(call);
        self.open.push(id);
        Ok(())
    }

    fn tool_result(&mut self, result: &Value, at: &str) -> Result<(), Refusal> {
        self.has_tool_blocks = true;
        let at = format!("{at}.toolResult");
        let id = text(result, "toolUseId").unwrap_or_default();
        if !result.get("content").is_some_and(Value::is_array) {
            return Err(required(&format!("{at}.content")));
        }
        let mut said = Vec::new();
        for (index, item) in list(result, "content").iter().enumerate() {
            let at = format!("{at}.content.{index}");
            if let Some(text) = given(item, "text") {
                said.push(not_empty(text, &at)?.to_owned());
            } else if let Some(value) = given(item, "json") {
                said.push(value.to_string());
            } else if let Some(image) = given(item, "image") {
                let image = self::image(image, &at)?;
                self.asked.image(image);
            } else if !["document", "video", "searchResult"].iter().any(|key| given(item, key).is_some()) {
                return Err(no_known_key(&at));
            }
        }
        self.asked.result(id, said.join("\n"));
        Ok(())
    }

    fn document(&mut self, document: &Value, at: &str) -> Result<(), Refusal> {
        let name = text(document, "name").ok_or_else(|| required(&format!("{at}.document.name")))?;
        let is_allowed = |c: char| c.is_alphanumeric() || " -()[]".contains(c);
        if name.is_empty() || name.contains("  ") || !name.chars().all(is_allowed) {
            return Err(invalid(
                "The document file name can only contain alphanumeric characters, whitespace characters, hyphens, \
                 parentheses, and square brackets. The name can't contain more than one consecutive whitespace character.",
            ));
        }
        self.asked.meter.json(document);
        Ok(())
    }

    /// Blocks that the simulator reads over.
    fn is_other(&mut self, block: &Value) -> bool {
        let known = [
            "video",
            "audio",
            "guardContent",
            "citationsContent",
            "searchResult",
            "toolAddition",
            "toolRemoval",
        ];
        self.asked.meter.json(block);
        known.iter().any(|key| given(block, key).is_some())
    }
}

fn not_empty<'v>(said: &'v Value, at: &str) -> Result<&'v str, Refusal> {
    match said.as_str() {
        Some(said) if !said.is_empty() => Ok(said),
        _ => Err(invalid(format!(
            "The text field in the ContentBlock object at {at} is blank. Add text to the text field, and try again."
        ))),
    }
}

/// A thinking block must come back as it was given out.
fn thinking(thought: &Value, at: &str) -> Result<(), Refusal> {
    let Some(reasoning) = given(thought, "reasoningText") else {
        return redacted(thought, at);
    };
    let said = text(reasoning, "text")
        .ok_or_else(|| required(&format!("{at}.reasoningContent.reasoningText.text")))?;
    match text(reasoning, "signature") {
        Some(given) if signature::is_genuine(said, given) => Ok(()),
        Some(_) => Err(of_model(&format!("{at}: Invalid `signature` in `thinking` block"))),
        None => Err(of_model(&format!("{at}.thinking.signature: Field required"))),
    }
}

/// So must one that could not be read.
fn redacted(thought: &Value, at: &str) -> Result<(), Refusal> {
    let blob = text(thought, "redactedContent").ok_or_else(|| no_known_key(at))?;
    let data = decode_base64(blob).and_then(|data| String::from_utf8(data).ok()).unwrap_or_default();
    if signature::is_sealed(&data) {
        return Ok(());
    }
    Err(of_model(&format!("{at}: Invalid `data` in `redacted_thinking` block")))
}

fn image(image: &Value, at: &str) -> Result<SeenImage, Refusal> {
    let at = format!("{at}.image");
    let format = text(image, "format").ok_or_else(|| required(&format!("{at}.format")))?;
    if !IMAGE_FORMATS.contains(&format) {
        let bound = "Member must satisfy enum value set: [gif, jpeg, png, webp]";
        return Err(constraint(format, &format!("{at}.format"), bound));
    }
    let source = given(image, "source").ok_or_else(|| required(&format!("{at}.source")))?;
    if let Some(location) = given(source, "s3Location") {
        return Ok(SeenImage::linked(text(location, "uri").unwrap_or_default()));
    }
    let data = text(source, "bytes").ok_or_else(|| required(&format!("{at}.source.bytes")))?;
    match decode_base64(data).filter(|bytes| !bytes.is_empty()) {
        Some(bytes) => Ok(SeenImage::embedded(&format!("image/{format}"), &bytes)),
        None => Err(invalid(format!("The value at {at}.source.bytes is not valid base64."))),
    }
}

fn no_known_key(at: &str) -> Refusal {
    invalid(format!(
        "ContentBlock object at {at} must set one of the following keys: text, image, toolUse, toolResult, document, \
         video, cachePoint, reasoningContent, citationsContent, searchResult."
    ))
}
