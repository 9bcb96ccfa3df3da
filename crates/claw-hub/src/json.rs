//! Opaque JSON text, carried and never looked into.

use std::fmt;

/// A JSON value as the text that it arrived as: key order, number form and white space are kept, because prompt caches and
/// signatures depend on them. Whoever makes one has parsed the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Json(Box<str>);

impl Json {
    /// Wraps text that is known to be one valid JSON value.
    pub fn verbatim(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
