//! What the tests have in common: a folder that goes away, keys of stages that come before, and calls to open.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use claw_hub::{
    Caller, Credential, Dialect, Hold, Permitted, Proof, Refusal, Release, Request, Scope, Target,
};
use ulid::Ulid;

use crate::meter::Meter;
use crate::spool::{Core, Instance, Log, Place};
use crate::{About, CallKind, Entry, Ledger, Record, Records, Settings, Shipper, Spool, Which, start};

/// The key of the policy that the tests play.
pub(super) struct Judged;
/// The key of the limits that the tests play.
pub(super) struct Reserved;

/// A folder of its own, removed with everything in it.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("claw-ledger-{}", Ulid::new()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The spool's files with this ending, by name.
    pub(super) fn files(&self, ending: &str) -> Vec<PathBuf> {
        spool_files(&self.0, ending)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The files with this ending in the spool of a ledger's folder, by name.
pub(super) fn spool_files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder.join("spool"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    files.sort();
    files
}

/// Settings that do not keep a test waiting.
pub(super) fn settings(folder: &Path) -> Settings {
    Settings { flush_every: Duration::from_millis(5), ..Settings::new(folder, "here") }
}

/// Starts a ledger of one core.
pub(super) fn started(settings: &Settings) -> (Ledger<Judged, Reserved>, Shipper) {
    let (mut spools, shipper) = start(settings).unwrap();
    (Ledger::new(spools.remove(0)), shipper)
}

/// A core of its own, without threads: when it is dropped, its process is as good as dead.
pub(super) fn core(folder: &Path, segment_bytes: u64) -> (Arc<Core>, Place, Arc<Meter>) {
    let spool: Arc<Path> = folder.join("spool").into();
    std::fs::create_dir_all(&spool).unwrap();
    let instance = Arc::new(Instance::new(&spool).unwrap());
    let place = Place { folder: spool, instance: instance.id(), core: 0 };
    let meter = Arc::new(Meter::default());
    let log = Log::new(place.clone(), segment_bytes);
    let core = Core::new(log, "here".into(), Arc::clone(&meter), instance);
    (Arc::new(core), place, meter)
}

/// A ledger that writes to this core.
pub(super) fn ledger(core: &Arc<Core>) -> Ledger<Judged, Reserved> {
    Ledger::new(Spool::new(Arc::clone(core)))
}

/// What a test says of its calls.
pub(super) fn about() -> About {
    About {
        request_id: Ulid::new(),
        caller: Arc::new(Caller {
            user: "ada".into(),
            tenant: "engines".into(),
            groups: Vec::new(),
            scopes: vec![Scope::ChatWrite],
            credential: Credential::ApiKey,
            credential_id: "key-1".into(),
        }),
        kind: CallKind::Chat,
        door: "openai_chat",
        asked_model: "best".into(),
        stream: true,
        attempt: 1,
        tags: vec!["cost-centre \"7\"".to_owned()],
        asked_bytes: 401,
    }
}

/// Opens a call, as the pipeline does.
pub(super) fn open(ledger: &Ledger<Judged, Reserved>, about: &About) -> Result<Entry, Refusal> {
    struct Nothing;
    impl Release for Nothing {
        fn release(&self, _: Ulid) {}
    }
    let target = Target {
        provider: "acme".into(),
        model: "acme-large".into(),
        dialect: Dialect::OpenaiChat,
        facts: Arc::default(),
    };
    let permitted = Permitted::new(Request::new(Dialect::OpenaiChat, "best"), vec![target]);
    let permit = Proof::seal(&Judged, permitted);
    let hold = Proof::seal(&Reserved, Hold::new(Ulid::new(), Arc::new(Nothing)));
    ledger.open(&permit.pick(0).unwrap(), &hold, about).map(Proof::into_inner)
}

/// All records of the folder's database.
pub(super) async fn records(folder: &Path) -> Vec<Record> {
    Records::new(folder).find(Which::Since(0), 10_000).await.unwrap()
}

/// Waits until something holds that another thread brings about.
pub(super) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..2_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("in vain: {what}");
}
