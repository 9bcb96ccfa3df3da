//! Reading a stream: `message_start`, blocks, `message_delta`, `message_stop`, with `ping` and `error` anywhere.
//!
//! Blocks that the hub has no word for (server tools and their results) become foreign parts when they are complete. Thinking opens with an
//! empty signature, which says that one will follow.

use claw_hub::{Delta, Event, Kind, PartKind, Refusal, Retry, Start, Stop, Thought, Usage};

use super::super::content::{foreign, read_block};
use super::super::refusal::in_band;
use super::super::reply::explanation;
use super::super::wire;
use crate::frame::{Frame, FrameKind};
use crate::json::{self, Node, Path, Value};

/// More blocks than this are never open at once; the oldest is closed then.
const OPEN_MAX: usize = 64;
/// The most that is kept of a foreign block's input, in bytes. What is longer is left out of it.
const FOREIGN_MAX_BYTES: usize = 1024 * 1024;

/// Reads one streamed reply.
#[derive(Debug, Default)]
pub struct Decoder {
    state: State,
    open: Vec<Block>,
    next: usize,
    usage: Usage,
    is_stopped: bool,
    /// Why the reply ends, if that was said with its beginning: it counts where it is not said again.
    early_stop: Option<Stop>,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Waiting,
    Started,
    Over,
}

/// A block that is open: its index on the wire, and its place in the reply.
#[derive(Debug)]
struct Block {
    wire: usize,
    content: Content,
}

#[derive(Debug)]
enum Content {
    /// A part that the hub has a word for.
    Part { index: usize },
    /// A tool call, whose whole input may have come with its beginning.
    Call { index: usize, input: String, is_fed: bool },
    /// A block that becomes a part when it is complete.
    Foreign { name: String, json: String, input: String },
}

impl Decoder {
    pub(crate) fn frame(&mut self, frame: &Frame, out: &mut Vec<Event>) {
        if frame.kind == FrameKind::Empty || self.state == State::Over {
            return;
        }
        match json::parse(&frame.data) {
            Ok(root) => self.event(&root, &frame.name, out),
            Err(error) => self.fail(unreadable(&error.to_string()), out),
        }
    }

    pub(crate) fn finish(&mut self, out: &mut Vec<Event>) {
        if self.state != State::Over {
            let message = "the provider's stream was cut before its end";
            self.fail(Refusal::provider(Kind::ProviderFailed, Retry::Maybe, message), out);
        }
    }

    fn fail(&mut self, refusal: Refusal, out: &mut Vec<Event>) {
        self.state = State::Over;
        self.open.clear();
        out.push(Event::Failed(refusal));
    }

    fn event(&mut self, root: &Node<'_>, name: &str, out: &mut Vec<Event>) {
        match root.get("type").and_then(Node::as_str).unwrap_or(name) {
            "message_start" => self.start(root.get("message"), out),
            "content_block_start" if !self.is_stopped => {
                if let (Some(wire), Some(block)) = (index(root), root.get("content_block")) {
                    self.begin(out);
                    self.open_block(wire, block, out);
                }
            }
            "content_block_delta" if !self.is_stopped => {
                if let (Some(wire), Some(delta)) = (index(root), root.get("delta")) {
                    self.begin(out);
                    self.delta(wire, delta, out);
                }
            }
            "content_block_stop" => {
                if let Some(at) = index(root).and_then(|wire| self.at(wire)) {
                    let block = self.open.remove(at);
                    self.close(block, out);
                }
            }
            "message_delta" => self.message_delta(root, out),
            "message_stop" => {
                self.begin(out);
                self.close_all(out);
                if let Some(stop) = self.early_stop.take().filter(|_| !self.is_stopped) {
                    out.push(Event::Stop(stop));
                }
                self.state = State::Over;
                out.push(Event::End);
            }
            "ping" => out.push(Event::Ping),
            "error" => self.fail(in_band(root), out),
            _ => {}
        }
    }

    /// Some proxies forget `message_start`.
    fn begin(&mut self, out: &mut Vec<Event>) {
        if self.state == State::Waiting {
            self.state = State::Started;
            out.push(Event::Start(Start::default()));
        }
    }

