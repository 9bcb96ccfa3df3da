//! Names of files and modules that say nothing, and so collect everything.

use crate::{File, Finding, Tree};

/// No part of a name is one of these.
const PARTS: [&str; 9] =
    ["util", "utils", "helper", "helpers", "manager", "managers", "misc", "common", "commons"];
/// No whole name is one of these.
const WHOLE: [&str; 3] = ["types", "base", "shared"];
/// Files of code, whose names are read.
const CODE: [&str; 8] = ["rs", "py", "ts", "tsx", "js", "mjs", "tf", "sh"];

/// No file, folder or module is called `utils`, `helpers` or the like.
pub fn say_something(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension(&CODE) {
        for part in file.path.split('/') {
            let name = part.split('.').next().unwrap_or(part);
            findings.extend(refused(name).map(|word| file.finding(1, says_nothing(word))));
        }
        findings.extend(modules(file));
    }
    findings
}

/// The modules that a Rust file declares in place.
fn modules(file: &File) -> Vec<Finding> {
    let lines = file.text.lines().enumerate().filter(|_| file.extension() == "rs");
    lines
        .filter_map(|(index, line)| {
            let declared = line.trim().trim_start_matches("pub ").strip_prefix("mod ")?;
            let name = declared.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
            refused(name).map(|word| file.finding(index + 1, says_nothing(word)))
        })
        .collect()
}

fn refused(name: &str) -> Option<&'static str> {
    let whole = WHOLE.into_iter().find(|word| name == *word);
    whole.or_else(|| PARTS.into_iter().find(|word| name.split(['_', '-']).any(|part| part == *word)))
}

fn says_nothing(word: &str) -> String {
    format!("`{word}` in a name says nothing: name it after what it is for")
}
