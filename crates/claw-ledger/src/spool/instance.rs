//! Who owns which files. A living instance holds a lock on its `.lock` file, so that no other reads what it still writes.
//!
//! A second lock, on the folder, is held for moments only: while an instance is made, and while the dead are looked for.
//! It knows nothing of lines.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ulid::Ulid;

use super::segment::{self, Name};

const GATE: &str = "gate";
const GATE_TRIES: u32 = 100;
const GATE_PAUSE: Duration = Duration::from_millis(20);

/// The claim of this process on the files that it writes.
pub(crate) struct Instance {
    folder: Arc<Path>,
    id: Ulid,
    _lock: File,
}

impl Instance {
    /// Makes a new instance in the folder of a spool.
    pub(crate) fn new(folder: &Arc<Path>) -> io::Result<Self> {
        let _gate = gate(folder)?;
        let id = Ulid::new();
        let lock = open(&segment::lock_path(folder, id))?;
        lock.try_lock()?;
        Ok(Self { folder: Arc::clone(folder), id, _lock: lock })
    }

    pub(crate) const fn id(&self) -> Ulid {
        self.id
    }

    /// Removes the claim. Nothing may be left to claim.
    pub(crate) fn retire(&self) -> io::Result<()> {
        let _gate = gate(&self.folder)?;
        fs::remove_file(segment::lock_path(&self.folder, self.id))
    }
}

/// What a dead instance left, claimed by us.
pub(crate) struct Adopted {
    folder: Arc<Path>,
    id: Ulid,
    /// The numbers of the files of each core.
    pub(crate) cores: BTreeMap<u16, Vec<u64>>,
    _lock: File,
}

impl Adopted {
    pub(crate) const fn id(&self) -> Ulid {
        self.id
    }

    /// Removes the claim, when the files are gone.
    pub(crate) fn retire(&self) -> io::Result<()> {
        let _gate = gate(&self.folder)?;
        fs::remove_file(segment::lock_path(&self.folder, self.id))
    }
}

/// Claims the files of every instance that is dead.
pub(crate) fn adopt(folder: &Arc<Path>) -> io::Result<Vec<Adopted>> {
    let _gate = gate(folder)?;
    let mut found: BTreeMap<Ulid, BTreeMap<u16, Vec<u64>>> = BTreeMap::new();
    for file in fs::read_dir(folder)? {
        let Some(name) = Name::read(&file?.path()) else { continue };
        let cores = found.entry(name.instance()).or_default();
        if let Name::Segment { core, number, .. } = name {
            cores.entry(core).or_default().push(number);
        }
    }
    let mut adopted = Vec::new();
    for (id, mut cores) in found {
        let path = segment::lock_path(folder, id);
        let lock = open(&path)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => continue,
            Err(TryLockError::Error(error)) => return Err(error),
        }
        if cores.is_empty() {
            fs::remove_file(path)?;
            continue;
        }
        for numbers in cores.values_mut() {
            numbers.sort_unstable();
        }
        adopted.push(Adopted { folder: Arc::clone(folder), id, cores, _lock: lock });
    }
    Ok(adopted)
}

/// Takes the lock on the folder; it is let go when the file is dropped.
fn gate(folder: &Path) -> io::Result<File> {
    let gate = open(&folder.join(GATE))?;
    for _ in 0..GATE_TRIES {
        match gate.try_lock() {
            Ok(()) => return Ok(gate),
            Err(TryLockError::WouldBlock) => std::thread::park_timeout(GATE_PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::TimedOut, "another process holds the lock on the spool's folder"))
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)
}
