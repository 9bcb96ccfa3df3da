//! The one HTTP client that opens sockets to providers.
//!
//! It makes one attempt at one target: the request in the target's dialect, the right address, path, headers and credential, the deadlines,
//! and the reply as bytes. It does not choose targets, retry elsewhere, meter or guard; it reads no configuration, and it sees no reply's JSON
//! but through `claw-dialect`. A call needs two proofs: that policy permitted the target, and that the ledger knows of the call.

mod attempt;
mod aws;
mod base_url;
mod body;
mod credentials;
mod deadline;
mod endpoint;
mod failure;
mod headers;
mod keys;
pub mod operations;
mod provider;
mod rotation;
mod settings;
mod transport;
mod upstream;

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use claw_hub::{Call, Kind, Losses, Proof, Refusal, Retry};

pub use base_url::{BaseUrl, BaseUrlError};
pub use keys::{FixedKey, KeyError, KeySource};
pub use settings::{AssumedRole, Auth, AuthHeader, Aws, Deadlines, Endpoint, Settings, SetupError};
pub use transport::{Dial, Dialling, Wire};
pub use upstream::Upstream;

use provider::Provider;
use transport::Sockets;

/// All configured providers. `P` is the key of the stage that permits, `L` that of the ledger.
///
/// A connection is driven by the runtime that opened it, so each single-threaded runtime wants its own.
pub struct Providers<P, L> {
    named: HashMap<Arc<str>, Provider>,
    opened: Arc<AtomicU64>,
    keys: PhantomData<fn() -> (P, L)>,
}

/// A call that was answered.
#[derive(Debug)]
pub struct Opened {
    /// What the translation of the request changed or dropped.
    pub losses: Losses,
    /// Whether the request's own bytes went, but for the listed splices.
    pub forwarded: bool,
    /// The answer.
    pub reply: Reply,
    /// The provider's own id of the call, where it said one.
    pub provider_request_id: Option<String>,
}

/// The answer, in the dialect of the target.
#[derive(Debug)]
pub enum Reply {
    /// All of it.
    Whole(Bytes),
    /// As it comes.
    Stream(Upstream),
}

impl<P, L> Providers<P, L> {
    /// Prepares all providers. Nothing is sent, and no credential of AWS is looked for, before the first call.
    ///
    /// # Errors
    /// Settings that cannot work.
    pub fn new(settings: Vec<Settings>) -> Result<Self, SetupError> {
        Self::over(settings, &Sockets::Tcp)
    }

    /// The same over other streams than TCP, for tests: `dial` is asked for each connection, and TLS and a proxy are spoken over what it gives.
    ///
    /// # Errors
    /// Settings that cannot work.
    pub fn with_connector(settings: Vec<Settings>, dial: Arc<Dial>) -> Result<Self, SetupError> {
        Self::over(settings, &Sockets::Given(dial))
    }

    fn over(settings: Vec<Settings>, sockets: &Sockets) -> Result<Self, SetupError> {
        let opened = Arc::new(AtomicU64::new(0));
        let mut named = HashMap::with_capacity(settings.len());
        for settings in settings {
            let name = settings.name.clone();
            let provider = Provider::new(settings, sockets, &opened)?;
            if named.insert(name.clone(), provider).is_some() {
                return Err(SetupError::Twice { name });
            }
        }
        Ok(Self { named, opened, keys: PhantomData })
    }

    /// Makes one call: sends the request to its target and waits for the head of the answer, and for all of it where the request is not for a stream.
    /// Dropping the future cancels the call.
    ///
    /// # Errors
    /// What the provider refused, in the words of its dialect; that it cannot be reached, does not answer in time, or answers nonsense; or that the
    /// request cannot be said to it.
    pub async fn open<E>(&self, call: &Proof<P, Call<'_>>, _entry: &Proof<L, E>) -> Result<Opened, Refusal> {
        let call = call.get();
        let name = &call.target().provider;
        match self.named.get(name) {
            Some(provider) => attempt::open(provider, call).await,
            None => {
                let message = format!("provider `{name}` is not configured");
                Err(Refusal::gateway(Kind::Internal, Retry::Never, message))
            }
        }
    }

    /// How many connections were opened since the start, lookups of AWS credentials included.
    pub fn connections_opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests;
