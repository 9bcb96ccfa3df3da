//! Streamed replies, both ways. <https://docs.claude.com/en/docs/build-with-claude/streaming>

mod decoder;
mod encoder;

pub(crate) use decoder::Decoder;
pub(crate) use encoder::Encoder;
pub(crate) use encoder::keep_alive;
