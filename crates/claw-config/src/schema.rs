//! Every table of the file and its keys, gathered from the modules that read them.
//!
//! It serves hints ("that key belongs in another table") and the test that the reference documents every key.

use crate::{checked, guard, identity, ledger, limits, models, policy, providers, server, telemetry};

/// Each table under the path that the reference gives it, with its keys.
pub(crate) const TABLES: [(&str, &[&str]); 17] = [
    ("", checked::KEYS),
    ("server", server::KEYS),
    ("server.tls", server::TLS_KEYS),
    ("identity", identity::KEYS),
    ("identity.issuers", identity::ISSUER_KEYS),
    ("identity.keys", identity::KEY_KEYS),
    ("policy", policy::KEYS),
    ("policy.allow", policy::RULE_KEYS),
    ("guard", guard::KEYS),
    ("providers", &[]),
    ("providers.NAME", providers::KEYS),
    ("providers.NAME.aws", providers::AWS_KEYS),
    ("models", &[]),
    ("models.NAME", models::KEYS),
    ("limits", limits::KEYS),
    ("ledger", ledger::KEYS),
    ("telemetry", telemetry::KEYS),
];

/// The table that has a key of that name, if exactly one has.
pub(crate) fn table_of(key: &str) -> Option<&'static str> {
    let mut tables = TABLES.iter().filter(|(table, keys)| !table.is_empty() && keys.contains(&key));
    match (tables.next(), tables.next()) {
        (Some((table, _)), None) => Some(table),
        _ => None,
    }
}
