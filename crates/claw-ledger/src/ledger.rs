//! The stage: opens the record of a call before the provider is called. It knows neither the database nor the provider.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use claw_hub::{Call, Hold, Kind, Proof, Refusal, Retry};

use crate::spool::{AppendError, Spool};
use crate::{About, Entry, Opening};

/// A full disk or a long backlog does not go away sooner.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The key of this stage: a `Proof<Key, Entry>` says that the call's record is open. Only this crate can make one.
pub struct Key(());

/// The ledger of one core. `P` is the key of the policy, `H` that of the limits.
pub struct Ledger<P, H> {
    spool: Spool,
    after: PhantomData<fn() -> (P, H)>,
}

impl<P, H> Ledger<P, H> {
    /// The ledger that writes to this spool.
    pub const fn new(spool: Spool) -> Self {
        Self { spool, after: PhantomData }
    }

    /// Opens the record of a call. When this returns, the opened line is with the operating system.
    ///
    /// # Errors
    /// The line cannot be appended (a full disk, a backlog over its bound, a shutdown): the provider must not be called, and
    /// nothing is owed.
    pub fn open(
        &self,
        call: &Proof<P, Call<'_>>,
        hold: &Proof<H, Hold>,
        about: &About,
    ) -> Result<Proof<Key, Entry>, Refusal> {
        let core = self.spool.core();
        let opening = Opening::new(call.get(), hold.get(), about, core.region());
        let head = core.open(&opening).map_err(refusal)?;
        let entry = Entry::new(Arc::clone(core), opening.id, head, about.asked_bytes);
        Ok(Proof::seal(&Key(()), entry))
    }
}

fn refusal(error: AppendError) -> Refusal {
    let (kind, message) = match error {
        AppendError::Closed => (Kind::Draining, "the gateway is shutting down"),
        AppendError::Io(_) | AppendError::Waiting | AppendError::Backlog => {
            (Kind::Overloaded, "the gateway cannot record usage now")
        }
    };
    Refusal::gateway(kind, Retry::After(RETRY_AFTER), message).because(error)
}
