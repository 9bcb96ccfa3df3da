//! The hub to the body of a request.

use claw_hub::{
    Dialect, Effort, Losses, MaxTokensField, Part, PartKind, Refusal, Request, Source, Target, Thinking,
    ThinkingMode, Tool,
};

use super::super::wire;
use super::losses;
use super::tools;
use super::write_messages::write_messages;
use crate::extra::{write_inner, write_outer};
use crate::json::{self, ObjectWriter};
use crate::reasoning::effort_of;
use crate::words::{Word, word};

/// Writes a request for a target.
///
/// # Errors
/// A tool that another provider runs, or a picture or file that this dialect cannot send.
pub(crate) fn encode(request: &Request, target: &Target, losses: &mut Losses) -> Result<Vec<u8>, Refusal> {
    losses::note(request, target, losses)?;
    let is_own = request.origin == Dialect::OpenaiChat;
    let names = super::tool_names(request);
    let mut out = Vec::with_capacity(capacity(request));
    json::object(&mut out, |o| {
        o.string(wire::MODEL, &target.model);
        if request.stream {
            o.boolean("stream", true);
            o.object(wire::STREAM_OPTIONS, |o| {
                o.boolean(wire::INCLUDE_USAGE, true);
                if is_own {
                    write_inner(o, &request.extra, wire::STREAM_OPTIONS);
                }
            });
        }
        write_sampling(o, request, target, losses);
        if let Some(effort) =
            request.thinking.as_ref().and_then(|thinking| effort(thinking, request, target, losses))
        {
            o.string(wire::REASONING_EFFORT, effort.name());
        }
        o.maybe_string("user", request.user.as_deref());
        let tier = request.service_tier.as_deref();
        o.maybe_string("service_tier", tier.filter(|tier| is_own || wire::SERVICE_TIERS.contains(tier)));
        if let Some(format) = &request.format {
            tools::write_format(o, format, is_own);
        }
        tools::write(o, request, &names);
        write_messages(o, request, &names);
        if is_own {
            write_outer(o, &request.extra, &[wire::STREAM_OPTIONS], &[]);
        }
    });
    Ok(out)
}

/// A guess at the length of the body, which spares most reallocations.
fn capacity(request: &Request) -> usize {
    let parts = request.system.iter().chain(request.messages.iter().flat_map(|message| &message.parts));
    let tools = request.tools.iter().map(|tool| match tool {
        Tool::Function { schema, .. } => schema.as_ref().map_or(0, |schema| schema.as_str().len()) + 512,
        Tool::Foreign { json, .. } => json.as_str().len(),
    });
    1024 + parts.map(weight).sum::<usize>() + tools.sum::<usize>()
}

fn weight(part: &Part) -> usize {
    64 + match &part.kind {
        PartKind::Text(text) | PartKind::Refusal(text) => text.len() + text.len() / 16,
        PartKind::Thinking(thought) => thought.text.len(),
        PartKind::ToolCall { arguments, .. } => arguments.len() + arguments.len() / 4,
        PartKind::ToolResult { content, .. } => content.iter().map(weight).sum(),
        PartKind::Image(media) | PartKind::Document(media) => match &media.source {
            Source::Base64(text) | Source::Text(text) | Source::Url(text) | Source::FileId(text) => {
                text.len()
            }
        },
        PartKind::Foreign { json, .. } => json.as_str().len(),
    }
}

fn write_sampling(o: &mut ObjectWriter<'_>, request: &Request, target: &Target, losses: &mut Losses) {
    let is_own = request.origin == Dialect::OpenaiChat;
    let sampling = &request.sampling;
    let field = match target.facts.max_tokens_field {
        MaxTokensField::Completion => "max_completion_tokens",
        MaxTokensField::Legacy => "max_tokens",
    };
    let limit = target.facts.max_output_tokens.unwrap_or(u64::MAX);
    if sampling.max_tokens.is_some_and(|tokens| tokens > limit) {
        losses.changed(word(request.origin, Word::MaxTokens), "capped to the model's limit");
    }
    o.maybe_count(field, sampling.max_tokens.map(|tokens| tokens.min(limit)));
    if is_own || target.facts.takes_sampling {
        o.maybe_raw("temperature", sampling.temperature.as_ref());
        o.maybe_raw("top_p", sampling.top_p.as_ref());
        o.maybe_raw("frequency_penalty", sampling.frequency_penalty.as_ref());
        o.maybe_raw("presence_penalty", sampling.presence_penalty.as_ref());
    }
    o.maybe_count("top_k", sampling.top_k.filter(|_| is_own));
    if !sampling.stop.is_empty() && (is_own || target.facts.takes_stop) {
        o.array("stop", |a| sampling.stop.iter().for_each(|text| a.string(text)));
    }
    o.maybe_raw("seed", sampling.seed.as_ref());
    o.maybe_count("n", sampling.n);
}

/// How hard to reason. An effort is passed on; a budget is graded, but only for models that are known to reason, which are the ones that take no
/// sampling parameters: any other refuses the field.
fn effort(thinking: &Thinking, request: &Request, target: &Target, losses: &mut Losses) -> Option<Effort> {
    let origin = request.origin;
    let budget = thinking.budget_tokens.filter(|_| thinking.mode != ThinkingMode::Disabled);
    match (thinking.effort, budget) {
        (Some(effort), budget) => {
            if budget.is_some() {
                losses.dropped(word(origin, Word::ThinkingBudget));
            }
            Some(effort)
        }
        (None, Some(budget)) if !target.facts.takes_sampling => {
            losses.changed(word(origin, Word::ThinkingBudget), "said as an effort");
            Some(effort_of(budget))
        }
        (None, Some(_)) => {
            losses.dropped(word(origin, Word::Thinking));
            None
        }
        (None, None) => None,
    }
}
