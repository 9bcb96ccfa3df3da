//! Pace and troubles, which are the same for all vendors. The clock is paused: what takes minutes takes no time.

use std::time::Duration;

use claw_simulator::Ended;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::harness::{Answer, Peer};

const VENDORS: [&str; 4] = ["openai", "anthropic", "bedrock", "ollama"];

fn peer() -> Peer {
    Peer::new().header("anthropic-version", "2026-10-21")
}

/// A request to one vendor for a model with these knobs.
fn request(vendor: &str, knobs: &str, stream: bool) -> (String, Value) {
    let model = format!("sim{knobs}");
    let messages = json!([{ "role": "user", "content": "hi" }]);
    match vendor {
        "openai" => (
            "/v1/chat/completions".to_owned(),
            json!({ "model": model, "messages": messages, "stream": stream }),
        ),
        "anthropic" => (
            "/v1/messages".to_owned(),
            json!({ "model": model, "max_tokens": 9000, "messages": messages, "stream": stream }),
        ),
        "bedrock" => {
            let operation = if stream { "converse-stream" } else { "converse" };
            let messages = json!([{ "role": "user", "content": [{ "text": "hi" }] }]);
            (format!("/model/{model}/{operation}"), json!({ "messages": messages }))
        }
        _ => ("/api/chat".to_owned(), json!({ "model": model, "messages": messages, "stream": stream })),
    }
}

async fn ask(peer: &Peer, vendor: &str, knobs: &str, stream: bool) -> Answer {
    let (path, body) = request(vendor, knobs, stream);
    peer.post(&path, &body).await
}

/// How many deltas of text a stream had.
fn deltas(vendor: &str, answer: &Answer) -> usize {
    match vendor {
        "openai" => {
            let is_delta = |event: &&Value| {
                event["choices"][0]["delta"]["content"].as_str().is_some_and(|text| !text.is_empty())
            };
            answer.events().iter().filter(is_delta).count()
        }
        "anthropic" => answer.events().iter().filter(|event| event["delta"]["type"] == "text_delta").count(),
        "bedrock" => answer.frames().iter().filter(|(kind, _)| kind == "contentBlockDelta").count(),
        _ => answer
            .lines()
            .iter()
            .filter(|line| line["message"]["content"].as_str().is_some_and(|text| !text.is_empty()))
            .count(),
    }
}

const MS: fn(u64) -> Duration = Duration::from_millis;

#[tokio::test(start_paused = true)]
async fn the_head_waits_for_latency_and_silence_and_the_first_event_for_first() {
    for vendor in VENDORS {
        let peer = peer();
        let answer = ask(&peer, vendor, "~latency=2s~silence=3m~first=500ms~gap=100ms~events=5", true).await;
        assert_eq!(answer.head_after, Duration::from_secs(182), "{vendor}");
        assert_eq!(answer.chunks_after.first(), Some(&(answer.head_after + MS(500))), "{vendor}");
        assert_eq!(answer.chunks_after.last(), Some(&(answer.head_after + MS(900))), "{vendor}");
        assert_eq!(deltas(vendor, &answer), 5, "{vendor}");
    }
}

