//! One provider's answer to one call, from its first byte to its settlement. Whatever happens to a leg, its record is closed once.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use claw_dialect::{Frame, Framer, StreamDecoder, ToolNames, codec};
use claw_hub::{Call, Dialect, Event, Kind, Losses, Refusal, Reply, Retry, Stop, Usage};
use claw_ledger::{End, Entry};
use claw_provider::{Opened, Upstream};
use claw_telemetry::{Metrics, Tokens};

use crate::attempts::Attempts;
use crate::context::Context;

/// How long the end of the bytes may take after the terminal event.
const RELEASE_DEADLINE: Duration = Duration::from_secs(1);

/// A call that was answered, and the attempts that are left in case the answer breaks before it has said anything.
pub struct Leg {
    /// The answer.
    pub begun: Begun,
    /// What is left.
    pub attempts: Attempts,
}

impl Leg {
    /// An answer with what is left.
    pub const fn new(begun: Begun, attempts: Attempts) -> Self {
        Self { begun, attempts }
    }
}

/// An answer that has begun.
pub struct Begun {
    /// The provider's name.
    pub provider: Arc<str>,
    /// The model as the provider names it.
    pub model: Arc<str>,
    /// What the translation of the request changed or dropped.
    pub losses: Losses,
    /// Whether the provider speaks the caller's dialect.
    pub same_dialect: bool,
    /// What it says.
    pub said: BegunSaid,
}

/// What an answer says.
pub enum BegunSaid {
    /// Everything at once.
    Whole(Box<Whole>),
    /// Piece by piece.
    Stream(Box<Live>),
}

/// A whole answer, not settled yet.
pub struct Whole {
    /// Its bytes.
    pub bytes: Bytes,
    /// What they say.
    pub reply: Reply,
    entry: Entry,
}

impl Whole {
    /// Closes the record; to be called before the answer is handed out.
    pub fn settle(self, metrics: &Metrics) -> (Bytes, Reply) {
        let Self { bytes, reply, mut entry } = self;
        entry.first_token();
        entry.said(said_bytes(&reply));
        if let Some(usage) = reply.usage {
            entry.usage(usage);
            metrics.tokens(tokens(usage));
        }
        entry.settle(End::Done { stop: Some(reply.stop.clone()) });
        (bytes, reply)
    }
}

impl Begun {
    /// Takes an opened reply up to its first event.
    ///
    /// # Errors
    /// The reply cannot be read, or is an error: the record is settled as failed.
    pub async fn begin(
        entry: Entry,
        opened: Opened,
        call: &Call<'_>,
        context: &Context,
    ) -> Result<Self, Refusal> {
        let target = call.target();
        let names = codec::tool_names(call.request(), target);
        let said = match opened.reply {
            claw_provider::Reply::Whole(bytes) => match codec::decode_reply(target.dialect, &bytes) {
                Ok(mut reply) => {
                    names.restore_reply(&mut reply);
                    BegunSaid::Whole(Box::new(Whole { bytes, reply, entry }))
                }
                Err(refusal) => {
                    entry.settle(End::failed(&refusal, None));
                    return Err(refusal);
                }
            },
            claw_provider::Reply::Stream(upstream) => {
                let mut live = Box::new(Live::new(entry, upstream, target.dialect, names));
                live.first().await?;
                BegunSaid::Stream(live)
            }
        };
        Ok(Self {
            provider: target.provider.clone(),
            model: target.model.clone(),
            losses: opened.losses,
            same_dialect: context.dialect == target.dialect,
            said,
        })
    }
}

/// A streamed answer. Dropping it cancels the provider's call and closes the record as cancelled.
pub struct Live {
    /// `None` once the record is closed.
    entry: Option<Entry>,
    upstream: Upstream,
    framer: Framer,
    decoder: StreamDecoder,
    /// Names of tools that had to be written otherwise for this provider.
    names: ToolNames,
    events: Vec<Event>,
    held: Option<Frame>,
    said_bytes: u64,
    has_content: bool,
    usage: Option<Usage>,
    stop: Option<Stop>,
    ended: bool,
}

impl Live {
    fn new(entry: Entry, upstream: Upstream, dialect: Dialect, names: ToolNames) -> Self {
        Self {
            entry: Some(entry),
            upstream,
            framer: Framer::new(dialect),
            decoder: StreamDecoder::new(dialect),
            names,
            events: Vec::with_capacity(8),
            held: None,
            said_bytes: 0,
            has_content: false,
            usage: None,
            stop: None,
            ended: false,
        }
    }

    /// Waits for the first frame that says something, and holds it back for [`Self::next_frame`].
    async fn first(&mut self) -> Result<(), Refusal> {
        loop {
            while let Some(frame) = self.decoded()? {
                if !self.events.is_empty() {
                    self.held = Some(frame);
                    return Ok(());
                }
            }
            self.read().await?;
        }
    }

    /// Waits for more bytes. To be called when [`Self::next_frame`] has no more. It is safe to drop and call again.
    ///
    /// # Errors
    /// The stream broke or ended too early; the record is closed.
    pub async fn read(&mut self) -> Result<(), Refusal> {
        match self.upstream.next().await {
            Some(Ok(bytes)) => {
                self.framer.push(&bytes);
                Ok(())
            }
            Some(Err(refusal)) => Err(self.fail(refusal)),
            None => self.end_of_bytes(),
        }
    }

