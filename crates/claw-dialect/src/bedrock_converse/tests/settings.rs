//! Limits, sampling, reasoning and the form of the answer.

use claw_hub::{
    Dialect, Effort, Format, Json, Kind, Losses, Message, ModelFacts, Part, Request, Role, Thinking,
    ThinkingMode, ThinkingStyle,
};
use serde_json::{Value, json};

use super::{CLAUDE, decode, encode, target, to_claude};

fn asked(origin: Dialect) -> Request {
    let mut request = Request::new(origin, "m");
    request.messages = vec![Message::new(Role::User, vec![Part::text("hi")])];
    request
}

fn thinking(mode: ThinkingMode, budget_tokens: Option<u64>, effort: Option<Effort>) -> Option<Thinking> {
    Some(Thinking { mode, budget_tokens, effort, display: None })
}

fn adaptive() -> ModelFacts {
    ModelFacts { thinking: ThinkingStyle::Adaptive, ..ModelFacts::default() }
}

#[test]
fn the_limit_is_only_said_if_the_caller_said_it() {
    let mut request = asked(Dialect::OpenaiChat);
    assert_eq!(to_claude(&request).0["inferenceConfig"], json!({}));
    request.sampling.max_tokens = Some(9000);
    let limited = ModelFacts { max_output_tokens: Some(8192), ..ModelFacts::default() };
    let (sent, losses) = encode(&request, &target(CLAUDE, limited));
    assert_eq!(sent["inferenceConfig"]["maxTokens"], 8192);
    assert_eq!(losses, "max_tokens capped to the model's limit");
}

#[test]
fn sampling_is_clamped_or_left_out() {
    let mut request = asked(Dialect::OpenaiChat);
    request.sampling.temperature = Some(Json::verbatim("1.70"));
    request.sampling.top_p = Some(Json::verbatim("0.50"));
    request.sampling.stop = vec!["END".into(), " ".into()];
    request.sampling.presence_penalty = Some(Json::verbatim("1"));
    request.user = Some("u".into());
    let (sent, losses) = to_claude(&request);
    assert_eq!(sent["inferenceConfig"], json!({"temperature": 1, "topP": 0.5, "stopSequences": ["END"]}));
    assert_eq!(
        losses,
        "presence_penalty dropped; temperature clamped to 1; stop without the blank ones; user dropped"
    );
    let strict = ModelFacts { takes_sampling: false, takes_stop: false, ..ModelFacts::default() };
    let (sent, losses) = encode(&request, &target(CLAUDE, strict));
    assert_eq!(sent["inferenceConfig"], json!({}));
    assert!(
        losses.starts_with("temperature dropped; top_p dropped; presence_penalty dropped; stop dropped"),
        "{losses}"
    );
}

#[test]
fn top_k_is_said_in_the_maker_s_words() {
    let mut request = asked(Dialect::AnthropicMessages);
    request.sampling.top_k = Some(40);
    assert_eq!(to_claude(&request).0["additionalModelRequestFields"], json!({"top_k": 40}));
    let nova = target("us.amazon.nova-lite-v1:0", ModelFacts::default());
    assert_eq!(
        encode(&request, &nova).0["additionalModelRequestFields"],
        json!({"inferenceConfig": {"topK": 40}})
    );
    let (sent, losses) = encode(&request, &target("meta.llama3-8b-instruct-v1:0", ModelFacts::default()));
    assert_eq!((sent.get("additionalModelRequestFields"), losses.as_str()), (None, "top_k dropped"));
    let own = json!({"messages": [], "additionalModelRequestFields": {"inferenceConfig": {"topK": 5}}});
    assert_eq!(decode("us.amazon.nova-lite-v1:0", &own).sampling.top_k, Some(5));
    assert_eq!(decode("other", &own).sampling.top_k, None);
}

#[test]
fn claude_thinks_by_budget_or_by_effort() {
    let mut request = asked(Dialect::OpenaiChat);
    request.thinking = thinking(ThinkingMode::Unsaid, None, Some(Effort::High));
    request.sampling.temperature = Some(Json::verbatim("0.2"));
    let (sent, losses) = to_claude(&request);
    assert_eq!(
        sent["additionalModelRequestFields"],
        json!({"thinking": {"type": "enabled", "budget_tokens": 16384}})
    );
    assert_eq!(losses, "temperature dropped");
    let (sent, _) = encode(&request, &target(CLAUDE, adaptive()));
    assert_eq!(
        sent["additionalModelRequestFields"],
        json!({"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"}})
    );
}

#[test]
fn other_models_think_as_they_can() {
    let mut request = asked(Dialect::OpenaiChat);
    request.thinking = thinking(ThinkingMode::Unsaid, None, Some(Effort::Xhigh));
    let (sent, losses) = encode(&request, &target("openai.gpt-oss-120b-1:0", ModelFacts::default()));
    assert_eq!(
        (&sent["additionalModelRequestFields"], losses.as_str()),
        (&json!({"reasoning_effort": "high"}), "")
    );
    let (sent, losses) = encode(&request, &target("meta.llama3-8b-instruct-v1:0", ModelFacts::default()));
    assert_eq!(
        (sent.get("additionalModelRequestFields"), losses.as_str()),
        (None, "reasoning_effort dropped")
    );
    request.thinking = thinking(ThinkingMode::Disabled, None, None);
    assert_eq!(encode(&request, &target("meta.llama3-8b-instruct-v1:0", ModelFacts::default())).1, "");
}

