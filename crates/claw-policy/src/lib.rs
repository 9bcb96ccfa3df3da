//! Decides which of the candidate targets a caller may use. Deny by default; what is permitted is a subset of what was asked, never more.
//! It knows no wire format, no load and no price.

use std::marker::PhantomData;

use claw_hub::{Caller, Inspected, Kind, Permitted, Proof, Refusal, Target};

/// The key that only this stage can make.
pub struct Key(());

/// A rule that allows. Each list must match; `*` alone matches everything, at the end of a word it matches any ending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Tenants.
    pub tenants: Vec<String>,
    /// Users.
    pub users: Vec<String>,
    /// Groups; a caller without groups matches only `*`.
    pub groups: Vec<String>,
    /// Final targets, as `provider/model`.
    pub models: Vec<String>,
}

/// The stage. `B` is the key of the stage before.
pub struct Policy<B> {
    rules: Vec<Rule>,
    after: PhantomData<fn() -> B>,
}

impl<B> Policy<B> {
    /// A policy of these rules.
    pub fn new(rules: Vec<Rule>) -> Self {
        Self { rules, after: PhantomData }
    }

    /// Permits what the rules allow.
    ///
    /// # Errors
    /// `Forbidden`: no rule allows any of the targets to this caller.
    pub fn permit(&self, inspected: Proof<B, Inspected>) -> Result<Proof<Key, Permitted>, Refusal> {
        let asked = inspected.into_inner().asked;
        let mut targets = asked.candidates;
        targets.retain(|target| self.allows(&asked.caller, target));
        if targets.is_empty() {
            return Err(Refusal::caller(
                Kind::Forbidden,
                format!(
                    "no policy allows you the model `{}`: ask your administrator, or choose one that /v1/models lists",
                    asked.request.model
                ),
            ));
        }
        Ok(Proof::seal(&Key(()), Permitted::new(asked.request, targets)))
    }

    /// Whether a caller may use a target; the same decision as [`Self::permit`], for lists of models.
    pub fn allows(&self, caller: &Caller, target: &Target) -> bool {
        self.rules.iter().any(|rule| {
            rule.tenants.iter().any(|pattern| matches(pattern, &caller.tenant))
                && rule.users.iter().any(|pattern| matches(pattern, &caller.user))
                && rule.groups.iter().any(|pattern| {
                    pattern == "*" || caller.groups.iter().any(|group| matches(pattern, group))
                })
                && rule.models.iter().any(|pattern| matches_target(pattern, target))
        })
    }
}

fn matches(pattern: &str, word: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => word.starts_with(beginning),
        None => pattern == word,
    }
}

/// Matches `provider/model` without building it.
fn matches_target(pattern: &str, target: &Target) -> bool {
    if pattern == "*" {
        return true;
    }
    match pattern.split_once('/') {
        Some((provider, model)) => provider == &*target.provider && matches(model, &target.model),
        None => pattern.strip_suffix('*').is_some_and(|beginning| target.provider.starts_with(beginning)),
    }
}

#[cfg(test)]
mod tests;
