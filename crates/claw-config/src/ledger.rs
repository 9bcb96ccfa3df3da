//! `[ledger]`: where records are kept, and how soon they are safe.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use crate::name;
use crate::problem::Fault;
use crate::reader::Reader;

pub(crate) const KEYS: &[&str] = &["folder", "spool_segment", "flush_every", "region"];

/// Up to the longest of these, records are lost when the power goes.
const FLUSHES: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(10);

/// The checked `[ledger]`.
#[derive(Debug)]
pub struct Ledger {
    /// The folder of the spool and of the SQLite file; it may not exist yet.
    pub folder: PathBuf,
    /// When a file of the spool is full, in bytes.
    pub spool_segment_bytes: u64,
    /// How often the spool is written through to the disk.
    pub flush_every: Duration,
    /// The first part of every record's key, so that records of several regions can be put together.
    pub region: String,
}

pub(crate) fn read(reader: &Reader<'_>) -> Ledger {
    let home = &reader.place().walk.sources.folder;
    let folder = |text: &str| {
        let path = home.join(text);
        // Text that came out of a reference is not quoted, so the path is not either.
        if text.is_empty() || (path.exists() && !path.is_dir()) {
            return Err(Fault::new("is not a folder"));
        }
        Ok(path)
    };
    Ledger {
        folder: reader.parsed("folder", folder).unwrap_or_else(|| home.join("data")),
        spool_segment_bytes: reader.size("spool_segment", 16 << 20, 64 << 10..=1 << 30),
        flush_every: reader.duration("flush_every", Duration::from_millis(50), FLUSHES),
        region: reader.parsed("region", name::identifier).unwrap_or_else(|| "local".to_owned()),
    }
}
