//! What a provider answers when it does not answer, as refusals.

use std::io;
use std::time::Duration;

use claw_hub::{Fault, Kind, Retry};

use super::server::Answer;
use super::*;

/// Asks a server that gives this one answer.
async fn refusal(answer: fn() -> Answer) -> Refusal {
    let server = Server::tcp(move |_| answer()).await;
    ask(&providers(settings(&server, Dialect::OpenaiChat))).await.unwrap_err()
}

#[tokio::test]
async fn an_error_is_read_in_the_words_of_its_dialect() {
    let refusal = refusal(|| {
        let body = r#"{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}}"#;
        Answer::new(429, body).with("retry-after", "7").with("x-request-id", "req_1")
    })
    .await;
    assert_eq!(refusal.kind, Kind::RateLimited);
    assert_eq!(refusal.fault, Fault::Provider);
    assert_eq!(refusal.retry, Retry::After(Duration::from_secs(7)));
    assert_eq!(refusal.code.as_deref(), Some("rate_limit_exceeded"));
    let source = refusal.source.unwrap().to_string();
    assert_eq!(source, "the provider answered with status 429 Too Many Requests, request id req_1");
}

#[tokio::test]
async fn a_page_of_some_proxy_is_a_failure_of_the_provider() {
    let refusal = refusal(|| Answer::new(502, "<html>Bad Gateway</html>")).await;
    assert_eq!(refusal.kind, Kind::ProviderFailed);
    assert_eq!(refusal.fault, Fault::Provider);
    assert!(!refusal.message.contains("html"), "{}", refusal.message);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let server = Server::tcp(|seen| {
        let location = format!("http://{}/elsewhere", seen.header("host").unwrap());
        Answer::new(307, "").with("location", location)
    })
    .await;
    let refusal = ask(&providers(settings(&server, Dialect::OpenaiChat))).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::ProviderFailed);
    assert_eq!(refusal.message, "provider `p` answered with a redirect (307), which is not followed");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_compressed_reply_is_refused() {
    let refusal = refusal(|| Answer::ok().with("content-encoding", "gzip")).await;
    assert_eq!(refusal.kind, Kind::ProviderFailed);
    assert_eq!(refusal.message, "provider `p` compressed its answer, though it was asked not to");
}

#[tokio::test]
async fn a_reply_up_to_the_cap_is_taken_and_a_larger_one_refused() {
    let server = Server::tcp(|_| Answer::new(200, vec![b' '; 1000])).await;
    let mut settings = settings(&server, Dialect::OpenaiChat);
    settings.reply_max_bytes = 1000;
    assert_eq!(ask(&providers(settings.clone())).await.unwrap().len(), 1000);
    settings.reply_max_bytes = 999;
    let refusal = ask(&providers(settings)).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::ProviderFailed);
    assert_eq!(refusal.message, "the answer of provider `p` is larger than 999 bytes");
}

#[tokio::test]
async fn the_cap_holds_for_replies_that_do_not_announce_their_size() {
    let server = Server::tcp(|_| {
        let (answer, feeder) = Answer::fed("0123456789");
        for _ in 0..5 {
            feeder.try_send(Bytes::from_static(b"0123456789")).unwrap();
        }
        answer
    })
    .await;
    let mut settings = settings(&server, Dialect::OpenaiChat);
    settings.reply_max_bytes = 60;
    assert_eq!(ask(&providers(settings.clone())).await.unwrap().len(), 60);
    for cap in [59, 15, 5] {
        settings.reply_max_bytes = cap;
        let refusal = ask(&providers(settings.clone())).await.unwrap_err();
        assert_eq!(refusal.message, format!("the answer of provider `p` is larger than {cap} bytes"));
    }
}

#[tokio::test]
async fn a_long_explanation_is_read_in_part() {
    let refusal = refusal(|| Answer::new(400, vec![b'x'; 1024 * 1024])).await;
    assert_ne!(refusal.kind, Kind::Deadline);
    assert!(refusal.message.len() <= 64 * 1024 + 256, "{} bytes", refusal.message.len());
}

