//! Errors, both ways.

use std::time::Duration;

use claw_hub::{Fault, Kind, Refusal, Retry};
use serde_json::{Value, json};

use super::super::refusal::{decode, encode};

fn read(status: u16, headers: &[(&str, &'static str)], body: &str) -> Refusal {
    let header = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    decode(status, &header, body.as_bytes())
}

/// What a status and the `error` member of the body, or a whole body, become.
fn assert_kind(status: u16, body: &str, kind: Kind, fault: Fault, retry: Retry) {
    let is_member = body.starts_with("\"");
    let body = if is_member { format!("{{\"error\":{{{body}}}}}") } else { body.to_owned() };
    let refusal = read(status, &[], &body);
    assert_eq!((refusal.kind, refusal.fault, refusal.retry), (kind, fault, retry), "{status} {body}");
    assert!(!refusal.message.is_empty());
}

#[test]
fn what_will_fail_again_is_not_to_be_tried_again() {
    use Fault::{Caller, Gateway};
    let long = r#""message":"This model's maximum context length is 8192 tokens.""#;
    let mistral = r#"{"object":"error","message":"The model `x` does not exist."}"#;
    for (status, body, kind, fault) in [
        (400, r#""message":"m","code":"decimal_above_max_value""#, Kind::Malformed, Caller),
        (400, r#""message":"m","code":"context_length_exceeded""#, Kind::ContextTooLong, Caller),
        (400, long, Kind::ContextTooLong, Caller),
        (400, r#""message":"m","code":"model_not_found""#, Kind::NoSuchModel, Caller),
        (401, r#""message":"Incorrect key: sk-abc""#, Kind::ProviderCredential, Gateway),
        (403, "", Kind::ProviderCredential, Gateway),
        (402, r#""message":"Insufficient credits","code":402"#, Kind::Billing, Gateway),
        (404, r#""message":"m","code":"model_not_found""#, Kind::NoSuchModel, Caller),
        (404, mistral, Kind::NoSuchModel, Caller),
        (404, "<html>nginx</html>", Kind::ProviderFailed, Gateway),
        (413, "", Kind::TooLarge, Caller),
        (422, r#"{"detail":[{"loc":["body"],"msg":"bad"}]}"#, Kind::Malformed, Caller),
        (429, r#""message":"m","type":"insufficient_quota""#, Kind::Billing, Gateway),
    ] {
        assert_kind(status, body, kind, fault, Retry::Never);
    }
}

#[test]
fn what_may_pass_may_be_tried_again() {
    for (status, body, kind) in [
        (408, "", Kind::Deadline),
        (429, r#""message":"m","type":"requests","code":"rate_limit_exceeded""#, Kind::RateLimited),
        (500, "", Kind::ProviderFailed),
        (502, "<html>", Kind::ProviderFailed),
        (503, "upstream connect error", Kind::Overloaded),
        (504, "", Kind::Deadline),
        (529, "", Kind::Overloaded),
    ] {
        assert_kind(status, body, kind, Fault::Provider, Retry::Maybe);
    }
}

#[test]
fn the_provider_says_when_to_try_again() {
    let slow = r#"{"error":{"message":"m","code":"rate_limit_exceeded"}}"#;
    let retry = |status, headers: &[(&str, &'static str)], body| read(status, headers, body).retry;
    assert_eq!(retry(429, &[("retry-after", "2")], slow), Retry::After(Duration::from_secs(2)));
    let both = [("retry-after-ms", "1200"), ("retry-after", "1")];
    assert_eq!(retry(429, &both, slow), Retry::After(Duration::from_millis(1200)));
    assert_eq!(retry(429, &[("x-should-retry", "false")], slow), Retry::Never);
    assert_eq!(retry(400, &[("x-should-retry", "true")], ""), Retry::Maybe);
    assert_eq!(retry(400, &[("retry-after", "2")], ""), Retry::Never);
    let broke = r#"{"error":{"code":"insufficient_quota"}}"#;
    assert_eq!(retry(429, &[("retry-after", "2")], broke), Retry::Never);
}

#[test]
fn the_callers_field_is_named_and_the_gateways_account_is_not() {
    let refusal = read(
        400,
        &[],
        r#"{"error":{"message":"bad 'temperature'","param":"temperature","code":"decimal_above_max_value"}}"#,
    );
    assert_eq!(refusal.param.as_deref(), Some("temperature"));
    assert_eq!(refusal.code.as_deref(), Some("decimal_above_max_value"));
    let refusal = read(
        429,
        &[],
        r#"{"error":{"message":"Rate limit reached for gpt-x in organization org-abc on tokens per min.","code":"rate_limit_exceeded"}}"#,
    );
    assert_eq!(refusal.message, "Rate limit reached for gpt-x in organization [id] on tokens per min.");
    let refusal = read(
        401,
        &[],
        r#"{"error":{"message":"Incorrect API key provided: sk-abc","code":"invalid_api_key"}}"#,
    );
    assert_eq!((refusal.message.contains("sk-"), refusal.code), (false, None));
}

#[test]
fn bodies_of_any_form_have_a_message() {
    let message = |body: &str| read(500, &[], body).message;
    assert_eq!(message(r#"{"error":"gone"}"#), "gone");
    assert_eq!(message(r#"{"detail":"Not Found"}"#), "Not Found");
    assert_eq!(message("upstream timed out"), "upstream timed out");
    assert_eq!(message("<html><body>502"), "The provider answered with an error and no message.");
    assert_eq!(message("[1]"), "The provider answered with an error and no message.");
}

#[test]
fn every_kind_has_a_status_and_a_body() {
    for (kind, status, kind_word, code) in [
        (Kind::Malformed, 400, "invalid_request_error", json!(null)),
        (Kind::Unsupported, 400, "invalid_request_error", json!("unsupported_value")),
        (Kind::ContextTooLong, 400, "invalid_request_error", json!("context_length_exceeded")),
        (Kind::TooLarge, 413, "invalid_request_error", json!("request_too_large")),
        (Kind::Unauthenticated, 401, "invalid_request_error", json!("invalid_api_key")),
        (Kind::Forbidden, 403, "permission_error", json!("forbidden")),
        (Kind::NoSuchPath, 404, "invalid_request_error", json!("unknown_url")),
        (Kind::NoSuchModel, 404, "invalid_request_error", json!("model_not_found")),
        (Kind::MethodNotAllowed, 405, "invalid_request_error", json!("method_not_allowed")),
        (Kind::SlowRequest, 408, "invalid_request_error", json!("request_timeout")),
        (Kind::RateLimited, 429, "rate_limit_error", json!("rate_limit_exceeded")),
        (Kind::Billing, 429, "insufficient_quota", json!("insufficient_quota")),
        (Kind::Overloaded, 503, "server_error", json!("overloaded")),
        (Kind::Draining, 503, "server_error", json!("draining")),
        (Kind::ProviderFailed, 502, "server_error", json!("provider_failed")),
        (Kind::ProviderUnreachable, 502, "server_error", json!("provider_unreachable")),
        (Kind::ProviderCredential, 502, "server_error", json!("provider_credential")),
        (Kind::Deadline, 504, "server_error", json!("timeout")),
        (Kind::Internal, 500, "server_error", json!(null)),
    ] {
        let rendered = encode(&Refusal::caller(kind, "why").at("model"), "id");
        let body: Value = serde_json::from_slice(&rendered.body).unwrap();
        let error = json!({"message": "why", "type": kind_word, "param": "model", "code": code});
        assert_eq!((rendered.status, &body), (status, &json!({"error": error})), "{kind:?}");
        let is_hopeless = status == 429 || status >= 500;
        assert_eq!(rendered.headers.contains(&("x-should-retry", "false".into())), is_hopeless, "{kind:?}");
    }
}

#[test]
fn seconds_to_wait_are_rounded_up() {
    let after = Retry::After(Duration::from_millis(1200));
    let refusal = Refusal::provider(Kind::RateLimited, after, "slow").coded(Some("own".into()));
    let rendered = encode(&refusal, "id");
    assert_eq!(rendered.headers, [("retry-after", "2".to_owned())]);
    assert!(std::str::from_utf8(&rendered.body).unwrap().contains(r#""code":"own""#));
}

#[test]
fn programs_find_the_codes_that_they_branch_on_whatever_the_provider_said() {
    for (kind, code) in
        [(Kind::NoSuchModel, "model_not_found"), (Kind::ContextTooLong, "context_length_exceeded")]
    {
        let refusal = Refusal::caller(kind, "m").coded(Some("ValidationException".into()));
        let body: Value = serde_json::from_slice(&encode(&refusal, "id").body).unwrap();
        assert_eq!(body["error"]["code"], code);
    }
}
