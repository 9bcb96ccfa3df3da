//! Streamed replies, both ways.
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html>

mod decoder;
mod encoder;

pub(crate) use decoder::Decoder;
pub(crate) use encoder::{Encoder, keep_alive};
