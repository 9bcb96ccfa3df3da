//! From a call to an answer: whole or streamed, with what the headers say of it.

use std::sync::Arc;

use claw_dialect::codec;
use claw_edge::Answer;
use claw_hub::{Asked, Kind, Losses, Proof, Refusal, Retry};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::app::App;
use crate::context::Context;
use crate::flow::{Calling, Flow};
use crate::leg::{Begun, BegunSaid};
use crate::pipeline;

/// So much of the list of losses goes into a header, in bytes; the record has all of it.
const LOSSY_MAX_BYTES: usize = 2_048;

/// Answers a request, in the way that it asks for.
///
/// # Errors
/// As [`pipeline::call`], before anything was sent.
pub async fn give(
    app: &Arc<App>,
    asked: Proof<claw_route::Key, Asked>,
    context: Context,
) -> Result<Answer, Refusal> {
    let is_stream = asked.get().request.stream;
    let context = Arc::new(context);
    let calling: Calling = Box::pin(pipeline::call(app.clone(), asked, context.clone()));
    if is_stream { streamed(app, calling, context).await } else { whole(app, calling, &context).await }
}

async fn whole(app: &Arc<App>, calling: Calling, context: &Context) -> Result<Answer, Refusal> {
    let leg = calling.await?;
    let mut losses = leg.begun.losses.clone();
    let head = |losses: &Losses| head(&leg.begun, leg.attempts.made(), losses);
    let same_dialect = leg.begun.same_dialect;
    let mut headers = head(&losses);
    let BegunSaid::Whole(said) = leg.begun.said else {
        return Err(Refusal::gateway(
            Kind::Internal,
            Retry::Never,
            "the provider streamed what was not asked as a stream",
        ));
    };
    let (bytes, reply) = said.settle(&app.shared.metrics);
    let body = if same_dialect {
        bytes
    } else {
        let body = codec::encode_reply(context.dialect, &reply, &context.said(), &mut losses);
        lossy(&losses, &mut headers);
        body.into()
    };
    let mut answer = Answer::json(StatusCode::OK, body);
    answer.headers.extend(headers);
    Ok(answer)
}

/// Waits for the first event of the provider, but no longer than the head may wait. Until then there are real statuses; after it, events.
async fn streamed(app: &Arc<App>, mut calling: Calling, context: Arc<Context>) -> Result<Answer, Refusal> {
    let dialect = context.dialect;
    match tokio::time::timeout(app.stages.terms.commit_after, &mut calling).await {
        Ok(leg) => {
            let leg = leg?;
            let headers = head(&leg.begun, leg.attempts.made(), &leg.begun.losses);
            let mut answer = Answer::stream(dialect, Flow::live(app.clone(), context, leg).into_stream());
            answer.headers.extend(headers);
            Ok(answer)
        }
        Err(_) => Ok(Answer::stream(dialect, Flow::calling(app.clone(), context, calling).into_stream())),
    }
}

/// What the headers say of an answer.
fn head(begun: &Begun, attempts: u32, losses: &Losses) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(6);
    let mut text = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    text("x-openclaw-provider", &begun.provider);
    text("x-openclaw-model", &begun.model);
    headers.insert("x-openclaw-attempts", HeaderValue::from(attempts));
    headers.insert("x-openclaw-cache", HeaderValue::from_static("off"));
    lossy(losses, &mut headers);
    headers
}

fn lossy(losses: &Losses, headers: &mut HeaderMap) {
    if losses.is_empty() {
        return;
    }
    let mut text = losses.to_string().replace(|c: char| !(' '..='~').contains(&c), "?");
    text.truncate(LOSSY_MAX_BYTES);
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.insert("x-openclaw-lossy", value);
    }
}
