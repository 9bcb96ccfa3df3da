//! Writing everything that is not content: limits, sampling, reasoning, the form of the answer, and what only this dialect knows.

use claw_hub::{AnthropicVersion, Dialect, Format, Json, Losses, Request, Target};

use super::super::wire;
use crate::json::ObjectWriter;
use crate::reasoning::{Plan, Switch};
use crate::schema::fields_of;
use crate::words::{Word, word};

const OWN: Dialect = Dialect::AnthropicMessages;
/// Fields of the envelope that the hub knows a part of: what is left of them goes into the same object.
const SPLIT_FIELDS: [&str; 4] = ["thinking", "output_config", "metadata", "tool_choice"];

/// The limit of tokens, if the caller or the catalogue knows one.
pub(super) fn limit(request: &Request, target: &Target, losses: &mut Losses) -> Option<u64> {
    let most = target.facts.max_output_tokens;
    match (request.sampling.max_tokens, most) {
        (Some(asked), Some(most)) if asked > most => {
            losses.changed(word(request.origin, Word::MaxTokens), "capped to the model's limit");
            Some(most)
        }
        (asked, most) => asked.or(most),
    }
}

/// The limit where nobody knows one.
pub(super) fn unsaid_limit(plan: &Plan) -> u64 {
    match plan.switch {
        Some(Switch::Enabled(budget)) => budget.saturating_add(wire::MAX_TOKENS_UNSAID),
        Some(Switch::Adaptive | Switch::Disabled) | None => wire::MAX_TOKENS_UNSAID,
    }
}

/// Writes all settings.
pub(super) fn write(
    o: &mut ObjectWriter<'_>,
    request: &Request,
    target: &Target,
    plan: &Plan,
    losses: &mut Losses,
) {
    write_sampling(o, request, target, plan, losses);
    write_stop(o, request, target, losses);
    write_thinking(o, request, plan);
    write_output(o, request, plan, losses);
    write_metadata(o, request);
    write_tier(o, request, losses);
    for (key, json) in &request.extra.0 {
        if request.origin != OWN {
            losses.dropped(key.clone());
        } else if !SPLIT_FIELDS.contains(&key.as_str()) {
            o.raw(key, json.as_str());
        }
    }
}

/// Writes what may be said of sampling: nothing in the newer version of the API, and little while the model thinks
/// (<https://docs.claude.com/en/docs/build-with-claude/extended-thinking>: `top_p` from 0.95, no `temperature`, no `top_k`).
fn write_sampling(
    o: &mut ObjectWriter<'_>,
    request: &Request,
    target: &Target,
    plan: &Plan,
    losses: &mut Losses,
) {
    let sampling = &request.sampling;
    let takes =
        target.facts.takes_sampling && target.facts.anthropic_version == AnthropicVersion::V2023_06_01;
    let mut say = |field, is_said: bool, may: bool| {
        if is_said && !may {
            losses.dropped(word(request.origin, field));
        }
        is_said && may
    };
    let temperature = sampling.temperature.as_ref();
    let thinks = plan.thinks();
    let warm = temperature.is_none_or(|temperature| decimal(temperature) == Some(1.0));
    if say(Word::Temperature, temperature.is_some(), takes && (!thinks || warm)) {
        if temperature.and_then(decimal).is_some_and(|value| value > 1.0) {
            o.raw("temperature", "1");
        } else {
            o.maybe_raw("temperature", temperature);
        }
    }
    let top_p = sampling.top_p.as_ref().and_then(decimal);
    // 1 is what nobody says; newer models refuse it beside a temperature.
    let is_idle = request.origin != OWN && top_p == Some(1.0);
    let wide = top_p.is_some_and(|value| value >= 0.95);
    if say(Word::TopP, sampling.top_p.is_some() && !is_idle, takes && (!thinks || wide)) {
        o.maybe_raw("top_p", sampling.top_p.as_ref());
    }
    if say(Word::TopK, sampling.top_k.is_some(), takes && !thinks) {
        o.maybe_count("top_k", sampling.top_k);
    }
    say(Word::Seed, sampling.seed.is_some(), false);
    say(Word::FrequencyPenalty, sampling.frequency_penalty.is_some(), false);
    say(Word::PresencePenalty, sampling.presence_penalty.is_some(), false);
    if takes && !thinks && temperature.and_then(decimal).is_some_and(|value| value > 1.0) {
        losses.changed(word(request.origin, Word::Temperature), "clamped to 1");
    }
}

