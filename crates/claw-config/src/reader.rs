//! Reads one table of the file, key by key, collecting problems instead of stopping at them.
//!
//! A reader of a table that is not there gives every key its default, so that each table is read by one piece
//! of code. It knows no key by name: the tables hand it their lists.

mod item;

use std::ops::RangeInclusive;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(crate) use item::Item;

use crate::nearest::nearest;
use crate::problem::Fault;
use crate::schema;
use crate::walk::{Place, Walk};

/// One table of the file, present or not.
pub(crate) struct Reader<'a> {
    place: Place<'a>,
    table: Option<&'a DeTable<'a>>,
    keys: &'static [&'static str],
}

impl<'a> Reader<'a> {
    /// The table that is the whole file.
    pub(crate) fn root(walk: &'a Walk, table: &'a DeTable<'a>, keys: &'static [&'static str]) -> Self {
        let reader =
            Self { place: Place { walk, path: String::new(), line: None }, table: Some(table), keys };
        reader.refuse_unknown_keys();
        reader
    }

    fn open(item: &Item<'a>, keys: &'static [&'static str]) -> Self {
        let reader = Self { place: item.place.clone(), table: item.table(), keys };
        reader.refuse_unknown_keys();
        reader
    }

    fn refuse_unknown_keys(&self) {
        let written = self.table.into_iter().flat_map(DeTable::keys);
        for key in written.filter(|key| !self.keys.contains(&key.get_ref().as_ref())) {
            let name: &str = key.get_ref();
            let hint = if let Some(meant) = nearest(name, self.keys.iter().copied()) {
                format!("did you mean `{meant}`?")
            } else if let Some(table) = schema::table_of(name) {
                format!("`{name}` belongs in `[{table}]`")
            } else {
                format!("the keys here are {}", self.keys.join(", "))
            };
            self.at(name, key.span().start)
                .problem(None, Fault::new("is not a key of this table").hint(hint));
        }
    }

    fn at(&self, key: &str, offset: usize) -> Place<'a> {
        Place { line: Some(self.place.walk.line_at(offset)), ..self.place_of_absent(key) }
    }

    fn place_of_absent(&self, key: &str) -> Place<'a> {
        let path = join(&self.place.path, key);
        Place { walk: self.place.walk, path, line: self.place.line }
    }

