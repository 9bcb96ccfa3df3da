//! The process: a thread with its own runtime for each core, signals, draining, and a configuration that is taken up when its files change.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use claw_config::{Checked, LoadOptions, Loaded, Workers};
use claw_edge::{Listener, Phase, PhaseSender, PhaseWatch, Surface, Tls, accept_loop, phases};
use claw_ledger::Shipper;
use claw_limit::Gauges;
use claw_telemetry::Metrics;
use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;
use tracing::{error, info, warn};

use crate::app::{App, Ledger, Shared};
use crate::gateway::Gateway;
use crate::settings;

/// How often files are looked at for a change.
const WATCH_EVERY: Duration = Duration::from_secs(1);
/// How often a draining process looks whether it is done.
const DRAIN_LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long connections may take to close after the last stream was told that it ends.
const CUT_GRACE: Duration = Duration::from_secs(2);
/// How long the rest of the spool may take to reach the database at the end; what does not is carried on by the next process.
const SHIP_DEADLINE: Duration = Duration::from_secs(10);
/// A thread's stack: decoders recurse as deep as JSON may nest.
const STACK_BYTES: usize = 4 * 1024 * 1024;

/// Where a started process listens.
#[derive(Clone, Copy, Debug)]
pub struct Addresses {
    /// The public listener.
    pub public: SocketAddr,
    /// The admin listener.
    pub admin: SocketAddr,
    /// Whether the public listener speaks TLS.
    pub tls: bool,
}

/// A configuration and where it came from.
pub struct Source {
    /// The file.
    pub path: PathBuf,
    /// How it is read.
    pub options: LoadOptions,
    /// What was read.
    pub loaded: Loaded,
}

/// Serves until the process is told to end (SIGTERM, SIGINT), and then until what runs has ended. `ready` is called once it listens.
///
/// # Errors
/// It cannot start: an address is taken, a folder cannot be written, a certificate cannot be used.
pub fn run(source: Source, ready: impl FnOnce(Addresses)) -> anyhow::Result<()> {
    runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot make a runtime")?
        .block_on(Process::start(source)?.serve(ready))
}

struct Process {
    source: Source,
    shared: Arc<Shared>,
    phase: PhaseSender,
    gateways: Vec<Arc<Gateway>>,
    tls: Option<Arc<Tls>>,
    places: Vec<Arc<Semaphore>>,
    addresses: Addresses,
    admin: Option<Listener>,
    places_each: usize,
}

impl Process {
    fn start(source: Source) -> anyhow::Result<Self> {
        let config = &source.loaded.config;
        let server = &config.server;
        let cores = match server.workers {
            Workers::OnePerCore => thread::available_parallelism().map_or(1, usize::from),
            Workers::Exactly(number) => number.get(),
        };
        let (phase, watch) = phases();
        let (spools, shipper) = claw_ledger::start(&ledger_settings(config, cores)?)?;
        let shared = Arc::new(shared(watch, shipper));
        let ledgers: Vec<Arc<Ledger>> =
            spools.into_iter().map(|spool| Arc::new(Ledger::new(spool))).collect();
        let gateways: Vec<_> =
            apps(config, &ledgers, &shared)?.into_iter().map(|app| Arc::new(Gateway::new(app))).collect();
        let tls = match &server.tls {
            Some(files) => Some(Tls::load(&files.certificate_file, &files.key_file)?),
            None => None,
        };
        let first = Listener::bind(server.listen, true)?;
        let admin = Listener::bind(server.admin_listen, false)?;
        let addresses = Addresses { public: first.address()?, admin: admin.address()?, tls: tls.is_some() };
        let places_each = (server.max_connections / cores).max(1);
        let mut process = Self {
            shared,
            phase,
            gateways,
            tls,
            places: Vec::new(),
            addresses,
            admin: Some(admin),
            places_each,
            source,
        };
        process.start_cores(first)?;
        Ok(process)
    }

    /// One thread for each core, all listening on the same address.
    fn start_cores(&mut self, first: Listener) -> anyhow::Result<()> {
        let mut first = Some(first);
        for (core, gateway) in self.gateways.clone().into_iter().enumerate() {
            let listener = match first.take() {
                Some(listener) => listener,
                None => Listener::bind(self.addresses.public, true)?,
            };
            let places = Arc::new(Semaphore::new(self.places_each));
            self.places.push(places.clone());
            let acceptor = self.tls.as_ref().map(Tls::acceptor).transpose()?;
            let phase = self.phase.subscribe();
            let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
            thread::Builder::new().name(format!("core-{core}")).stack_size(STACK_BYTES).spawn(move || {
                let serving = accept_loop(listener, gateway, Surface::Public, acceptor, places, phase);
                if let Err(error) = runtime.block_on(serving) {
                    error!(core, cause = %error, "a core cannot listen");
                }
            })?;
        }
        Ok(())
    }

