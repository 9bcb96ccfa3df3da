//! API keys: where they come from, whose turn it is, and reading one anew when the provider refuses it. It does not know where a key stands in
//! a request.

use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use claw_hub::Secret;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::rotation::Rotation;

/// A key is read anew at most this often, however many requests it fails.
const REREAD_EVERY: Duration = Duration::from_secs(1);

/// Where a key comes from.
pub trait KeySource: Send + Sync {
    /// The key as it was read last. It is called for every request and must not wait for anything.
    fn current(&self) -> Secret;

    /// Reads the key anew, because the provider refused it. From then on `current` gives what was read.
    fn reread(&self) -> Pin<Box<dyn Future<Output = Result<Secret, KeyError>> + Send + '_>>;
}

/// A key that could not be read anew.
#[derive(Debug, thiserror::Error)]
#[error("the key cannot be read: {reason}")]
pub struct KeyError {
    /// Why, for the log.
    pub reason: String,
}

/// A key that never changes, for tests and tools.
#[derive(Clone, Debug)]
pub struct FixedKey(Secret);

impl FixedKey {
    /// Takes the key.
    pub const fn new(key: Secret) -> Self {
        Self(key)
    }
}

impl KeySource for FixedKey {
    fn current(&self) -> Secret {
        self.0.clone()
    }

    fn reread(&self) -> Pin<Box<dyn Future<Output = Result<Secret, KeyError>> + Send + '_>> {
        Box::pin(ready(Ok(self.0.clone())))
    }
}

/// The keys of one provider.
pub(crate) struct KeyRing {
    keys: Vec<Key>,
    rotation: Rotation,
}

struct Key {
    source: Arc<dyn KeySource>,
    /// When it was read anew. Whoever holds this reads; the others wait and then use what was read.
    reread_at: Mutex<Option<Instant>>,
}

/// A key that is used for one request.
pub(crate) struct UsedKey {
    pub(crate) index: usize,
    pub(crate) secret: Secret,
}

impl KeyRing {
    pub(crate) fn new(sources: Vec<Arc<dyn KeySource>>) -> Self {
        let rotation = Rotation::new(sources.len());
        let key = |source| Key { source, reread_at: Mutex::new(None) };
        Self { keys: sources.into_iter().map(key).collect(), rotation }
    }

    /// The key whose turn it is; `None` only if there are none.
    pub(crate) fn next(&self) -> Option<UsedKey> {
        self.at(self.rotation.next())
    }

    /// What to try after a key was refused: the same key if it has changed meanwhile, else another one.
    pub(crate) async fn after(&self, refused: &UsedKey) -> Option<UsedKey> {
        let key = self.keys.get(refused.index)?;
        if let Some(secret) = key.changed_since(&refused.secret).await {
            return Some(UsedKey { index: refused.index, secret });
        }
        self.at(self.rotation.other_than(refused.index)?)
    }

    /// Lets a key rest that was refused.
    pub(crate) fn rest(&self, key: &UsedKey, how_long: Duration) {
        self.rotation.rest(key.index, how_long);
    }

    fn at(&self, index: usize) -> Option<UsedKey> {
        Some(UsedKey { index, secret: self.keys.get(index)?.source.current() })
    }
}

impl Key {
    async fn changed_since(&self, refused: &Secret) -> Option<Secret> {
        let mut reread_at = self.reread_at.lock().await;
        let is_fresh = |secret: &Secret| secret.expose() != refused.expose();
        let current = self.source.current();
        if is_fresh(&current) {
            return Some(current);
        }
        if reread_at.is_some_and(|at| at.elapsed() < REREAD_EVERY) {
            return None;
        }
        *reread_at = Some(Instant::now());
        // A key that cannot be read anew is as good as one that has not changed: the refusal that led here says more.
        self.source.reread().await.ok().filter(is_fresh)
    }
}
