//! What a message is made of. Wire names are not known here.

use crate::{Dialect, Json};

/// Who speaks a message. Tool results are parts of a user message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Instructions in mid-conversation; the leading ones are in `Request::system`.
    System,
    /// The person or program that asks.
    User,
    /// The model.
    Assistant,
}

/// One turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Part>,
    /// The speaker's name, where the dialect has one.
    pub name: Option<String>,
    /// Fields that only the dialect of origin knows.
    pub extra: Extra,
}

impl Message {
    /// A message of these parts and nothing else.
    pub fn new(role: Role, parts: Vec<Part>) -> Self {
        Self { role, parts, name: None, extra: Extra::default() }
    }
}

/// Fields that the hub has no word for, by name, as they arrived. They are written back to the dialect that they came from
/// (`Request::origin`) and to no other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extra(pub Vec<(String, Json)>);

impl Extra {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// One piece of content with what hangs on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The content.
    pub kind: PartKind,
    /// The prompt-cache point after this part, if the caller set one.
    pub cache: Option<CacheMark>,
    /// Fields that only the dialect of origin knows.
    pub extra: Extra,
}

impl From<PartKind> for Part {
    fn from(kind: PartKind) -> Self {
        Self { kind, cache: None, extra: Extra::default() }
    }
}

impl Part {
    /// A text part.
    pub fn text(text: impl Into<String>) -> Self {
        PartKind::Text(text.into()).into()
    }
}

/// A prompt-cache point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheMark {
    /// The provider's default life, five minutes.
    Default,
    /// Five minutes, said explicitly.
    FiveMinutes,
    /// One hour.
    OneHour,
}

/// The kinds of content.
#[derive(Clone, Debug, PartialEq)]
pub enum PartKind {
    /// Words.
    Text(String),
    /// A picture.
    Image(Media),
    /// A file, such as a PDF.
    Document(Media),
    /// Reasoning that must go back byte-identical to where it came from.
    Thinking(Thought),
    /// The model calls a tool.
    ToolCall {
        /// The id that the result will name. Empty where the provider gave none.
        id: String,
        /// The tool's name.
        name: String,
        /// The arguments as JSON text. It may be cut off, when the model ran out of tokens.
        arguments: String,
    },
    /// What a tool answered.
    ToolResult {
        /// The id of the call.
        id: String,
        /// The tool's name, where the dialect says it.
        name: Option<String>,
        /// The answer.
        content: Vec<Part>,
        /// Whether the tool failed.
        is_error: bool,
    },
    /// The model declines, in its own words.
    Refusal(String),
    /// Something that the hub has no word for: it goes back to its own dialect, and is lost or refused elsewhere.
    Foreign {
        /// The dialect that it came from.
        dialect: Dialect,
        /// What that dialect calls it.
        name: String,
        /// The whole of it.
        json: Json,
    },
}

/// A picture or a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Media {
    /// Where its bytes are.
    pub source: Source,
    /// The MIME type, such as `image/png`; empty where it is not said.
    pub media_type: String,
    /// The file's name or title, where one is given.
    pub name: Option<String>,
    /// How closely to look (`low`, `high`, `auto`), where it is said.
    pub detail: Option<String>,
}

/// Where the bytes of a medium are.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// Here, as base64 text.
    Base64(String),
    /// At an address that the provider shall fetch.
    Url(String),
    /// At the provider, under this file id.
    FileId(String),
    /// Here, as plain text.
    Text(String),
}

/// A piece of reasoning.
#[derive(Clone, Debug, PartialEq)]
pub struct Thought {
    /// The words; empty when the provider omits or encrypts them.
    pub text: String,
    /// The provider's signature over them.
    pub signature: Option<String>,
    /// The encrypted form that replaces the words, as Anthropic writes it.
    pub redacted: Option<String>,
}
