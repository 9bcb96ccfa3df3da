//! What is wrong with a configuration, said so that a person can put it right without reading code.
//!
//! A problem never carries what a reference resolved to, nor a secret that was written into the file:
//! problems end up in terminals, logs and tickets.

use std::fmt;

/// One thing that is wrong (or, in the list of warnings, suspicious) in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The dotted path of the key, as `providers.openai.base_url`; the file itself if no key is at fault.
    pub path: String,
    /// The line in the file, counted from 1; absent if the problem is that something is not there at all.
    pub line: Option<usize>,
    /// The value as it is written in the file; absent if there is none, or if it may be a secret.
    pub value: Option<String>,
    /// What is wrong, as a phrase that follows the path.
    pub message: String,
    /// What to do about it, where there is something better to say than the message itself.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.path)?;
        if let Some(value) = &self.value {
            write!(f, " = {value}")?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, "\n    hint: {hint}")?;
        }
        Ok(())
    }
}

/// Every problem of one file, in the order of its lines; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("the configuration has 1 problem")?,
            count => write!(f, "the configuration has {count} problems")?,
        }
        for problem in &self.0 {
            write!(f, "\n{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// What the parser of one value says: the place is known to the reader, not to it.
///
/// Neither part may quote the value, because it may have come out of a reference.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Fault {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
