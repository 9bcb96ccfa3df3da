//! Tests of AWS credentials: where they come from, how long they are kept, and what is signed with them.

use std::sync::Mutex as StdMutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use aws_config::{BehaviorVersion, ConfigLoader, Region};
use aws_types::os_shim_internal::{Env, Fs};
use http::Request;

use super::sign::sign_at;
use super::*;
use crate::settings::AssumedRole;
use crate::tests::server::{Answer, Server};
use crate::transport::{Plan, Sockets};

const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// Signs a request as botocore's `SigV4Auth` signed it, and gives its `authorization` header.
fn signature(token: Option<&str>) -> (Request<()>, String) {
    let uri = "https://bedrock-runtime.eu-central-1.amazonaws.com\
               /model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream";
    let mut request = Request::post(uri)
        .header("content-type", "application/json")
        .header("accept", "application/json")
        .header("user-agent", "not signed")
        .body(())
        .unwrap();
    let session = Session::new(Credentials::new(ID, SECRET, token.map(str::to_owned), None, "test"));
    let body = r#"{"messages":[{"role":"user","content":[{"text":"héllo"}]}]}"#;
    // 2026-03-14T15:09:26Z.
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_773_500_966);
    sign_at(time, &mut request, body.as_bytes(), &session, ("eu-central-1", "bedrock")).unwrap();
    let header = request.headers()["authorization"].to_str().unwrap().to_owned();
    (request, header)
}

#[test]
fn a_signature_is_the_one_that_botocore_makes() {
    let (request, header) = signature(None);
    assert_eq!(request.headers()["x-amz-date"], "20260314T150926Z");
    assert_eq!(
        header,
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260314/eu-central-1/bedrock/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date, \
         Signature=58429eef79fb5005e903fbae2ebcd2bd75bfb60ca6264e3d9093c35687ea37ae"
    );
}

#[test]
fn the_token_of_a_session_is_sent_and_signed() {
    let (request, header) = signature(Some("a-session/token+="));
    assert_eq!(request.headers()["x-amz-security-token"], "a-session/token+=");
    assert_eq!(
        header,
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260314/eu-central-1/bedrock/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, \
         Signature=eafb4c47dfc6d4bb5eed8cc97393c4bd7b8d27c1062ed734a5795fc20a780043"
    );
}

/// Sessions whose credentials are named 0, 1, 2 in the order in which they are resolved, and how many were. Where `lives` is empty, resolving fails.
fn counted(lives: &'static [Option<u64>]) -> (Sessions, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let resolve = move || -> Resolving {
        let number = counter.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            tokio::task::yield_now().await;
            let life = *lives.get(number).ok_or("there is nothing")?;
            let expiry = life.map(|seconds| SystemTime::now() + Duration::from_secs(seconds));
            Ok(Credentials::new(number.to_string(), SECRET, None, expiry, "test"))
        })
    };
    (Sessions::new(Box::new(resolve), "bedrock".to_owned()), count)
}

async fn current(sessions: &Sessions) -> String {
    sessions.current().await.unwrap().credentials.access_key_id().to_owned()
}

