//! What the documents say: the examples can be loaded, and the reference tells the truth about every key.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::fixture::{Folder, options};
use crate::schema::TABLES;
use crate::{LoadOptions, load};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn reference() -> String {
    std::fs::read_to_string(repository().join("docs/reference/configuration.md")).unwrap()
}

/// The path of each documented key, with its default where the line has one.
fn documented(reference: &str) -> Vec<(&str, Option<&str>)> {
    let lines = reference.lines().filter_map(|line| line.strip_prefix("- `"));
    let keys = lines.filter_map(|line| line.split_once('`')).filter(|(_, rest)| rest.starts_with(", "));
    keys.map(|(path, rest)| {
        let default = rest.split_once(", default `").and_then(|(_, rest)| rest.split_once('`'));
        (path, default.map(|(default, _)| default))
    })
    .collect()
}

#[test]
fn every_example_is_loaded_without_a_warning() {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(repository().join("examples")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let env = |name: &str| {
            // Each key has a hash of its own.
            let digit = name.len() % 10;
            Some(if name.ends_with("SHA256") { digit.to_string().repeat(64) } else { format!("sk-{name}") })
        };
        let loaded = load(&path, LoadOptions { env: Arc::new(env), ..options() });
        let loaded = loaded.unwrap_or_else(|problems| panic!("{}: {problems}", path.display()));
        assert_eq!(loaded.warnings, [], "{}", path.display());
        names.push(path.file_stem().unwrap().to_str().unwrap().to_owned());
    }
    names.sort();
    assert_eq!(names, ["anthropic", "bedrock", "ollama", "openai", "openai-compatible-vendor", "production"]);
}

#[test]
fn the_reference_has_every_key_and_no_other() {
    let tables: BTreeSet<_> = TABLES.iter().map(|(table, _)| (*table).to_owned()).collect();
    let mut known = BTreeSet::new();
    for (table, keys) in TABLES {
        let prefix = if table.is_empty() { String::new() } else { format!("{table}.") };
        known.extend(keys.iter().map(|key| format!("{prefix}{key}")).filter(|path| !tables.contains(path)));
    }
    let reference = reference();
    let documented: Vec<_> = documented(&reference).iter().map(|(path, _)| (*path).to_owned()).collect();
    let unique: BTreeSet<_> = documented.iter().cloned().collect();
    assert_eq!(unique.len(), documented.len(), "a key is documented twice");
    assert_eq!(known, unique);
}

/// What each table must have, so that a file of all tables is a good one.
const REQUIRED: [(&str, &str); 6] = [
    ("", "version = 1"),
    ("identity.issuers", "issuer = 'https://a.example'\njwks_file = 'jwks.json'\nclient_ids = ['a']"),
    (
        "identity.keys",
        "id = 'a'\nscopes = ['admin']\nsha256 = '0000000000000000000000000000000000000000000000000000000000000000'",
    ),
    ("policy.allow", "models = ['*']"),
    ("providers.NAME", "dialect = 'bedrock_converse'\nregions = ['us-east-1']"),
    ("models.NAME", "targets = ['p/m']"),
];

/// A file of all tables, with the defaults that the reference names written out, or without.
fn file(defaults: &[(&str, Option<&str>)], written: bool) -> (String, usize) {
    let (mut text, mut count) = (String::new(), 0);
    for (table, keys) in TABLES.iter().filter(|(table, _)| *table != "server.tls") {
        let name = table.replace("NAME", "p");
        let required = REQUIRED.iter().find(|(of, _)| of == table).map_or("", |(_, lines)| lines);
        match *table {
            "" => writeln!(text, "{required}").unwrap(),
            "identity.issuers" | "identity.keys" | "policy.allow" => {
                writeln!(text, "[[{name}]]\n{required}").unwrap();
            }
            _ => writeln!(text, "[{name}]\n{required}").unwrap(),
        }
        for (path, default) in defaults.iter().filter(|_| written) {
            let key = path.strip_prefix(table).and_then(|rest| rest.strip_prefix('.'));
            if let (Some(key), Some(default)) = (key.filter(|key| keys.contains(key)), default) {
                writeln!(text, "{key} = {default}").unwrap();
                count += 1;
            }
        }
    }
    (text, count)
}

#[test]
fn the_reference_names_the_true_defaults() {
    let folder = Folder::new();
    let reference = reference();
    let documented = documented(&reference);
    let (explicit, count) = file(&documented, true);
    assert_eq!(count, documented.iter().filter(|(_, default)| default.is_some()).count());
    assert!(count > 30, "the reference names {count} defaults");
    let load = |text: &str| folder.parse(text).unwrap_or_else(|problems| panic!("{problems}\n{text}"));
    let with = load(&explicit);
    let without = load(&file(&documented, false).0);
    assert_eq!(format!("{:#?}", with.config), format!("{:#?}", without.config));
}
