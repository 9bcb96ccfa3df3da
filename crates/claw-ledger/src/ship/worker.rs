//! The shipping thread: finds what is new in the spools, ours and those of the dead, and carries it to the store.
//!
//! It may wait for disks and databases as long as it likes: nobody waits for it but who asks it to. What it holds is bounded
//! by one batch for each spool.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::handle::{self, Command, Drained, Parts, Progress};
use super::tail::Tail;
use crate::spool::{self, Adopted, Extent, Place};
use crate::store::Store;
use crate::{Record, StoreError};

/// How soon a settled call is in the database, when all is well.
const SHIP_EVERY: Duration = Duration::from_millis(200);
/// After failures it is tried less and less often, down to this.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// How often it is looked for instances that died beside us.
const ADOPT_EVERY: Duration = Duration::from_secs(10);
/// So many records of one spool go into one transaction.
const RECORDS_MAX: usize = 256;

/// Why records were not carried to the database now. They stay in the spool.
#[derive(Debug, thiserror::Error)]
pub enum ShipError {
    /// The database refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The spool cannot be read.
    #[error("the ledger's spool cannot be read")]
    Spool(#[from] io::Error),
    /// Settled lines are still in memory, because the disk refuses them.
    #[error("the ledger's spool cannot be written")]
    Waiting,
    /// The ledger was closed.
    #[error("the ledger is closed")]
    Ended,
}

/// The state of the thread.
pub(super) struct Worker {
    parts: Parts,
    store: Store,
    progress: Arc<Progress>,
    own: Vec<Tail>,
    dead: Vec<Dead>,
    adopt_at: Instant,
    failures: u32,
}

/// What a dead instance left.
struct Dead {
    claim: Adopted,
    tails: Vec<Tail>,
}

impl Worker {
    pub(super) fn new(parts: Parts, store: Store, progress: Arc<Progress>) -> Self {
        let tail = |core| {
            let folder = Arc::clone(&parts.folder);
            Tail::new(Place { folder, instance: parts.instance.id(), core })
        };
        let own = (0..).zip(&*parts.cores).map(|(core, _)| tail(core)).collect();
        Self { parts, store, progress, own, dead: Vec::new(), adopt_at: Instant::now(), failures: 0 }
    }

    /// Ships until the handle is dropped, or it is asked to end.
    pub(super) async fn run(mut self, mut asked: Receiver<Command>) {
        let mut pause = Duration::ZERO;
        loop {
            match timeout(pause, asked.recv()).await {
                Err(_) => pause = self.attempt().await,
                Ok(Some(Command::Flush(reply))) => {
                    self.adopt_at = Instant::now();
                    // Whoever asked may be gone; then nobody wants to know.
                    let _ = reply.send(self.pass().await);
                }
                Ok(Some(Command::Drain(deadline, reply))) => {
                    let _ = reply.send(self.drain(deadline.into()).await);
                    return;
                }
                Ok(None) => return,
            }
        }
    }

    /// Ships what is there, and says how long to wait before the next time.
    async fn attempt(&mut self) -> Duration {
        match self.pass().await {
            Ok(()) => {
                if std::mem::take(&mut self.failures) > 0 {
                    tracing::info!("the ledger ships records again");
                }
                SHIP_EVERY
            }
            Err(error) => {
                if self.failures == 0 {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::warn!(%error, cause, "the ledger cannot ship records; they wait in the spool");
                }
                self.failures = self.failures.saturating_add(1);
                SHIP_EVERY.saturating_mul(1 << self.failures.min(10)).min(PAUSE_MAX)
            }
        }
    }

    /// Ships all that is settled now.
    async fn pass(&mut self) -> Result<(), ShipError> {
        let outcome = self.ship_all().await;
        if outcome.is_err() {
            self.parts.meter.ship_failures.add(1);
        }
        let left = self.dead.iter().flat_map(|dead| &dead.tails).map(Tail::unshipped_bytes).sum();
        self.progress.adopted_bytes.store(left, Ordering::Relaxed);
        outcome
    }

