//! The record of a running call. Whoever drops it settles it. It holds no text of the prompt or the reply.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use claw_hub::{Fault, Kind, Losses, Refusal, Stop, Usage};
use ulid::Ulid;

use crate::estimate::{self, Seen};
use crate::line::Said;
use crate::record;
use crate::spool::Core;
use crate::{Ending, Settlement};

/// After each so many bytes of reply a line notes them, so that the orphan of a long reply is not taken for a short one.
const NOTE_EVERY_BYTES: u64 = 16 << 10;

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The provider said its last word.
    Done {
        /// Why the reply ended, where the provider said it.
        stop: Option<Stop>,
    },
    /// The provider, or the way to it, failed.
    Failed {
        /// What went wrong.
        kind: Kind,
        /// Whose fault it was.
        fault: Fault,
        /// The provider's HTTP status, if it answered with one.
        status: Option<u16>,
    },
    /// The caller went away.
    Cancelled,
    /// The time was over.
    Deadline,
    /// The gateway was shut down.
    Shutdown,
}

impl End {
    /// The end of a call that failed with this refusal, after the provider answered with this HTTP status, if it did.
    pub const fn failed(refusal: &Refusal, status: Option<u16>) -> Self {
        Self::Failed { kind: refusal.kind, fault: refusal.fault, status }
    }

    const fn ending(&self) -> Ending {
        match self {
            Self::Done { .. } => Ending::Done,
            Self::Failed { .. } => Ending::Failed,
            Self::Cancelled => Ending::Cancelled,
            Self::Deadline => Ending::Deadline,
            Self::Shutdown => Ending::Shutdown,
        }
    }
}

/// The record of a running call, owned by whoever runs it. Dropped without `settle`, it settles itself as cancelled, with
/// what was seen until then.
pub struct Entry {
    core: Arc<Core>,
    id: Ulid,
    /// The opened line, to which the settlement is added.
    head: Box<[u8]>,
    asked_bytes: u64,
    opened: Instant,
    first_token: Option<Duration>,
    seen: Seen,
    noted_bytes: u64,
    lossy: String,
    settled: bool,
}

impl Entry {
    /// The entry of a call whose opened line is written.
    pub(crate) fn new(core: Arc<Core>, id: Ulid, head: Box<[u8]>, asked_bytes: u64) -> Self {
        Self {
            core,
            id,
            head,
            asked_bytes,
            opened: Instant::now(),
            first_token: None,
            seen: Seen::default(),
            noted_bytes: 0,
            lossy: String::new(),
            settled: false,
        }
    }

    /// The record's id; its key is the region and this.
    pub const fn id(&self) -> Ulid {
        self.id
    }

    /// Takes up what the provider says of its usage. It replaces what was said before.
    pub const fn usage(&mut self, usage: Usage) {
        self.seen.usage = Some(usage);
        self.seen.reported_bytes = self.seen.said_bytes;
    }

    /// Takes up how much text of the reply has come so far, from its beginning, in bytes.
    pub fn said(&mut self, bytes: u64) {
        self.seen.said_bytes = self.seen.said_bytes.max(bytes);
        if self.seen.said_bytes - self.noted_bytes >= NOTE_EVERY_BYTES {
            self.noted_bytes = self.seen.said_bytes;
            self.core.note(Said { id: self.id, bytes: self.noted_bytes });
        }
    }

    /// Notes that the first token came now. Only the first call counts.
    pub fn first_token(&mut self) {
        if self.first_token.is_none() {
            self.first_token = Some(self.opened.elapsed());
        }
    }

    /// Takes up what the translation changed or dropped. It replaces what was said before.
    pub fn losses(&mut self, losses: &Losses) {
        self.lossy = record::lossy(losses.to_string());
    }

    /// Closes the record. The line is appended when this returns, or waits in memory if the disk refuses it.
    pub fn settle(mut self, end: End) {
        self.close(end);
    }

    fn close(&mut self, end: End) {
        if !std::mem::replace(&mut self.settled, true) {
            self.core.settle(&self.head, &self.settlement(end));
        }
    }

    fn settlement(&self, end: End) -> Settlement<'_> {
        let mut settlement = Settlement {
            settled_at_ms: crate::spool::now_ms(),
            ending: end.ending(),
            latency_ms: Some(millis(self.opened.elapsed())),
            first_token_ms: self.first_token.map(millis),
            stop: None,
            failure: None,
            fault: None,
            status: None,
            usage: estimate::consumed(self.asked_bytes, self.seen, &end),
            cost_micros: None,
            lossy: Cow::Borrowed(&self.lossy),
        };
        match end {
            End::Done { stop } => settlement.stop = stop.map(stop_label),
            End::Failed { kind, fault, status } => {
                settlement.failure = Some(Cow::Borrowed(kind.label()));
                settlement.fault = Some(Cow::Borrowed(fault.label()));
                settlement.status = status;
            }
            End::Cancelled | End::Deadline | End::Shutdown => {}
        }
        settlement
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.close(End::Cancelled);
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The label of a stop reason in records.
fn stop_label(stop: Stop) -> Cow<'static, str> {
    Cow::Borrowed(match stop {
        Stop::EndTurn => "end_turn",
        Stop::Sequence(_) => "sequence",
        Stop::MaxTokens => "max_tokens",
        Stop::ToolUse => "tool_use",
        Stop::Pause => "pause",
        Stop::Refusal => "refusal",
        Stop::ContentFilter => "content_filter",
        Stop::Guardrail => "guardrail",
        Stop::ContextWindow => "context_window",
        Stop::Other(word) => return Cow::Owned(record::name(&word).into_owned()),
    })
}
