//! Records reach the database however it behaves, and nobody who calls waits for it.

use std::fs;
use std::time::Duration;

use claw_hub::Kind;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor};
use ulid::Ulid;

use super::scene::{Folder, about, open, records, settings, started, until};
use crate::{
    About, Backlog, Drained, End, Ending, Ledger, Records, Settings, ShipError, StoreError, Which, start,
};

#[tokio::test]
async fn records_arrive_without_being_asked_for() {
    let folder = Folder::new();
    let (ledger, shipper) = started(&settings(folder.path()));
    open(&ledger, &about()).unwrap().settle(End::Deadline);
    until("the record is shipped", || shipper.counts().shipped == 1).await;
    until("nothing is left", || shipper.backlog() == Backlog::default()).await;
    assert_eq!(records(folder.path()).await.len(), 1);
}

#[tokio::test]
async fn a_database_that_cannot_be_used_costs_nothing_but_room() {
    let folder = Folder::new();
    let database = folder.path().join("ledger.sqlite");
    fs::create_dir(&database).unwrap();
    let settings = Settings { segment_bytes: 4_000, ..settings(folder.path()) };
    let (ledger, shipper) = started(&settings);
    for _ in 0..100 {
        open(&ledger, &about()).unwrap().settle(End::Deadline);
    }
    assert!(matches!(shipper.flush().await, Err(ShipError::Store(StoreError::Database(_)))));
    let backlog = shipper.backlog();
    assert!(backlog.lines >= 200 && backlog.bytes > 100_000, "{backlog:?}");
    assert!(shipper.counts().ship_failures > 0);
    fs::remove_dir(&database).unwrap();
    shipper.flush().await.unwrap();
    assert_eq!(records(folder.path()).await.len(), 100);
    assert_eq!(shipper.backlog(), Backlog::default());
    assert_eq!(folder.files("spool").len(), 1, "only the file that is written to is left");
}

#[tokio::test]
async fn a_locked_database_is_waited_for() {
    let folder = Folder::new();
    let (ledger, shipper) = started(&settings(folder.path()));
    open(&ledger, &about()).unwrap().settle(End::Deadline);
    shipper.flush().await.unwrap();
    let path = folder.path().join("ledger.sqlite");
    let mut other = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    open(&ledger, &about()).unwrap().settle(End::Deadline);
    assert!(shipper.flush().await.is_err());
    other.execute("ROLLBACK").await.unwrap();
    shipper.flush().await.unwrap();
    assert_eq!(records(folder.path()).await.len(), 2);
}

#[tokio::test]
async fn the_tables_of_a_newer_gateway_are_left_alone() {
    let folder = Folder::new();
    let path = folder.path().join("ledger.sqlite");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut newer = options.connect().await.unwrap();
    newer.execute("PRAGMA user_version = 99").await.unwrap();
    newer.close().await.unwrap();
    let (ledger, shipper) = started(&settings(folder.path()));
    open(&ledger, &about()).unwrap().settle(End::Deadline);
    let error = shipper.flush().await.unwrap_err();
    assert!(matches!(error, ShipError::Store(StoreError::Newer { found: 99, .. })), "{error}");
    let error = Records::new(folder.path()).find(Which::Since(0), 1).await.unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
}

#[tokio::test]
async fn a_record_settled_in_a_later_file_is_one_record() {
    let folder = Folder::new();
    let (ledger, shipper) = started(&Settings { segment_bytes: 1, ..settings(folder.path()) });
    let first = open(&ledger, &about()).unwrap();
    for _ in 0..20 {
        open(&ledger, &about()).unwrap().settle(End::Deadline);
    }
    shipper.flush().await.unwrap();
    assert_eq!(folder.files("spool").len(), 2, "the file of the running call, and the last");
    first.settle(End::Shutdown);
    shipper.flush().await.unwrap();
    assert_eq!(records(folder.path()).await.len(), 21);
    assert_eq!(folder.files("spool").len(), 1);
}

#[tokio::test]
async fn a_request_is_found_by_its_id_in_the_order_of_its_attempts() {
    let folder = Folder::new();
    let (ledger, shipper) = started(&settings(folder.path()));
    let request_id = Ulid::new();
    for attempt in 1..=3 {
        open(&ledger, &about()).unwrap().settle(End::Deadline);
        let about = About { request_id, attempt, ..about() };
        open(&ledger, &about).unwrap().settle(End::Deadline);
    }
    shipper.flush().await.unwrap();
    let reader = Records::new(folder.path());
    let found = reader.find(Which::Request(request_id), 10).await.unwrap();
    assert_eq!(found.iter().map(|record| record.opening.attempt).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(reader.find(Which::Since(0), 2).await.unwrap().len(), 2);
    let last = found[2].opening.opened_at_ms;
    assert!(reader.find(Which::Since(last + 60_000), 2).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_drained_ledger_leaves_nothing_and_opens_nothing() {
    let folder = Folder::new();
    let settings = Settings { cores: 2, ..settings(folder.path()) };
    let (spools, shipper) = start(&settings).unwrap();
    let ledgers: Vec<_> = spools.into_iter().map(Ledger::new).collect();
    for ledger in &ledgers {
        open(ledger, &about()).unwrap().settle(End::Deadline);
    }
    let drained = shipper.drain(Duration::from_secs(10)).await;
    assert_eq!(drained, Drained::default());
    assert_eq!(open(&ledgers[0], &about()).err().unwrap().kind, Kind::Draining);
    assert_eq!(records(folder.path()).await.len(), 2);
    assert!(folder.files("spool").is_empty() && folder.files("lock").is_empty());
    assert!(matches!(shipper.flush().await, Err(ShipError::Ended)));
}

#[tokio::test]
async fn a_call_that_outlives_the_drain_is_settled_at_the_next_start() {
    let folder = Folder::new();
    let (ledger, shipper) = started(&settings(folder.path()));
    let entry = open(&ledger, &about()).unwrap();
    let drained = shipper.drain(Duration::from_secs(10)).await;
    assert_eq!((drained.running, drained.left), (1, Backlog::default()));
    entry.settle(End::Shutdown);
    drop((ledger, shipper));
    let (_ledger, shipper) = started(&settings(folder.path()));
    // The threads of the first ledger end a moment after it.
    for _ in 0..1_000 {
        shipper.flush().await.unwrap();
        if shipper.counts().shipped == 1 {
            break;
        }
    }
    let records = records(folder.path()).await;
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].settlement.ending, Ending::Shutdown);
}

#[tokio::test]
async fn a_drain_keeps_its_deadline() {
    let folder = Folder::new();
    fs::create_dir(folder.path().join("ledger.sqlite")).unwrap();
    let (ledger, shipper) = started(&settings(folder.path()));
    open(&ledger, &about()).unwrap().settle(End::Deadline);
    let drained = shipper.drain(Duration::from_millis(300)).await;
    assert_eq!(drained.left.lines, 2);
    assert_eq!(folder.files("spool").len(), 1);
}