    async fn ship_all(&mut self) -> Result<(), ShipError> {
        for core in &*self.parts.cores {
            core.retry();
        }
        // Taken once, so that this ends however fast the cores write.
        let extents: Vec<Extent> = self.parts.cores.iter().map(|core| core.extent()).collect();
        let mut outcome = self.adopt();
        while self.round(&extents, &mut outcome).await? {}
        outcome = outcome.and(self.bury());
        if self.parts.cores.iter().any(|core| core.waiting_lines() > 0) {
            outcome = outcome.and(Err(ShipError::Waiting));
        }
        outcome
    }

    /// Ships one batch of each spool in one transaction, and says whether there was any. A spool that cannot be read does
    /// not keep the others waiting.
    async fn round(
        &mut self,
        extents: &[Extent],
        outcome: &mut Result<(), ShipError>,
    ) -> Result<bool, ShipError> {
        let meter = &self.parts.meter;
        let own = self.own.iter_mut().zip(extents).map(|(tail, extent)| (tail, *extent, false));
        let dead = self.dead.iter_mut().flat_map(|dead| &mut dead.tails);
        let mut found = Vec::new();
        for (tail, extent, dead) in own.chain(dead.map(|tail| (tail, Extent::default(), true))) {
            let mut batch = tail.read(extent, RECORDS_MAX);
            if dead && matches!(batch, Ok(None)) {
                batch = tail.orphans(RECORDS_MAX);
            }
            match batch {
                Ok(Some(batch)) => found.push((tail, batch)),
                Ok(None) => {}
                Err(error) => *outcome = Err(error.into()),
            }
        }
        let records: Vec<&Record> = found.iter().flat_map(|(_, batch)| &batch.records).collect();
        self.store.insert(&records).await?;
        meter.shipped.add(records.len() as u64);
        let moved = !found.is_empty();
        for (tail, batch) in found {
            tail.shipped(&batch);
            meter.orphaned.add(batch.orphans());
            meter.damaged.add(batch.damaged);
            meter.torn.add(batch.torn);
        }
        self.publish();
        Ok(moved)
    }

    fn publish(&self) {
        let lines = self.own.iter().map(|tail| tail.progress().lines).sum();
        let bytes = self.own.iter().map(|tail| tail.progress().bytes).sum();
        self.progress.lines.store(lines, Ordering::Release);
        self.progress.bytes.store(bytes, Ordering::Release);
    }

    /// Takes over what instances left that died since the last time.
    fn adopt(&mut self) -> Result<(), ShipError> {
        if Instant::now() < self.adopt_at {
            return Ok(());
        }
        self.adopt_at = Instant::now() + ADOPT_EVERY;
        for claim in spool::adopt(&self.parts.folder)? {
            let place = |core| Place { folder: Arc::clone(&self.parts.folder), instance: claim.id(), core };
            let tails = claim.cores.iter().map(|(core, numbers)| Tail::of(place(*core), numbers)).collect();
            tracing::info!(instance = %claim.id(), "the ledger carries on what a dead process left");
            self.dead.push(Dead { claim, tails });
        }
        Ok(())
    }

    /// Removes the files of which nothing is left to ship.
    fn bury(&mut self) -> Result<(), ShipError> {
        let mut outcome = Ok(());
        for tail in self.own.iter_mut().chain(self.dead.iter_mut().flat_map(|dead| &mut dead.tails)) {
            outcome = outcome.and(tail.remove_finished());
        }
        self.dead.retain(|dead| {
            let empty = dead.tails.iter().all(Tail::is_empty);
            if empty && let Err(error) = dead.claim.retire() {
                outcome = Err(error);
            }
            !empty
        });
        outcome.map_err(ShipError::from)
    }

    /// Ships all, trying until the deadline, writes through to the disk and leaves as little behind as it can.
    async fn drain(&mut self, deadline: Instant) -> Drained {
        let shipped = timeout_at(deadline, async {
            while self.pass().await.is_err() {
                sleep_until(Instant::now() + SHIP_EVERY).await;
            }
            for core in &*self.parts.cores {
                core.seal();
            }
            self.pass().await
        });
        let shipped = matches!(shipped.await, Ok(Ok(())));
        for core in &*self.parts.cores {
            core.sync();
        }
        let running = self.own.iter().map(Tail::running).sum();
        if shipped && self.own.iter().all(Tail::is_empty) {
            // A claim on nothing that stays behind is removed at the next start.
            let _ = self.parts.instance.retire();
        }
        Drained { left: handle::backlog(&self.parts.cores, &self.progress), running }
    }
}
