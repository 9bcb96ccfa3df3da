//! Whole loads against the real upstream, and against ones that are broken.

use std::io::{Read as _, Write as _};

use super::*;

fn upstream() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            crate::upstream::accept(tokio::net::TcpListener::from_std(listener).unwrap()).await
        })
    });
    address
}

/// Answers every connection with the same bytes and closes.
fn says(answer: &'static [u8]) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut buffer = [0; 4096];
            drop(stream.read(&mut buffer));
            drop(stream.write_all(answer));
        }
    });
    address
}

fn options(scenario: Scenario, address: SocketAddr) -> Options {
    Options {
        scenario,
        target: format!("http://{address}/v1/chat/completions"),
        model_prefix: String::new(),
        texts: crate::upstream::OPENAI_TEXTS,
        events: Some(51),
        key: "bench".to_owned(),
        seconds: 0.4,
        warmup_seconds: 0.05,
        connections: Some(4),
        rate: None,
    }
}

#[test]
fn every_scenario_is_answered_without_a_failure() {
    let address = upstream();
    for scenario in Scenario::ALL {
        let report = run(&options(scenario, address)).unwrap();
        assert_eq!((report.failures, report.first_failure.as_deref()), (0, None), "{scenario}");
        assert!(report.done > 0 && report.done_total >= report.done, "{scenario}: {report:?}");
        assert!(report.latency.p99_us >= report.latency.p50_us && report.latency.p50_us > 0.0, "{scenario}");
        let streams =
            matches!(scenario, Scenario::Paced | Scenario::PacedLight | Scenario::Burst | Scenario::Mixed);
        assert_eq!(report.gap.count > 0, streams, "{scenario}");
        assert_eq!(report.large_latency.count > 0, scenario == Scenario::Mixed, "{scenario}");
    }
}

#[test]
fn paced_streams_keep_their_pace() {
    let report = run(&options(Scenario::Paced, upstream())).unwrap();
    assert!((3_000.0..8_000.0).contains(&report.gap.p50_us), "{:?}", report.gap);
    assert!(report.latency.p50_us > 245_000.0, "{:?}", report.latency);
}

#[test]
fn a_stream_with_a_text_too_few_is_a_failure() {
    let mut options = options(Scenario::Burst, upstream());
    options.texts += 1;
    let error = format!("{:#}", run(&options).unwrap_err());
    assert!(error.contains("47 texts, not 48"), "{error}");
}

#[test]
fn a_wrong_number_of_events_is_counted_as_a_failure() {
    let mut options = options(Scenario::Burst, upstream());
    options.events = Some(50);
    let report = run(&options).unwrap();
    assert!(report.failures > 0 && report.done == 0);
    assert_eq!(report.first_failure.as_deref(), Some("51 events in a stream, not 50"));
}

#[test]
fn an_upstream_that_refuses_or_breaks_off_is_an_error_at_once() {
    let broken: [(&[u8], &str); 3] = [
        (b"HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nbusy", "status 503"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbu", "before the reply did"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", "not the upstream's"),
    ];
    for (answer, why) in broken {
        let error = format!("{:#}", run(&options(Scenario::Fast, says(answer))).unwrap_err());
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn load_leaves_this_machine_for_nobody() {
    let mut options = options(Scenario::Fast, upstream());
    options.target = "http://192.0.2.1:80/v1/chat/completions".to_owned();
    assert!(run(&options).unwrap_err().to_string().contains("loopback"));
}
