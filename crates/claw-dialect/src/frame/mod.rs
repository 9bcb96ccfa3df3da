//! Bytes to frames: server-sent events, AWS event streams, lines of JSON. Any cut of the bytes gives the same frames.
//! It knows nothing of what the frames say.

mod event_stream;
mod ndjson;
mod sse;

use bytes::{Bytes, BytesMut};
use claw_hub::Dialect;

pub use event_stream::encode as encode_event_stream;

/// The largest frame that is accepted, in bytes: as large as AWS allows a message to be.
/// <https://smithy.io/2.0/aws/amazon-eventstream.html>
pub const FRAME_MAX_BYTES: usize = 24 * 1024 * 1024;

/// One frame, and the bytes that it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The bytes as they arrived, terminator included: all `raw`s of a stream joined are the stream.
    pub raw: Bytes,
    /// What the framing says about it.
    pub kind: FrameKind,
    /// The event's name: SSE's `event` field, AWS's `:event-type` or `:exception-type` or `:error-code`; empty where there is none.
    pub name: String,
    /// The payload; SSE's `data` lines joined; of an AWS error frame without payload the text of `:error-message`.
    pub data: Bytes,
}

/// What the framing says about a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// An event with a payload.
    Event,
    /// A comment, or an event without data: only to be passed on.
    Empty,
    /// An AWS exception or error frame.
    Exception,
}

/// Bytes that are not frames.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// A frame is larger than [`FRAME_MAX_BYTES`].
    #[error("a frame is larger than {FRAME_MAX_BYTES} bytes")]
    TooLarge,
    /// A checksum does not hold.
    #[error("a frame's checksum does not hold")]
    Checksum,
    /// The lengths or headers of a frame contradict each other.
    #[error("a frame is malformed")]
    Malformed,
}

/// Finds the frames of a stream.
#[derive(Debug)]
pub struct Framer {
    format: Format,
    buffer: BytesMut,
    searched: usize,
    is_first: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Sse,
    EventStream,
    Lines,
}

impl Framer {
    /// A framer for streams of this dialect.
    pub fn new(dialect: Dialect) -> Self {
        let format = match dialect {
            Dialect::OpenaiChat | Dialect::AnthropicMessages | Dialect::OpenclawChat => Format::Sse,
            Dialect::BedrockConverse => Format::EventStream,
            Dialect::OllamaChat => Format::Lines,
        };
        Self { format, buffer: BytesMut::new(), searched: 0, is_first: true }
    }

    /// Takes bytes in, as they come from the network.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame, if there is one.
    ///
    /// # Errors
    /// The bytes are not frames. Nothing more can be read from such a stream.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        let end = match self.format {
            Format::Sse => sse::find(&self.buffer, &mut self.searched, self.is_first),
            Format::EventStream => event_stream::find(&self.buffer)?,
            Format::Lines => ndjson::find(&self.buffer, &mut self.searched),
        };
        if end.unwrap_or(self.buffer.len()) > FRAME_MAX_BYTES {
            return Err(FrameError::TooLarge);
        }
        let Some(end) = end else { return Ok(None) };
        self.searched = 0;
        let raw = self.buffer.split_to(end).freeze();
        let is_first = std::mem::take(&mut self.is_first);
        match self.format {
            Format::Sse => Ok(Some(sse::parse(raw, is_first))),
            Format::EventStream => event_stream::parse(raw).map(Some),
            Format::Lines => Ok(Some(ndjson::parse(raw))),
        }
    }

    /// What is left when the stream has ended: a last line of JSON without a line end counts as a frame, and so does an event whose last CR
    /// might have been followed by LF; anything else is a cut frame.
    pub fn finish(&mut self) -> Option<Frame> {
        let raw = self.buffer.split().freeze();
        match self.format {
            Format::Lines if !raw.is_empty() => Some(ndjson::parse(raw)),
            Format::Sse if sse::is_whole_at_end(&raw, self.is_first) => Some(sse::parse(raw, self.is_first)),
            Format::Sse | Format::EventStream | Format::Lines => None,
        }
    }

    /// Whether the stream stands between two frames, so that something may be put in between.
    pub fn is_between(&self) -> bool {
        self.buffer.is_empty()
    }
}

#[cfg(test)]
mod tests;
