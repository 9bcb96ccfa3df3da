//! The one place that picks a dialect. Every dialect offers the same functions; this only matches.

use bytes::Bytes;
use claw_hub::{Dialect, Event, Losses, Refusal, Reply, Request, Target};

use crate::frame::Frame;
use crate::tool_names::ToolNames;
use crate::{anthropic_messages, bedrock_converse, ollama_chat, openai_chat, openclaw_chat};

/// What the path already says of a request, for dialects that do not say it in the body (Bedrock).
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The model.
    pub model: Option<String>,
    /// Whether to stream.
    pub stream: Option<bool>,
}

/// What a reply says of itself to the caller.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The gateway's id of the request; the reply's id where the provider gave none.
    pub request_id: String,
    /// The model that answered, as the caller may name it (`provider/model`'s last part, or what the provider said).
    pub model: String,
    /// When, in seconds since 1970.
    pub created_unix_s: u64,
    /// Whether the caller wants usage in a stream.
    pub include_usage: bool,
}

/// A refusal in a dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The HTTP status.
    pub status: u16,
    /// Headers of the dialect, such as `x-should-retry`, `retry-after` or `x-amzn-errortype`; names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body (JSON in every dialect).
    pub body: Vec<u8>,
}

/// Reads a request. The raw bytes are kept in it, with the places that may be changed.
///
/// # Errors
/// The body is not a request of this dialect: a refusal that names the field.
pub fn decode_request(dialect: Dialect, body: &Bytes, asked: &Asked) -> Result<Request, Refusal> {
    match dialect {
        Dialect::OpenaiChat => openai_chat::request::decode(body),
        Dialect::AnthropicMessages => anthropic_messages::request::decode(body),
        Dialect::BedrockConverse => bedrock_converse::request::decode(body, asked),
        Dialect::OllamaChat => ollama_chat::request::decode(body),
        Dialect::OpenclawChat => openclaw_chat::request::decode(body),
    }
}

/// Writes a request for a target, in the target's dialect. What it cannot say is noted in `losses`.
///
/// # Errors
/// The target cannot do it at all (a server tool, several replies, our own dialect).
pub fn encode_request(request: &Request, target: &Target, losses: &mut Losses) -> Result<Vec<u8>, Refusal> {
    match target.dialect {
        Dialect::OpenaiChat => openai_chat::request::encode(request, target, losses),
        Dialect::AnthropicMessages => anthropic_messages::request::encode(request, target, losses),
        Dialect::BedrockConverse => bedrock_converse::request::encode(request, target, losses),
        Dialect::OllamaChat => ollama_chat::request::encode(request, target, losses),
        Dialect::OpenclawChat => openclaw_chat::request::encode(request, target, losses),
    }
}

/// The tool names that [`encode_request`] writes otherwise than the caller said them, because the target does not allow them. They are to be
/// restored in the reply: call this with the same request and target, then [`ToolNames::restore_event`] on every decoded event, or
/// [`ToolNames::restore_reply`]. Most requests have none.
pub fn tool_names(request: &Request, target: &Target) -> ToolNames {
    match target.dialect {
        Dialect::BedrockConverse => ToolNames::of(request, bedrock_converse::TOOL_NAME_PATTERN),
        Dialect::AnthropicMessages => ToolNames::of(request, anthropic_messages::TOOL_NAME_PATTERN),
        Dialect::OpenaiChat => openai_chat::request::tool_names(request),
        Dialect::OllamaChat | Dialect::OpenclawChat => ToolNames::default(),
    }
}

/// Reads a whole reply.
///
/// # Errors
/// The body is not a reply of this dialect (the provider's fault), or an error in a success's clothes.
pub fn decode_reply(dialect: Dialect, body: &[u8]) -> Result<Reply, Refusal> {
    match dialect {
        Dialect::OpenaiChat => openai_chat::reply::decode(body),
        Dialect::AnthropicMessages => anthropic_messages::reply::decode(body),
        Dialect::BedrockConverse => bedrock_converse::reply::decode(body),
        Dialect::OllamaChat => ollama_chat::reply::decode(body),
        Dialect::OpenclawChat => openclaw_chat::reply::decode(body),
    }
}

