//! What may be asked of a provider, as data: one row for each operation of each dialect. What has no row is not sent.

use claw_hub::Dialect;
use http::Method;

/// What an operation is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A reply of a model, whole.
    Chat,
    /// A reply of a model, as a stream.
    ChatStream,
}

/// What of an operation passes the guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guarded {
    /// Every text of the request and of the reply.
    BothWays,
}

/// What an operation is charged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metered {
    /// The tokens that the reply says it took.
    ByUsage,
}

/// One operation of one dialect.
#[derive(Debug)]
pub struct Operation {
    /// The dialect whose API it is part of.
    pub dialect: Dialect,
    /// What it is for.
    pub purpose: Purpose,
    /// The method.
    pub method: Method,
    /// The path; `{model}` stands for the model's id, percent-encoded.
    pub path: &'static str,
    /// The type of the reply, as the request asks for it.
    pub accept: &'static str,
    /// What of it passes the guard.
    pub guarded: Guarded,
    /// What it is charged by.
    pub metered: Metered,
}

/// Every operation. The paths are from
/// <https://platform.openai.com/docs/api-reference/chat>, <https://platform.claude.com/docs/en/api/messages>,
/// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html> and <https://docs.ollama.com/api/chat>.
pub const OPERATIONS: &[Operation] = &[
    chat(Dialect::OpenaiChat, "/v1/chat/completions"),
    stream(Dialect::OpenaiChat, "/v1/chat/completions", "text/event-stream"),
    chat(Dialect::AnthropicMessages, "/v1/messages"),
    stream(Dialect::AnthropicMessages, "/v1/messages", "text/event-stream"),
    chat(Dialect::BedrockConverse, "/model/{model}/converse"),
    stream(Dialect::BedrockConverse, "/model/{model}/converse-stream", "application/vnd.amazon.eventstream"),
    chat(Dialect::OllamaChat, "/api/chat"),
    stream(Dialect::OllamaChat, "/api/chat", "application/x-ndjson"),
];

const fn chat(dialect: Dialect, path: &'static str) -> Operation {
    reply(dialect, Purpose::Chat, path, "application/json")
}

const fn stream(dialect: Dialect, path: &'static str, accept: &'static str) -> Operation {
    reply(dialect, Purpose::ChatStream, path, accept)
}

const fn reply(dialect: Dialect, purpose: Purpose, path: &'static str, accept: &'static str) -> Operation {
    let (guarded, metered) = (Guarded::BothWays, Metered::ByUsage);
    Operation { dialect, purpose, method: Method::POST, path, accept, guarded, metered }
}

/// The operation for a purpose, and its place in [`OPERATIONS`]; `None` if the dialect has none, as our own has none at providers.
pub(crate) fn find(dialect: Dialect, purpose: Purpose) -> Option<(usize, &'static Operation)> {
    OPERATIONS
        .iter()
        .enumerate()
        .find(|(_, operation)| operation.dialect == dialect && operation.purpose == purpose)
}
