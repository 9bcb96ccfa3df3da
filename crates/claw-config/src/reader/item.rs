//! One value of the file, read as what the schema says it is.
//!
//! A reference is resolved here, for every type of value alike; what it resolved to never reaches a problem.

use std::borrow::Cow;
use std::ops::RangeInclusive;
use std::time::Duration;

use claw_hub::Secret;
use toml::de::{DeInteger, DeTable, DeValue};

use crate::problem::Fault;
use crate::quantity;
use crate::reference::{Reference, SecretRef};
use crate::walk::Place;

/// Longer values are cut when they are shown.
const LONGEST_SHOWN_CHARS: usize = 80;

/// One value and the place where it stands.
pub(crate) struct Item<'a> {
    pub(crate) place: Place<'a>,
    value: &'a DeValue<'a>,
    concealed: bool,
}

impl<'a> Item<'a> {
    pub(crate) fn new(place: Place<'a>, value: &'a DeValue<'a>) -> Self {
        Self { place, value, concealed: false }
    }

    /// The same value, of which no problem will show anything.
    pub(crate) fn concealed(self) -> Self {
        Self { concealed: true, ..self }
    }

    /// Reports a problem with this value.
    pub(crate) fn refuse(&self, fault: Fault) {
        self.place.problem(self.shown(), fault);
    }

    /// Reports something suspicious about this value.
    pub(crate) fn suspect(&self, fault: Fault) {
        self.place.warning(self.shown(), fault);
    }

    fn shown(&self) -> Option<String> {
        let written = match self.value {
            DeValue::String(text) => format!("{:?}", without_userinfo(text)),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Float(number) => number.to_string(),
            DeValue::Boolean(flag) => flag.to_string(),
            DeValue::Datetime(time) => time.to_string(),
            DeValue::Array(_) | DeValue::Table(_) => return None,
        };
        if self.concealed {
            return None;
        }
        match written.char_indices().nth(LONGEST_SHOWN_CHARS) {
            Some((cut, _)) => Some(format!("{}...", &written[..cut])),
            None => Some(written),
        }
    }

    fn wrong_type<T>(&self, wanted: &str) -> Option<T> {
        let found = match self.value {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "an integer",
            DeValue::Float(_) => "a float",
            DeValue::Boolean(_) => "a boolean",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
        };
        self.refuse(Fault::new(format!("must be {wanted}, not {found}")));
        None
    }

    fn accept<T>(&self, outcome: Result<T, Fault>) -> Option<T> {
        outcome.map_err(|fault| self.refuse(fault)).ok()
    }

    /// The text that a string is or refers to.
    fn resolved(&self, text: &'a str) -> Option<Cow<'a, str>> {
        let walk = self.place.walk;
        let Some(reference) = self.accept(Reference::parse(text, &walk.sources.folder))? else {
            return Some(Cow::Borrowed(text));
        };
        let secret = self.accept(walk.fetch(&reference))?;
        secret.map(|secret| Cow::Owned(secret.expose().to_owned()))
    }

    fn text(&self, wanted: &str) -> Option<Cow<'a, str>> {
        match self.value {
            DeValue::String(text) => self.resolved(text),
            _ => self.wrong_type(wanted),
        }
    }

    /// A string, parsed.
    pub(crate) fn parsed<T>(&self, parse: impl Fn(&str) -> Result<T, Fault>) -> Option<T> {
        let text = self.text("a string")?;
        self.accept(parse(&text))
    }

    /// A string or one of TOML's own dates, parsed.
    pub(crate) fn parsed_time<T>(&self, parse: impl Fn(&str) -> Result<T, Fault>) -> Option<T> {
        let text = match self.value {
            DeValue::Datetime(time) => Cow::Owned(time.to_string()),
            _ => self.text("a date with a time, or a string")?,
        };
        self.accept(parse(&text))
    }

