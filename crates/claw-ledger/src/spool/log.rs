//! Appending to the files of one core. It knows lines as bytes only.
//!
//! `committed` is where the last whole line ends. What a failed write leaves behind it is cut off before the next line, and
//! where that is not possible the file is sealed, so that no line ever follows half a line.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use super::Place;

/// The files of one core, the last of which is written to.
pub(crate) struct Log {
    place: Place,
    segment_bytes: u64,
    live: Option<Live>,
    /// The number of the last file; 0 before the first.
    last: u64,
    /// Sealed files that are not written through yet.
    sealed: Vec<Arc<File>>,
    created: bool,
    lines: u64,
    bytes: u64,
}

/// The file that is written to.
struct Live {
    file: Arc<File>,
    number: u64,
    committed: u64,
    dirty: bool,
}

/// How far the files of a core can be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    /// The number of the last file; 0 if there is none.
    pub(crate) last: u64,
    /// The number of the file that is written to, and where its last whole line ends. All others are sealed.
    pub(crate) live: Option<(u64, u64)>,
    /// All lines ever appended.
    pub(crate) lines: u64,
    /// All bytes ever appended.
    pub(crate) bytes: u64,
}

impl Log {
    /// A log without files; the first is made for the first line.
    pub(crate) const fn new(place: Place, segment_bytes: u64) -> Self {
        Self {
            place,
            segment_bytes,
            live: None,
            last: 0,
            sealed: Vec::new(),
            created: false,
            lines: 0,
            bytes: 0,
        }
    }

    /// Appends whole lines with one `write(2)`, all of them or none.
    pub(crate) fn append(&mut self, text: &[u8], lines: u64) -> io::Result<()> {
        let length = text.len() as u64;
        if self.live.as_ref().is_some_and(|live| live.committed + length > self.segment_bytes) {
            self.seal();
        }
        let live = match &mut self.live {
            Some(live) => live,
            none => {
                let live = Live::create(&self.place, self.last + 1)?;
                self.last = live.number;
                self.created = true;
                none.insert(live)
            }
        };
        if let Err(error) = live.write(text) {
            if live.file.set_len(live.committed).is_err() {
                self.seal();
            }
            return Err(error);
        }
        self.lines += lines;
        self.bytes += length;
        Ok(())
    }

    /// Ends the file that is written to.
    pub(crate) fn seal(&mut self) {
        self.sealed.extend(self.live.take().map(|live| live.file));
    }

    /// How far the files can be read.
    pub(crate) fn extent(&self) -> Extent {
        let live = self.live.as_ref().map(|live| (live.number, live.committed));
        Extent { last: self.last, live, lines: self.lines, bytes: self.bytes }
    }

    /// What was appended since the last time and is not written through.
    pub(crate) fn take_unsynced(&mut self) -> Unsynced {
        let mut files = std::mem::take(&mut self.sealed);
        if let Some(live) = self.live.as_mut().filter(|live| live.dirty) {
            live.dirty = false;
            files.push(Arc::clone(&live.file));
        }
        let folder = std::mem::take(&mut self.created).then(|| Arc::clone(&self.place.folder));
        Unsynced { files, folder }
    }
}

impl Live {
    fn create(place: &Place, number: u64) -> io::Result<Self> {
        // Records name users, so they are for the gateway's own eyes.
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(place.segment(number))?;
        Ok(Self { file: Arc::new(file), number, committed: 0, dirty: false })
    }

    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        (&*self.file).write_all(text)?;
        self.committed += text.len() as u64;
        self.dirty = true;
        Ok(())
    }
}

/// Files that are not written through, and the folder if one of them is new in it.
pub(crate) struct Unsynced {
    files: Vec<Arc<File>>,
    folder: Option<Arc<Path>>,
}

impl Unsynced {
    /// Writes all of them through to the disk.
    pub(crate) fn write_through(&self) -> io::Result<()> {
        let mut outcome = Ok(());
        for file in &self.files {
            outcome = outcome.and(file.sync_data());
        }
        if let Some(folder) = &self.folder {
            outcome = outcome.and(File::open(folder).and_then(|folder| folder.sync_all()));
        }
        outcome
    }
}
