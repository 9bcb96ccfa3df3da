//! Anthropic Messages: <https://docs.claude.com/en/api/messages>, in both API versions (2023-06-01 and 2026-10-21).

mod content;
pub(crate) mod refusal;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod stream;
mod wire;

pub(crate) use wire::TOOL_NAME_PATTERN;

#[cfg(test)]
mod tests;
