//! What a rule compares a name with.

use std::fmt;

use crate::name;
use crate::problem::Fault;

/// A name, or the beginning of one. Case matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// `*`: every name, and no name at all.
    Any,
    /// `openai/*`: every name that begins so.
    Prefix(String),
    /// This name.
    Exact(String),
}

impl Pattern {
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let text = name::label(text)?;
        if text == "*" {
            return Ok(Self::Any);
        }
        let (start, prefix) = match text.strip_suffix('*') {
            Some(start) => (start, true),
            None => (text.as_str(), false),
        };
        if start.contains('*') {
            return Err(
                Fault::new("may have one *, at its end").hint("write \"openai/*\", \"*\" or a whole name")
            );
        }
        Ok(if prefix { Self::Prefix(start.to_owned()) } else { Self::Exact(start.to_owned()) })
    }

    /// Whether a name matches.
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Prefix(prefix) => name.starts_with(prefix.as_str()),
            Self::Exact(exact) => name == exact,
        }
    }

    /// Whether some name that begins with `stem`, and is longer, could match.
    pub(crate) fn may_match_below(&self, stem: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Prefix(prefix) => prefix.starts_with(stem) || stem.starts_with(prefix.as_str()),
            Self::Exact(exact) => exact.len() > stem.len() && exact.starts_with(stem),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Prefix(prefix) => write!(f, "{prefix}*"),
            Self::Exact(exact) => f.write_str(exact),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_pattern_matches_whole_names_or_beginnings() {
        let matches = |pattern, name| Pattern::parse(pattern).unwrap().matches(name);
        assert!(matches("*", "anything"));
        assert!(matches("openai/*", "openai/gpt-5"));
        assert!(!matches("openai/*", "openai-eu/gpt-5"));
        assert!(matches("openai/gpt-5", "openai/gpt-5"));
        assert!(!matches("openai/gpt-5", "openai/gpt-5-mini"));
        assert!(!matches("openai/gpt-5", "OpenAI/gpt-5"));
    }

    #[test]
    fn a_star_in_the_middle_is_refused() {
        for bad in ["*/gpt-5", "openai/*/x", "**", "", " openai/*"] {
            assert!(Pattern::parse(bad).is_err(), "{bad}");
        }
    }
}
