//! The hub to the body of a request.

use claw_hub::{
    Dialect, Effort, Format, Losses, Refusal, Request, Target, Thinking, ThinkingMode, ThinkingStyle, Tool,
    ToolChoice,
};

use super::super::wire::{self, FUNCTION, OPTIONS};
use super::losses;
use super::write_messages::write_messages;
use crate::extra::{write_inner, write_outer};
use crate::json::{self, ObjectWriter};
use crate::words::{Word, word};

/// Writes a request for a target.
///
/// # Errors
/// Several replies, a tool that another provider runs, or a picture or file that this dialect cannot send.
pub(crate) fn encode(request: &Request, target: &Target, losses: &mut Losses) -> Result<Vec<u8>, Refusal> {
    losses::note(request, losses)?;
    let is_own = request.origin == Dialect::OllamaChat;
    let mut out = Vec::with_capacity(4096);
    json::object(&mut out, |o| {
        o.string("model", &target.model);
        o.boolean("stream", request.stream);
        write_messages(o, request, is_own);
        write_tools(o, request, is_own);
        match &request.format {
            None => {}
            Some(Format::JsonObject) => o.string("format", "json"),
            Some(Format::JsonSchema { schema, .. }) => o.raw("format", schema.as_str()),
        }
        if let Some(thinking) = &request.thinking {
            write_think(o, thinking, request, target, losses);
        }
        write_options(o, request, target, losses);
        if is_own {
            write_outer(o, &request.extra, &[OPTIONS], &[]);
        }
    });
    Ok(out)
}

/// Writes the tools that may be called: a choice of none or of some is made by leaving the others out.
fn write_tools(o: &mut ObjectWriter<'_>, request: &Request, is_own: bool) {
    let may = |tool: &&Tool| match &request.tool_choice {
        Some(ToolChoice::None) => false,
        Some(ToolChoice::Among { names, .. }) => names.iter().any(|name| name == tool.name()),
        // That it must be called cannot be said; that no other one is, can.
        Some(ToolChoice::Named(name)) => name == tool.name(),
        Some(ToolChoice::Auto | ToolChoice::Required) | None => true,
    };
    let tools: Vec<&Tool> = request.tools.iter().filter(may).collect();
    if tools.is_empty() {
        return;
    }
    o.array("tools", |a| {
        for tool in tools {
            match tool {
                Tool::Foreign { json, .. } => a.raw(json.as_str()),
                Tool::Function { .. } => a.object(|o| write_tool(o, tool, is_own)),
            }
        }
    });
}

fn write_tool(o: &mut ObjectWriter<'_>, tool: &Tool, is_own: bool) {
    let Tool::Function { name, description, schema, extra, .. } = tool else { return };
    o.string("type", FUNCTION);
    o.object(FUNCTION, |o| {
        o.string("name", name);
        o.maybe_string("description", description.as_deref());
        match schema {
            Some(schema) => o.raw("parameters", schema.as_str()),
            None if is_own => {}
            None => o.raw("parameters", r#"{"type":"object","properties":{}}"#),
        }
        if is_own {
            write_inner(o, extra, FUNCTION);
        }
    });
    if is_own {
        write_outer(o, extra, &[FUNCTION], &[]);
    }
}

/// Writes whether to think: a grade where one was said, else yes or no. Budgets cannot be said.
fn write_think(
    o: &mut ObjectWriter<'_>,
    thinking: &Thinking,
    request: &Request,
    target: &Target,
    losses: &mut Losses,
) {
    let is_own = request.origin == Dialect::OllamaChat;
    let is_off = thinking.mode == ThinkingMode::Disabled || thinking.effort == Some(Effort::None);
    if is_off {
        o.boolean("think", false);
        return;
    }
    // A model that cannot think refuses to be asked.
    if !is_own && target.facts.thinking == ThinkingStyle::None {
        losses.dropped(word(request.origin, Word::Thinking));
        return;
    }
    if thinking.budget_tokens.is_some() {
        losses.dropped(word(request.origin, Word::ThinkingBudget));
    }
    if thinking.display.is_some() {
        losses.dropped("thinking.display");
    }
    match thinking.effort {
        None => o.boolean("think", true),
        Some(effort) if is_own => o.string("think", effort.name()),
        Some(effort) => {
            let (grade, is_other) = wire::think(effort);
            if is_other {
                losses.changed(word(request.origin, Word::Effort), "said as the nearest grade");
            }
            o.string("think", grade);
        }
    }
}

fn write_options(o: &mut ObjectWriter<'_>, request: &Request, target: &Target, losses: &mut Losses) {
    let is_own = request.origin == Dialect::OllamaChat;
    let sampling = &request.sampling;
    let limit = target.facts.max_output_tokens.unwrap_or(u64::MAX);
    if sampling.max_tokens.is_some_and(|tokens| tokens > limit) {
        losses.changed(word(request.origin, Word::MaxTokens), "capped to the model's limit");
    }
    let mut options = Vec::new();
    json::object(&mut options, |o| {
        o.maybe_count("num_predict", sampling.max_tokens.map(|tokens| tokens.min(limit)));
        o.maybe_raw("temperature", sampling.temperature.as_ref());
        o.maybe_raw("top_p", sampling.top_p.as_ref());
        o.maybe_count("top_k", sampling.top_k);
        if !sampling.stop.is_empty() {
            o.array("stop", |a| sampling.stop.iter().for_each(|text| a.string(text)));
        }
        o.maybe_raw("seed", sampling.seed.as_ref());
        o.maybe_raw("frequency_penalty", sampling.frequency_penalty.as_ref());
        o.maybe_raw("presence_penalty", sampling.presence_penalty.as_ref());
        if is_own {
            write_inner(o, &request.extra, OPTIONS);
        }
    });
    if let (Ok(text), true) = (std::str::from_utf8(&options), options.len() > 2) {
        o.raw(OPTIONS, text);
    }
}
