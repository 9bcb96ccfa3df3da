//! Reading the files of one core in order, remembering what is not settled yet, and removing what is settled and shipped.
//!
//! Reading and moving on are two steps: a batch that the database refuses is dropped, and read again later. So what is
//! held in memory is one batch and the calls that were running at the place that is read, however long the backlog is.

use std::collections::{HashMap, VecDeque};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;

use memchr::memchr;
use ulid::Ulid;

use crate::estimate;
use crate::line::{self, LINE_BYTES_MAX, Line, Said};
use crate::spool::{Extent, Place, now_ms};
use crate::{Ending, Opening, Record, Settlement};

/// So many bytes are read at once: a little more than the lines of the records of one transaction.
const CHUNK_BYTES: usize = 384 << 10;

/// The files of one core, and how far they are read.
pub(crate) struct Tail {
    place: Place,
    segments: VecDeque<Segment>,
    /// The number of the last file that is known of.
    last: u64,
    /// Calls whose settled line was not read yet.
    running: HashMap<Ulid, Running>,
    chunk: Vec<u8>,
    /// All lines and bytes that were read and shipped.
    shipped: Shipped,
}

/// How much was read and shipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shipped {
    pub(crate) lines: u64,
    pub(crate) bytes: u64,
}

struct Segment {
    number: u64,
    /// Up to here it is read and shipped.
    offset: u64,
    /// Whether it is sealed and read to its end.
    whole: bool,
    /// How many of its opened lines wait for their settled one.
    running: usize,
    /// Whether it has lines that cannot be read.
    damaged: bool,
}

/// Where a running call was opened.
#[derive(Clone, Copy)]
struct Running {
    segment: u64,
    offset: u64,
    said_bytes: u64,
}

/// What one reading found. It takes effect when it is given to `Tail::shipped`.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Records for the database.
    pub(crate) records: Vec<Record>,
    /// Whole lines that cannot be read.
    pub(crate) damaged: u64,
    /// Last lines that were cut off.
    pub(crate) torn: u64,
    marks: Vec<Mark>,
    segment: u64,
    offset: u64,
    read: Shipped,
}

#[derive(Debug)]
enum Mark {
    Opened { id: Ulid, offset: u64 },
    Said(Said),
    Settled(Ulid),
}

impl Tail {
    /// The files of that place; none is known of yet.
    pub(crate) fn new(place: Place) -> Self {
        Self {
            place,
            segments: VecDeque::new(),
            last: 0,
            running: HashMap::new(),
            chunk: Vec::new(),
            shipped: Shipped::default(),
        }
    }

    /// The files of that place with these numbers, in rising order.
    pub(crate) fn of(place: Place, numbers: &[u64]) -> Self {
        let mut tail = Self::new(place);
        tail.segments.extend(numbers.iter().copied().map(Segment::new));
        tail.last = numbers.last().copied().unwrap_or_default();
        tail
    }

    /// How much was read and shipped.
    pub(crate) const fn progress(&self) -> Shipped {
        self.shipped
    }

