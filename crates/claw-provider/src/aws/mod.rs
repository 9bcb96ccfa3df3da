//! AWS credentials: resolved at the first call, kept, and renewed before they end. It does not know what is signed with them.

mod chain;
mod http_client;
mod sign;

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwapOption;
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::identity::Identity;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

pub(crate) use chain::resolver;
pub(crate) use http_client::HttpClient;
pub(crate) use sign::sign;
#[cfg(test)]
pub(crate) use sign::sign_at;

/// Credentials are renewed when they have less than this to live, or at half their life if that is later.
const RENEW_BEFORE: Duration = Duration::from_secs(5 * 60);

/// Credentials that do not say when they end are looked up again after this time, in case they were replaced.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(15 * 60);

/// All sources of the chain together get this long.
const RESOLVE_WITHIN: Duration = Duration::from_secs(15);

/// After a failure, or after new credentials were refused too, the chain is left alone for this long, however many requests want credentials.
const RETRY_EVERY: Duration = Duration::from_secs(1);

type BoxError = Box<dyn Error + Send + Sync>;
pub(crate) type Resolving = Pin<Box<dyn Future<Output = Result<Credentials, BoxError>> + Send>>;
pub(crate) type Resolve = Box<dyn Fn() -> Resolving + Send + Sync>;

/// Why there are no credentials.
#[derive(Clone, Debug, thiserror::Error)]
#[error("no AWS credentials: {0}")]
pub(crate) struct NoSession(Arc<str>);

/// Credentials and how long they are good.
pub(crate) struct Session {
    identity: Identity,
    credentials: Credentials,
    fresh_until: Instant,
    ends_at: Option<Instant>,
}

/// The credentials of one provider.
#[derive(Clone)]
pub(crate) struct Sessions(Arc<Shared>);

struct Shared {
    resolve: Resolve,
    signing_name: String,
    current: ArcSwapOption<Session>,
    /// The last attempt to resolve. Whoever holds this resolves; the others wait and then use what was resolved.
    last: Mutex<Option<Attempt>>,
}

struct Attempt {
    at: Instant,
    failure: Option<NoSession>,
    /// Whether it was made because the credentials at hand were refused.
    after_refusal: bool,
}

impl Session {
    pub(crate) fn new(credentials: Credentials) -> Self {
        let now = Instant::now();
        let left = credentials
            .expiry()
            .map(|expiry| expiry.duration_since(SystemTime::now()).unwrap_or(Duration::ZERO));
        let fresh_for = match left {
            Some(left) => left.saturating_sub(RENEW_BEFORE).max(left / 2),
            None => LOOK_AGAIN_AFTER,
        };
        Self {
            identity: credentials.clone().into(),
            credentials,
            fresh_until: now + fresh_for,
            ends_at: left.map(|left| now + left),
        }
    }

    fn is_alive(&self) -> bool {
        self.ends_at.is_none_or(|end| Instant::now() < end)
    }

    fn is_same_as(&self, other: &Self) -> bool {
        self.credentials.access_key_id() == other.credentials.access_key_id()
            && self.credentials.session_token() == other.credentials.session_token()
    }
}

impl Sessions {
    pub(crate) fn new(resolve: Resolve, signing_name: String) -> Self {
        let current = ArcSwapOption::empty();
        Self(Arc::new(Shared { resolve, signing_name, current, last: Mutex::new(None) }))
    }

    /// The service's name in signatures.
    pub(crate) fn signing_name(&self) -> &str {
        &self.0.signing_name
    }

    /// Credentials that are good now. They are renewed in the background while they are still good; only who comes when there are none waits.
    pub(crate) async fn current(&self) -> Result<Arc<Session>, NoSession> {
        let current = self.0.current.load_full().filter(|session| session.is_alive());
        match current {
            Some(session) if Instant::now() < session.fresh_until => Ok(session),
            Some(session) => {
                let shared = self.0.clone();
                tokio::spawn(async move { shared.renew_ahead().await });
                Ok(session)
            }
            None => self.0.resolve_once().await,
        }
    }

    /// Credentials that are not those that were refused, if there are any.
    pub(crate) async fn after(&self, refused: &Session) -> Option<Arc<Session>> {
        self.0.resolve_other_than(refused).await
    }
}

impl Shared {
    async fn renew_ahead(&self) {
        let Ok(mut last) = self.last.try_lock() else { return };
        let is_fresh = |session: Arc<Session>| Instant::now() < session.fresh_until;
        let was_just_tried = last.as_ref().is_some_and(|last| last.at.elapsed() < RETRY_EVERY);
        if !was_just_tried && !self.current.load_full().is_some_and(is_fresh) {
            // A failure is told when it matters: when the old credentials have ended.
            let _ = self.resolve(&mut last, false).await;
        }
    }

    async fn resolve_once(&self) -> Result<Arc<Session>, NoSession> {
        let mut last = self.last.lock().await;
        if let Some(session) = self.current.load_full().filter(|session| session.is_alive()) {
            return Ok(session);
        }
        if let Some(Attempt { at, failure: Some(failure), .. }) = &*last
            && at.elapsed() < RETRY_EVERY
        {
            return Err(failure.clone());
        }
        self.resolve(&mut last, false).await
    }

    async fn resolve_other_than(&self, refused: &Session) -> Option<Arc<Session>> {
        let mut last = self.last.lock().await;
        let current = self.current.load_full().filter(|session| !session.is_same_as(refused));
        if current.is_some() {
            return current;
        }
        if last.as_ref().is_some_and(|last| last.after_refusal && last.at.elapsed() < RETRY_EVERY) {
            return None;
        }
        self.resolve(&mut last, true).await.ok().filter(|session| !session.is_same_as(refused))
    }

    async fn resolve(
        &self,
        last: &mut Option<Attempt>,
        after_refusal: bool,
    ) -> Result<Arc<Session>, NoSession> {
        let resolved = match timeout(RESOLVE_WITHIN, (self.resolve)()).await {
            Ok(Ok(credentials)) => Ok(Arc::new(Session::new(credentials))),
            Ok(Err(error)) => Err(NoSession(in_full(&*error).into())),
            Err(_) => Err(NoSession(format!("no source answered within {RESOLVE_WITHIN:?}").into())),
        };
        let failure = resolved.as_ref().err().cloned();
        *last = Some(Attempt { at: Instant::now(), failure, after_refusal });
        if let Ok(session) = &resolved {
            self.current.store(Some(session.clone()));
        }
        resolved
    }
}

/// An error with all its causes in one line, because it is told to several requests and can be owned by none.
fn in_full(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests;
