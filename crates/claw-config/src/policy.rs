//! `[policy]`: who may use which model. What no rule allows is denied.
//!
//! Rules are judged on the final `provider/model` of every target; a name from `[models]` in a rule stands for
//! its targets, so that no name of ours can widen what is allowed.

mod pattern;

pub use pattern::Pattern;

use std::collections::BTreeMap;

use crate::models::Models;
use crate::name::ProviderName;
use crate::problem::Fault;
use crate::providers::Provider;
use crate::reader::{Item, Reader};

pub(crate) const KEYS: &[&str] = &["allow"];
pub(crate) const RULE_KEYS: &[&str] = &["tenants", "users", "groups", "models"];

type Configured = BTreeMap<ProviderName, Provider>;

/// The checked `[policy]`.
#[derive(Debug)]
pub struct Policy {
    /// A call is allowed if one of them allows it.
    pub allow: Vec<Rule>,
}

/// A rule allows a call if each of its lists matches. No list is empty.
#[derive(Debug)]
pub struct Rule {
    /// Matches the caller's tenant.
    pub tenants: Vec<Pattern>,
    /// Matches the caller.
    pub users: Vec<Pattern>,
    /// Matches one of the caller's groups; [`Pattern::Any`] also matches a caller who has none.
    pub groups: Vec<Pattern>,
    /// Matches `provider/model`.
    pub models: Vec<Pattern>,
}

pub(crate) fn read(reader: &Reader<'_>, providers: &Configured, models: &Models) -> Policy {
    let rules = reader.tables("allow", RULE_KEYS);
    if rules.is_empty() {
        let fault = Fault::new("allows nothing: every request is denied");
        reader.place().warning(None, fault.hint("add [[policy.allow]] with models = [\"*\"] or narrower"));
    }
    Policy { allow: rules.iter().map(|rule| read_rule(rule, providers, models)).collect() }
}

fn read_rule(reader: &Reader<'_>, providers: &Configured, models: &Models) -> Rule {
    reader.require("models");
    let items = patterns(reader, "models").unwrap_or_default();
    let models = items.into_iter().flat_map(|(item, pattern)| reached(&item, pattern, providers, models));
    let anyone = |key| match patterns(reader, key) {
        Some(items) => items.into_iter().map(|(_, pattern)| pattern).collect(),
        None => vec![Pattern::Any],
    };
    Rule {
        models: models.collect(),
        tenants: anyone("tenants"),
        users: anyone("users"),
        groups: anyone("groups"),
    }
}

fn patterns<'a>(reader: &Reader<'a>, key: &'static str) -> Option<Vec<(Item<'a>, Pattern)>> {
    let items = reader.item(key)?.items()?;
    if items.is_empty() {
        let fault = Fault::new("must not be empty: the rule would allow nobody anything");
        reader.refuse(key, fault.hint("write [\"*\"] for all"));
    }
    let parsed = |item: Item<'a>| item.parsed(Pattern::parse).map(|pattern| (item, pattern));
    Some(items.into_iter().filter_map(parsed).collect())
}

/// What a pattern of a rule matches on: itself, or the targets of the name that it is.
fn reached(item: &Item<'_>, pattern: Pattern, providers: &Configured, models: &Models) -> Vec<Pattern> {
    if let Pattern::Exact(name) = &pattern
        && let Some(model) = models.named.get(name.as_str())
    {
        return model.targets.iter().map(|target| Pattern::Exact(target.to_string())).collect();
    }
    let offered = providers.values().any(|provider| {
        provider.models.listed.iter().any(|model| pattern.matches(&format!("{}/{model}", provider.name)))
            || (provider.models.any && pattern.may_match_below(&format!("{}/", provider.name)))
    });
    let mut targets = models.named.values().flat_map(|model| &model.targets);
    if !offered && !targets.any(|target| pattern.matches(&target.to_string())) {
        let fault = Fault::new("matches no model of any provider, and is no name in [models]");
        item.suspect(fault.hint("write provider/model, provider/*, * or a name in [models]"));
    }
    vec![pattern]
}
