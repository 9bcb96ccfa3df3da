//! Limits, sampling, tools and reasoning of requests.

use claw_hub::{
    AnthropicVersion, Dialect, Effort, Format, Json, Kind, Losses, Message, ModelFacts, Part, Request, Role,
    Thinking, ThinkingMode, ThinkingStyle, Tool, ToolChoice,
};
use serde_json::{Value, json};

use super::{decode, encode, target};

fn asked() -> Request {
    let mut request = Request::new(Dialect::OpenaiChat, "m");
    request.messages = vec![Message::new(Role::User, vec![Part::text("hi")])];
    request
}

fn tool(name: &str, schema: Option<&str>) -> Tool {
    Tool::Function {
        name: name.into(),
        description: None,
        schema: schema.map(Json::verbatim),
        strict: None,
        cache: None,
        extra: Default::default(),
    }
}

fn style(thinking: ThinkingStyle) -> ModelFacts {
    ModelFacts { thinking, ..ModelFacts::default() }
}

fn effort(effort: Effort) -> Option<Thinking> {
    Some(Thinking { mode: ThinkingMode::Unsaid, budget_tokens: None, effort: Some(effort), display: None })
}

fn refusal(request: &Request, facts: ModelFacts) -> claw_hub::Refusal {
    super::super::request::encode(request, &target(facts), &mut Losses::default()).unwrap_err()
}

#[test]
fn max_tokens_is_always_there_and_within_the_model_s_limit() {
    let mut request = asked();
    let limited = || ModelFacts { max_output_tokens: Some(64_000), ..ModelFacts::default() };
    assert_eq!(encode(&request, ModelFacts::default()).0["max_tokens"], 4096);
    assert_eq!(encode(&request, limited()).0["max_tokens"], 64_000);
    request.sampling.max_tokens = Some(128_000);
    let (sent, losses) = encode(&request, limited());
    assert_eq!(sent["max_tokens"], 64_000);
    assert_eq!(losses, "max_tokens capped to the model's limit");
    assert_eq!(encode(&request, ModelFacts::default()).0["max_tokens"], 128_000);
}

#[test]
fn sampling_is_clamped_or_left_out() {
    let mut request = asked();
    request.sampling.temperature = Some(Json::verbatim("1.70"));
    request.sampling.top_p = Some(Json::verbatim("0.50"));
    request.sampling.top_k = Some(5);
    request.sampling.seed = Some(Json::verbatim("7"));
    let (sent, losses) = encode(&request, ModelFacts::default());
    assert_eq!((&sent["temperature"], &sent["top_p"], &sent["top_k"]), (&json!(1), &json!(0.5), &json!(5)));
    assert_eq!(losses, "seed dropped; temperature clamped to 1");
    for facts in [
        ModelFacts { anthropic_version: AnthropicVersion::V2026_10_21, ..ModelFacts::default() },
        ModelFacts { takes_sampling: false, ..ModelFacts::default() },
    ] {
        let (sent, losses) = encode(&request, facts);
        assert!(["temperature", "top_p", "top_k"].iter().all(|name| sent.get(name).is_none()), "{sent}");
        assert_eq!(losses, "temperature dropped; top_p dropped; top_k dropped; seed dropped");
    }
}

#[test]
fn sampling_that_thinking_excludes_is_left_out() {
    let mut request = asked();
    request.thinking = effort(Effort::Low);
    request.sampling.temperature = Some(Json::verbatim("0.5"));
    request.sampling.top_p = Some(Json::verbatim("0.97"));
    request.sampling.top_k = Some(5);
    let (sent, losses) = encode(&request, style(ThinkingStyle::Adaptive));
    assert_eq!((sent.get("temperature"), &sent["top_p"], sent.get("top_k")), (None, &json!(0.97), None));
    assert_eq!(losses, "temperature dropped; top_k dropped");
    request.sampling.temperature = Some(Json::verbatim("1.0"));
    request.sampling.top_k = None;
    assert_eq!(encode(&request, style(ThinkingStyle::Adaptive)).1, "");
}

#[test]
fn stop_texts_are_sent_where_they_may_be() {
    let mut request = asked();
    request.sampling.stop = vec!["END".into(), "\n".into()];
    let (sent, losses) = encode(&request, ModelFacts::default());
    assert_eq!(sent["stop_sequences"], json!(["END"]));
    assert_eq!(losses, "stop without the blank ones");
    let (sent, losses) = encode(&request, ModelFacts { takes_stop: false, ..ModelFacts::default() });
    assert!(sent.get("stop_sequences").is_none());
    assert_eq!(losses, "stop dropped");
}

