//! Writing everything that is neither content nor tools.

use claw_hub::{Dialect, Effort, Format, Losses, ModelFacts, Request, ThinkingMode};

use super::super::wire::Family;
use super::additional::Fields;
use crate::json::ObjectWriter;
use crate::reasoning::Plan;
use crate::schema::fields_of;
use crate::words::{Word, word};

const OWN: Dialect = Dialect::BedrockConverse;
/// Fields of the envelope that the hub knows a part of: what is left of them goes into the same object.
const SPLIT_FIELDS: [&str; 5] =
    ["inferenceConfig", "toolConfig", "additionalModelRequestFields", "outputConfig", "serviceTier"];

/// The limit of tokens, if the caller said one. Converse has a default.
pub(super) fn limit(request: &Request, facts: &ModelFacts, losses: &mut Losses) -> Option<u64> {
    let asked = request.sampling.max_tokens?;
    match facts.max_output_tokens {
        Some(most) if asked > most => {
            losses.changed(word(request.origin, Word::MaxTokens), "capped to the model's limit");
            Some(most)
        }
        _ => Some(asked),
    }
}

/// Writes the settings that Converse has words for.
pub(super) fn write(
    o: &mut ObjectWriter<'_>,
    request: &Request,
    facts: &ModelFacts,
    (max_tokens, plan, family): (Option<u64>, &Plan, Family),
    losses: &mut Losses,
) {
    write_inference(o, request, facts, (max_tokens, plan), losses);
    write_output(o, request, family, losses);
    write_tier(o, request, losses);
    if request.user.is_some() {
        losses.dropped(word(request.origin, Word::User));
    }
    for (key, json) in &request.extra.0 {
        if request.origin != OWN {
            losses.dropped(key.clone());
        } else if !SPLIT_FIELDS.contains(&key.as_str()) {
            o.raw(key, json.as_str());
        }
    }
}

fn left<'r>(request: &'r Request, name: &str) -> Vec<(String, &'r str)> {
    let own = request.extra.0.iter().find(|(key, _)| request.origin == OWN && key == name);
    own.map(|(_, json)| fields_of(json.as_str())).unwrap_or_default()
}

fn write_inference(
    o: &mut ObjectWriter<'_>,
    request: &Request,
    facts: &ModelFacts,
    (max_tokens, plan): (Option<u64>, &Plan),
    losses: &mut Losses,
) {
    let sampling = &request.sampling;
    let takes = facts.takes_sampling;
    let mut say = |field, is_said: bool, may: bool| {
        if is_said && !may {
            losses.dropped(word(request.origin, field));
        }
        is_said && may
    };
    let decimal = |json: &claw_hub::Json| json.as_str().parse::<f64>().ok();
    let warmth = sampling.temperature.as_ref().and_then(decimal);
    // While Claude thinks, it takes no temperature but 1 and no `topP` under 0.95.
    let has_warmth = say(
        Word::Temperature,
        sampling.temperature.is_some(),
        takes && (!plan.thinks() || warmth == Some(1.0)),
    );
    let top_p = sampling.top_p.as_ref().and_then(decimal);
    // 1 is what nobody says; newer Claude models refuse it beside a temperature.
    let is_idle = request.origin != OWN && top_p == Some(1.0);
    let wide = top_p.is_some_and(|value| value >= 0.95);
    let has_top_p = say(Word::TopP, top_p.is_some() && !is_idle, takes && (!plan.thinks() || wide));
    say(Word::Seed, sampling.seed.is_some(), false);
    say(Word::FrequencyPenalty, sampling.frequency_penalty.is_some(), false);
    say(Word::PresencePenalty, sampling.presence_penalty.is_some(), false);
    let has_stop = say(Word::Stop, !sampling.stop.is_empty(), facts.takes_stop);
    let is_hot = has_warmth && warmth.is_some_and(|value| value > 1.0);
    if is_hot {
        losses.changed(word(request.origin, Word::Temperature), "clamped to 1");
    }
    let is_sayable = |text: &&String| request.origin == OWN || !text.trim().is_empty();
    if has_stop && sampling.stop.iter().any(|text| !is_sayable(&text)) {
        losses.changed(word(request.origin, Word::Stop), "without the blank ones");
    }
    o.object("inferenceConfig", |o| {
        o.maybe_count("maxTokens", max_tokens);
        match &sampling.temperature {
            Some(_) if is_hot => o.raw("temperature", "1"),
            said => o.maybe_raw("temperature", said.as_ref().filter(|_| has_warmth)),
        }
        o.maybe_raw("topP", sampling.top_p.as_ref().filter(|_| has_top_p));
        if has_stop && sampling.stop.iter().any(|text| is_sayable(&text)) {
            o.array("stopSequences", |a| {
                sampling.stop.iter().filter(is_sayable).for_each(|text| a.string(text));
            });
        }
        for (key, json) in left(request, "inferenceConfig") {
            o.raw(&key, json);
        }
    });
}

/// The schema goes into a string. Claude's effort is said elsewhere; a caller of this dialect may have said it here for another model.
fn write_output(o: &mut ObjectWriter<'_>, request: &Request, family: Family, losses: &mut Losses) {
    if matches!(request.format, Some(Format::JsonObject)) {
        losses.dropped(word(request.origin, Word::Format));
    }
    let thinking = request.thinking.as_ref();
    let grade =
        thinking.filter(|thinking| thinking.mode == ThinkingMode::Unsaid).and_then(|said| said.effort);
    let is_elsewhere = Fields::is_claude(request, family) || family == Family::GptOss;
    let effort = grade.filter(|_| request.origin == OWN && !is_elsewhere);
    let left = left(request, "outputConfig");
    let schema = match &request.format {
        Some(Format::JsonSchema { name, description, schema, strict }) => {
            if *strict == Some(false) {
                let path = word(request.origin, Word::Format);
                losses.changed(format!("{path}.json_schema.strict"), "followed to the letter");
            }
            Some((name, description, schema))
        }
        Some(Format::JsonObject) | None => None,
    };
    if schema.is_none() && effort.is_none() && left.is_empty() {
        return;
    }
    o.object("outputConfig", |o| {
        if let Some((name, description, schema)) = schema {
            o.object("textFormat", |o| {
                o.string("type", "json_schema");
                o.object("structure", |o| {
                    o.object("jsonSchema", |o| {
                        o.string("schema", schema.as_str());
                        o.maybe_string("name", name.as_deref());
                        o.maybe_string("description", description.as_deref());
                    });
                });
            });
        }
        o.maybe_string("effort", effort.map(Effort::name));
        for (key, json) in left {
            o.raw(&key, json);
        }
    });
}

/// `standard_only` of Anthropic is `default` here; `auto` is what nobody says.
fn write_tier(o: &mut ObjectWriter<'_>, request: &Request, losses: &mut Losses) {
    let Some(tier) = request.service_tier.as_deref() else { return };
    let said = match tier {
        tier if request.origin == OWN => tier,
        "default" | "standard_only" => "default",
        "flex" | "priority" => tier,
        "auto" => return,
        _ => {
            losses.dropped(word(request.origin, Word::ServiceTier));
            return;
        }
    };
    o.object("serviceTier", |o| {
        o.string("type", said);
        for (key, json) in left(request, "serviceTier") {
            o.raw(&key, json);
        }
    });
}
