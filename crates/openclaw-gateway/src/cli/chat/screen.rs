//! How a reply looks in a terminal: words as they come, thinking dim, a line about model and cost, errors red with what to do next.
//! It must not know where events come from.

use std::fmt::Write as _;
use std::io::Write;

use anstyle::{AnsiColor, Style};
use claw_hub::{Delta, Event, Kind, PartKind, Refusal, Retry, Stop, Usage};
use http::StatusCode;

use super::exchange::Source;

const DIM: Style = Style::new().dimmed();
const ERROR: Style = AnsiColor::Red.on_default().bold();
const CALL: Style = AnsiColor::Yellow.on_default();

/// What the gateway refused, or what broke.
#[derive(Debug)]
pub(super) struct Wrong {
    /// `None` if it happened in the middle of a reply.
    pub(super) status: Option<StatusCode>,
    pub(super) refusal: Refusal,
}

/// One reply on its way to a terminal.
#[derive(Debug)]
pub(super) struct Screen<W> {
    out: W,
    answer: String,
    model: String,
    usage: Option<Usage>,
    stop: Option<Stop>,
    is_thinking: bool,
    is_at_line_start: bool,
    is_well: bool,
}

impl<W: Write> Screen<W> {
    pub(super) const fn new(out: W) -> Self {
        Self {
            out,
            answer: String::new(),
            model: String::new(),
            usage: None,
            stop: None,
            is_thinking: false,
            is_at_line_start: true,
            is_well: true,
        }
    }

    /// Whether nothing went wrong so far.
    pub(super) const fn is_well(&self) -> bool {
        self.is_well
    }

    /// The text of a complete answer. Of a broken one there is none: the conversation goes on as if it had not been.
    pub(super) fn take_answer(&mut self) -> Option<String> {
        self.is_well.then(|| std::mem::take(&mut self.answer))
    }

    /// Shows events and takes them out; `true` at the end of the reply.
    pub(super) fn show(&mut self, events: &mut Vec<Event>, source: &Source) -> std::io::Result<bool> {
        let mut is_over = false;
        for event in events.drain(..) {
            match event {
                Event::Start(start) => self.model = start.model,
                Event::Open { kind, .. } => self.open(&kind)?,
                Event::More { delta, .. } => self.more(&delta)?,
                Event::Close { .. } => self.close()?,
                Event::Stop(stop) => self.stop = Some(stop),
                Event::Usage(usage) => self.usage = Some(usage),
                Event::Ping => {}
                Event::Failed(refusal) => {
                    self.wrong(&Wrong { status: None, refusal }, source)?;
                    is_over = true;
                }
                Event::End => {
                    self.end(source)?;
                    is_over = true;
                }
            }
            if is_over {
                break;
            }
        }
        self.out.flush()?;
        Ok(is_over)
    }

    fn open(&mut self, kind: &PartKind) -> std::io::Result<()> {
        match kind {
            PartKind::Thinking(_) => {
                self.is_thinking = true;
                write!(self.out, "{DIM}")
            }
            PartKind::ToolCall { name, .. } => {
                self.is_at_line_start = false;
                write!(self.out, "{CALL}calls {name}{CALL:#} ")
            }
            PartKind::Text(_)
            | PartKind::Image(_)
            | PartKind::Document(_)
            | PartKind::ToolResult { .. }
            | PartKind::Refusal(_)
            | PartKind::Foreign { .. } => Ok(()),
        }
    }

    fn more(&mut self, delta: &Delta) -> std::io::Result<()> {
        let text = delta.text();
        if let Delta::Text(text) | Delta::Refusal(text) = delta {
            self.answer.push_str(text);
        }
        if let Some(last) = text.chars().next_back() {
            self.is_at_line_start = last == '\n';
        }
        write!(self.out, "{}", Shown(text))
    }

    fn close(&mut self) -> std::io::Result<()> {
        if self.is_thinking {
            self.is_thinking = false;
            write!(self.out, "{DIM:#}")?;
        }
        self.new_line()
    }

    fn new_line(&mut self) -> std::io::Result<()> {
        if self.is_at_line_start {
            return Ok(());
        }
        self.is_at_line_start = true;
        writeln!(self.out)
    }

