//! Whole calls that AWS's signature is made for.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as AwsKey;
use claw_hub::Kind;
use http::Request as HttpRequest;

use super::server::{Answer, Seen};
use super::*;
use crate::aws::{Resolving, Sessions, sign_at};
use crate::credentials::Credentials;

/// A provider in two regions of one server, signed for with these access key ids, in the order in which they are asked for.
fn signed(server: &Server, ids: &'static [&'static str]) -> TestProviders {
    let mut settings = settings(server, Dialect::BedrockConverse);
    settings.endpoints = ["eu-central-1", "us-east-1"]
        .map(|region| Endpoint { region: Some(region.into()), base: server.base.parse().unwrap() })
        .to_vec();
    let mut providers = providers(settings);
    let next = Mutex::new(0);
    let resolve = move || -> Resolving {
        let mut next = next.lock().unwrap();
        let id = ids[*next];
        *next = (*next + 1).min(ids.len() - 1);
        Box::pin(async move { Ok(key(id)) })
    };
    let provider = providers.named.get_mut("p").unwrap();
    provider.credentials = Credentials::Aws(Sessions::new(Box::new(resolve), "bedrock".to_owned()));
    providers
}

fn key(id: &str) -> AwsKey {
    AwsKey::new(id, "secret", Some("token".to_owned()), None, "test")
}

async fn converse(providers: &TestProviders) -> Result<Opened, Refusal> {
    let mut request = request(Dialect::BedrockConverse, false);
    request.raw.as_mut().unwrap().model = None;
    let mut target = target(Dialect::BedrockConverse);
    target.model = "us.anthropic.claude-v1:0".into();
    open(providers, request, target).await
}

/// The signature that belongs to what arrived: over the path, the host, the date and the body as they arrived.
fn expected(seen: &Seen, id: &str, region: &str) -> String {
    let uri = format!("http://{}{}", seen.header("host").unwrap(), seen.uri);
    let mut request =
        HttpRequest::post(uri).header("content-type", seen.header("content-type").unwrap()).body(()).unwrap();
    let date = seen.header("x-amz-date").unwrap();
    let now = SystemTime::now();
    // The date has whole seconds, and the test may have begun in the one before.
    for ago in 0..60 {
        let session = crate::aws::Session::new(key(id));
        let time = now - Duration::from_secs(ago);
        sign_at(time, &mut request, &seen.body, &session, (region, "bedrock")).unwrap();
        if request.headers()["x-amz-date"] == date {
            return request.headers()["authorization"].to_str().unwrap().to_owned();
        }
        for name in ["authorization", "x-amz-date", "x-amz-security-token"] {
            request.headers_mut().remove(name);
        }
    }
    panic!("{date} is not now");
}

#[tokio::test]
async fn what_arrives_is_what_was_signed_for_the_region_of_its_turn() {
    let server = Server::tcp(|_| Answer::ok()).await;
    let providers = signed(&server, &["ID"]);
    for region in ["eu-central-1", "us-east-1", "eu-central-1"] {
        converse(&providers).await.unwrap();
        let seen = server.last();
        assert_eq!(seen.uri, "/model/us.anthropic.claude-v1%3A0/converse");
        assert_eq!(seen.header("x-amz-security-token"), Some("token"));
        assert_eq!(seen.header("authorization").unwrap(), expected(&seen, "ID", region));
    }
}

/// Refuses one access key as AWS refuses one that has ended.
fn expired(seen: &Seen) -> Answer {
    if seen.header("authorization").unwrap().contains("Credential=OLD/") {
        return Answer::new(403, r#"{"message":"The security token included in the request is expired"}"#)
            .with("x-amzn-errortype", "ExpiredTokenException:http://internal.amazon.com/coral/");
    }
    Answer::ok()
}

#[tokio::test]
async fn ended_credentials_are_resolved_anew_and_the_call_made_again() {
    let server = Server::tcp(expired).await;
    let providers = signed(&server, &["OLD", "NEW"]);
    converse(&providers).await.unwrap();
    let (first, second) = (&server.seen()[0], &server.seen()[1]);
    assert!(first.header("authorization").unwrap().contains("Credential=OLD/"));
    assert!(second.header("authorization").unwrap().contains("Credential=NEW/"));
}

#[tokio::test]
async fn credentials_that_stay_refused_are_the_gateways_fault() {
    let server = Server::tcp(expired).await;
    let refusal = converse(&signed(&server, &["OLD"])).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::ProviderCredential);
    assert_eq!(refusal.message, "provider `p` refuses the gateway's credential");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn what_may_not_be_asked_is_not_taken_for_a_bad_credential() {
    let server = Server::tcp(|_| {
        Answer::new(403, r#"{"message":"You don't have access to the model with the specified model ID."}"#)
            .with("x-amzn-errortype", "AccessDeniedException")
    })
    .await;
    let refusal = converse(&signed(&server, &["ID", "OTHER"])).await.unwrap_err();
    assert_ne!(refusal.message, "provider `p` refuses the gateway's credential");
    assert_eq!(server.seen().len(), 1);
}
