//! The whole file, checked: what the rest of the gateway is built from.

use std::collections::BTreeMap;

use crate::guard::{self, Guard};
use crate::identity::{self, Identity};
use crate::ledger::{self, Ledger};
use crate::limits::{self, Limits};
use crate::models::{self, Models};
use crate::name::ProviderName;
use crate::policy::{self, Policy};
use crate::problem::Fault;
use crate::providers::{self, Provider};
use crate::reader::Reader;
use crate::server::{self, Server};
use crate::telemetry::{self, Telemetry};

pub(crate) const KEYS: &[&str] = &[
    "version",
    "server",
    "identity",
    "policy",
    "guard",
    "providers",
    "models",
    "limits",
    "ledger",
    "telemetry",
];

/// The only form of the file so far.
const VERSION: u64 = 1;

/// A configuration in which everything is what it has to be.
#[derive(Debug)]
pub struct Checked {
    /// The listeners.
    pub server: Server,
    /// Who is believed.
    pub identity: Identity,
    /// Who may use what.
    pub policy: Policy,
    /// What no prompt may contain.
    pub guard: Guard,
    /// Who answers.
    pub providers: BTreeMap<ProviderName, Provider>,
    /// Names of our own for models.
    pub models: Models,
    /// How much at once.
    pub limits: Limits,
    /// Where records are kept.
    pub ledger: Ledger,
    /// What is logged.
    pub telemetry: Telemetry,
}

/// Reads the whole file. What could not be read has its default, and a problem: nobody may use it then.
pub(crate) fn read(root: &Reader<'_>) -> Checked {
    root.require("version");
    if let Some(item) = root.item("version")
        && item.whole(&(0..=u64::MAX)).is_some_and(|version| version != VERSION)
    {
        item.refuse(Fault::new("is a version that this program does not know").hint("write version = 1"));
    }
    let providers = providers::read(root);
    let models = models::read(root, &providers);
    Checked {
        server: server::read(&root.table("server", server::KEYS)),
        identity: identity::read(&root.table("identity", identity::KEYS)),
        policy: policy::read(&root.table("policy", policy::KEYS), &providers.checked, &models),
        guard: guard::read(&root.table("guard", guard::KEYS)),
        limits: limits::read(&root.table("limits", limits::KEYS)),
        ledger: ledger::read(&root.table("ledger", ledger::KEYS)),
        telemetry: telemetry::read(&root.table("telemetry", telemetry::KEYS)),
        providers: providers.checked,
        models,
    }
}