/// Writes a whole reply for the caller. What the dialect cannot say is noted in `losses`.
pub fn encode_reply(dialect: Dialect, reply: &Reply, said: &Said, losses: &mut Losses) -> Vec<u8> {
    match dialect {
        Dialect::OpenaiChat => openai_chat::reply::encode(reply, said, losses),
        Dialect::AnthropicMessages => anthropic_messages::reply::encode(reply, said, losses),
        Dialect::BedrockConverse => bedrock_converse::reply::encode(reply, said, losses),
        Dialect::OllamaChat => ollama_chat::reply::encode(reply, said, losses),
        Dialect::OpenclawChat => openclaw_chat::reply::encode(reply, said, losses),
    }
}

/// Writes a refusal for the caller, before anything was sent.
pub fn encode_refusal(dialect: Dialect, refusal: &Refusal, request_id: &str) -> Rendered {
    match dialect {
        Dialect::OpenaiChat => openai_chat::refusal::encode(refusal, request_id),
        Dialect::AnthropicMessages => anthropic_messages::refusal::encode(refusal, request_id),
        Dialect::BedrockConverse => bedrock_converse::refusal::encode(refusal, request_id),
        Dialect::OllamaChat => ollama_chat::refusal::encode(refusal, request_id),
        Dialect::OpenclawChat => openclaw_chat::refusal::encode(refusal, request_id),
    }
}

/// Reads a provider's error: its status, its headers (looked up by lower-case name) and its body.
pub fn decode_refusal<'h>(
    dialect: Dialect,
    status: u16,
    header: &dyn Fn(&str) -> Option<&'h str>,
    body: &[u8],
) -> Refusal {
    match dialect {
        Dialect::OpenaiChat => openai_chat::refusal::decode(status, header, body),
        Dialect::AnthropicMessages => anthropic_messages::refusal::decode(status, header, body),
        Dialect::BedrockConverse => bedrock_converse::refusal::decode(status, header, body),
        Dialect::OllamaChat => ollama_chat::refusal::decode(status, header, body),
        Dialect::OpenclawChat => openclaw_chat::refusal::decode(status, header, body),
    }
}

/// Reads the frames of one streamed reply. It has state: make a new one for each reply.
#[derive(Debug)]
pub enum StreamDecoder {
    /// OpenAI Chat Completions.
    OpenaiChat(openai_chat::stream::Decoder),
    /// Anthropic Messages.
    AnthropicMessages(anthropic_messages::stream::Decoder),
    /// Amazon Bedrock ConverseStream.
    BedrockConverse(bedrock_converse::stream::Decoder),
    /// Ollama.
    OllamaChat(ollama_chat::stream::Decoder),
    /// Our own.
    OpenclawChat(openclaw_chat::stream::Decoder),
}

impl StreamDecoder {
    /// A decoder for one reply.
    pub fn new(dialect: Dialect) -> Self {
        match dialect {
            Dialect::OpenaiChat => Self::OpenaiChat(Default::default()),
            Dialect::AnthropicMessages => Self::AnthropicMessages(Default::default()),
            Dialect::BedrockConverse => Self::BedrockConverse(Default::default()),
            Dialect::OllamaChat => Self::OllamaChat(Default::default()),
            Dialect::OpenclawChat => Self::OpenclawChat(Default::default()),
        }
    }

    /// Adds the events of one frame to `out`. A frame that cannot be read becomes `Event::Failed`.
    pub fn frame(&mut self, frame: &Frame, out: &mut Vec<Event>) {
        match self {
            Self::OpenaiChat(decoder) => decoder.frame(frame, out),
            Self::AnthropicMessages(decoder) => decoder.frame(frame, out),
            Self::BedrockConverse(decoder) => decoder.frame(frame, out),
            Self::OllamaChat(decoder) => decoder.frame(frame, out),
            Self::OpenclawChat(decoder) => decoder.frame(frame, out),
        }
    }

