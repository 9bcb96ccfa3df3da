//! The keys that seal proofs. A stage's key is worth something only as long as nobody else can make or borrow one, so no
//! public signature mentions it but inside `Proof<Key, ..>`, and it has no way of being made from outside.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{GenericArgument, Item, PathArguments, Type, Visibility};

use crate::source::{self, Source};
use crate::{Finding, Tree};

/// The crates that seal proofs.
const STAGES: [&str; 6] =
    ["claw-identity", "claw-limit", "claw-route", "claw-guard", "claw-policy", "claw-ledger"];
/// What a proof is made of, and may neither be copied nor changed.
const PROOFS: [&str; 3] = ["Proof", "Permitted", "Call"];

/// Every stage has one key, with a private field, that nothing derives and no trait can make.
pub fn cannot_be_made_elsewhere(tree: &Tree) -> Vec<Finding> {
    let (sources, mut findings) = source::sources(tree);
    for stage in STAGES {
        let folder = format!("crates/{stage}/src/");
        let of_stage: Vec<_> =
            sources.iter().filter(|source| source.file.path.starts_with(&folder)).collect();
        if of_stage.is_empty() {
            continue;
        }
        let mut keys = 0;
        for source in of_stage {
            keys += sealed(source, &["Key"], &mut findings);
        }
        if keys != 1 {
            let what = format!("`{stage}` has {keys} structs called `Key`: a stage has one");
            findings.push(Finding { path: format!("{folder}lib.rs"), line: 1, what });
        }
    }
    findings
}

/// No public signature or field of a stage mentions its key but as the brand of a proof.
pub fn do_not_get_out(tree: &Tree) -> Vec<Finding> {
    let (sources, mut findings) = source::sources(tree);
    for source in &sources {
        let path = source.file.path.as_str();
        if STAGES.iter().any(|stage| path.starts_with(&format!("crates/{stage}/src/"))) {
            let mut surface = Surface { source, findings: &mut findings };
            surface.visit_file(&source.syntax);
        }
    }
    findings
}

/// A proof, and what it vouches for, is never copied, converted or changed.
pub fn seal_proofs_that_cannot_be_changed(tree: &Tree) -> Vec<Finding> {
    let (sources, mut findings) = source::sources(tree);
    let Some(source) = sources.iter().find(|source| source.file.path == "crates/claw-hub/src/proof.rs")
    else {
        return findings;
    };
    let structs = sealed(source, &PROOFS, &mut findings);
    if structs != PROOFS.len() {
        findings.push(source.file.finding(1, format!("{PROOFS:?} must all stand here")));
    }
    for item in &source.syntax.items {
        let Item::Impl(block) = item else { continue };
        let functions = block.items.iter().filter_map(|item| match item {
            syn::ImplItem::Fn(function) => Some(&function.sig),
            _ => None,
        });
        for signature in functions.filter(|signature| is_changing(signature)) {
            let what = format!("`{}` lets what was vouched for be changed", signature.ident);
            findings.push(source.file.finding(signature.span().start().line, what));
        }
    }
    findings
}

fn is_changing(signature: &syn::Signature) -> bool {
    let by = signature.receiver().map(|receiver| &receiver.kind);
    matches!(by, Some(syn::ReceiverKind::Reference(_, _, Some(_)) | syn::ReceiverKind::Typed(..)))
}

/// Checks the structs of these names in a file, and what is implemented for them. Says how many there are.
fn sealed(source: &Source<'_>, names: &[&str], findings: &mut Vec<Finding>) -> usize {
    let mut found = 0;
    let mut refuse = |span: proc_macro2::Span, what: String| {
        findings.push(source.file.finding(span.start().line, what));
    };
    for item in &source.syntax.items {
        match item {
            Item::Struct(it) if names.iter().any(|name| it.ident == name) && is_public(&it.vis) => {
                found += 1;
                if it.fields.is_empty() || it.fields.iter().any(|field| is_public(&field.vis)) {
                    refuse(
                        it.span(),
                        format!("`{}` can be made by anyone: give it one private field", it.ident),
                    );
                }
                if it.attrs.iter().any(|attribute| attribute.path().is_ident("derive")) {
                    refuse(
                        it.span(),
                        format!("`{}` derives: a copy or a default is a way around it", it.ident),
                    );
                }
            }
            Item::Impl(it) if it.trait_.is_some() && names.iter().any(|name| is_named(&it.self_ty, name)) => {
                refuse(it.span(), "a trait for what seals or is sealed is a way around it".to_owned());
            }
            Item::Impl(it) if names == ["Key"] && is_named(&it.self_ty, "Key") => {
                refuse(
                    it.span(),
                    "a key has no functions: one that makes it is a way around the stage".to_owned(),
                );
            }
            _ => {}
        }
    }
    found
}

