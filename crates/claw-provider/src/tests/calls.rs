//! What is sent: path, headers and body, for each dialect.

use claw_hub::{AnthropicVersion, Kind};
use http::{HeaderName, HeaderValue, Method};

use super::server::{Answer, Seen};
use super::*;

/// Sends a request to a target that speaks a dialect, and gives what arrived.
async fn sent(request: Request, target: Target, settle: impl FnOnce(&mut Settings)) -> Seen {
    let server = Server::tcp(|_| Answer::ok().with("content-type", "whatever/it.is")).await;
    let mut settings = settings(&server, target.dialect);
    settle(&mut settings);
    open(&providers(settings), request, target).await.unwrap();
    server.last()
}

#[tokio::test]
async fn every_dialect_has_its_path_and_types() {
    for (dialect, stream, path, accept) in [
        (Dialect::OpenaiChat, false, "/v1/chat/completions", "application/json"),
        (Dialect::OpenaiChat, true, "/v1/chat/completions", "text/event-stream"),
        (Dialect::AnthropicMessages, false, "/v1/messages", "application/json"),
        (Dialect::AnthropicMessages, true, "/v1/messages", "text/event-stream"),
        (Dialect::BedrockConverse, false, "/model/m/converse", "application/json"),
        (Dialect::BedrockConverse, true, "/model/m/converse-stream", "application/vnd.amazon.eventstream"),
        (Dialect::OllamaChat, false, "/api/chat", "application/json"),
        (Dialect::OllamaChat, true, "/api/chat", "application/x-ndjson"),
    ] {
        let seen = sent(request(dialect, stream), target(dialect), |_| ()).await;
        assert_eq!((seen.method.clone(), seen.uri.to_string().as_str()), (Method::POST, path));
        assert_eq!(seen.header("accept"), Some(accept));
        assert_eq!(seen.header("content-type"), Some("application/json"));
        assert_eq!(seen.header("accept-encoding"), Some("identity"));
        assert_eq!(seen.header("user-agent"), Some(concat!("openclaw-gateway/", env!("CARGO_PKG_VERSION"))));
        assert_eq!(seen.header("authorization"), None);
    }
}

#[tokio::test]
async fn a_model_stands_in_a_path_percent_encoded() {
    let mut target = target(Dialect::BedrockConverse);
    target.model = "arn:aws:bedrock:us-east-1:1:inference-profile/us.claude-v1:0".into();
    let mut request = request(Dialect::BedrockConverse, false);
    request.raw.as_mut().unwrap().model = None;
    let seen = sent(request, target, |_| ()).await;
    let model = "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.claude-v1%3A0";
    assert_eq!(seen.uri.to_string(), format!("/model/{model}/converse"));
}

