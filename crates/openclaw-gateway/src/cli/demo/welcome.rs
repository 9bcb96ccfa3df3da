//! What the demo says when it is ready: commands that can be pasted.

use std::io::Write as _;
use std::net::SocketAddr;

use anstyle::{AnsiColor, Style};

use crate::cli::serve;
use crate::process::Addresses;

const TITLE: Style = AnsiColor::Cyan.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Names that the demo's configuration knows.
const MODELS: [&str; 6] = [
    "fast",
    "smart",
    "openai/gpt-5",
    "anthropic/claude-sonnet-4-6",
    "bedrock/us.anthropic.claude-sonnet-4-6-v1:0",
    "ollama/llama3.2",
];

/// Says that the demo is ready.
pub(super) fn say(addresses: &Addresses, simulator: SocketAddr, token: &str, json: bool) {
    let (url, admin_url) = (serve::url(addresses), format!("http://{}", addresses.admin));
    let mut out = anstream::stdout().lock();
    // Nobody reads a pipe that is closed, and the demo goes on without a reader.
    let _ = if json {
        let line = serde_json::json!({
            "url": url, "admin_url": admin_url, "token": token, "models": MODELS, "simulator_url": format!("http://{simulator}"),
        });
        writeln!(out, "{line}")
    } else {
        write!(out, "{}", page(&url, &admin_url, simulator, token))
    };
    let _ = out.flush();
}

fn page(url: &str, admin_url: &str, simulator: SocketAddr, token: &str) -> String {
    let models = MODELS.join("  ");
    format!(
        r#"{TITLE}OpenClaw Gateway{TITLE:#} is ready on {url}  {DIM}(operators: {admin_url}, simulated providers: http://{simulator}){DIM:#}

{TITLE}Paste this into another terminal:{TITLE:#}

export OPENCLAW_TOKEN={token}

curl -N {url}/v1/chat/completions -H "authorization: Bearer $OPENCLAW_TOKEN" \
  -d '{{"model":"fast","stream":true,"messages":[{{"role":"user","content":"hello"}}]}}'

{DIM}or chat:{DIM:#}    openclaw-gateway chat --url {url}
{DIM}or OpenAI's SDK:{DIM:#}     OPENAI_BASE_URL={url}/v1 OPENAI_API_KEY=$OPENCLAW_TOKEN
{DIM}or Anthropic's SDK:{DIM:#}  ANTHROPIC_BASE_URL={url} ANTHROPIC_API_KEY=$OPENCLAW_TOKEN
{DIM}or Ollama's:{DIM:#}         OLLAMA_HOST={url}/api/ollama

{DIM}models:{DIM:#} {models}
{DIM}Ctrl-C ends it.{DIM:#}
"#
    )
}
