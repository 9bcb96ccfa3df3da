//! Streamed replies, both ways: server-sent events with a name each, whose data are objects that say what the hub's events say.

mod decoder;
mod encoder;

use bytes::Bytes;

pub(crate) use decoder::Decoder;
pub(crate) use encoder::Encoder;

/// A comment, which every reader of server-sent events passes over.
pub(crate) fn keep_alive() -> Bytes {
    Bytes::from_static(b": keep-alive\n\n")
}