#[tokio::test]
async fn the_callers_own_bytes_go_with_the_model_replaced() {
    let mut target = target(Dialect::OpenaiChat);
    target.model = "model \"x\"".into();
    let request = request(Dialect::OpenaiChat, false);
    let own = String::from_utf8(request.raw.as_ref().unwrap().body.to_vec()).unwrap();
    let server = Server::tcp(|_| Answer::ok().with("x-request-id", "req_7")).await;
    let providers = providers(settings(&server, Dialect::OpenaiChat));
    let opened = open(&providers, request, target).await.unwrap();
    assert!(opened.forwarded && opened.losses.is_empty());
    assert_eq!(opened.provider_request_id.as_deref(), Some("req_7"));
    assert_eq!(server.last().body, own.replace(r#""m""#, r#""model \"x\"""#));
}

#[tokio::test]
async fn a_translated_request_says_what_was_lost_and_strict_refuses_it() {
    let server = Server::tcp(|_| Answer::ok()).await;
    let providers = providers(settings(&server, Dialect::AnthropicMessages));
    let mut lossy = request(Dialect::OpenaiChat, false);
    lossy.sampling.seed = Some(claw_hub::Json::verbatim("7"));
    let opened = open(&providers, lossy.clone(), target(Dialect::AnthropicMessages)).await.unwrap();
    assert!(!opened.forwarded);
    assert_eq!(opened.losses.to_string(), "seed dropped");
    lossy.strict = true;
    let refusal = open(&providers, lossy, target(Dialect::AnthropicMessages)).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Unsupported);
    assert_eq!(refusal.param.as_deref(), Some("seed"));
    assert_eq!(refusal.message, "provider `p` cannot take the request as it is: seed dropped");
    assert_eq!(server.seen().len(), 1);
}

/// A request as an Anthropic client sends it.
fn anthropic(headers: &[(&str, &str)]) -> Request {
    let mut request = request(Dialect::AnthropicMessages, false);
    request.headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    request
}

fn with_version(version: AnthropicVersion) -> Target {
    let facts = ModelFacts { anthropic_version: version, ..ModelFacts::default() };
    Target { facts: Arc::new(facts), ..target(Dialect::AnthropicMessages) }
}

#[tokio::test]
async fn the_callers_version_goes_with_the_callers_bytes() {
    let request = anthropic(&[("anthropic-version", "2026-10-21"), ("anthropic-beta", "a,b")]);
    let seen = sent(request, with_version(AnthropicVersion::V2023_06_01), |_| ()).await;
    assert_eq!(seen.header("anthropic-version"), Some("2026-10-21"));
    assert_eq!(seen.header("anthropic-beta"), Some("a,b"));
}

#[tokio::test]
async fn the_models_version_goes_with_bytes_of_ours() {
    let mut request = anthropic(&[("anthropic-version", "2023-06-01"), ("anthropic-beta", "a,b")]);
    request.raw = None;
    let seen = sent(request, with_version(AnthropicVersion::V2026_10_21), |_| ()).await;
    assert_eq!(seen.header("anthropic-version"), Some("2026-10-21"));
    assert_eq!(seen.header("anthropic-beta"), Some("a,b"));
    let seen = sent(anthropic(&[]), with_version(AnthropicVersion::V2026_10_21), |_| ()).await;
    assert_eq!(seen.header("anthropic-version"), Some("2026-10-21"));
}

#[tokio::test]
async fn headers_of_one_dialect_do_not_go_to_another() {
    let request = anthropic(&[("anthropic-version", "2023-06-01"), ("anthropic-beta", "a")]);
    let seen = sent(request, target(Dialect::OpenaiChat), |_| ()).await;
    assert!(seen.headers.keys().all(|name| !name.as_str().starts_with("anthropic")));
}

#[tokio::test]
async fn credentials_and_hop_headers_of_the_caller_do_not_pass() {
    let request = anthropic(&[
        ("authorization", "Bearer caller"),
        ("x-api-key", "caller"),
        ("cookie", "c=1"),
        ("host", "elsewhere"),
        ("content-encoding", "gzip"),
        ("accept-encoding", "br"),
        ("proxy-authorization", "Basic x"),
        ("x-forwarded-for", "10.0.0.1"),
        ("x-amz-security-token", "t"),
        ("x-openclaw-session", "s"),
        ("bad name", "x"),
        ("x-line", "a\nb"),
        ("x-app", "cli"),
    ]);
    let seen = sent(request, target(Dialect::AnthropicMessages), |_| ()).await;
    let mut names: Vec<_> = seen.headers.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    let expected = [
        "accept",
        "accept-encoding",
        "anthropic-version",
        "content-length",
        "content-type",
        "host",
        "user-agent",
        "x-app",
    ];
    assert_eq!(names, expected);
    assert_eq!(seen.header("accept-encoding"), Some("identity"));
}

#[tokio::test]
async fn configured_headers_win_and_betas_are_joined() {
    let request =
        anthropic(&[("anthropic-beta", "caller"), ("x-app", "cli"), ("anthropic-version", "2023-06-01")]);
    let seen = sent(request, with_version(AnthropicVersion::V2023_06_01), |settings| {
        let header = |name, value| (HeaderName::from_static(name), HeaderValue::from_static(value));
        settings.headers = vec![
            header("anthropic-beta", "ours"),
            header("x-app", "gateway"),
            header("anthropic-version", "2026-10-21"),
            header("user-agent", "acme/1"),
        ];
    })
    .await;
    let betas: Vec<_> = seen.headers.get_all("anthropic-beta").iter().collect();
    assert_eq!(betas, ["ours", "caller"]);
    assert_eq!(seen.header("x-app"), Some("gateway"));
    assert_eq!(seen.header("anthropic-version"), Some("2026-10-21"));
    assert_eq!(seen.header("user-agent"), Some("acme/1"));
}

#[tokio::test]
async fn our_own_dialect_is_spoken_at_no_provider() {
    let server = Server::tcp(|_| Answer::ok()).await;
    let providers = providers(settings(&server, Dialect::OpenaiChat));
    let refusal = open(&providers, request(Dialect::OpenclawChat, false), target(Dialect::OpenclawChat))
        .await
        .unwrap_err();
    assert_eq!(refusal.kind, Kind::Unsupported);
    assert!(server.seen().is_empty());
}

#[test]
fn calls_may_move_between_threads_and_are_small() {
    fn is_send<T: Send>(future: &T) -> usize {
        size_of_val(future)
    }
    let server = Server::memory(|_| Answer::ok()).0;
    let providers = providers(settings(&server, Dialect::OpenaiChat));
    let size = is_send(&ask(&providers));
    assert!(size < 8 * 1024, "{size} bytes");
}
