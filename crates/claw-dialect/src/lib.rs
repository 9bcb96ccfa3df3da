//! The only crate that knows foreign JSON: five wire formats to and from the hub.
//!
//! It is pure: no I/O, no clock, no async. Every dialect is a folder of the same files: `wire` (names and tables),
//! `request`, `reply`, `stream`, `refusal`. [`codec`] picks the folder; nothing outside this crate names one.

mod anthropic_messages;
mod bedrock_converse;
mod call_ids;
pub mod codec;
mod error_body;
mod extra;
pub mod frame;
#[cfg(test)]
mod grid;
pub mod json;
mod media;
pub mod models;
mod ollama_chat;
mod openai_chat;
mod openclaw_chat;
mod provider_error;
mod reasoning;
#[cfg(test)]
mod recorded;
mod rfc3339;
#[cfg(test)]
mod samples;
mod schema;
#[cfg(test)]
mod sequence;
mod splice;
#[cfg(test)]
mod streamed;
mod tool_names;
mod tool_result;
mod turns;
mod words;

pub use codec::{Asked, Rendered, Said, StreamDecoder, StreamEncoder};
pub use frame::{Frame, FrameError, FrameKind, Framer};
pub use splice::forward;
pub use tool_names::ToolNames;
