//! Streamed replies, both ways: `data: {chunk}` events, then `data: [DONE]`.
//! <https://platform.openai.com/docs/api-reference/chat-streaming>

mod calls;
mod decoder;
mod encoder;

use bytes::Bytes;
use memchr::memmem;

pub(crate) use decoder::Decoder;
pub(crate) use encoder::Encoder;

use crate::frame::Frame;
use crate::json::{self, Node};

/// The terminal event.
const DONE: &[u8] = b"[DONE]";

/// A comment, which every reader of server-sent events passes over.
pub(crate) fn keep_alive() -> Bytes {
    Bytes::from_static(b": keep-alive\n\n")
}

/// Whether a frame is the chunk that says usage and nothing else, which a caller who did not ask for it must not see: clients that
/// look at the first choice of every chunk fail on it.
pub(crate) fn is_usage_chunk(frame: &Frame) -> bool {
    // Every chunk has `"usage":null` once usage was asked for, so the cheap look comes first.
    let says_usage = memmem::find_iter(&frame.data, b"\"usage\"").any(|at| {
        let after = frame.data[at + 7..].trim_ascii_start();
        after.strip_prefix(b":").is_some_and(|value| value.trim_ascii_start().starts_with(b"{"))
    });
    says_usage
        && json::parse(&frame.data).is_ok_and(|chunk| {
            let has_usage = chunk.get("usage").and_then(Node::some).is_some();
            has_usage && chunk.get("choices").is_none_or(|choices| choices.items().is_empty())
        })
}
