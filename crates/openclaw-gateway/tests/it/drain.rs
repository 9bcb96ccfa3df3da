//! A process that is told to end: what runs is finished, what cannot be is said and recorded, and nothing new is begun.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use claw_ledger::{Ending, Records, Which};

use crate::client::{self, connect, parse, post};
use crate::running::{Gateway, KEY, Simulated, configuration, until};

/// A stream that a thread reads to its end.
fn reading(address: SocketAddr, model: &str) -> JoinHandle<String> {
    let request = post(
        "/v1/chat/completions",
        &[("authorization", &format!("Bearer {KEY}"))],
        client::chat(model, true).as_bytes(),
    );
    let mut stream: TcpStream = connect(address);
    stream.write_all(&request).unwrap();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        parse(&bytes).body
    })
}

fn endings(gateway: &Gateway) -> Vec<Ending> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let records = Records::new(&gateway.folder.path().join("ledger"));
    let records = runtime.block_on(records.find(Which::Since(0), 1_000)).unwrap();
    records.iter().map(|record| record.settlement.ending).collect()
}

#[test]
fn fifty_streams_are_finished_and_recorded() {
    let simulated = Simulated::start();
    let mut gateway = Gateway::start(&configuration(simulated.address, "drain_deadline = \"60s\"", ""));
    // Each has 100 events left, 200 ms apart: 20 seconds.
    let streams: Vec<_> =
        (0..50).map(|_| reading(gateway.public, "openai/gpt-sim~gap=200ms~events=100")).collect();
    simulated.until("fifty streams", |log| log.iter().filter(|seen| seen.events_sent > 0).count() == 50);
    gateway.signal("TERM");
    let told = Instant::now();
    until("readiness says no", || {
        (client::get(gateway.public, "/health/ready", &[]).status == 503).then_some(())
    });
    let said_no = told.elapsed();
    assert!(said_no < Duration::from_secs(1), "it took {said_no:?}");
    assert_eq!(client::get(gateway.public, "/health", &[]).status, 200, "liveness stays");
    assert_eq!(gateway.post("/v1/chat/completions", &client::chat("openai/gpt-sim", false)).status, 503);
    let finished = streams
        .into_iter()
        .map(|stream| stream.join().unwrap())
        .filter(|body| body.ends_with("data: [DONE]\n\n"));
    assert_eq!(finished.count(), 50);
    let status = gateway.ended();
    assert!(status.success(), "{status}: {}", gateway.log());
    let endings = endings(&gateway);
    assert_eq!(endings, [Ending::Done; 50]);
    println!(
        "ready said 503 after {said_no:?}; 50 of 50 streams finished after {:?}; 50 records; {status}",
        told.elapsed()
    );
}

#[test]
fn a_stream_beyond_the_deadline_ends_with_an_error_and_a_record() {
    let simulated = Simulated::start();
    let mut gateway = Gateway::start(&configuration(simulated.address, "drain_deadline = \"1s\"", ""));
    let stream = reading(gateway.public, "anthropic/claude-sim~gap=500ms~events=1000");
    simulated.until("a stream", |log| log.iter().any(|seen| seen.events_sent > 1));
    gateway.signal("TERM");
    let body = stream.join().unwrap();
    assert!(body.contains("data: {\"error\":") && body.contains("shutting down"), "{body}");
    assert!(gateway.ended().success());
    assert_eq!(endings(&gateway), [Ending::Shutdown]);
}
