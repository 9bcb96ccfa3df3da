//! Amazon Bedrock Converse and ConverseStream: <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html>.

mod content;
pub(crate) mod refusal;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod stream;
mod wire;

pub(crate) use wire::TOOL_NAME_PATTERN;

#[cfg(test)]
mod tests;
