//! What is held while a call runs. Whoever holds gives back, however the call ends.

use ulid::Ulid;

/// Gives back what was held.
pub trait Release: Send + Sync {
    /// Called exactly once for each hold, when it ends.
    fn release(&self, hold: Ulid);
}

/// A reservation for one call. Dropping it releases it, so a call that is cut off in any way releases too.
pub struct Hold {
    id: Ulid,
    release: std::sync::Arc<dyn Release>,
}

impl Hold {
    /// Begins a reservation that `release` ends.
    pub fn new(id: Ulid, release: std::sync::Arc<dyn Release>) -> Self {
        Self { id, release }
    }

    /// The reservation's id, as records name it.
    pub const fn id(&self) -> Ulid {
        self.id
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.release.release(self.id);
    }
}
