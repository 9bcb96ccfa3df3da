//! Markdown: what its links point to, and whether every page can be found.

use std::sync::LazyLock;

use regex::Regex;

use crate::pattern::pattern;
use crate::{File, Finding, Tree};

/// Where a reader begins.
const ENTRANCES: [&str; 2] = ["README.md", "docs/README.md"];

static LINK: LazyLock<Regex> = LazyLock::new(|| pattern(r"\[[^\]]*\]\(([^)\s]+)[^)]*\)"));

/// Every link to a file, a folder or a heading of this repository leads there.
pub fn lead_somewhere(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_extension(&["md"]) {
        for (line, target) in links(file) {
            let (path, heading) = target.split_once('#').unwrap_or((&target, ""));
            let place = resolve(&file.path, path);
            let whole = if path.is_empty() { Some(file) } else { tree.get(&place) };
            if !path.is_empty() && !tree.holds(&place) {
                findings.push(file.finding(line, format!("`{target}` leads nowhere")));
            } else if !heading.is_empty()
                && !whole.is_some_and(|whole| headings(whole).contains(&heading.to_owned()))
            {
                findings.push(file.finding(line, format!("`{target}`: there is no such heading")));
            }
        }
    }
    findings
}

/// Every page of `docs/` is linked from README.md or docs/README.md.
pub fn reach_every_page(tree: &Tree) -> Vec<Finding> {
    let entrances = ENTRANCES.iter().filter_map(|path| tree.get(path));
    let linked: Vec<String> = entrances
        .flat_map(|file| {
            links(file)
                .into_iter()
                .map(|(_, target)| resolve(&file.path, target.split('#').next().unwrap_or("")))
        })
        .collect();
    tree.with_extension(&["md"])
        .filter(|file| file.path.starts_with("docs/") && !ENTRANCES.contains(&file.path.as_str()))
        .filter(|file| !linked.contains(&file.path))
        .map(|file| file.finding(1, "no link leads here from README.md or docs/README.md"))
        .collect()
}

/// The links to this repository, each with its line. What stands in code is none.
fn links(file: &File) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    for (line, text) in prose(&file.text) {
        let targets = LINK.captures_iter(&text).filter_map(|found| Some(found.get(1)?.as_str().to_owned()));
        links.extend(targets.filter(|target| !target.contains(':')).map(|target| (line, target)));
    }
    links
}

/// The lines that are no code, without the code in them.
pub(crate) fn prose(text: &str) -> Vec<(usize, String)> {
    let mut in_code = false;
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        } else if !in_code {
            let outside =
                line.split('`').enumerate().map(|(part, text)| if part % 2 == 0 { text } else { "`" });
            lines.push((index + 1, outside.collect()));
        }
    }
    lines
}

/// The names by which the headings of a page are linked to.
fn headings(file: &File) -> Vec<String> {
    let mut in_code = false;
    let mut names = Vec::new();
    for line in file.text.lines() {
        in_code ^= line.trim_start().starts_with("```");
        if !in_code && line.starts_with('#') {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            names.push(kept.map(|c| if c == ' ' { '-' } else { c }).collect());
        }
    }
    names
}

/// The path from the root that a link in a file means.
fn resolve(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}
