//! How much at once: calls in flight, for each caller and for all. Nothing here waits, and nothing here is asked of another machine.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use claw_hub::{Caller, Hold, Kind, Permitted, Proof, Refusal, Release, Retry};
use ulid::Ulid;

/// The key that only this stage can make.
pub struct Key(());

/// So many callers are remembered before those with nothing in flight are forgotten.
const CALLERS_MAX: usize = 10_000;
/// What a refused caller is told to wait.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Requests of one caller that may be in flight on this instance.
    pub concurrency_per_caller: u32,
    /// Calls of all callers that may be in flight on this instance.
    pub requests_in_flight_max: u32,
}

/// A caller by tenant and user.
type Name = (Arc<str>, Arc<str>);

/// Counts what is in flight. Shared by all cores, and kept when the configuration changes.
#[derive(Default)]
pub struct Gauges {
    callers: RwLock<HashMap<Name, Arc<Gauge>>>,
    calls: Arc<Gauge>,
}

impl Gauges {
    /// How many calls are in flight.
    pub fn calls_in_flight(&self) -> u32 {
        self.calls.0.load(Ordering::Relaxed)
    }

    fn of(&self, caller: &Caller) -> Arc<Gauge> {
        let key = (caller.tenant.clone(), caller.user.clone());
        if let Some(gauge) = self.callers.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return gauge.clone();
        }
        let mut callers = self.callers.write().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= CALLERS_MAX {
            callers.retain(|_, gauge| gauge.0.load(Ordering::Relaxed) > 0);
        }
        callers.entry(key).or_default().clone()
    }
}

#[derive(Default)]
struct Gauge(AtomicU32);

impl Gauge {
    /// Takes one place, if there is one below `max`. The hold gives it back.
    fn take(self: Arc<Self>, max: u32) -> Option<Hold> {
        if self.0.fetch_add(1, Ordering::Relaxed) < max {
            return Some(Hold::new(Ulid::new(), self));
        }
        self.0.fetch_sub(1, Ordering::Relaxed);
        None
    }
}

impl Release for Gauge {
    fn release(&self, _: Ulid) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The stage. `I` is identity's key, `P` is policy's.
pub struct Limit<I, P> {
    settings: Settings,
    gauges: Arc<Gauges>,
    after: PhantomData<fn() -> (I, P)>,
}

impl<I, P> Limit<I, P> {
    /// Sets the stage up.
    pub fn new(settings: Settings, gauges: Arc<Gauges>) -> Self {
        Self { settings, gauges, after: PhantomData }
    }

    /// Lets a caller in, before anything expensive is done for it. The hold is to be kept until the request has ended.
    ///
    /// # Errors
    /// `RateLimited`: too many requests of this caller are in flight.
    pub fn admit(&self, caller: Proof<I, Arc<Caller>>) -> Result<(Proof<Key, Arc<Caller>>, Hold), Refusal> {
        let caller = caller.into_inner();
        let max = self.settings.concurrency_per_caller;
        let Some(hold) = self.gauges.of(&caller).take(max) else {
            let mut refusal = Refusal::caller(
                Kind::RateLimited,
                format!("{max} of your requests are in flight, which is the limit: wait for one to end"),
            );
            refusal.retry = Retry::After(RETRY_AFTER);
            return Err(refusal);
        };
        Ok((Proof::seal(&Key(()), caller), hold))
    }

    /// Holds what a permitted call needs while it runs.
    ///
    /// # Errors
    /// `Overloaded`: the gateway has no room for another call.
    pub fn hold(&self, _permitted: &Proof<P, Permitted>) -> Result<Proof<Key, Hold>, Refusal> {
        match self.gauges.calls.clone().take(self.settings.requests_in_flight_max) {
            Some(hold) => Ok(Proof::seal(&Key(()), hold)),
            None => Err(Refusal::gateway(
                Kind::Overloaded,
                Retry::After(RETRY_AFTER),
                "the gateway is busy: try again in a second",
            )),
        }
    }
}

#[cfg(test)]
mod tests;
