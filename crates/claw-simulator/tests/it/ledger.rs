//! What the simulator remembers and who may call it: the log, the control plane, keys, connections, limits.

use claw_simulator::{Ended, Options, Seen, Simulator, Vendor};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::harness::{PNG, Peer, with};

const PATH: &str = "/v1/chat/completions";

fn hello() -> Value {
    json!({ "model": "gpt-sim", "messages": [{ "role": "user", "content": "hello there" }] })
}

#[tokio::test(start_paused = true)]
async fn the_log_says_what_came_and_how_it_went() {
    let peer = Peer::new().header("authorization", "Bearer sk-secret").header("x-trace", "t1");
    let image =
        json!({ "type": "image_url", "image_url": { "url": format!("data:image/png;base64,{PNG}") } });
    let body =
        with(&hello(), json!({ "messages": [{ "role": "user", "content": [image] }], "stream": true }));
    peer.post(PATH, &body).await;
    let seen = peer.last();
    assert_eq!(
        (seen.sequence, seen.vendor, seen.method.as_str(), seen.path.as_str()),
        (1, Vendor::OpenAi, "POST", PATH)
    );
    assert_eq!(
        (seen.model.as_deref(), seen.stream, seen.status, seen.ended),
        (Some("gpt-sim"), true, Some(200), Ended::Done)
    );
    assert_eq!((seen.body, seen.body_bytes), (body.clone(), body.to_string().len() as u64));
    assert_eq!(
        (seen.headers["x-trace"].as_str(), seen.headers["authorization"].len()),
        ("t1", "Bearer sha256:01234567".len())
    );
    assert!(!seen.headers["authorization"].contains("secret"));
    assert_eq!((seen.images[0].media_type.as_str(), seen.images[0].bytes), ("image/png", 70));
    assert_eq!(seen.images[0].sha256.len(), 64);
    assert!(seen.usage.output > 0 && seen.usage.input > 0);
}

#[tokio::test(start_paused = true)]
async fn of_a_credential_only_a_digest_is_kept() {
    let signature = "AWS4-HMAC-SHA256 Credential=AKIDSECRET/20260101/eu-west-1/bedrock/aws4_request, SignedHeaders=host, Signature=abc";
    let peer = Peer::new().header("x-api-key", "sk-secret").header("authorization", signature);
    peer.post(PATH, &hello()).await;
    let headers = peer.last().headers;
    assert!(headers["x-api-key"].starts_with("sha256:") && headers["x-api-key"].len() == 15);
    assert!(headers["authorization"].starts_with("AWS4-HMAC-SHA256 sha256:"));
    assert!(headers["authorization"].ends_with(" 20260101/eu-west-1/bedrock/aws4_request"));
    assert!(!format!("{headers:?}").to_lowercase().contains("secret"));
}

#[tokio::test(start_paused = true)]
async fn the_control_plane_shows_and_clears_the_log() {
    let peer = Peer::new();
    peer.post(PATH, &hello()).await;
    peer.post(PATH, &with(&hello(), json!({ "model": "gpt-sim~fail=500" }))).await;
    let log: Vec<Seen> = serde_json::from_value(peer.get("/_simulator/log").await.json()).expect("a log");
    let ended: Vec<_> = log.iter().map(|seen| (seen.sequence, seen.ended)).collect();
    assert_eq!(ended, [(1, Ended::Done), (2, Ended::Fault)]);
    let counts = peer.get("/_simulator/connections").await.json();
    assert_eq!((counts["opened"].as_u64(), peer.simulator.connections_opened()), (Some(4), 4));
    assert!(peer.get("/_simulator/knobs").await.text().contains("tps=N"));
    assert_eq!(peer.send("DELETE", "/_simulator/log", String::new()).await.status, 204);
    assert_eq!(peer.get("/_simulator/log").await.json(), json!([]));
    assert_eq!(peer.get("/_simulator/other").await.status, 404);
    peer.post(PATH, &hello()).await;
    assert_eq!(peer.last().sequence, 3, "numbers are never used twice");
}

