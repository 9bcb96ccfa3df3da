//! Plants ways to forge a proof.

use super::places;
use crate::keys;

const POLICY: &str = "crates/claw-policy/src/lib.rs";

#[test]
fn a_key_that_anyone_can_make_is_found() {
    let ways = [
        "pub struct Key;",
        "pub struct Key(pub ());",
        "#[derive(Default)]\npub struct Key(());",
        "pub struct Key(());\nimpl Default for Key { fn default() -> Self { Self(()) } }",
        "pub struct Key(());\nimpl Key { pub fn new() -> Self { Self(()) } }",
        "struct Other;",
    ];
    for way in ways {
        assert_eq!(places(keys::cannot_be_made_elsewhere, &[(POLICY, way)]).len(), 1, "{way}");
    }
    assert!(places(keys::cannot_be_made_elsewhere, &[(POLICY, "pub struct Key(());")]).is_empty());
}

#[test]
fn a_key_that_gets_out_is_found() {
    let ways = [
        "pub fn a() -> Key {}",
        "pub fn a() -> Option<Key> {}",
        "pub fn a(take: impl FnOnce(&Key)) {}",
        "impl Policy { pub fn a(&self) -> &crate::Key {} }",
        "impl Iterator for Policy { type Item = Key; }",
        "impl Give for Policy { fn give(&self) -> Key {} }",
        "pub trait Give { fn give(&self) -> Key; }",
        "pub const A: Key = Key(());",
        "pub static A: Key = Key(());",
        "pub struct A { pub key: Key }",
        "pub enum A { B(Key) }",
        "pub type A = Key;",
        "pub fn a() -> Proof<Other, Key> {}",
    ];
    for way in ways {
        assert_eq!(places(keys::do_not_get_out, &[(POLICY, way)]), [format!("{POLICY}:1")], "{way}");
    }
}

#[test]
fn a_brand_on_a_proof_and_what_stays_inside_are_left_alone() {
    let fine = "pub fn permit(&self) -> Result<Proof<Key, Permitted>, Refusal> {}\n\
                fn inner() -> Key {}\npub(crate) fn near() -> Key {}\nstruct A { key: Key }\npub struct Stage<B> { of: B }\n";
    assert!(places(keys::do_not_get_out, &[(POLICY, fine)]).is_empty());
    assert!(
        places(keys::do_not_get_out, &[("crates/claw-config/src/lib.rs", "pub fn a() -> Key {}")]).is_empty()
    );
}

#[test]
fn a_proof_that_can_be_copied_or_changed_is_found() {
    let proof = "crates/claw-hub/src/proof.rs";
    let right = "pub struct Proof<K, T> { value: T }\npub struct Permitted { a: A }\npub struct Call<'a> { a: &'a A }\n";
    assert!(places(keys::seal_proofs_that_cannot_be_changed, &[(proof, right)]).is_empty());
    let ways = [
        format!("{right}impl<K, T> Clone for Proof<K, T> {{}}"),
        format!("{right}impl Permitted {{ pub fn targets(&mut self) {{}} }}"),
        format!("#[derive(Clone)]\n{right}"),
        right.replace("{ a: A }", "{ pub a: A }"),
        right.replace("Permitted", "Other"),
    ];
    for way in ways {
        assert_eq!(places(keys::seal_proofs_that_cannot_be_changed, &[(proof, &way)]).len(), 1, "{way}");
    }
}
