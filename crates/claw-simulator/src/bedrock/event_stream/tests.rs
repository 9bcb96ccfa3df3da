//! A frame, byte by byte.

use super::*;

/// The frame of the format's own description: no header would be shorter, so this one has a single header.
#[test]
fn a_frame_has_its_lengths_and_both_checksums() {
    let mut out = BytesMut::from(&b"before"[..]);
    append(&mut out, &[("k", "v")], &serde_json::json!({}));
    let frame = &out[6..];
    let header = [1, b'k', 7, 0, 1, b'v'];
    assert_eq!(frame.len(), 12 + header.len() + 2 + 4);
    assert_eq!(frame[..4], 24_u32.to_be_bytes());
    assert_eq!(frame[4..8], 6_u32.to_be_bytes());
    assert_eq!(frame[8..12], crc32fast::hash(&frame[..8]).to_be_bytes());
    assert_eq!(frame[12..18], header);
    assert_eq!(&frame[18..20], b"{}");
    assert_eq!(frame[20..], crc32fast::hash(&frame[..20]).to_be_bytes());
}