#[tokio::test(start_paused = true)]
async fn the_log_is_bounded_in_calls_and_in_bytes() {
    let options = Options { log_entries: 3, log_body_bytes: 200, log_bytes: 1_000_000, ..Options::default() };
    let peer = Peer::with(options);
    for _ in 0..5 {
        peer.post(PATH, &hello()).await;
    }
    let kept: Vec<_> = peer.simulator.log().iter().map(|seen| seen.sequence).collect();
    assert_eq!(kept, [3, 4, 5]);
    let long = with(&hello(), json!({ "user": "x".repeat(300) }));
    peer.post(PATH, &long).await;
    assert_eq!((peer.last().body, peer.last().body_bytes), (Value::Null, long.to_string().len() as u64));
    let peer = Peer::with(Options { log_bytes: 400, ..Options::default() });
    for _ in 0..5 {
        peer.post(PATH, &hello()).await;
    }
    assert!((1..4).contains(&peer.simulator.log().len()));
    let peer = Peer::with(Options { log: false, ..Options::default() });
    peer.post(PATH, &hello()).await;
    assert!(peer.simulator.log().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_wrong_key_is_refused_as_each_vendor_refuses_it() {
    let peer = || {
        Peer::with(Options { required_key: Some("right".to_owned()), ..Options::default() })
            .header("anthropic-version", "2026-10-21")
    };
    let paths = [PATH, "/v1/messages", "/model/m/converse", "/api/chat"];
    for (path, status) in paths.into_iter().zip([401, 401, 403, 401]) {
        assert_eq!(peer().post(path, &hello()).await.status, status, "{path} without a key");
        let wrong = peer().header("authorization", "Bearer wrong").post(path, &hello()).await;
        assert_eq!(wrong.status, status, "{path} with a wrong key");
        let right = peer().header("authorization", "Bearer right").post(path, &hello()).await;
        assert_ne!(right.status, status, "{path} with the right key");
    }
    let own = peer()
        .header("x-api-key", "right")
        .post("/v1/messages", &with(&hello(), json!({ "max_tokens": 9 })))
        .await;
    assert_eq!(own.status, 200);
    let signed = "AWS4-HMAC-SHA256 Credential=right/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=x";
    let body = json!({ "messages": [{ "role": "user", "content": [{ "text": "hi" }] }] });
    assert_eq!(peer().header("authorization", signed).post("/model/m/converse", &body).await.status, 200);
    let strict = Options {
        required_key: Some("right".to_owned()),
        aws_secret_key: Some("secret".to_owned()),
        ..Options::default()
    };
    let refused = Peer::with(strict).header("authorization", signed).header("x-amz-date", "20260101T000000Z");
    let refused = refused.post("/model/m/converse", &body).await;
    assert!(refused.header("x-amzn-errortype").starts_with("InvalidSignatureException:"));
    assert_eq!(peer().get("/v1/models").await.status, 401);
    assert_eq!(peer().get("/_simulator/log").await.status, 200, "the control plane asks for no key");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_too_large_is_413() {
    let peer = Peer::with(Options { max_body_bytes: 100, ..Options::default() })
        .header("anthropic-version", "2023-06-01");
    let body = with(&hello(), json!({ "user": "x".repeat(200) }));
    for path in [PATH, "/v1/messages", "/model/m/converse", "/api/chat"] {
        assert_eq!(peer.post(path, &body).await.status, 413, "{path}");
    }
}

/// Real sockets, so real time: it lasts milliseconds.
#[tokio::test]
async fn a_listener_serves_and_stops_when_it_is_told_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let simulator = Simulator::new(Options::default());
    let serving = {
        let simulator = simulator.clone();
        tokio::spawn(
            async move { simulator.serve(listener, async { stopped.await.unwrap_or_default() }).await },
        )
    };
    let mut socket = TcpStream::connect(address).await.expect("a connection");
    socket.write_all(b"GET /api/version HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("a request");
    let mut answer = [0; 15];
    socket.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
    assert_eq!(simulator.connections_opened(), 1);
    stop.send(()).expect("it still serves");
    serving.await.expect("it stops");
    assert!(TcpStream::connect(address).await.is_err());
}
