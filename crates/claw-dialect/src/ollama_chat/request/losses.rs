//! What of a request cannot be said in this dialect: noted, or refused where the answer would be another one. It writes nothing; the writer leaves out
//! exactly what is noted here.

use claw_hub::{
    Dialect, Format, Kind, Losses, Media, Message, Part, PartKind, Refusal, Request, Role, Source, Tool,
    ToolChoice,
};

use crate::extra;
use crate::schema::object_arguments;
use crate::tool_result::{self, words_of};
use crate::words::{Word, word};

/// Notes every loss.
///
/// # Errors
/// Several replies, a tool that its own provider runs, or a picture or file that cannot be sent as it is.
pub(super) fn note(request: &Request, losses: &mut Losses) -> Result<(), Refusal> {
    let is_own = request.origin == Dialect::OllamaChat;
    if request.sampling.n.is_some_and(|n| n > 1) {
        let message = "`n` asks for several replies, and this model's provider gives only one";
        return Err(Refusal::caller(Kind::Unsupported, message).at(word(request.origin, Word::N)));
    }
    for (n, part) in request.system.iter().enumerate() {
        note_part(part, Role::System, is_own, &format!("system[{n}]"), losses)?;
    }
    if !is_own && request.system.len() > 1 {
        losses.changed("system", "joined to one text");
    }
    for (n, message) in request.messages.iter().enumerate() {
        note_message(message, is_own, &format!("messages[{n}]"), losses)?;
    }
    for (n, tool) in request.tools.iter().enumerate() {
        note_tool(tool, is_own, &format!("tools[{n}]"), losses)?;
    }
    note_parameters(request, losses);
    if !is_own {
        extra::note(&request.extra, "", losses);
        request.headers.iter().for_each(|(name, _)| losses.dropped(name.clone()));
    }
    Ok(())
}

fn note_parameters(request: &Request, losses: &mut Losses) {
    let mut dropped = |is_there: bool, what| {
        if is_there {
            losses.dropped(word(request.origin, what));
        }
    };
    dropped(request.user.is_some(), Word::User);
    dropped(request.service_tier.is_some(), Word::ServiceTier);
    // It calls several where the model wants to, and cannot be told to call any.
    dropped(request.parallel_tools == Some(false), Word::ParallelTools);
    let is_forced = match &request.tool_choice {
        Some(ToolChoice::Required | ToolChoice::Named(_) | ToolChoice::Among { required: true, .. }) => true,
        Some(ToolChoice::Auto | ToolChoice::None | ToolChoice::Among { required: false, .. }) | None => false,
    };
    dropped(is_forced, Word::ToolChoice);
    if let Some(Format::JsonSchema { description: Some(_), .. }) = &request.format {
        losses.dropped(format!("{}.description", word(request.origin, Word::Format)));
    }
}

fn note_tool(tool: &Tool, is_own: bool, place: &str, losses: &mut Losses) -> Result<(), Refusal> {
    match tool {
        Tool::Foreign { dialect: Dialect::OllamaChat, .. } => {}
        Tool::Foreign { name, .. } => {
            let message = format!("`{place}` (`{name}`) is a tool that this model's provider does not run");
            return Err(Refusal::caller(Kind::Unsupported, message).at(place));
        }
        Tool::Function { strict, cache, extra, .. } if !is_own => {
            extra::note(extra, place, losses);
            if *strict == Some(true) {
                losses.dropped(format!("{place}.strict"));
            }
            if cache.is_some() {
                losses.dropped(format!("{place}.cache_control"));
            }
        }
        Tool::Function { .. } => {}
    }
    Ok(())
}

fn note_message(message: &Message, is_own: bool, place: &str, losses: &mut Losses) -> Result<(), Refusal> {
    for (n, part) in message.parts.iter().enumerate() {
        note_part(part, message.role, is_own, &format!("{place}.content[{n}]"), losses)?;
    }
    if is_own {
        return Ok(());
    }
    extra::note(&message.extra, place, losses);
    if message.name.is_some() {
        losses.dropped(format!("{place}.name"));
    }
    note_order(&message.parts, place, losses);
    Ok(())
}

