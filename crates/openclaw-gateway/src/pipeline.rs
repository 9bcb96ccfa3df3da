//! The way of a request, on one screen: two functions, one step a line.
//!
//! `serve` runs once a request, `call` once a model call. Each step asks for the proof that the one before gives; leaving one out does not compile.

use std::sync::Arc;

use claw_edge::{Answer, Arrival};
use claw_hub::{Asked, Proof, Refusal};

use crate::answer;
use crate::app::App;
use crate::attempts::Attempts;
use crate::context::{self, Context};
use crate::leg::Leg;

/// Once a request: `Arrival -> Caller -> Admitted -> Asked`, and the answer.
///
/// # Errors
/// Whatever a stage refuses.
pub async fn serve(app: &Arc<App>, arrival: Arrival) -> Result<Answer, Refusal> {
    let stages = &app.stages;
    let caller = stages.identity.identify(&context::presented(&arrival), context::now_unix_s())?;
    context::holds_scope(&caller, &arrival)?;
    let (caller, place) = stages.limit.admit(caller)?;
    let context = Context::new(&arrival, caller.get(), place, &stages.terms);
    let (request, context) = context::read(arrival, context, &stages.terms).await?;
    let asked = stages.route.resolve(caller, request, context.pin.as_deref())?;
    answer::give(app, asked, context).await
}

/// Once a model call: `Inspected -> Permit -> Hold -> Plan -> Reply`. The settlement is made by whoever ends the leg.
///
/// # Errors
/// Whatever a stage refuses; a provider's failure, when no permitted target is left.
pub async fn call(
    app: Arc<App>,
    asked: Proof<claw_route::Key, Asked>,
    context: Arc<Context>,
) -> Result<Leg, Refusal> {
    let inspected = app.stages.guard.inspect(asked)?;
    let permitted = app.stages.policy.permit(inspected)?;
    let hold = app.stages.limit.hold(&permitted)?;
    let plan = app.stages.route.plan(&permitted);
    Attempts::new(app, permitted, hold, plan, context).first().await
}
