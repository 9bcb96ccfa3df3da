//! Requests, both ways.

mod decode;
mod encode;
mod losses;
mod write_messages;

pub(crate) use decode::decode;
pub(super) use decode::{arguments, image, thinking};
pub(crate) use encode::encode;
