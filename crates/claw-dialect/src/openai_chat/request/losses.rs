//! What of a request from another dialect cannot be said in this one: noted, or refused where the answer would be another one.
//! It writes nothing; the writer leaves out exactly what is noted here.

use claw_hub::{
    Dialect, Kind, Losses, Media, Part, PartKind, Refusal, Request, Role, Source, Target, ThinkingMode, Tool,
};

use super::super::wire;
use crate::extra;
use crate::tool_result::{self, words_of};
use crate::words::{Word, word};

/// Notes every loss.
///
/// # Errors
/// A tool that its own provider runs, or a picture or file that cannot be sent as it is.
pub(super) fn note(request: &Request, target: &Target, losses: &mut Losses) -> Result<(), Refusal> {
    let is_own = request.origin == Dialect::OpenaiChat;
    for (n, part) in request.system.iter().enumerate() {
        note_part(part, Role::System, is_own, &format!("system[{n}]"), losses)?;
    }
    for (n, message) in request.messages.iter().enumerate() {
        let place = format!("messages[{n}]");
        for (m, part) in message.parts.iter().enumerate() {
            note_part(part, message.role, is_own, &format!("{place}.content[{m}]"), losses)?;
        }
        if !is_own {
            extra::note(&message.extra, &place, losses);
        }
    }
    for (n, tool) in request.tools.iter().enumerate() {
        note_tool(tool, is_own, &format!("tools[{n}]"), losses)?;
    }
    if !is_own {
        extra::note(&request.extra, "", losses);
        request.headers.iter().for_each(|(name, _)| losses.dropped(name.clone()));
        note_parameters(request, target, losses);
    }
    Ok(())
}

fn note_parameters(request: &Request, target: &Target, losses: &mut Losses) {
    let origin = request.origin;
    let sampling = &request.sampling;
    let mut dropped = |is_there: bool, what| {
        if is_there {
            losses.dropped(word(origin, what));
        }
    };
    dropped(sampling.top_k.is_some(), Word::TopK);
    if !target.facts.takes_sampling {
        dropped(sampling.temperature.is_some(), Word::Temperature);
        dropped(sampling.top_p.is_some(), Word::TopP);
        dropped(sampling.frequency_penalty.is_some(), Word::FrequencyPenalty);
        dropped(sampling.presence_penalty.is_some(), Word::PresencePenalty);
    }
    dropped(!target.facts.takes_stop && !sampling.stop.is_empty(), Word::Stop);
    let tier = request.service_tier.as_deref();
    dropped(tier.is_some_and(|tier| !wire::SERVICE_TIERS.contains(&tier)), Word::ServiceTier);
    dropped(request.parallel_tools.is_some() && request.tools.is_empty(), Word::ParallelTools);
    if let Some(thinking) = &request.thinking {
        let is_off = thinking.mode == ThinkingMode::Disabled && thinking.effort.is_none();
        dropped(is_off || thinking.display.is_some(), Word::Thinking);
    }
}

fn note_tool(tool: &Tool, is_own: bool, place: &str, losses: &mut Losses) -> Result<(), Refusal> {
    match tool {
        Tool::Foreign { dialect: Dialect::OpenaiChat, .. } => {}
        Tool::Foreign { name, .. } => {
            let message = format!("`{place}` (`{name}`) is a tool that this model's provider does not run");
            return Err(Refusal::caller(Kind::Unsupported, message).at(place));
        }
        Tool::Function { cache, extra, .. } if !is_own => {
            extra::note(extra, place, losses);
            if cache.is_some() {
                losses.dropped(format!("{place}.cache_control"));
            }
        }
        Tool::Function { .. } => {}
    }
    Ok(())
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
                if is_sayable(&inner.kind, Role::User, is_own) && !tool_result::stays(&inner.kind) {
                    losses.changed(place, "moved to a message of the user");
                }
            }
        }
        kind if !is_sayable(kind, role, is_own) => losses.dropped(place),
        PartKind::Image(media) | PartKind::Document(media) if !is_own => {
            note_media(&part.kind, media, place, losses)?;
        }
        _ => {}
    }
    Ok(())
}

/// Whether a part can be said in a message of that role at all.
pub(super) fn is_sayable(kind: &PartKind, role: Role, is_own: bool) -> bool {
    match kind {
        PartKind::Text(_) => true,
        PartKind::Foreign { dialect, .. } => *dialect == Dialect::OpenaiChat,
        PartKind::Image(_) | PartKind::Document(_) => role == Role::User || is_own,
        PartKind::ToolResult { .. } => role == Role::User,
        PartKind::ToolCall { .. } | PartKind::Refusal(_) => role == Role::Assistant,
        // Whose reasoning it is is not known, and official servers refuse the field.
        PartKind::Thinking(_) => role == Role::Assistant && is_own,
    }
}

fn note_media(kind: &PartKind, media: &Media, place: &str, losses: &mut Losses) -> Result<(), Refusal> {
    let refuse = |what: &str| {
        let message = format!("`{place}` is {what}, which this model's provider does not take");
        Err(Refusal::caller(Kind::Unsupported, message).at(place))
    };
    let is_image = matches!(kind, PartKind::Image(_));
    match &media.source {
        Source::FileId(_) => return refuse("a file kept at another provider"),
        Source::Url(_) if !is_image => return refuse("a file at an address"),
        Source::Text(_) if is_image => return refuse("a picture given as text"),
        Source::Text(_) | Source::Base64(_) | Source::Url(_) => {}
    }
    if is_image {
        if media.name.is_some() {
            losses.dropped(format!("{place}.name"));
        }
    } else if words_of(media).is_some() {
        losses.changed(place, "sent as text");
    }
    Ok(())
}
