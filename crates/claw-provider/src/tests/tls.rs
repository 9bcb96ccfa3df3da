//! TLS: whom the client believes, and which version of HTTP is agreed on.

use claw_hub::Kind;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use super::server::Answer;
use super::*;

/// An authority that nobody knows, and a server's side of TLS for `localhost` that it vouches for.
fn authority(name: &str, protocols: &[&[u8]]) -> (CertificateDer<'static>, TlsAcceptor) {
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    (issuer.der().clone(), TlsAcceptor::from(Arc::new(config)))
}

#[tokio::test]
async fn an_authority_that_was_named_is_believed() {
    let (authority, acceptor) = authority("one", &[]);
    let server = Server::tls(acceptor, |_| Answer::ok()).await;
    let mut settings = settings(&server, Dialect::OpenaiChat);
    settings.extra_ca = vec![authority];
    let providers = providers(settings);
    for _ in 0..3 {
        assert_eq!(ask(&providers).await.unwrap(), "{}");
    }
    assert_eq!(providers.connections_opened(), 1);
}

#[tokio::test]
async fn an_authority_that_nobody_named_is_not_believed_and_the_refusal_says_so() {
    let (_, acceptor) = authority("one", &[]);
    let (other, _) = self::authority("another", &[]);
    let server = Server::tls(acceptor, |_| Answer::ok()).await;
    let mut settings = settings(&server, Dialect::OpenaiChat);
    settings.extra_ca = vec![other];
    let refusal = ask(&providers(settings)).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::ProviderUnreachable);
    assert_eq!(
        refusal.message,
        "provider `p` cannot be reached: its certificate is from an authority that is not trusted"
    );
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_certificate_for_another_host_is_not_believed() {
    let (authority, acceptor) = authority("one", &[]);
    let mut server = Server::tls(acceptor, |_| Answer::ok()).await;
    server.base = server.base.replace("localhost", "127.0.0.1");
    let mut settings = settings(&server, Dialect::OpenaiChat);
    settings.extra_ca = vec![authority];
    let refusal = ask(&providers(settings)).await.unwrap_err();
    assert_eq!(refusal.message, "provider `p` cannot be reached: its certificate is not valid");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn http2_is_agreed_on_where_both_want_it_and_only_there() {
    for (wanted, offered, shared) in [
        (true, &[b"h2".as_slice(), b"http/1.1"][..], true),
        (true, &[b"http/1.1"], false),
        (false, &[b"h2", b"http/1.1"], false),
    ] {
        let (authority, acceptor) = authority("one", offered);
        let server = Server::tls(acceptor, |_| Answer::ok()).await;
        let mut settings = settings(&server, Dialect::OpenaiChat);
        settings.extra_ca = vec![authority];
        settings.http2 = wanted;
        assert_eq!(ask(&providers(settings)).await.unwrap(), "{}");
        // Only HTTP/1.1 has the header; HTTP/2 says it in the address.
        assert_eq!(
            server.last().headers.contains_key("host"),
            !shared,
            "wanted {wanted}, offered {offered:?}"
        );
    }
}

#[tokio::test]
async fn tls_is_spoken_with_the_provider_through_the_tunnel_of_a_proxy() {
    let (authority, acceptor) = authority("one", &[]);
    let server = Server::tls(acceptor, |_| Answer::ok()).await;
    let (address, head) = super::connections::proxy().await;
    let mut settings = settings(&server, Dialect::OpenaiChat);
    settings.extra_ca = vec![authority];
    settings.proxy = Some(format!("http://{address}").parse().unwrap());
    assert_eq!(ask(&providers(settings)).await.unwrap(), "{}");
    let head = head.await.unwrap();
    let authority = server.base.strip_prefix("https://").unwrap();
    assert!(head.starts_with(&format!("CONNECT {authority} HTTP/1.1\r\n")), "{head}");
    assert!(!head.contains("Proxy-Authorization"), "{head}");
}

#[tokio::test]
async fn bytes_that_are_no_authority_are_refused_at_the_start() {
    let mut settings = Settings::new("p", Dialect::OpenaiChat, "https://host.test".parse().unwrap());
    settings.extra_ca = vec![CertificateDer::from(vec![1, 2, 3])];
    let error = TestProviders::new(vec![settings]).err().unwrap();
    assert_eq!(error.to_string(), "provider `p` cannot speak TLS");
}
