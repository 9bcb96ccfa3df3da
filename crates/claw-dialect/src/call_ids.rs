//! Ids and names that a target's pattern does not allow, made to fit without two of them becoming one.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crc32fast::hash as crc32;

/// What a target allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pattern {
    /// The characters.
    pub(crate) allows: fn(u8) -> bool,
    /// The most bytes.
    pub(crate) max_bytes: usize,
}

/// Letters, digits, `_` and `-`.
pub(crate) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Makes a text fit: what does not is replaced by `_`, and a checksum of the whole keeps different texts apart. The same text
/// always gives the same result, so prompt caches hold from turn to turn.
pub(crate) fn fit(text: &str, pattern: Pattern) -> Cow<'_, str> {
    if !text.is_empty() && text.len() <= pattern.max_bytes && text.bytes().all(pattern.allows) {
        return Cow::Borrowed(text);
    }
    let legible = text.chars().map(|letter| match u8::try_from(letter) {
        Ok(byte) if byte.is_ascii() && (pattern.allows)(byte) => letter,
        _ => '_',
    });
    let checksum = crc32(text.as_bytes());
    let mut fitted: String = legible.take(pattern.max_bytes.saturating_sub(9)).collect();
    fitted.push_str(&format!("_{checksum:08x}"));
    Cow::Owned(fitted)
}

/// Makes a text fit and differ from all in `used`, to which it is added.
pub(crate) fn fit_anew(text: &str, pattern: Pattern, used: &mut HashSet<String>) -> String {
    let fitted = fit(text, pattern);
    if !used.contains(fitted.as_ref()) {
        used.insert(fitted.as_ref().to_owned());
        return fitted.into_owned();
    }
    let mut n = 2_usize;
    loop {
        let suffix = format!("_{n}");
        let kept = pattern.max_bytes.saturating_sub(suffix.len()).min(fitted.len());
        let candidate = format!("{}{suffix}", &fitted[..kept]);
        if used.insert(candidate.clone()) {
            return candidate;
        }
        n += 1;
    }
}

/// The ids of a conversation's tool calls, asked for in its order. Ids that are missing, used twice or not allowed become ids that
/// are there, unique and allowed, and each result gets the id of the call that it answers.
#[derive(Debug)]
pub(crate) struct CallIds {
    pattern: Pattern,
    used: HashSet<String>,
    calls: HashMap<String, Vec<Call>>,
}

#[derive(Debug)]
struct Call {
    wire: String,
    name: String,
    answered: bool,
}

impl CallIds {
    /// No calls yet.
    pub(crate) fn new(pattern: Pattern) -> Self {
        Self { pattern, used: HashSet::new(), calls: HashMap::new() }
    }

    /// The id to write for a call.
    pub(crate) fn call(&mut self, id: &str, name: &str) -> String {
        let wire = fit_anew(if id.is_empty() { "call" } else { id }, self.pattern, &mut self.used);
        let call = Call { wire: wire.clone(), name: name.to_owned(), answered: false };
        self.calls.entry(id.to_owned()).or_default().push(call);
        wire
    }

    /// The id to write for a result: that of the first call of this id that has no answer yet, by name where the caller gave no ids.
    pub(crate) fn result(&mut self, id: &str, name: Option<&str>) -> String {
        let calls = self.calls.get_mut(id).map_or(&mut [][..], Vec::as_mut_slice);
        let open = |call: &Call| !call.answered;
        let at = calls
            .iter()
            .position(|call| open(call) && name.is_some_and(|name| id.is_empty() && call.name == name))
            .or_else(|| calls.iter().position(open));
        match at {
            Some(at) => {
                calls[at].answered = true;
                calls[at].wire.clone()
            }
            // An answer to nothing, or a second one: the provider says what it thinks of it.
            None => match calls.last() {
                Some(last) => last.wire.clone(),
                None => fit(if id.is_empty() { "call" } else { id }, self.pattern).into_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests;