#[test]
fn an_effort_becomes_a_budget_or_an_adaptive_effort() {
    let mut request = asked();
    let cases = [
        (Effort::Minimal, 1024, "low"),
        (Effort::Low, 4096, "low"),
        (Effort::Medium, 8192, "medium"),
        (Effort::High, 16_384, "high"),
        (Effort::Xhigh, 32_768, "xhigh"),
        (Effort::Max, 65_536, "max"),
    ];
    for (grade, budget, word) in cases {
        request.thinking = effort(grade);
        let (sent, losses) = encode(&request, style(ThinkingStyle::Budget));
        assert_eq!(sent["thinking"], json!({"type": "enabled", "budget_tokens": budget}));
        assert_eq!(sent["max_tokens"], budget + 4096);
        assert_eq!((sent.get("output_config"), losses.as_str()), (None, ""));
        let (sent, losses) = encode(&request, style(ThinkingStyle::Adaptive));
        assert_eq!(sent["thinking"], json!({"type": "adaptive"}));
        assert_eq!(sent["output_config"], json!({"effort": word}));
        assert_eq!(losses.is_empty(), grade != Effort::Minimal);
    }
    request.thinking = effort(Effort::None);
    assert_eq!(encode(&request, style(ThinkingStyle::Budget)).0.get("thinking"), None);
    assert_eq!(encode(&request, style(ThinkingStyle::Adaptive)).0["thinking"], json!({"type": "disabled"}));
    request.thinking = effort(Effort::High);
    let (sent, losses) = encode(&request, style(ThinkingStyle::None));
    assert_eq!((sent.get("thinking"), losses.as_str()), (None, "reasoning_effort dropped"));
}

#[test]
fn a_budget_fits_into_the_limit_or_is_given_up() {
    let mut request = asked();
    let budget = |tokens| {
        Some(Thinking {
            mode: ThinkingMode::Enabled,
            budget_tokens: Some(tokens),
            effort: None,
            display: Some("omitted".into()),
        })
    };
    let cases = [
        (8000, 2000, Some(2000), ""),
        (8000, 10, Some(1024), "reasoning_effort raised to 1024"),
        (8000, 8000, Some(6000), "reasoning_effort lowered to fit the limit of tokens"),
        (1024, 5000, None, "reasoning_effort dropped"),
    ];
    for (max_tokens, asked, sent_budget, told) in cases {
        request.sampling.max_tokens = Some(max_tokens);
        request.thinking = budget(asked);
        let (sent, losses) = encode(&request, style(ThinkingStyle::Budget));
        assert_eq!(sent["max_tokens"], max_tokens);
        assert_eq!(sent["thinking"].get("budget_tokens").and_then(Value::as_u64), sent_budget, "{sent}");
        assert_eq!(losses, told);
    }
    request.sampling.max_tokens = Some(64_000);
    request.thinking = budget(20_000);
    let (sent, losses) = encode(&request, style(ThinkingStyle::Adaptive));
    assert_eq!(sent["thinking"], json!({"type": "adaptive", "display": "omitted"}));
    assert_eq!(sent["output_config"]["effort"], "high");
    assert_eq!(losses, "reasoning_effort said as an effort");
}

#[test]
fn a_caller_of_the_dialect_keeps_its_own_words_of_thinking() {
    let ask = |thinking: Value, effort: Option<&str>| {
        let mut body = json!({"model": "m", "max_tokens": 9000, "thinking": thinking, "messages": []});
        if let Some(effort) = effort {
            body["output_config"] = json!({"effort": effort});
        }
        decode(&body)
    };
    let request = ask(json!({"type": "enabled", "budget_tokens": 2000}), Some("medium"));
    let (sent, losses) = encode(&request, style(ThinkingStyle::Budget));
    assert_eq!(sent["thinking"], json!({"type": "enabled", "budget_tokens": 2000}));
    assert_eq!((&sent["output_config"]["effort"], losses.as_str()), (&json!("medium"), ""));
    let request = ask(json!({"type": "adaptive"}), Some("low"));
    let (sent, _) = encode(&request, style(ThinkingStyle::Budget));
    assert_eq!(sent["thinking"], json!({"type": "enabled", "budget_tokens": 4096}));
    assert_eq!(sent.get("output_config"), None);
    let request = ask(json!({"type": "disabled"}), None);
    assert_eq!(encode(&request, style(ThinkingStyle::Adaptive)).0["thinking"], json!({"type": "disabled"}));
    let request = ask(Value::Null, Some("max"));
    let (sent, _) = encode(&request, style(ThinkingStyle::Adaptive));
    assert_eq!((sent.get("thinking"), &sent["output_config"]["effort"]), (None, &json!("max")));
}

