//! Looks at all text that will be sent, whatever field it stands in, and refuses what a configured pattern forbids.
//! It sees the hub's request only, never a wire format, and runs no code of users.

use std::marker::PhantomData;

use claw_hub::{Asked, Inspected, Json, Kind, Proof, Refusal, Visit};
use regex::RegexSet;
use serde_json::Value;

/// The key that only this stage can make.
pub struct Key(());

/// The stage. `B` is the key of the stage before.
pub struct Guard<B> {
    blocked: Option<RegexSet>,
    after: PhantomData<fn() -> B>,
}

impl<B> Guard<B> {
    /// A guard that refuses prompts in which one of the patterns is found.
    ///
    /// # Errors
    /// A pattern is not a regular expression, or all together are too large.
    pub fn new(patterns: &[String]) -> Result<Self, regex::Error> {
        let blocked = if patterns.is_empty() { None } else { Some(RegexSet::new(patterns)?) };
        Ok(Self { blocked, after: PhantomData })
    }

    /// Looks at a request.
    ///
    /// # Errors
    /// `Forbidden`: a blocked pattern was found. The refusal says which, and never what matched.
    pub fn inspect(&self, asked: Proof<B, Asked>) -> Result<Proof<Key, Inspected>, Refusal> {
        let asked = asked.into_inner();
        if let Some(blocked) = &self.blocked {
            let mut search = Search { blocked, found: None };
            asked.request.visit(&mut search);
            if let Some(index) = search.found {
                return Err(Refusal::caller(
                    Kind::Forbidden,
                    format!(
                        "the prompt contains what this gateway does not let through (blocked pattern {})",
                        index + 1
                    ),
                ));
            }
        }
        Ok(Proof::seal(&Key(()), Inspected { asked, findings: Vec::new() }))
    }
}

struct Search<'g> {
    blocked: &'g RegexSet,
    found: Option<usize>,
}

impl Visit for Search<'_> {
    fn text(&mut self, text: &str) {
        // Whether anything matches is much cheaper to find out than what; almost always nothing does.
        if self.found.is_none() && self.blocked.is_match(text) {
            self.found = self.blocked.matches(text).iter().next();
        }
    }

    /// What the codec does not know is searched string by string, unescaped, so that `\u0041` hides nothing; the text itself is searched too.
    fn opaque(&mut self, json: &Json) {
        self.text(json.as_str());
        if let Ok(value) = serde_json::from_str(json.as_str()) {
            self.strings(&value);
        }
    }
}

impl Search<'_> {
    fn strings(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter().for_each(|item| self.strings(item)),
            Value::Object(fields) => fields.iter().for_each(|(key, item)| {
                self.text(key);
                self.strings(item);
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
