//! One JSON value a line. It does not look into the values.

use bytes::Bytes;
use memchr::memchr;

use super::{Frame, FrameKind};

/// The end of the first whole line in the buffer; `searched` remembers how far was looked.
pub(super) fn find(buffer: &[u8], searched: &mut usize) -> Option<usize> {
    let end =
        buffer.get(*searched..).and_then(|rest| memchr(b'\n', rest)).map(|offset| *searched + offset + 1);
    *searched = buffer.len();
    end
}

/// Reads one line; white space around the value is not part of it.
pub(super) fn parse(raw: Bytes) -> Frame {
    let value = raw.trim_ascii();
    let kind = if value.is_empty() { FrameKind::Empty } else { FrameKind::Event };
    let data = raw.slice_ref(value);
    Frame { raw, kind, name: String::new(), data }
}
