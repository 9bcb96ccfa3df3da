//! AWS Signature Version 4, computed anew from the request as it came. It must not know what the request asks for.
//! It does not look at the age of a signature: here the clock may stand still.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::fmt::Write;

use aws_lc_rs::hmac;

use super::error::{incomplete_signature, wrong_key, wrong_signature};
use crate::signature::sha256_hex;
use crate::wire::{Head, Refusal};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SERVICE: &str = "bedrock";

/// The `authorization` header of a signed request.
#[derive(Debug)]
pub(crate) struct Signed<'a> {
    pub(crate) access_key: &'a str,
    date: &'a str,
    region: &'a str,
    headers: &'a str,
    signature: &'a str,
}

impl<'a> Signed<'a> {
    /// Reads the parts of the header.
    pub(crate) fn read(authorization: &'a str) -> Result<Self, Refusal> {
        let fields = authorization.strip_prefix(ALGORITHM).ok_or_else(wrong_key)?;
        let field = |name: &str| {
            let found =
                fields.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='));
            found.ok_or_else(|| incomplete_signature(name))
        };
        let mut scope = field("Credential")?.split('/');
        let mut next = || scope.next().ok_or_else(|| incomplete_signature("Credential"));
        let (access_key, date, region, service, end) = (next()?, next()?, next()?, next()?, next()?);
        if service != SERVICE || end != "aws4_request" {
            return Err(wrong_signature());
        }
        Ok(Self {
            access_key,
            date,
            region,
            headers: field("SignedHeaders")?,
            signature: field("Signature")?,
        })
    }

    /// Whether the signature is the one of this request with this secret.
    pub(crate) fn verify(&self, head: &Head<'_>, secret: &str) -> Result<(), Refusal> {
        let time = head.header("x-amz-date").ok_or_else(|| incomplete_signature("X-Amz-Date"))?;
        let names: Vec<_> = self.headers.split(';').collect();
        let is_bound = names.contains(&"host") && names.contains(&"x-amz-date") && names.is_sorted();
        let payload = sha256_hex(head.body);
        let is_same_body = head.header("x-amz-content-sha256").is_none_or(|said| said == payload);
        if !is_bound || !is_same_body || !time.starts_with(self.date) {
            return Err(wrong_signature());
        }
        let request = sha256_hex(self.canonical_request(head, &names, &payload).as_bytes());
        let scope = format!("{}/{}/{SERVICE}/aws4_request", self.date, self.region);
        let to_sign = format!("{ALGORITHM}\n{time}\n{scope}\n{request}");
        let mut key = keyed(format!("AWS4{secret}").as_bytes(), self.date.as_bytes());
        for part in [self.region, SERVICE, "aws4_request"] {
            key = keyed(key.as_ref(), part.as_bytes());
        }
        let expected = hex::encode(keyed(key.as_ref(), to_sign.as_bytes()));
        if expected == self.signature { Ok(()) } else { Err(wrong_signature()) }
    }

    fn canonical_request(&self, head: &Head<'_>, names: &[&str], payload: &str) -> String {
        let mut canonical = format!("{}\n{}\n", head.method, encode(head.uri.path()));
        let mut query: Vec<_> =
            head.uri.query().unwrap_or_default().split('&').filter(|one| !one.is_empty()).collect();
        query.sort_unstable();
        canonical.push_str(&query.join("&"));
        canonical.push('\n');
        for name in names {
            canonical.push_str(&format!("{name}:{}\n", value(head, name)));
        }
        canonical.push_str(&format!("\n{}\n{payload}", self.headers));
        canonical
    }
}

/// All values of a header, each without spaces at its ends and with single ones inside.
fn value(head: &Head<'_>, name: &str) -> String {
    let values = head.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let values: Vec<_> = values.map(|value| value.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    // HTTP/2 has no host header.
    if values.is_empty() && name == "host" {
        return head.uri.authority().map(ToString::to_string).unwrap_or_default();
    }
    values.join(",")
}

/// Percent-encodes all but the unreserved characters: the path, encoded once as it came, is signed encoded twice.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        let letter = char::from(byte);
        if byte.is_ascii_alphanumeric() || "-_.~/".contains(letter) {
            encoded.push(letter);
        } else {
            // Writing to a string does not fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn keyed(key: &[u8], message: &[u8]) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message)
}

#[cfg(test)]
mod tests;
