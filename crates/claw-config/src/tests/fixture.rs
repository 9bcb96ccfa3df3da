//! A folder with the files that a configuration may name, and an environment of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{LoadOptions, Loaded, Problems, parse};

/// An environment in which every test runs.
const ENVIRONMENT: [(&str, &str); 7] = [
    ("KEY", "sk-from-the-environment"),
    ("SECOND_KEY", "sk-second"),
    ("LISTEN", "127.0.0.1:9999"),
    ("WORKERS", "3"),
    ("STRICT", "true"),
    ("EMPTY", ""),
    ("SPACED", "not a key"),
];

/// A folder that is gone when the test is over.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// A folder with `tls.crt`, `tls.key`, `jwks.json`, `private-jwks.json` and `key.txt`.
    pub(super) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("claw-config-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = Self(std::env::temp_dir().join(name));
        std::fs::create_dir_all(&folder.0).unwrap();
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        folder.write("tls.crt", &own.cert.pem());
        folder.write("tls.key", &own.signing_key.serialize_pem());
        folder.write("jwks.json", r#"{"keys": [{"kty": "EC", "crv": "P-256", "x": "eA", "y": "eQ"}]}"#);
        folder.write("private-jwks.json", r#"{"keys": [{"kty": "EC", "d": "ZA"}]}"#);
        folder.write("key.txt", "sk-from-a-file\n");
        folder
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn write(&self, name: &str, content: &str) {
        std::fs::write(self.0.join(name), content).unwrap();
    }

    pub(super) fn parse(&self, text: &str) -> Result<Loaded, Problems> {
        parse(text, &self.0, options())
    }

    /// The problems of a text that must have some, one a line or two.
    pub(super) fn problems(&self, text: &str) -> Vec<String> {
        let Problems(problems) = self.parse(text).unwrap_err();
        problems.iter().map(ToString::to_string).collect()
    }

    pub(super) fn warnings(&self, text: &str) -> Vec<String> {
        let loaded = self.parse(text).unwrap();
        loaded.warnings.iter().map(ToString::to_string).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The system's own cleaning of temporary folders is the second chance.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// No literal secrets, no AWS, the environment above.
pub(super) fn options() -> LoadOptions {
    let env = |name: &str| {
        ENVIRONMENT.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    };
    LoadOptions { env: Arc::new(env), secrets_manager: None, allow_literal_secrets: false }
}

/// What every configuration needs: appended to those that are about something else.
pub(super) const NEEDED: &str = r#"
[[identity.keys]]
id = "needed"
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
scopes = ["chat:write"]
[[policy.allow]]
models = ["*"]
[providers.needed]
dialect = "ollama_chat"
"#;