#[test]
fn a_forced_tool_wins_over_thinking() {
    let mut request = asked();
    request.thinking = effort(Effort::High);
    request.tools = vec![tool("f", None)];
    request.tool_choice = Some(ToolChoice::Named("f".into()));
    let (sent, losses) = encode(&request, style(ThinkingStyle::Adaptive));
    assert_eq!(sent["tool_choice"], json!({"type": "tool", "name": "f"}));
    assert_eq!((sent.get("thinking"), losses.as_str()), (None, "reasoning_effort dropped"));
    request.tool_choice = Some(ToolChoice::Auto);
    assert_eq!(encode(&request, style(ThinkingStyle::Adaptive)).0["thinking"]["type"], "adaptive");
}

#[test]
fn choices_have_their_words() {
    let mut request = asked();
    request.tools = vec![tool("f", None), tool("g", None)];
    let among = |required| ToolChoice::Among { names: vec!["g".into()], required };
    let cases = [
        (Some(ToolChoice::Auto), None, json!({"type": "auto"}), 2),
        (Some(ToolChoice::Required), Some(true), json!({"type": "any"}), 2),
        (Some(ToolChoice::None), Some(false), json!({"type": "none"}), 2),
        (Some(ToolChoice::Named("f".into())), None, json!({"type": "tool", "name": "f"}), 2),
        (
            Some(ToolChoice::Required),
            Some(false),
            json!({"type": "any", "disable_parallel_tool_use": true}),
            2,
        ),
        (None, Some(false), json!({"type": "auto", "disable_parallel_tool_use": true}), 2),
        (None, Some(true), Value::Null, 2),
        (Some(among(true)), None, json!({"type": "any"}), 1),
        (Some(among(false)), None, json!({"type": "auto"}), 1),
    ];
    for (choice, parallel, said, offered) in cases {
        request.tool_choice = choice;
        request.parallel_tools = parallel;
        let (sent, losses) = encode(&request, ModelFacts::default());
        assert_eq!(sent.get("tool_choice").cloned().unwrap_or_default(), said);
        assert_eq!(sent["tools"].as_array().unwrap().len(), offered);
        assert_eq!(losses.is_empty(), offered == 2, "{losses}");
    }
    request.tools.clear();
    request.tool_choice = Some(ToolChoice::Required);
    request.parallel_tools = Some(false);
    let (sent, losses) = encode(&request, ModelFacts::default());
    assert_eq!((sent.get("tools"), sent.get("tool_choice")), (None, None));
    assert_eq!(losses, "tool_choice dropped");
}

