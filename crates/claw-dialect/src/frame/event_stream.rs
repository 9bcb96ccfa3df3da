//! AWS event streams.
use super::{Frame, FrameError, FrameKind};
use bytes::Bytes;
/// The end of the first whole message in the buffer.
pub(super) fn find(_buffer: &[u8]) -> Result<Option<usize>, FrameError> {
    Ok(None)
}
/// Reads one whole message.
pub(super) fn parse(raw: Bytes) -> Result<Frame, FrameError> {
    Ok(Frame { raw, kind: FrameKind::Empty, name: String::new(), data: Bytes::new() })
}
/// Writes one message: string headers in order, then the payload.
pub fn encode(_headers: &[(&str, &str)], _payload: &[u8], _out: &mut Vec<u8>) {}