/// Texts are said in one string and pictures apart from it, so what stood between what is lost.
fn note_order(parts: &[Part], place: &str, losses: &mut Losses) {
    let is_image = |part: &Part| matches!(part.kind, PartKind::Image(_));
    let said = parts.iter().filter(|part| is_text(&part.kind) || is_image(part));
    let changes = said.clone().zip(said.clone().skip(1)).filter(|(a, b)| is_image(a) != is_image(b)).count();
    if changes > 1 {
        losses.changed(format!("{place}.content"), "pictures said apart from the text");
    }
    if said.filter(|part| is_text(&part.kind)).count() > 1 {
        losses.changed(format!("{place}.content"), "joined to one text");
    }
}

fn note_part(part: &Part, role: Role, is_own: bool, place: &str, losses: &mut Losses) -> Result<(), Refusal> {
    if !is_own {
        extra::note(&part.extra, place, losses);
        if part.cache.is_some() {
            losses.dropped(format!("{place}.cache_control"));
        }
    }
    match &part.kind {
        PartKind::ToolResult { content, is_error, .. } if role == Role::User => {
            if *is_error {
                losses.changed(format!("{place}.is_error"), "said as text");
            }
            for (n, inner) in content.iter().enumerate() {
                let place = format!("{place}.content[{n}]");
                note_part(inner, Role::User, is_own, &place, losses)?;
                if !is_own && is_sayable(&inner.kind, Role::User) && !tool_result::stays(&inner.kind) {
                    losses.changed(place, "moved to a message of the user");
                }
            }
            if !is_own && content.iter().filter(|inner| tool_result::stays(&inner.kind)).count() > 1 {
                losses.changed(format!("{place}.content"), "joined to one text");
            }
        }
        PartKind::Image(media) => note_image(media, place, losses)?,
        PartKind::Document(media) => note_document(media, place, losses)?,
        PartKind::Thinking(thought) if is_sayable(&part.kind, role) && thought.signature.is_some() => {
            losses.dropped(format!("{place}.signature"));
        }
        PartKind::Refusal(_) => losses.changed(place, "said as text"),
        PartKind::ToolCall { arguments, .. }
            if is_sayable(&part.kind, role) && object_arguments(arguments).1 =>
        {
            losses.changed(format!("{place}.arguments"), "wrapped in an object");
        }
        kind if !is_sayable(kind, role) => losses.dropped(place),
        _ => {}
    }
    Ok(())
}

/// Whether a part becomes part of the one text.
pub(super) fn is_text(kind: &PartKind) -> bool {
    matches!(kind, PartKind::Text(_) | PartKind::Refusal(_) | PartKind::Document(_))
}

/// Whether a part can be said in a message of that role at all.
pub(super) fn is_sayable(kind: &PartKind, role: Role) -> bool {
    match kind {
        PartKind::Text(_) | PartKind::Refusal(_) | PartKind::Document(_) | PartKind::Image(_) => true,
        PartKind::ToolResult { .. } => role == Role::User,
        PartKind::ToolCall { .. } => role == Role::Assistant,
        PartKind::Thinking(thought) => role == Role::Assistant && !thought.text.is_empty(),
        // Nothing foreign is ever read from this dialect's messages.
        PartKind::Foreign { .. } => false,
    }
}

fn refuse(place: &str, what: &str) -> Result<(), Refusal> {
    let message = format!("`{place}` is {what}, which this model's provider does not take");
    Err(Refusal::caller(Kind::Unsupported, message).at(place))
}

fn note_image(media: &Media, place: &str, losses: &mut Losses) -> Result<(), Refusal> {
    match &media.source {
        Source::Base64(_) => {}
        Source::Url(_) => return refuse(place, "a picture at an address"),
        Source::FileId(_) => return refuse(place, "a picture kept at another provider"),
        Source::Text(_) => return refuse(place, "a picture given as text"),
    }
    if media.name.is_some() {
        losses.dropped(format!("{place}.name"));
    }
    if media.detail.is_some() {
        losses.dropped(format!("{place}.detail"));
    }
    Ok(())
}

fn note_document(media: &Media, place: &str, losses: &mut Losses) -> Result<(), Refusal> {
    if words_of(media).is_none() {
        return refuse(place, "a file");
    }
    losses.changed(place, "sent as text");
    Ok(())
}
