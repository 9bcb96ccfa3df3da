//! What a digest must and must not tell apart.

use super::*;

#[test]
fn a_changed_thought_has_another_signature() {
    let signature = sign("a thought");
    assert!(is_genuine("a thought", &signature));
    assert!(!is_genuine("a thought ", &signature));
    assert!(!is_genuine("a thought", "c2lnbmF0dXJl"));
}

#[test]
fn the_digest_is_sha_256() {
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(sha256_hex(b"abc"), expected);
}