    /// Where the table is.
    pub(crate) fn place(&self) -> &Place<'a> {
        &self.place
    }

    /// Where a key is or would be.
    pub(crate) fn place_of(&self, key: &'static str) -> Place<'a> {
        self.item(key).map_or_else(|| self.place_of_absent(key), |item| item.place)
    }

    /// Whether the file has the key at all.
    pub(crate) fn given(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key))
    }

    /// The value of a key.
    pub(crate) fn item(&self, key: &'static str) -> Option<Item<'a>> {
        debug_assert!(self.keys.contains(&key), "{key} is read, but is not in the list of keys");
        self.entry(self.table?.get_key_value(key)?)
    }

    fn entry(
        &self,
        (key, value): (&Spanned<toml::de::DeString<'a>>, &'a Spanned<DeValue<'a>>),
    ) -> Option<Item<'a>> {
        let name: &str = key.get_ref();
        Some(Item::new(self.at(name, key.span().start), value.get_ref()))
    }

    /// Reports a problem with a key, whose value is shown.
    pub(crate) fn refuse(&self, key: &'static str, fault: Fault) {
        match self.item(key) {
            Some(item) => item.refuse(fault),
            None => self.place_of_absent(key).problem(None, fault),
        }
    }

    /// Reports that a key is not there.
    pub(crate) fn require(&self, key: &'static str) {
        if !self.given(key) {
            self.place_of_absent(key).problem(None, Fault::new("is required"));
        }
    }

    /// Reports keys that have no meaning together with what else the table says.
    pub(crate) fn refuse_if_given(&self, key: &'static str, why: &str) {
        if self.given(key) {
            self.place_of(key).problem(None, Fault::new(why).hint("leave it out"));
        }
    }

    /// The text under a key, parsed.
    pub(crate) fn parsed<T>(&self, key: &'static str, parse: impl Fn(&str) -> Result<T, Fault>) -> Option<T> {
        self.item(key)?.parsed(parse)
    }

    /// The text under a key that must be there, parsed.
    pub(crate) fn required<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        self.require(key);
        self.parsed(key, parse)
    }

    /// The parsed texts of a list; those that do not parse are left out, and reported.
    pub(crate) fn list<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<Vec<T>> {
        Some(self.item(key)?.items()?.iter().filter_map(|item| item.parsed(&parse)).collect())
    }

    /// A list that must be there and must not be empty.
    pub(crate) fn required_list<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<Vec<T>> {
        self.require(key);
        let items = self.item(key)?.items()?;
        if items.is_empty() {
            self.refuse(key, Fault::new("must not be empty"));
        }
        Some(items.iter().filter_map(|item| item.parsed(&parse)).collect())
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        self.parsed(key, |text| choose(text, words))
    }

    pub(crate) fn flag(&self, key: &'static str, default: bool) -> bool {
        self.item(key).and_then(|item| item.flag()).unwrap_or(default)
    }

    pub(crate) fn whole(&self, key: &'static str, default: u64, range: RangeInclusive<u64>) -> u64 {
        self.item(key).and_then(|item| item.whole(&range)).unwrap_or(default)
    }

    pub(crate) fn duration(
        &self,
        key: &'static str,
        default: Duration,
        range: RangeInclusive<Duration>,
    ) -> Duration {
        self.item(key).and_then(|item| item.duration(&range)).unwrap_or(default)
    }

    /// A size in bytes.
    pub(crate) fn size(&self, key: &'static str, default: u64, range: RangeInclusive<u64>) -> u64 {
        self.item(key).and_then(|item| item.size(&range)).unwrap_or(default)
    }

    /// A table below this one; without it, a reader that gives the defaults.
    pub(crate) fn table(&self, key: &'static str, keys: &'static [&'static str]) -> Self {
        match self.item(key) {
            Some(item) => Self::open(&item, keys),
            None => Self { place: self.place_of_absent(key), table: None, keys },
        }
    }

    /// The tables of a list of tables.
    pub(crate) fn tables(&self, key: &'static str, keys: &'static [&'static str]) -> Vec<Self> {
        let items = self.item(key).and_then(|item| item.items()).unwrap_or_default();
        items.iter().map(|item| Self::open(item, keys)).filter(|reader| reader.table.is_some()).collect()
    }

    /// A table whose keys are names that the file chooses.
    pub(crate) fn names(&self, key: &'static str) -> Vec<(&'a str, Item<'a>)> {
        let Some(item) = self.item(key) else { return Vec::new() };
        let below = Self { place: item.place.clone(), table: item.table(), keys: &[] };
        let entries = below.table.into_iter().flat_map(DeTable::iter);
        entries
            .filter_map(|(name, value)| Some((name.get_ref().as_ref(), below.entry((name, value))?)))
            .collect()
    }

    /// The tables of [`Reader::names`].
    pub(crate) fn named(&self, key: &'static str, keys: &'static [&'static str]) -> Vec<(&'a str, Self)> {
        self.names(key).into_iter().map(|(name, item)| (name, Self::open(&item, keys))).collect()
    }
}

/// Picks the word that was written.
pub(crate) fn choose<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, Fault> {
    if let Some((_, choice)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*choice);
    }
    let allowed = || words.iter().map(|(word, _)| *word);
    let fault = Fault::new("is not one of the allowed values");
    Err(match nearest(text, allowed()) {
        Some(meant) => fault.hint(format!("did you mean \"{meant}\"?")),
        None => fault.hint(format!("the allowed values are {}", allowed().collect::<Vec<_>>().join(", "))),
    })
}

/// The dotted path of a key, quoted as TOML would have it.
fn join(table: &str, key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    let key = if bare { key.to_owned() } else { format!("{key:?}") };
    if table.is_empty() { key } else { format!("{table}.{key}") }
}
