//! Whole replies, both ways. <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html>

use std::borrow::Cow;

use claw_hub::{Dialect, Extra, Kind, Losses, Part, PartKind, Refusal, Reply, Retry, Stop};

use super::content::{CITATIONS, read_blocks, write_call, write_text, write_thought};
use super::wire::{self, OWN_ID_PATTERN};
use crate::call_ids::fit;
use crate::codec::Said;
use crate::json::{self, ArrayWriter, Node, Object, Path};
use crate::schema::object_arguments;

/// Reads a reply. It names neither itself nor its model.
///
/// # Errors
/// The body is not a reply: the provider's fault.
pub(crate) fn decode(body: &[u8]) -> Result<Reply, Refusal> {
    let unreadable = |what: &str| {
        let message = format!("the provider's reply cannot be read: {what}");
        Refusal::provider(Kind::ProviderFailed, Retry::Maybe, message)
    };
    let root = json::parse(body).map_err(|error| unreadable(&format!("not JSON: {error}")))?;
    read(root).map_err(|refusal| unreadable(&refusal.message))
}

fn read(root: Node<'_>) -> Result<Reply, Refusal> {
    let mut o = Object::open(root, Path::Root)?;
    let output = Path::Root.field("output");
    let message = output.field("message");
    let mut inner = Object::open(o.need("output")?, output)?;
    let mut inner = Object::open(inner.need("message")?, message)?;
    let parts = read_blocks(inner.array("content")?.unwrap_or_default(), &message.field("content"))?;
    let sequence = wire::stop_sequence(o.take("additionalModelResponseFields").as_ref());
    let stop = o.text("stopReason")?.map_or(Stop::EndTurn, |reason| wire::stop(&reason, sequence));
    let usage = o.take("usage").map(|node| wire::read_usage(&node));
    Ok(Reply { id: String::new(), model: String::new(), parts, stop, usage })
}

/// Writes a reply. How long it took is not known here, so `latencyMs` is 0: it must be there.
pub(crate) fn encode(reply: &Reply, _said: &Said, losses: &mut Losses) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    json::object(&mut out, |o| {
        o.object("metrics", |o| o.count("latencyMs", 0));
        o.object("output", |o| {
            o.object("message", |o| {
                o.string("role", "assistant");
                o.array("content", |a| {
                    for (n, part) in reply.parts.iter().enumerate() {
                        write_part(a, part, n, losses);
                    }
                });
            });
        });
        if !wire::stop_reason(&reply.stop).1 {
            losses.changed("stopReason", "said in the nearest word");
        }
        wire::write_stop(o, &reply.stop);
        o.object("usage", |o| wire::write_usage(o, &reply.usage.unwrap_or_default()));
    });
    out
}

fn write_part(a: &mut ArrayWriter<'_>, part: &Part, n: usize, losses: &mut Losses) {
    let extra = own_fields(part, n, losses);
    match &part.kind {
        PartKind::Text(text) | PartKind::Refusal(text) => write_text(a, text, &extra),
        PartKind::Thinking(thought) => write_thought(a, thought, &extra),
        PartKind::ToolCall { id, name, arguments } => {
            let (input, is_changed) = object_arguments(arguments);
            if is_changed {
                losses.changed(format!("content[{n}].input"), "wrapped, because it is not an object");
            }
            write_call(a, &fit(id, OWN_ID_PATTERN), name, &input, &extra);
        }
        PartKind::Foreign { dialect: Dialect::BedrockConverse, json, .. } => a.raw(json.as_str()),
        PartKind::Foreign { .. }
        | PartKind::Image(_)
        | PartKind::Document(_)
        | PartKind::ToolResult { .. } => losses.dropped(format!("content[{n}]")),
    }
}

/// A reply does not say which dialect its fields came from, so they are told by their names.
fn own_fields<'p>(part: &'p Part, n: usize, losses: &mut Losses) -> Cow<'p, Extra> {
    let is_own = |key: &str| key == CITATIONS;
    if part.extra.0.iter().all(|(key, _)| is_own(key)) {
        return Cow::Borrowed(&part.extra);
    }
    let (kept, lost): (Vec<_>, Vec<_>) = part.extra.0.iter().cloned().partition(|(key, _)| is_own(key));
    lost.iter().for_each(|(key, _)| losses.dropped(format!("content[{n}].{key}")));
    Cow::Owned(Extra(kept))
}
