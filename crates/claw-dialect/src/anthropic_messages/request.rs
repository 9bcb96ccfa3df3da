//! Requests, both ways. <https://docs.claude.com/en/api/messages>

mod decode;
mod encode;
mod settings;
mod tools;
mod turn;

pub(crate) use decode::decode;
pub(crate) use encode::encode;