fn decimal(json: &Json) -> Option<f64> {
    json.as_str().parse().ok()
}

fn write_stop(o: &mut ObjectWriter<'_>, request: &Request, target: &Target, losses: &mut Losses) {
    let stop = &request.sampling.stop;
    if stop.is_empty() {
        return;
    }
    if !target.facts.takes_stop {
        losses.dropped(word(request.origin, Word::Stop));
        return;
    }
    // The API refuses stop texts that are all white space.
    let is_sayable = |text: &&String| request.origin == OWN || !text.trim().is_empty();
    if stop.iter().filter(is_sayable).count() < stop.len() {
        losses.changed(word(request.origin, Word::Stop), "without the blank ones");
    }
    if stop.iter().any(|text| is_sayable(&text)) {
        o.array("stop_sequences", |a| stop.iter().filter(is_sayable).for_each(|text| a.string(text)));
    }
}

/// What is left of an object whose other fields the hub knows.
fn left<'r>(request: &'r Request, name: &str) -> Vec<(String, &'r str)> {
    let own = request.extra.0.iter().find(|(key, _)| request.origin == OWN && key == name);
    own.map(|(_, json)| fields_of(json.as_str())).unwrap_or_default()
}

fn write_thinking(o: &mut ObjectWriter<'_>, request: &Request, plan: &Plan) {
    let left = left(request, "thinking");
    if plan.switch.is_none() && !left.iter().any(|(key, _)| key == "type") {
        return;
    }
    o.object("thinking", |o| {
        match plan.switch {
            Some(Switch::Disabled) => o.string("type", "disabled"),
            Some(Switch::Adaptive) => o.string("type", "adaptive"),
            Some(Switch::Enabled(budget)) => {
                o.string("type", "enabled");
                o.count("budget_tokens", budget);
            }
            None => {}
        }
        o.maybe_string("display", plan.display.as_deref());
        for (key, json) in left {
            o.raw(&key, json);
        }
    });
}

/// Writes effort and form of the answer. A name is only a label; a description is for the model, and is lost.
fn write_output(o: &mut ObjectWriter<'_>, request: &Request, plan: &Plan, losses: &mut Losses) {
    let schema = match &request.format {
        Some(Format::JsonSchema { schema, description, strict, .. }) => {
            let path = word(request.origin, Word::Format);
            if description.is_some() {
                losses.dropped(format!("{path}.json_schema.description"));
            }
            if *strict == Some(false) {
                losses.changed(format!("{path}.json_schema.strict"), "followed to the letter");
            }
            Some(schema)
        }
        Some(Format::JsonObject) => {
            losses.dropped(word(request.origin, Word::Format));
            None
        }
        None => None,
    };
    let left = left(request, "output_config");
    if plan.effort.is_none() && schema.is_none() && left.is_empty() {
        return;
    }
    o.object("output_config", |o| {
        o.maybe_string("effort", plan.effort.map(claw_hub::Effort::name));
        if let Some(schema) = schema {
            o.object("format", |o| {
                o.string("type", "json_schema");
                o.raw("schema", schema.as_str());
            });
        }
        for (key, json) in left {
            o.raw(&key, json);
        }
    });
}

fn write_metadata(o: &mut ObjectWriter<'_>, request: &Request) {
    let left = left(request, "metadata");
    if request.user.is_none() && left.is_empty() {
        return;
    }
    o.object("metadata", |o| {
        o.maybe_string("user_id", request.user.as_deref());
        for (key, json) in left {
            o.raw(&key, json);
        }
    });
}

/// `auto` is the same word everywhere, and `default` elsewhere is the standard tier here.
fn write_tier(o: &mut ObjectWriter<'_>, request: &Request, losses: &mut Losses) {
    let Some(tier) = request.service_tier.as_deref() else { return };
    match tier {
        tier if request.origin == OWN => o.string("service_tier", tier),
        "auto" => o.string("service_tier", "auto"),
        "default" => o.string("service_tier", "standard_only"),
        _ => losses.dropped(word(request.origin, Word::ServiceTier)),
    }
}