#[tokio::test]
async fn one_json_value_is_not_a_stream() {
    let server = Server::tcp(|_| Answer::ok()).await;
    let refusal = ask_stream(&providers(settings(&server, Dialect::OpenaiChat))).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::ProviderFailed);
    assert_eq!(refusal.message, "provider `p` answered a request for a stream with something else");
}

#[tokio::test]
async fn nobody_at_the_address_is_told_without_the_address() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let base = format!("http://{address}").parse().unwrap();
    let refusal = ask(&providers(Settings::new("p", Dialect::OpenaiChat, base))).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::ProviderUnreachable);
    assert_eq!(refusal.retry, Retry::Maybe);
    assert_eq!(refusal.message, "provider `p` cannot be reached: the connection is refused");
    assert!(refusal.source.is_some());
}

#[tokio::test]
async fn a_name_that_nobody_has_is_unreachable() {
    let base = "http://nobody.invalid".parse().unwrap();
    let refusal = ask(&providers(Settings::new("p", Dialect::OpenaiChat, base))).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::ProviderUnreachable);
    assert_eq!(refusal.message, "provider `p` cannot be reached");
}

#[tokio::test]
async fn a_connection_that_fails_in_a_test_is_unreachable_too() {
    let dial: Arc<Dial> = Arc::new(|_| Box::pin(async { Err(io::ErrorKind::ConnectionRefused.into()) }));
    let server = Server::memory(|_| Answer::ok()).0;
    let providers =
        TestProviders::with_connector(vec![settings(&server, Dialect::OpenaiChat)], dial).unwrap();
    assert_eq!(ask(&providers).await.unwrap_err().kind, Kind::ProviderUnreachable);
}

/// A host that sends these bytes to whoever calls, whatever is asked, and hangs up.
fn parrot(says: &'static [u8]) -> TestProviders {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let dial: Arc<Dial> = Arc::new(move |_| {
        let (near, mut far) = tokio::io::duplex(64 * 1024);
        tokio::spawn(async move {
            let mut request = [0; 64 * 1024];
            assert!(far.read(&mut request).await.unwrap() > 0);
            far.write_all(says).await.unwrap();
        });
        Box::pin(async move { Ok(Box::new(near) as Box<dyn Wire>) })
    });
    let server = Server::memory(|_| Answer::ok()).0;
    TestProviders::with_connector(vec![settings(&server, Dialect::OpenaiChat)], dial).unwrap()
}

#[tokio::test]
async fn hanging_up_before_the_answer_is_a_failure_of_the_provider() {
    let refusal = ask(&parrot(b"")).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::ProviderFailed);
    assert_eq!(refusal.message, "provider `p` closed the connection before it answered");
}

#[tokio::test]
async fn hanging_up_in_the_middle_of_the_answer_is_a_failure_of_the_provider() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n4\r\ndata\r\n";
    let refusal = ask(&parrot(head)).await.unwrap_err();
    assert_eq!(refusal.message, "provider `p` broke off in the middle of its answer");
    let mut upstream = ask_stream(&parrot(head)).await.unwrap();
    assert_eq!(upstream.next().await.unwrap().unwrap(), "data");
    let refusal = upstream.next().await.unwrap().unwrap_err();
    assert_eq!(refusal.kind, Kind::ProviderFailed);
    assert_eq!(refusal.message, "provider `p` broke off in the middle of its answer");
    assert!(upstream.next().await.is_none());
}

#[tokio::test]
async fn a_provider_that_nobody_configured_is_a_defect() {
    let server = Server::memory(|_| Answer::ok()).0;
    let providers = providers(settings(&server, Dialect::OpenaiChat));
    let mut target = target(Dialect::OpenaiChat);
    target.provider = "q".into();
    let refusal = open(&providers, request(Dialect::OpenaiChat, false), target).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::Internal);
}
