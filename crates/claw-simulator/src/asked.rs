//! What a request asks for, without its vendor's spelling. The vendors' `request.rs` files fill it in and the script
//! is written from it. It must not know any vendor's field names.

use serde_json::Value;

use crate::meter::Meter;
use crate::seen::{SeenImage, SeenToolResult};
use crate::signature::sha256_hex;

/// One request, read and found valid.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) stream: bool,
    pub(crate) system: String,
    pub(crate) said: Said,
    pub(crate) tools: Vec<Tool>,
    pub(crate) choice: Choice,
    pub(crate) one_call_only: bool,
    pub(crate) thinking: Option<Thinking>,
    pub(crate) max_tokens: Option<u64>,
    pub(crate) stop: Vec<String>,
    pub(crate) format: Option<Format>,
    pub(crate) manner: Manner,
    pub(crate) meter: Meter,
}

impl Asked {
    /// A request for one plain reply of `model`.
    pub(crate) fn new(model: &str) -> Self {
        Self {
            stream: false,
            system: String::new(),
            said: Said::default(),
            tools: Vec::new(),
            choice: Choice::Auto,
            one_call_only: false,
            thinking: None,
            max_tokens: None,
            stop: Vec::new(),
            format: None,
            manner: Manner::default(),
            meter: Meter::new(model),
        }
    }

    /// Adds a piece of the system prompt.
    pub(crate) fn system(&mut self, text: &str) {
        if !self.system.is_empty() {
            self.system.push('\n');
        }
        self.system.push_str(text);
        self.meter.text(text);
    }

    /// Adds a text that the user said in the message which is being read.
    pub(crate) fn user_text(&mut self, text: &str) {
        self.said.user_text(text);
        self.meter.text(text);
    }

    /// Adds an image of a user's message or of a tool's result.
    pub(crate) fn image(&mut self, image: SeenImage) {
        self.meter.image(&image.sha256);
        self.said.images.push(image);
    }

    /// Adds the result of a tool call.
    pub(crate) fn result(&mut self, id: &str, text: String) {
        self.meter.text(id);
        self.meter.text(&text);
        self.said.results.push(SeenToolResult { id: id.to_owned(), text });
    }
}

/// What was said so far, as far as the reply speaks of it.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// The texts of the last user message that has any.
    pub(crate) text: String,
    /// All images, in order.
    pub(crate) images: Vec<SeenImage>,
    /// All tool results, in order.
    pub(crate) results: Vec<SeenToolResult>,
    answered_images: usize,
    answered_results: usize,
    message_has_text: bool,
}

impl Said {
    /// A user's message begins.
    pub(crate) fn user_message(&mut self) {
        self.message_has_text = false;
    }

    /// An assistant's message: everything before it was answered.
    pub(crate) fn assistant_message(&mut self) {
        self.answered_images = self.images.len();
        self.answered_results = self.results.len();
    }

    fn user_text(&mut self, text: &str) {
        if self.message_has_text {
            self.text.push('\n');
        } else {
            self.text.clear();
        }
        self.message_has_text = true;
        self.text.push_str(text);
    }

    /// The images since the assistant spoke last.
    pub(crate) fn new_images(&self) -> &[SeenImage] {
        self.images.get(self.answered_images..).unwrap_or_default()
    }

    /// The tool results since the assistant spoke last.
    pub(crate) fn new_results(&self) -> &[SeenToolResult] {
        self.results.get(self.answered_results..).unwrap_or_default()
    }
}

impl SeenImage {
    /// An image that came in the request.
    pub(crate) fn embedded(media_type: &str, bytes: &[u8]) -> Self {
        Self { media_type: media_type.to_owned(), bytes: bytes.len() as u64, sha256: sha256_hex(bytes) }
    }

    /// An image that the request only points to; the address stands for its bytes.
    pub(crate) fn linked(address: &str) -> Self {
        Self::embedded("url", address.as_bytes())
    }
}

/// A tool that may be called.
#[derive(Debug)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) schema: Value,
}

/// Whether tools must be called.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Auto,
    None,
    Named(String),
}

/// How thinking is shown to the caller who asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thinking {
    /// Its text is in the reply.
    Shown,
    /// A block with a signature and no text.
    Omitted,
    /// Only its tokens are counted.
    Counted,
}

/// The form that the text must have.
#[derive(Debug)]
pub(crate) enum Format {
    /// Any JSON object.
    Object,
    /// An instance of this JSON schema.
    Schema(Value),
}

/// Small wishes about the form of the reply, each of one vendor only.
#[derive(Debug, Clone)]
pub(crate) struct Manner {
    /// How many alternative answers (OpenAI's `n`).
    pub(crate) answers: usize,
    /// OpenAI: a last chunk with the usage.
    pub(crate) usage_in_stream: bool,
    /// OpenAI: random padding on every chunk.
    pub(crate) padding: bool,
    /// OpenAI: the log probability of every token.
    pub(crate) logprobs: bool,
    /// Bedrock: say which stop sequence it was.
    pub(crate) name_the_stop: bool,
}

impl Default for Manner {
    fn default() -> Self {
        Self { answers: 1, usage_in_stream: false, padding: true, logprobs: false, name_the_stop: false }
    }
}
