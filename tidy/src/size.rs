//! How long files and functions may be. The numbers are where readable code bases of this kind stand: 98 of 100 functions
//! fit 70 lines, and hardly a file has more than 600.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::source::{self, Source};
use crate::{Finding, Tree};

/// The most lines of a file.
const FILE_LINES_MAX: usize = 600;
/// The most lines of a function, from its signature to its closing brace.
const FUNCTION_LINES_MAX: usize = 70;
/// The same in tests, which may spell out what they expect.
const TEST_FUNCTION_LINES_MAX: usize = 100;
/// What is counted: code that people write.
const CODE: [&str; 9] = ["rs", "py", "ts", "tsx", "js", "mjs", "css", "tf", "sh"];
/// Files that are data or come out of a program, each with its reason.
const EXCEPTED: [(&str, &str); 0] = [];

/// No file of code is longer than 600 lines.
pub fn files(tree: &Tree) -> Vec<Finding> {
    let counted =
        tree.with_extension(&CODE).filter(|file| !EXCEPTED.iter().any(|(path, _)| file.path == *path));
    counted
        .filter_map(|file| {
            let lines = file.text.lines().count();
            (lines > FILE_LINES_MAX).then(|| {
                file.finding(
                    lines,
                    format!("{lines} lines, at most {FILE_LINES_MAX}: split it by what its parts are for"),
                )
            })
        })
        .collect()
}

/// No function is longer than 70 lines, or 100 in tests.
pub fn functions(tree: &Tree) -> Vec<Finding> {
    let (sources, mut findings) = source::sources(tree);
    for source in &sources {
        let mut functions = Functions { source, findings: &mut findings };
        functions.visit_file(&source.syntax);
    }
    findings
}

struct Functions<'f, 't> {
    source: &'f Source<'t>,
    findings: &'f mut Vec<Finding>,
}

impl Functions<'_, '_> {
    fn check(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let first = signature.span().start().line;
        let lines = block.span().end().line - first + 1;
        let most = if self.source.is_test(first) { TEST_FUNCTION_LINES_MAX } else { FUNCTION_LINES_MAX };
        if lines > most {
            let what = format!("`{}` has {lines} lines, at most {most}: name its steps", signature.ident);
            self.findings.push(self.source.file.finding(first, what));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_, '_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.check(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.check(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.check(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}
