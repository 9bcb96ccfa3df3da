//! What is compared, as data: the servers that are started and the doors of them that are loaded.
//! It must not know processes or numbers.

use std::path::PathBuf;

use super::{Options, say};
use crate::upstream::{ANTHROPIC_TEXTS, OPENAI_TEXTS};

/// Events of every stream that passes without translation.
const STREAM_EVENTS: u64 = 51;

/// A process that is started, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Program {
    Upstream,
    Nginx,
    Bare,
    Gateway,
    GatewayB,
}

impl Program {
    /// The name in tables and of its files.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Upstream => "upstream",
            Self::Nginx => "nginx",
            Self::Bare => "bare",
            Self::Gateway => "gateway",
            Self::GatewayB => "gateway-b",
        }
    }

    /// Its port, counted from the base port.
    pub(super) fn port_offset(self) -> u16 {
        match self {
            Self::Upstream => 1,
            Self::Nginx => 2,
            Self::Bare => 3,
            Self::Gateway => 4,
            Self::GatewayB => 6,
        }
    }
}

/// One row of the tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) program: Program,
    pub(super) model_prefix: &'static str,
    /// Content texts of a complete stream.
    pub(super) texts: u64,
    /// Events of a complete stream, where the target must not change them.
    pub(super) events: Option<u64>,
    /// What the row is, for the legend.
    pub(super) meaning: &'static str,
}

impl Target {
    const fn plain(name: &'static str, program: Program, meaning: &'static str) -> Self {
        Self { name, program, model_prefix: "", texts: OPENAI_TEXTS, events: Some(STREAM_EVENTS), meaning }
    }

    const fn fast(name: &'static str, program: Program, meaning: &'static str) -> Self {
        Self { model_prefix: "openai/", ..Self::plain(name, program, meaning) }
    }

    const fn translated(name: &'static str, program: Program, meaning: &'static str) -> Self {
        Self {
            model_prefix: "anthropic/",
            texts: ANTHROPIC_TEXTS,
            events: None,
            ..Self::plain(name, program, meaning)
        }
    }

    /// Whether a proxy stands between load and upstream.
    pub(super) fn is_proxied(&self) -> bool {
        self.program != Program::Upstream
    }
}

/// Every target, in the order in which they are loaded and shown.
const TARGETS: [Target; 7] = [
    Target::plain("direct", Program::Upstream, "no proxy: the load talks to the upstream"),
    Target::plain("nginx", Program::Nginx, "nginx as a plain proxy, one worker"),
    Target::plain("bare", Program::Bare, "a bare hyper proxy that only peeks at `model` and `stream`"),
    Target::fast("gateway", Program::Gateway, "the gateway, every stage on, OpenAI in and OpenAI out"),
    Target::translated(
        "translated",
        Program::Gateway,
        "the gateway, every stage on, OpenAI in and Anthropic out",
    ),
    Target::fast("gateway-b", Program::GatewayB, "the second gateway, as `gateway`"),
    Target::translated("translated-b", Program::GatewayB, "the second gateway, as `translated`"),
];

/// The targets of this run and the binaries behind them.
pub(super) struct Choice {
    pub(super) targets: Vec<Target>,
    pub(super) gateway: PathBuf,
    pub(super) gateway_b: Option<PathBuf>,
}

impl Choice {
    /// Takes what was asked for and can be started; says what is left out, and why.
    pub(super) fn new(options: &Options) -> anyhow::Result<Self> {
        for name in &options.only {
            anyhow::ensure!(TARGETS.iter().any(|target| target.name == name), "there is no target {name}");
        }
        let gateway = options.gateway_bin.clone();
        let gateway_b = options.gateway_bin_b.clone();
        let startable = |target: &Target| match target.program {
            Program::Gateway => gateway.is_file(),
            Program::GatewayB => gateway_b.as_ref().is_some_and(|binary| binary.is_file()),
            Program::Upstream | Program::Nginx | Program::Bare => true,
        };
        let asked = |target: &Target| {
            let named = options.only.iter().any(|name| target.name == name);
            named || (options.only.is_empty() && (target.program != Program::GatewayB || gateway_b.is_some()))
        };
        let mut targets = Vec::new();
        for target in TARGETS.iter().filter(|target| asked(target)) {
            if startable(target) {
                targets.push(*target);
            } else if options.only.is_empty() && target.program == Program::Gateway {
                say(&format!("LEFT OUT: {}, there is no binary {}", target.name, gateway.display()));
            } else {
                anyhow::bail!("{} was asked for, but its binary does not exist", target.name);
            }
        }
        anyhow::ensure!(!targets.is_empty(), "nothing is left to measure");
        Ok(Self { targets, gateway, gateway_b })
    }

    /// The servers behind the targets, each once.
    pub(super) fn programs(&self) -> Vec<Program> {
        let mut programs: Vec<Program> = Vec::new();
        for target in self.targets.iter().filter(|target| target.is_proxied()) {
            if !programs.contains(&target.program) {
                programs.push(target.program);
            }
        }
        programs
    }
}
