//! What a translation changed or dropped. Nothing is lost silently.

use std::fmt;

/// What happened to a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The target cannot say it.
    Dropped,
    /// The target says something near: what was made of it.
    Changed(&'static str),
}

/// One field that did not arrive as it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The field's path in the caller's words, such as `messages[0].name`.
    pub field: String,
    /// What happened to it.
    pub change: Change,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.change {
            Change::Dropped => write!(f, "{} dropped", self.field),
            Change::Changed(how) => write!(f, "{} {how}", self.field),
        }
    }
}

/// Everything that one translation changed or dropped, in order, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses(Vec<Loss>);

impl Losses {
    /// Notes that a field was dropped.
    pub fn dropped(&mut self, field: impl Into<String>) {
        self.note(field.into(), Change::Dropped);
    }

    /// Notes that a field was changed, and how: a short past phrase such as `clamped to 1`.
    pub fn changed(&mut self, field: impl Into<String>, how: &'static str) {
        self.note(field.into(), Change::Changed(how));
    }

    fn note(&mut self, field: String, change: Change) {
        let loss = Loss { field, change };
        if !self.0.contains(&loss) {
            self.0.push(loss);
        }
    }

    /// The notes.
    pub fn as_slice(&self) -> &[Loss] {
        &self.0
    }

    /// Whether everything arrived as it was said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, loss) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            loss.fmt(f)?;
        }
        Ok(())
    }
}
