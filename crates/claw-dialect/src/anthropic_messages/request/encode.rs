//! Writing a request for a model that is called in this dialect.
//!
//! Where the caller gave no `max_tokens`, which the dialect requires, the model's own limit is written, or 4,096 where that is not known; this
//! is not a loss. System texts in mid-conversation go where the model takes them, else into the user's text between tags.

use claw_hub::{
    AnthropicVersion, Dialect, Format, Kind, Losses, Media, Part, PartKind, Refusal, Request, Role, Source,
    Target,
};

use super::super::content::is_signed;
use super::super::wire::TOOL_NAME_PATTERN;
use super::settings;
use super::tools::Offer;
use super::turn::Pen;
use crate::json;
use crate::reasoning::plan;
use crate::tool_names::ToolNames;
use crate::turns::{Place, Rules, turns};
use crate::words::{Word, word};

const OWN: Dialect = Dialect::AnthropicMessages;

/// Writes a request.
///
/// # Errors
/// Several replies, a tool or a file of another provider, a form of answer that the model does not have.
pub(crate) fn encode(request: &Request, target: &Target, losses: &mut Losses) -> Result<Vec<u8>, Refusal> {
    refuse_the_impossible(request, target)?;
    let facts = &target.facts;
    let max_tokens = settings::limit(request, target, losses);
    let plan = plan(request, facts, max_tokens, losses);
    let rules = Rules {
        dialect: OWN,
        alternates: false,
        mid_system: facts.takes_mid_system,
        text_before_calls: false,
    };
    let version = facts.anthropic_version;
    let turns = turns(request, rules, losses, |part, role, place, losses| {
        keep(request.origin == OWN, version, part, role, place, losses)
    })?;
    let names = ToolNames::of(request, TOOL_NAME_PATTERN);
    let offer = Offer::of(request, &names, facts.native_json_schema, losses)?;
    let mut out = Vec::with_capacity(request.raw.as_ref().map_or(4096, |raw| raw.body.len() + 256));
    json::object(&mut out, |o| {
        o.string("model", &target.model);
        o.count("max_tokens", max_tokens.unwrap_or_else(|| settings::unsaid_limit(&plan)));
        if request.stream {
            o.boolean("stream", true);
        }
        let mut pen = Pen::new(request.origin == OWN, version, &names, losses);
        pen.system(o, &request.system);
        offer.write(o, pen.losses);
        pen.turns(o, &turns);
        settings::write(o, request, target, &plan, pen.losses);
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
    is_same: bool,
    version: AnthropicVersion,
    part: &Part,
    role: Role,
    place: Place,
    losses: &mut Losses,
) -> Result<bool, Refusal> {
    let keeps = match &part.kind {
        // The API refuses empty texts, and they say nothing.
        PartKind::Text(text) if text.is_empty() && (role == Role::Assistant || !is_same) => return Ok(false),
        PartKind::Text(text) | PartKind::Refusal(text) => is_same || !text.trim().is_empty(),
        PartKind::Thinking(thought) => is_signed(thought) && role == Role::Assistant,
        PartKind::Foreign { dialect, .. } => *dialect == OWN,
        PartKind::Document(_) if role == Role::Assistant && version == AnthropicVersion::V2026_10_21 => false,
        PartKind::Image(media) | PartKind::Document(media) => {
            refuse_foreign_file(is_same, media, place)?;
            true
        }
        PartKind::ToolResult { content, .. } => {
            for part in content {
                if let PartKind::Image(media) | PartKind::Document(media) = &part.kind {
                    refuse_foreign_file(is_same, media, place)?;
                }
            }
            true
        }
        PartKind::ToolCall { .. } => true,
    };
    if !keeps {
        losses.dropped(place.to_string());
    }
    Ok(keeps)
}

fn refuse_foreign_file(is_same: bool, media: &Media, place: Place) -> Result<(), Refusal> {
    if !is_same && matches!(media.source, Source::FileId(_)) {
        let message = "a file that lies at another provider cannot be used with this model; send its bytes";
        return Err(Refusal::caller(Kind::Unsupported, message).at(place.to_string()));
    }
    Ok(())
}