#[tokio::test(start_paused = true)]
async fn tokens_come_at_the_rate_that_the_name_says() {
    for vendor in VENDORS {
        let answer = ask(&peer(), vendor, "~tps=50~events=51", true).await;
        assert_eq!(answer.chunks_after.last(), Some(&MS(1000)), "{vendor}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_whole_reply_takes_as_long_as_its_stream() {
    for vendor in VENDORS {
        let answer = ask(&peer(), vendor, "~first=2s~gap=100ms~events=11", false).await;
        assert_eq!((answer.status, answer.head_after), (200, Duration::from_secs(3)), "{vendor}");
    }
}

#[tokio::test(start_paused = true)]
async fn size_and_events_are_exact() {
    for vendor in VENDORS {
        let peer = peer();
        let answer = ask(&peer, vendor, "~size=1100~events=50", true).await;
        assert_eq!(deltas(vendor, &answer), 50, "{vendor}");
        let seen = peer.last();
        assert_eq!((seen.events_sent, seen.ended, seen.usage.output), (50, Ended::Done, 275), "{vendor}");
    }
}

/// What each vendor calls the failures: the error's kind, and where it stands.
fn kind_of(vendor: &str, answer: &Answer) -> String {
    let body = answer.json();
    match vendor {
        "openai" => body["error"]["type"].as_str().unwrap_or_default().to_owned(),
        "anthropic" => body["error"]["type"].as_str().unwrap_or_default().to_owned(),
        "bedrock" => answer.header("x-amzn-errortype").split(':').next().unwrap_or_default().to_owned(),
        _ => body["error"].as_str().unwrap_or_default().to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_has_the_status_and_the_shape_of_the_vendor() {
    let table = [
        ("openai", 429, "requests"),
        ("openai", 500, "server_error"),
        ("openai", 503, "server_error"),
        ("openai", 401, "invalid_request_error"),
        ("anthropic", 429, "rate_limit_error"),
        ("anthropic", 500, "api_error"),
        ("anthropic", 529, "overloaded_error"),
        ("anthropic", 401, "authentication_error"),
        ("anthropic", 403, "permission_error"),
        ("anthropic", 404, "not_found_error"),
        ("bedrock", 429, "ThrottlingException"),
        ("bedrock", 500, "InternalServerException"),
        ("bedrock", 503, "ServiceUnavailableException"),
        ("bedrock", 403, "AccessDeniedException"),
        ("bedrock", 404, "ResourceNotFoundException"),
        ("ollama", 503, "server busy, please try again. maximum pending requests exceeded"),
        ("ollama", 404, "model 'sim~fail=404' not found"),
    ];
    for (vendor, status, kind) in table {
        for stream in [false, true] {
            let peer = peer();
            let answer = ask(&peer, vendor, &format!("~fail={status}"), stream).await;
            assert_eq!((answer.status, kind_of(vendor, &answer).as_str()), (status, kind), "{vendor}");
            assert!(answer.header("content-type").starts_with("application/json"), "{vendor}");
            assert_eq!((peer.last().ended, peer.last().status), (Ended::Fault, Some(status)), "{vendor}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_says_what_the_name_says() {
    for vendor in VENDORS {
        assert_eq!(
            ask(&peer(), vendor, "~fail=429~retry=7", true).await.header("retry-after"),
            "7",
            "{vendor}"
        );
        assert_eq!(
            ask(&peer(), vendor, "~fail=503~retry=3", true).await.header("retry-after"),
            "3",
            "{vendor}"
        );
        assert_eq!(ask(&peer(), vendor, "~fail=503", true).await.header("retry-after"), "", "{vendor}");
    }
    assert_eq!(ask(&peer(), "openai", "~fail=429", true).await.header("retry-after"), "1");
}

#[tokio::test(start_paused = true)]
async fn only_the_first_calls_have_the_trouble() {
    for vendor in VENDORS {
        let peer = peer();
        let mut statuses = Vec::new();
        for _ in 0..4 {
            statuses.push(ask(&peer, vendor, "~fail=529~times=2", false).await.status);
        }
        assert_eq!(statuses, [529, 529, 200, 200], "{vendor}");
        assert_eq!(
            ask(&peer, vendor, "~fail=529~times=2~size=5", false).await.status,
            529,
            "another name, another count"
        );
        peer.simulator.clear();
        assert_eq!(ask(&peer, vendor, "~fail=529~times=2", false).await.status, 529, "{vendor}");
        assert!(ask(&peer, vendor, "~cut=1~times=1", true).await.is_cut);
        assert!(!ask(&peer, vendor, "~cut=1~times=1", true).await.is_cut);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cut_comes_after_so_many_events_and_without_a_word() {
    for vendor in VENDORS {
        for cut in [0_u64, 2, 9] {
            let peer = peer();
            let answer = ask(&peer, vendor, &format!("~cut={cut}~events=9"), true).await;
            assert!(answer.is_cut, "{vendor}");
            assert_eq!(deltas(vendor, &answer) as u64, cut, "{vendor}");
            assert_eq!((peer.last().ended, peer.last().events_sent), (Ended::Fault, cut), "{vendor}");
        }
        assert!(!ask(&peer(), vendor, "~cut=10~events=9", true).await.is_cut, "{vendor}");
        let torn = ask(&peer(), vendor, "~cut=1", false).await;
        assert!(torn.is_cut && !torn.body.is_empty(), "{vendor}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_in_the_stream_is_the_last_thing_of_it() {
    for vendor in VENDORS {
        let peer = peer();
        let answer = ask(&peer, vendor, "~error=2", true).await;
        assert!(!answer.is_cut && deltas(vendor, &answer) == 2, "{vendor}");
        assert_eq!(peer.last().ended, Ended::Fault, "{vendor}");
        let text = answer.text();
        match vendor {
            "openai" => {
                assert!(!text.contains("[DONE]"));
                let error = &answer.events()[3]["error"];
                assert_eq!((error["type"].as_str(), error["code"].is_null()), (Some("server_error"), true));
            }
            "anthropic" => {
                assert!(
                    text.contains("\nevent: error\ndata: {\"type\":\"error\",")
                        && !text.contains("message_stop")
                );
                assert_eq!(answer.events().last().expect("events")["error"]["type"], "overloaded_error");
            }
            "bedrock" => assert_eq!(answer.frames().last().expect("frames").0, "modelStreamErrorException"),
            _ => assert!(answer.lines().last().expect("lines")["error"].is_string()),
        }
        assert_eq!(ask(&peer, vendor, "~error=2", false).await.status, 500, "a whole reply has no middle");
    }
    let throttled = ask(&peer(), "bedrock", "~error=0~kind=429", true).await;
    assert_eq!(throttled.frames().last().expect("frames").0, "throttlingException");
    let limited = ask(&peer(), "anthropic", "~error=1~kind=429", true).await;
    assert_eq!(limited.events().last().expect("events")["error"]["type"], "rate_limit_error");
}

#[tokio::test(start_paused = true)]
async fn a_stalled_stream_stays_open_until_the_caller_goes() {
    for vendor in VENDORS {
        for stream in [true, false] {
            let peer = peer();
            let (path, body) = request(vendor, "~stall=2", stream);
            let mut response = peer.open("POST", &path, body.to_string()).await;
            let read = async { while response.body_mut().frame().await.is_some() {} };
            assert!(timeout(Duration::from_mins(10), read).await.is_err(), "{vendor}");
            assert_eq!(peer.last().ended, Ended::Running, "{vendor}");
            drop(response);
            sleep(Duration::from_secs(1)).await;
            assert_eq!(peer.last().ended, Ended::ClientClosed, "{vendor}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_goes_away_is_noticed_before_and_in_the_reply() {
    for vendor in VENDORS {
        let peer = peer();
        let (path, body) = request(vendor, "~gap=1s~events=60~size=240", true);
        let response = peer.open("POST", &path, body.to_string()).await;
        sleep(MS(9_500)).await;
        drop(response);
        sleep(MS(5_000)).await;
        let seen = peer.last();
        assert_eq!(
            (seen.ended, seen.events_sent, seen.usage.output),
            (Ended::ClientClosed, 10, 10),
            "{vendor}"
        );
        let (path, body) = request(vendor, "~silence=1m", true);
        let waiting = timeout(Duration::from_secs(5), peer.open("POST", &path, body.to_string())).await;
        assert!(waiting.is_err(), "nothing was said");
        sleep(MS(10)).await;
        assert_eq!((peer.last().ended, peer.last().status), (Ended::ClientClosed, None), "{vendor}");
    }
}
