//! Secrets: where they come from, and that they go nowhere else.

use std::path::Path;
use std::sync::Arc;

use claw_hub::Secret;
use proptest::prelude::*;

use super::fixture::{Folder, NEEDED, options};
use crate::{
    Credentials, ForeignError, LoadOptions, Loaded, ReferenceError, ResolveSecret, SecretRef, parse,
};

fn with_key(reference: &str) -> String {
    format!("version = 1\n{NEEDED}\n[providers.p]\ndialect = 'openai_chat'\napi_keys = ['{reference}']")
}

fn key(loaded: &Loaded) -> &SecretRef {
    match &loaded.config.providers["p"].credentials {
        Credentials::ApiKeys { keys, .. } => &keys[0],
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_secret_is_read_again_where_it_was_read_first() {
    let folder = Folder::new();
    let loaded = folder.parse(&with_key("file:key.txt")).unwrap();
    assert_eq!(key(&loaded).current().expose(), "sk-from-a-file");
    folder.write("key.txt", "  sk-rotated \n");
    assert_eq!(key(&loaded).current().expose(), "sk-from-a-file");
    assert_eq!(key(&loaded).resolve().unwrap().expose(), "sk-rotated");
    folder.write("key.txt", "");
    assert!(matches!(key(&loaded).resolve(), Err(ReferenceError::Empty)));
}

#[test]
fn a_secret_in_the_file_is_refused_unless_it_is_allowed() {
    let folder = Folder::new();
    let text = with_key("sk-literal");
    assert_eq!(
        folder.problems(&text),
        [
            "line 14: providers.p.api_keys[0]: is a secret that is written into the file\n    hint: write it as env:NAME or file:PATH"
        ]
    );
    let loaded =
        parse(&text, folder.path(), LoadOptions { allow_literal_secrets: true, ..options() }).unwrap();
    assert_eq!(key(&loaded).resolve().unwrap().expose(), "sk-literal");
    assert!(!format!("{loaded:?}").contains("sk-literal"));
}

#[test]
fn a_secret_that_no_header_can_hold_is_refused_at_the_start() {
    let problems = Folder::new().problems(&with_key("env:SPACED"));
    assert_eq!(
        problems,
        ["line 14: providers.p.api_keys[0]: must be printable ASCII characters without spaces"]
    );
}

struct Store;

impl ResolveSecret for Store {
    fn resolve(&self, name: &str, key: Option<&str>) -> Result<Secret, ForeignError> {
        match (name, key) {
            ("prod/openai", Some("key")) => Ok(Secret::new("sk-from-aws")),
            _ => Err("access denied".into()),
        }
    }
}

#[test]
fn secrets_manager_is_asked_by_name_and_key() {
    let folder = Folder::new();
    let options = || LoadOptions { secrets_manager: Some(Arc::new(Store)), ..options() };
    let loaded = parse(&with_key("secretsmanager:prod/openai#key"), folder.path(), options()).unwrap();
    assert_eq!(key(&loaded).current().expose(), "sk-from-aws");
    assert_eq!(key(&loaded).reference().to_string(), "secretsmanager:prod/openai#key");
    let refused = parse(&with_key("secretsmanager:prod/other"), folder.path(), options()).unwrap_err();
    assert!(refused.to_string().contains("the secret prod/other cannot be read: access denied"), "{refused}");
    let unwired = folder.problems(&with_key("secretsmanager:prod/openai#key"));
    assert!(unwired[0].contains("nothing here can read AWS Secrets Manager"), "{unwired:?}");
}

/// Each of these puts a secret where it does not belong.
const MISPLACED: [&str; 9] = [
    "[providers.p]\ndialect = 'openai_chat'\napi_key = 'SECRET'",
    "[providers.p]\ndialect = 'openai_chat'\napi_keys = 'SECRET'",
    "[providers.p]\ndialect = 'openai_chat'\napi_keys = ['SECRET']",
    "[providers.p]\ndialect = 'openai_chat'\napi_keys = ['env:SECRET-']",
    "[providers.p]\ndialect = 'openai_chat'\nbase_url = 'https://u:SECRET@host'",
    "[providers.p]\ndialect = 'openai_chat'\nproxy = 'http://u:SECRET@host'",
    "[providers.p]\ndialect = 'openai_chat'\nheaders = { authorization = 'Bearer SECRET' }",
    "[[identity.keys]]\nid = 'a'\nscopes = ['admin']\nsha256 = 'SECRET'",
    "[providers.p]\ndialect = 'openai_chat'\napi_keys = ['SECRET",
];

#[test]
fn no_problem_shows_a_secret_that_stands_in_the_wrong_place() {
    let folder = Folder::new();
    for text in MISPLACED {
        let problems = folder.parse(&format!("version = 1\n{NEEDED}\n{text}")).unwrap_err();
        assert!(!format!("{problems} {problems:?}").contains("SECRET"), "{problems}");
    }
}

#[test]
fn no_problem_shows_what_a_reference_resolved_to() {
    let text = r#"
version = 1
[server]
listen = "env:S"
workers = "env:S"
strict = "env:S"
max_body = "env:S"
body_deadline = "env:S"
cors_origins = ["env:S"]
tls = { certificate = "env:S", key = "env:S" }
[[identity.issuers]]
issuer = "env:S"
jwks_file = "env:S"
client_ids = ["env:S"]
scope_prefix = "env:S"
[[identity.keys]]
id = "env:S"
sha256 = "env:S"
scopes = ["env:S"]
expires = "env:S"
[[policy.allow]]
models = ["env:S"]
[guard]
block_patterns = ["env:S"]
[providers.p]
dialect = "env:S"
[providers.q]
dialect = "bedrock_converse"
base_url = "env:S"
auth = "env:S"
auth_header = "env:S"
regions = ["env:S"]
aws = { assume_role = "env:S", endpoint_is_signed_as = "env:S" }
models = ["env:S"]
proxy = "env:S"
extra_ca = "env:S"
headers = { a = "env:S" }
[models.m]
targets = ["env:S"]
[ledger]
folder = "env:S"
region = "env:S"
[telemetry]
log = "env:S"
log_format = "env:S"
"#;
    for secret in ["hunter2 (*\n", "hunter2/*(", "https://hunter2@x"] {
        let options = LoadOptions { env: Arc::new(|_: &str| Some(secret.to_owned())), ..options() };
        let problems = parse(text, Path::new("/nonexistent"), options).unwrap_err();
        assert!(problems.0.len() > 20, "{problems}");
        assert!(!format!("{problems} {problems:?}").contains("hunter2"), "{problems}");
    }
}

proptest! {
    #[test]
    fn no_key_shows_in_what_was_loaded(secret in "[!-~]{12,40}") {
        let shown = secret.clone();
        let options = LoadOptions { env: Arc::new(move |_: &str| Some(secret.clone())), ..options() };
        let text = format!("{}\nheaders = {{ x-vendor = 'env:HEADER' }}", with_key("env:SECRET"));
        let loaded = parse(&text, Path::new("."), options).unwrap();
        prop_assert_eq!(key(&loaded).current().expose(), shown.as_str());
        let printed = format!("{loaded:?} {:#?}", loaded.config);
        prop_assert!(!printed.contains(&shown), "{}", printed);
    }
}
