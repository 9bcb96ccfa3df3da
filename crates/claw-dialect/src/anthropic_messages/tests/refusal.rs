//! Errors.

use std::time::Duration;

use claw_hub::{Fault, Kind, Refusal, Retry};
use serde_json::{Value, json};

use crate::anthropic_messages::refusal::{decode, encode};

fn read(status: u16, headers: &[(&'static str, &'static str)], body: &[u8]) -> Refusal {
    let header = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    decode(status, &header, body)
}

fn error(name: &str, message: &str) -> Vec<u8> {
    json!({"type": "error", "error": {"type": name, "message": message}, "request_id": "req_1"})
        .to_string()
        .into()
}

#[test]
fn every_error_of_the_provider_has_its_kind() {
    let cases = [
        (
            400,
            "invalid_request_error",
            "temperature: range: 0..1",
            Kind::Malformed,
            Fault::Caller,
            Retry::Never,
        ),
        (
            400,
            "invalid_request_error",
            "prompt is too long: 3333404 tokens > 200000 maximum",
            Kind::ContextTooLong,
            Fault::Caller,
            Retry::Never,
        ),
        (
            400,
            "invalid_request_error",
            "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
            Kind::ContextTooLong,
            Fault::Caller,
            Retry::Never,
        ),
        (
            400,
            "invalid_request_error",
            "Your credit balance is too low to access the API.",
            Kind::Billing,
            Fault::Provider,
            Retry::Never,
        ),
        (
            401,
            "authentication_error",
            "invalid x-api-key",
            Kind::ProviderCredential,
            Fault::Gateway,
            Retry::Never,
        ),
        (403, "permission_error", "no", Kind::ProviderCredential, Fault::Gateway, Retry::Never),
        (402, "billing_error", "pay", Kind::Billing, Fault::Provider, Retry::Never),
        (404, "not_found_error", "model: claude-y", Kind::NoSuchModel, Fault::Caller, Retry::Never),
        (409, "conflict_error", "busy", Kind::ProviderFailed, Fault::Provider, Retry::Maybe),
        (413, "request_too_large", "too large", Kind::TooLarge, Fault::Caller, Retry::Never),
        (429, "rate_limit_error", "slow down", Kind::RateLimited, Fault::Provider, Retry::Maybe),
        (500, "api_error", "oops", Kind::ProviderFailed, Fault::Provider, Retry::Maybe),
        (504, "timeout_error", "late", Kind::Deadline, Fault::Provider, Retry::Maybe),
        (529, "overloaded_error", "Overloaded", Kind::Overloaded, Fault::Provider, Retry::Maybe),
    ];
    for (status, name, message, kind, fault, retry) in cases {
        let refusal = read(status, &[], &error(name, message));
        assert_eq!((refusal.kind, refusal.fault, refusal.retry), (kind, fault, retry), "{message}");
        assert_eq!(refusal.code.as_deref(), Some(name));
        let leaks = kind == Kind::ProviderCredential;
        assert_eq!(refusal.message == message, !leaks, "{}", refusal.message);
    }
}