#[tokio::test(start_paused = true)]
async fn nothing_is_resolved_before_the_first_call_and_then_once() {
    let (sessions, count) = counted(&[Some(3600)]);
    assert_eq!(count.load(Ordering::Relaxed), 0);
    let together = [current(&sessions), current(&sessions), current(&sessions)];
    assert_eq!(futures_util::future::join_all(together).await, ["0", "0", "0"]);
    assert_eq!(count.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn credentials_are_renewed_in_the_background_before_they_end() {
    let (sessions, count) = counted(&[Some(3600), Some(3600)]);
    assert_eq!(current(&sessions).await, "0");
    tokio::time::advance(Duration::from_secs(3600 - 301)).await;
    assert_eq!(current(&sessions).await, "0");
    assert_eq!(count.load(Ordering::Relaxed), 1);
    tokio::time::advance(Duration::from_secs(2)).await;
    assert_eq!(current(&sessions).await, "0", "nobody waits for the new ones");
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(current(&sessions).await, "1");
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn credentials_that_ended_are_not_used() {
    let (sessions, _) = counted(&[Some(60)]);
    assert_eq!(current(&sessions).await, "0");
    tokio::time::advance(Duration::from_secs(60)).await;
    let error = sessions.current().await.err().unwrap();
    assert_eq!(error.to_string(), "no AWS credentials: there is nothing");
}

#[tokio::test(start_paused = true)]
async fn a_failure_to_renew_leaves_the_old_ones_until_they_end() {
    let (sessions, count) = counted(&[Some(3600)]);
    assert_eq!(current(&sessions).await, "0");
    tokio::time::advance(Duration::from_secs(3500)).await;
    for _ in 0..3 {
        assert_eq!(current(&sessions).await, "0");
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    assert_eq!(count.load(Ordering::Relaxed), 4, "each attempt failed and was made again");
}

#[tokio::test(start_paused = true)]
async fn credentials_without_an_end_are_looked_up_again_now_and_then() {
    let (sessions, _) = counted(&[None, None]);
    assert_eq!(current(&sessions).await, "0");
    tokio::time::advance(LOOK_AGAIN_AFTER).await;
    assert_eq!(current(&sessions).await, "0");
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(current(&sessions).await, "1");
}

#[tokio::test(start_paused = true)]
async fn many_calls_that_fail_together_ask_once() {
    let (sessions, count) = counted(&[]);
    let together = (0..20).map(|_| sessions.current());
    assert!(futures_util::future::join_all(together).await.iter().all(Result::is_err));
    assert_eq!(count.load(Ordering::Relaxed), 1);
    tokio::time::advance(RETRY_EVERY).await;
    assert!(sessions.current().await.is_err());
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn refused_credentials_are_resolved_anew_once() {
    let (sessions, count) = counted(&[None, None]);
    let refused = sessions.current().await.unwrap();
    let together = (0..5).map(|_| sessions.after(&refused));
    for session in futures_util::future::join_all(together).await {
        assert_eq!(session.unwrap().credentials.access_key_id(), "1");
    }
    assert_eq!(count.load(Ordering::Relaxed), 2);
    let refused = sessions.current().await.unwrap();
    assert!(sessions.after(&refused).await.is_none());
    assert_eq!(count.load(Ordering::Relaxed), 2, "the new ones were refused at once: no use in asking again");
    tokio::time::advance(RETRY_EVERY).await;
    assert!(sessions.after(&refused).await.is_none(), "resolving fails now");
    assert_eq!(count.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_hangs_is_given_up() {
    let sessions = Sessions::new(Box::new(|| Box::pin(std::future::pending())), "bedrock".to_owned());
    let error = sessions.current().await.err().unwrap();
    assert_eq!(error.to_string(), "no AWS credentials: no source answered within 15s");
}

/// The chain in an environment of these variables and files, over connections of our own.
fn chain(variables: &[(&str, &str)], files: &[(&str, &str)]) -> ConfigLoader {
    let opened = Arc::new(AtomicU64::new(0));
    let plan = Plan {
        name: &"p".into(),
        sockets: &Sockets::Tcp,
        opened: &opened,
        connect_within: Duration::from_secs(5),
        proxy: None,
        extra_ca: &[],
        https: false,
        http2: false,
        idle_connections_max: 1,
    };
    let client = plan.client().unwrap();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-central-1"))
        .http_client(HttpClient { local: client.clone(), remote: client })
        .env(Env::from_slice(variables))
        .fs(Fs::from_slice(files))
}

const CONTAINER: &str = r#"{"AccessKeyId":"AKIDCONTAINER","SecretAccessKey":"s","Token":"t",
    "Expiration":"2099-01-01T00:00:00Z"}"#;

#[tokio::test]
async fn the_variables_of_the_environment_are_a_source() {
    let variables = [("AWS_ACCESS_KEY_ID", ID), ("AWS_SECRET_ACCESS_KEY", SECRET)];
    let credentials = chain::resolve(chain(&variables, &[]), None).await.unwrap();
    assert_eq!((credentials.access_key_id(), credentials.secret_access_key()), (ID, SECRET));
}

#[tokio::test]
async fn a_profile_of_the_shared_files_is_a_source() {
    let files =
        [("/home/me/.aws/credentials", "[work]\naws_access_key_id = AKIDWORK\naws_secret_access_key = s\n")];
    let loader = chain(&[("HOME", "/home/me")], &files).profile_name("work");
    let credentials = chain::resolve(loader, None).await.unwrap();
    assert_eq!(credentials.access_key_id(), "AKIDWORK");
}

#[tokio::test]
async fn the_agent_of_a_container_is_a_source() {
    let server = Server::tcp(|_| Answer::new(200, CONTAINER)).await;
    let uri = format!("{}/credentials", server.base);
    let variables = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri.as_str()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "let me in"),
    ];
    let credentials = chain::resolve(chain(&variables, &[]), None).await.unwrap();
    assert_eq!(credentials.access_key_id(), "AKIDCONTAINER");
    assert_eq!(credentials.session_token(), Some("t"));
    assert!(credentials.expiry().is_some());
    assert_eq!(server.last().header("authorization"), Some("let me in"));
}

#[tokio::test]
async fn the_service_of_an_instance_is_a_source_and_asked_with_a_token() {
    let server = Server::tcp(|seen| match seen.uri.path() {
        "/latest/api/token" => Answer::new(200, "imds").with("x-aws-ec2-metadata-token-ttl-seconds", "21600"),
        path if path.ends_with("/security-credentials/") => Answer::new(200, "role"),
        _ => Answer::new(200, CONTAINER.replace('{', r#"{"Code":"Success","#)),
    })
    .await;
    let variables = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.base.as_str())];
    let credentials = chain::resolve(chain(&variables, &[]), None).await.unwrap();
    assert_eq!(credentials.access_key_id(), "AKIDCONTAINER");
    assert_eq!(server.seen()[0].method, "PUT");
    assert_eq!(server.last().header("x-aws-ec2-metadata-token"), Some("imds"));
}

/// Answers as STS does, and keeps what it was sent.
async fn sts(operation: &'static str) -> (Server, Arc<StdMutex<String>>) {
    let said = Arc::new(StdMutex::new(String::new()));
    let keep = said.clone();
    let server = Server::tcp(move |seen| {
        *keep.lock().unwrap() = String::from_utf8(seen.body.to_vec()).unwrap();
        let body = format!(
            "<{operation}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{operation}Result>\
             <AssumedRoleUser><AssumedRoleId>ARO:s</AssumedRoleId>\
             <Arn>arn:aws:sts::123456789012:assumed-role/models/s</Arn></AssumedRoleUser>\
             <Credentials><AccessKeyId>AKIDROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
             <SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>\
             </{operation}Result></{operation}Response>"
        );
        Answer::new(200, body).with("content-type", "text/xml")
    })
    .await;
    (server, said)
}

#[tokio::test]
async fn a_role_is_assumed_with_what_the_chain_gives() {
    let (server, said) = sts("AssumeRole").await;
    let variables = [
        ("AWS_ACCESS_KEY_ID", ID),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_ENDPOINT_URL_STS", server.base.as_str()),
    ];
    let arn = "arn:aws:iam::123456789012:role/models".to_owned();
    let role = AssumedRole { arn, external_id: Some("agreed".to_owned()) };
    let credentials = chain::resolve(chain(&variables, &[]), Some(role)).await.unwrap();
    assert_eq!(credentials.access_key_id(), "AKIDROLE");
    let said = said.lock().unwrap().clone();
    assert!(said.contains("RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fmodels"), "{said}");
    assert!(
        said.contains("RoleSessionName=openclaw-gateway") && said.contains("ExternalId=agreed"),
        "{said}"
    );
    let signed = server.last();
    assert!(signed.header("authorization").unwrap().contains("Credential=AKIDEXAMPLE/"));
}

#[tokio::test]
async fn a_web_identity_is_a_source() {
    let (server, said) = sts("AssumeRoleWithWebIdentity").await;
    let variables = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"),
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/models"),
        ("AWS_ENDPOINT_URL_STS", server.base.as_str()),
    ];
    let credentials = chain::resolve(chain(&variables, &[("/token", "jwt")]), None).await.unwrap();
    assert_eq!(credentials.access_key_id(), "AKIDROLE");
    assert!(said.lock().unwrap().contains("WebIdentityToken=jwt"));
}

#[tokio::test]
async fn a_chain_without_a_source_says_so() {
    let variables = [("AWS_EC2_METADATA_DISABLED", "true")];
    let error = chain::resolve(chain(&variables, &[]), None).await.unwrap_err();
    assert!(in_full(&*error).contains("no credentials found in chain"), "{}", in_full(&*error));
}
