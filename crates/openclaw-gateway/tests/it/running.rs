//! A gateway process with a folder of its own, in front of simulated providers of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use claw_ledger::{Record, Records, Which};
use claw_simulator::{Options, Seen, Simulator};

use crate::client::{self, Response};

/// The key that every test configuration knows, and what stands in the configuration for it.
pub(crate) const KEY: &str = "oc_test-key-of-the-integration-tests";
/// Another key, without any scope but reading.
pub(crate) const READER: &str = "oc_reader-key-of-the-integration-tests";

/// Simulated providers on a thread of their own.
pub(crate) struct Simulated {
    pub(crate) address: SocketAddr,
    pub(crate) simulator: Simulator,
}

impl Simulated {
    pub(crate) fn start() -> Self {
        let simulator = Simulator::new(Options::default());
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        let serving = simulator.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                serving.serve(listener, std::future::pending()).await;
            });
        });
        Self { address: told.recv().unwrap(), simulator }
    }

    /// What the providers saw, once it is so.
    pub(crate) fn until(&self, what: &str, holds: impl Fn(&[Seen]) -> bool) -> Vec<Seen> {
        until(what, || Some(self.simulator.log()).filter(|seen| holds(seen)))
    }
}

/// Waits for something that comes by itself, at most ten seconds.
pub(crate) fn until<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "not in time: {what}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// A folder that goes away with the test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("openclaw-it-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A configuration with the four simulated providers; `server` and `more` are put in where they belong.
pub(crate) fn configuration(simulated: SocketAddr, server: &str, more: &str) -> String {
    let hashed =
        |key: &str| claw_identity::hash(key).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let provider = |name: &str, dialect: &str, rest: &str| {
        format!("[providers.{name}]\ndialect = \"{dialect}\"\nbase_url = \"http://{simulated}\"\n{rest}\n")
    };
    let providers = [
        provider("openai", "openai_chat", "api_keys = [\"env:SIMULATED_KEY\"]"),
        provider("anthropic", "anthropic_messages", "api_keys = [\"env:SIMULATED_KEY\"]"),
        provider(
            "bedrock",
            "bedrock_converse",
            "regions = [\"us-east-1\"]\napi_keys = [\"env:SIMULATED_KEY\"]",
        ),
        provider("ollama", "ollama_chat", ""),
    ];
    format!(
        "version = 1\n[server]\nlisten = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\nworkers = 2\n{server}\n\
         [[identity.keys]]\nid = \"test\"\nsha256 = \"{}\"\nscopes = [\"chat:write\", \"chat:read\", \"admin\"]\ntenant = \"acme\"\n\
         [[identity.keys]]\nid = \"reader\"\nsha256 = \"{}\"\nscopes = [\"chat:read\"]\n\
         [[identity.keys]]\nid = \"old\"\nsha256 = \"{}\"\nscopes = [\"chat:write\"]\nexpires = \"2020-01-01T00:00:00Z\"\n\
         [[policy.allow]]\ntenants = [\"*\"]\nusers = [\"*\"]\ngroups = [\"*\"]\nmodels = [\"openai/*\", \"anthropic/*\", \"bedrock/*\", \"ollama/*\"]\n\
         {}\n{more}\n[ledger]\nfolder = \"ledger\"\n[telemetry]\nlog = \"warn\"\n",
        hashed(KEY),
        hashed(READER),
        hashed("oc_expired"),
        providers.concat(),
    )
}

/// A running gateway.
pub(crate) struct Gateway {
    pub(crate) public: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) folder: Folder,
    child: Child,
}

impl Gateway {
    /// Starts the real binary and waits until it listens.
    pub(crate) fn start(configuration: &str) -> Self {
        Self::start_in(Folder::new(), configuration)
    }

    pub(crate) fn start_in(folder: Folder, configuration: &str) -> Self {
        let path = folder.write("gateway.toml", configuration);
        let mut child = Command::new(env!("CARGO_BIN_EXE_openclaw-gateway"))
            .args(["serve", "--json", "--config"])
            .arg(&path)
            .env("SIMULATED_KEY", "simulated")
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap_or_else(|error| {
            panic!("{error}: {line}\n{}", std::fs::read_to_string(folder.path().join("log")).unwrap())
        });
        let address = |name: &str| {
            let url = ready[name].as_str().unwrap();
            url.split("://").nth(1).unwrap().parse().unwrap()
        };
        Self { public: address("url"), admin: address("admin_url"), folder, child }
    }

    /// A POST with the test's key.
    pub(crate) fn post(&self, path: &str, body: &str) -> Response {
        client::exchange(
            self.public,
            &client::post(path, &[("authorization", &format!("Bearer {KEY}"))], body.as_bytes()),
        )
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let sent =
            Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the process to end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// The log so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// All records that have reached the database, once there are so many.
    pub(crate) fn records(&self, at_least: usize) -> Vec<Record> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        until("records", || {
            let folder = self.folder.path().join("ledger");
            let records =
                runtime.block_on(async { Records::new(&folder).find(Which::Since(0), 10_000).await.ok() })?;
            Some(records).filter(|records| records.len() >= at_least)
        })
    }

    /// Whether the process still serves.
    pub(crate) fn is_well(&self) -> bool {
        client::get(self.public, "/health", &[]).status == 200
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
