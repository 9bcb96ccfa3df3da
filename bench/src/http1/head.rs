//! The head of an HTTP/1.1 message: where it ends and how long its body is.
//! It must not know what the other headers mean.

use super::{Malformed, Writer};

/// How the body of a message ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// After this many bytes.
    Fixed(u64),
    /// With its last chunk.
    Chunked,
    /// With the connection.
    UntilClose,
}

/// What the peer needs to know of a head.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// Bytes of the head, the empty line with them.
    pub(super) size: usize,
    pub(super) length: Length,
    /// Whether the writer said `connection: close`.
    pub(super) close: bool,
}

impl Head {
    /// Reads the head at the start of `bytes`; `None` while its empty line has not come.
    pub(super) fn parse(bytes: &[u8], writer: Writer) -> Result<Option<Self>, Malformed> {
        let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else {
            return Ok(None);
        };
        let unsaid = match writer {
            Writer::Client => Length::Fixed(0),
            Writer::Server => Length::UntilClose,
        };
        let mut head = Self { size: end + 4, length: unsaid, close: false };
        let mut lines = bytes[..end].split(|byte| *byte == b'\n');
        if lines.next().is_none_or(|line| memchr::memmem::find(line, b"HTTP/1.").is_none()) {
            return Err(Malformed("the first line names no HTTP/1 version"));
        }
        for line in lines {
            head.read_line(line)?;
        }
        Ok(Some(head))
    }

    fn read_line(&mut self, line: &[u8]) -> Result<(), Malformed> {
        let Some(colon) = memchr::memchr(b':', line) else {
            return Err(Malformed("a header line without a colon"));
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"content-length") {
            let text = std::str::from_utf8(value).map_err(|_| Malformed("content-length is not a number"))?;
            let bytes = text.parse().map_err(|_| Malformed("content-length is not a number"))?;
            // Chunked wins over a length, whichever comes first (RFC 9112, section 6.3).
            if self.length != Length::Chunked {
                self.length = Length::Fixed(bytes);
            }
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.length = Length::Chunked;
        } else if name.eq_ignore_ascii_case(b"connection") {
            self.close = value.eq_ignore_ascii_case(b"close");
        }
        Ok(())
    }
}