fn is_named(item: &Type, name: &str) -> bool {
    matches!(item, Type::Path(it) if it.path.segments.last().is_some_and(|segment| segment.ident == name))
}

/// Public or visible to other modules of the crate: `pub(crate)` cannot be used from outside, and is not meant here.
fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Everything of a file that others can reach.
struct Surface<'f, 't> {
    source: &'f Source<'t>,
    findings: &'f mut Vec<Finding>,
}

impl Surface<'_, '_> {
    fn signature(&mut self, signature: &syn::Signature) {
        let mut mentions = Mentions(false);
        mentions.visit_signature(signature);
        self.refuse(&mentions, signature.span(), &signature.ident);
    }

    fn item(&mut self, item: &Type, name: &syn::Ident) {
        let mut mentions = Mentions(false);
        mentions.visit_type(item);
        self.refuse(&mentions, item.span(), name);
    }

    fn refuse(&mut self, mentions: &Mentions, span: proc_macro2::Span, name: &syn::Ident) {
        let line = span.start().line;
        if mentions.0 && !self.source.is_test(line) {
            let what = format!("`{name}` gives the stage's key out: whoever has it can forge a proof");
            self.findings.push(self.source.file.finding(line, what));
        }
    }
}

impl<'ast> Visit<'ast> for Surface<'_, '_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if is_public(&function.vis) {
            self.signature(&function.sig);
        }
        visit::visit_item_fn(self, function);
    }

    fn visit_item_impl(&mut self, block: &'ast syn::ItemImpl) {
        for item in &block.items {
            match item {
                // What implements a trait is as reachable as the trait.
                syn::ImplItem::Fn(function) if block.trait_.is_some() || is_public(&function.vis) => {
                    self.signature(&function.sig);
                }
                syn::ImplItem::Type(it) => self.item(&it.ty, &it.ident),
                syn::ImplItem::Const(it) if is_public(&it.vis) => self.item(&it.ty, &it.ident),
                _ => {}
            }
        }
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        self.signature(&function.sig);
    }

    fn visit_item_const(&mut self, it: &'ast syn::ItemConst) {
        if is_public(&it.vis) {
            self.item(&it.ty, &it.ident);
        }
    }

    fn visit_item_static(&mut self, it: &'ast syn::ItemStatic) {
        if is_public(&it.vis) {
            self.item(&it.ty, &it.ident);
        }
    }

    fn visit_item_type(&mut self, it: &'ast syn::ItemType) {
        self.item(&it.ty, &it.ident);
    }

    fn visit_item_struct(&mut self, it: &'ast syn::ItemStruct) {
        for field in it.fields.iter().filter(|field| is_public(&field.vis)) {
            self.item(&field.ty, &it.ident);
        }
    }

    fn visit_item_enum(&mut self, it: &'ast syn::ItemEnum) {
        for field in it.variants.iter().filter(|_| is_public(&it.vis)).flat_map(|variant| &variant.fields) {
            self.item(&field.ty, &it.ident);
        }
    }
}

/// Whether `Key` is mentioned other than as the brand of a proof.
struct Mentions(bool);

impl<'ast> Visit<'ast> for Mentions {
    fn visit_path_segment(&mut self, segment: &'ast syn::PathSegment) {
        if segment.ident == "Key" {
            self.0 = true;
        }
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
            return visit::visit_path_segment(self, segment);
        };
        let branded = segment.ident == "Proof";
        for (index, argument) in arguments.args.iter().enumerate() {
            let is_brand =
                branded && index == 0 && matches!(argument, GenericArgument::Type(it) if is_named(it, "Key"));
            if !is_brand {
                self.visit_generic_argument(argument);
            }
        }
    }
}
