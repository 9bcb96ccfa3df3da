//! What a dead process left is carried on, once; what a living one writes is left alone.

use std::fs::{self, OpenOptions};
use std::io::Write;

use ulid::Ulid;

use super::scene::{Folder, about, core, ledger, open, records, settings, started};
use crate::spool::Instance;
use crate::{End, Ending};

/// Leaves what a process leaves that dies while calls run: so many settled ones, then one that had said so much.
fn die(folder: &Folder, settled: usize, said_bytes: &[u64]) -> Ulid {
    let (core, _, _) = core(folder.path(), 1 << 20);
    let ledger = ledger(&core);
    for _ in 0..settled {
        open(&ledger, &about()).unwrap().settle(End::Deadline);
    }
    let mut entry = open(&ledger, &about()).unwrap();
    for bytes in said_bytes {
        entry.said(*bytes);
    }
    let id = entry.id();
    std::mem::forget(entry);
    // The forgotten entry holds its claim as no dead process does; a new file in its place is free.
    for lock in folder.files("lock") {
        fs::remove_file(lock).unwrap();
    }
    id
}

async fn endings(folder: &Folder) -> Vec<Ending> {
    records(folder.path()).await.iter().map(|record| record.settlement.ending).collect()
}

#[tokio::test]
async fn a_call_that_nobody_settled_is_settled_as_orphaned() {
    let folder = Folder::new();
    let id = die(&folder, 1, &[100, 20_000, 20_001]);
    let (_ledger, shipper) = started(&settings(folder.path()));
    shipper.flush().await.unwrap();
    let records = records(folder.path()).await;
    assert_eq!(records.len(), 2);
    let orphan = records.iter().find(|record| record.opening.id == id).unwrap();
    assert_eq!(orphan.settlement.ending, Ending::Orphaned);
    assert_eq!(orphan.settlement.usage.input_fresh, 101);
    assert_eq!(orphan.settlement.usage.output, 5_000);
    assert!(orphan.settlement.usage.estimated);
    assert_eq!(orphan.settlement.latency_ms, None);
    assert_eq!(shipper.counts().orphaned, 1);
    assert!(folder.files("spool").is_empty());
    assert_eq!(folder.files("lock").len(), 1);
}

#[tokio::test]
async fn what_was_shipped_before_stays_as_it_is() {
    let folder = Folder::new();
    die(&folder, 3, &[]);
    let left = folder.files("spool").remove(0);
    let lines = fs::read(&left).unwrap();
    for _ in 0..2 {
        let (_ledger, shipper) = started(&settings(folder.path()));
        shipper.flush().await.unwrap();
        assert_eq!(endings(&folder).await.iter().filter(|ending| **ending == Ending::Deadline).count(), 3);
        assert_eq!(endings(&folder).await.len(), 4);
        assert!(folder.files("spool").is_empty());
        // As if the process had died before the file was removed, and with the settled lines lost.
        let opened: Vec<u8> =
            lines.split_inclusive(|byte| *byte == b'\n').step_by(2).flatten().copied().collect();
        fs::write(&left, opened).unwrap();
    }
}

#[tokio::test]
async fn a_living_instance_is_left_alone() {
    let folder = Folder::new();
    let (ledger, first) = started(&settings(folder.path()));
    let entry = open(&ledger, &about()).unwrap();
    let (_other, second) = started(&settings(folder.path()));
    second.flush().await.unwrap();
    assert_eq!(second.counts().orphaned, 0);
    assert_eq!(folder.files("spool").len(), 1);
    entry.settle(End::Shutdown);
    first.flush().await.unwrap();
    assert_eq!(endings(&folder).await, [Ending::Shutdown]);
}

#[tokio::test]
async fn a_torn_last_line_is_counted_and_what_it_says_never_happened() {
    let folder = Folder::new();
    let (core, place, _) = core(folder.path(), 1 << 20);
    open(&ledger(&core), &about()).unwrap().settle(End::Deadline);
    open(&ledger(&core), &about()).unwrap().settle(End::Deadline);
    drop(core);
    // All but the line feed of the last settled line.
    let file = OpenOptions::new().write(true).open(place.segment(1)).unwrap();
    file.set_len(file.metadata().unwrap().len() - 1).unwrap();

    let (_ledger, shipper) = started(&settings(folder.path()));
    shipper.flush().await.unwrap();
    let mut endings = endings(&folder).await;
    endings.sort_by_key(|ending| ending.label());
    assert_eq!(endings, [Ending::Deadline, Ending::Orphaned]);
    assert_eq!(shipper.counts().torn, 1);
    assert!(folder.files("spool").is_empty());
}

#[tokio::test]
async fn damaged_lines_are_counted_and_their_file_is_kept() {
    let folder = Folder::new();
    let (core, place, _) = core(folder.path(), 1 << 20);
    open(&ledger(&core), &about()).unwrap().settle(End::Deadline);
    let mut file = OpenOptions::new().append(true).open(place.segment(1)).unwrap();
    file.write_all(b"{\"opened\":{}}\n\n").unwrap();
    file.write_all(&[b'x'; 600 << 10]).unwrap();
    file.write_all(b"\n").unwrap();
    open(&ledger(&core), &about()).unwrap().settle(End::Shutdown);
    drop(core);

    let (_ledger, shipper) = started(&settings(folder.path()));
    shipper.flush().await.unwrap();
    let mut endings = endings(&folder).await;
    endings.sort_by_key(|ending| ending.label());
    assert_eq!(endings, [Ending::Deadline, Ending::Shutdown]);
    // The long line is read in pieces, each of which is damage.
    assert!((4..8).contains(&shipper.counts().damaged), "{:?}", shipper.counts());
    assert_eq!(folder.files("damaged").len(), 1);
    assert!(folder.files("spool").is_empty());
}

#[tokio::test]
async fn a_claim_on_nothing_is_removed() {
    let folder = Folder::new();
    let spool = folder.path().join("spool");
    fs::create_dir(&spool).unwrap();
    drop(Instance::new(&spool.into()).unwrap());
    assert_eq!(folder.files("lock").len(), 1);
    let (_ledger, shipper) = started(&settings(folder.path()));
    shipper.flush().await.unwrap();
    assert_eq!(folder.files("lock").len(), 1);
}
