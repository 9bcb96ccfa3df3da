//! `chat`: a conversation in the terminal, over the gateway's own chat API. The history is kept here and sent with every question.
//! It must not know any provider; what an answer looks like is the business of `screen`.

mod exchange;
mod screen;

use std::io::{IsTerminal as _, Write};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use clap::Args;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};

use self::exchange::{Ask, Turn};
use self::screen::Screen;
use super::client::Client;

const PROMPT: Style = AnsiColor::Cyan.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Where `demo` leaves its token, seen from where it was started.
const DEMO_TOKEN_FILE: &str = "data/token";
/// A question from a pipe is not longer than this.
const PIPED_MAX_BYTES: u64 = 16 * 1024 * 1024;

/// What `chat` takes.
#[derive(Args)]
#[command(after_help = "Examples:\n  openclaw-gateway chat --model anthropic/claude-sonnet-4-6\n  \
    git diff | openclaw-gateway chat --message \"Review this change\"")]
pub struct ChatArgs {
    /// The model, as `provider/model`, as a name of the configuration, or `auto` for the gateway's default.
    #[arg(long, default_value = "auto")]
    model: String,
    /// Go on with a conversation that the gateway keeps.
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Where the gateway is.
    #[arg(long, env = "OPENCLAW_URL", default_value = "http://127.0.0.1:8080", value_name = "URL")]
    url: String,
    /// Who is asking; without it the token that `demo` has left in data/token is shown to a gateway on this machine.
    #[arg(long, env = "OPENCLAW_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Ask this once, print the answer and end. What is piped in is sent with it.
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
}

/// Chats until the input ends or Ctrl-C.
///
/// # Errors
/// The URL or the token is none, or the terminal cannot be read or written to.
pub fn run(args: &ChatArgs) -> anyhow::Result<ExitCode> {
    let client = Client::new(&args.url, args.token.as_deref())?;
    let client = match demo_token(args, &client) {
        Some(token) => Client::new(&args.url, Some(&token))?,
        None => client,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        let interrupted = tokio::signal::ctrl_c();
        tokio::select! {
            outcome = converse(args, &client) => outcome,
            _ = interrupted => farewell(),
        }
    });
    // A line that is still being typed must not keep the process.
    runtime.shutdown_background();
    outcome
}

/// The token that `demo` wrote, for a gateway on this machine only: a secret is not shown to other hosts.
fn demo_token(args: &ChatArgs, client: &Client) -> Option<String> {
    if args.token.is_some() || !client.is_local() {
        return None;
    }
    let token = std::fs::read_to_string(DEMO_TOKEN_FILE).ok()?;
    Some(token.trim().to_owned())
}

/// Ends what was being printed, in the middle of a line and of a colour.
fn farewell() -> anyhow::Result<ExitCode> {
    writeln!(anstream::stdout(), "{}", anstyle::Reset)?;
    Ok(ExitCode::SUCCESS)
}

async fn converse(args: &ChatArgs, client: &Client) -> anyhow::Result<ExitCode> {
    let mut talk = Talk { args, client, turns: Vec::new() };
    let is_typed = std::io::stdin().is_terminal();
    if args.message.is_some() || !is_typed {
        let question = only_question(args.message.as_deref(), is_typed).await?;
        let is_answered = talk.ask(question).await?;
        return Ok(if is_answered { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    writeln!(anstream::stdout(), "{DIM}{} on {}; Ctrl-D ends it{DIM:#}", args.model, client.url())?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    loop {
        let mut out = anstream::stdout();
        write!(out, "\n{PROMPT}>{PROMPT:#} ")?;
        out.flush()?;
        let Some(line) = lines.next_line().await? else { return farewell() };
        if !line.trim().is_empty() {
            talk.ask(line).await?;
        }
    }
}

/// The question of a call that is not a conversation: what `--message` says, what is piped in, or both.
async fn only_question(message: Option<&str>, is_typed: bool) -> anyhow::Result<String> {
    let mut piped = String::new();
    if !is_typed {
        tokio::io::stdin().take(PIPED_MAX_BYTES).read_to_string(&mut piped).await?;
    }
    let question = [message.unwrap_or_default(), piped.trim_end()].join("\n\n");
    let question = question.trim();
    anyhow::ensure!(
        !question.is_empty(),
        "there is no question: type one, pipe one in, or give it with --message"
    );
    Ok(question.to_owned())
}

/// A conversation.
struct Talk<'a> {
    args: &'a ChatArgs,
    client: &'a Client,
    turns: Vec<Turn>,
}

impl Talk<'_> {
    /// Asks and prints the answer. A question that got none leaves no trace in the conversation, and `false` is returned.
    async fn ask(&mut self, question: String) -> anyhow::Result<bool> {
        self.turns.push(Turn::user(question));
        let ask = Ask { model: &self.args.model, session: self.args.session.as_deref(), turns: &self.turns };
        let mut screen = Screen::new(anstream::stdout());
        match exchange::ask(self.client, &ask, &mut screen).await? {
            Some(answer) => self.turns.push(Turn::assistant(answer)),
            None => drop(self.turns.pop()),
        }
        Ok(screen.is_well())
    }
}
