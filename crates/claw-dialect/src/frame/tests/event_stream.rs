//! AWS event-stream messages: written and read back, and every fault in one found.

use super::*;

/// Writes a message from header bytes as they are.
fn message(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = |length: usize| u32::try_from(length).unwrap().to_be_bytes();
    let mut out = Vec::new();
    out.extend_from_slice(&length(16 + headers.len() + payload.len()));
    out.extend_from_slice(&length(headers.len()));
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out.extend_from_slice(headers);
    out.extend_from_slice(payload);
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out
}

fn one(bytes: &[u8]) -> Result<Frame, FrameError> {
    let mut framer = Framer::new(Dialect::BedrockConverse);
    framer.push(bytes);
    framer.next_frame().map(|frame| frame.expect("a whole message"))
}

fn sample() -> Vec<u8> {
    let mut out = Vec::new();
    let headers = [
        (":event-type", "contentBlockDelta"),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    encode_event_stream(&headers, b"{\"p\":\"ab\"}", &mut out);
    out
}

#[test]
fn the_empty_message_has_the_published_checksums() {
    // The first vector of AWS's own libraries.
    let published = [0, 0, 0, 16, 0, 0, 0, 0, 0x05, 0xC2, 0x48, 0xEB, 0x7D, 0x98, 0xC8, 0xFF];
    let mut written = Vec::new();
    encode_event_stream(&[], b"", &mut written);
    assert_eq!(written, published);
    assert_eq!(one(&published).unwrap().data, "");
}

#[test]
fn what_is_written_is_read_back_whatever_the_cut() {
    let mut bytes = sample();
    let headers = [(":message-type", "exception"), (":exception-type", "throttlingException")];
    encode_event_stream(&headers, b"{\"message\":\"slow\"}", &mut bytes);
    bytes.extend(sample());
    let frames = whatever_the_cut(Dialect::BedrockConverse, &bytes);
    assert_eq!(joined(&frames), bytes);
    assert_eq!(
        told(&frames),
        [
            (FrameKind::Event, "contentBlockDelta", "{\"p\":\"ab\"}"),
            (FrameKind::Exception, "throttlingException", "{\"message\":\"slow\"}"),
            (FrameKind::Event, "contentBlockDelta", "{\"p\":\"ab\"}"),
        ]
    );
}

#[test]
fn an_error_message_says_its_code_and_its_text() {
    let mut bytes = Vec::new();
    let headers = [(":message-type", "error"), (":error-code", "InternalError"), (":error-message", "gone")];
    encode_event_stream(&headers, b"", &mut bytes);
    assert_eq!(told(&[one(&bytes).unwrap()]), [(FrameKind::Exception, "InternalError", "gone")]);
}

#[test]
fn an_unknown_message_type_is_only_passed_on() {
    let mut bytes = Vec::new();
    encode_event_stream(&[(":message-type", "news"), (":event-type", "x")], b"{}", &mut bytes);
    assert_eq!(one(&bytes).unwrap().kind, FrameKind::Empty);
}

#[test]
fn headers_of_every_type_are_passed_over() {
    let mut headers = Vec::new();
    for (kind, value) in [
        (0, &[][..]),
        (1, &[]),
        (2, &[1]),
        (3, &[1, 2]),
        (4, &[1, 2, 3, 4]),
        (5, &[1; 8]),
        (6, &[0, 3, 7, 8, 9]),
        (8, &[2; 8]),
        (9, &[3; 16]),
        (7, &[0, 1, b'x']),
    ] {
        headers.extend_from_slice(&[1, b'h', kind]);
        headers.extend_from_slice(value);
    }
    headers.extend_from_slice(b"\x0b:event-type\x07\x00\x04ping");
    let frame = one(&message(&headers, b"{}")).unwrap();
    assert_eq!((frame.name.as_str(), &frame.data[..]), ("ping", &b"{}"[..]));
}

#[test]
fn headers_that_contradict_their_lengths_are_malformed() {
    for headers in [
        &b"\x00\x00"[..],
        b"\x02a",
        b"\x01a",
        b"\x01a\x0a",
        b"\x01a\x07\x00",
        b"\x01a\x07\x00\x05abcd",
        b"\x01\xff\x00",
        b"\x01a\x07\x00\x01\xff",
        b"\x01a\x06\xff\xff",
        b"\x01a\x05\x00",
    ] {
        assert_eq!(one(&message(headers, b"{}")), Err(FrameError::Malformed), "{headers:?}");
    }
}

#[test]
fn lengths_that_cannot_be_are_refused_from_the_prelude_alone() {
    let prelude = |total: u32, headers: u32| {
        let mut bytes = [total.to_be_bytes(), headers.to_be_bytes()].concat();
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
        let mut framer = Framer::new(Dialect::BedrockConverse);
        framer.push(&bytes);
        framer.next_frame()
    };
    assert_eq!(prelude(15, 0), Err(FrameError::Malformed));
    assert_eq!(prelude(0, 0), Err(FrameError::Malformed));
    assert_eq!(prelude(100, 85), Err(FrameError::Malformed));
    assert_eq!(prelude(1 << 20, 128 * 1024 + 1), Err(FrameError::Malformed));
    assert_eq!(prelude(24 * 1024 * 1024 + 1, 0), Err(FrameError::TooLarge));
    assert_eq!(prelude(u32::MAX, u32::MAX), Err(FrameError::TooLarge));
    assert_eq!(prelude(16, 0), Ok(None));
}

#[test]
fn every_flipped_bit_is_found() {
    let good = sample();
    for at in 0..good.len() {
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[at] ^= 1 << bit;
            assert_eq!(one(&bad), Err(FrameError::Checksum), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn texts_that_no_header_can_hold_are_cut_or_left_out() {
    let mut bytes = Vec::new();
    let long = "é".repeat(20_000);
    encode_event_stream(
        &[(&long, "x"), (":exception-type", &long), (":message-type", "exception")],
        b"",
        &mut bytes,
    );
    assert_eq!(one(&bytes).unwrap().name.len(), 32_766);
}

#[test]
fn the_synthetic_faults_are_told_apart() {
    for exchange in recorded::exchanges("synthetic") {
        if exchange.name.contains("converse_stream__") {
            let found = frames(Dialect::BedrockConverse, &exchange.reply, &[]);
            let is_fault = exchange.name.contains("bad_crc");
            assert_eq!(found.is_err(), is_fault, "{}", exchange.name);
        }
    }
}

proptest! {
    #[test]
    fn any_messages_are_read_back(
        messages in prop::collection::vec(
            (prop::collection::vec(("[a-z:-]{1,20}", ".{0,40}"), 0..4), prop::collection::vec(any::<u8>(), 0..64)),
            0..5,
        ),
        cuts in any_cuts(),
    ) {
        let mut bytes = Vec::new();
        for (headers, payload) in &messages {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            encode_event_stream(&headers, payload, &mut bytes);
        }
        let found = frames(Dialect::BedrockConverse, &bytes, &sorted(&cuts, bytes.len())).unwrap();
        prop_assert_eq!(found.len(), messages.len());
        for (frame, (_, payload)) in found.iter().zip(&messages) {
            prop_assert_eq!(&frame.data[..], &payload[..]);
        }
        prop_assert_eq!(joined(&found), bytes);
    }
}
