//! Requests, both ways.

mod decode;
mod encode;
mod losses;
mod messages;
mod tools;
mod write_messages;

pub(crate) use decode::decode;
pub(crate) use encode::encode;

pub(super) use messages::read_arguments;

/// What stands before the type of a tool call that is no function, in the name of a foreign part.
pub(super) const FOREIGN_CALL: &str = "tool_calls.";
