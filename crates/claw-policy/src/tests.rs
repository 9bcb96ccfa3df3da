//! Deny by default, and never more than what was asked.

use std::sync::Arc;

use claw_hub::{Asked, Credential, Dialect, Request};

use super::*;

struct Mine;

fn rule(tenants: &[&str], groups: &[&str], models: &[&str]) -> Rule {
    let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Rule { tenants: own(tenants), users: own(&["*"]), groups: own(groups), models: own(models) }
}

/// The targets that a caller of tenant `acme` and group `staff` is permitted of two candidates.
fn permitted(rules: Vec<Rule>) -> Vec<String> {
    let caller = Caller {
        user: "u".into(),
        tenant: "acme".into(),
        groups: vec!["staff".into()],
        scopes: vec![],
        credential: Credential::Token,
        credential_id: "i".into(),
    };
    let target = |provider: &str, model: &str| Target {
        provider: provider.into(),
        model: model.into(),
        dialect: Dialect::OpenaiChat,
        facts: Arc::default(),
    };
    let candidates = vec![target("openai", "gpt-5"), target("ollama", "llama3.2")];
    let asked =
        Asked { caller: Arc::new(caller), request: Request::new(Dialect::OpenaiChat, "m"), candidates };
    let inspected = Proof::seal(&Mine, Inspected { asked, findings: vec![] });
    match Policy::new(rules).permit(inspected) {
        Ok(proof) => proof.get().targets().iter().map(|t| format!("{}/{}", t.provider, t.model)).collect(),
        Err(refusal) => {
            assert_eq!(refusal.kind, Kind::Forbidden);
            Vec::new()
        }
    }
}

#[test]
fn without_a_rule_nothing_is_allowed() {
    assert!(permitted(vec![]).is_empty());
}

#[test]
fn every_list_of_a_rule_must_match() {
    assert_eq!(permitted(vec![rule(&["acme"], &["staff"], &["openai/gpt-5"])]), ["openai/gpt-5"]);
    assert!(permitted(vec![rule(&["other"], &["*"], &["*"])]).is_empty());
    assert!(permitted(vec![rule(&["*"], &["admins"], &["*"])]).is_empty());
}

#[test]
fn a_star_matches_endings_and_nothing_else() {
    assert_eq!(permitted(vec![rule(&["*"], &["*"], &["openai/*"])]), ["openai/gpt-5"]);
    assert_eq!(permitted(vec![rule(&["*"], &["*"], &["ollama/llama*"])]), ["ollama/llama3.2"]);
    assert!(permitted(vec![rule(&["*"], &["*"], &["openai/gpt"])]).is_empty());
    assert_eq!(permitted(vec![rule(&["*"], &["*"], &["*"])]).len(), 2);
}

#[test]
fn rules_add_up() {
    let rules = vec![rule(&["*"], &["*"], &["openai/*"]), rule(&["acme"], &["*"], &["ollama/*"])];
    assert_eq!(permitted(rules).len(), 2);
}
