//! One started server: spawned, waited for until it answers, asked for its cost, stopped.
//! It must not know what it is loaded with.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::machine::Machine;
use super::target::{Choice, Program};
use super::workplace::Workplace;
use crate::proc;

const READY_WITHIN: Duration = Duration::from_secs(15);
const ASK_EVERY: Duration = Duration::from_micros(500);
const STOPPED_WITHIN: Duration = Duration::from_secs(5);
/// What is shown of the log of a server that did not start.
const LOG_BYTES: usize = 2000;

/// A running server; it is stopped when it is dropped.
pub(super) struct Server {
    pub(super) program: Program,
    pub(super) address: SocketAddr,
    /// From the spawn to the first 200 on `/health`.
    pub(super) ready_after: Duration,
    child: Child,
}

/// What every start needs.
pub(super) struct Starter<'a> {
    pub(super) machine: &'a Machine,
    pub(super) workplace: &'a Workplace,
    pub(super) choice: &'a Choice,
    /// The folder with the configurations.
    pub(super) folder: &'a Path,
}

impl Starter<'_> {
    /// Starts a server and waits until it answers.
    pub(super) fn start(&self, program: Program) -> anyhow::Result<Server> {
        let address = self.address(program.port_offset());
        anyhow::ensure!(
            TcpStream::connect(address).is_err(),
            "{address} is in use; choose another --base-port"
        );
        let folder = self.workplace.fresh(program)?;
        let log = folder.join("log");
        let mut command = self.command(program, &folder)?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&log)?);
        let begun = Instant::now();
        let child = command.spawn().with_context(|| format!("cannot start {}", program.name()))?;
        let mut server = Server { program, address, ready_after: Duration::ZERO, child };
        server.wait_until_ready(begun).with_context(|| {
            let said = std::fs::read(&log).unwrap_or_default();
            let tail = &said[said.len().saturating_sub(LOG_BYTES)..];
            format!("{} did not start; it said: {}", program.name(), String::from_utf8_lossy(tail).trim())
        })?;
        Ok(server)
    }

    fn address(&self, offset: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.machine.base_port + offset))
    }

    fn command(&self, program: Program, folder: &Path) -> anyhow::Result<Command> {
        let this = std::env::current_exe()?;
        let listen = self.address(program.port_offset()).to_string();
        let upstream = self.address(Program::Upstream.port_offset()).to_string();
        Ok(match program {
            Program::Upstream => {
                let mut command = self.machine.command(|cores| cores.load, this);
                command.args(["upstream", "--listen", &listen]);
                command
            }
            Program::Bare => {
                let mut command = self.machine.command(|cores| cores.proxy, this);
                command.args(["proxy", "--listen", &listen, "--upstream", &upstream]);
                command
            }
            Program::Nginx => {
                let path = self.workplace.configuration(program, &self.folder.join("nginx.conf"), folder)?;
                let mut command = self.machine.command(|cores| cores.proxy, "nginx");
                command.arg("-p").arg(folder).arg("-c").arg(path).arg("-e").arg("stderr");
                command
            }
            Program::Gateway => self.gateway(program, &self.choice.gateway, folder)?,
            Program::GatewayB => {
                let binary = self.choice.gateway_b.as_ref().context("there is no second gateway")?;
                self.gateway(program, binary, folder)?
            }
        })
    }

    fn gateway(&self, program: Program, binary: &Path, folder: &Path) -> anyhow::Result<Command> {
        let path = self.workplace.configuration(program, &self.folder.join("gateway.toml"), folder)?;
        let mut command = self.machine.command(|cores| cores.proxy, binary);
        command.args(["serve", "--config"]).arg(path);
        // What the upstream is shown; it looks at none of it.
        command.env("OPENCLAW_BENCH_PROVIDER_KEY", "none");
        Ok(command)
    }
}

impl Server {
    fn wait_until_ready(&mut self, begun: Instant) -> anyhow::Result<()> {
        while begun.elapsed() < READY_WITHIN {
            if is_healthy(self.address) {
                self.ready_after = begun.elapsed();
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                anyhow::bail!("it ended with {status}");
            }
            pause(ASK_EVERY);
        }
        anyhow::bail!("no answer on {} within {} s", self.address, READY_WITHIN.as_secs())
    }

    /// Processor time used so far.
    pub(super) fn cpu_seconds(&self) -> anyhow::Result<f64> {
        proc::cpu_seconds(self.child.id()).with_context(|| format!("{} has ended", self.program.name()))
    }

    /// Resident memory now.
    pub(super) fn resident_mib(&self) -> anyhow::Result<f64> {
        proc::resident_mib(self.child.id()).with_context(|| format!("{} has ended", self.program.name()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        // nginx must be asked kindly, or its worker outlives its master.
        let asked = Command::new("sh").arg("-c").arg(format!("kill -TERM {}", self.child.id())).status();
        let asked_at = Instant::now();
        while asked.as_ref().is_ok_and(|status| status.success()) && asked_at.elapsed() < STOPPED_WITHIN {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            pause(Duration::from_millis(2));
        }
        // Either the process is gone already or it ignores the kind way.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn is_healthy(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream.write_all(b"GET /health HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n")?;
        let mut status = [0; 12];
        stream.read_exact(&mut status)?;
        Ok(&status[9..] == b"200")
    };
    ask().unwrap_or(false)
}

#[expect(clippy::disallowed_methods, reason = "the orchestrator has no runtime; it only waits for processes")]
pub(super) fn pause(duration: Duration) {
    std::thread::sleep(duration);
}
