//! Streamed replies, both ways: one JSON object a line, the last one with `done: true`. <https://docs.ollama.com/api/streaming>

mod decoder;
mod encoder;

use bytes::Bytes;

pub(crate) use decoder::Decoder;
pub(crate) use encoder::Encoder;

/// A line that says nothing. An empty line would not do: Ollama's own client reads every line as JSON.
pub(crate) fn keep_alive() -> Bytes {
    Bytes::from_static(
        b"{\"model\":\"\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":false}\n",
    )
}
