//! Tools that the model may call. Wire names are not known here.

use crate::{CacheMark, Dialect, Extra, Json};

/// A tool on offer.
#[derive(Clone, Debug, PartialEq)]
pub enum Tool {
    /// A function that the caller runs.
    Function {
        /// Its name.
        name: String,
        /// What it is for.
        description: Option<String>,
        /// The JSON Schema of its arguments, as it arrived.
        schema: Option<Json>,
        /// Whether arguments must follow the schema to the letter.
        strict: Option<bool>,
        /// The prompt-cache point after this tool.
        cache: Option<CacheMark>,
        /// Fields that only the dialect of origin knows.
        extra: Extra,
    },
    /// A tool that the provider runs, or that the hub has no word for: only its own dialect can be sent it.
    Foreign {
        /// The dialect that it came from.
        dialect: Dialect,
        /// What that dialect calls it.
        name: String,
        /// The whole of it.
        json: Json,
    },
}

impl Tool {
    /// The name that a choice or a refusal uses.
    pub fn name(&self) -> &str {
        match self {
            Self::Function { name, .. } | Self::Foreign { name, .. } => name,
        }
    }
}

/// Whether and which tool to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolChoice {
    /// The model decides.
    Auto,
    /// At least one tool must be called.
    Required,
    /// No tool may be called.
    None,
    /// This tool must be called.
    Named(String),
    /// Only these may be called; `required` says whether one must be.
    Among {
        /// The tools' names.
        names: Vec<String>,
        /// Whether one must be called.
        required: bool,
    },
}
