//! JSON as the codecs need it: every value knows its place in the body, numbers keep their text, duplicate keys are
//! refused at every depth, unknown fields can be listed, and errors name the path.
//!
//! `serde_json` gives no places, keeps no number text and lets a duplicate key win silently, and those three are what
//! "what is authorised is what is forwarded" rests on; so this is written here. It knows nothing of any dialect.

mod parse;
mod read;
mod write;

pub use parse::{Node, ParseError, Value, parse};
pub use read::{Object, Path};
pub use write::{ArrayWriter, ObjectWriter, array, escape, object};

#[cfg(test)]
mod tests;
