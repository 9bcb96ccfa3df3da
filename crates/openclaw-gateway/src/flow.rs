//! The way back of a streamed answer: provider frames in, the caller's bytes out, and something to hear at least every few seconds.
//!
//! It is pulled by the connection that serves the caller. When the caller goes away the connection drops it, and that cancels everything behind it.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use claw_dialect::{StreamEncoder, codec};
use claw_edge::Phase;
use claw_hub::{Event, Kind, Refusal, Retry};
use claw_ledger::End;
use futures_util::Stream;
use tokio::time::{Instant, Sleep};
use tracing::warn;

use crate::app::App;
use crate::attempts::Attempts;
use crate::context::Context;
use crate::leg::{Begun, BegunSaid, Leg, Live, tokens};

/// A call that has not answered yet.
pub type Calling = Pin<Box<dyn Future<Output = Result<Leg, Refusal>> + Send>>;

enum State {
    /// The head is out, and no provider has said anything.
    Calling(Calling),
    /// A provider answers.
    Live(Box<Live>, Box<Attempts>),
    /// Everything was said.
    Done,
}

/// What wakes a flow.
enum Woken {
    Answered(Result<Box<Leg>, Refusal>),
    Read(Result<(), Refusal>),
    Silence,
    Cut,
}

/// A streamed answer on its way to the caller.
pub struct Flow {
    state: State,
    app: Arc<App>,
    context: Arc<Context>,
    encoder: StreamEncoder,
    /// Whether the provider's frames go out as they are.
    forward: bool,
    /// Whether the caller has seen the beginning of an answer.
    started: bool,
    out: Vec<u8>,
    keep_alive_every: Duration,
    silence: Pin<Box<Sleep>>,
    heard: Instant,
    cut: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// How the request ended, for the metrics.
    outcome: &'static str,
}

impl Flow {
    /// The flow of an answer that has begun.
    pub fn live(app: Arc<App>, context: Arc<Context>, leg: Leg) -> Self {
        let mut flow = Self::new(app, context, State::Done);
        flow.take(leg.begun, Box::new(leg.attempts));
        flow
    }

    /// The flow of a call that has not answered in time for the head.
    pub fn calling(app: Arc<App>, context: Arc<Context>, calling: Calling) -> Self {
        Self::new(app, context, State::Calling(calling))
    }

    fn new(app: Arc<App>, context: Arc<Context>, state: State) -> Self {
        let keep_alive_every = app.stages.terms.keep_alive_every;
        let mut phase = app.shared.phase.clone();
        let now = Instant::now();
        Self {
            state,
            encoder: StreamEncoder::new(context.dialect, context.said()),
            forward: false,
            started: false,
            out: Vec::new(),
            keep_alive_every,
            silence: Box::pin(tokio::time::sleep_until(now + keep_alive_every)),
            heard: now,
            cut: Box::pin(async move {
                if phase.wait_for(|phase| *phase == Phase::Cut).await.is_err() {
                    // Nobody is left to say so.
                    std::future::pending::<()>().await;
                }
            }),
            outcome: "cancelled",
            app,
            context,
        }
    }

    /// The bytes as a stream.
    pub fn into_stream(self) -> Pin<Box<dyn Stream<Item = Bytes> + Send>> {
        Box::pin(futures_util::stream::unfold(Box::new(self), |mut flow| async move {
            let bytes = flow.next().await?;
            Some((bytes, flow))
        }))
    }

