//! The names of the spool's files: `INSTANCE-CORE-NUMBER.spool`, beside one `INSTANCE.lock` for each instance. It opens
//! nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ulid::Ulid;

const SEGMENT: &str = "spool";
const LOCK: &str = "lock";

/// Where the files of one core of one instance are.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The folder of the spool.
    pub(crate) folder: Arc<Path>,
    /// One run of a process.
    pub(crate) instance: Ulid,
    /// The core, counted from 0.
    pub(crate) core: u16,
}

impl Place {
    /// The file of that number. Numbers rise from 1 without gaps.
    pub(crate) fn segment(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{}-{:03}-{number:08}.{SEGMENT}", self.instance, self.core))
    }

    /// Where a file goes that has unreadable lines.
    pub(crate) fn damaged(&self, number: u64) -> PathBuf {
        self.segment(number).with_extension("damaged")
    }
}

/// A file's name, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// A file of lines.
    Segment { instance: Ulid, core: u16, number: u64 },
    /// The claim of an instance on its files.
    Lock { instance: Ulid },
}

impl Name {
    /// Reads a file's name; `None` for a file that is not ours.
    pub(super) fn read(path: &Path) -> Option<Self> {
        let stem = path.file_stem()?.to_str()?;
        match path.extension()?.to_str()? {
            LOCK => Some(Self::Lock { instance: Ulid::from_string(stem).ok()? }),
            SEGMENT => {
                let (instance, rest) = stem.split_once('-')?;
                let (core, number) = rest.split_once('-')?;
                Some(Self::Segment {
                    instance: Ulid::from_string(instance).ok()?,
                    core: core.parse().ok()?,
                    number: number.parse().ok()?,
                })
            }
            _ => None,
        }
    }

    pub(super) const fn instance(self) -> Ulid {
        match self {
            Self::Segment { instance, .. } | Self::Lock { instance } => instance,
        }
    }
}

/// The file that says that an instance lives.
pub(super) fn lock_path(folder: &Path, instance: Ulid) -> PathBuf {
    folder.join(format!("{instance}.{LOCK}"))
}
