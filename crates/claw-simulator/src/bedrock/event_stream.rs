//! Frames of the AWS event stream: a prelude with both lengths and their checksum, headers, payload, checksum of all.
//! It must not know what they carry.
//!
//! <https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html#streaming-event-stream>

use bytes::{BufMut, BytesMut};
use serde::Serialize;

use crate::wire::append_json;

/// The type of a header value that is a string with a length of two bytes.
const STRING: u8 = 7;
const PRELUDE_BYTES: usize = 12;
const CHECKSUM_BYTES: usize = 4;

/// Appends a frame. Names and values of headers are short, as the format asks.
pub(crate) fn append(out: &mut BytesMut, headers: &[(&str, &str)], payload: &impl Serialize) {
    let start = out.len();
    out.put_bytes(0, PRELUDE_BYTES);
    for (name, value) in headers {
        out.put_u8(u8::try_from(name.len()).unwrap_or(u8::MAX));
        out.put_slice(name.as_bytes());
        out.put_u8(STRING);
        out.put_u16(u16::try_from(value.len()).unwrap_or(u16::MAX));
        out.put_slice(value.as_bytes());
    }
    let header_bytes = out.len() - start - PRELUDE_BYTES;
    append_json(out, payload);
    let total = out.len() - start + CHECKSUM_BYTES;
    let mut prelude = [0; PRELUDE_BYTES];
    let mut fields = prelude.as_mut_slice();
    fields.put_u32(u32::try_from(total).unwrap_or(u32::MAX));
    fields.put_u32(u32::try_from(header_bytes).unwrap_or(u32::MAX));
    let checksum = crc32fast::hash(&prelude[..8]);
    prelude[8..].copy_from_slice(&checksum.to_be_bytes());
    let frame = &mut out[start..];
    frame[..PRELUDE_BYTES].copy_from_slice(&prelude);
    let checksum = crc32fast::hash(frame);
    out.put_u32(checksum);
}

#[cfg(test)]
mod tests;
