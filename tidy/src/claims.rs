//! What the documents claim of the repository, as far as a program can look it up: names of tests, paths, recipes, crates.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::links::prose;
use crate::pattern::pattern;
use crate::{File, Finding, Tree};

static CODE: LazyLock<Regex> = LazyLock::new(|| pattern(r"`([^`\n]+)`"));
static FUNCTION: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bfn ([a-z0-9_]+)"));
static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[a-z0-9]+(_[a-z0-9]+){3,}$"));
static PATH: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+/?$|^[A-Za-z0-9_-]+\.(md|toml|rs)$"));
static RECIPE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^make ([a-z][a-z-]*)"));

/// The documents that speak of the repository's own files.
const OF_THE_HOUSE: [&str; 2] = ["ARCHITECTURE.md", "CONTRIBUTING.md"];
/// Beginnings of paths that are meant to lie in the repository.
const ROOTS: [&str; 10] =
    ["crates/", "tidy/", "docs/", "scripts/", "bench/", "examples/", "tests/", "deploy/", "console/", ".ci/"];

/// Every test that ARCHITECTURE.md and CONTRIBUTING.md name is there.
pub fn name_tests_that_exist(tree: &Tree) -> Vec<Finding> {
    let known: HashSet<&str> = tree
        .with_extension(&["rs"])
        .flat_map(|file| FUNCTION.captures_iter(&file.text).filter_map(|found| Some(found.get(1)?.as_str())))
        .collect();
    let settings: String =
        ["Cargo.toml", "clippy.toml"].iter().filter_map(|path| Some(tree.get(path)?.text.as_str())).collect();
    let gone = |code: &str| NAME.is_match(code) && !known.contains(code) && !settings.contains(code);
    claims(tree, &OF_THE_HOUSE, |code| gone(code).then(|| format!("there is no test or lint `{code}`")))
}

/// Every path into the repository that ARCHITECTURE.md and CONTRIBUTING.md name is there.
pub fn name_paths_that_exist(tree: &Tree) -> Vec<Finding> {
    let ours = |code: &str| {
        PATH.is_match(code) && (!code.contains('/') || ROOTS.iter().any(|root| code.starts_with(root)))
    };
    let anywhere = |code: &str| !code.contains('/') && tree.files().iter().any(|file| file.name() == code);
    let gone = |code: &str| ours(code) && !tree.holds(code) && !anywhere(code);
    claims(tree, &OF_THE_HOUSE, |code| gone(code).then(|| format!("there is no `{code}`")))
}

/// Every recipe that a document names is in the Makefile.
pub fn name_recipes_that_exist(tree: &Tree) -> Vec<Finding> {
    let Some(makefile) = tree.get("Makefile") else { return Vec::new() };
    let known = |name: &str| {
        makefile.text.lines().any(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(':')))
    };
    let wrong = |code: &str| {
        let name = RECIPE.captures(code.trim())?.get(1)?.as_str().to_owned();
        (!known(&name)).then(|| format!("the Makefile has no recipe `{name}`"))
    };
    let mut findings = Vec::new();
    for file in tree.with_extension(&["md"]) {
        findings.extend(claims_of(file, &wrong));
        let lines = file.text.lines().enumerate();
        findings.extend(lines.filter_map(|(index, line)| Some(file.finding(index + 1, wrong(line)?))));
    }
    findings
}

/// Every crate of the workspace has its place in ARCHITECTURE.md.
pub fn tell_of_every_crate(tree: &Tree) -> Vec<Finding> {
    let Some(document) = tree.get("ARCHITECTURE.md") else { return Vec::new() };
    let manifests = tree.files().iter().filter_map(|file| {
        let name = file.path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")?;
        (!document.text.contains(&format!("`{name}`")))
            .then(|| document.finding(1, format!("nothing is said of `{name}`")))
    });
    manifests.collect()
}

/// Markdown has one sentence a line, so that a change of one sentence is a change of one line.
pub fn stand_one_sentence_a_line(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension(&["md"]) {
        let mut generated = false;
        for (line, text) in prose(&file.text) {
            let inner = text.trim_start();
            generated = inner.ends_with(":begin -->") || generated && !inner.ends_with(":end -->");
            if generated {
                continue;
            }
            if !inner.starts_with(['|', '#', '<']) && has_two_sentences(inner) {
                findings
                    .push(file.finding(line, "two sentences on a line: begin a new one after the full stop"));
            }
        }
    }
    findings
}

fn has_two_sentences(line: &str) -> bool {
    let ends = line.match_indices(". ").map(|(at, _)| (&line[..at], &line[at + 2..]));
    ends.into_iter().any(|(before, after)| {
        let begins = after.trim_start().starts_with(|c: char| c.is_uppercase() || c == '`');
        // A list's number, and what is shortened, ends no sentence.
        let last = before.rsplit(' ').next().unwrap_or_default();
        begins && last.chars().count() > 2 && !last.chars().all(|c| c.is_ascii_digit()) && !last.contains('.')
    })
}

fn claims(tree: &Tree, paths: &[&str], wrong: impl Fn(&str) -> Option<String>) -> Vec<Finding> {
    paths.iter().filter_map(|path| tree.get(path)).flat_map(|file| claims_of(file, &wrong)).collect()
}

/// What is wrong with the pieces of code in the prose of a page.
fn claims_of(file: &File, wrong: &impl Fn(&str) -> Option<String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let pieces = CODE.captures_iter(line).filter_map(|found| Some(found.get(1)?.as_str()));
        findings.extend(pieces.filter_map(|piece| Some(file.finding(index + 1, wrong(piece)?))));
    }
    findings
}
