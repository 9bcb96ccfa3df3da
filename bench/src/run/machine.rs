//! The machine that is measured on: what it is, and which of its cores does what.
//! It must not know targets or scenarios.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use super::say;
use crate::proc;

/// Who runs on which core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cores {
    /// Load and upstream.
    pub(super) load: usize,
    /// The proxy that is measured.
    pub(super) proxy: usize,
}

/// What the report says of the machine.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    pub(super) cpu: String,
    pub(super) cores: usize,
    pub(super) kernel: String,
    /// How TCP paces itself; it moves every number of this benchmark.
    pub(super) congestion_control: String,
    pub(super) date: String,
    /// `None` when nothing can be pinned; the report says so.
    pub(super) pins: Option<Cores>,
    pub(super) base_port: u16,
}

impl Machine {
    pub(super) fn look(base_port: u16) -> anyhow::Result<Self> {
        anyhow::ensure!((1024..=65_000).contains(&base_port), "a base port is 1024 to 65000");
        let allowed = proc::allowed_cores()?;
        let pins = pins(&allowed, has_taskset());
        if pins.is_none() {
            say(
                "NOT PINNED: this needs two cores and taskset; load and proxy disturb each other, ratios are rough",
            );
        }
        let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        Ok(Self {
            cpu: cpu_model(&cpu).unwrap_or("unknown").to_owned(),
            cores: allowed.len(),
            kernel: setting("kernel/osrelease"),
            congestion_control: setting("net/ipv4/tcp_congestion_control"),
            date: date(),
            pins,
            base_port,
        })
    }

    /// A command that will run on `core`, or anywhere when nothing is pinned.
    pub(super) fn command(&self, core: impl Fn(Cores) -> usize, program: impl AsRef<OsStr>) -> Command {
        match self.pins {
            Some(cores) => {
                let mut command = Command::new("taskset");
                command.arg("-c").arg(core(cores).to_string()).arg(program);
                command
            }
            None => Command::new(program),
        }
    }
}

/// The first core for the load, the last for the proxy.
fn pins(allowed: &[usize], has_taskset: bool) -> Option<Cores> {
    match allowed {
        [load, .., proxy] if has_taskset => Some(Cores { load: *load, proxy: *proxy }),
        _ => None,
    }
}

fn has_taskset() -> bool {
    let tried = Command::new("taskset").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

fn cpu_model(cpuinfo: &str) -> Option<&str> {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name") || line.starts_with("CPU part"))?;
    Some(line.split_once(':')?.1.trim())
}

fn setting(path: &str) -> String {
    let read = std::fs::read_to_string(format!("/proc/sys/{path}"));
    read.map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}

fn date() -> String {
    let said = Command::new("date").args(["-u", "+%Y-%m-%d"]).output();
    said.map_or_else(
        |_| "unknown date".to_owned(),
        |out| String::from_utf8_lossy(&out.stdout).trim().to_owned(),
    )
}

/// What a binary says of itself, in one line.
pub(super) fn version(program: &Path, flag: &str) -> String {
    let Ok(out) = Command::new(program).arg(flag).output() else {
        return "unknown version".to_owned();
    };
    // nginx says its version on stderr.
    let said = if out.stdout.is_empty() { out.stderr } else { out.stdout };
    String::from_utf8_lossy(&said).lines().next().unwrap_or("unknown version").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_core_or_no_taskset_pins_nothing() {
        assert_eq!(pins(&[3], true), None);
        assert_eq!(pins(&[0, 1], false), None);
        assert_eq!(pins(&[2, 3, 7], true), Some(Cores { load: 2, proxy: 7 }));
    }

    #[test]
    fn the_model_of_the_processor_is_found() {
        assert_eq!(cpu_model("processor\t: 0\nmodel name\t: Fast One\n"), Some("Fast One"));
        assert_eq!(cpu_model("nothing"), None);
    }
}
