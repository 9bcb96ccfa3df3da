//! Connections: kept, counted, closed when nobody listens any more, through a proxy, and over HTTP/2.

use std::sync::Mutex;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::server::Answer;
use super::*;

const SOON: Duration = Duration::from_secs(1);

#[tokio::test]
async fn one_connection_carries_all_calls_in_sequence() {
    let server = Server::tcp(|_| Answer::ok()).await;
    let providers = providers(settings(&server, Dialect::OpenaiChat));
    for _ in 0..10 {
        assert_eq!(ask(&providers).await.unwrap(), "{}");
    }
    assert_eq!(server.seen().len(), 10);
    assert_eq!(server.connections(), 1);
    assert_eq!(providers.connections_opened(), 1);
}

#[tokio::test]
async fn a_stream_that_was_read_to_its_end_leaves_its_connection_for_the_next() {
    let server = Server::tcp(|_| Answer::fed("data: [DONE]\n\n").0).await;
    let providers = providers(settings(&server, Dialect::OpenaiChat));
    for _ in 0..5 {
        let mut upstream = ask_stream(&providers).await.unwrap();
        assert_eq!(upstream.next().await.unwrap().unwrap(), "data: [DONE]\n\n");
        assert!(upstream.next().await.is_none());
        assert!(upstream.next().await.is_none());
    }
    assert_eq!(providers.connections_opened(), 1);
}

/// Every stream of the server stays open until the server is gone.
async fn silent_server() -> Server {
    let feeders = Mutex::new(Vec::new());
    Server::tcp(move |_| {
        let (answer, feeder) = Answer::fed("data: {}\n\n");
        feeders.lock().unwrap().push(feeder);
        answer
    })
    .await
}

#[tokio::test]
async fn dropping_a_stream_closes_the_connection_at_once() {
    let server = silent_server().await;
    let providers = providers(settings(&server, Dialect::OpenaiChat));
    let mut upstream = ask_stream(&providers).await.unwrap();
    assert_eq!(upstream.next().await.unwrap().unwrap(), "data: {}\n\n");
    // The wait for the next piece is given up, as a caller that goes away gives it up.
    assert!(timeout(Duration::from_millis(50), upstream.next()).await.is_err());
    drop(upstream);
    timeout(SOON, server.all_closed()).await.expect("the provider still works for nobody");
}

#[tokio::test]
async fn dropping_a_stream_unread_closes_the_connection_at_once() {
    let server = silent_server().await;
    let providers = providers(settings(&server, Dialect::OpenaiChat));
    drop(ask_stream(&providers).await.unwrap());
    timeout(SOON, server.all_closed()).await.expect("the provider still works for nobody");
}

#[tokio::test]
async fn giving_up_before_the_head_closes_the_connection_at_once() {
    let server = Server::tcp(|_| Answer::ok().after(Duration::from_secs(60))).await;
    let providers = providers(settings(&server, Dialect::OpenaiChat));
    assert!(timeout(Duration::from_millis(200), ask(&providers)).await.is_err());
    assert_eq!(server.connections(), 1);
    timeout(SOON, server.all_closed()).await.expect("the provider still works for nobody");
}

#[tokio::test]
async fn a_wait_that_is_given_up_loses_no_bytes() {
    let (answer, feeder) = Answer::fed("first");
    let answer = Mutex::new(Some(answer));
    let server = Server::tcp(move |_| answer.lock().unwrap().take().unwrap()).await;
    let providers = providers(settings(&server, Dialect::OpenaiChat));
    let mut upstream = ask_stream(&providers).await.unwrap();
    assert_eq!(upstream.next().await.unwrap().unwrap(), "first");
    for piece in ["a", "b", "c"] {
        for _ in 0..3 {
            assert!(timeout(Duration::from_millis(5), upstream.next()).await.is_err());
        }
        feeder.send(Bytes::from_static(piece.as_bytes())).await.unwrap();
        assert_eq!(upstream.next().await.unwrap().unwrap(), piece);
    }
    drop(feeder);
    assert!(upstream.next().await.is_none());
}

#[tokio::test]
async fn calls_share_an_http2_connection_and_dropping_one_leaves_the_others() {
    let server = silent_server().await;
    let mut settings = settings(&server, Dialect::OpenaiChat);
    settings.http2 = true;
    let providers = providers(settings);
    let mut kept = ask_stream(&providers).await.unwrap();
    let dropped = ask_stream(&providers).await.unwrap();
    assert_eq!(kept.next().await.unwrap().unwrap(), "data: {}\n\n");
    drop(dropped);
    assert!(timeout(Duration::from_millis(100), kept.next()).await.is_err());
    let mut third = ask_stream(&providers).await.unwrap();
    assert_eq!(third.next().await.unwrap().unwrap(), "data: {}\n\n");
    assert_eq!(server.connections(), 1);
    assert_eq!(server.last().headers.get("host"), None);
}

/// A proxy that opens one tunnel, to wherever it is told, and gives the head of the request that told it.
pub(super) async fn proxy() -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let head = tokio::spawn(async move {
        let (mut near, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(near.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let authority = head.split(' ').nth(1).unwrap().to_owned();
        let mut far = TcpStream::connect(authority).await.unwrap();
        near.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
        tokio::spawn(async move { copy_bidirectional(&mut near, &mut far).await });
        head
    });
    (address, head)
}

#[tokio::test]
async fn a_proxy_is_asked_for_a_tunnel_and_shown_its_password() {
    let server = Server::tcp(|_| Answer::ok()).await;
    let (address, head) = proxy().await;
    let mut settings = settings(&server, Dialect::OpenaiChat);
    settings.proxy = Some(format!("http://user:p%40ss@{address}").parse().unwrap());
    assert_eq!(ask(&providers(settings)).await.unwrap(), "{}");
    let head = head.await.unwrap();
    let authority = server.base.strip_prefix("http://").unwrap();
    assert!(head.starts_with(&format!("CONNECT {authority} HTTP/1.1\r\n")), "{head}");
    // `user:p@ss` in base64.
    assert!(head.contains("\r\nProxy-Authorization: Basic dXNlcjpwQHNz\r\n"), "{head}");
    assert_eq!(server.last().header("proxy-authorization"), None);
}

#[tokio::test]
async fn a_proxy_that_cannot_be_one_is_refused_at_the_start() {
    let server = Server::memory(|_| Answer::ok()).0;
    for proxy in ["https://proxy.test:3128", "proxy.test:3128", "/proxy"] {
        let mut settings = settings(&server, Dialect::OpenaiChat);
        settings.proxy = Some(proxy.parse().unwrap());
        let error = TestProviders::new(vec![settings]).err().unwrap();
        assert_eq!(error.to_string(), "provider `p` has a proxy that is not http://host:port");
    }
}