    /// The next whole frame, with its events, if there is one.
    ///
    /// # Errors
    /// The provider said that it failed, or what came is no frame; the record is closed.
    pub fn next_frame(&mut self) -> Result<Option<(Frame, &[Event])>, Refusal> {
        if let Some(frame) = self.held.take() {
            return Ok(Some((frame, &self.events)));
        }
        let frame = self.decoded()?;
        Ok(frame.map(|frame| (frame, self.events.as_slice())))
    }

    /// Whether the provider has said its last word; the record is closed by then.
    pub const fn is_over(&self) -> bool {
        self.ended && self.held.is_none()
    }

    /// Whether something of the answer was seen, so that no other provider may begin anew.
    pub const fn has_content(&self) -> bool {
        self.has_content
    }

    /// Closes the record before the provider has ended, because the gateway must.
    pub fn cut(&mut self, end: End) {
        if let Some(entry) = self.entry.take() {
            entry.settle(end);
        }
    }

    /// Lets go of an answer that is over. What is left of the bytes is read for a moment, so that the connection can be used again.
    pub fn release(self) {
        let mut upstream = self.upstream;
        tokio::spawn(async move {
            let _ = tokio::time::timeout(RELEASE_DEADLINE, upstream.next()).await;
        });
    }

    /// Usage as the provider told it.
    pub const fn usage(&self) -> Option<Usage> {
        self.usage
    }

    fn decoded(&mut self) -> Result<Option<Frame>, Refusal> {
        self.events.clear();
        if self.ended {
            return Ok(None);
        }
        let frame = match self.framer.next_frame() {
            Ok(Some(frame)) => frame,
            Ok(None) => return Ok(None),
            Err(error) => return Err(self.fail(unreadable().because(error))),
        };
        self.decoder.frame(&frame, &mut self.events);
        self.meter()?;
        Ok(Some(frame))
    }

    fn end_of_bytes(&mut self) -> Result<(), Refusal> {
        if let Some(frame) = self.framer.finish() {
            self.decoder.frame(&frame, &mut self.events);
        }
        self.decoder.finish(&mut self.events);
        self.meter()?;
        if !self.ended {
            return Err(self.fail(unreadable()));
        }
        // The terminal event came without a frame of its own: an empty one carries it.
        self.held = Some(Frame {
            raw: Bytes::new(),
            kind: claw_dialect::FrameKind::Empty,
            name: String::new(),
            data: Bytes::new(),
        });
        Ok(())
    }

    /// Counts what the events say, and closes the record when they say the end: before anyone is handed the terminal event.
    fn meter(&mut self) -> Result<(), Refusal> {
        let failed = self.events.iter().position(|event| matches!(event, Event::Failed(_)));
        if let Some(index) = failed
            && let Event::Failed(refusal) = self.events.swap_remove(index)
        {
            return Err(self.fail(refusal));
        }
        if !self.names.is_empty() {
            self.events.iter_mut().for_each(|event| self.names.restore_event(event));
        }
        let Some(entry) = &mut self.entry else { return Ok(()) };
        for event in &self.events {
            if event.is_content() && !self.has_content {
                self.has_content = true;
                entry.first_token();
            }
            match event {
                Event::More { delta, .. } => self.said_bytes += delta.text().len() as u64,
                Event::Usage(usage) => {
                    self.usage = Some(*usage);
                    entry.usage(*usage);
                }
                Event::Stop(stop) => self.stop = Some(stop.clone()),
                Event::End => self.ended = true,
                Event::Start(_)
                | Event::Open { .. }
                | Event::Close { .. }
                | Event::Ping
                | Event::Failed(_) => {}
            }
        }
        entry.said(self.said_bytes);
        if self.ended
            && let Some(entry) = self.entry.take()
        {
            entry.settle(End::Done { stop: self.stop.take() });
        }
        Ok(())
    }

    fn fail(&mut self, refusal: Refusal) -> Refusal {
        self.ended = true;
        if let Some(entry) = self.entry.take() {
            let end =
                if refusal.kind == Kind::Deadline { End::Deadline } else { End::failed(&refusal, None) };
            entry.settle(end);
        }
        refusal
    }
}

/// Tokens as metrics count them.
pub const fn tokens(usage: Usage) -> Tokens {
    Tokens {
        input: usage.input_fresh,
        cache_read: usage.cache_read,
        cache_write: usage.cache_write.saturating_add(usage.cache_write_1h),
        output: usage.output,
    }
}

fn unreadable() -> Refusal {
    Refusal::provider(Kind::ProviderFailed, Retry::Maybe, "the provider's stream broke off before its end")
}

/// The text of a reply, in bytes, for an estimate where the provider does not say its usage.
fn said_bytes(reply: &Reply) -> u64 {
    use claw_hub::PartKind::{Refusal, Text, Thinking, ToolCall};
    let one = |part: &claw_hub::Part| match &part.kind {
        Text(text) | Refusal(text) => text.len(),
        Thinking(thought) => thought.text.len(),
        ToolCall { arguments, .. } => arguments.len(),
        _ => 0,
    };
    reply.parts.iter().map(one).sum::<usize>() as u64
}
