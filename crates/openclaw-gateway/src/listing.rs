//! Lists of models: what is configured, and of that only what policy lets this caller use.

use claw_dialect::models::{self, ModelCard};
use claw_edge::{Answer, Arrival, Listing};
use claw_hub::{Caller, Kind, Refusal};
use http::StatusCode;

use crate::app::App;
use crate::context;

/// The Ollama version whose API is spoken here; its clients look at it.
const OLLAMA_VERSION: &str = "0.12.0";

/// Answers with a list of models, or with one.
///
/// # Errors
/// The caller is not known or may not ask; the one model is not in its list.
pub fn answer(app: &App, arrival: &Arrival, listing: &Listing) -> Result<Answer, Refusal> {
    let stages = &app.stages;
    let caller = stages.identity.identify(&context::presented(arrival), context::now_unix_s())?;
    context::holds_scope(&caller, arrival)?;
    let cards = cards(app, caller.get(), arrival.route.pin.as_deref());
    let body = match &listing.only {
        None => models::encode_list(listing.style, &cards),
        Some(id) => {
            let card = cards.iter().find(|card| card.id == *id).ok_or_else(|| {
                Refusal::caller(
                    Kind::NoSuchModel,
                    "there is no such model: the list without its name tells which there are",
                )
            })?;
            models::encode_one(listing.style, card)
        }
    };
    Ok(Answer::json(StatusCode::OK, body))
}

/// Answers with Ollama's version.
///
/// # Errors
/// The caller is not known or may not ask.
pub fn ollama_version(app: &App, arrival: &Arrival) -> Result<Answer, Refusal> {
    let caller = app.stages.identity.identify(&context::presented(arrival), context::now_unix_s())?;
    context::holds_scope(&caller, arrival)?;
    Ok(Answer::json(StatusCode::OK, models::encode_ollama_version(OLLAMA_VERSION)))
}

fn cards(app: &App, caller: &Caller, pin: Option<&str>) -> Vec<ModelCard> {
    let listed = app.stages.route.listed(pin).into_iter();
    let allowed = listed.filter(|(_, target)| app.stages.policy.allows(caller, target));
    allowed.map(|(id, target)| ModelCard { id, provider: target.provider.to_string() }).collect()
}