#[test]
fn schemas_get_a_type_and_strictness_where_it_is_native() {
    let mut request = asked();
    request.tools = vec![
        tool("a", None),
        tool("b", Some("{}")),
        tool("c", Some(r#"{ "properties": {} }"#)),
        Tool::Function {
            name: "d".into(),
            description: Some("D".into()),
            schema: Some(Json::verbatim(r#"{"type":"object"}"#)),
            strict: Some(true),
            cache: None,
            extra: Default::default(),
        },
    ];
    let (sent, losses) = encode(&request, ModelFacts::default());
    let schemas: Vec<&Value> =
        sent["tools"].as_array().unwrap().iter().map(|tool| &tool["input_schema"]).collect();
    let plain = json!({"type": "object", "properties": {}});
    assert_eq!(schemas, [&plain, &plain, &plain, &json!({"type": "object"})]);
    assert_eq!(sent["tools"][3]["strict"], true);
    assert_eq!(losses, "tools[2].parameters given the type object");
    let (sent, losses) = encode(&request, ModelFacts { native_json_schema: false, ..ModelFacts::default() });
    assert_eq!(sent["tools"][3].get("strict"), None);
    assert!(losses.contains("tools[3].strict dropped"));
}

#[test]
fn tool_names_that_do_not_fit_are_written_otherwise_everywhere() {
    let long = "server.".repeat(30);
    let mut request = asked();
    request.tools = vec![tool(&long, None), tool("ok", None)];
    request.tool_choice = Some(ToolChoice::Named(long.clone()));
    let (sent, _) = encode(&request, ModelFacts::default());
    let wire = sent["tools"][0]["name"].as_str().unwrap();
    assert!(wire.len() <= 128 && !wire.contains('.'));
    assert_eq!(sent["tool_choice"]["name"], wire);
    let names = crate::codec::tool_names(&request, &target(ModelFacts::default()));
    assert_eq!(names.original(wire), Some(long.as_str()));
    assert_eq!(names.original("ok"), None);
}

#[test]
fn the_form_of_the_answer_is_native_or_refused() {
    let mut request = asked();
    request.format = Some(Format::JsonSchema {
        name: Some("n".into()),
        description: Some("d".into()),
        schema: Json::verbatim(r#"{"type": "object"}"#),
        strict: Some(true),
    });
    let (sent, losses) = encode(&request, ModelFacts::default());
    assert_eq!(sent["output_config"]["format"], json!({"type": "json_schema", "schema": {"type": "object"}}));
    assert_eq!(losses, "response_format.json_schema.description dropped");
    let refused = refusal(&request, ModelFacts { native_json_schema: false, ..ModelFacts::default() });
    assert_eq!((refused.kind, refused.param.as_deref()), (Kind::Unsupported, Some("response_format")));
    request.format = Some(Format::JsonObject);
    assert_eq!(encode(&request, ModelFacts::default()).1, "response_format dropped");
}

#[test]
fn several_replies_and_tools_of_others_are_refused() {
    let mut request = asked();
    request.sampling.n = Some(2);
    assert_eq!(refusal(&request, ModelFacts::default()).param.as_deref(), Some("n"));
    request.sampling.n = Some(1);
    request.tools = vec![Tool::Foreign {
        dialect: Dialect::OpenaiChat,
        name: "web_search".into(),
        json: Json::verbatim("{}"),
    }];
    let refused = refusal(&request, ModelFacts::default());
    assert_eq!((refused.kind, refused.param.as_deref()), (Kind::Unsupported, Some("tools[0]")));
    assert!(refused.message.contains("web_search"));
}

#[test]
fn users_and_tiers_find_their_words() {
    let mut request = asked();
    request.user = Some("u".into());
    for (tier, said) in [("auto", Some("auto")), ("default", Some("standard_only")), ("flex", None)] {
        request.service_tier = Some(tier.into());
        let (sent, losses) = encode(&request, ModelFacts::default());
        assert_eq!(sent["metadata"], json!({"user_id": "u"}));
        assert_eq!(sent.get("service_tier").and_then(Value::as_str), said);
        assert_eq!(losses.is_empty(), said.is_some());
    }
}

#[test]
fn a_turn_that_goes_on_without_its_thinking_goes_on_without_thinking() {
    let mut request = asked();
    request.thinking = effort(Effort::Low);
    let call = claw_hub::PartKind::ToolCall { id: "a".into(), name: "f".into(), arguments: "{}".into() };
    let result =
        claw_hub::PartKind::ToolResult { id: "a".into(), name: None, content: vec![], is_error: false };
    let signed = claw_hub::Thought { text: "t".into(), signature: Some("s".into()), redacted: None };
    request.messages.push(Message::new(Role::Assistant, vec![call.into()]));
    request.messages.push(Message::new(Role::User, vec![result.into()]));
    let (sent, losses) = encode(&request, style(ThinkingStyle::Budget));
    assert_eq!((sent.get("thinking"), losses.as_str()), (None, "reasoning_effort dropped"));
    assert_eq!(encode(&request, style(ThinkingStyle::Adaptive)).0["thinking"]["type"], "adaptive");
    request.messages[1].parts.insert(0, claw_hub::PartKind::Thinking(signed).into());
    assert_eq!(encode(&request, style(ThinkingStyle::Budget)).0["thinking"]["type"], "enabled");
    request.messages[1].parts.remove(0);
    request.messages.push(Message::new(Role::User, vec![Part::text("and now?")]));
    assert_eq!(encode(&request, style(ThinkingStyle::Budget)).0["thinking"]["type"], "enabled");
}

#[test]
fn a_top_p_of_one_says_nothing() {
    let mut request = asked();
    request.sampling.top_p = Some(Json::verbatim("1.0"));
    request.sampling.temperature = Some(Json::verbatim("0"));
    let (sent, losses) = encode(&request, ModelFacts::default());
    assert_eq!((sent.get("top_p"), &sent["temperature"], losses.as_str()), (None, &json!(0), ""));
}
