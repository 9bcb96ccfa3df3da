//! The disk refuses: no call is opened, none that runs is lost, and it goes on when there is room again.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use claw_hub::{Kind, Retry};

use super::scene::{self, Folder, about, core, ledger, open, records, settings, started, until};
use crate::{End, Ending};

/// The folder that the process with a limit writes to.
const LIMITED_FOLDER: &str = "CLAW_LEDGER_LIMITED_FOLDER";

#[test]
fn nothing_is_called_when_the_disk_is_full() {
    let folder = Folder::new();
    let (core, place, meter) = core(folder.path(), 1 << 20);
    symlink("/dev/full", place.segment(1)).unwrap();
    let refusal = open(&ledger(&core), &about()).err().unwrap();
    assert_eq!(refusal.kind, Kind::Overloaded);
    assert!(matches!(refusal.retry, Retry::After(_)));
    assert_eq!((meter.counts().refused, meter.counts().append_failures), (1, 1));
    assert_eq!(core.extent().lines, 0);
    // The file that could be neither written nor cut is given up.
    let entry = open(&ledger(&core), &about()).unwrap();
    entry.settle(End::Deadline);
    assert_eq!(fs::read_to_string(place.segment(2)).unwrap().lines().count(), 2);
}

#[tokio::test]
async fn a_settled_line_waits_for_the_disk_and_nothing_is_opened_meanwhile() {
    let folder = Folder::new();
    let (core, place, meter) = core(folder.path(), 1);
    let entry = open(&ledger(&core), &about()).unwrap();
    symlink("/dev/full", place.segment(2)).unwrap();
    symlink("/dev/full", place.segment(3)).unwrap();
    entry.settle(End::Done { stop: None });
    assert_eq!(core.waiting_lines(), 1);
    assert_eq!(open(&ledger(&core), &about()).err().unwrap().kind, Kind::Overloaded);
    core.retry();
    assert_eq!(core.waiting_lines(), 1);
    core.retry();
    assert_eq!(core.waiting_lines(), 0);
    assert_eq!(meter.counts().dropped, 0);
    drop(open(&ledger(&core), &about()).unwrap());
    drop(core);

    let (_, shipper) = started(&settings(folder.path()));
    shipper.flush().await.unwrap();
    let mut endings: Vec<_> =
        records(folder.path()).await.iter().map(|record| record.settlement.ending.label()).collect();
    endings.sort_unstable();
    assert_eq!(endings, ["cancelled", "done"]);
    assert!(folder.files("spool").is_empty());
}

#[tokio::test]
async fn the_flusher_tries_again() {
    let folder = Folder::new();
    let (ledger, shipper) = started(&crate::Settings { segment_bytes: 1, ..settings(folder.path()) });
    let entry = open(&ledger, &about()).unwrap();
    let second = folder.files("spool")[0].to_str().unwrap().replace("-00000001.", "-00000002.");
    symlink("/dev/full", second).unwrap();
    entry.settle(End::Shutdown);
    until("the waiting line is written", || shipper.backlog().waiting_lines == 0).await;
    shipper.flush().await.unwrap();
    assert_eq!(records(folder.path()).await[0].settlement.ending, Ending::Shutdown);
    assert_eq!(shipper.counts().append_failures, 1);
}

#[test]
fn half_a_line_is_cut_off_before_the_next() {
    let folder = Folder::new();
    // The limit comes from a shell, because a signal can only be ignored there without unsafe code.
    let outcome = Command::new("sh")
        .arg("-c")
        .arg("trap '' XFSZ; ulimit -f 8; exec \"$0\" --exact --nocapture tests::disk::a_process_with_a_limit")
        .arg(std::env::current_exe().unwrap())
        .env(LIMITED_FOLDER, folder.path())
        .output()
        .unwrap();
    assert!(outcome.status.success(), "{}", String::from_utf8_lossy(&outcome.stdout));
    assert!(String::from_utf8_lossy(&outcome.stdout).contains("the limit was met"));
}

#[test]
fn a_process_with_a_limit() {
    let Some(folder) = std::env::var_os(LIMITED_FOLDER) else { return };
    let (core, place, meter) = core(folder.as_ref(), 1 << 20);
    let ledger = ledger(&core);
    let mut entries = Vec::new();
    while let Ok(entry) = open(&ledger, &about()) {
        entries.push(entry);
    }
    let whole = fs::read_to_string(place.segment(1)).unwrap();
    assert_eq!(whole.lines().count(), entries.len());
    assert!(whole.ends_with('\n') && entries.len() > 2, "{} lines", entries.len());
    assert_eq!(meter.counts().append_failures, 1);
    let many = entries.len() as u64;
    drop(entries);
    assert_eq!(core.waiting_lines(), many);
    assert_eq!(fs::read_to_string(place.segment(1)).unwrap(), whole);
    println!("the limit was met");
}

#[tokio::test]
async fn a_backlog_over_its_bound_refuses_calls_until_it_is_shipped() {
    let folder = Folder::new();
    let database = folder.path().join("ledger.sqlite");
    fs::create_dir(&database).unwrap();
    let (ledger, shipper) = started(&crate::Settings { backlog_bytes_max: 5_000, ..settings(folder.path()) });
    let mut opened = 0_usize;
    let mut refused = None;
    until("a call is refused", || {
        match open(&ledger, &about()) {
            Ok(_) => opened += 1,
            Err(refusal) => refused = Some(refusal.kind),
        }
        refused.is_some()
    })
    .await;
    assert_eq!(refused, Some(Kind::Overloaded));
    fs::remove_dir(&database).unwrap();
    shipper.flush().await.unwrap();
    until("a call is opened again", || scene::open(&ledger, &about()).is_ok()).await;
    shipper.flush().await.unwrap();
    assert_eq!(records(folder.path()).await.len(), opened + 1);
}
