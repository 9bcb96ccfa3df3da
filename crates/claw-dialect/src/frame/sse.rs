//! Server-sent events, as <https://html.spec.whatwg.org/multipage/server-sent-events.html> reads them.
use super::{Frame, FrameKind};
use bytes::Bytes;
/// The end of the first whole event in the buffer; `searched` remembers how far was looked.
pub(super) fn find(_buffer: &[u8], _searched: &mut usize) -> Option<usize> {
    None
}
/// Reads one whole event.
pub(super) fn parse(raw: Bytes) -> Frame {
    Frame { raw, kind: FrameKind::Empty, name: String::new(), data: Bytes::new() }
}
