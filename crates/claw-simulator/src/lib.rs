//! The four provider APIs (OpenAI Chat Completions, Anthropic Messages, Bedrock Converse, Ollama), simulated
//! faithfully on one listener, for the demonstration, for tests and for load.
//!
//! It must not know any other crate of this workspace: what it says is written from the vendors' own specifications,
//! so that a mistake in the codecs cannot hide behind the same mistake here. What it says is deterministic, and the
//! name of a model chooses how it is said (`gpt-sim~first=300ms~tps=50`, see [`KNOBS`]).

mod anthropic;
mod asked;
mod bedrock;
mod control;
mod exchange;
mod fields;
mod knobs;
mod log;
mod meter;
mod ollama;
mod openai;
mod player;
mod route;
mod script;
mod seen;
mod server;
mod signature;
mod steps;
mod synthesis;
mod vendor;
mod wire;
mod words;

use std::future::Future;
use std::sync::Arc;

pub use knobs::KNOBS;
pub use seen::{Ended, Seen, SeenImage, SeenToolResult, SeenUsage};
pub use vendor::Vendor;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

use crate::log::Log;
use crate::meter::PromptCache;
use crate::server::Connections;

/// How a simulator behaves before any model name says otherwise.
#[derive(Debug, Clone)]
pub struct Options {
    /// The key that every call must bring (a bearer token, `x-api-key`, or the access key id of an AWS signature).
    /// A wrong or missing one is the vendor's own 401 or 403. `None` admits everyone.
    pub required_key: Option<String>,
    /// The secret that belongs to the access key id `required_key`. With it a call of Bedrock that is signed (SigV4)
    /// must be signed right; without it the signature is not looked at.
    pub aws_secret_key: Option<String>,
    /// The models of the vendors' lists (`/v1/models`, `/api/tags`). Calls may name any model.
    pub models: Vec<(Vendor, String)>,
    /// Whether calls are kept in the log. Load tests switch it off.
    pub log: bool,
    /// How many calls the log keeps, oldest dropped first.
    pub log_entries: usize,
    /// How many bytes of request bodies the log keeps in all, oldest calls dropped first.
    pub log_bytes: usize,
    /// The largest request body that the log keeps, in bytes; of a larger one only its size is kept.
    pub log_body_bytes: usize,
    /// The largest request body that is read, in bytes; a larger one is the vendor's 413.
    pub max_body_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            required_key: None,
            aws_secret_key: None,
            models: vec![
                (Vendor::OpenAi, "gpt-sim".to_owned()),
                (Vendor::OpenAi, "gpt-sim-mini".to_owned()),
                (Vendor::Anthropic, "claude-sim".to_owned()),
                (Vendor::Anthropic, "claude-sim-mini".to_owned()),
                (Vendor::Bedrock, "anthropic.claude-sim-v1:0".to_owned()),
                (Vendor::Bedrock, "amazon.nova-sim-v1:0".to_owned()),
                (Vendor::Ollama, "llama-sim:latest".to_owned()),
            ],
            log: true,
            log_entries: 10_000,
            log_bytes: 64 * 1024 * 1024,
            log_body_bytes: 1024 * 1024,
            max_body_bytes: 32 * 1024 * 1024,
        }
    }
}

/// The four providers on one address. Cheap to clone; the clones share the log and all counters.
#[derive(Debug, Clone)]
pub struct Simulator {
    state: Arc<State>,
}

/// What all calls of one simulator share.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) options: Options,
    pub(crate) log: Log,
    pub(crate) cache: PromptCache,
    pub(crate) troubles: knobs::Tally,
    pub(crate) connections: Connections,
}

impl Simulator {
    /// A simulator that has seen nothing yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let log = Log::new(&options);
        Self {
            state: Arc::new(State {
                options,
                log,
                cache: PromptCache::default(),
                troubles: knobs::Tally::default(),
                connections: Connections::default(),
            }),
        }
    }

    /// Serves HTTP/1.1 and HTTP/2 without TLS until `shutdown` resolves; then calls in flight have a second to end.
    pub async fn serve(&self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        server::listen(&self.state, listener, shutdown).await;
    }

    /// Serves one connection over any byte stream (a duplex pipe in tests) until the peer closes it.
    pub async fn serve_connection<IO>(&self, io: IO)
    where
        IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        server::serve_connection(&self.state, io).await;
    }

    /// Every call that the log keeps, oldest first, each as it stands now.
    #[must_use]
    pub fn log(&self) -> Vec<Seen> {
        self.state.log.snapshot()
    }

    /// Forgets the calls, the counted troubles of `times=` and the prompt cache. Sequence numbers go on.
    pub fn clear(&self) {
        self.state.clear();
    }

    /// How many connections were opened so far.
    #[must_use]
    pub fn connections_opened(&self) -> u64 {
        self.state.connections.opened()
    }
}

impl State {
    pub(crate) fn clear(&self) {
        self.log.clear();
        self.troubles.clear();
        self.cache.clear();
    }
}
