//! Starting the ledger: its folder, one spool for each core, and its two threads. It reads no configuration file.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::meter::Meter;
use crate::ship::{Parts, Shipper};
use crate::spool::{Core, Instance, Log, Place, Spool};

/// What the ledger needs to be told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of the spool and of the SQLite file; it is made if it is not there. It must be on a disk of this machine.
    pub folder: PathBuf,
    /// The first part of every record's key.
    pub region: Arc<str>,
    /// How many spools are wanted: one for each core that serves requests.
    pub cores: u16,
    /// How often the spool is written through to the disk.
    pub flush_every: Duration,
    /// When a file of the spool is full, in bytes.
    pub segment_bytes: u64,
    /// From this backlog on no call is opened any more, in bytes.
    pub backlog_bytes_max: u64,
}

impl Settings {
    /// Settings for one core in this folder: 50 ms, files of 16 MiB, 16 GiB of backlog.
    pub fn new(folder: impl Into<PathBuf>, region: impl Into<Arc<str>>) -> Self {
        Self {
            folder: folder.into(),
            region: region.into(),
            cores: 1,
            flush_every: Duration::from_millis(50),
            segment_bytes: 16 << 20,
            backlog_bytes_max: 16 << 30,
        }
    }
}

/// Why the ledger cannot start. A database that cannot be opened is no reason: its records wait in the spool.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The folder cannot be made.
    #[error("the ledger's folder {} cannot be made", .folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The folder cannot be written to, or its file system has no locks.
    #[error("the ledger's folder {} cannot be claimed", .folder.display())]
    Claim {
        /// The folder.
        folder: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// A thread cannot be started.
    #[error("a thread of the ledger cannot be started")]
    Thread(#[source] io::Error),
}

/// Starts the ledger. What dead processes left in the folder is carried on in the background.
///
/// # Errors
/// The folder cannot be used, or a thread cannot be started.
pub fn start(settings: &Settings) -> Result<(Vec<Spool>, Shipper), SetupError> {
    let folder: Arc<Path> = settings.folder.join("spool").into();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .map_err(|source| SetupError::Folder { folder: folder.to_path_buf(), source })?;
    let instance = Instance::new(&folder)
        .map_err(|source| SetupError::Claim { folder: folder.to_path_buf(), source })?;
    let instance = Arc::new(instance);
    let meter = Arc::new(Meter::default());
    let core = |core| {
        let place = Place { folder: Arc::clone(&folder), instance: instance.id(), core };
        let log = Log::new(place, settings.segment_bytes);
        Arc::new(Core::new(log, Arc::clone(&settings.region), Arc::clone(&meter), Arc::clone(&instance)))
    };
    let cores: Arc<[Arc<Core>]> = (0..settings.cores).map(core).collect();
    let spools = cores.iter().cloned().map(Spool::new).collect();
    let shipper =
        Shipper::start(settings, Parts { folder, instance, cores, meter }).map_err(SetupError::Thread)?;
    Ok((spools, shipper))
}
