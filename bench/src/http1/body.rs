//! The body of an HTTP/1.1 message, decoded from any cut of its bytes without copying them.
//! It must not know heads or sockets.

use super::Malformed;
use super::head::Length;

/// A chunk size with more hexadecimal digits than this is refused.
const MAX_SIZE_DIGITS: u8 = 8;

/// Where in the body the next byte stands.
#[derive(Clone, Copy)]
enum At {
    /// Inside a body of known length.
    Fixed(u64),
    /// Inside a body that ends with the connection.
    UntilClose,
    /// Among the digits of a chunk's size.
    Size {
        size: u64,
        digits: u8,
    },
    /// After the digits, before the end of the line.
    Extension(u64),
    /// Inside the data of a chunk.
    Data(u64),
    /// Before the line end that follows the data of a chunk.
    DataEnd,
    /// In the lines after the last chunk; the flag says whether the line has a byte yet.
    Trailer {
        empty: bool,
    },
    Done,
}

/// A body being decoded.
pub(super) struct Body {
    at: At,
}

impl Body {
    pub(super) fn new(length: Length) -> Self {
        let at = match length {
            Length::Fixed(0) => At::Done,
            Length::Fixed(bytes) => At::Fixed(bytes),
            Length::Chunked => At::Size { size: 0, digits: 0 },
            Length::UntilClose => At::UntilClose,
        };
        Self { at }
    }

    pub(super) fn is_complete(&self) -> bool {
        matches!(self.at, At::Done)
    }

    pub(super) fn ends_with_connection(&self) -> bool {
        matches!(self.at, At::UntilClose)
    }

    /// Takes bytes until they or the body end; returns how many were taken.
    pub(super) fn feed(&mut self, bytes: &[u8], sink: &mut impl FnMut(&[u8])) -> Result<usize, Malformed> {
        let mut used = 0;
        while used < bytes.len() && !self.is_complete() {
            used += self.step(&bytes[used..], sink)?;
        }
        Ok(used)
    }

    /// Takes at least one byte of `bytes`, which is not empty.
    fn step(&mut self, bytes: &[u8], sink: &mut impl FnMut(&[u8])) -> Result<usize, Malformed> {
        let first = bytes[0];
        match self.at {
            At::Fixed(left) => {
                let (used, left) = pass(bytes, left, sink);
                self.at = if left == 0 { At::Done } else { At::Fixed(left) };
                return Ok(used);
            }
            At::Data(left) => {
                let (used, left) = pass(bytes, left, sink);
                self.at = if left == 0 { At::DataEnd } else { At::Data(left) };
                return Ok(used);
            }
            At::UntilClose => {
                sink(bytes);
                return Ok(bytes.len());
            }
            At::Size { size, digits } => self.at = after_size(first, size, digits)?,
            At::Extension(size) if first == b'\n' => {
                self.at = if size == 0 { At::Trailer { empty: true } } else { At::Data(size) };
            }
            At::DataEnd if first == b'\n' => self.at = At::Size { size: 0, digits: 0 },
            At::DataEnd if first != b'\r' => return Err(Malformed("a chunk is longer than it said")),
            At::Trailer { empty } => {
                self.at = match first {
                    b'\n' if empty => At::Done,
                    b'\n' => At::Trailer { empty: true },
                    b'\r' => At::Trailer { empty },
                    _ => At::Trailer { empty: false },
                };
            }
            At::Extension(_) | At::DataEnd | At::Done => {}
        }
        Ok(1)
    }
}

/// Hands up to `left` bytes on; returns how many, and how many are still to come.
fn pass(bytes: &[u8], left: u64, sink: &mut impl FnMut(&[u8])) -> (usize, u64) {
    let used = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
    sink(&bytes[..used]);
    (used, left - used as u64)
}

fn after_size(byte: u8, size: u64, digits: u8) -> Result<At, Malformed> {
    match char::from(byte).to_digit(16) {
        Some(_) if digits == MAX_SIZE_DIGITS => Err(Malformed("the size of a chunk is too large")),
        Some(digit) => Ok(At::Size { size: size * 16 + u64::from(digit), digits: digits + 1 }),
        None if digits == 0 => Err(Malformed("a chunk without a size")),
        None if byte == b'\r' || byte == b';' || byte == b' ' => Ok(At::Extension(size)),
        None => Err(Malformed("a chunk whose size is not hexadecimal")),
    }
}
