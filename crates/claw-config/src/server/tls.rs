//! `[server.tls]` and every other file of certificates: read at the start, so that no call finds it broken.

use std::path::PathBuf;
use std::sync::Arc;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::problem::Fault;
use crate::reader::Reader;
use crate::walk::Walk;

pub(crate) const KEYS: &[&str] = &["certificate", "key"];

/// What the public listener proves its name with.
#[derive(Debug)]
pub struct Tls {
    /// The file of the certificate chain.
    pub certificate_file: PathBuf,
    /// The file of the private key.
    pub key_file: PathBuf,
    /// The chain as it was read, the server's own certificate first; never empty.
    pub certificates: Vec<CertificateDer<'static>>,
    /// The private key as it was read. Its `Debug` shows nothing.
    pub key: Arc<PrivateKeyDer<'static>>,
}

/// Reads the table below `[server]`; `None` if there is none, or if it is broken and reported.
pub(super) fn read(server: &Reader<'_>) -> Option<Tls> {
    let reader = server.table("tls", KEYS);
    if !server.given("tls") {
        return None;
    }
    let walk = reader.place().walk;
    let certificate = reader.required("certificate", |text| certificates(walk, text));
    let key = reader.required("key", |text| private_key(walk, text));
    let ((certificate_file, certificates), (key_file, key)) = certificate.zip(key)?;
    Some(Tls { certificate_file, key_file, certificates, key: Arc::new(key) })
}

/// Reads a PEM file that holds at least one certificate.
pub(crate) fn certificates(
    walk: &Walk,
    text: &str,
) -> Result<(PathBuf, Vec<CertificateDer<'static>>), Fault> {
    let (path, pem) = walk.read_file(text)?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok((path, certificates)),
        Ok(_) => Err(Fault::new("holds no certificate in PEM form")),
        Err(error) => Err(Fault::new(format!("is not a file in PEM form: {error}"))),
    }
}

fn private_key(walk: &Walk, text: &str) -> Result<(PathBuf, PrivateKeyDer<'static>), Fault> {
    let (path, pem) = walk.read_file(text)?;
    match PrivateKeyDer::from_pem_slice(&pem) {
        Ok(key) => Ok((path, key)),
        Err(_) => Err(Fault::new("holds no private key in PEM form")
            .hint("a key that is encrypted with a passphrase must be decrypted first")),
    }
}
