//! One call from its arrival to the head of its answer, in the same order for every vendor: read, admit, find the model
//! and its troubles, read the request, write the script, answer. It must not know any vendor's fields.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::Request;
use hyper::body::Incoming;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::State;
use crate::control;
use crate::knobs::{Knobs, Trouble};
use crate::log::{Arrival, Ending};
use crate::player::{Player, ReplyBody};
use crate::route::{self, Operation, Route};
use crate::script::{Author, Script};
use crate::seen::Ended;
use crate::steps::{Cursor, Step};
use crate::vendor::Vendor;
use crate::wire::{Head, Refusal};

/// A model whose plain name contains this does not exist.
const MISSING: &str = "missing";

/// Answers one HTTP request.
pub(crate) async fn answer(state: &Arc<State>, request: Request<Incoming>) -> Response<ReplyBody> {
    let (head, body) = request.into_parts();
    let (vendor, operation) = match route::find(&head.method, head.uri.path(), &head.headers) {
        Route::Control(what) => return control::answer(state, &head.method, &what),
        Route::Vendor(vendor, operation) => (vendor, operation),
    };
    let body = match read_body(body, state.options.max_body_bytes).await {
        Body::Whole(body) => Some(body),
        Body::TooLarge => None,
        Body::Broken => Some(Bytes::new()),
    };
    let path = head.uri.path_and_query().map_or(head.uri.path(), |whole| whole.as_str());
    let (sequence, ending) = state.log.open(&Arrival {
        vendor,
        method: head.method.as_str(),
        path,
        headers: &head.headers,
        body: body.as_deref().unwrap_or_default(),
    });
    let call = Call { state, vendor, sequence };
    let wire_head = Head {
        operation: &operation,
        method: &head.method,
        uri: &head.uri,
        headers: &head.headers,
        body: body.as_deref().unwrap_or_default(),
    };
    let outcome = match (&operation, &body) {
        (_, None) => Err(vendor.wire().too_large()),
        (Operation::Nowhere, _) => Err(vendor.wire().nowhere(head.method.as_str(), head.uri.path())),
        (_, Some(body)) => call.admit(&wire_head).and_then(|()| call.parse(&operation, body)),
    };
    match outcome {
        Err(refusal) => call.refuse(&refusal, Ended::Done, ending),
        Ok(body) => call.perform(&wire_head, &body, ending).await,
    }
}

enum Body {
    Whole(Bytes),
    TooLarge,
    /// The caller went away while it was sending.
    Broken,
}

async fn read_body(mut body: Incoming, most: usize) -> Body {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Body::Broken };
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + data.len() > most {
            return Body::TooLarge;
        }
        if whole.is_empty() && hyper::body::Body::is_end_stream(&body) {
            return Body::Whole(data);
        }
        whole.extend_from_slice(&data);
    }
    Body::Whole(whole.freeze())
}

/// One call of a vendor's API.
struct Call<'a> {
    state: &'a State,
    vendor: Vendor,
    sequence: u64,
}