    async fn serve(mut self, ready: impl FnOnce(Addresses)) -> anyhow::Result<()> {
        let (mut terminate, mut interrupt) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        if let (Some(admin), Some(gateway)) = (self.admin.take(), self.gateways.first().cloned()) {
            let places = Arc::new(Semaphore::new(self.places_each));
            tokio::spawn(accept_loop(admin, gateway, Surface::Admin, None, places, self.phase.subscribe()));
        }
        info!(public = %self.addresses.public, admin = %self.addresses.admin, cores = self.gateways.len(), "listening");
        ready(self.addresses);
        let mut stamps = self.stamps();
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                () = tokio::time::sleep(WATCH_EVERY) => {
                    let now = self.stamps();
                    if now != stamps {
                        stamps = now;
                        self.reload();
                    }
                }
            }
        }
        self.drain().await;
        Ok(())
    }

    /// When each file that the configuration rests on was changed last, and its size.
    fn stamps(&self) -> Vec<Option<(std::time::SystemTime, u64)>> {
        let files = self.source.loaded.files.iter().chain([&self.source.path]);
        let stamp = |path: &PathBuf| {
            let data = std::fs::metadata(path).ok()?;
            Some((data.modified().ok()?, data.len()))
        };
        files.map(stamp).collect()
    }

    /// Takes up what the files say now. A bad configuration is refused, said, and the old one stays.
    fn reload(&mut self) {
        if let Some(tls) = &self.tls {
            match tls.reload() {
                Ok(true) => info!("the certificate was renewed"),
                Ok(false) => {}
                Err(error) => {
                    warn!(cause = %error, "the changed certificate cannot be used; the old one stays");
                }
            }
        }
        let loaded = match claw_config::load(&self.source.path, self.source.options.clone()) {
            Ok(loaded) => loaded,
            Err(problems) => {
                return error!(%problems, "the changed configuration is refused; the old one stays");
            }
        };
        if loaded.digest == self.source.loaded.digest {
            return;
        }
        let (old, new) = (&self.source.loaded.config.server, &loaded.config.server);
        if (old.listen, old.admin_listen, old.workers) != (new.listen, new.admin_listen, new.workers) {
            warn!("addresses and workers are taken up at the next start only");
        }
        let ledgers: Vec<_> = self.gateways.iter().map(|gateway| gateway.app().ledger.clone()).collect();
        match apps(&loaded.config, &ledgers, &self.shared) {
            Ok(apps) => {
                for (gateway, app) in self.gateways.iter().zip(apps) {
                    gateway.swap(app);
                }
                self.source.loaded = loaded;
                info!("the changed configuration is in force");
            }
            Err(error) => error!(
                cause = format!("{error:#}"),
                "the changed configuration is refused; the old one stays"
            ),
        }
    }

    /// Ends what was begun, then what did not end in time, then the spool.
    async fn drain(&self) {
        let deadline = self.source.loaded.config.server.drain_deadline;
        info!(deadline_s = deadline.as_secs(), "draining");
        self.phase.send_replace(Phase::Draining);
        let began = Instant::now();
        while !self.is_quiet() && began.elapsed() < deadline {
            tokio::time::sleep(DRAIN_LOOK_EVERY).await;
        }
        if !self.is_quiet() {
            warn!(
                calls = self.shared.gauges.calls_in_flight(),
                "the drain deadline has passed: what still runs is ended"
            );
            self.phase.send_replace(Phase::Cut);
            let cut = Instant::now();
            while !self.is_quiet() && cut.elapsed() < CUT_GRACE {
                tokio::time::sleep(DRAIN_LOOK_EVERY).await;
            }
        }
        let drained = self.shared.shipper.drain(SHIP_DEADLINE).await;
        info!(?drained, "drained");
    }

    /// Whether no call runs and no connection is open.
    fn is_quiet(&self) -> bool {
        self.shared.gauges.calls_in_flight() == 0
            // The loop that accepts holds one place while it waits.
            && self.places.iter().all(|places| places.available_permits() + 1 >= self.places_each)
    }
}

fn shared(phase: PhaseWatch, shipper: Shipper) -> Shared {
    Shared {
        metrics: Metrics::default(),
        gauges: Arc::<Gauges>::default(),
        phase,
        shipper: Arc::new(shipper),
        started: Instant::now(),
    }
}

fn ledger_settings(config: &Checked, cores: usize) -> anyhow::Result<claw_ledger::Settings> {
    let mut settings = claw_ledger::Settings::new(&config.ledger.folder, config.ledger.region.as_str());
    settings.cores = u16::try_from(cores).context("server.workers is too large")?;
    settings.flush_every = config.ledger.flush_every;
    settings.segment_bytes = config.ledger.spool_segment_bytes;
    Ok(settings)
}

/// One app for each core.
fn apps(config: &Checked, ledgers: &[Arc<Ledger>], shared: &Arc<Shared>) -> anyhow::Result<Vec<Arc<App>>> {
    let stages = Arc::new(settings::stages(config, shared.gauges.clone())?);
    let one = |ledger: &Arc<Ledger>| {
        Ok(Arc::new(App {
            stages: stages.clone(),
            ledger: ledger.clone(),
            providers: settings::providers(config)?,
            shared: shared.clone(),
        }))
    };
    ledgers.iter().map(one).collect()
}
