//! Server-sent events, as <https://html.spec.whatwg.org/multipage/server-sent-events.html> reads them: a line ends with LF, CRLF or CR,
//! an empty line ends an event. It knows nothing of what events say.

use std::ops::Range;

use bytes::{BufMut, Bytes, BytesMut};
use memchr::{memchr, memchr2};

use super::{Frame, FrameKind};

/// A byte order mark is passed over at the very beginning of a stream, and is part of a field's name anywhere else.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The end of the first whole event in the buffer; `searched` remembers how far was looked.
///
/// A CR at the end of the buffer is not judged until the next byte says whether it is half of a CRLF: otherwise the frames would depend on
/// where the network cut the bytes.
pub(super) fn find(buffer: &[u8], searched: &mut usize, is_first: bool) -> Option<usize> {
    let start = text_start(buffer, is_first);
    let mut from = (*searched).max(start);
    while let Some(offset) = buffer.get(from..).and_then(|rest| memchr2(b'\n', b'\r', rest)) {
        let at = from + offset;
        let line_end = match (buffer[at], buffer.get(at + 1)) {
            (b'\r', None) => {
                *searched = at;
                return None;
            }
            (b'\r', Some(b'\n')) => at + 2,
            _ => at + 1,
        };
        if is_empty_line(buffer, start, at) {
            return Some(line_end);
        }
        from = line_end;
    }
    *searched = buffer.len();
    None
}

/// Whether the buffer, at the end of a stream, is one whole event that only waited for what follows its last CR.
pub(super) fn is_whole_at_end(buffer: &[u8], is_first: bool) -> bool {
    let start = text_start(buffer, is_first);
    buffer.len() > start && buffer.ends_with(b"\r") && is_empty_line(buffer, start, buffer.len() - 1)
}

fn text_start(buffer: &[u8], is_first: bool) -> usize {
    if is_first && buffer.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 }
}

/// Whether the line that ends at `at` has nothing in it: line ends before it were passed whole, so any of their bytes will do.
fn is_empty_line(buffer: &[u8], start: usize, at: usize) -> bool {
    at == start || matches!(buffer[at - 1], b'\n' | b'\r')
}

/// Reads one whole event. `id` and `retry` are for a client that connects again by itself, which nobody here is.
pub(super) fn parse(raw: Bytes, is_first: bool) -> Frame {
    let mut name = String::new();
    let mut data: Option<Data> = None;
    let mut at = text_start(&raw, is_first);
    while at < raw.len() {
        let end = memchr2(b'\n', b'\r', &raw[at..]).map_or(raw.len(), |offset| at + offset);
        let line = &raw[at..end];
        let colon = memchr(b':', line).unwrap_or(line.len());
        let value_at = match line.get(colon + 1) {
            Some(b' ') => at + colon + 2,
            Some(_) => at + colon + 1,
            None => end,
        };
        match &line[..colon] {
            b"data" => data = Some(Data::add(data, &raw, value_at..end)),
            b"event" => name = String::from_utf8_lossy(&raw[value_at..end]).into_owned(),
            _ => {}
        }
        // A CRLF is passed as two ends: the empty line between them says nothing.
        at = end + 1;
    }
    match data {
        Some(data) => {
            let data = data.into_bytes(&raw);
            Frame { raw, kind: FrameKind::Event, name, data }
        }
        None => Frame { raw, kind: FrameKind::Empty, name: String::new(), data: Bytes::new() },
    }
}

/// The `data` lines of an event. One line, which is what providers send, is not copied.
enum Data {
    One(Range<usize>),
    Several(BytesMut),
}

impl Data {
    fn add(before: Option<Self>, raw: &[u8], line: Range<usize>) -> Self {
        let mut joined = match before {
            None => return Self::One(line),
            Some(Self::One(first)) => BytesMut::from(&raw[first]),
            Some(Self::Several(joined)) => joined,
        };
        joined.put_u8(b'\n');
        joined.extend_from_slice(&raw[line]);
        Self::Several(joined)
    }

    fn into_bytes(self, raw: &Bytes) -> Bytes {
        match self {
            Self::One(line) => raw.slice(line),
            Self::Several(joined) => joined.freeze(),
        }
    }
}