    /// Says that the bytes have ended. Adds what is still owed: `End` where the terminal event was seen and not yet told, `Failed` where the stream was
    /// cut before it. Calling it after `End` or `Failed` adds nothing.
    pub fn finish(&mut self, out: &mut Vec<Event>) {
        match self {
            Self::OpenaiChat(decoder) => decoder.finish(out),
            Self::AnthropicMessages(decoder) => decoder.finish(out),
            Self::BedrockConverse(decoder) => decoder.finish(out),
            Self::OllamaChat(decoder) => decoder.finish(out),
            Self::OpenclawChat(decoder) => decoder.finish(out),
        }
    }
}

/// Writes one streamed reply for the caller. It has state: make a new one for each reply.
#[derive(Debug)]
pub enum StreamEncoder {
    /// OpenAI Chat Completions.
    OpenaiChat(openai_chat::stream::Encoder),
    /// Anthropic Messages.
    AnthropicMessages(anthropic_messages::stream::Encoder),
    /// Amazon Bedrock ConverseStream.
    BedrockConverse(bedrock_converse::stream::Encoder),
    /// Ollama.
    OllamaChat(ollama_chat::stream::Encoder),
    /// Our own.
    OpenclawChat(openclaw_chat::stream::Encoder),
}

impl StreamEncoder {
    /// An encoder for one reply.
    pub fn new(dialect: Dialect, said: Said) -> Self {
        match dialect {
            Dialect::OpenaiChat => Self::OpenaiChat(openai_chat::stream::Encoder::new(said)),
            Dialect::AnthropicMessages => {
                Self::AnthropicMessages(anthropic_messages::stream::Encoder::new(said))
            }
            Dialect::BedrockConverse => Self::BedrockConverse(bedrock_converse::stream::Encoder::new(said)),
            Dialect::OllamaChat => Self::OllamaChat(ollama_chat::stream::Encoder::new(said)),
            Dialect::OpenclawChat => Self::OpenclawChat(openclaw_chat::stream::Encoder::new(said)),
        }
    }

    /// Adds the bytes of one event to `out`. `Failed` becomes the dialect's in-band error, and its terminal event where it has one for that.
    pub fn event(&mut self, event: &Event, out: &mut Vec<u8>) {
        match self {
            Self::OpenaiChat(encoder) => encoder.event(event, out),
            Self::AnthropicMessages(encoder) => encoder.event(event, out),
            Self::BedrockConverse(encoder) => encoder.event(event, out),
            Self::OllamaChat(encoder) => encoder.event(event, out),
            Self::OpenclawChat(encoder) => encoder.event(event, out),
        }
    }
}

/// Whether a frame is there only because the gateway asked for usage where the caller had not (`Request::include_usage` is false): it is to be
/// metered, and not to be forwarded.
pub fn is_unasked_usage(dialect: Dialect, frame: &Frame) -> bool {
    dialect == Dialect::OpenaiChat && openai_chat::stream::is_usage_chunk(frame)
}

/// The bytes that keep a silent stream of this dialect alive; they may stand between any two frames, before the first one too.
pub fn keep_alive(dialect: Dialect) -> Bytes {
    match dialect {
        Dialect::OpenaiChat => openai_chat::stream::keep_alive(),
        Dialect::AnthropicMessages => anthropic_messages::stream::keep_alive(),
        Dialect::BedrockConverse => bedrock_converse::stream::keep_alive(),
        Dialect::OllamaChat => ollama_chat::stream::keep_alive(),
        Dialect::OpenclawChat => openclaw_chat::stream::keep_alive(),
    }
}

/// The `content-type` of a streamed reply.
pub const fn stream_content_type(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::OpenaiChat | Dialect::AnthropicMessages | Dialect::OpenclawChat => {
            "text/event-stream; charset=utf-8"
        }
        Dialect::BedrockConverse => "application/vnd.amazon.eventstream",
        Dialect::OllamaChat => "application/x-ndjson",
    }
}
