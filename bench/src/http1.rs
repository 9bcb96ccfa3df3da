//! Just enough HTTP/1.1 to be a lean peer of a proxy: one message at a time, read from any cut of the bytes.
//! It must not know sockets or JSON. It is written by hand because load and upstream share one core, and a
//! full HTTP library there would become the limit that the benchmark is meant to find in the proxy.

mod body;
mod head;
#[cfg(test)]
mod tests;

use body::Body;
use head::{Head, Length};

/// Bytes that are not the HTTP/1.1 that was expected; the text says which rule was broken.
#[derive(Debug)]
pub(crate) struct Malformed(pub(crate) &'static str);

impl std::fmt::Display for Malformed {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "malformed HTTP/1.1: {}", self.0)
    }
}

impl std::error::Error for Malformed {}

/// Who wrote the message; it decides what a missing length means.
#[derive(Clone, Copy)]
pub(crate) enum Writer {
    /// A request without a length has no body.
    Client,
    /// A reply without a length ends with its connection.
    Server,
}

/// One message being read. It is reused for the next message of the connection with [`Message::reset`].
pub(crate) struct Message {
    writer: Writer,
    raw_head: Vec<u8>,
    head: Option<Head>,
    body: Body,
}

/// A head longer than this is refused.
const MAX_HEAD_BYTES: usize = 16 * 1024;

impl Message {
    /// A message of which nothing has been read.
    pub(crate) fn new(writer: Writer) -> Self {
        Self { writer, raw_head: Vec::with_capacity(1024), head: None, body: Body::new(Length::Fixed(0)) }
    }

    /// Forgets the last message and keeps its memory.
    pub(crate) fn reset(&mut self) {
        self.raw_head.clear();
        self.head = None;
    }

    /// Takes the next bytes of the connection, hands decoded body bytes to `sink`, and returns how many bytes
    /// belonged to this message.
    pub(crate) fn feed(&mut self, bytes: &[u8], sink: &mut impl FnMut(&[u8])) -> Result<usize, Malformed> {
        let mut used = 0;
        if self.head.is_none() {
            used = self.feed_head(bytes)?;
            if self.head.is_none() {
                return Ok(used);
            }
        }
        Ok(used + self.body.feed(&bytes[used..], sink)?)
    }

    fn feed_head(&mut self, bytes: &[u8]) -> Result<usize, Malformed> {
        let before = self.raw_head.len();
        self.raw_head.extend_from_slice(bytes);
        let Some(head) = Head::parse(&self.raw_head, self.writer)? else {
            return if self.raw_head.len() > MAX_HEAD_BYTES {
                Err(Malformed("the head does not end"))
            } else {
                Ok(bytes.len())
            };
        };
        self.raw_head.truncate(head.size);
        self.body = Body::new(head.length);
        let used = head.size - before;
        self.head = Some(head);
        Ok(used)
    }

    /// Whether the last byte of the message was read.
    pub(crate) fn is_complete(&self) -> bool {
        self.head.is_some() && self.body.is_complete()
    }

    /// Whether the end of the connection here is the proper end of the message.
    pub(crate) fn may_end_now(&self) -> bool {
        self.is_complete() || (self.head.is_some() && self.body.ends_with_connection())
    }

    /// Whether the writer closes the connection after this message.
    pub(crate) fn closes(&self) -> bool {
        self.head.as_ref().is_some_and(|head| head.close) || self.body.ends_with_connection()
    }

    /// The request or status line, empty until the head was read.
    pub(crate) fn start_line(&self) -> &[u8] {
        let end = memchr::memchr(b'\r', &self.raw_head).unwrap_or(0);
        &self.raw_head[..end]
    }

    /// The status of a reply, 0 where the line holds none.
    pub(crate) fn status(&self) -> u16 {
        let digits = self.start_line().get(9..12).unwrap_or_default();
        std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
    }
}
