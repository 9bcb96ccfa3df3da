//! Writing a request for a model that is called in this dialect.

use claw_hub::{
    Dialect, Format, Kind, Losses, Media, Part, PartKind, Refusal, Request, Role, Source, Target,
};

use super::super::wire::{Family, TOOL_NAME_PATTERN, image_format};
use super::additional::Fields;
use super::settings;
use super::tools::Config;
use super::turn::{Pen, document_format_of};
use crate::json;
use crate::media;
use crate::reasoning::{Plan, plan};
use crate::tool_names::ToolNames;
use crate::turns::{Place, Rules, turns};
use crate::words::{Word, word};

const OWN: Dialect = Dialect::BedrockConverse;

/// Writes a request.
///
/// # Errors
/// Several replies, a tool of another provider, a picture or a file that is not sent along, a form of answer that the model does not have.
pub(crate) fn encode(request: &Request, target: &Target, losses: &mut Losses) -> Result<Vec<u8>, Refusal> {
    refuse_the_impossible(request, target)?;
    let facts = &target.facts;
    let family = Family::of(&target.model);
    let max_tokens = settings::limit(request, facts, losses);
    let plan = if Fields::is_claude(request, family) {
        plan(request, facts, max_tokens, losses)
    } else {
        Plan::default()
    };
    let rules =
        Rules { dialect: OWN, alternates: true, mid_system: facts.takes_mid_system, text_before_calls: true };
    let is_same = request.origin == OWN;
    let turns = turns(request, rules, losses, |part, role, place, losses| {
        keep((is_same, family), part, role, place, losses)
    })?;
    let names = ToolNames::of(request, TOOL_NAME_PATTERN);
    let config = Config::of(request, &names, facts, losses)?;
    let says_parallel = Fields::is_claude(request, family)
        && request.parallel_tools.is_some_and(|parallel| is_same || !parallel);
    let fields = Fields { request, family, plan: &plan, tools: config.has(says_parallel) };
    let mut out = Vec::with_capacity(request.raw.as_ref().map_or(4096, |raw| raw.body.len() + 256));
    json::object(&mut out, |o| {
        let mut pen = Pen::new(is_same, facts.takes_cache_points, &names, losses);
        pen.system(o, &request.system);
        pen.turns(o, &turns);
        config.write(o, says_parallel, pen.losses);
        settings::write(o, request, facts, (max_tokens, &plan, family), pen.losses);
        fields.write(o, pen.losses);
    });
    Ok(out)
}

fn refuse_the_impossible(request: &Request, target: &Target) -> Result<(), Refusal> {
    let refuse = |field, what: &str| {
        let message = format!("the model `{}` {what}", target.model);
        Err(Refusal::caller(Kind::Unsupported, message).at(word(request.origin, field)))
    };
    if request.sampling.n.is_some_and(|n| n > 1) {
        return refuse(Word::N, "gives one reply, not several");
    }
    if matches!(request.format, Some(Format::JsonSchema { .. })) && !target.facts.native_json_schema {
        return refuse(Word::Format, "does not take a JSON schema for its answer");
    }
    Ok(())
}

/// Whether a part can be said; its loss is noted if not.
fn keep(
    (is_same, family): (bool, Family),
    part: &Part,
    role: Role,
    place: Place,
    losses: &mut Losses,
) -> Result<bool, Refusal> {
    let keeps = match &part.kind {
        // Blank texts are refused; empty ones say nothing.
        PartKind::Text(text) | PartKind::Refusal(text) if text.is_empty() => return Ok(false),
        PartKind::Text(text) | PartKind::Refusal(text) => !text.trim().is_empty(),
        PartKind::Thinking(thought) => {
            let is_signed = thought.redacted.is_some()
                || thought.signature.as_deref().is_some_and(|signature| !signature.is_empty());
            role == Role::Assistant && (is_signed || (is_same && family != Family::Claude))
        }
        PartKind::Foreign { dialect, .. } => *dialect == OWN,
        PartKind::Image(_) | PartKind::Document(_) => {
            sendable(part, place)?;
            true
        }
        PartKind::ToolResult { content, .. } => {
            content.iter().try_for_each(|part| sendable(part, place))?;
            true
        }
        PartKind::ToolCall { .. } => true,
    };
    if !keeps {
        losses.dropped(place.to_string());
    }
    Ok(keeps)
}

/// Converse has no addresses and no file ids, and knows a picture or a file only by its format.
fn sendable(part: &Part, place: Place) -> Result<(), Refusal> {
    let refuse = |message: String| Err(Refusal::caller(Kind::Unsupported, message).at(place.to_string()));
    let (PartKind::Image(media) | PartKind::Document(media)) = &part.kind else { return Ok(()) };
    match &media.source {
        Source::Url(url) => {
            let shown: String = url.chars().take(200).collect();
            refuse(format!("`{shown}` cannot be fetched for this model; send the bytes"))
        }
        Source::FileId(_) => refuse(
            "a file that lies at another provider cannot be used with this model; send its bytes".to_owned(),
        ),
        Source::Base64(_) | Source::Text(_) => match &part.kind {
            PartKind::Image(media) if image_format_of(media).is_none() => refuse(format!(
                "a picture of type `{}` cannot be used with this model; send png, jpeg, gif or webp",
                media.media_type
            )),
            PartKind::Document(media) if document_format_of(media).is_none() => {
                refuse(format!("a file of type `{}` cannot be used with this model", media.media_type))
            }
            _ => Ok(()),
        },
    }
}

/// The format by the media type, or by the first bytes.
pub(super) fn image_format_of(media: &Media) -> Option<&'static str> {
    let Source::Base64(data) = &media.source else { return None };
    match media.media_type.as_str() {
        "" => image_format(media::image_type(data)?),
        media_type => image_format(media_type),
    }
}