    /// How many calls were opened and not settled, of what was read.
    pub(crate) fn running(&self) -> u64 {
        self.running.len() as u64
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// The bytes of all files that were not shipped; for files that nobody writes any more.
    pub(crate) fn unshipped_bytes(&self) -> u64 {
        let left = |segment: &Segment| {
            let length = fs::metadata(self.place.segment(segment.number)).map_or(0, |file| file.len());
            length.saturating_sub(segment.offset)
        };
        self.segments.iter().map(left).sum()
    }

    /// Reads on, up to so many records; `None` if there is nothing new.
    ///
    /// # Errors
    /// A file cannot be read.
    pub(crate) fn read(&mut self, extent: Extent, records_max: usize) -> io::Result<Option<Batch>> {
        self.segments.extend((self.last + 1..=extent.last).map(Segment::new));
        self.last = self.last.max(extent.last);
        for segment in self.segments.iter_mut().filter(|segment| !segment.whole) {
            let live = extent.live.filter(|(number, _)| *number == segment.number);
            let path = self.place.segment(segment.number);
            let file = match File::open(path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    tracing::error!(segment = segment.number, "a file of the ledger's spool has vanished");
                    segment.whole = true;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let end = live.map_or_else(|| file.metadata().map(|file| file.len()), |(_, end)| Ok(end))?;
            if segment.offset < end {
                read_chunk(&file, segment.offset, end, &mut self.chunk)?;
                let at_end = segment.offset + self.chunk.len() as u64 == end;
                return Ok(Some(Batch::parse(segment, &self.chunk, at_end, records_max)));
            }
            segment.whole = live.is_none();
        }
        Ok(None)
    }

    /// The calls that nobody will settle any more, up to so many. For files that nobody writes any more, when `read`
    /// finds nothing new.
    ///
    /// # Errors
    /// A file cannot be read.
    pub(crate) fn orphans(&mut self, records_max: usize) -> io::Result<Option<Batch>> {
        let mut batch = Batch::default();
        let running: Vec<_> = self.running.iter().take(records_max).map(|(id, at)| (*id, *at)).collect();
        for (id, at) in running {
            batch.marks.push(Mark::Settled(id));
            match self.read_line(at)?.and_then(line::read_opening) {
                Some(opening) => batch.records.push(orphan(opening, at.said_bytes)),
                None => batch.damaged += 1,
            }
        }
        Ok((!batch.marks.is_empty()).then_some(batch))
    }

    /// A line that was read before, without its line feed.
    fn read_line(&mut self, at: Running) -> io::Result<Option<&[u8]>> {
        let file = match File::open(self.place.segment(at.segment)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let end = file.metadata()?.len().min(at.offset + LINE_BYTES_MAX as u64);
        read_chunk(&file, at.offset, end, &mut self.chunk)?;
        Ok(self.chunk.split(|byte| *byte == b'\n').next())
    }

    /// Moves on: the records of this batch are in the database.
    pub(crate) fn shipped(&mut self, batch: &Batch) {
        for mark in &batch.marks {
            match *mark {
                Mark::Opened { id, offset } => {
                    let running = Running { segment: batch.segment, offset, said_bytes: 0 };
                    if self.running.insert(id, running).is_none() {
                        self.count_running(batch.segment, 1);
                    }
                }
                Mark::Said(said) => {
                    if let Some(running) = self.running.get_mut(&said.id) {
                        running.said_bytes = said.bytes;
                    }
                }
                Mark::Settled(id) => {
                    if let Some(running) = self.running.remove(&id) {
                        self.count_running(running.segment, -1);
                    }
                }
            }
        }
        if let Some(segment) = self.segment(batch.segment) {
            segment.offset = batch.offset;
            segment.damaged |= batch.damaged > 0;
        }
        self.shipped.lines += batch.read.lines;
        self.shipped.bytes += batch.read.bytes;
    }

    fn count_running(&mut self, number: u64, by: isize) {
        if let Some(segment) = self.segment(number) {
            segment.running = segment.running.saturating_add_signed(by);
        }
    }

    fn segment(&mut self, number: u64) -> Option<&mut Segment> {
        let index = self.segments.binary_search_by_key(&number, |segment| segment.number).ok()?;
        self.segments.get_mut(index)
    }

    /// Removes the files that are sealed, read to their end, and settled to their last call.
    ///
    /// # Errors
    /// A file cannot be removed; it is tried again the next time.
    pub(crate) fn remove_finished(&mut self) -> io::Result<()> {
        let mut outcome = Ok(());
        let place = &self.place;
        self.segments.retain(|segment| {
            if !segment.whole || segment.running > 0 {
                return true;
            }
            let path = place.segment(segment.number);
            let removed = if segment.damaged {
                fs::rename(path, place.damaged(segment.number))
            } else {
                fs::remove_file(path)
            };
            match removed {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    outcome = Err(error);
                    true
                }
                Ok(()) | Err(_) => false,
            }
        });
        outcome
    }
}

impl Segment {
    const fn new(number: u64) -> Self {
        Self { number, offset: 0, whole: false, running: 0, damaged: false }
    }
}

impl Batch {
    /// Reads the whole lines of a chunk that begins where the segment was read to.
    fn parse(segment: &Segment, chunk: &[u8], at_end: bool, records_max: usize) -> Self {
        let mut batch = Self { segment: segment.number, ..Self::default() };
        let mut rest = chunk;
        while batch.records.len() < records_max
            && let Some(length) = memchr(b'\n', rest)
        {
            let offset = segment.offset + (chunk.len() - rest.len()) as u64;
            batch.take(&rest[..length], offset);
            rest = &rest[length + 1..];
        }
        batch.read.bytes = (chunk.len() - rest.len()) as u64;
        batch.offset = segment.offset + batch.read.bytes;
        let no_line_feed = batch.records.len() < records_max && !rest.is_empty();
        if no_line_feed && at_end {
            // The process died within a write; what the line would have said was never acted upon.
            batch.torn += 1;
            batch.offset += rest.len() as u64;
        } else if no_line_feed && rest.len() > LINE_BYTES_MAX {
            batch.damaged += 1;
            batch.offset += rest.len() as u64;
        }
        batch
    }

    /// How many of the records are of calls that nobody settled.
    pub(crate) fn orphans(&self) -> u64 {
        let orphaned = |record: &&Record| record.settlement.ending == Ending::Orphaned;
        self.records.iter().filter(orphaned).count() as u64
    }

    fn take(&mut self, text: &[u8], offset: u64) {
        self.read.lines += 1;
        match line::read(text) {
            Some(Line::Opened(id)) => self.marks.push(Mark::Opened { id, offset }),
            Some(Line::Said(said)) => self.marks.push(Mark::Said(said)),
            Some(Line::Settled(record)) => {
                self.marks.push(Mark::Settled(record.opening.id));
                self.records.push(*record);
            }
            None => self.damaged += 1,
        }
    }
}

/// Reads from `offset` towards `end`, as much as a chunk holds.
fn read_chunk(file: &File, offset: u64, end: u64, chunk: &mut Vec<u8>) -> io::Result<()> {
    let length =
        usize::try_from(end.saturating_sub(offset)).map_or(CHUNK_BYTES, |left| left.min(CHUNK_BYTES));
    chunk.resize(length, 0);
    file.read_exact_at(chunk, offset)
}

fn orphan(opening: Opening<'static>, said_bytes: u64) -> Record {
    let settlement = Settlement {
        settled_at_ms: now_ms(),
        ending: Ending::Orphaned,
        latency_ms: None,
        first_token_ms: None,
        stop: None,
        failure: None,
        fault: None,
        status: None,
        usage: estimate::orphaned(opening.asked_bytes, said_bytes),
        cost_micros: None,
        lossy: "".into(),
    };
    Record { opening, settlement }
}
