//! AWS event streams: binary messages with two checksums, <https://smithy.io/2.0/aws/amazon-eventstream.html>.
//! It does not look into the payloads.
//!
//! ```text
//! total length u32 | headers length u32 | CRC-32 of these 8 bytes | headers | payload | CRC-32 of all before
//! ```

use bytes::Bytes;
use crc32fast::hash as crc32;

use super::{FRAME_MAX_BYTES, Frame, FrameError, FrameKind};

const PRELUDE_BYTES: usize = 12;
const CHECKSUM_BYTES: usize = 4;
/// The most that all headers of a message may take.
const HEADERS_MAX_BYTES: usize = 128 * 1024;
/// The most that one text in a header may take: its length is a signed 16-bit number in some readers.
const HEADER_TEXT_MAX_BYTES: usize = 0x7FFF;
const STRING_TYPE: u8 = 7;

/// The end of the first whole message in the buffer.
///
/// # Errors
/// The prelude's checksum does not hold, or its lengths cannot be.
pub(super) fn find(buffer: &[u8]) -> Result<Option<usize>, FrameError> {
    if buffer.len() < PRELUDE_BYTES {
        return Ok(None);
    }
    if crc32(&buffer[..8]) != u32_at(buffer, 8) {
        return Err(FrameError::Checksum);
    }
    let total = length_at(buffer, 0);
    let headers = length_at(buffer, 4);
    if total > FRAME_MAX_BYTES {
        return Err(FrameError::TooLarge);
    }
    if headers > HEADERS_MAX_BYTES || total < PRELUDE_BYTES + headers + CHECKSUM_BYTES {
        return Err(FrameError::Malformed);
    }
    Ok((buffer.len() >= total).then_some(total))
}

/// Reads one whole message, as [`find`] measured it.
///
/// # Errors
/// The message's checksum does not hold, or its headers are not well formed.
pub(super) fn parse(raw: Bytes) -> Result<Frame, FrameError> {
    let end = raw.len().checked_sub(CHECKSUM_BYTES).filter(|end| *end >= PRELUDE_BYTES);
    let end = end.ok_or(FrameError::Malformed)?;
    if crc32(&raw[..end]) != u32_at(&raw, end) {
        return Err(FrameError::Checksum);
    }
    let payload_at = PRELUDE_BYTES + length_at(&raw, 4);
    let headers = Headers::read(raw.get(PRELUDE_BYTES..payload_at).ok_or(FrameError::Malformed)?)?;
    let mut data = raw.slice(payload_at.min(end)..end);
    let (kind, name) = match headers.message_type {
        "event" | "" => (FrameKind::Event, headers.event_type),
        "exception" => (FrameKind::Exception, headers.exception_type),
        "error" => {
            if data.is_empty() {
                data = raw.slice_ref(headers.error_message.as_bytes());
            }
            (FrameKind::Exception, headers.error_code)
        }
        _ => (FrameKind::Empty, ""),
    };
    let name = name.to_owned();
    Ok(Frame { raw, kind, name, data })
}

/// The headers that the framing itself speaks with.
#[derive(Default)]
struct Headers<'m> {
    message_type: &'m str,
    event_type: &'m str,
    exception_type: &'m str,
    error_code: &'m str,
    error_message: &'m str,
}

impl<'m> Headers<'m> {
    fn read(bytes: &'m [u8]) -> Result<Self, FrameError> {
        let mut headers = Self::default();
        let mut left = Cursor(bytes);
        while !left.0.is_empty() {
            let name_bytes = usize::from(left.byte()?);
            let name = left.text(name_bytes)?;
            if name.is_empty() {
                return Err(FrameError::Malformed);
            }
            let kind = left.byte()?;
            if kind != STRING_TYPE {
                left.skip_value(kind)?;
                continue;
            }
            let value_bytes = left.short()?;
            let value = left.text(value_bytes)?;
            match name {
                ":message-type" => headers.message_type = value,
                ":event-type" => headers.event_type = value,
                ":exception-type" => headers.exception_type = value,
                ":error-code" => headers.error_code = value,
                ":error-message" => headers.error_message = value,
                _ => {}
            }
        }
        Ok(headers)
    }
}

/// What is left to read of the headers.
struct Cursor<'m>(&'m [u8]);

impl<'m> Cursor<'m> {
    fn bytes(&mut self, count: usize) -> Result<&'m [u8], FrameError> {
        let (taken, left) = self.0.split_at_checked(count).ok_or(FrameError::Malformed)?;
        self.0 = left;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, FrameError> {
        self.bytes(1).map(|bytes| bytes[0])
    }

    fn short(&mut self) -> Result<usize, FrameError> {
        self.bytes(2).map(|bytes| usize::from(u16::from_be_bytes([bytes[0], bytes[1]])))
    }

    fn text(&mut self, count: usize) -> Result<&'m str, FrameError> {
        std::str::from_utf8(self.bytes(count)?).map_err(|_| FrameError::Malformed)
    }

    /// Passes over a value that is not a text.
    fn skip_value(&mut self, kind: u8) -> Result<(), FrameError> {
        let count = match kind {
            // true, false
            0 | 1 => 0,
            // byte, short, integer, long
            2 => 1,
            3 => 2,
            4 => 4,
            5 => 8,
            // bytes
            6 => self.short()?,
            // time stamp, UUID
            8 => 8,
            9 => 16,
            _ => return Err(FrameError::Malformed),
        };
        self.bytes(count).map(|_| ())
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
}

fn length_at(bytes: &[u8], at: usize) -> usize {
    usize::try_from(u32_at(bytes, at)).unwrap_or(usize::MAX)
}

/// Writes one message: string headers in order, then the payload. A header text over 32,767 bytes is cut at a character; a
/// name longer than 255 bytes cannot be written and is left out with its value.
pub fn encode(headers: &[(&str, &str)], payload: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.reserve(payload.len() + 128);
    out.extend_from_slice(&[0; PRELUDE_BYTES]);
    for (name, value) in headers {
        let Ok(name_bytes) = u8::try_from(name.len()) else { continue };
        let value = &value[..value.floor_char_boundary(HEADER_TEXT_MAX_BYTES)];
        let value_bytes = u16::try_from(value.len()).unwrap_or_default();
        out.push(name_bytes);
        out.extend_from_slice(name.as_bytes());
        out.push(STRING_TYPE);
        out.extend_from_slice(&value_bytes.to_be_bytes());
        out.extend_from_slice(value.as_bytes());
    }
    let headers_bytes = out.len() - start - PRELUDE_BYTES;
    out.extend_from_slice(payload);
    let total = out.len() - start + CHECKSUM_BYTES;
    out[start..start + 4].copy_from_slice(&be_bytes(total));
    out[start + 4..start + 8].copy_from_slice(&be_bytes(headers_bytes));
    let prelude_checksum = crc32(&out[start..start + 8]);
    out[start + 8..start + 12].copy_from_slice(&prelude_checksum.to_be_bytes());
    let checksum = crc32(&out[start..]);
    out.extend_from_slice(&checksum.to_be_bytes());
}

/// Payloads are bounded far below 4 GiB by everyone who writes one.
fn be_bytes(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}