    /// A secret, which must be a reference unless literal secrets are allowed.
    pub(crate) fn secret(self) -> Option<SecretRef> {
        let item = self.concealed();
        let DeValue::String(text) = item.value else { return item.wrong_type("a string") };
        let walk = item.place.walk;
        let written = item.accept(Reference::parse(text, &walk.sources.folder))?;
        let reference = written.unwrap_or(Reference::Literal);
        if reference == Reference::Literal && !walk.literal_secrets_allowed {
            item.refuse(
                Fault::new("is a secret that is written into the file")
                    .hint("write it as env:NAME or file:PATH"),
            );
            return None;
        }
        let fetched = item.accept(walk.fetch(&reference))?;
        let current = fetched.unwrap_or_else(|| Secret::new(text.as_ref()));
        // It will stand in a header, which would refuse it at the first call instead of at the start.
        if current.expose().is_empty() || !current.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
            item.refuse(Fault::new("must be printable ASCII characters without spaces"));
            return None;
        }
        Some(SecretRef::new(reference, current, walk.sources.clone()))
    }

    pub(crate) fn flag(&self) -> Option<bool> {
        match self.value {
            DeValue::Boolean(flag) => Some(*flag),
            DeValue::String(text) if Reference::is_written(text) => {
                self.parsed(|text| text.parse().map_err(|_| Fault::new("must be true or false")))
            }
            _ => self.wrong_type("a boolean"),
        }
    }

    /// A whole number within the range.
    pub(crate) fn whole(&self, range: &RangeInclusive<u64>) -> Option<u64> {
        let fault =
            || Fault::new(format!("must be a whole number from {} to {}", range.start(), range.end()));
        let number = match self.value {
            DeValue::Integer(number) => self.accept(unsigned(number).ok_or_else(fault)),
            DeValue::String(text) if Reference::is_written(text) => {
                self.parsed(|text| text.parse().map_err(|_| fault()))
            }
            _ => self.wrong_type("an integer"),
        }?;
        if range.contains(&number) { Some(number) } else { self.accept(Err(fault())) }
    }

    pub(crate) fn duration(&self, range: &RangeInclusive<Duration>) -> Option<Duration> {
        let text = self.text("a duration in quotes, as \"10s\"")?;
        self.accept(quantity::duration(&text, range))
    }

    /// A number of bytes within the range.
    pub(crate) fn size(&self, range: &RangeInclusive<u64>) -> Option<u64> {
        let fault = || quantity::size_out_of_range(range);
        let bytes = match self.value {
            DeValue::Integer(number) => self.accept(unsigned(number).ok_or_else(fault)),
            _ => {
                let text = self.text("a size, as \"32MiB\" or a number of bytes")?;
                self.accept(quantity::size(&text))
            }
        }?;
        if range.contains(&bytes) { Some(bytes) } else { self.accept(Err(fault())) }
    }

    /// The values of an array.
    pub(crate) fn items(&self) -> Option<Vec<Item<'a>>> {
        let DeValue::Array(values) = self.value else { return self.wrong_type("an array") };
        let at = |(index, value): (usize, &'a toml::Spanned<DeValue<'a>>)| {
            let path = format!("{}[{index}]", self.place.path);
            let line = Some(self.place.walk.line_at(value.span().start));
            let place = Place { walk: self.place.walk, path, line };
            Self { place, value: value.get_ref(), concealed: self.concealed }
        };
        Some(values.iter().enumerate().map(at).collect())
    }

    /// Whether this is an array, and nothing is in it.
    pub(crate) fn is_empty_list(&self) -> bool {
        matches!(self.value, DeValue::Array(values) if values.is_empty())
    }

    pub(crate) fn table(&self) -> Option<&'a DeTable<'a>> {
        match self.value {
            DeValue::Table(table) => Some(table),
            _ => self.wrong_type("a table"),
        }
    }
}

fn unsigned(number: &DeInteger<'_>) -> Option<u64> {
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// A URL may carry a password before its `@`, even where none belongs.
fn without_userinfo(text: &str) -> Cow<'_, str> {
    match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => {
            Cow::Owned(format!("{}://***{}", &text[..scheme], &text[at..]))
        }
        _ => Cow::Borrowed(text),
    }
}
