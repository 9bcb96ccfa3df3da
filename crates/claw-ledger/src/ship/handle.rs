//! The handle on the shipping thread. It knows neither lines nor the database.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use super::worker::{ShipError, Worker};
use crate::meter::Meter;
use crate::spool::{Core, Flusher, Instance};
use crate::store::Store;
use crate::{Backlog, Counts, Settings};

/// More commands wait at their caller.
const COMMANDS_MAX: usize = 8;

/// A tenth of the share of a thread that serves.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// What the two threads work with.
pub(crate) struct Parts {
    /// The folder of the spool.
    pub(crate) folder: Arc<Path>,
    /// The claim on our own files.
    pub(crate) instance: Arc<Instance>,
    /// The spools.
    pub(crate) cores: Arc<[Arc<Core>]>,
    /// What is counted.
    pub(crate) meter: Arc<Meter>,
}

/// What is asked of the thread.
pub(super) enum Command {
    /// Ship what is settled now.
    Flush(oneshot::Sender<Result<(), ShipError>>),
    /// Ship what is settled now, trying until the deadline, and end.
    Drain(Instant, oneshot::Sender<Drained>),
}

/// What was left when the ledger was closed. It is carried on at the next start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// What was not shipped.
    pub left: Backlog,
    /// Calls that were still running.
    pub running: u64,
}

/// The progress of the shipping thread.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) lines: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) adopted_bytes: AtomicU64,
}

/// Carries the records to the database. Both threads end when it is dropped.
pub struct Shipper {
    commands: mpsc::Sender<Command>,
    cores: Arc<[Arc<Core>]>,
    progress: Arc<Progress>,
    meter: Arc<Meter>,
    _flusher: Flusher,
}

impl Shipper {
    pub(crate) fn start(settings: &Settings, parts: Parts) -> io::Result<Self> {
        let (commands, asked) = mpsc::channel(COMMANDS_MAX);
        let progress = Arc::new(Progress::default());
        let cores = Arc::clone(&parts.cores);
        let meter = Arc::clone(&parts.meter);
        let over_bound = {
            let (cores, progress) = (Arc::clone(&cores), Arc::clone(&progress));
            let bytes_max = settings.backlog_bytes_max;
            move || backlog(&cores, &progress).bytes > bytes_max
        };
        let flusher = Flusher::start(Arc::clone(&cores), settings.flush_every, over_bound)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let worker = Worker::new(parts, Store::new(&settings.folder), Arc::clone(&progress));
        thread::Builder::new().name("ledger-ship".to_owned()).spawn(move || {
            yield_to_the_cores();
            runtime.block_on(worker.run(asked));
        })?;
        Ok(Self { commands, cores, progress, meter, _flusher: flusher })
    }

    /// Waits until all that is settled now is in the database.
    ///
    /// # Errors
    /// The database refuses it. It stays in the spool and is tried again.
    pub async fn flush(&self) -> Result<(), ShipError> {
        let (reply, outcome) = oneshot::channel();
        self.commands.send(Command::Flush(reply)).await.map_err(|_| ShipError::Ended)?;
        outcome.await.map_err(|_| ShipError::Ended)?
    }

    /// Closes the ledger: from now on nothing is opened; what is settled is shipped, tried again until `patience` is over,
    /// and written through to the disk. Calls that still run can be settled, and are shipped at the next start.
    pub async fn drain(&self, patience: Duration) -> Drained {
        for core in &*self.cores {
            core.close();
        }
        let (reply, drained) = oneshot::channel();
        let asked = self.commands.send(Command::Drain(Instant::now() + patience, reply)).await;
        let drained = if asked.is_ok() { drained.await.ok() } else { None };
        drained.unwrap_or_else(|| Drained { left: self.backlog(), running: 0 })
    }

    /// What is written to the spool and not yet in the database.
    pub fn backlog(&self) -> Backlog {
        backlog(&self.cores, &self.progress)
    }

    /// What happened since the start.
    pub fn counts(&self) -> Counts {
        self.meter.counts()
    }
}

/// Lets the cores go first when all are busy: the records of a flood of calls can wait, its callers cannot. The threads that
/// this one starts for the database inherit it.
fn yield_to_the_cores() {
    // Where it is not possible the records are carried all the same.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(NICENESS);
}

/// What is written and not shipped.
pub(super) fn backlog(cores: &[Arc<Core>], progress: &Progress) -> Backlog {
    let mut backlog = Backlog::default();
    // Read first: what is shipped was appended before, so the difference is never below zero.
    let shipped_lines = progress.lines.load(Ordering::Acquire);
    let shipped_bytes = progress.bytes.load(Ordering::Acquire);
    for core in cores {
        let extent = core.extent();
        backlog.lines += extent.lines;
        backlog.bytes += extent.bytes;
        backlog.waiting_lines += core.waiting_lines();
    }
    backlog.lines = backlog.lines.saturating_sub(shipped_lines);
    backlog.bytes = backlog.bytes.saturating_sub(shipped_bytes);
    backlog.bytes += progress.adopted_bytes.load(Ordering::Relaxed);
    backlog
}