    fn end(&mut self, source: &Source) -> std::io::Result<()> {
        self.close()?;
        if let Some(why) = self.stop.as_ref().and_then(cut_short) {
            writeln!(self.out, "{DIM}({why}){DIM:#}")?;
        }
        let model = source.model.as_deref().unwrap_or(&self.model);
        let provider = source.provider.as_deref().map(|provider| format!("{provider}/")).unwrap_or_default();
        writeln!(self.out, "{DIM}{provider}{model} · {} · cost unknown{DIM:#}", tokens(self.usage))
    }

    /// Shows what went wrong and what to do about it.
    pub(super) fn wrong(&mut self, wrong: &Wrong, source: &Source) -> std::io::Result<()> {
        self.is_well = false;
        self.close()?;
        let status = wrong.status.map(|status| format!(" {}", status.as_u16())).unwrap_or_default();
        writeln!(self.out, "{ERROR}error{status}{ERROR:#}: {}", Shown(&wrong.refusal.message))?;
        let request = source.request_id.as_ref().map(|id| format!(" (request {id})")).unwrap_or_default();
        writeln!(self.out, "{DIM}{}{request}{DIM:#}", next_step(&wrong.refusal))
    }

    /// Shows that there was no answer at all.
    pub(super) fn unreachable(&mut self, error: &anyhow::Error) -> std::io::Result<()> {
        self.is_well = false;
        writeln!(self.out, "{ERROR}error{ERROR:#}: {error:#}")?;
        writeln!(self.out, "{DIM}to try everything on this machine: openclaw-gateway demo{DIM:#}")
    }
}

/// Words of a model, in which nothing may command the terminal.
struct Shown<'a>(&'a str);

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')) {
            f.write_char(c)?;
        }
        Ok(())
    }
}

/// Why an answer is not whole, if it is not.
fn cut_short(stop: &Stop) -> Option<&str> {
    match stop {
        Stop::EndTurn | Stop::Sequence(_) => None,
        Stop::MaxTokens => Some("cut short: the limit of tokens was reached"),
        Stop::ToolUse => Some("the model waits for a tool, which a terminal does not have"),
        Stop::Pause => Some("the provider has paused"),
        Stop::Refusal => Some("the model declined"),
        Stop::ContentFilter => Some("the provider's filter stepped in"),
        Stop::Guardrail => Some("a guardrail stepped in"),
        Stop::ContextWindow => Some("cut short: the conversation fills the model's context window"),
        Stop::Other(word) => Some(word),
    }
}

fn tokens(usage: Option<Usage>) -> String {
    usage.map_or_else(
        || "tokens unknown".to_owned(),
        |usage| format!("{} tokens in, {} out", usage.input(), usage.output),
    )
}

/// What a person at a terminal can do now.
fn next_step(refusal: &Refusal) -> String {
    match refusal.kind {
        Kind::Unauthenticated => {
            "give a token with --token or OPENCLAW_TOKEN; `openclaw-gateway demo` prints one and leaves it in data/token"
        }
        Kind::Forbidden => "ask whoever runs this gateway to allow it, or name another model with --model",
        Kind::NoSuchModel => "name another model with --model; GET /v1/models lists them",
        Kind::RateLimited | Kind::Billing | Kind::Overloaded | Kind::Draining | Kind::SlowRequest => {
            return match refusal.retry {
                Retry::After(wait) => format!("ask again in {} s", wait.as_secs().max(1)),
                Retry::Never | Retry::Maybe => "ask again in a moment".to_owned(),
            };
        }
        Kind::ContextTooLong | Kind::TooLarge => "begin a new conversation: this one is too long",
        Kind::ProviderFailed | Kind::ProviderUnreachable | Kind::Deadline => {
            "ask again, or name a model of another provider with --model"
        }
        Kind::ProviderCredential => "tell whoever runs this gateway: its credential for the provider is not accepted",
        Kind::Malformed | Kind::Unsupported | Kind::NoSuchPath | Kind::MethodNotAllowed => {
            "this gateway does not take it: see what it offers with another option or version"
        }
        Kind::Internal => "tell whoever runs this gateway",
    }
    .to_owned()
}

#[cfg(test)]
mod tests;
