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

#[test]
fn a_sealed_thought_is_known_again_until_it_is_changed() {
    let sealed = seal("a thought");
    assert!(is_sealed(&sealed));
    let mut changed = STANDARD.decode(&sealed).unwrap();
    changed[40] ^= 1;
    assert!(!is_sealed(&STANDARD.encode(changed)));
    assert!(!is_sealed(&STANDARD.encode([0; 40])));
    assert!(!is_sealed("") && !is_sealed("?"));
}
