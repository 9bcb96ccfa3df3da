//! Writing JSON straight into a buffer, in the order in which it is said, opaque text as it is.

use claw_hub::{Extra, Json};

/// Writes one object.
pub fn object(out: &mut Vec<u8>, fill: impl FnOnce(&mut ObjectWriter<'_>)) {
    out.push(b'{');
    fill(&mut ObjectWriter { out, first: true });
    out.push(b'}');
}

/// Writes one array.
pub fn array(out: &mut Vec<u8>, fill: impl FnOnce(&mut ArrayWriter<'_>)) {
    out.push(b'[');
    fill(&mut ArrayWriter { out, first: true });
    out.push(b']');
}

/// An object that is being written.
pub struct ObjectWriter<'w> {
    out: &'w mut Vec<u8>,
    first: bool,
}

impl ObjectWriter<'_> {
    fn key(&mut self, key: &str) -> &mut Vec<u8> {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        escape(key, self.out);
        self.out.push(b':');
        self.out
    }

    /// A string.
    pub fn string(&mut self, key: &str, text: &str) {
        escape(text, self.key(key));
    }

    /// A string, if there is one.
    pub fn maybe_string(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.string(key, text);
        }
    }

    /// A whole number.
    pub fn count(&mut self, key: &str, number: u64) {
        decimal(number, self.key(key));
    }

    /// A whole number, if there is one.
    pub fn maybe_count(&mut self, key: &str, number: Option<u64>) {
        if let Some(number) = number {
            self.count(key, number);
        }
    }

    /// A boolean.
    pub fn boolean(&mut self, key: &str, value: bool) {
        self.key(key).extend_from_slice(if value { b"true" } else { b"false" });
    }

    /// `null`.
    pub fn null(&mut self, key: &str) {
        self.key(key).extend_from_slice(b"null");
    }

    /// Opaque text.
    pub fn raw(&mut self, key: &str, json: &str) {
        self.key(key).extend_from_slice(json.as_bytes());
    }

    /// Opaque text, if there is some.
    pub fn maybe_raw(&mut self, key: &str, json: Option<&Json>) {
        if let Some(json) = json {
            self.raw(key, json.as_str());
        }
    }

    /// An object.
    pub fn object(&mut self, key: &str, fill: impl FnOnce(&mut ObjectWriter<'_>)) {
        object(self.key(key), fill);
    }

    /// An array.
    pub fn array(&mut self, key: &str, fill: impl FnOnce(&mut ArrayWriter<'_>)) {
        array(self.key(key), fill);
    }

    /// Fields that are carried along.
    pub fn extra(&mut self, extra: &Extra) {
        for (key, json) in &extra.0 {
            self.raw(key, json.as_str());
        }
    }
}

/// An array that is being written.
pub struct ArrayWriter<'w> {
    out: &'w mut Vec<u8>,
    first: bool,
}

impl ArrayWriter<'_> {
    fn item(&mut self) -> &mut Vec<u8> {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        self.out
    }

    /// A string.
    pub fn string(&mut self, text: &str) {
        escape(text, self.item());
    }

    /// Opaque text.
    pub fn raw(&mut self, json: &str) {
        self.item().extend_from_slice(json.as_bytes());
    }

    /// An object.
    pub fn object(&mut self, fill: impl FnOnce(&mut ObjectWriter<'_>)) {
        object(self.item(), fill);
    }
}

/// Writes a string in quotes. Only what must be escaped is.
pub fn escape(text: &str, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.reserve(text.len() + 2);
    out.push(b'"');
    let bytes = text.as_bytes();
    // Without a way out of the loop many bytes are looked at in one step.
    let must = |byte: u8| (byte < 0x20) | (byte == b'"') | (byte == b'\\');
    if !bytes.iter().fold(false, |found, byte| found | must(*byte)) {
        out.extend_from_slice(bytes);
        out.push(b'"');
        return;
    }
    let mut clean = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let short = match byte {
            b'"' => b'"',
            b'\\' => b'\\',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0..0x20 => b'u',
            _ => continue,
        };
        out.extend_from_slice(&bytes[clean..at]);
        out.extend_from_slice(&[b'\\', short]);
        if short == b'u' {
            out.extend_from_slice(&[b'0', b'0', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
        clean = at + 1;
    }
    out.extend_from_slice(&bytes[clean..]);
    out.push(b'"');
}

fn decimal(number: u64, out: &mut Vec<u8>) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut left = number;
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(left % 10).unwrap_or(0);
        left /= 10;
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}
