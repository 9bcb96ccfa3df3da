//! The data can be read, and the longest prefix wins.

use super::*;

fn facts(model: &str) -> Arc<ModelFacts> {
    Catalogue::built_in().unwrap().facts(model)
}

#[test]
fn the_longest_prefix_wins() {
    assert_eq!(facts("claude-3-7-sonnet-20250219").max_output_tokens, Some(64_000));
    assert_eq!(facts("claude-3-haiku-20240307").max_output_tokens, Some(4_096));
}

#[test]
fn a_bedrock_profile_is_the_model_that_it_names() {
    let plain = facts("claude-opus-4-8");
    assert_eq!(facts("us.anthropic.claude-opus-4-8-20260601-v1:0"), plain);
    assert_eq!(plain.anthropic_version, AnthropicVersion::V2026_10_21);
    assert!(!plain.takes_sampling);
}

#[test]
fn an_unknown_model_is_said_to_be_unknown() {
    assert_eq!(*facts("house-model"), ModelFacts::default());
}
