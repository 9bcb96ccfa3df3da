//! Errors.

use std::time::Duration;

use claw_hub::{Fault, Kind, Refusal, Retry};
use serde_json::{Value, json};

use crate::bedrock_converse::refusal::{decode, encode};

fn read(status: u16, name: &str, message: &str) -> Refusal {
    let full = format!("{name}:http://internal.amazon.com/coral/com.amazon.bedrock/");
    let header = |asked: &str| (asked == "x-amzn-errortype" && !name.is_empty()).then_some(full.as_str());
    decode(status, &header, json!({"message": message}).to_string().as_bytes())
}

#[test]
fn every_exception_has_its_kind() {
    let cases = [
        (400, "ValidationException", "bad", Kind::Malformed, Fault::Caller, Retry::Never),
        (400, "ValidationException", "Input is too long.", Kind::ContextTooLong, Fault::Caller, Retry::Never),
        (
            400,
            "ValidationException",
            "The model returned the following errors: Input Tokens Exceeded: Number of input tokens exceeds maximum length.",
            Kind::ContextTooLong,
            Fault::Caller,
            Retry::Never,
        ),
        (
            400,
            "ValidationException",
            "The provided model identifier is invalid.",
            Kind::NoSuchModel,
            Fault::Caller,
            Retry::Never,
        ),
        (400, "ServiceQuotaExceededException", "q", Kind::RateLimited, Fault::Provider, Retry::Maybe),
        (403, "AccessDeniedException", "no", Kind::ProviderCredential, Fault::Gateway, Retry::Never),
        (403, "UnrecognizedClientException", "no", Kind::ProviderCredential, Fault::Gateway, Retry::Never),
        (403, "ExpiredTokenException", "no", Kind::ProviderCredential, Fault::Gateway, Retry::Never),
        (404, "ResourceNotFoundException", "gone", Kind::NoSuchModel, Fault::Caller, Retry::Never),
        (408, "ModelTimeoutException", "late", Kind::Deadline, Fault::Provider, Retry::Maybe),
        (424, "ModelErrorException", "oops", Kind::ProviderFailed, Fault::Provider, Retry::Maybe),
        (429, "ThrottlingException", "slow", Kind::RateLimited, Fault::Provider, Retry::Maybe),
        (429, "ModelNotReadyException", "wait", Kind::Overloaded, Fault::Provider, Retry::Maybe),
        (500, "InternalServerException", "oops", Kind::ProviderFailed, Fault::Provider, Retry::Maybe),
        (503, "ServiceUnavailableException", "busy", Kind::Overloaded, Fault::Provider, Retry::Maybe),
    ];
    for (status, name, message, kind, fault, retry) in cases {
        let refusal = read(status, name, message);
        assert_eq!((refusal.kind, refusal.fault, refusal.retry), (kind, fault, retry), "{name} {message}");
        assert_eq!(refusal.code.as_deref(), Some(name));
        assert_eq!(refusal.message == message, kind != Kind::ProviderCredential);
    }
}

#[test]
fn errors_without_a_name_are_read_by_their_status() {
    for (status, kind) in [
        (400, Kind::Malformed),
        (403, Kind::ProviderCredential),
        (404, Kind::NoSuchModel),
        (424, Kind::ProviderFailed),
        (429, Kind::RateLimited),
        (502, Kind::ProviderFailed),
        (503, Kind::Overloaded),
    ] {
        assert_eq!(read(status, "", "m").kind, kind);
        for body in [&b""[..], b"<html>", b"[]", b"\xff"] {
            let refusal = decode(status, &|_| None, body);
            assert_eq!(refusal.kind, kind);
            assert!(!refusal.message.is_empty());
        }
    }
    let body = br#"{"__type":"com.amazon.coral.service#ExpiredTokenException","Message":"m"}"#;
    assert_eq!(decode(400, &|_| None, body).kind, Kind::ProviderCredential);
}

#[test]
fn accounts_are_taken_out_of_messages() {
    let message = "User: arn:aws:sts::123456789012:assumed-role/x is not valid";
    assert_eq!(read(400, "ValidationException", message).message, "User: [arn] is not valid");
}

#[test]
fn the_header_says_when_to_try_again() {
    let header = |name: &str| (name == "retry-after").then_some("3");
    let refusal = decode(429, &header, br#"{"message":"slow"}"#);
    assert_eq!(refusal.retry, Retry::After(Duration::from_secs(3)));
}

#[test]
fn every_kind_has_its_status_and_exception() {
    let cases = [
        (Kind::Malformed, 400, "ValidationException"),
        (Kind::Unsupported, 400, "ValidationException"),
        (Kind::ContextTooLong, 400, "ValidationException"),
        (Kind::TooLarge, 413, "ValidationException"),
        (Kind::Unauthenticated, 403, "UnrecognizedClientException"),
        (Kind::Forbidden, 403, "AccessDeniedException"),
        (Kind::NoSuchPath, 404, "UnknownOperationException"),
        (Kind::NoSuchModel, 404, "ResourceNotFoundException"),
        (Kind::MethodNotAllowed, 405, "ValidationException"),
        (Kind::SlowRequest, 408, "ModelTimeoutException"),
        (Kind::RateLimited, 429, "ThrottlingException"),
        (Kind::Billing, 402, "ServiceQuotaExceededException"),
        (Kind::Overloaded, 503, "ServiceUnavailableException"),
        (Kind::Draining, 503, "ServiceUnavailableException"),
        (Kind::ProviderFailed, 502, "ModelErrorException"),
        (Kind::ProviderUnreachable, 502, "ModelErrorException"),
        (Kind::ProviderCredential, 502, "ModelErrorException"),
        (Kind::Deadline, 504, "ModelTimeoutException"),
        (Kind::Internal, 500, "InternalServerException"),
    ];
    for (kind, status, name) in cases {
        let rendered = encode(&Refusal::gateway(kind, Retry::Maybe, "why"), "01R");
        assert_eq!(rendered.status, status);
        assert!(rendered.headers.contains(&("x-amzn-errortype", name.to_owned())));
        assert!(rendered.headers.contains(&("x-amzn-requestid", "01R".to_owned())));
        let body: Value = serde_json::from_slice(&rendered.body).unwrap();
        let message = if kind == Kind::ContextTooLong { "Input is too long." } else { "why" };
        assert_eq!(body, json!({"message": message}));
    }
    let after = Refusal::gateway(Kind::RateLimited, Retry::After(Duration::from_millis(1)), "");
    assert!(encode(&after, "r").headers.contains(&("retry-after", "1".to_owned())));
}
