//! Walking a parsed tree: fields are taken out of an object one by one, what is left is unknown, and errors name the path.

use std::borrow::Cow;
use std::fmt;

use claw_hub::{Extra, Json, Kind, Refusal};

use super::parse::{Node, ParseError, Value};

/// Where in the body something stands. It lives on the stack and is only written out when something is wrong.
#[derive(Clone, Copy, Debug)]
pub enum Path<'p> {
    /// The body itself.
    Root,
    /// A field of an object.
    Field(&'p Path<'p>, &'p str),
    /// An item of an array.
    Item(&'p Path<'p>, usize),
}

impl<'p> Path<'p> {
    /// The path of a field below this one.
    pub fn field(&'p self, name: &'p str) -> Path<'p> {
        Path::Field(self, name)
    }

    /// The path of an item below this one.
    pub fn item(&'p self, index: usize) -> Path<'p> {
        Path::Item(self, index)
    }

    /// A refusal of what stands here: `message` continues the sentence that the path begins.
    pub fn refuse(&self, message: impl fmt::Display) -> Refusal {
        let path = self.to_string();
        if path.is_empty() {
            return Refusal::caller(Kind::Malformed, format!("the body {message}"));
        }
        Refusal::caller(Kind::Malformed, format!("`{path}` {message}")).at(path)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Field(Path::Root, name) => f.write_str(name),
            Path::Field(parent, name) => write!(f, "{parent}.{name}"),
            Path::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

impl From<ParseError> for Refusal {
    /// What a caller is told whose body is not JSON.
    fn from(error: ParseError) -> Self {
        Self::caller(Kind::Malformed, format!("the body is not JSON that is accepted: {error}"))
    }
}

/// An object whose fields are being taken out.
pub struct Object<'a, 'p> {
    fields: Vec<(Cow<'a, str>, Option<Node<'a>>)>,
    asked: Vec<&'static str>,
    path: Path<'p>,
}

impl<'a, 'p> Object<'a, 'p> {
    /// Opens an object.
    ///
    /// # Errors
    /// The value is something else.
    pub fn open(node: Node<'a>, path: Path<'p>) -> Result<Self, Refusal> {
        match node.value {
            Value::Object(fields) => {
                let fields = fields.into_iter().map(|(key, node)| (key, Some(node))).collect();
                Ok(Self { fields, asked: Vec::new(), path })
            }
            _ => Err(path.refuse("must be an object")),
        }
    }

    /// The object's own path.
    pub fn path(&self) -> &Path<'p> {
        &self.path
    }

    /// Takes a field out. `null` counts as absent.
    pub fn take(&mut self, name: &'static str) -> Option<Node<'a>> {
        self.take_nullable(name).filter(|node| node.value != Value::Null)
    }

    /// Takes a field out, `null` included.
    pub fn take_nullable(&mut self, name: &'static str) -> Option<Node<'a>> {
        self.asked.push(name);
        self.fields
            .iter_mut()
            .find(|(key, node)| node.is_some() && key == name)
            .and_then(|(_, node)| node.take())
    }

    /// Takes a field that must be there.
    ///
    /// # Errors
    /// It is absent or `null`.
    pub fn need(&mut self, name: &'static str) -> Result<Node<'a>, Refusal> {
        self.take(name).ok_or_else(|| self.path.field(name).refuse("is required"))
    }

    /// Takes a string.
    ///
    /// # Errors
    /// It is something else.
    pub fn string(&mut self, name: &'static str) -> Result<Option<String>, Refusal> {
        Ok(self.text(name)?.map(Cow::into_owned))
    }

    /// Takes a string without copying it where it has no escapes.
    ///
    /// # Errors
    /// It is something else.
    pub fn text(&mut self, name: &'static str) -> Result<Option<Cow<'a, str>>, Refusal> {
        match self.take(name).map(|node| node.value) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.path.field(name).refuse("must be a string")),
        }
    }

    /// Takes a string that must be there.
    ///
    /// # Errors
    /// It is absent or something else.
    pub fn need_string(&mut self, name: &'static str) -> Result<String, Refusal> {
        self.string(name)?.ok_or_else(|| self.path.field(name).refuse("is required"))
    }

    /// Takes a boolean.
    ///
    /// # Errors
    /// It is something else.
    pub fn boolean(&mut self, name: &'static str) -> Result<Option<bool>, Refusal> {
        match self.take(name).map(|node| node.value) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(value)),
            Some(_) => Err(self.path.field(name).refuse("must be true or false")),
        }
    }

    /// Takes a whole number that is not negative; `1.0` and `1e3` count as whole.
    ///
    /// # Errors
    /// It is something else, or too large.
    pub fn count(&mut self, name: &'static str) -> Result<Option<u64>, Refusal> {
        match self.take(name).map(|node| node.value) {
            None => Ok(None),
            Some(Value::Number(text)) => match whole(text) {
                Some(number) => Ok(Some(number)),
                None => Err(self.path.field(name).refuse("must be a whole number that is not negative")),
            },
            Some(_) => Err(self.path.field(name).refuse("must be a number")),
        }
    }

    /// Takes a number as its text.
    ///
    /// # Errors
    /// It is something else.
    pub fn number(&mut self, name: &'static str) -> Result<Option<Json>, Refusal> {
        match self.take(name).map(|node| node.value) {
            None => Ok(None),
            Some(Value::Number(text)) => Ok(Some(Json::verbatim(text))),
            Some(_) => Err(self.path.field(name).refuse("must be a number")),
        }
    }

    /// Takes an array.
    ///
    /// # Errors
    /// It is something else.
    pub fn array(&mut self, name: &'static str) -> Result<Option<Vec<Node<'a>>>, Refusal> {
        match self.take(name).map(|node| node.value) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(self.path.field(name).refuse("must be a list")),
        }
    }

    /// Takes any value as opaque text.
    pub fn opaque(&mut self, name: &'static str) -> Option<Json> {
        self.take(name).map(|node| Json::verbatim(node.raw))
    }

    /// What was not taken, as it arrived.
    pub fn rest(self) -> Extra {
        let left = self
            .fields
            .into_iter()
            .filter_map(|(key, node)| Some((key.into_owned(), Json::verbatim(node?.raw))));
        Extra(left.collect())
    }

    /// What was not taken, for the outermost object: a field that is a known one in other letters (`Model` beside `model`) is
    /// refused, because a provider that ignores case would read it.
    ///
    /// # Errors
    /// There is such a field.
    pub fn rest_of_envelope(self) -> Result<Extra, Refusal> {
        let asked = self.asked.clone();
        let extra = self.rest();
        for (key, _) in &extra.0 {
            if let Some(known) = asked.iter().find(|known| known.eq_ignore_ascii_case(key)) {
                return Err(Refusal::caller(Kind::Malformed, format!("`{key}` must be written `{known}`"))
                    .at(key.clone()));
            }
        }
        Ok(extra)
    }
}

pub(super) fn whole(text: &str) -> Option<u64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let number: f64 = text.parse().ok()?;
    // 2^53: above it a decimal cannot be told from its neighbour.
    let exact = number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and in range, checked above"
    )]
    exact.then_some(number as u64)
}
