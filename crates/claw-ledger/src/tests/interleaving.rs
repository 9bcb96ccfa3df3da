//! Whatever happens in whatever order (calls that open, settle, are dropped, files that change, shipping that fails, a power cut at
//! any byte), each call whose opened line survives has exactly one record, and it says what its settled line said.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};

use proptest::prelude::*;
use serde_json::Value;

use super::scene::{Folder, about, core, ledger, open, spool_files};
use crate::ship::Tail;
use crate::spool::{self, Extent};
use crate::{End, Ending, Entry};

#[derive(Clone, Debug)]
enum Step {
    Open,
    Settle(prop::sample::Index),
    Drop(prop::sample::Index),
    Say(prop::sample::Index, u64),
    Ship { records_max: usize, works: bool },
    Seal,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Open),
        3 => any::<prop::sample::Index>().prop_map(Step::Settle),
        1 => any::<prop::sample::Index>().prop_map(Step::Drop),
        1 => (any::<prop::sample::Index>(), 0..100_000_u64).prop_map(|(index, bytes)| Step::Say(index, bytes)),
        2 => (1..4_usize, any::<bool>()).prop_map(|(records_max, works)| Step::Ship { records_max, works }),
        1 => Just(Step::Seal),
    ]
}

/// The database as the tests play it: the first record of a call stays.
#[derive(Default)]
struct Database(HashMap<String, Ending>);

impl Database {
    /// Ships one batch, or reads it and fails.
    fn ship(&mut self, tail: &mut Tail, extent: Extent, records_max: usize, works: bool, dead: bool) -> bool {
        let mut batch = tail.read(extent, records_max).unwrap();
        if dead && batch.is_none() {
            batch = tail.orphans(records_max).unwrap();
        }
        let Some(batch) = batch else { return false };
        if works {
            for record in &batch.records {
                self.0.entry(record.opening.id.to_string()).or_insert(record.settlement.ending);
            }
            tail.shipped(&batch);
            tail.remove_finished().unwrap();
        }
        true
    }
}

/// One life of a process: what it did, and its death.
fn live(folder: &Folder, steps: &[Step], segment_bytes: u64, database: &mut Database) {
    let (core, place, _) = core(folder.path(), segment_bytes);
    let ledger = ledger(&core);
    let mut tail = Tail::new(place);
    let mut running: Vec<Entry> = Vec::new();
    for step in steps {
        match step {
            Step::Open => running.push(open(&ledger, &about()).unwrap()),
            Step::Settle(index) if !running.is_empty() => {
                running.swap_remove(index.index(running.len())).settle(End::Deadline);
            }
            Step::Drop(index) if !running.is_empty() => {
                drop(running.swap_remove(index.index(running.len())));
            }
            Step::Say(index, bytes) if !running.is_empty() => {
                let index = index.index(running.len());
                running[index].said(*bytes);
            }
            Step::Ship { records_max, works } => {
                database.ship(&mut tail, core.extent(), *records_max, *works, false);
            }
            Step::Seal => core.seal(),
            Step::Settle(_) | Step::Drop(_) | Step::Say(..) => {}
        }
    }
    running.into_iter().for_each(std::mem::forget);
    for lock in folder.files("lock") {
        fs::remove_file(lock).unwrap();
    }
}

/// Cuts the end of the file that was written to last, as a power cut may.
fn cut(folder: &Folder, bytes: u64) {
    if let Some(last) = folder.files("spool").last() {
        let file = OpenOptions::new().write(true).open(last).unwrap();
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(bytes)).unwrap();
    }
}

/// What must come out, read from the files without the code that is tested.
fn expected(folder: &Folder, database: &Database) -> HashMap<String, Ending> {
    let mut expected = HashMap::new();
    for path in spool_files(folder.path(), "spool") {
        let text = fs::read_to_string(path).unwrap();
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let line: Value = serde_json::from_str(line).unwrap();
            let Some(id) = line["opened"]["id"].as_str() else { continue };
            let ending = match line["settled"]["ending"].as_str() {
                None => Ending::Orphaned,
                Some("deadline") => Ending::Deadline,
                Some("cancelled") => Ending::Cancelled,
                Some(other) => panic!("{other}"),
            };
            let known = expected.entry(id.to_owned()).or_insert(ending);
            if ending != Ending::Orphaned {
                *known = ending;
            }
        }
    }
    expected.extend(database.0.clone());
    expected
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_surviving_call_has_exactly_one_record(
        lives in prop::collection::vec((prop::collection::vec(step(), 0..60), 0..1500_u64), 1..3),
        segment_bytes in 1..5_000_u64,
        records_max in 1..5_usize,
        fails in any::<bool>(),
    ) {
        let folder = Folder::new();
        let mut database = Database::default();
        for (steps, cut_bytes) in &lives {
            live(&folder, steps, segment_bytes, &mut database);
            cut(&folder, *cut_bytes);
            let expected = expected(&folder, &database);
            for claim in spool::adopt(&folder.path().join("spool").into()).unwrap() {
                for (core, numbers) in &claim.cores {
                    let folder = folder.path().join("spool").into();
                    let mut tail = Tail::of(spool::Place { folder, instance: claim.id(), core: *core }, numbers);
                    if fails {
                        database.ship(&mut tail, Extent::default(), records_max, false, true);
                    }
                    while database.ship(&mut tail, Extent::default(), records_max, true, true) {}
                    tail.remove_finished().unwrap();
                    prop_assert!(tail.is_empty());
                }
                claim.retire().unwrap();
            }
            prop_assert_eq!(&database.0, &expected);
            prop_assert!(folder.files("spool").is_empty());
        }
    }
}
