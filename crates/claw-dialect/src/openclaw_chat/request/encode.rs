//! The hub to the body of a request: for clients of the gateway that are written here, and for tests. No provider is asked in this dialect.

use claw_hub::{Format, Kind, Losses, Refusal, Request, Target, ThinkingMode, Tool, ToolChoice};

use super::super::part::write_content;
use super::super::wire::{self, CACHE_MARKS, ROLES};
use crate::json::{self, ObjectWriter};
use crate::words::{Word, word};

/// Writes a request.
///
/// # Errors
/// Several replies, or a tool that a provider runs.
pub(crate) fn encode(request: &Request, target: &Target, losses: &mut Losses) -> Result<Vec<u8>, Refusal> {
    note_losses(request, losses)?;
    let mut out = Vec::with_capacity(4096);
    json::object(&mut out, |o| {
        o.string("model", &target.model);
        o.boolean("stream", request.stream);
        if !request.system.is_empty() {
            write_content(o, "system", &request.system);
        }
        o.array("messages", |a| {
            for message in &request.messages {
                a.object(|o| {
                    o.string("role", wire::word_of(&ROLES, &message.role));
                    write_content(o, "content", &message.parts);
                    o.maybe_string("name", message.name.as_deref());
                });
            }
        });
        write_tools(o, request);
        write_settings(o, request);
    });
    Ok(out)
}

fn note_losses(request: &Request, losses: &mut Losses) -> Result<(), Refusal> {
    if request.sampling.n.is_some_and(|n| n > 1) {
        let message = "`n` asks for several replies, and this API gives only one";
        return Err(Refusal::caller(Kind::Unsupported, message).at(word(request.origin, Word::N)));
    }
    wire::note_extra(&request.extra, "", losses);
    request.headers.iter().for_each(|(name, _)| losses.dropped(name.clone()));
    for (n, part) in request.system.iter().enumerate() {
        wire::note_extra(&part.extra, &format!("system[{n}]"), losses);
    }
    for (n, message) in request.messages.iter().enumerate() {
        wire::note_extra(&message.extra, &format!("messages[{n}]"), losses);
        for (m, part) in message.parts.iter().enumerate() {
            wire::note_extra(&part.extra, &format!("messages[{n}].content[{m}]"), losses);
        }
    }
    for (n, tool) in request.tools.iter().enumerate() {
        let place = format!("tools[{n}]");
        match tool {
            Tool::Function { extra, .. } => wire::note_extra(extra, &place, losses),
            Tool::Foreign { name, .. } => {
                let message = format!("`{place}` (`{name}`) is a tool that this API does not have");
                return Err(Refusal::caller(Kind::Unsupported, message).at(place));
            }
        }
    }
    if request.service_tier.is_some() {
        losses.dropped(word(request.origin, Word::ServiceTier));
    }
    if let Some(thinking) = &request.thinking {
        let is_more = thinking.mode != ThinkingMode::Unsaid || thinking.display.is_some();
        if is_more || thinking.budget_tokens.is_some() {
            losses.dropped(word(request.origin, Word::Thinking));
        }
    }
    Ok(())
}

fn write_tools(o: &mut ObjectWriter<'_>, request: &Request) {
    if !request.tools.is_empty() {
        o.array("tools", |a| request.tools.iter().for_each(|tool| a.object(|o| write_tool(o, tool))));
    }
    match &request.tool_choice {
        None => {}
        Some(ToolChoice::Auto) => o.string("tool_choice", "auto"),
        Some(ToolChoice::Required) => o.string("tool_choice", "required"),
        Some(ToolChoice::None) => o.string("tool_choice", "none"),
        Some(ToolChoice::Named(name)) => o.object("tool_choice", |o| o.string("name", name)),
        Some(ToolChoice::Among { names, required }) => o.object("tool_choice", |o| {
            o.array("names", |a| names.iter().for_each(|name| a.string(name)));
            o.boolean("required", *required);
        }),
    }
    if let Some(parallel) = request.parallel_tools {
        o.boolean("parallel_tools", parallel);
    }
}

fn write_tool(o: &mut ObjectWriter<'_>, tool: &Tool) {
    let Tool::Function { name, description, schema, strict, cache, .. } = tool else { return };
    o.string("name", name);
    o.maybe_string("description", description.as_deref());
    o.maybe_raw("schema", schema.as_ref());
    if let Some(strict) = strict {
        o.boolean("strict", *strict);
    }
    if let Some(mark) = cache {
        o.string("cache", wire::word_of(&CACHE_MARKS, mark));
    }
}

fn write_settings(o: &mut ObjectWriter<'_>, request: &Request) {
    let sampling = &request.sampling;
    o.maybe_count("max_tokens", sampling.max_tokens);
    o.maybe_raw("temperature", sampling.temperature.as_ref());
    o.maybe_raw("top_p", sampling.top_p.as_ref());
    o.maybe_count("top_k", sampling.top_k);
    if !sampling.stop.is_empty() {
        o.array("stop", |a| sampling.stop.iter().for_each(|text| a.string(text)));
    }
    o.maybe_raw("seed", sampling.seed.as_ref());
    o.maybe_raw("frequency_penalty", sampling.frequency_penalty.as_ref());
    o.maybe_raw("presence_penalty", sampling.presence_penalty.as_ref());
    let effort = request.thinking.as_ref().and_then(|thinking| thinking.effort);
    o.maybe_string("effort", effort.map(|effort| effort.name()));
    match &request.format {
        None => {}
        Some(Format::JsonObject) => o.string("format", "json"),
        Some(Format::JsonSchema { name, description, schema, strict }) => o.object("format", |o| {
            o.maybe_string("name", name.as_deref());
            o.maybe_string("description", description.as_deref());
            o.raw("schema", schema.as_str());
            if let Some(strict) = strict {
                o.boolean("strict", *strict);
            }
        }),
    }
    o.maybe_string("user", request.user.as_deref());
}
