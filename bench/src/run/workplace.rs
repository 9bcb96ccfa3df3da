//! The temporary folder of a run: each server's own folder, and its configuration with this run's addresses.
//! It must not know what the configurations mean beyond the addresses and the data folder in them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::target::Program;

/// Addresses of the configurations begin with this; the digit that follows is the offset from the base port.
const WRITTEN_ADDRESS: &str = "127.0.0.1:1800";
/// The gateway's data folder, as its configuration writes it.
const WRITTEN_DATA: &str = "/tmp/openclaw-bench";

/// The folder, removed when the run ends.
pub(super) struct Workplace {
    root: PathBuf,
    base_port: u16,
}

impl Workplace {
    pub(super) fn new(base_port: u16) -> anyhow::Result<Self> {
        let root = std::env::temp_dir().join(format!("claw-bench-{}", std::process::id()));
        fs::create_dir_all(&root).with_context(|| root.display().to_string())?;
        Ok(Self { root, base_port })
    }

    /// An empty folder for one start of a server: no start may profit from what the last one left.
    pub(super) fn fresh(&self, program: Program) -> anyhow::Result<PathBuf> {
        let folder = self.root.join(program.name());
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(folder.join("data"))?;
        Ok(folder)
    }

    /// Writes a server's configuration into its folder, with this run's ports and data folder.
    pub(super) fn configuration(
        &self,
        program: Program,
        source: &Path,
        folder: &Path,
    ) -> anyhow::Result<PathBuf> {
        let text = fs::read_to_string(source).with_context(|| source.display().to_string())?;
        // The second gateway shares the file of the first and has its own two ports.
        let shift = if program == Program::GatewayB { 2 } else { 0 };
        let port = |offset: u16| self.base_port + if offset >= 4 { offset + shift } else { offset };
        let name = source.file_name().context("a configuration is a file")?;
        let path = folder.join(name);
        let data = folder.join("data");
        fs::write(&path, rewrite(&text, port).replace(WRITTEN_DATA, &data.display().to_string()))?;
        Ok(path)
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        // What cannot be removed stays for the system's own cleaning.
        drop(fs::remove_dir_all(&self.root));
    }
}

/// Replaces every address in one pass, so that a new port is never taken for a written one.
fn rewrite(text: &str, port: impl Fn(u16) -> u16) -> String {
    let mut parts = text.split(WRITTEN_ADDRESS);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digit = part
            .chars()
            .next()
            .and_then(|first| first.to_digit(10))
            .and_then(|digit| u16::try_from(digit).ok());
        match digit {
            Some(digit) => {
                out.push_str(&format!("127.0.0.1:{}{}", port(digit), &part[1..]));
            }
            None => {
                out.push_str(WRITTEN_ADDRESS);
                out.push_str(part);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_moves_once() {
        let text = "listen 127.0.0.1:18002; server 127.0.0.1:18001; other 127.0.0.1:9000;";
        let moved = rewrite(text, |offset| 18_001 + offset);
        assert_eq!(moved, "listen 127.0.0.1:18003; server 127.0.0.1:18002; other 127.0.0.1:9000;");
    }

    #[test]
    fn the_second_gateway_has_its_own_ports_and_data_and_the_same_upstream() {
        let place = Workplace::new(20_000).unwrap();
        let source = place.root.join("gateway.toml");
        fs::write(&source, "a 127.0.0.1:18004 b 127.0.0.1:18005 c 127.0.0.1:18001 d /tmp/openclaw-bench/x")
            .unwrap();
        let folder = place.fresh(Program::GatewayB).unwrap();
        let path = place.configuration(Program::GatewayB, &source, &folder).unwrap();
        let text = fs::read_to_string(path).unwrap();
        let data = folder.join("data");
        let wanted = format!("a 127.0.0.1:20006 b 127.0.0.1:20007 c 127.0.0.1:20001 d {}/x", data.display());
        assert_eq!(text, wanted);
    }
}
