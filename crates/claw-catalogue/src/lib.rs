//! What is known of each model, as data: limits, accepted parameters, API version. An unknown model gets defaults that send what the caller
//! said. It does no I/O and knows no wire format.

use std::sync::Arc;

use claw_hub::{AnthropicVersion, MaxTokensField, ModelFacts, Provenance, ThinkingStyle};
use serde::Deserialize;

const DATA: &str = include_str!("models.toml");

/// Why the catalogue cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the catalogue of models cannot be read")]
pub struct SetupError(#[from] toml::de::Error);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    family: Vec<Family>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    prefix: String,
    context_tokens: Option<u64>,
    max_output_tokens: Option<u64>,
    anthropic_version: Option<String>,
    takes_sampling: Option<bool>,
    takes_stop: Option<bool>,
    takes_mid_system: Option<bool>,
    max_tokens_field: Option<String>,
    thinking: Option<String>,
    native_json_schema: Option<bool>,
}

/// The catalogue.
pub struct Catalogue {
    /// Longest prefix first.
    families: Vec<(String, Arc<ModelFacts>)>,
    unknown: Arc<ModelFacts>,
}

impl Catalogue {
    /// The catalogue that is part of the program.
    ///
    /// # Errors
    /// Never in a release: a test reads it.
    pub fn built_in() -> Result<Self, SetupError> {
        let file: File = toml::from_str(DATA)?;
        let mut families: Vec<_> =
            file.family.into_iter().map(|family| (family.prefix.clone(), Arc::new(family.facts()))).collect();
        families.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        Ok(Self { families, unknown: Arc::default() })
    }

    /// What is known of a model, by its name at its provider.
    pub fn facts(&self, model: &str) -> Arc<ModelFacts> {
        let bare = bare_name(model);
        let family = self.families.iter().find(|(prefix, _)| bare.starts_with(prefix.as_str()));
        family.map_or(&self.unknown, |(_, facts)| facts).clone()
    }
}

/// A model's name without a Bedrock profile's region and without the vendor: `us.anthropic.claude-x` is `claude-x`.
fn bare_name(model: &str) -> &str {
    let without_path = model.rsplit('/').next().unwrap_or(model);
    let regions = ["us.", "eu.", "apac.", "jp.", "au.", "global.", "us-gov."];
    let without_region =
        regions.iter().find_map(|region| without_path.strip_prefix(region)).unwrap_or(without_path);
    let vendors = ["anthropic.", "openai."];
    vendors.iter().find_map(|vendor| without_region.strip_prefix(vendor)).unwrap_or(without_region)
}

impl Family {
    fn facts(self) -> ModelFacts {
        let unknown = ModelFacts::default();
        ModelFacts {
            provenance: Provenance::Family,
            context_tokens: self.context_tokens,
            max_output_tokens: self.max_output_tokens,
            anthropic_version: match self.anthropic_version.as_deref() {
                Some("2026-10-21") => AnthropicVersion::V2026_10_21,
                _ => unknown.anthropic_version,
            },
            takes_sampling: self.takes_sampling.unwrap_or(unknown.takes_sampling),
            takes_stop: self.takes_stop.unwrap_or(unknown.takes_stop),
            takes_mid_system: self.takes_mid_system.unwrap_or(unknown.takes_mid_system),
            max_tokens_field: match self.max_tokens_field.as_deref() {
                Some("completion") => MaxTokensField::Completion,
                _ => unknown.max_tokens_field,
            },
            thinking: match self.thinking.as_deref() {
                Some("adaptive") => ThinkingStyle::Adaptive,
                Some("none") => ThinkingStyle::None,
                _ => unknown.thinking,
            },
            native_json_schema: self.native_json_schema.unwrap_or(unknown.native_json_schema),
            takes_cache_points: unknown.takes_cache_points,
        }
    }
}

#[cfg(test)]
mod tests;
