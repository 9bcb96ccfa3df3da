//! What the ledger counts of itself. It knows no metric names of the outside.

use std::sync::atomic::{AtomicU64, Ordering};

/// What is written to the spool and not yet in the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Lines of this process.
    pub lines: u64,
    /// Bytes on disk, those that dead processes left included.
    pub bytes: u64,
    /// Settled lines in memory that the disk refused.
    pub waiting_lines: u64,
}

/// What happened since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls that were refused because their opened line could not be appended.
    pub refused: u64,
    /// Appends that failed.
    pub append_failures: u64,
    /// Settled lines that found no room in memory either; their calls become orphans at the next start.
    pub dropped: u64,
    /// Writes through to the disk that failed.
    pub sync_failures: u64,
    /// Records that were carried to the database.
    pub shipped: u64,
    /// Tries to carry records to the database that failed.
    pub ship_failures: u64,
    /// Calls of dead processes that were settled as orphaned.
    pub orphaned: u64,
    /// Last lines of dead processes that were cut off.
    pub torn: u64,
    /// Whole lines that could not be read; their files are kept under the ending `.damaged`.
    pub damaged: u64,
}

/// One number that only rises.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, number: u64) {
        self.0.fetch_add(number, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The numbers behind `Counts`, shared by all cores; each is touched rarely.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    pub(crate) refused: Count,
    pub(crate) append_failures: Count,
    pub(crate) dropped: Count,
    pub(crate) sync_failures: Count,
    pub(crate) shipped: Count,
    pub(crate) ship_failures: Count,
    pub(crate) orphaned: Count,
    pub(crate) torn: Count,
    pub(crate) damaged: Count,
}

impl Meter {
    pub(crate) fn counts(&self) -> Counts {
        Counts {
            refused: self.refused.get(),
            append_failures: self.append_failures.get(),
            dropped: self.dropped.get(),
            sync_failures: self.sync_failures.get(),
            shipped: self.shipped.get(),
            ship_failures: self.ship_failures.get(),
            orphaned: self.orphaned.get(),
            torn: self.torn.get(),
            damaged: self.damaged.get(),
        }
    }
}
