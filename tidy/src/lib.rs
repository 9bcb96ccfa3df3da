//! The rules of the house that neither the compiler nor a lint can check.
//!
//! Each rule is a function from a [`Tree`] of files to what is wrong in it. `tests/repository.rs` applies them all to this
//! repository; the tests in here plant one violation for each rule, so that no rule can pass by being blind. It knows no
//! crate of the workspace but by name and path.

pub mod absence;
pub mod claims;
pub mod graph;
pub mod keys;
pub mod links;
mod manifest;
pub mod names;
pub mod opening;
mod pattern;
pub mod size;
mod source;
mod tree;
pub mod words;

pub use tree::{File, Finding, Tree};

#[cfg(test)]
mod tests;