#[test]
fn a_caller_of_the_dialect_keeps_its_own_words_even_for_an_arn() {
    let arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc";
    for fields in [
        json!({"thinking": {"type": "enabled", "budget_tokens": 2000}}),
        json!({"thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}}),
        json!({"thinking": {"type": "enabled", "budget_tokens": 2000, "new": 1}, "top_k": 3}),
        json!({"output_config": {"effort": "low", "new": 1}, "tool_choice": {"type": "any"}}),
        json!({"reasoning_effort": "low", "anthropic_beta": ["x"], "other": [1]}),
    ] {
        let own = json!({"messages": [], "additionalModelRequestFields": fields});
        let facts = if fields["thinking"]["type"] == "adaptive" { adaptive() } else { ModelFacts::default() };
        let (sent, losses) = encode(&decode(arn, &own), &target(arn, facts));
        assert_eq!((&sent["additionalModelRequestFields"], losses.as_str()), (&fields, ""));
    }
    let older = json!({"messages": [], "additionalModelRequestFields":
        {"reasoning_config": {"type": "enabled", "budget_tokens": 1024}}});
    let (sent, _) = encode(&decode(CLAUDE, &older), &target(CLAUDE, ModelFacts::default()));
    assert_eq!(sent["additionalModelRequestFields"]["thinking"]["budget_tokens"], 1024);
    let effort = json!({"messages": [], "outputConfig": {"effort": "high"}});
    let (sent, losses) =
        encode(&decode("amazon.nova-2", &effort), &target("amazon.nova-2", ModelFacts::default()));
    assert_eq!((&sent["outputConfig"], losses.as_str()), (&json!({"effort": "high"}), ""));
}

#[test]
fn known_beta_flags_move_into_the_body() {
    let mut request = asked(Dialect::AnthropicMessages);
    request.headers =
        vec![("anthropic-beta".into(), "claude-code-20250219, interleaved-thinking-2025-05-14,".into())];
    let (sent, losses) = to_claude(&request);
    assert_eq!(
        sent["additionalModelRequestFields"],
        json!({"anthropic_beta": ["interleaved-thinking-2025-05-14"]})
    );
    assert_eq!(losses, "anthropic-beta: claude-code-20250219 dropped");
}

#[test]
fn the_form_of_the_answer_is_a_schema_in_a_string_or_refused() {
    let mut request = asked(Dialect::OpenaiChat);
    request.format = Some(Format::JsonSchema {
        name: Some("City".into()),
        description: Some("d".into()),
        schema: Json::verbatim(r#"{"type":  "object"}"#),
        strict: Some(true),
    });
    let (sent, losses) = to_claude(&request);
    let structure = &sent["outputConfig"]["textFormat"]["structure"]["jsonSchema"];
    assert_eq!(structure, &json!({"name": "City", "description": "d", "schema": "{\"type\":  \"object\"}"}));
    assert_eq!((&sent["outputConfig"]["textFormat"]["type"], losses.as_str()), (&json!("json_schema"), ""));
    let facts = ModelFacts { native_json_schema: false, ..ModelFacts::default() };
    let refused =
        super::super::request::encode(&request, &target(CLAUDE, facts), &mut Losses::default()).unwrap_err();
    assert_eq!((refused.kind, refused.param.as_deref()), (Kind::Unsupported, Some("response_format")));
    request.format = Some(Format::JsonObject);
    assert_eq!(to_claude(&request).1, "response_format dropped");
    request.sampling.n = Some(3);
    let refused = super::super::request::encode(
        &request,
        &target(CLAUDE, ModelFacts::default()),
        &mut Losses::default(),
    );
    assert_eq!(refused.unwrap_err().param.as_deref(), Some("n"));
}

#[test]
fn tiers_find_their_words() {
    let mut request = asked(Dialect::OpenaiChat);
    for (tier, said) in
        [("auto", None), ("default", Some("default")), ("flex", Some("flex")), ("priority", Some("priority"))]
    {
        request.service_tier = Some(tier.into());
        let (sent, losses) = to_claude(&request);
        assert_eq!(sent["serviceTier"].get("type").and_then(Value::as_str), said);
        assert_eq!(losses, "");
    }
    request.service_tier = Some("scale".into());
    assert_eq!(to_claude(&request).1, "service_tier dropped");
}

#[test]
fn fields_of_other_dialects_are_told() {
    let mut request = asked(Dialect::OpenaiChat);
    request.extra.0.push(("logit_bias".into(), Json::verbatim("{}")));
    let (sent, losses) = to_claude(&request);
    assert_eq!((sent.get("logit_bias"), losses.as_str()), (None, "logit_bias dropped"));
}
