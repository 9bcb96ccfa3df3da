//! Words that must not stand in the repository. The lists are put together from pieces, so that they do not find themselves.

use crate::pattern::pattern;
use crate::{Finding, Tree};

/// Marks of work that was left undone.
const UNDONE: [&str; 6] = [
    concat!(r"\bTO", r"DO\b"),
    concat!(r"\bFIX", r"ME\b"),
    concat!(r"\bX", r"XX\b"),
    concat!(r"\bto", r"do!\s*[(\[{]"),
    concat!(r"\bunimple", r"mented!\s*[(\[{]"),
    concat!(r"#\[ig", r"nore\b"),
];

/// Marks of the place where somebody worked: the repository speaks of the project alone.
const WORKPLACE: [&str; 8] = [
    concat!(r"/wo", r"rk/(main|shared|in|out)\b"),
    concat!(r"/fa", r"rm/"),
    concat!(r"/tmp/tar", r"get-"),
    concat!(r"(?i)\bsub-?ag", r"ents?\b"),
    concat!(r"\b(DES", r"IGN|ANCH", r"ORS|TR", r"APS|INF", r"RA|FA", r"CTS)\.md\b"),
    concat!(r"(?i)\bco-auth", r"ored-by\b"),
    concat!(r"(?i)\bgener", r"ated (by|with) (claude|chatgpt|codex|an? (ai|llm))\b"),
    concat!(r"(?i)\biss", r"ue #?\d"),
];

/// Nothing is marked as left for another day.
pub fn leave_nothing_undone(tree: &Tree) -> Vec<Finding> {
    search(tree, &UNDONE, "do it now, or leave no mark")
}

/// Nothing names the place where it was made.
pub fn speak_of_the_project_alone(tree: &Tree) -> Vec<Finding> {
    search(tree, &WORKPLACE, "the repository speaks of the project alone")
}

fn search(tree: &Tree, patterns: &[&str], why: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for text in patterns {
        let regex = pattern(text);
        for file in tree.files().iter().filter(|file| !file.name().ends_with(".lock")) {
            findings.extend(regex.find_iter(&file.text).map(|found| {
                let line = file.text[..found.start()].matches('\n').count() + 1;
                file.finding(line, format!("`{}`: {why}", found.as_str()))
            }));
        }
    }
    findings
}
