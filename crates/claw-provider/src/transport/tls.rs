//! Whom TLS connections believe. It opens none.

use std::sync::{Arc, OnceLock};

use rustls::client::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls::{RootCertStore, version};
use rustls_pki_types::CertificateDer;

/// The authorities of the system. Reading them takes milliseconds, so it is done once, and only if somebody asks.
static SYSTEM: OnceLock<RootCertStore> = OnceLock::new();

/// What cannot be agreed on before any connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("no certificate authority is known: install the system's, or name one")]
    NoAuthority,
    #[error("a certificate authority cannot be read")]
    Authority(#[source] rustls::Error),
    #[error("TLS cannot be set up")]
    Setup(#[source] rustls::Error),
}

/// Trust in the system's authorities and in some more.
pub(crate) fn config(extra: &[CertificateDer<'static>]) -> Result<ClientConfig, TlsError> {
    let mut roots = SYSTEM.get_or_init(system).clone();
    for certificate in extra {
        roots.add(certificate.clone()).map_err(TlsError::Authority)?;
    }
    if roots.is_empty() {
        return Err(TlsError::NoAuthority);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])
        .map_err(TlsError::Setup)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

/// Certificates of the system that cannot be read are left out: they are nobody's whom we could ask.
fn system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}
