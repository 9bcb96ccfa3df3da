//! The plan, carried out: the permitted targets are called one after the other until one answers. Each call has its own record,
//! opened before and settled after.

use std::sync::Arc;
use std::vec;

use claw_hub::{Hold, Json, Kind, Permitted, Proof, Refusal, Retry, Visit};
use claw_ledger::{About, CallKind, End};
use tracing::warn;

use crate::app::App;
use crate::context::Context;
use crate::leg::{Begun, Leg};

/// The attempts that one call has left.
pub struct Attempts {
    app: Arc<App>,
    permitted: Proof<claw_policy::Key, Permitted>,
    hold: Proof<claw_limit::Key, Hold>,
    plan: vec::IntoIter<usize>,
    context: Arc<Context>,
    asked_bytes: u64,
    made: u32,
}

impl Attempts {
    /// All attempts of a plan.
    pub fn new(
        app: Arc<App>,
        permitted: Proof<claw_policy::Key, Permitted>,
        hold: Proof<claw_limit::Key, Hold>,
        plan: Vec<usize>,
        context: Arc<Context>,
    ) -> Self {
        let mut counted = TextBytes(0);
        permitted.get().request().visit(&mut counted);
        Self { app, permitted, hold, plan: plan.into_iter(), context, asked_bytes: counted.0, made: 0 }
    }

    /// The first target that answers, with the attempts that are left in case it breaks before it has said anything.
    ///
    /// # Errors
    /// The last refusal, when no target is left, or one that every other target would give too.
    pub async fn first(mut self) -> Result<Leg, Refusal> {
        let begun = self.next_begun().await?;
        Ok(Leg::new(begun, self))
    }

    /// The next target that answers.
    ///
    /// # Errors
    /// As [`Self::first`].
    pub async fn next_begun(&mut self) -> Result<Begun, Refusal> {
        let mut last = None;
        while let Some(index) = self.plan.next() {
            match self.attempt(index).await {
                Ok(begun) => return Ok(begun),
                Err(refusal) if is_worth_another_target(&refusal) => last = Some(refusal),
                Err(refusal) => return Err(refusal),
            }
        }
        Err(last.unwrap_or_else(|| {
            Refusal::gateway(Kind::Internal, Retry::Never, "there was no target left to try")
        }))
    }

    /// Whether a target is left.
    pub fn has_next(&self) -> bool {
        self.plan.len() > 0
    }

    /// How many targets were called.
    pub const fn made(&self) -> u32 {
        self.made
    }

    /// The request's context.
    pub const fn context(&self) -> &Arc<Context> {
        &self.context
    }

    /// What serves this request.
    pub const fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// The request that was judged.
    pub fn request(&self) -> &claw_hub::Request {
        self.permitted.get().request()
    }

    async fn attempt(&mut self, index: usize) -> Result<Begun, Refusal> {
        let missing = || {
            Refusal::gateway(Kind::Internal, Retry::Never, "the plan names a target that is not permitted")
        };
        let call = self.permitted.pick(index).ok_or_else(missing)?;
        self.made += 1;
        self.app.shared.metrics.attempt();
        let entry = self.app.ledger.open(&call, &self.hold, &self.about())?;
        let opened = self.app.providers.open(&call, &entry).await;
        let target = call.get().target();
        let mut entry = entry.into_inner();
        match opened {
            Ok(opened) => {
                entry.losses(&opened.losses);
                Begun::begin(entry, opened, call.get(), &self.context).await
            }
            Err(refusal) => {
                warn!(request_id = %self.context.request_id, provider = %target.provider, model = %target.model,
                    kind = refusal.kind.label(), cause = refusal.source.as_ref().map(tracing::field::display), "an attempt failed");
                entry.settle(End::failed(&refusal, None));
                Err(refusal)
            }
        }
    }

    fn about(&self) -> About {
        About {
            request_id: self.context.request_id,
            caller: self.context.caller.clone(),
            kind: CallKind::Chat,
            door: self.context.door,
            asked_model: self.context.asked_model.clone(),
            stream: self.permitted.get().request().stream,
            attempt: self.made,
            tags: self.context.tags.clone(),
            asked_bytes: self.asked_bytes,
        }
    }
}

/// Whether another target could do better. What is wrong with the request itself is wrong everywhere.
fn is_worth_another_target(refusal: &Refusal) -> bool {
    match refusal.kind {
        Kind::Unsupported
        | Kind::ContextTooLong
        | Kind::NoSuchModel
        | Kind::RateLimited
        | Kind::Billing
        | Kind::Overloaded
        | Kind::ProviderFailed
        | Kind::ProviderUnreachable
        | Kind::ProviderCredential
        | Kind::Deadline => true,
        Kind::Malformed
        | Kind::TooLarge
        | Kind::Unauthenticated
        | Kind::Forbidden
        | Kind::NoSuchPath
        | Kind::MethodNotAllowed
        | Kind::SlowRequest
        | Kind::Draining
        | Kind::Internal => false,
    }
}

/// Counts the text of a request, in bytes.
struct TextBytes(u64);

impl Visit for TextBytes {
    fn text(&mut self, text: &str) {
        self.0 += text.len() as u64;
    }

    fn opaque(&mut self, json: &Json) {
        self.0 += json.as_str().len() as u64;
    }
}
