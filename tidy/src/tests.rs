//! Plants one violation after the other, to show that each rule sees it, and beside it what is right, to show that it is left alone.

mod code;
mod documents;
mod proofs;

use crate::{Finding, Tree};

/// The places where a rule finds something, as `path:line`.
fn places(rule: fn(&Tree) -> Vec<Finding>, files: &[(&str, &str)]) -> Vec<String> {
    rule(&Tree::of(files)).iter().map(|finding| format!("{}:{}", finding.path, finding.line)).collect()
}
