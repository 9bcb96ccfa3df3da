//! Errors, both ways.

use std::time::Duration;

use claw_hub::{Fault, Kind, Refusal, Retry};

use super::super::refusal::{decode, encode};

#[test]
fn texts_and_statuses_become_kinds() {
    for (status, body, kind, fault) in [
        (
            400,
            r#"{"error":"registry.ollama.ai/library/x does not support tools"}"#,
            Kind::Unsupported,
            Fault::Caller,
        ),
        (400, r#"{"error":"invalid character"}"#, Kind::Malformed, Fault::Caller),
        (
            400,
            r#"{"error":"the input length exceeds the context length"}"#,
            Kind::ContextTooLong,
            Fault::Caller,
        ),
        (401, r#"{"error":"unauthorized"}"#, Kind::ProviderCredential, Fault::Gateway),
        (404, r#"{"error":"model 'x' not found"}"#, Kind::NoSuchModel, Fault::Caller),
        (404, "404 page not found", Kind::ProviderFailed, Fault::Gateway),
        (429, r#"{"error":"too many requests"}"#, Kind::RateLimited, Fault::Provider),
        (500, r#"{"error":"llama runner process has terminated"}"#, Kind::ProviderFailed, Fault::Provider),
        (503, r#"{"error":"server busy, please try again"}"#, Kind::Overloaded, Fault::Provider),
        (502, "<html>", Kind::ProviderFailed, Fault::Provider),
    ] {
        let refusal = decode(status, &|_| None, body.as_bytes());
        assert_eq!((refusal.kind, refusal.fault), (kind, fault), "{body}");
        assert_eq!(refusal.retry == Retry::Maybe, status == 429 || status >= 500, "{body}");
        assert!(!refusal.message.is_empty());
    }
}

#[test]
fn every_kind_has_a_status_and_says_why() {
    for (kind, status) in [
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
    ] {
        let rendered = encode(&Refusal::caller(kind, "why \"so\""), "id");
        assert_eq!(rendered.status, status);
        assert_eq!(rendered.body, br#"{"error":"why \"so\""}"#);
        assert!(rendered.headers.is_empty());
    }
    let after = Retry::After(Duration::from_millis(100));
    let rendered = encode(&Refusal::provider(Kind::RateLimited, after, "slow"), "id");
    assert_eq!(rendered.headers, [("retry-after", "1".to_owned())]);
}
