//! Which crate may see which. Dependencies run one way: the binary to edge and stages, these to the hub.

use crate::manifest;
use crate::{Finding, Tree};

/// Every crate, and the crates of this workspace that it may name. `*` is all of them.
const MAY_SEE: [(&str, &[&str]); 17] = [
    ("claw-hub", &[]),
    ("claw-dialect", &["claw-hub"]),
    ("claw-edge", &["claw-hub", "claw-dialect"]),
    ("claw-identity", &["claw-hub"]),
    ("claw-limit", &["claw-hub"]),
    ("claw-guard", &["claw-hub"]),
    ("claw-policy", &["claw-hub"]),
    ("claw-route", &["claw-hub"]),
    ("claw-catalogue", &["claw-hub"]),
    ("claw-provider", &["claw-hub", "claw-dialect"]),
    ("claw-ledger", &["claw-hub"]),
    ("claw-telemetry", &["claw-hub"]),
    ("claw-config", &["claw-hub"]),
    ("claw-simulator", &[]),
    ("openclaw-gateway", &["*"]),
    ("claw-bench", &[]),
    ("claw-tidy", &[]),
];

/// Sockets, runtimes and databases.
const IO: &[&str] =
    &["tokio", "hyper", "hyper-util", "hyper-rustls", "tokio-rustls", "reqwest", "socket2", "sqlx"];
/// Readers of JSON that keep no places and let a duplicate key win.
const JSON: &[&str] = &["serde_json", "simd-json", "sonic-rs"];

/// What a crate's production code does not name, and why.
const WITHOUT: [(&str, &[&[&str]], &str); 12] = [
    ("claw-hub", &[IO, JSON, &["serde"]], "the hub is plain values, which no foreign JSON fits"),
    ("claw-dialect", &[IO, JSON, &["serde"]], "a codec is pure and reads JSON with its places"),
    ("claw-identity", &[IO], "identity is decided without asking anyone"),
    ("claw-limit", &[IO, JSON], "limits are decided without asking anyone"),
    ("claw-guard", &[IO], "the guard is decided without asking anyone"),
    ("claw-policy", &[IO, JSON], "policy is decided without asking anyone"),
    ("claw-route", &[IO, JSON], "routing is decided without asking anyone"),
    ("claw-catalogue", &[IO, JSON], "the catalogue is data"),
    ("claw-config", &[IO], "configuration is checked before anything runs"),
    ("claw-edge", &[JSON, &["sqlx"]], "the edge sees foreign JSON only through claw-dialect"),
    ("claw-provider", &[JSON, &["sqlx"]], "the provider sees foreign JSON only through claw-dialect"),
    ("claw-ledger", &[&["hyper", "hyper-util", "reqwest"]], "the ledger knows no HTTP"),
];

/// No crate sees another that it must not know, and every crate is in the table.
pub fn runs_one_way(tree: &Tree) -> Vec<Finding> {
    let (manifests, workspace, mut findings) = manifest::manifests(tree);
    for manifest in &manifests {
        let Some((_, may_see)) = MAY_SEE.iter().find(|(name, _)| *name == manifest.name) else {
            let what =
                format!("`{}` is not in the table of tidy/src/graph.rs: say what it may see", manifest.name);
            findings.push(manifest.file.finding(manifest.file.line_of("name"), what));
            continue;
        };
        for dependency in manifest.dependencies(&workspace) {
            let ours = MAY_SEE.iter().any(|(name, _)| *name == dependency.package);
            if ours && !may_see.iter().any(|name| *name == "*" || *name == dependency.package) {
                let what = format!("`{}` must not see `{}`", manifest.name, dependency.package);
                findings.push(manifest.file.finding(manifest.file.line_of(&dependency.package), what));
            }
        }
    }
    findings
}

/// Crates that decide or translate name no socket, no runtime, no database and no other reader of JSON.
pub fn keeps_io_and_foreign_json_out(tree: &Tree) -> Vec<Finding> {
    let (manifests, workspace, mut findings) = manifest::manifests(tree);
    for manifest in &manifests {
        let Some((_, without, why)) = WITHOUT.iter().find(|(name, _, _)| *name == manifest.name) else {
            continue;
        };
        for dependency in manifest.dependencies(&workspace).iter().filter(|dependency| !dependency.dev) {
            if without.iter().any(|list| list.contains(&dependency.package.as_str())) {
                let what = format!("`{}` must not use `{}`: {why}", manifest.name, dependency.package);
                findings.push(manifest.file.finding(manifest.file.line_of(&dependency.package), what));
            }
        }
    }
    findings
}

/// Every crate takes the lints of the workspace, which forbid unsafe code.
pub fn takes_the_lints(tree: &Tree) -> Vec<Finding> {
    let (manifests, _, mut findings) = manifest::manifests(tree);
    for manifest in &manifests {
        let taken = manifest.table.get("lints").and_then(|lints| lints.get("workspace")?.as_bool());
        if taken != Some(true) {
            findings.push(manifest.file.finding(1, "without `[lints] workspace = true`"));
        }
    }
    let Some(root) = tree.get("Cargo.toml") else { return findings };
    if !root.text.contains("\nunsafe_code = \"forbid\"\n") {
        findings
            .push(root.finding(root.line_of("[workspace.lints"), "`unsafe_code = \"forbid\"` is missing"));
    }
    findings
}

/// Every crate of the table is there.
pub fn names_no_crate_that_is_gone(tree: &Tree) -> Vec<Finding> {
    let (manifests, _, mut findings) = manifest::manifests(tree);
    let names = MAY_SEE.iter().map(|(name, _)| *name).chain(WITHOUT.iter().map(|(name, _, _)| *name));
    for name in names.filter(|name| !manifests.iter().any(|manifest| manifest.name == *name)) {
        let what = format!("`{name}` is in the table, but there is no such crate");
        findings.push(Finding { path: "tidy/src/graph.rs".to_owned(), line: 1, what });
    }
    findings
}
