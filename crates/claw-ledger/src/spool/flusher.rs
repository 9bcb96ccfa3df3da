//! The thread that writes the spool through to the disk, so that no core ever waits for a disk to turn. It knows nothing of
//! lines or of the database.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use super::Core;

/// The running thread; it ends when this is dropped.
pub(crate) struct Flusher {
    _alive: SyncSender<()>,
}

impl Flusher {
    /// Starts the thread: each `every`, lines that wait are tried again and what is new is written through.
    /// `over_bound` is asked at the same time whether the backlog is too long.
    pub(crate) fn start(
        cores: Arc<[Arc<Core>]>,
        every: Duration,
        over_bound: impl Fn() -> bool + Send + 'static,
    ) -> io::Result<Self> {
        let (alive, ended) = sync_channel::<()>(1);
        thread::Builder::new().name("ledger-flush".to_owned()).spawn(move || {
            while ended.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                let over = over_bound();
                for core in &*cores {
                    core.retry();
                    core.sync();
                    core.set_over_bound(over);
                }
            }
        })?;
        Ok(Self { _alive: alive })
    }
}