    /// A second `message_start` is a repetition and says nothing new. Content that comes with the first one is complete.
    fn start(&mut self, message: Option<&Node<'_>>, out: &mut Vec<Event>) {
        if self.state != State::Waiting {
            return;
        }
        self.state = State::Started;
        let text = |name: &str| message.and_then(|message| message.get(name)).and_then(Node::as_str);
        let id = text("id").unwrap_or_default().to_owned();
        let model = text("model").unwrap_or_default().to_owned();
        out.push(Event::Start(Start { id, model }));
        if let Some(usage) = message.and_then(|message| message.get("usage")) {
            wire::read_usage(usage, &mut self.usage);
            out.push(Event::Usage(self.usage));
        }
        let content = message.and_then(|message| message.get("content"));
        if let Some(Node { value: Value::Array(blocks), .. }) = content {
            for block in blocks {
                // No block that follows has this index.
                self.open_block(usize::MAX, block, out);
                self.close_all(out);
            }
        }
        self.early_stop =
            text("stop_reason").map(|reason| wire::stop(reason, text("stop_sequence").map(str::to_owned)));
    }

    fn at(&self, wire: usize) -> Option<usize> {
        self.open.iter().position(|block| block.wire == wire)
    }

    fn open_block(&mut self, wire: usize, block: &Node<'_>, out: &mut Vec<Event>) {
        if let Some(at) = self.at(wire) {
            let block = self.open.remove(at);
            self.close(block, out);
        }
        if self.open.len() == OPEN_MAX {
            let block = self.open.remove(0);
            self.close(block, out);
        }
        let part = read_block(block.clone(), &Path::Root);
        let content = match part.map(|part| part.kind) {
            Ok(PartKind::ToolCall { id, name, arguments }) => {
                let kind = PartKind::ToolCall { id, name, arguments: String::new() };
                Content::Call { index: self.open_part(kind, out), input: arguments, is_fed: false }
            }
            Ok(PartKind::Text(text)) => {
                let index = self.open_part(PartKind::Text(String::new()), out);
                more(index, Delta::Text(text), out);
                Content::Part { index }
            }
            Ok(PartKind::Thinking(Thought { redacted: None, text, signature })) => {
                let index = self.open_part(thinking(), out);
                more(index, Delta::Thinking(text), out);
                more(index, Delta::Signature(signature.unwrap_or_default()), out);
                Content::Part { index }
            }
            Ok(kind @ PartKind::Thinking(_)) => Content::Part { index: self.open_part(kind, out) },
            Ok(_) | Err(_) => {
                let name = block.get("type").and_then(Node::as_str).unwrap_or_default().to_owned();
                Content::Foreign { name, json: block.raw.to_owned(), input: String::new() }
            }
        };
        self.open.push(Block { wire, content });
    }

    fn open_part(&mut self, kind: PartKind, out: &mut Vec<Event>) -> usize {
        let index = self.next;
        self.next += 1;
        out.push(Event::Open { index, kind });
        index
    }

    fn delta(&mut self, wire: usize, delta: &Node<'_>, out: &mut Vec<Event>) {
        let text = |name: &str| delta.get(name).and_then(Node::as_str).unwrap_or_default().to_owned();
        let said = match delta.get("type").and_then(Node::as_str) {
            Some("text_delta") => Delta::Text(text("text")),
            Some("thinking_delta") => Delta::Thinking(text("thinking")),
            Some("signature_delta") => Delta::Signature(text("signature")),
            Some("input_json_delta") => Delta::Arguments(text("partial_json")),
            // Citations have no word in a stream of the hub.
            _ => return,
        };
        if self.at(wire).is_none() {
            // Some proxies forget `content_block_start`; of a tool call nothing would be known.
            let kind = match said {
                Delta::Text(_) => PartKind::Text(String::new()),
                Delta::Thinking(_) => thinking(),
                _ => return,
            };
            if self.open.len() == OPEN_MAX {
                return;
            }
            let index = self.open_part(kind, out);
            self.open.push(Block { wire, content: Content::Part { index } });
        }
        let Some(block) = self.open.iter_mut().find(|block| block.wire == wire) else { return };
        match (&mut block.content, said) {
            (Content::Call { index, is_fed, .. }, Delta::Arguments(text)) => {
                *is_fed |= !text.is_empty();
                more(*index, Delta::Arguments(text), out);
            }
            (Content::Foreign { input, .. }, Delta::Arguments(text))
                if input.len() + text.len() <= FOREIGN_MAX_BYTES =>
            {
                input.push_str(&text);
            }
            (Content::Part { index }, said @ (Delta::Text(_) | Delta::Thinking(_) | Delta::Signature(_))) => {
                more(*index, said, out);
            }
            _ => {}
        }
    }

