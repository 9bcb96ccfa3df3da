//! Requests, both ways. The model and whether to stream stand in the path.
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html>

mod additional;
mod decode;
mod encode;
mod settings;
mod tools;
mod turn;

pub(crate) use decode::decode;
pub(crate) use encode::encode;
