//! The tool calls of one streamed reply: pieces that arrive by the provider's index become parts of the hub.
//!
//! Vendors leave out ids and indexes, or give every call the index 0; a call begins where an unknown index, or a new id with a name, is seen.

use claw_hub::{Delta, Event, PartKind};

use super::super::reply::made_up_id;
use crate::json::{Node, Value};

/// More calls than this in one reply are nonsense.
const CALLS_MAX: usize = 512;
/// Arguments that come before the name of their tool are held up to this many bytes.
const HELD_MAX_BYTES: usize = 1024 * 1024;

/// A reply that goes on for ever.
#[derive(Debug)]
pub(super) struct TooMany;

#[derive(Debug)]
struct Call {
    /// The provider's index, where it gives one.
    index: Option<u64>,
    id: String,
    /// The part of the hub, once it is open.
    part: Option<usize>,
    held: String,
}

/// The calls of one reply, in order.
#[derive(Debug, Default)]
pub(super) struct Calls {
    calls: Vec<Call>,
}

impl Calls {
    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Takes one piece in. `next` counts the parts of the reply.
    ///
    /// # Errors
    /// There are too many calls, or too much that no tool's name was said for.
    pub(super) fn take(
        &mut self,
        piece: &Node<'_>,
        next: &mut usize,
        out: &mut Vec<Event>,
    ) -> Result<(), TooMany> {
        let function = piece.get("function").unwrap_or(piece);
        let text = |node: &Node<'_>, key: &str| {
            node.get(key).and_then(Node::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let index = piece.get("index").and_then(Node::as_count);
        let id = text(piece, "id");
        let name = text(function, "name");
        let arguments = function.get("arguments").map_or_else(String::new, arguments_piece);
        let at = self.find(index, id.as_deref(), name.is_some())?;
        let call = &mut self.calls[at];
        if call.part.is_none() {
            if let Some(id) = id {
                call.id = id;
            }
            match name {
                Some(name) => call.open(name, next, out),
                None if call.held.len() + arguments.len() > HELD_MAX_BYTES => return Err(TooMany),
                None => {
                    call.held.push_str(&arguments);
                    return Ok(());
                }
            }
        }
        if let (Some(index), false) = (call.part, arguments.is_empty()) {
            out.push(Event::More { index, delta: Delta::Arguments(arguments) });
        }
        Ok(())
    }

    /// The call that a piece belongs to; a new one where it belongs to none.
    fn find(&mut self, index: Option<u64>, id: Option<&str>, is_named: bool) -> Result<usize, TooMany> {
        let is_of = |call: &Call| match index {
            Some(_) => call.index == index,
            None => id.is_none_or(|id| call.id == id),
        };
        // The last one, because vendors use an index again.
        let found = self.calls.iter().rposition(is_of).filter(|at| {
            let call = &self.calls[*at];
            let is_other = id.is_some_and(|id| id != call.id) || index.is_none();
            let begins_again = is_named && call.part.is_some() && is_other && id != Some(call.id.as_str());
            !begins_again
        });
        if let Some(at) = found {
            return Ok(at);
        }
        if self.calls.len() == CALLS_MAX {
            return Err(TooMany);
        }
        let id = made_up_id(self.calls.len());
        self.calls.push(Call { index, id, part: None, held: String::new() });
        Ok(self.calls.len() - 1)
    }

    /// Ends all calls. One that never got a name is told nonetheless: its arguments are an answer.
    pub(super) fn close(&mut self, next: &mut usize, out: &mut Vec<Event>) {
        for call in &mut self.calls {
            if call.part.is_none() {
                call.open(String::new(), next, out);
            }
            out.extend(call.part.map(|index| Event::Close { index }));
        }
    }
}

impl Call {
    fn open(&mut self, name: String, next: &mut usize, out: &mut Vec<Event>) {
        let index = *next;
        *next += 1;
        self.part = Some(index);
        let kind = PartKind::ToolCall { id: self.id.clone(), name, arguments: String::new() };
        out.push(Event::Open { index, kind });
        if !self.held.is_empty() {
            out.push(Event::More { index, delta: Delta::Arguments(std::mem::take(&mut self.held)) });
        }
    }
}

/// A piece of arguments: text, or, from some vendors, the whole JSON itself.
fn arguments_piece(node: &Node<'_>) -> String {
    match &node.value {
        Value::String(text) => text.clone().into_owned(),
        Value::Null => String::new(),
        _ => node.raw.to_owned(),
    }
}
