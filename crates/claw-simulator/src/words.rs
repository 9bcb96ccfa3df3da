//! The words of a reply: who says hello, what it read, and padding to a wanted size. It must not know what becomes of
//! them on the wire.

use crate::asked::{Asked, Format};
use crate::synthesis;
use crate::vendor::Vendor;
use serde_json::json;

const MAX_QUOTE_BYTES: usize = 400;
const MAX_SYSTEM_CHARS: usize = 60;
const SHOWN_DIGEST_CHARS: usize = 16;
const FILLER: &str = " and so the reply goes on with words that carry no meaning beyond their length";

/// The sentence before tool calls, if one is wanted.
pub(crate) const BEFORE_TOOLS: &str = "Let me look that up.";

/// What a model says that will not answer.
pub(crate) const REFUSAL: &str = "I can't help with that.";

/// The text of a reply, of the form that was asked for.
pub(crate) fn reply(vendor: Vendor, model: &str, asked: &Asked) -> String {
    match &asked.format {
        None => greeting(vendor, model, asked),
        Some(Format::Object) => json!({ "reply": greeting(vendor, model, asked) }).to_string(),
        Some(Format::Schema(schema)) => synthesis::instance(schema, 1).to_string(),
    }
}

fn greeting(vendor: Vendor, model: &str, asked: &Asked) -> String {
    let mut text = format!("Hello from the simulated {} model {model}.", vendor.as_str());
    if !asked.said.text.is_empty() {
        text.push_str(" You said: ");
        text.push_str(quote(&asked.said.text));
    }
    if !asked.system.is_empty() {
        text.push_str(" system: ");
        text.extend(asked.system.chars().take(MAX_SYSTEM_CHARS));
    }
    for (number, image) in asked.said.new_images().iter().enumerate() {
        let digest = image.sha256.get(..SHOWN_DIGEST_CHARS).unwrap_or_default();
        let (number, bytes) = (number + 1, image.bytes);
        text.push_str(&format!(" image {number}: {}, {bytes} bytes, sha256 {digest}", image.media_type));
    }
    for result in asked.said.new_results() {
        text.push_str(&format!(" tool result {}: {}", result.id, quote(&result.text)));
    }
    text
}

/// What the model thinks before it answers.
pub(crate) fn thought(asked: &Asked) -> String {
    format!("The user wrote: {} I will answer plainly.", quote(&asked.said.text))
}

fn quote(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MAX_QUOTE_BYTES)).unwrap_or(text)
}

/// Makes a text exactly `size` bytes long.
pub(crate) fn resize(text: &mut String, size: usize) {
    text.truncate(text.floor_char_boundary(size));
    while text.len() < size {
        let missing = size - text.len();
        text.push_str(FILLER.get(..missing.min(FILLER.len())).unwrap_or(FILLER));
    }
}

/// Makes a text long enough to be cut into so many pieces, each of at least one character.
pub(crate) fn stretch(text: &mut String, pieces: usize) {
    let least = if text.is_ascii() { pieces } else { pieces.saturating_mul(char::MAX_LEN_UTF8) };
    if text.len() < least {
        resize(text, least);
    }
}
