//! How a file begins: with what it is for and what it must not know.

use crate::{Finding, Tree};

/// Every Rust file begins with `//!`.
pub fn says_what_it_is_for(tree: &Tree) -> Vec<Finding> {
    tree.with_extension(&["rs"])
        .filter(|file| !file.text.trim_start().starts_with("//! "))
        .map(|file| {
            file.finding(1, "begins without `//!`: say what the file is for and what it must not know")
        })
        .collect()
}
