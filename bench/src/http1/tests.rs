//! Messages read from any cut of their bytes.

use super::*;

fn read(writer: Writer, bytes: &[u8], cut: usize) -> (Message, Vec<u8>, usize) {
    let mut message = Message::new(writer);
    let mut body = Vec::new();
    let mut used = 0;
    for part in [&bytes[..cut], &bytes[cut..]] {
        used += message.feed(part, &mut |data| body.extend_from_slice(data)).unwrap();
    }
    (message, body, used)
}

#[test]
fn any_cut_of_a_chunked_reply_gives_the_same_body() {
    let wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n \r\n0A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
    for cut in 0..=wire.len() {
        let (message, body, used) = read(Writer::Server, wire, cut);
        assert_eq!(body, b"hello 0123456789", "cut at {cut}");
        assert!(message.is_complete(), "cut at {cut}");
        assert_eq!((message.status(), used), (200, wire.len()));
    }
}

#[test]
fn any_cut_of_a_reply_of_known_length_leaves_the_next_message_alone() {
    let wire = b"HTTP/1.1 503 Busy\r\ncontent-length: 4\r\nConnection: close\r\n\r\nbusyHTTP/1.1";
    for cut in 0..wire.len() - 8 {
        let (message, body, used) = read(Writer::Server, wire, cut);
        assert_eq!((body.as_slice(), message.status()), (b"busy".as_slice(), 503));
        assert!(message.is_complete() && message.closes());
        assert_eq!(used, wire.len() - 8, "cut at {cut}");
    }
}

#[test]
fn a_request_without_a_length_has_no_body_and_a_reply_without_one_ends_with_its_connection() {
    let (request, _, _) = read(Writer::Client, b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n", 3);
    assert!(request.is_complete());
    assert_eq!(request.start_line(), b"GET /health HTTP/1.1");
    let (reply, body, _) = read(Writer::Server, b"HTTP/1.1 200 OK\r\na: b\r\n\r\nabc", 30 - 4);
    assert!(!reply.is_complete() && reply.may_end_now());
    assert_eq!(body, b"abc");
}

#[test]
fn a_cut_reply_is_neither_complete_nor_may_it_end() {
    let wire = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    for end in 0..wire.len() {
        let (message, _, _) = read(Writer::Server, &wire[..end], end / 2);
        assert!(!message.is_complete() && !message.may_end_now(), "ended at {end}");
    }
}

#[test]
fn bytes_that_are_not_http_are_refused() {
    let bad: [&[u8]; 5] = [
        b"NOPE\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n",
    ];
    for wire in bad {
        let result = Message::new(Writer::Server).feed(wire, &mut |_| {});
        assert!(result.is_err(), "{}", String::from_utf8_lossy(wire));
    }
}
