//! Digests: the signature of a thinking block, and the fingerprints by which images and keys are told apart.
//! It must not know where in a message a signature stands.

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Public on purpose: the signature only has to show whether a block came back as it was given out.
const KEY: &[u8] = b"the simulator signs what it thinks";

/// The signature of a thinking text, in base64.
pub(crate) fn sign(thinking: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, KEY);
    STANDARD.encode(hmac::sign(&key, thinking.as_bytes()))
}

/// Whether `signature` is the one that was given out for `thinking`.
pub(crate) fn is_genuine(thinking: &str, signature: &str) -> bool {
    sign(thinking) == signature
}

/// A thinking text that only the simulator could read, in base64.
pub(crate) fn seal(thinking: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, KEY);
    let mut sealed = hmac::sign(&key, thinking.as_bytes()).as_ref().to_vec();
    sealed.extend_from_slice(thinking.as_bytes());
    STANDARD.encode(sealed)
}

/// Whether `data` was sealed here and not changed since.
pub(crate) fn is_sealed(data: &str) -> bool {
    let sealed = STANDARD.decode(data).unwrap_or_default();
    let Some((tag, thinking)) = sealed.split_at_checked(digest::SHA256_OUTPUT_LEN) else { return false };
    hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, KEY), thinking, tag).is_ok()
}

/// The SHA-256 of `bytes` in hex.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

#[cfg(test)]
mod tests;
