//! The spool of one core: lines in memory for as long as one `write(2)` takes, and in files from then on.
//!
//! It knows the lines and the files, and nothing of the database.

mod flusher;
mod instance;
mod log;
mod segment;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) use flusher::Flusher;
pub(crate) use instance::{Adopted, Instance, adopt};
pub(crate) use log::{Extent, Log};
pub(crate) use segment::Place;

use crate::line::{self, Said};
use crate::meter::Meter;
use crate::{Opening, Settlement};

/// Settled lines that the disk refuses may take so much memory in each core. Nothing is opened while one waits, so it is
/// filled only by the calls that were already running.
const WAITING_BYTES_MAX: usize = 32 << 20;

/// Why a call cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppendError {
    #[error("the spool is closed")]
    Closed,
    #[error("settled lines wait for the disk")]
    Waiting,
    #[error("the backlog of records is over its bound")]
    Backlog,
    #[error("the spool cannot be written")]
    Io(#[from] io::Error),
}

/// The right to write to the spool of one core. Clones write to the same file.
#[derive(Clone)]
pub struct Spool(Arc<Core>);

impl Spool {
    pub(crate) const fn new(core: Arc<Core>) -> Self {
        Self(core)
    }

    pub(crate) const fn core(&self) -> &Arc<Core> {
        &self.0
    }
}

/// What a core, the flusher and the shipper share. The lock is held for one append, and by the others for a glance.
pub(crate) struct Core {
    writer: Mutex<Writer>,
    region: Arc<str>,
    meter: Arc<Meter>,
    closed: AtomicBool,
    over_bound: AtomicBool,
    /// Keeps the claim on the files as long as something can be written.
    _instance: Arc<Instance>,
}

struct Writer {
    log: Log,
    /// Reused for each line.
    line: Vec<u8>,
    waiting: Waiting,
}

/// Settled lines that the disk refused.
#[derive(Default)]
struct Waiting {
    text: Vec<u8>,
    lines: u64,
}

impl Core {
    pub(crate) fn new(log: Log, region: Arc<str>, meter: Arc<Meter>, instance: Arc<Instance>) -> Self {
        Self {
            writer: Mutex::new(Writer { log, line: Vec::new(), waiting: Waiting::default() }),
            region,
            meter,
            closed: AtomicBool::new(false),
            over_bound: AtomicBool::new(false),
            _instance: instance,
        }
    }

    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// Appends an opened line, and gives what is needed to settle it.
    pub(crate) fn open(&self, opening: &Opening<'_>) -> Result<Box<[u8]>, AppendError> {
        self.append_opened(opening).inspect_err(|error| {
            self.meter.refused.add(1);
            if let AppendError::Io(_) = error {
                self.meter.append_failures.add(1);
            }
        })
    }

    fn append_opened(&self, opening: &Opening<'_>) -> Result<Box<[u8]>, AppendError> {
        if self.over_bound.load(Ordering::Relaxed) {
            return Err(AppendError::Backlog);
        }
        let mut writer = self.writer();
        // Looked at under the lock, so that nothing is opened once `close` has returned.
        if self.closed.load(Ordering::Relaxed) {
            return Err(AppendError::Closed);
        }
        let Writer { log, line, waiting } = &mut *writer;
        if waiting.lines > 0 {
            return Err(AppendError::Waiting);
        }
        line::write_opened(line, opening)?;
        log.append(line, 1)?;
        Ok(line::head(line).into())
    }

    /// Appends a settled line, or lets it wait.
    pub(crate) fn settle(&self, head: &[u8], settlement: &Settlement<'_>) {
        let mut writer = self.writer();
        let Writer { log, line, waiting } = &mut *writer;
        if line::write_settled(line, head, settlement).is_err() {
            self.meter.dropped.add(1);
            return;
        }
        if waiting.lines == 0 {
            match log.append(line, 1) {
                Ok(()) => return,
                Err(_) => self.meter.append_failures.add(1),
            }
        }
        if waiting.text.len() + line.len() > WAITING_BYTES_MAX {
            self.meter.dropped.add(1);
            return;
        }
        waiting.text.extend_from_slice(line);
        waiting.lines += 1;
    }

    /// Appends how much of a reply has come. It only betters an estimate, so a failure is counted and no more.
    pub(crate) fn note(&self, said: Said) {
        let mut writer = self.writer();
        let Writer { log, line, waiting } = &mut *writer;
        if waiting.lines > 0 || line::write_said(line, said).is_err() {
            return;
        }
        if log.append(line, 1).is_err() {
            self.meter.append_failures.add(1);
        }
    }

    /// Tries to append what waits.
    pub(crate) fn retry(&self) {
        let mut writer = self.writer();
        let Writer { log, waiting, .. } = &mut *writer;
        if waiting.lines == 0 {
            return;
        }
        match log.append(&waiting.text, waiting.lines) {
            Ok(()) => *waiting = Waiting::default(),
            Err(_) => self.meter.append_failures.add(1),
        }
    }

    /// Writes through to the disk what was appended since the last time. The lock is not held meanwhile.
    pub(crate) fn sync(&self) {
        let unsynced = self.writer().log.take_unsynced();
        if unsynced.write_through().is_err() {
            self.meter.sync_failures.add(1);
        }
    }

    /// From now on nothing is opened; what runs can still be settled.
    pub(crate) fn close(&self) {
        let _writer = self.writer();
        self.closed.store(true, Ordering::Relaxed);
    }

    /// Seals the file that is written to. If anything is appended later, it goes into a new one.
    pub(crate) fn seal(&self) {
        self.writer().log.seal();
    }

    /// Says whether the backlog is over its bound.
    pub(crate) fn set_over_bound(&self, over: bool) {
        self.over_bound.store(over, Ordering::Relaxed);
    }

    /// What can be read now.
    pub(crate) fn extent(&self) -> Extent {
        self.writer().log.extent()
    }

    /// How many settled lines wait for the disk.
    pub(crate) fn waiting_lines(&self) -> u64 {
        self.writer().waiting.lines
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Now, in milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