impl Call<'_> {
    fn admit(&self, head: &Head<'_>) -> Result<(), Refusal> {
        let options = &self.state.options;
        match &options.required_key {
            Some(key) => self.vendor.wire().authorise(head, key, options.aws_secret_key.as_deref()),
            None => Ok(()),
        }
    }

    fn parse(&self, operation: &Operation, body: &[u8]) -> Result<Value, Refusal> {
        if matches!(operation, Operation::Models | Operation::Model(_) | Operation::Version) {
            return Ok(Value::Null);
        }
        serde_json::from_slice(body).map_err(|error| self.vendor.wire().broken_body(&error))
    }

    /// Everything after the body is known to be JSON.
    async fn perform(&self, head: &Head<'_>, body: &Value, ending: Ending) -> Response<ReplyBody> {
        let began = Instant::now();
        match head.operation {
            Operation::Reply | Operation::ReplyOf { .. } | Operation::CountTokens => {}
            operation => return self.look_up(operation, body, ending),
        }
        let (model, mut knobs) = match self.model(head, body) {
            Ok(found) => found,
            Err(refusal) => return self.refuse(&refusal, Ended::Done, ending),
        };
        ending.named(&model);
        self.state.troubles.count(&model, &mut knobs);
        pause(knobs.silence + knobs.latency).await;
        if let Some(status) = knobs.fail {
            let refusal = self.failure(status, &model, &knobs);
            return self.refuse(&refusal, Ended::Fault, ending);
        }
        let asked = match self.vendor.wire().read(head, &model, body) {
            Ok(asked) => asked,
            Err(refusal) => return self.refuse(&refusal, Ended::Done, ending),
        };
        if *head.operation == Operation::CountTokens {
            let count = self.vendor.wire().token_count(asked.meter.input_tokens());
            ending.asked(asked);
            return self.respond(Whole { status: 200, bytes: count, said: 0, ended: Ended::Done }, ending);
        }
        let name = model.split('~').next().unwrap_or_default();
        let author =
            Author { vendor: self.vendor, name, sequence: self.sequence, asked: &asked, knobs: &knobs };
        let script = author.write(model.clone(), &self.state.cache, began);
        let is_stream = asked.stream;
        ending.asked(asked);
        ending.priced(script.usage);
        if is_stream { self.stream(script, &knobs, ending) } else { self.whole(script, &knobs, ending).await }
    }

    fn model(&self, head: &Head<'_>, body: &Value) -> Result<(String, Knobs), Refusal> {
        let model = self.vendor.wire().model(head, body)?;
        let (name, knobs) = Knobs::parse(&model)
            .map_err(|message| Refusal { message, ..self.vendor.wire().failure(400, &model) })?;
        if name.contains(MISSING) {
            return Err(self.vendor.wire().unknown_model(&model));
        }
        Ok((model, knobs))
    }

    fn failure(&self, status: u16, model: &str, knobs: &Knobs) -> Refusal {
        let refusal = self.vendor.wire().failure(status, model);
        Refusal { retry_after: knobs.retry.or(refusal.retry_after), ..refusal }
    }

    fn look_up(&self, operation: &Operation, body: &Value, ending: Ending) -> Response<ReplyBody> {
        match self.vendor.wire().lookup(self.state, operation, body) {
            Ok(found) => {
                self.respond(Whole { status: 200, bytes: found, said: 0, ended: Ended::Done }, ending)
            }
            Err(refusal) => self.refuse(&refusal, Ended::Done, ending),
        }
    }

    fn stream(&self, script: Script, knobs: &Knobs, ending: Ending) -> Response<ReplyBody> {
        let writer = self.vendor.wire().writer(&script);
        ending.answered(200);
        let mut response = Response::new(ReplyBody::stream(Player::new(script, writer, knobs, ending)));
        self.set_headers(response.headers_mut(), true);
        response
    }

    /// A whole reply comes when its last word would have come in a stream.
    async fn whole(&self, script: Script, knobs: &Knobs, ending: Ending) -> Response<ReplyBody> {
        let pieces = if knobs.gap.is_zero() && knobs.trouble().is_none() { 0 } else { count_pieces(&script) };
        let gaps = u32::try_from(pieces.saturating_sub(1)).unwrap_or(u32::MAX);
        pause(knobs.first + knobs.gap.saturating_mul(gaps)).await;
        match knobs.trouble().filter(|(after, _)| *after <= pieces) {
            Some((_, Trouble::Error(status))) => {
                let refusal = self.failure(status.unwrap_or(500), &script.model, knobs);
                self.refuse(&refusal, Ended::Fault, ending)
            }
            Some((_, trouble @ (Trouble::Cut | Trouble::Stall))) => {
                ending.answered(200);
                let bytes = self.vendor.wire().reply(&script);
                let mut response = Response::new(ReplyBody::torn(bytes, trouble, ending));
                self.set_headers(response.headers_mut(), false);
                response
            }
            None => {
                let parts = script.answers.iter().flat_map(|answer| &answer.parts);
                let said = parts.map(|part| part.text.len() as u64).sum();
                let bytes = self.vendor.wire().reply(&script);
                self.respond(Whole { status: 200, bytes, said, ended: Ended::Done }, ending)
            }
        }
    }

    fn refuse(&self, refusal: &Refusal, ended: Ended, ending: Ending) -> Response<ReplyBody> {
        let wire = self.vendor.wire();
        let bytes = wire.refusal(refusal, self.sequence);
        let mut response = self.respond(Whole { status: refusal.status, bytes, said: 0, ended }, ending);
        if let Some(seconds) = refusal.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        wire.refusal_headers(refusal, response.headers_mut());
        response
    }

    fn respond(&self, whole: Whole, ending: Ending) -> Response<ReplyBody> {
        ending.answered(whole.status);
        let mut response = Response::new(ReplyBody::whole(whole.bytes, whole.said, whole.ended, ending));
        *response.status_mut() =
            StatusCode::from_u16(whole.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.set_headers(response.headers_mut(), false);
        response
    }

    fn set_headers(&self, headers: &mut HeaderMap, is_stream: bool) {
        let wire = self.vendor.wire();
        let content_type = wire.content_type(is_stream);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        wire.headers(self.sequence, headers);
        if content_type.starts_with("text/event-stream") {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        }
    }
}

/// An answer that is there at once.
struct Whole {
    status: u16,
    bytes: Vec<u8>,
    /// How many of the bytes are the model's words.
    said: u64,
    ended: Ended,
}

/// A timer of no time at all would still take up to a millisecond.
async fn pause(time: Duration) {
    if !time.is_zero() {
        sleep(time).await;
    }
}

fn count_pieces(script: &Script) -> u64 {
    let mut cursor = Cursor::new(script);
    let steps = std::iter::from_fn(|| cursor.next(script));
    steps.filter(|step| matches!(step, Step::Piece { .. })).count() as u64
}
