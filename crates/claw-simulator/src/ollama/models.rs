//! What Ollama says about its models. It must not know replies.
//!
//! <https://github.com/ollama/ollama/blob/main/docs/api.md#list-local-models>

use serde_json::{Value, json};

use super::clock::timestamp;
use super::error;
use crate::State;
use crate::fields::text;
use crate::signature::sha256_hex;
use crate::vendor::Vendor;
use crate::wire::{Refusal, to_json};

pub(crate) fn tags(state: &State) -> Vec<u8> {
    let models: Vec<_> = names(state)
        .map(|name| {
            json!({
                "name": name,
                "model": name,
                "modified_at": timestamp(0),
                "size": 2_497_293_931_u64,
                "digest": sha256_hex(name.as_bytes()),
                "details": details(),
            })
        })
        .collect();
    to_json(&json!({ "models": models }))
}

pub(crate) fn show(state: &State, body: &Value) -> Result<Vec<u8>, Refusal> {
    let wanted = text(body, "model").or_else(|| text(body, "name")).filter(|name| !name.is_empty());
    let wanted = wanted.ok_or_else(|| error::invalid("model is required"))?;
    let is_known = names(state).any(|name| name == wanted || name.strip_suffix(":latest") == Some(wanted));
    if !is_known {
        return Err(error::unknown_model(wanted));
    }
    Ok(to_json(&json!({
        "modelfile": format!("FROM {wanted}\n"),
        "parameters": "temperature 0.7",
        "license": "Apache-2.0",
        "template": "{{ .Prompt }}",
        "details": details(),
        "model_info": {
            "general.architecture": "simulator",
            "general.parameter_count": 4_022_468_096_u64,
            "simulator.context_length": 262_144,
            "simulator.embedding_length": 2560,
        },
        "capabilities": ["completion", "tools", "thinking", "vision"],
        "modified_at": timestamp(0),
    })))
}

fn names(state: &State) -> impl Iterator<Item = &str> {
    let models = state.options.models.iter().filter(|(vendor, _)| *vendor == Vendor::Ollama);
    models.map(|(_, name)| name.as_str())
}

fn details() -> Value {
    json!({
        "parent_model": "",
        "format": "gguf",
        "family": "simulator",
        "families": ["simulator"],
        "parameter_size": "4.0B",
        "quantization_level": "Q4_K_M",
    })
}
