//! Keys and regions: taken in turn, read anew when refused, rested when refused.

use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;

use claw_hub::{Fault, Kind, Secret};

use super::server::{Answer, Seen};
use super::*;

/// A key in a file that somebody replaces: what was read, what is there, and how often it was looked at.
struct Rotated {
    read: Mutex<&'static str>,
    there: &'static str,
    rereads: AtomicUsize,
}

impl Rotated {
    fn new(read: &'static str, there: &'static str) -> Arc<Self> {
        Arc::new(Self { read: Mutex::new(read), there, rereads: AtomicUsize::new(0) })
    }
}

impl KeySource for Rotated {
    fn current(&self) -> Secret {
        Secret::new(*self.read.lock().unwrap())
    }

    fn reread(&self) -> Pin<Box<dyn Future<Output = Result<Secret, KeyError>> + Send + '_>> {
        Box::pin(async move {
            self.rereads.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            *self.read.lock().unwrap() = self.there;
            Ok(self.current())
        })
    }
}

/// Answers 401 to every key that does not begin with `good`.
fn guarded(seen: &Seen) -> Answer {
    if seen.header("authorization").unwrap().starts_with("Bearer good") {
        return Answer::ok();
    }
    Answer::new(401, r#"{"error":{"message":"Incorrect API key provided: bad","code":"invalid_api_key"}}"#)
}

fn with_keys(server: &Server, keys: Vec<Arc<dyn KeySource>>) -> TestProviders {
    let mut settings = settings(server, Dialect::OpenaiChat);
    settings.auth = Auth::Keys { header: AuthHeader::Bearer, keys };
    providers(settings)
}

fn fixed(key: &str) -> Arc<dyn KeySource> {
    Arc::new(FixedKey::new(Secret::new(key)))
}

/// The keys that the server saw, in order.
fn shown(server: &Server) -> Vec<String> {
    let key = |seen: &Seen| seen.header("authorization").unwrap().replace("Bearer ", "");
    server.seen().iter().map(key).collect()
}

#[tokio::test]
async fn a_refused_key_is_read_anew_and_the_call_made_again() {
    let server = Server::tcp(guarded).await;
    let key = Rotated::new("bad", "good");
    let providers = with_keys(&server, vec![key.clone()]);
    ask(&providers).await.unwrap();
    ask(&providers).await.unwrap();
    assert_eq!(shown(&server), ["bad", "good", "good"]);
    assert_eq!(key.rereads.load(Ordering::Relaxed), 1);
    assert_eq!(providers.connections_opened(), 1, "the refusal was read to its end");
}

#[tokio::test]
async fn calls_that_fail_together_read_the_key_once() {
    let server = Server::tcp(guarded).await;
    let key = Rotated::new("bad", "good");
    let providers = with_keys(&server, vec![key.clone()]);
    let calls = [ask(&providers), ask(&providers), ask(&providers), ask(&providers)];
    for outcome in futures_util::future::join_all(calls).await {
        outcome.unwrap();
    }
    assert_eq!(key.rereads.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_key_that_stays_bad_is_the_gateways_fault_and_not_shown_to_the_caller() {
    let server = Server::tcp(guarded).await;
    let key = Rotated::new("bad", "bad");
    let refusal = ask(&with_keys(&server, vec![key.clone()])).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::ProviderCredential);
    assert_eq!(refusal.fault, Fault::Gateway);
    assert_eq!(refusal.message, "provider `p` refuses the gateway's credential");
    assert_eq!(shown(&server), ["bad"], "the same key is not shown twice");
    assert_eq!(key.rereads.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_new_key_that_is_bad_too_is_given_up() {
    let server = Server::tcp(guarded).await;
    let refusal = ask(&with_keys(&server, vec![Rotated::new("bad", "worse")])).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::ProviderCredential);
    assert_eq!(shown(&server), ["bad", "worse"]);
}

#[tokio::test]
async fn keys_are_taken_in_turn() {
    let server = Server::tcp(guarded).await;
    let providers = with_keys(&server, vec![fixed("good1"), fixed("good2"), fixed("good3")]);
    for _ in 0..6 {
        ask(&providers).await.unwrap();
    }
    assert_eq!(shown(&server), ["good1", "good2", "good3", "good1", "good2", "good3"]);
}

#[tokio::test]
async fn another_key_takes_the_place_of_a_bad_one_which_then_rests() {
    let server = Server::tcp(guarded).await;
    let providers = with_keys(&server, vec![fixed("bad"), fixed("good")]);
    for _ in 0..3 {
        ask(&providers).await.unwrap();
    }
    assert_eq!(shown(&server), ["bad", "good", "good", "good"]);
}

#[tokio::test]
async fn a_key_that_reached_its_rate_rests() {
    let server = Server::tcp(|seen| match seen.header("authorization").unwrap() {
        "Bearer busy" => Answer::new(429, r#"{"error":{"message":"slow down"}}"#),
        _ => Answer::ok(),
    })
    .await;
    let providers = with_keys(&server, vec![fixed("busy"), fixed("idle")]);
    assert_eq!(ask(&providers).await.unwrap_err().kind, Kind::RateLimited);
    for _ in 0..3 {
        ask(&providers).await.unwrap();
    }
    assert_eq!(shown(&server), ["busy", "idle", "idle", "idle"]);
}

#[tokio::test]
async fn a_key_stands_where_the_settings_say() {
    let server = Server::tcp(|_| Answer::ok()).await;
    let mut settings = settings(&server, Dialect::OpenaiChat);
    settings.auth = Auth::Keys { header: AuthHeader::XApiKey, keys: vec![fixed("k")] };
    ask(&providers(settings)).await.unwrap();
    assert_eq!(server.last().header("x-api-key"), Some("k"));
    assert_eq!(server.last().header("authorization"), None);
}

#[tokio::test]
async fn a_key_with_a_line_end_is_a_credential_that_is_missing() {
    let server = Server::tcp(|_| Answer::ok()).await;
    let refusal = ask(&with_keys(&server, vec![fixed("bad\nkey")])).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::ProviderCredential);
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn regions_are_taken_in_turn_and_a_busy_one_rests() {
    let busy = Server::tcp(|_| Answer::new(429, r#"{"message":"Too many requests"}"#)).await;
    let idle = Server::tcp(|_| Answer::ok()).await;
    let mut settings = settings(&busy, Dialect::BedrockConverse);
    settings.endpoints = [("us-east-1", &busy), ("us-west-2", &idle)]
        .map(|(region, server)| Endpoint { region: Some(region.into()), base: server.base.parse().unwrap() })
        .to_vec();
    let providers = providers(settings);
    let mut answered = 0;
    for _ in 0..4 {
        let mut request = request(Dialect::BedrockConverse, false);
        request.raw.as_mut().unwrap().model = None;
        answered += usize::from(open(&providers, request, target(Dialect::BedrockConverse)).await.is_ok());
    }
    assert_eq!((busy.seen().len(), idle.seen().len(), answered), (1, 3, 3));
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_at_the_start() {
    let server = Server::memory(|_| Answer::ok()).0;
    let ours = settings(&server, Dialect::OpenclawChat);
    let mut keyless = settings(&server, Dialect::OpenaiChat);
    keyless.auth = Auth::Keys { header: AuthHeader::Bearer, keys: Vec::new() };
    let mut unsigned = settings(&server, Dialect::BedrockConverse);
    unsigned.auth = Auth::Aws(Aws::default());
    let mut nowhere = settings(&server, Dialect::OpenaiChat);
    nowhere.endpoints.clear();
    let mut hopping = settings(&server, Dialect::OpenaiChat);
    hopping.headers = vec![(http::header::TRANSFER_ENCODING, http::HeaderValue::from_static("chunked"))];
    for (settings, fault) in [
        (ours, "speaks our own dialect, which no provider does"),
        (keyless, "has no key"),
        (unsigned, "is signed for, but has an address without a region"),
        (nowhere, "has no address"),
        (hopping, "sets a header that belongs to the connection"),
    ] {
        let error = TestProviders::new(vec![settings]).err().unwrap();
        assert_eq!(error.to_string(), format!("provider `p` {fault}"));
    }
    let twice = vec![settings(&server, Dialect::OpenaiChat), settings(&server, Dialect::OllamaChat)];
    assert_eq!(TestProviders::new(twice).err().unwrap().to_string(), "provider `p` is there twice");
}
