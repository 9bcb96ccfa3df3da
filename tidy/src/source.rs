//! Rust sources, parsed, and which of their lines are tests. It knows no rule.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::{File, Finding, Tree};

/// A parsed file.
pub(crate) struct Source<'t> {
    pub(crate) file: &'t File,
    pub(crate) syntax: syn::File,
    test: bool,
    test_lines: Vec<RangeInclusive<usize>>,
}

impl Source<'_> {
    /// Whether this line is only compiled for tests, benchmarks and examples.
    pub(crate) fn is_test(&self, line: usize) -> bool {
        self.test || self.test_lines.iter().any(|lines| lines.contains(&line))
    }
}

/// The Rust sources of a tree; those that cannot be parsed are findings.
pub(crate) fn sources(tree: &Tree) -> (Vec<Source<'_>>, Vec<Finding>) {
    let mut sources = Vec::new();
    let mut broken = Vec::new();
    for file in tree.with_extension(&["rs"]) {
        match syn::parse_file(&file.text) {
            Ok(syntax) => {
                let mut modules = TestModules::default();
                modules.visit_file(&syntax);
                let test = is_test_path(&file.path);
                sources.push((Source { file, syntax, test, test_lines: modules.lines }, modules.elsewhere));
            }
            Err(error) => {
                broken.push(file.finding(error.span().start().line, format!("cannot be parsed: {error}")));
            }
        }
    }
    let declared: HashSet<String> = sources
        .iter()
        .flat_map(|(source, names)| {
            names.iter().map(|name| format!("{}{name}", folder_of_modules(source.file)))
        })
        .collect();
    let sources = sources
        .into_iter()
        .map(|(mut source, _)| {
            source.test = source.test || declared.iter().any(|module| is_module(&source.file.path, module));
            source
        })
        .collect();
    (sources, broken)
}

/// Where the modules lie that a file declares: beside `lib.rs`, `main.rs` and `mod.rs`, otherwise in the folder of its name.
fn folder_of_modules(file: &File) -> String {
    let folder = &file.path[..file.path.len() - file.name().len()];
    match file.name() {
        "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
        name => format!("{folder}{}/", name.trim_end_matches(".rs")),
    }
}

fn is_module(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

fn is_test_path(path: &str) -> bool {
    let mut parts = path.split('/');
    parts.any(|part| matches!(part, "tests" | "benches" | "examples" | "tests.rs"))
}

/// The modules behind `#[cfg(test)]`: the lines of those in the file, the names of those in files of their own.
#[derive(Default)]
struct TestModules {
    lines: Vec<RangeInclusive<usize>>,
    elsewhere: Vec<String>,
}

impl<'ast> Visit<'ast> for TestModules {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let (attributes, module) = match item {
            syn::Item::Mod(module) => (&module.attrs, Some(module)),
            syn::Item::Fn(function) => (&function.attrs, None),
            syn::Item::Impl(block) => (&block.attrs, None),
            _ => return visit::visit_item(self, item),
        };
        if attributes.iter().any(is_cfg_test) {
            self.lines.push(item.span().start().line..=item.span().end().line);
            self.elsewhere.extend(
                module.filter(|module| module.content.is_none()).map(|module| module.ident.to_string()),
            );
        } else {
            visit::visit_item(self, item);
        }
    }
}

fn is_cfg_test(attribute: &syn::Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute.meta.require_list().is_ok_and(|list| {
            let words = list.tokens.to_string();
            words.split(|c: char| !c.is_alphanumeric()).any(|word| word == "test") && !words.contains("not")
        })
}
