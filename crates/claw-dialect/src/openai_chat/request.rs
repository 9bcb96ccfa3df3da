//! Requests, both ways.

mod decode;
mod encode;
mod losses;
mod messages;
mod tools;
mod write_messages;

use claw_hub::{Dialect, Request};

use crate::tool_names::ToolNames;

pub(crate) use decode::decode;
pub(crate) use encode::encode;

pub(super) use messages::read_arguments;

/// What stands before the type of a tool call that is no function, in the name of a foreign part.
pub(super) const FOREIGN_CALL: &str = "tool_calls.";

/// The names of tools that are written otherwise than the caller said them. A caller of this dialect knows what its model takes.
pub(crate) fn tool_names(request: &Request) -> ToolNames {
    match request.origin {
        Dialect::OpenaiChat => ToolNames::default(),
        _ => ToolNames::of(request, super::wire::TOOL_NAME_PATTERN),
    }
}
