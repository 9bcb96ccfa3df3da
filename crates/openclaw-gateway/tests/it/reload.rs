//! What changes while the gateway runs: the configuration, and the certificate.

use std::io::{Read as _, Write as _};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::client::{self, connect, post};
use crate::running::{Folder, Gateway, KEY, Simulated, configuration, until};

#[test]
fn a_changed_configuration_is_taken_up_and_a_bad_one_is_refused() {
    let simulated = Simulated::start();
    let text = configuration(simulated.address, "", "");
    let gateway = Gateway::start(&text);
    let status = || gateway.post("/v1/chat/completions", &client::chat("house", false)).status;
    assert_eq!(status(), 404);
    gateway.folder.write(
        "gateway.toml",
        &text.replace("[ledger]", "[models.house]\ntargets = [\"openai/gpt-sim\"]\n[ledger]"),
    );
    until("the new name", || (status() == 200).then_some(()));
    gateway.folder.write("gateway.toml", "version = 1\nnonsense = true\n");
    until("the refusal in the log", || gateway.log().contains("is refused; the old one stays").then_some(()));
    assert_eq!(status(), 200, "the old configuration stays");
}

/// A certificate for localhost in two files.
fn certificate(folder: &Folder) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    folder.write("key.pem", &signing_key.serialize_pem());
    folder.write("cert.pem", &cert.pem());
    cert.der().clone()
}

type TlsStream = StreamOwned<ClientConnection, std::net::TcpStream>;

fn tls(gateway: &Gateway, trusted: &CertificateDer<'static>) -> std::io::Result<TlsStream> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream =
        StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), connect(gateway.public));
    stream.flush()?;
    stream.conn.complete_io(&mut stream.sock)?;
    Ok(stream)
}

#[test]
fn a_renewed_certificate_is_taken_up_with_fifty_streams_open() {
    let simulated = Simulated::start();
    let folder = Folder::new();
    let old = certificate(&folder);
    let files = "[server.tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\n";
    let text = configuration(simulated.address, "", "")
        .replace("[[identity.keys]]\nid = \"test\"", &format!("{files}[[identity.keys]]\nid = \"test\""));
    let gateway = Gateway::start_in(folder, &text);
    let body = client::chat("openai/gpt-sim~gap=100ms~events=60", true);
    let request =
        post("/v1/chat/completions", &[("authorization", &format!("Bearer {KEY}"))], body.as_bytes());
    let streams: Vec<_> = (0..50)
        .map(|_| {
            let mut stream = tls(&gateway, &old).unwrap();
            stream.write_all(&request).unwrap();
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                // The end of a connection without a TLS farewell is an error here, and the text is whole all the same.
                let _ = stream.read_to_end(&mut bytes);
                String::from_utf8_lossy(&bytes).into_owned()
            })
        })
        .collect();
    simulated.until("fifty streams", |log| log.iter().filter(|seen| seen.events_sent > 0).count() == 50);
    let new = certificate(&gateway.folder);
    until("the new certificate", || tls(&gateway, &new).ok());
    assert!(tls(&gateway, &old).is_err(), "the old certificate is gone");
    let whole =
        streams.into_iter().map(|stream| stream.join().unwrap()).filter(|text| text.contains("data: [DONE]"));
    assert_eq!(whole.count(), 50, "every stream that was open ends well");
}

#[test]
fn old_versions_of_tls_are_refused() {
    let simulated = Simulated::start();
    let folder = Folder::new();
    certificate(&folder);
    let files = "[server.tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\n";
    let text = configuration(simulated.address, "", "")
        .replace("[[identity.keys]]\nid = \"test\"", &format!("{files}[[identity.keys]]\nid = \"test\""));
    let gateway = Gateway::start_in(folder, &text);
    for (version, accepted) in [("-tls1_1", false), ("-tls1_2", true), ("-tls1_3", true)] {
        let mut client = Command::new("openssl")
            .args([
                "s_client",
                version,
                "-cipher",
                "DEFAULT@SECLEVEL=0",
                "-connect",
                &gateway.public.to_string(),
            ])
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let status = client.wait().unwrap();
        assert_eq!(status.success(), accepted, "{version}");
    }
    std::thread::park_timeout(Duration::from_millis(1));
}
