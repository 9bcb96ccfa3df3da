//! Counts the server-sent events of one reply, from any cut of its bytes, and the marked text in them.
//! It must not know which dialect the events are in.

use memchr::{memchr, memmem};

/// The word that stands once in every content event of the upstream, so that lost or doubled text is seen
/// whatever a gateway does to the frames around it.
pub(crate) const MARK: &str = "zephyr";

/// What was counted of one stream.
#[derive(Default)]
pub(crate) struct EventCount {
    line: Vec<u8>,
    has_data: bool,
    /// Events that carried data; comments are none.
    pub(crate) events: u64,
    /// Marked content texts.
    pub(crate) marks: u64,
    /// Whether the closing `[DONE]` came, and nothing after it.
    pub(crate) ended: bool,
}

impl EventCount {
    /// Forgets the last stream and keeps its memory.
    pub(crate) fn reset(&mut self) {
        self.line.clear();
        self.has_data = false;
        (self.events, self.marks, self.ended) = (0, 0, false);
    }

    /// Takes the next bytes of the stream; returns how many events they completed.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) -> u64 {
        let before = self.events;
        while let Some(end) = memchr(b'\n', bytes) {
            if self.line.is_empty() {
                self.take_line(&bytes[..end]);
            } else {
                let mut line = std::mem::take(&mut self.line);
                line.extend_from_slice(&bytes[..end]);
                self.take_line(&line);
                line.clear();
                self.line = line;
            }
            bytes = &bytes[end + 1..];
        }
        self.line.extend_from_slice(bytes);
        self.events - before
    }

    fn take_line(&mut self, line: &[u8]) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            self.events += u64::from(std::mem::take(&mut self.has_data));
        } else if let Some(data) = line.strip_prefix(b"data:") {
            self.has_data = true;
            self.ended = data.trim_ascii() == b"[DONE]";
            self.marks += memmem::find_iter(data, MARK).count() as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIRE: &[u8] =
        b": hello\n\ndata: {\"a\":\" zephyr\"}\n\nevent: x\ndata:{\"b\":\"zephyr zephyr\"}\r\n\r\ndata: [DONE]\n\n";

    #[test]
    fn any_cut_of_the_bytes_gives_the_same_counts() {
        let mut count = EventCount::default();
        for cut in 0..=WIRE.len() {
            count.reset();
            let events = count.feed(&WIRE[..cut]) + count.feed(&WIRE[cut..]);
            assert_eq!((events, count.events, count.marks, count.ended), (3, 3, 3, true), "cut at {cut}");
        }
    }

    #[test]
    fn a_stream_without_its_end_is_not_ended() {
        let mut count = EventCount::default();
        count.feed(&WIRE[..WIRE.len() - 15]);
        assert!(!count.ended);
    }

    #[test]
    fn data_after_the_end_takes_the_end_back() {
        let mut count = EventCount::default();
        count.feed(b"data: [DONE]\n\ndata: more\n\n");
        assert!(!count.ended);
    }
}
