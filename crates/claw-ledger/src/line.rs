//! The lines of the spool: JSON, one line a happening, and a line exists if and only if its line feed does.
//!
//! An opened line is `{"opened":{..}}`; a settled line is the same with `,"settled":{..}` put in before the last brace, so
//! that it can be shipped without looking for the first; `{"said":{..}}` tells in between how much of a long reply came.
//! It knows neither files nor the database.

use std::io;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use ulid::Ulid;

use crate::{Opening, Record, Settlement};

/// Nothing that is written is longer; what is longer when read is damage.
pub(crate) const LINE_BYTES_MAX: usize = 64 << 10;

/// What ends an opened line, and is taken off where it becomes a settled one.
const TAIL: &[u8] = b"}\n";

/// One line, read.
#[derive(Debug, PartialEq)]
pub(crate) enum Line {
    /// A call begins.
    Opened(Ulid),
    /// A reply goes on.
    Said(Said),
    /// A call is over.
    Settled(Box<Record>),
}

/// How much of a reply has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Said {
    /// The call.
    pub(crate) id: Ulid,
    /// The reply's text so far, in bytes.
    pub(crate) bytes: u64,
}

/// A line whose parts are not read yet: of most opened lines nothing but the id is ever wanted.
#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(borrow)]
    opened: Option<&'a RawValue>,
    #[serde(borrow)]
    settled: Option<&'a RawValue>,
    said: Option<Said>,
}

#[derive(Deserialize)]
struct OnlyId {
    id: Ulid,
}

/// Replaces `line` with an opened line.
pub(crate) fn write_opened(line: &mut Vec<u8>, opening: &Opening<'_>) -> io::Result<()> {
    line.clear();
    line.extend_from_slice(b"{\"opened\":");
    serde_json::to_writer(&mut *line, opening)?;
    line.extend_from_slice(TAIL);
    Ok(())
}

/// What of an opened line must be kept to write the settled one.
pub(crate) fn head(opened: &[u8]) -> &[u8] {
    opened.strip_suffix(TAIL).unwrap_or(opened)
}

/// Replaces `line` with the settled line of the call whose opened line began with `head`.
pub(crate) fn write_settled(line: &mut Vec<u8>, head: &[u8], settlement: &Settlement<'_>) -> io::Result<()> {
    line.clear();
    line.extend_from_slice(head);
    line.extend_from_slice(b",\"settled\":");
    serde_json::to_writer(&mut *line, settlement)?;
    line.extend_from_slice(TAIL);
    Ok(())
}

/// Replaces `line` with a line that says how much of a reply has come.
pub(crate) fn write_said(line: &mut Vec<u8>, said: Said) -> io::Result<()> {
    line.clear();
    line.extend_from_slice(b"{\"said\":");
    serde_json::to_writer(&mut *line, &said)?;
    line.extend_from_slice(TAIL);
    Ok(())
}

/// Reads a line without its line feed; `None` if it is damaged.
pub(crate) fn read(line: &[u8]) -> Option<Line> {
    let parts: Parts<'_> = serde_json::from_slice(line).ok()?;
    match (parts.opened, parts.settled, parts.said) {
        (Some(opened), None, None) => Some(Line::Opened(part::<OnlyId>(opened)?.id)),
        (Some(opened), Some(settled), None) => {
            let opening = part::<Opening<'_>>(opened)?.into_owned();
            let settlement = part::<Settlement<'_>>(settled)?.into_owned();
            Some(Line::Settled(Box::new(Record { opening, settlement })))
        }
        (None, None, Some(said)) => Some(Line::Said(said)),
        _ => None,
    }
}

/// Reads what an opened line says; `None` if it is damaged.
pub(crate) fn read_opening(line: &[u8]) -> Option<Opening<'static>> {
    let parts: Parts<'_> = serde_json::from_slice(line).ok()?;
    part::<Opening<'_>>(parts.opened?).map(Opening::into_owned)
}

fn part<'a, T: Deserialize<'a>>(json: &'a RawValue) -> Option<T> {
    serde_json::from_str(json.get()).ok()
}
