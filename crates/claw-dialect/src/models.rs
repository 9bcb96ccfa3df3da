//! Lists of models, in the shape that each family of clients expects. Only writing: the gateway asks no provider for its list.

use crate::json::{ObjectWriter, object};

/// One model in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelCard {
    /// The name to ask for.
    pub id: String,
    /// The provider that serves it first.
    pub provider: String,
}

/// The shapes of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListStyle {
    /// `{"object":"list","data":[..]}`: <https://platform.openai.com/docs/api-reference/models/list>
    Openai,
    /// `{"data":[..],"has_more":..}`: <https://docs.claude.com/en/api/models-list>
    Anthropic,
    /// `{"models":[..]}`: <https://docs.ollama.com/api/tags>
    Ollama,
    /// Ours: `{"models":[{"id","provider"}]}`.
    Openclaw,
}

/// 2025-01-01: the gateway does not know when a model was made, and clients insist on a time.
const CREATED_UNIX_S: u64 = 1_735_689_600;
const CREATED_RFC3339: &str = "2025-01-01T00:00:00Z";

/// Writes a list.
pub fn encode_list(style: ListStyle, models: &[ModelCard]) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + models.len() * 96);
    object(&mut out, |o| match style {
        ListStyle::Openai => {
            o.string("object", "list");
            o.array("data", |a| models.iter().for_each(|card| a.object(|o| openai(card, o))));
        }
        ListStyle::Anthropic => {
            o.array("data", |a| models.iter().for_each(|card| a.object(|o| anthropic(card, o))));
            o.boolean("has_more", false);
            id_or_null(o, "first_id", models.first());
            id_or_null(o, "last_id", models.last());
        }
        ListStyle::Ollama => {
            o.array("models", |a| models.iter().for_each(|card| a.object(|o| ollama(card, o))));
        }
        ListStyle::Openclaw => o.array("models", |a| {
            for card in models {
                a.object(|o| {
                    o.string("id", &card.id);
                    o.string("provider", &card.provider);
                });
            }
        }),
    });
    out
}

/// Writes one model, as `GET /v1/models/{id}` answers it.
pub fn encode_one(style: ListStyle, card: &ModelCard) -> Vec<u8> {
    let mut out = Vec::new();
    object(&mut out, |o| match style {
        ListStyle::Openai => openai(card, o),
        ListStyle::Anthropic => anthropic(card, o),
        ListStyle::Ollama => ollama(card, o),
        ListStyle::Openclaw => {
            o.string("id", &card.id);
            o.string("provider", &card.provider);
        }
    });
    out
}

/// Writes Ollama's version answer. Clients compare it to decide what they may send.
pub fn encode_ollama_version(version: &str) -> Vec<u8> {
    let mut out = Vec::new();
    object(&mut out, |o| o.string("version", version));
    out
}

fn openai(card: &ModelCard, o: &mut ObjectWriter<'_>) {
    o.string("id", &card.id);
    o.string("object", "model");
    o.count("created", CREATED_UNIX_S);
    o.string("owned_by", &card.provider);
}

fn anthropic(card: &ModelCard, o: &mut ObjectWriter<'_>) {
    o.string("type", "model");
    o.string("id", &card.id);
    o.string("display_name", &card.id);
    o.string("created_at", CREATED_RFC3339);
}

fn ollama(card: &ModelCard, o: &mut ObjectWriter<'_>) {
    o.string("name", &card.id);
    o.string("model", &card.id);
    o.string("modified_at", CREATED_RFC3339);
    o.count("size", 0);
    o.string("digest", "");
    o.object("details", |o| {
        o.string("format", "");
        o.string("family", &card.provider);
        o.array("families", |a| a.string(&card.provider));
        o.string("parameter_size", "");
        o.string("quantization_level", "");
    });
}

fn id_or_null(o: &mut ObjectWriter<'_>, key: &str, card: Option<&ModelCard>) {
    match card {
        Some(card) => o.string(key, &card.id),
        None => o.null(key),
    }
}

/// An object with its members as text, for the few answers that no dialect owns, such as health.
pub fn encode_strings(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    object(&mut out, |o| fields.iter().for_each(|(key, text)| o.string(key, text)));
    out
}