#[test]
fn the_headers_say_when_to_try_again() {
    let limited = error("rate_limit_error", "slow down");
    let retry = |headers: &[(&'static str, &'static str)]| read(429, headers, &limited).retry;
    assert_eq!(retry(&[("retry-after", "12")]), Retry::After(Duration::from_secs(12)));
    assert_eq!(
        retry(&[("retry-after", "12"), ("retry-after-ms", "1500")]),
        Retry::After(Duration::from_millis(1500))
    );
    assert_eq!(retry(&[("x-should-retry", "false"), ("retry-after", "1")]), Retry::Never);
    assert_eq!(retry(&[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")]), Retry::Maybe);
    assert_eq!(retry(&[("retry-after", "-1")]), Retry::Maybe);
    let spent = json!({"type": "error", "error": {"type": "rate_limit_error", "message": "spent",
        "details": {"error_code": "enforced_spend_limit_reached"}}});
    let refusal = read(429, &[("retry-after", "12")], spent.to_string().as_bytes());
    assert_eq!((refusal.kind, refusal.retry), (Kind::Billing, Retry::Never));
}

#[test]
fn bodies_that_are_no_errors_are_read_by_their_status() {
    for body in [&b""[..], b"<html>gateway</html>", b"null", b"{\"error\":1}", b"\xff"] {
        assert_eq!(read(502, &[], body).kind, Kind::ProviderFailed);
        assert_eq!(read(503, &[], body).kind, Kind::Overloaded);
        assert_eq!(read(400, &[], body).kind, Kind::Malformed);
        assert!(read(400, &[], body).message.contains("400"));
    }
}

#[test]
fn accounts_are_taken_out_of_messages() {
    let message = "role arn:aws:iam::123456789012:role/x of account 123456789012 learn: 12 a";
    let refusal = read(400, &[], &error("invalid_request_error", message));
    assert_eq!(refusal.message, "role [arn] of account [account] learn: 12 a");
}

#[test]
fn every_kind_has_its_status_and_type() {
    let cases = [
        (Kind::Malformed, 400, "invalid_request_error"),
        (Kind::Unsupported, 400, "invalid_request_error"),
        (Kind::ContextTooLong, 400, "invalid_request_error"),
        (Kind::TooLarge, 413, "request_too_large"),
        (Kind::Unauthenticated, 401, "authentication_error"),
        (Kind::Forbidden, 403, "permission_error"),
        (Kind::NoSuchPath, 404, "not_found_error"),
        (Kind::NoSuchModel, 404, "not_found_error"),
        (Kind::MethodNotAllowed, 405, "invalid_request_error"),
        (Kind::SlowRequest, 408, "timeout_error"),
        (Kind::RateLimited, 429, "rate_limit_error"),
        (Kind::Billing, 402, "billing_error"),
        (Kind::Overloaded, 529, "overloaded_error"),
        (Kind::Draining, 503, "overloaded_error"),
        (Kind::ProviderFailed, 502, "api_error"),
        (Kind::ProviderUnreachable, 502, "api_error"),
        (Kind::ProviderCredential, 502, "api_error"),
        (Kind::Deadline, 504, "timeout_error"),
        (Kind::Internal, 500, "api_error"),
    ];
    for (kind, status, name) in cases {
        let rendered = encode(&Refusal::gateway(kind, Retry::Maybe, "why \"it\""), "01R");
        let body: Value = serde_json::from_slice(&rendered.body).unwrap();
        assert_eq!((rendered.status, body["error"]["type"].as_str()), (status, Some(name)));
        assert_eq!((&body["type"], &body["request_id"]), (&json!("error"), &json!("01R")));
        assert!(body["error"]["message"].as_str().unwrap().ends_with("why \"it\""));
        assert!(rendered.headers.contains(&("request-id", "01R".to_owned())));
    }
}

#[test]
fn a_client_is_told_whether_to_try_again() {
    let header = |refusal: Refusal, name: &str| {
        let headers = encode(&refusal, "r").headers;
        headers.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    };
    let after = Retry::After(Duration::from_millis(1200));
    assert_eq!(header(Refusal::gateway(Kind::RateLimited, after, ""), "retry-after").as_deref(), Some("2"));
    for kind in [Kind::Unauthenticated, Kind::RateLimited, Kind::Internal] {
        let refusal = Refusal::gateway(kind, Retry::Never, "");
        assert_eq!(header(refusal, "x-should-retry").as_deref(), Some("false"));
    }
    assert_eq!(header(Refusal::caller(Kind::Malformed, ""), "x-should-retry"), None);
    assert_eq!(header(Refusal::gateway(Kind::Overloaded, Retry::Maybe, ""), "x-should-retry"), None);
}

#[test]
fn a_spent_quota_and_a_prompt_too_long_are_said_in_the_words_that_clients_know() {
    let said = |refusal: Refusal| -> Value { serde_json::from_slice(&encode(&refusal, "r").body).unwrap() };
    let spent = said(Refusal::caller(Kind::RateLimited, "the budget is spent"));
    assert_eq!(spent["error"]["type"], "billing_error");
    let too_long =
        |message: &str| said(Refusal::caller(Kind::ContextTooLong, message))["error"]["message"].clone();
    assert_eq!(
        too_long("prompt is too long: 5 tokens > 4 maximum"),
        "prompt is too long: 5 tokens > 4 maximum"
    );
    assert_eq!(too_long("maximum context length is 4"), "prompt is too long: maximum context length is 4");
}
