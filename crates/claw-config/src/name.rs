//! Names that the file chooses: of providers, of models, of tenants and users.

use std::fmt;

use crate::problem::Fault;

/// Words that stand where a provider's name would in a path or in a model name.
const RESERVED_PROVIDERS: [&str; 16] = [
    "auto",
    "chain",
    "chat",
    "embed",
    "embeddings",
    "generate",
    "model",
    "models",
    "preferences",
    "requests",
    "sessions",
    "show",
    "tags",
    "usage",
    "v1",
    "version",
];

/// Words that a client may send as the name of a model and that mean something of their own.
const RESERVED_MODELS: [&str; 2] = ["auto", "chain"];

/// The longest label: tenants and users of an identity provider are shorter.
const LONGEST_LABEL_BYTES: usize = 256;

/// The name of a provider, as it stands before the `/` of `openai/gpt-5` and in `/api/openai/v1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderName(String);

impl ProviderName {
    /// Reads `[a-z][a-z0-9-]{0,31}` that is not reserved.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let first = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        let rest = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !first || !rest || text.len() > 32 {
            return Err(Fault::new("is not a name for a provider")
                .hint("begin with a-z and use at most 32 of a-z, 0-9 and -"));
        }
        if RESERVED_PROVIDERS.contains(&text) {
            return Err(Fault::new("is a reserved word, which cannot name a provider")
                .hint(format!("name it \"{text}-1\", or after its vendor")));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for ProviderName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// A name of our own for one or several models, as clients send it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelName(String);

impl ModelName {
    /// Reads a name without `/` and spaces that is not reserved.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        if text.is_empty() || text.len() > 128 || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Fault::new("is not a name for a model")
                .hint("use at most 128 printable ASCII characters without spaces"));
        }
        if text.contains('/') || text.contains('*') {
            return Err(Fault::new("must hold neither / nor *")
                .hint("provider/model needs no entry here: clients may send it as it is"));
        }
        if RESERVED_MODELS.contains(&text) {
            return Err(Fault::new("is a reserved word, which cannot name a model"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for ModelName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Reads a text that names something in someone else's system: not empty, not huge, nothing unprintable.
pub(crate) fn label(text: &str) -> Result<String, Fault> {
    if text.is_empty() || text.trim() != text {
        return Err(Fault::new("must not be empty, nor begin or end with a space"));
    }
    if text.len() > LONGEST_LABEL_BYTES || text.chars().any(char::is_control) {
        return Err(Fault::new(format!(
            "must have at most {LONGEST_LABEL_BYTES} bytes and no control characters"
        )));
    }
    Ok(text.to_owned())
}

/// Reads the short name of something of ours: letters, digits, `.`, `_` and `-`, at most 64.
pub(crate) fn identifier(text: &str) -> Result<String, Fault> {
    let known = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    if !text.is_empty() && text.len() <= 64 && text.bytes().all(known) {
        return Ok(text.to_owned());
    }
    Err(Fault::new("is not an identifier")
        .hint("use at most 64 letters, digits, dots, underscores and hyphens"))
}
