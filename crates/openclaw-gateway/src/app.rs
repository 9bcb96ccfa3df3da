//! The stages in their order. This file alone names which stage follows which: a proof of one is asked for by the next.

use std::sync::Arc;
use std::time::{Duration, Instant};

use claw_edge::{BodyLimits, PhaseWatch, ServeSettings};
use claw_ledger::Shipper;
use claw_limit::Gauges;
use claw_telemetry::Metrics;

/// Says who is calling.
pub type Identity = claw_identity::Identity;
/// How much: after identity; holds what policy permitted.
pub type Limit = claw_limit::Limit<claw_identity::Key, claw_policy::Key>;
/// Where it could go: after admission; plans what policy permitted.
pub type Route = claw_route::Route<claw_limit::Key, claw_policy::Key>;
/// What is said: after routing.
pub type Guard = claw_guard::Guard<claw_route::Key>;
/// Where it may go: after the guard.
pub type Policy = claw_policy::Policy<claw_guard::Key>;
/// What is recorded: a permitted call, with what is held for it.
pub type Ledger = claw_ledger::Ledger<claw_policy::Key, claw_limit::Key>;
/// Who answers: a permitted call whose record is open.
pub type Providers = claw_provider::Providers<claw_policy::Key, claw_ledger::Key>;

/// The stages that all cores share.
pub struct Stages {
    /// Says who is calling.
    pub identity: Identity,
    /// How much.
    pub limit: Limit,
    /// Where it could go.
    pub route: Route,
    /// What is said.
    pub guard: Guard,
    /// Where it may go.
    pub policy: Policy,
    /// How requests are served.
    pub terms: Terms,
    /// What the edge needs to know.
    pub edge: Arc<ServeSettings>,
}

/// How requests are served.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How much of a body is read, and how long.
    pub body: BodyLimits,
    /// When the head of a stream goes out at the latest.
    pub commit_after: Duration,
    /// How long a stream may be silent.
    pub keep_alive_every: Duration,
    /// Whether losses in translation are refused for everyone.
    pub strict: bool,
}

/// What lives as long as the process, whatever the configuration.
pub struct Shared {
    /// What is counted.
    pub metrics: Metrics,
    /// What is in flight.
    pub gauges: Arc<Gauges>,
    /// What the process is doing.
    pub phase: PhaseWatch,
    /// What ships the spool; it tells the backlog.
    pub shipper: Arc<Shipper>,
    /// When the process began.
    pub started: Instant,
}

/// Everything that one core needs to serve, under one configuration. A request keeps the one it began with.
pub struct App {
    /// The stages that all cores share.
    pub stages: Arc<Stages>,
    /// This core's spool.
    pub ledger: Arc<Ledger>,
    /// This core's connections to providers.
    pub providers: Providers,
    /// What lives as long as the process.
    pub shared: Arc<Shared>,
}
