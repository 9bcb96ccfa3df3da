//! Deadlines, under a paused clock: the server and the client share one runtime over memory.

use std::future::pending;
use std::sync::Mutex;
use std::time::Duration;

use claw_hub::{Fault, Kind, Retry};
use tokio::time::{Instant, sleep};

use super::server::Answer;
use super::*;

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

const DEADLINES: Deadlines =
    Deadlines { connect: seconds(5), first_byte: seconds(30), idle: seconds(10), total: seconds(60) };

fn within_deadlines(server: &Server, dial: Arc<Dial>) -> TestProviders {
    let mut settings = settings(server, Dialect::OpenaiChat);
    settings.deadlines = DEADLINES;
    TestProviders::with_connector(vec![settings], dial).unwrap()
}

fn assert_late(refusal: &Refusal, message: &str) {
    assert_eq!(refusal.message, message);
    assert_eq!((refusal.kind, refusal.fault, refusal.retry), (Kind::Deadline, Fault::Provider, Retry::Maybe));
}

#[tokio::test(start_paused = true)]
async fn a_host_that_does_not_pick_up_is_given_up() {
    let (server, _) = Server::memory(|_| Answer::ok());
    let providers = within_deadlines(&server, Arc::new(|_| Box::pin(pending())));
    let started = Instant::now();
    let refusal = ask(&providers).await.unwrap_err();
    assert_late(&refusal, "provider `p` could not be connected to within 5s");
    assert_eq!(started.elapsed().as_secs(), 5);
    assert_eq!(providers.connections_opened(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_begin_is_given_up() {
    let (server, dial) = Server::memory(|_| Answer::ok().after(seconds(3600)));
    let started = Instant::now();
    let refusal = ask(&within_deadlines(&server, dial)).await.unwrap_err();
    assert_late(&refusal, "provider `p` did not answer within 30s");
    assert_eq!(started.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_begins_just_in_time_is_taken() {
    let (server, dial) = Server::memory(|_| Answer::ok().after(seconds(29)));
    assert_eq!(ask(&within_deadlines(&server, dial)).await.unwrap(), "{}");
}

/// A server whose stream sends `first`, and then whatever comes through the feeder.
fn feeding(first: &'static str) -> (Server, Arc<Dial>, tokio::sync::mpsc::Sender<Bytes>) {
    let (answer, feeder) = Answer::fed(first);
    let answer = Mutex::new(Some(answer));
    let (server, dial) = Server::memory(move |_| answer.lock().unwrap().take().unwrap());
    (server, dial, feeder)
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_falls_silent_is_given_up_and_its_connection_closed() {
    let (server, dial, _feeder) = feeding("first");
    let mut upstream = ask_stream(&within_deadlines(&server, dial)).await.unwrap();
    assert_eq!(upstream.next().await.unwrap().unwrap(), "first");
    let started = Instant::now();
    let refusal = upstream.next().await.unwrap().unwrap_err();
    assert_late(&refusal, "provider `p` fell silent for 10s in its answer");
    assert_eq!(started.elapsed().as_secs(), 10);
    assert!(upstream.next().await.is_none());
    server.all_closed().await;
}

#[tokio::test(start_paused = true)]
async fn waits_that_are_given_up_and_begun_again_are_one_silence() {
    let (server, dial, _feeder) = feeding("first");
    let mut upstream = ask_stream(&within_deadlines(&server, dial)).await.unwrap();
    assert_eq!(upstream.next().await.unwrap().unwrap(), "first");
    let started = Instant::now();
    let refusal = loop {
        // As a loop that says something to the caller every other second does.
        if let Ok(next) = tokio::time::timeout(seconds(2), upstream.next()).await {
            break next.unwrap().unwrap_err();
        }
    };
    assert_late(&refusal, "provider `p` fell silent for 10s in its answer");
    assert_eq!(started.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_slow_caller_is_not_the_silence_of_the_provider() {
    let (server, dial, feeder) = feeding("first");
    let mut upstream = ask_stream(&within_deadlines(&server, dial)).await.unwrap();
    assert_eq!(upstream.next().await.unwrap().unwrap(), "first");
    feeder.send(Bytes::from_static(b"second")).await.unwrap();
    sleep(seconds(20)).await;
    assert_eq!(upstream.next().await.unwrap().unwrap(), "second");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_never_ends_is_given_up() {
    let (server, dial, feeder) = feeding("first");
    tokio::spawn(async move {
        while feeder.send(Bytes::from_static(b"more")).await.is_ok() {
            sleep(seconds(7)).await;
        }
    });
    let started = Instant::now();
    let mut upstream = ask_stream(&within_deadlines(&server, dial)).await.unwrap();
    let refusal = loop {
        if let Err(refusal) = upstream.next().await.unwrap() {
            break refusal;
        }
    };
    assert_late(&refusal, "provider `p` did not finish its answer within 60s");
    assert_eq!(started.elapsed().as_secs(), 60);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_always_has_more_is_given_up_by_a_slow_caller_too() {
    let (server, dial, feeder) = feeding("first");
    tokio::spawn(async move { while feeder.send(Bytes::from_static(b"more")).await.is_ok() {} });
    let started = Instant::now();
    let mut upstream = ask_stream(&within_deadlines(&server, dial)).await.unwrap();
    let refusal = loop {
        if let Err(refusal) = upstream.next().await.unwrap() {
            break refusal;
        }
        sleep(seconds(1)).await;
    };
    assert_late(&refusal, "provider `p` did not finish its answer within 60s");
    assert!(started.elapsed() <= seconds(60 + 16), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_whole_reply_that_stops_in_the_middle_is_given_up() {
    let (server, dial, _feeder) = feeding("{");
    let refusal = ask(&within_deadlines(&server, dial)).await.unwrap_err();
    assert_late(&refusal, "provider `p` fell silent for 10s in its answer");
}

#[tokio::test(start_paused = true)]
async fn an_error_whose_body_does_not_come_is_told_without_it() {
    let (answer, _feeder) = Answer::fed("");
    let answer = Mutex::new(Some(answer.status(503)));
    let (server, dial) = Server::memory(move |_| answer.lock().unwrap().take().unwrap());
    let started = Instant::now();
    let refusal = ask(&within_deadlines(&server, dial)).await.unwrap_err();
    assert_ne!(refusal.kind, Kind::Deadline);
    assert_eq!(started.elapsed().as_secs(), 5);
}