    /// The next bytes for the caller; `None` after the last.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            self.pass_frames();
            if !self.out.is_empty() {
                self.heard = Instant::now();
                return Some(Bytes::from(std::mem::take(&mut self.out)));
            }
            let woken = tokio::select! {
                biased;
                woken = advance(&mut self.state) => woken?,
                () = self.silence.as_mut() => Woken::Silence,
                () = self.cut.as_mut() => Woken::Cut,
            };
            self.react(woken);
        }
    }

    fn react(&mut self, woken: Woken) {
        match woken {
            Woken::Answered(Ok(leg)) => {
                let Leg { begun, attempts } = *leg;
                self.take(begun, Box::new(attempts));
            }
            Woken::Read(Ok(())) => {}
            Woken::Answered(Err(refusal)) | Woken::Read(Err(refusal)) => self.broken(refusal),
            Woken::Silence => self.keep_alive(),
            Woken::Cut => {
                if let State::Live(live, _) = &mut self.state {
                    live.cut(End::Shutdown);
                }
                self.fail(Refusal::gateway(
                    Kind::Draining,
                    Retry::Maybe,
                    "the gateway is shutting down and could not wait longer: ask again",
                ));
            }
        }
    }

    /// Takes up an answer. A second one continues the first in the caller's eyes, so it is never forwarded as it is.
    fn take(&mut self, begun: Begun, attempts: Box<Attempts>) {
        self.forward = begun.same_dialect && !self.started;
        match begun.said {
            BegunSaid::Stream(live) => self.state = State::Live(live, attempts),
            BegunSaid::Whole(_) => self.fail(Refusal::provider(
                Kind::ProviderFailed,
                Retry::Maybe,
                "the provider did not stream its answer",
            )),
        }
    }

    /// Moves every frame that is there to the caller's side.
    fn pass_frames(&mut self) {
        while let State::Live(live, _) = &mut self.state {
            if live.is_over() {
                return self.finish();
            }
            match live.next_frame() {
                Ok(Some((frame, events))) if self.forward => {
                    if self.context.include_usage || !codec::is_unasked_usage(self.context.dialect, &frame) {
                        self.out.extend_from_slice(&frame.raw);
                    }
                    for event in events {
                        self.started |= matches!(event, Event::Start(_));
                    }
                }
                Ok(Some((_, events))) => {
                    for event in events {
                        let again = self.started && matches!(event, Event::Start(_));
                        if !again {
                            self.encoder.event(event, &mut self.out);
                        }
                        self.started |= matches!(event, Event::Start(_));
                    }
                }
                Ok(None) => return,
                Err(refusal) => self.broken(refusal),
            }
        }
    }

    /// A provider broke. If nothing of its answer was seen, the next one is called; else the caller is told.
    fn broken(&mut self, refusal: Refusal) {
        let state = std::mem::replace(&mut self.state, State::Done);
        let State::Live(live, mut attempts) = state else { return self.fail(refusal) };
        if live.has_content() || !attempts.has_next() {
            return self.fail(refusal);
        }
        warn!(request_id = %self.context.request_id, kind = refusal.kind.label(), "a stream broke before its first content");
        if self.forward && self.started {
            // The caller has seen the beginning as bytes; the encoder goes on from there.
            self.encoder.event(&Event::Start(Default::default()), &mut Vec::new());
        }
        self.state = State::Calling(Box::pin(async move {
            let begun = attempts.next_begun().await?;
            Ok(Leg::new(begun, *attempts))
        }));
    }

    fn fail(&mut self, refusal: Refusal) {
        warn!(request_id = %self.context.request_id, kind = refusal.kind.label(), fault = refusal.fault.label(),
            cause = refusal.source.as_ref().map(tracing::field::display), "a stream failed");
        self.outcome = refusal.kind.label();
        self.encoder.event(&Event::Failed(refusal), &mut self.out);
        self.state = State::Done;
    }

    fn finish(&mut self) {
        self.outcome = "ok";
        if let State::Live(live, _) = std::mem::replace(&mut self.state, State::Done) {
            self.app.shared.metrics.tokens(live.usage().map(tokens).unwrap_or_default());
            live.release();
        }
    }

    /// Something to hear, if the caller has heard nothing for long enough. Frames go out whole, so this always falls between two of them.
    fn keep_alive(&mut self) {
        let now = Instant::now();
        if now >= self.heard + self.keep_alive_every {
            self.app.shared.metrics.keep_alive();
            self.out.extend_from_slice(&codec::keep_alive(self.context.dialect));
            self.heard = now;
        }
        self.silence.as_mut().reset(self.heard + self.keep_alive_every);
    }
}

impl Drop for Flow {
    fn drop(&mut self) {
        self.app.shared.metrics.request(self.context.door, self.outcome);
    }
}

/// Waits for what the state waits for; `None` when it waits for nothing.
async fn advance(state: &mut State) -> Option<Woken> {
    match state {
        State::Calling(calling) => Some(Woken::Answered(calling.await.map(Box::new))),
        State::Live(live, _) => Some(Woken::Read(live.read().await)),
        State::Done => None,
    }
}
