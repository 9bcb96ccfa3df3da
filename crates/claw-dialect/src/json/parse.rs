//! Text to a tree whose strings and numbers borrow from the text. It knows JSON (RFC 8259) and nothing else.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use memchr::memchr2;

/// Deeper nesting is refused, so that no body can exhaust the stack.
const DEPTH_MAX: usize = 128;
/// From this many keys on, duplicates are looked for with a set instead of pairwise.
const PAIRWISE_KEYS_MAX: usize = 24;

/// One value and the text that it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'a> {
    /// The value.
    pub value: Value<'a>,
    /// Its text, without surrounding white space.
    pub raw: &'a str,
}

/// The kinds of values.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as text.
    Number(&'a str),
    /// A string, unescaped.
    String(Cow<'a, str>),
    /// Values in order.
    Array(Vec<Node<'a>>),
    /// Keys and values in order; no key twice.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
}

impl<'a> Node<'a> {
    /// Where the value stands in the body that it was parsed from, in bytes.
    pub fn span(&self, body: &'a [u8]) -> Range<usize> {
        let start = (self.raw.as_ptr() as usize).saturating_sub(body.as_ptr() as usize);
        start..start + self.raw.len()
    }

    /// The text, for a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is whole and not negative; `1.0` and `1e3` count as whole.
    pub fn as_count(&self) -> Option<u64> {
        match self.value {
            Value::Number(text) => super::read::whole(text),
            _ => None,
        }
    }

    /// The values of an array; empty for anything else.
    pub fn items(&self) -> &[Node<'a>] {
        match &self.value {
            Value::Array(items) => items,
            _ => &[],
        }
    }

    /// The keys and values of an object; empty for anything else.
    pub fn fields(&self) -> &[(Cow<'a, str>, Node<'a>)] {
        match &self.value {
            Value::Object(fields) => fields,
            _ => &[],
        }
    }

    /// The value, unless it is `null`.
    pub fn some(&self) -> Option<&Self> {
        (self.value != Value::Null).then_some(self)
    }

    /// The field of an object.
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        match &self.value {
            Value::Object(fields) => fields.iter().find(|(name, _)| name == key).map(|(_, node)| node),
            _ => None,
        }
    }
}

/// Why a text is not JSON that is accepted here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {at}")]
pub struct ParseError {
    /// What is wrong, in words.
    pub what: Cow<'static, str>,
    /// Where, in bytes from the beginning.
    pub at: usize,
}

/// Reads one JSON value that fills the text.
///
/// # Errors
/// Anything that RFC 8259 does not allow, text that is not UTF-8, lone surrogates, a key that stands twice in one object at any depth, nesting over 128.
pub fn parse(body: &[u8]) -> Result<Node<'_>, ParseError> {
    let text = std::str::from_utf8(body)
        .map_err(|error| ParseError { what: "the body is not UTF-8".into(), at: error.valid_up_to() })?;
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0, depth: 0 };
    parser.skip_space();
    let node = parser.value()?;
    parser.skip_space();
    if parser.at < parser.bytes.len() {
        return Err(parser.error("unexpected text after the value"));
    }
    Ok(node)
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn error(&self, what: impl Into<Cow<'static, str>>) -> ParseError {
        ParseError { what: what.into(), at: self.at }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self) -> Result<Node<'a>, ParseError> {
        let start = self.at;
        let value = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Value::Number(self.number()?),
            Some(b't') => self.word("true", Value::Bool(true))?,
            Some(b'f') => self.word("false", Value::Bool(false))?,
            Some(b'n') => self.word("null", Value::Null)?,
            Some(_) => return Err(self.error("unexpected character")),
            None => return Err(self.error("unexpected end of the body")),
        };
        Ok(Node { value, raw: &self.text[start..self.at] })
    }

    fn nested(
        &mut self,
        read: fn(&mut Self) -> Result<Value<'a>, ParseError>,
    ) -> Result<Value<'a>, ParseError> {
        if self.depth == DEPTH_MAX {
            return Err(self.error("nested too deeply"));
        }
        self.depth += 1;
        self.at += 1;
        self.skip_space();
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, ParseError> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(value);
        }
        Err(self.error("unexpected word"))
    }

    fn object(&mut self) -> Result<Value<'a>, ParseError> {
        let mut fields = Vec::new();
        if self.eat(b'}') {
            return Ok(Value::Object(fields));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.error("expected a key in quotes"));
            }
            let key_at = self.at;
            let key = self.string()?;
            if fields.len() < PAIRWISE_KEYS_MAX && fields.iter().any(|(name, _)| *name == key) {
                return Err(duplicate(&key, key_at));
            }
            self.skip_space();
            if !self.eat(b':') {
                return Err(self.error("expected `:` after the key"));
            }
            self.skip_space();
            let node = self.value()?;
            fields.push((key, node));
            self.skip_space();
            if self.eat(b'}') {
                break;
            }
            if !self.eat(b',') {
                return Err(self.error("expected `,` or `}`"));
            }
            self.skip_space();
        }
        if fields.len() > PAIRWISE_KEYS_MAX {
            self.refuse_duplicates(&fields)?;
        }
        Ok(Value::Object(fields))
    }

    fn refuse_duplicates(&self, fields: &[(Cow<'a, str>, Node<'a>)]) -> Result<(), ParseError> {
        let mut seen = HashSet::with_capacity(fields.len());
        match fields.iter().find(|(key, _)| !seen.insert(key.as_ref())) {
            Some((key, _)) => Err(duplicate(key, self.at)),
            None => Ok(()),
        }
    }

    fn array(&mut self) -> Result<Value<'a>, ParseError> {
        let mut items = Vec::new();
        if self.eat(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value()?);
            self.skip_space();
            if self.eat(b']') {
                return Ok(Value::Array(items));
            }
            if !self.eat(b',') {
                return Err(self.error("expected `,` or `]`"));
            }
            self.skip_space();
        }
    }

    fn number(&mut self) -> Result<&'a str, ParseError> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') && self.digits() == 0 {
            return Err(self.error("expected a digit"));
        }
        if self.eat(b'.') && self.digits() == 0 {
            return Err(self.error("expected a digit after the point"));
        }
        if self.eat(b'e') || self.eat(b'E') {
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            if self.digits() == 0 {
                return Err(self.error("expected a digit in the exponent"));
            }
        }
        Ok(&self.text[start..self.at])
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    /// Reads a string whose opening quote is next. Without escapes it borrows.
    fn string(&mut self) -> Result<Cow<'a, str>, ParseError> {
        self.at += 1;
        let start = self.at;
        let Some(stop) = memchr2(b'"', b'\\', &self.bytes[self.at..]) else {
            return Err(self.error("a string is not closed"));
        };
        self.refuse_control(start, start + stop)?;
        self.at = start + stop;
        if self.eat(b'"') {
            return Ok(Cow::Borrowed(&self.text[start..start + stop]));
        }
        let mut owned = String::with_capacity((stop + 16).min(self.bytes.len()));
        owned.push_str(&self.text[start..start + stop]);
        self.escaped(&mut owned)?;
        Ok(Cow::Owned(owned))
    }

    fn escaped(&mut self, owned: &mut String) -> Result<(), ParseError> {
        loop {
            let start = self.at;
            let Some(stop) = memchr2(b'"', b'\\', &self.bytes[start..]) else {
                return Err(self.error("a string is not closed"));
            };
            self.refuse_control(start, start + stop)?;
            owned.push_str(&self.text[start..start + stop]);
            self.at = start + stop + 1;
            if self.bytes[self.at - 1] == b'"' {
                return Ok(());
            }
            owned.push(self.escape()?);
        }
    }

    fn refuse_control(&self, start: usize, end: usize) -> Result<(), ParseError> {
        let bytes = &self.bytes[start..end];
        // Without a way out of the loop many bytes are looked at in one step.
        if !bytes.iter().fold(false, |found, byte| found | (*byte < 0x20)) {
            return Ok(());
        }
        match bytes.iter().position(|byte| *byte < 0x20) {
            Some(offset) => Err(ParseError {
                what: "a control character in a string must be escaped".into(),
                at: start + offset,
            }),
            None => Ok(()),
        }
    }

    /// Reads what follows a backslash.
    fn escape(&mut self) -> Result<char, ParseError> {
        let byte = self.peek().ok_or_else(|| self.error("a string is not closed"))?;
        self.at += 1;
        Ok(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(self.error("unknown escape in a string")),
        })
    }

    fn unicode(&mut self) -> Result<char, ParseError> {
        let high = self.hex4()?;
        let code = if (0xD800..0xDC00).contains(&high) {
            if !(self.eat(b'\\') && self.eat(b'u')) {
                return Err(self.error("a surrogate stands alone"));
            }
            let low = self.hex4()?;
            if !(0xDC00..0xE000).contains(&low) {
                return Err(self.error("a surrogate stands alone"));
            }
            0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
        } else {
            high
        };
        char::from_u32(code).ok_or_else(|| self.error("a surrogate stands alone"))
    }

    fn hex4(&mut self) -> Result<u32, ParseError> {
        let digits =
            self.bytes.get(self.at..self.at + 4).ok_or_else(|| self.error("a string is not closed"))?;
        let mut code = 0;
        for digit in digits {
            let value =
                char::from(*digit).to_digit(16).ok_or_else(|| self.error("expected four hex digits"))?;
            code = code * 16 + value;
        }
        self.at += 4;
        Ok(code)
    }
}

fn duplicate(key: &str, at: usize) -> ParseError {
    let short: String = key.chars().take(64).collect();
    ParseError { what: format!("the key `{short}` stands twice in one object").into(), at }
}
