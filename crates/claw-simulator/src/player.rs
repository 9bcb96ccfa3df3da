//! The body of an answer: a whole reply, one that is torn in the middle, or a stream that is told step by step at the
//! pace and with the troubles that the model's name asked for. It must not know any vendor, and it knows no clock but
//! tokio's, so that tests can pause it.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use crate::knobs::{Knobs, Trouble};
use crate::log::Ending;
use crate::script::Script;
use crate::seen::Ended;
use crate::steps::{Cursor, Step};
use crate::wire::Writer;

/// Time for what was said before a cut to leave the connection's buffer.
const TIME_TO_FLUSH: Duration = Duration::from_millis(10);
const EVENT_CAPACITY: usize = 4096;

/// The connection is cut on purpose.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is cut because the model's name asks for it")
    }
}

impl std::error::Error for Cut {}

/// The body of an answer.
#[derive(Debug)]
pub(crate) struct ReplyBody(Content);

#[derive(Debug)]
enum Content {
    Whole { bytes: Option<Bytes>, said: u64, ended: Ended, ending: Ending },
    Torn(Box<Torn>),
    Stream(Box<Player>),
}

impl ReplyBody {
    /// A body that is there at once: `said` bytes of it are the model's words.
    pub(crate) fn whole(bytes: Vec<u8>, said: u64, ended: Ended, ending: Ending) -> Self {
        Self(Content::Whole { bytes: Some(bytes.into()), said, ended, ending })
    }

    /// A body that announces its length and breaks off halfway, or goes silent there for ever.
    pub(crate) fn torn(bytes: Vec<u8>, trouble: Trouble, ending: Ending) -> Self {
        let total = bytes.len() as u64;
        let half = Bytes::from(bytes).slice(..usize::try_from(total / 2).unwrap_or_default());
        Self(Content::Torn(Box::new(Torn { half: Some(half), total, trouble, wait: None, ending })))
    }

