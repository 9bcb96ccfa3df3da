//! Running, draining, cut: what the whole process is doing, told to every connection and stream.

use tokio::sync::watch;

/// What the process is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It serves.
    Running,
    /// It ends what it began and takes nothing new.
    Draining,
    /// The drain deadline has passed: what still runs ends with an error that its client can read.
    Cut,
}

/// Sees the phase.
pub type PhaseWatch = watch::Receiver<Phase>;
/// Changes the phase.
pub type PhaseSender = watch::Sender<Phase>;

/// A phase that begins with `Running`.
pub fn phases() -> (PhaseSender, PhaseWatch) {
    watch::channel(Phase::Running)
}
