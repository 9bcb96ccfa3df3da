//! The control plane for tests that run in another process: the log, the connections, the knobs. It must not know any
//! vendor.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Response, StatusCode};
use serde_json::json;

use crate::State;
use crate::knobs::KNOBS;
use crate::log::Ending;
use crate::player::ReplyBody;
use crate::seen::Ended;
use crate::wire::to_json;

/// Answers `/_simulator/{what}`.
pub(crate) fn answer(state: &State, method: &Method, what: &str) -> Response<ReplyBody> {
    match (method.as_str(), what) {
        ("GET", "log") => respond(StatusCode::OK, "application/json", to_json(&state.log.snapshot())),
        ("DELETE", "log") => {
            state.clear();
            respond(StatusCode::NO_CONTENT, "application/json", Vec::new())
        }
        ("GET", "connections") => {
            let counts = json!({ "opened": state.connections.opened(), "open": state.connections.open() });
            respond(StatusCode::OK, "application/json", to_json(&counts))
        }
        ("GET", "knobs") => respond(StatusCode::OK, "text/plain; charset=utf-8", KNOBS.into()),
        _ => {
            let hint = "the control plane has GET and DELETE log, GET connections and GET knobs\n";
            respond(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", hint.into())
        }
    }
}

fn respond(status: StatusCode, content_type: &'static str, bytes: Vec<u8>) -> Response<ReplyBody> {
    let mut response = Response::new(ReplyBody::whole(bytes, 0, Ended::Done, Ending::unlogged()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
