//! Errors, both ways: `{"error":{"kind","message","param","code","retry","retry_after_s","request_id"}}`.

use std::time::Duration;

use claw_hub::{Fault, Kind, Refusal, Retry};

use super::reply::nonsense;
use crate::codec::Rendered;
use crate::json::{self, Node, ObjectWriter};
use crate::provider_error::whole_seconds;

/// Every kind and its status.
pub(super) const STATUSES: [(Kind, u16); 19] = [
    (Kind::Malformed, 400),
    (Kind::Unsupported, 400),
    (Kind::ContextTooLong, 400),
    (Kind::Unauthenticated, 401),
    (Kind::Billing, 402),
    (Kind::Forbidden, 403),
    (Kind::NoSuchPath, 404),
    (Kind::NoSuchModel, 404),
    (Kind::MethodNotAllowed, 405),
    (Kind::SlowRequest, 408),
    (Kind::TooLarge, 413),
    (Kind::RateLimited, 429),
    (Kind::Internal, 500),
    (Kind::ProviderFailed, 502),
    (Kind::ProviderUnreachable, 502),
    (Kind::ProviderCredential, 502),
    (Kind::Overloaded, 503),
    (Kind::Draining, 503),
    (Kind::Deadline, 504),
];

/// Writes a refusal.
pub(crate) fn encode(refusal: &Refusal, request_id: &str) -> Rendered {
    let status = STATUSES.iter().find(|(kind, _)| *kind == refusal.kind).map_or(500, |(_, status)| *status);
    let mut headers = Vec::new();
    if let Retry::After(wait) = refusal.retry {
        headers.push(("retry-after", whole_seconds(wait).to_string()));
    }
    let mut body = Vec::new();
    json::object(&mut body, |o| write(o, refusal, request_id));
    Rendered { status, headers, body }
}

/// Writes the `error` member, for a body or for an event of a stream.
pub(super) fn write(o: &mut ObjectWriter<'_>, refusal: &Refusal, request_id: &str) {
    o.object("error", |o| {
        o.string("kind", refusal.kind.label());
        o.string("message", &refusal.message);
        for (key, text) in [("param", &refusal.param), ("code", &refusal.code)] {
            match text {
                Some(text) => o.string(key, text),
                None => o.null(key),
            }
        }
        o.boolean("retry", refusal.retry != Retry::Never);
        match refusal.retry {
            Retry::After(wait) => o.count("retry_after_s", whole_seconds(wait)),
            Retry::Never | Retry::Maybe => o.null("retry_after_s"),
        }
        o.string("request_id", request_id);
    });
}

/// Reads an error. The kind is in the body; the status only matters where the body is not ours.
pub(crate) fn decode<'h>(status: u16, header: &dyn Fn(&str) -> Option<&'h str>, body: &[u8]) -> Refusal {
    let error = json::parse(body).ok();
    match error.as_ref().and_then(|root| root.get("error")).and_then(Node::some) {
        Some(error) => read(error),
        None => {
            let error = crate::error_body::ErrorBody::read_body(body);
            let verdict = crate::error_body::judge(status);
            error.refuse(status, verdict, |unsaid| crate::provider_error::retry(header, unsaid))
        }
    }
}

/// Reads the `error` member.
pub(super) fn read(error: &Node<'_>) -> Refusal {
    let text = |key: &str| error.get(key).and_then(Node::as_str).map(str::to_owned);
    let label = text("kind").unwrap_or_default();
    let Some((kind, status)) = STATUSES.iter().find(|(kind, _)| kind.label() == label) else {
        return nonsense("an error of an unknown kind");
    };
    let is_final = error.get("retry").is_none_or(|retry| retry.raw != "true");
    let after = error.get("retry_after_s").and_then(Node::as_count).map(Duration::from_secs);
    let retry = match (is_final, after) {
        (true, _) => Retry::Never,
        (false, Some(wait)) => Retry::After(wait),
        (false, None) => Retry::Maybe,
    };
    let mut refusal = Refusal::caller(*kind, text("message").unwrap_or_default()).coded(text("code"));
    refusal.fault = fault_of(*kind, *status);
    refusal.retry = retry;
    refusal.param = text("param");
    refusal
}

/// Whose fault it is, as far as a caller can know.
const fn fault_of(kind: Kind, status: u16) -> Fault {
    match kind {
        Kind::ProviderFailed | Kind::ProviderUnreachable | Kind::Deadline => Fault::Provider,
        _ if status < 500 => Fault::Caller,
        _ => Fault::Gateway,
    }
}
