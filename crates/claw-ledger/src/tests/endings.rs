//! Every end of a call gives one record that says what was seen.

use claw_hub::{Fault, Kind, Losses, Retry, Stop, Usage};

use super::scene::{self, Folder, about, open, records, settings, started};
use crate::{End, Ending, Entry, Record};

const SAID: Usage = Usage {
    input_fresh: 7,
    cache_read: 5,
    cache_write: 3,
    cache_write_1h: 2,
    output: 11,
    reasoning: 4,
    estimated: false,
};

/// The record of a call that was lived so.
async fn record_of(live: impl FnOnce(Entry)) -> Record {
    let folder = Folder::new();
    let (ledger, shipper) = started(&settings(folder.path()));
    let entry = open(&ledger, &about()).unwrap();
    let id = entry.id();
    live(entry);
    shipper.flush().await.unwrap();
    let mut records = records(folder.path()).await;
    assert_eq!(records.len(), 1);
    let record = records.remove(0);
    assert_eq!(record.opening.id, id);
    record
}

const fn tokens(input_fresh: u64, output: u64) -> Usage {
    Usage {
        input_fresh,
        cache_read: 0,
        cache_write: 0,
        cache_write_1h: 0,
        output,
        reasoning: 0,
        estimated: true,
    }
}

#[tokio::test]
async fn a_call_that_is_done_says_everything() {
    let about = scene::about();
    let asked = about.clone();
    let folder = Folder::new();
    let (ledger, shipper) = started(&settings(folder.path()));
    let mut entry = open(&ledger, &asked).unwrap();
    let mut losses = Losses::default();
    losses.dropped("seed");
    entry.losses(&losses);
    entry.first_token();
    entry.said(40);
    entry.usage(Usage { output: 1, ..SAID });
    entry.usage(SAID);
    entry.settle(End::Done { stop: Some(Stop::MaxTokens) });
    shipper.flush().await.unwrap();
    let records = records(folder.path()).await;
    let [Record { opening, settlement }] = &records[..] else { panic!("{records:?}") };
    assert_eq!(opening.region, "here");
    assert_eq!(opening.request_id, about.request_id);
    assert_eq!((&*opening.tenant, &*opening.user, &*opening.credential_id), ("engines", "ada", "key-1"));
    assert_eq!(
        (&*opening.provider, &*opening.dialect, &*opening.model),
        ("acme", "openai_chat", "acme-large")
    );
    assert_eq!((&*opening.door, &*opening.asked_model), ("openai_chat", "best"));
    assert_eq!(opening.tags, ["cost-centre \"7\""]);
    assert!(opening.stream && !opening.consent);
    assert_eq!(settlement.ending, Ending::Done);
    assert_eq!(settlement.stop.as_deref(), Some("max_tokens"));
    assert_eq!(settlement.usage, SAID);
    assert_eq!(settlement.lossy, "seed dropped");
    assert!(settlement.first_token_ms <= settlement.latency_ms && settlement.first_token_ms.is_some());
    assert!(settlement.settled_at_ms >= opening.opened_at_ms);
    assert_eq!(settlement.cost_micros, None);
}

#[tokio::test]
async fn a_dropped_call_is_cancelled_with_what_was_seen() {
    let record = record_of(|mut entry| {
        entry.said(9);
        drop(entry);
    })
    .await;
    assert_eq!(record.settlement.ending, Ending::Cancelled);
    assert_eq!(record.settlement.usage, tokens(101, 3));
}

#[tokio::test]
async fn what_was_said_after_the_last_usage_is_added_when_a_stream_breaks() {
    let record = record_of(|mut entry| {
        entry.usage(Usage { output: 1, ..SAID });
        entry.said(100);
        entry.settle(End::Deadline);
    })
    .await;
    assert_eq!(record.settlement.ending, Ending::Deadline);
    assert_eq!(record.settlement.usage, Usage { output: 26, estimated: true, ..SAID });
}

#[tokio::test]
async fn a_stream_that_breaks_after_its_usage_is_believed() {
    let record = record_of(|mut entry| {
        entry.said(100);
        entry.usage(SAID);
        entry.settle(End::Shutdown);
    })
    .await;
    assert_eq!(record.settlement.ending, Ending::Shutdown);
    assert_eq!(record.settlement.usage, SAID);
}

#[tokio::test]
async fn a_reply_without_usage_is_estimated_and_not_free() {
    let record = record_of(|mut entry| {
        entry.said(41);
        entry.settle(End::Done { stop: None });
    })
    .await;
    assert_eq!(record.settlement.usage, tokens(101, 11));
}

#[tokio::test]
async fn zeros_that_cannot_be_are_estimated() {
    let record = record_of(|mut entry| {
        entry.said(41);
        entry.usage(Usage::default());
        entry.settle(End::Done { stop: Some(Stop::Other("so".to_owned())) });
    })
    .await;
    assert_eq!(record.settlement.usage, tokens(101, 11));
    assert_eq!(record.settlement.stop.as_deref(), Some("so"));
}

#[tokio::test]
async fn a_call_that_the_provider_refused_consumed_nothing() {
    let refusal =
        claw_hub::Refusal::provider(Kind::RateLimited, Retry::Maybe, "the provider has no room for us");
    let record = record_of(|entry| entry.settle(End::failed(&refusal, Some(429)))).await;
    assert_eq!(record.settlement.ending, Ending::Failed);
    assert_eq!(record.settlement.failure.as_deref(), Some("rate_limited"));
    assert_eq!(record.settlement.fault.as_deref(), Some("provider"));
    assert_eq!(record.settlement.status, Some(429));
    assert_eq!(record.settlement.usage, Usage::default());
}

#[tokio::test]
async fn a_call_that_failed_within_its_reply_is_estimated() {
    let end = End::Failed { kind: Kind::ProviderFailed, fault: Fault::Provider, status: Some(200) };
    let record = record_of(|entry| entry.settle(end)).await;
    assert_eq!(record.settlement.usage, tokens(101, 0));
}

#[tokio::test]
async fn names_are_cut_so_that_no_caller_makes_a_line_long() {
    let folder = Folder::new();
    let (ledger, shipper) = started(&settings(folder.path()));
    let long = "ä".repeat(100_000);
    let asked = crate::About { asked_model: long.as_str().into(), tags: vec![long.clone(); 99], ..about() };
    open(&ledger, &asked).unwrap().settle(End::Done { stop: Some(Stop::Other(long.clone())) });
    shipper.flush().await.unwrap();
    let record = records(folder.path()).await.remove(0);
    assert_eq!(record.opening.asked_model.len(), 256);
    assert_eq!(record.opening.tags.len(), 16);
    assert_eq!(record.settlement.stop.unwrap().len(), 256);
}
