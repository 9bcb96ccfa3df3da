//! Regular expressions that stand in the source. A broken one must stop the tests, not pass them by finding nothing.

use regex::Regex;

/// The expression of this text.
#[expect(clippy::expect_used, reason = "a rule whose expression is broken would find nothing and pass")]
pub(crate) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("an expression of this crate is one")
}
