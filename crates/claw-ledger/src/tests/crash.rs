//! A process that is killed while it calls loses nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use super::scene::{Folder, Judged, Reserved, about, open, settings, started};
use crate::{End, Ending, Ledger, Settings, start};

/// The folder that the process writes to which is killed.
const FOLDER: &str = "CLAW_LEDGER_DOOMED_FOLDER";
const ROUNDS: u64 = 20;
const CORES: u16 = 2;

fn doomed_settings(folder: &Path) -> Settings {
    Settings { cores: CORES, segment_bytes: 20_000, ..settings(folder) }
}

#[test]
fn a_process_that_calls_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let (spools, _shipper) = start(&doomed_settings(folder.as_ref())).unwrap();
    thread::scope(|scope| {
        for spool in spools {
            scope.spawn(|| call_for_ever(&Ledger::new(spool)));
        }
    });
}

/// Keeps some calls running, and says which it opened and settled, afterwards.
fn call_for_ever(ledger: &Ledger<Judged, Reserved>) {
    let mut running = Vec::new();
    loop {
        let entry = open(ledger, &about()).unwrap();
        tell('o', &entry.id().to_string());
        running.push(entry);
        if running.len() > 5 {
            let entry = running.swap_remove(running.len() / 2);
            let id = entry.id().to_string();
            entry.settle(End::Deadline);
            tell('s', &id);
        }
    }
}

/// One write, so that what was said is whole when the process dies.
fn tell(what: char, id: &str) {
    std::io::stdout().write_all(format!("{what} {id}\n").as_bytes()).unwrap();
}

/// Runs the process for a while, kills it, and collects what it said.
fn run_and_kill(
    folder: &Path,
    life: Duration,
    opened: &mut BTreeSet<String>,
    settled: &mut BTreeSet<String>,
) {
    let mut doomed = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "tests::crash::a_process_that_calls_until_it_is_killed"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(doomed.stdout.take().unwrap()).lines().map_while(Result::ok);
    let (first, begun) = sync_channel(1);
    let said = thread::spawn(move || {
        let begin = lines.by_ref().find(|line| line.starts_with("o "));
        first.send(()).unwrap();
        begin.into_iter().chain(lines).collect::<Vec<_>>()
    });
    begun.recv_timeout(Duration::from_secs(30)).unwrap();
    assert!(begun.recv_timeout(life).is_err());
    doomed.kill().unwrap();
    doomed.wait().unwrap();
    for line in said.join().unwrap() {
        match line.split_once(' ') {
            Some(("o", id)) if id.len() == 26 => opened.insert(id.to_owned()),
            Some(("s", id)) if id.len() == 26 => settled.insert(id.to_owned()),
            _ => false,
        };
    }
}

#[tokio::test]
async fn every_call_of_a_killed_process_has_exactly_one_record() {
    let folder = Folder::new();
    let (mut opened, mut settled) = (BTreeSet::new(), BTreeSet::new());
    for round in 0..ROUNDS {
        // From a moment to long enough that files are shipped and removed.
        let life = Duration::from_millis(round * round * 3 / 2);
        run_and_kill(folder.path(), life, &mut opened, &mut settled);
    }
    assert!(opened.len() > 100 && settled.len() > 100, "{} opened, {} settled", opened.len(), settled.len());
    let (_ledger, shipper) = started(&settings(folder.path()));
    shipper.flush().await.unwrap();
    assert_eq!(shipper.counts().damaged, 0);
    assert!(folder.files("spool").is_empty(), "nothing is left");

    let mut found = BTreeMap::new();
    for record in all(folder.path()).await {
        let twice = found.insert(record.0.clone(), record.1);
        assert_eq!(twice, None, "{} has two records", record.0);
    }
    for id in &opened {
        assert!(found.contains_key(id), "{id} has no record");
    }
    for id in &settled {
        assert_eq!(found[id], Ending::Deadline, "{id}");
    }
    // A call may be opened, and not told of, by each core in each life.
    assert!(found.len() <= opened.len() + (ROUNDS * u64::from(CORES)) as usize);
}

/// All records, in pages.
async fn all(folder: &Path) -> Vec<(String, Ending)> {
    let reader = crate::Records::new(folder);
    let mut found: BTreeMap<String, Ending> = BTreeMap::new();
    let mut since_ms = 0;
    loop {
        let page = reader.find(crate::Which::Since(since_ms), 10_000).await.unwrap();
        let before = found.len();
        for record in page {
            since_ms = record.opening.opened_at_ms;
            found.insert(record.opening.id.to_string(), record.settlement.ending);
        }
        if found.len() == before {
            return found.into_iter().collect();
        }
    }
}