    pub(crate) fn stream(player: Player) -> Self {
        Self(Content::Stream(Box::new(player)))
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match &mut self.0 {
            Content::Whole { bytes, said, ended, ending } => {
                let Some(bytes) = bytes.take() else { return Poll::Ready(None) };
                ending.said(u64::from(*said > 0), *said);
                ending.finish(*ended);
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Content::Torn(torn) => torn.poll(context),
            Content::Stream(player) => player.poll(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Content::Whole { bytes, .. } => bytes.is_none(),
            Content::Torn(_) => false,
            Content::Stream(player) => player.is_over(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Content::Whole { bytes, .. } => SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Content::Torn(torn) => SizeHint::with_exact(torn.total),
            Content::Stream(_) => SizeHint::default(),
        }
    }
}

#[derive(Debug)]
struct Torn {
    half: Option<Bytes>,
    total: u64,
    trouble: Trouble,
    wait: Option<Pin<Box<Sleep>>>,
    ending: Ending,
}

impl Torn {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        if let Some(half) = self.half.take() {
            self.total -= half.len() as u64;
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if self.trouble == Trouble::Stall {
            return Poll::Pending;
        }
        let wait = self.wait.get_or_insert_with(|| Box::pin(sleep(TIME_TO_FLUSH)));
        ready!(wait.as_mut().poll(context));
        self.ending.finish(Ended::Fault);
        Poll::Ready(Some(Err(Cut)))
    }
}

/// Tells a script.
pub(crate) struct Player {
    script: Script,
    writer: Box<dyn Writer>,
    cursor: Cursor,
    pace: Pace,
    trouble: Option<(u64, Trouble)>,
    ending: Ending,
    /// Content events handed out so far.
    told: u64,
    next: Option<Event>,
    wait: Option<Pin<Box<Sleep>>>,
    out: BytesMut,
    state: State,
}

/// An event that is written and waits for its time.
#[derive(Debug)]
struct Event {
    bytes: Bytes,
    /// The words in it, in bytes; `None` if it is no content event.
    words: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Telling,
    Cutting,
    Stalled,
    Over,
}

/// When each content event is due. The times are counted from the head of the answer, so that they do not drift.
#[derive(Debug, Clone, Copy)]
struct Pace {
    start: Instant,
    first: Duration,
    gap: Duration,
}

impl Pace {
    /// When a step is due that comes after so many content events; `None` if it need not wait.
    fn due(&self, step: &Step<'_>, told: u64) -> Option<Instant> {
        if self.first.is_zero() && self.gap.is_zero() {
            return None;
        }
        let events = u32::try_from(told).unwrap_or(u32::MAX);
        match step {
            Step::Begin => Some(self.start + self.first),
            Step::Piece { .. } => self.start.checked_add(self.first + self.gap.saturating_mul(events)),
            Step::Open { .. } | Step::Close { .. } | Step::Finish { .. } | Step::End => None,
        }
    }
}

impl Player {
    /// Begins now: the head of the answer is on its way.
    pub(crate) fn new(script: Script, writer: Box<dyn Writer>, knobs: &Knobs, ending: Ending) -> Self {
        Self {
            cursor: Cursor::new(&script),
            script,
            writer,
            pace: Pace { start: Instant::now(), first: knobs.first, gap: knobs.gap },
            trouble: knobs.trouble(),
            ending,
            told: 0,
            next: None,
            wait: None,
            out: BytesMut::with_capacity(EVENT_CAPACITY),
            state: State::Telling,
        }
    }

    fn is_over(&self) -> bool {
        self.next.is_none() && self.state == State::Over
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        loop {
            if let Some(wait) = &mut self.wait {
                ready!(wait.as_mut().poll(context));
                self.wait = None;
            }
            if let Some(event) = self.next.take() {
                return Poll::Ready(Some(Ok(self.hand_out(event))));
            }
            match self.state {
                State::Telling => self.advance(),
                State::Stalled => return Poll::Pending,
                State::Over => return Poll::Ready(None),
                State::Cutting => {
                    self.state = State::Over;
                    self.ending.finish(Ended::Fault);
                    return Poll::Ready(Some(Err(Cut)));
                }
            }
        }
    }

    fn hand_out(&mut self, event: Event) -> Frame<Bytes> {
        if let Some(words) = event.words {
            self.told += 1;
            self.ending.said(1, words);
        }
        if self.cursor.is_over() && self.state == State::Telling {
            self.state = State::Over;
            self.ending.finish(Ended::Done);
        }
        Frame::data(event.bytes)
    }

    /// Prepares the next event, its time, or the trouble that is due instead.
    fn advance(&mut self) {
        if let Some((after, trouble)) = self.trouble
            && self.told >= after
            && self.has_begun()
        {
            return self.break_off(trouble);
        }
        let Some(step) = self.cursor.next(&self.script) else {
            self.state = State::Over;
            self.ending.finish(Ended::Done);
            return;
        };
        self.writer.write(&self.script, &step, &mut self.out);
        let due = self.pace.due(&step, self.told);
        let words = if let Step::Piece { text, .. } = step { Some(text.len() as u64) } else { None };
        if self.out.is_empty() {
            return;
        }
        self.next = Some(Event { bytes: self.out.split().freeze(), words });
        self.wait = due.filter(|due| *due > Instant::now()).map(|due| Box::pin(sleep_until(due)));
    }

    fn break_off(&mut self, trouble: Trouble) {
        self.trouble = None;
        match trouble {
            Trouble::Stall => self.state = State::Stalled,
            Trouble::Cut => {
                self.state = State::Cutting;
                self.wait = Some(Box::pin(sleep(TIME_TO_FLUSH)));
            }
            Trouble::Error(status) => {
                self.writer.fault(&self.script, status, &mut self.out);
                self.next = Some(Event { bytes: self.out.split().freeze(), words: None });
                self.state = State::Over;
                self.ending.finish(Ended::Fault);
            }
        }
    }

    fn has_begun(&self) -> bool {
        self.cursor.has_begun()
    }
}

impl fmt::Debug for Player {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Player").field("told", &self.told).field("state", &self.state).finish_non_exhaustive()
    }
}
