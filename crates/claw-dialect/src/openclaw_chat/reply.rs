//! Whole replies, both ways.

use claw_hub::{Kind, Losses, PartKind, Refusal, Reply, Retry};

use super::{part, refusal, wire};
use crate::codec::Said;
use crate::json::{self, Node, Path};

/// Reads a reply.
///
/// # Errors
/// The body is not a reply, or it is an error.
pub(crate) fn decode(body: &[u8]) -> Result<Reply, Refusal> {
    let root = json::parse(body).map_err(nonsense)?;
    if let Some(error) = root.get("error").and_then(Node::some) {
        return Err(refusal::read(error));
    }
    let text = |key: &str| root.get(key).and_then(Node::as_str).unwrap_or_default().to_owned();
    let (id, model, stop) = (text("id"), text("model"), wire::read_stop(&root));
    let usage = root.get("usage").and_then(wire::read_usage);
    let parts = root.get("parts").cloned().ok_or_else(|| nonsense("it has no parts"))?;
    let parts = part::read_content(parts, &Path::Root.field("parts")).map_err(nonsense)?;
    Ok(Reply { id, model, parts, stop, usage })
}

/// The refusal of bytes that are not what they should be.
pub(super) fn nonsense(what: impl std::fmt::Display) -> Refusal {
    Refusal::provider(Kind::ProviderFailed, Retry::Maybe, format!("the answer cannot be read: {what}"))
}

/// The id of a reply to which the provider gave none.
pub(super) fn id_of<'r>(id: &'r str, said: &'r Said) -> &'r str {
    if id.is_empty() { &said.request_id } else { id }
}

/// Writes a reply.
pub(crate) fn encode(reply: &Reply, said: &Said, losses: &mut Losses) -> Vec<u8> {
    for (n, part) in reply.parts.iter().enumerate() {
        wire::note_extra(&part.extra, &format!("parts[{n}]"), losses);
    }
    let texts = reply.parts.iter().filter_map(|part| match &part.kind {
        PartKind::Text(text) => Some(text.as_str()),
        _ => None,
    });
    let mut out = Vec::with_capacity(1024);
    json::object(&mut out, |o| {
        o.string("id", id_of(&reply.id, said));
        o.string("model", if reply.model.is_empty() { &said.model } else { &reply.model });
        o.string("text", &texts.collect::<String>());
        o.array("parts", |a| part::write_all(a, &reply.parts));
        wire::write_stop(o, &reply.stop);
        match &reply.usage {
            Some(usage) => o.object("usage", |o| wire::write_usage(o, usage)),
            None => o.null("usage"),
        }
    });
    out
}