    fn close(&mut self, block: Block, out: &mut Vec<Event>) {
        let index = match block.content {
            Content::Part { index } => index,
            Content::Call { index, input, is_fed } => {
                if !is_fed {
                    more(index, Delta::Arguments(input), out);
                }
                index
            }
            Content::Foreign { name, json, input } => {
                let json = if input.is_empty() { json } else { with_input(&json, &input) };
                self.open_part(foreign(name, &json), out)
            }
        };
        out.push(Event::Close { index });
    }

    fn close_all(&mut self, out: &mut Vec<Event>) {
        for block in std::mem::take(&mut self.open) {
            self.close(block, out);
        }
    }

    /// Usage here is the sum so far, never an increment.
    fn message_delta(&mut self, root: &Node<'_>, out: &mut Vec<Event>) {
        self.begin(out);
        if let Some(delta) = root.get("delta") {
            self.stop(delta, out);
        }
        if let Some(usage) = root.get("usage") {
            wire::read_usage(usage, &mut self.usage);
            out.push(Event::Usage(self.usage));
        }
    }

    fn stop(&mut self, said: &Node<'_>, out: &mut Vec<Event>) {
        let Some(reason) = said.get("stop_reason").and_then(Node::as_str) else { return };
        if self.is_stopped {
            return;
        }
        self.is_stopped = true;
        self.close_all(out);
        if let Some(PartKind::Refusal(words)) =
            said.get("stop_details").and_then(explanation).map(|part| part.kind)
        {
            let index = self.open_part(PartKind::Refusal(String::new()), out);
            more(index, Delta::Refusal(words), out);
            out.push(Event::Close { index });
        }
        let sequence = said.get("stop_sequence").and_then(Node::as_str).map(str::to_owned);
        out.push(Event::Stop(wire::stop(reason, sequence)));
    }
}

fn index(root: &Node<'_>) -> Option<usize> {
    match root.get("index")?.value {
        Value::Number(text) => text.parse().ok(),
        _ => None,
    }
}

fn thinking() -> PartKind {
    PartKind::Thinking(Thought { text: String::new(), signature: Some(String::new()), redacted: None })
}

fn more(index: usize, delta: Delta, out: &mut Vec<Event>) {
    let is_empty = match &delta {
        Delta::Signature(text) => text.is_empty(),
        said => said.text().is_empty(),
    };
    if !is_empty {
        out.push(Event::More { index, delta });
    }
}

/// The block with the input that came in pieces, if that is JSON by now.
fn with_input(block: &str, input: &str) -> String {
    let (Ok(node), Ok(_)) = (json::parse(block.as_bytes()), json::parse(input.as_bytes())) else {
        return block.to_owned();
    };
    let Value::Object(fields) = node.value else { return block.to_owned() };
    let mut whole = Vec::with_capacity(block.len() + input.len());
    json::object(&mut whole, |o| {
        for (key, value) in &fields {
            o.raw(key, if key == "input" { input } else { value.raw });
        }
    });
    String::from_utf8(whole).unwrap_or_else(|_| block.to_owned())
}

fn unreadable(what: &str) -> Refusal {
    let message = format!("the provider's stream cannot be read: {what}");
    Refusal::provider(Kind::ProviderFailed, Retry::Maybe, message)
}
