//! `key`: API keys for programs. A key is shown once and stored nowhere; the configuration holds its hash.

use std::io::Write as _;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use anyhow::Context as _;
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, Subcommand};
use claw_hub::Scope;
use jiff::Timestamp;

const TITLE: Style = AnsiColor::Cyan.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// What an API key begins with, so that scanners of repositories and logs can find one.
const PREFIX: &str = "oc_";
/// 256 bits: nobody guesses it, so its hash needs no salt and no slowness.
const RANDOM_BYTES: usize = 32;

/// What can be done with keys.
#[derive(Subcommand)]
pub enum KeyCommand {
    /// Make a key and print it once, with what goes into the configuration.
    Create(CreateArgs),
}

/// What `key create` takes.
#[derive(Args)]
#[command(
    after_help = "Example:\n  openclaw-gateway key create --id nightly-report --tenant finance --expires 2027-01-01T00:00:00Z"
)]
pub struct CreateArgs {
    /// What the key is called in records: letters, digits, `.`, `_` and `-`.
    #[arg(long, value_parser = identifier)]
    id: String,
    /// Who its bearer is; without it the id.
    #[arg(long, value_parser = label)]
    user: Option<String>,
    /// The tenant of its bearer; without it `default`.
    #[arg(long, value_parser = label)]
    tenant: Option<String>,
    /// What its bearer may do; can be given several times.
    #[arg(long = "scope", value_parser = scope, default_value = "chat:write", value_name = "SCOPE")]
    scopes: Vec<Scope>,
    /// When it ends; without it the key ends when it is taken out of the configuration.
    #[arg(long, value_name = "RFC3339")]
    expires: Option<Timestamp>,
}

/// Makes a key.
///
/// # Errors
/// The system has no randomness, or the terminal cannot be written to.
pub fn run(command: &KeyCommand) -> anyhow::Result<ExitCode> {
    let KeyCommand::Create(args) = command;
    let key = fresh()?;
    let mut out = anstream::stdout().lock();
    writeln!(out, "{TITLE}The key{TITLE:#} {DIM}(it is shown now and never again){DIM:#}\n\n{key}\n")?;
    writeln!(
        out,
        "{TITLE}For the configuration{TITLE:#} {DIM}(a gateway that runs takes it up by itself){DIM:#}\n"
    )?;
    write!(out, "{}", snippet(args, &key))?;
    Ok(ExitCode::SUCCESS)
}

fn fresh() -> anyhow::Result<String> {
    let mut random = [0; RANDOM_BYTES];
    rand::fill(&mut random).ok().context("the system has no randomness")?;
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random)))
}

/// The table of the configuration that lets the key in.
fn snippet(args: &CreateArgs, key: &str) -> String {
    let hex: String = claw_identity::hash(key).iter().map(|byte| format!("{byte:02x}")).collect();
    let scopes: Vec<_> = args.scopes.iter().map(|scope| quoted(scope.name())).collect();
    let mut lines = vec![
        "[[identity.keys]]".to_owned(),
        format!("id = {}", quoted(&args.id)),
        format!("sha256 = {}", quoted(&hex)),
        format!("scopes = [{}]", scopes.join(", ")),
    ];
    lines.extend(args.tenant.as_deref().map(|tenant| format!("tenant = {}", quoted(tenant))));
    lines.extend(args.user.as_deref().map(|user| format!("user = {}", quoted(user))));
    lines.extend(args.expires.map(|expires| format!("expires = {expires}")));
    lines.join("\n") + "\n"
}

/// A TOML string; JSON's escapes are TOML's too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn identifier(text: &str) -> Result<String, String> {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if (1..=64).contains(&text.len()) && text.bytes().all(is_known) {
        return Ok(text.to_owned());
    }
    Err("use at most 64 letters, digits, dots, underscores and hyphens".to_owned())
}

fn label(text: &str) -> Result<String, String> {
    let is_fit = (1..=256).contains(&text.len()) && text.trim() == text && !text.contains(char::is_control);
    if is_fit {
        Ok(text.to_owned())
    } else {
        Err("use at most 256 bytes, without spaces around them".to_owned())
    }
}

fn scope(text: &str) -> Result<Scope, String> {
    let known = || Scope::ALL.map(Scope::name).join(", ");
    Scope::from_name(text).ok_or_else(|| format!("there are {}", known()))
}

#[cfg(test)]
mod tests;
