//! The hub to requests, for callers of other dialects.

use claw_hub::{
    CacheMark, Dialect, Effort, Extra, Format, Json, Kind, Losses, MaxTokensField, Media, Message,
    ModelFacts, Part, PartKind, Refusal, Request, Role, Source, Thinking, ThinkingMode, Thought, Tool,
    ToolChoice,
};
use serde_json::{Value, json};

use super::{encode, encode_for, target};

fn request(messages: Vec<Message>) -> Request {
    Request { messages, ..Request::new(Dialect::AnthropicMessages, "m") }
}

fn user(parts: Vec<Part>) -> Request {
    request(vec![Message::new(Role::User, parts)])
}

fn result(content: Vec<Part>, is_error: bool) -> Part {
    PartKind::ToolResult { id: "toolu_1".into(), name: None, content, is_error }.into()
}

fn media(source: Source, media_type: &str) -> Media {
    Media { source, media_type: media_type.into(), name: None, detail: None }
}

fn png() -> Part {
    PartKind::Image(media(Source::Base64("iVBORw0KGgo=".into()), "image/png")).into()
}

fn lost(losses: &Losses) -> Vec<String> {
    losses.as_slice().iter().map(ToString::to_string).collect()
}

fn refusal(request: &Request) -> Refusal {
    super::super::request::encode(request, &target(ModelFacts::default()), &mut Losses::default())
        .unwrap_err()
}

#[test]
fn the_system_prompt_is_one_message() {
    let mut request = user(vec![Part::text("hi")]);
    request.system = vec![Part::text("a")];
    assert_eq!(encode(&request).0["messages"][0], json!({"role": "system", "content": "a"}));
    request.system.push(Part::text("b"));
    let (body, losses) = encode(&request);
    assert_eq!(
        body["messages"][0],
        json!({"role": "system", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]})
    );
    assert!(losses.is_empty());
}

#[test]
fn results_come_first_and_their_pictures_follow_in_a_message_of_the_user() {
    let request = user(vec![
        Part::text("and now?"),
        result(vec![Part::text("a cat"), png()], false),
        result(vec![png()], false),
    ]);
    let (body, losses) = encode(&request);
    let messages = body["messages"].as_array().unwrap();
    assert_eq!(messages[0], json!({"role": "tool", "tool_call_id": "toolu_1", "content": "a cat"}));
    assert_eq!(messages[1]["content"], "See the next message.");
    let types: Vec<_> = messages[2]["content"].as_array().unwrap().iter().map(|part| &part["type"]).collect();
    assert_eq!(types, ["text", "image_url", "text", "image_url", "text"]);
    assert_eq!(messages[2]["content"][1]["image_url"]["url"], "data:image/png;base64,iVBORw0KGgo=");
    assert_eq!(
        lost(&losses),
        [
            "messages[0].content[1].content[1] moved to a message of the user",
            "messages[0].content[2].content[0] moved to a message of the user"
        ]
    );
}

#[test]
fn a_failed_tool_says_so_in_words() {
    let (body, losses) = encode(&user(vec![result(vec![Part::text("no such file")], true)]));
    assert_eq!(body["messages"][0]["content"], "Error: no such file");
    assert_eq!(lost(&losses), ["messages[0].content[0].is_error said as text"]);
    assert_eq!(encode(&user(vec![result(vec![], true)])).0["messages"][0]["content"], "Error:");
    assert_eq!(encode(&user(vec![result(vec![], false)])).0["messages"][0]["content"], "");
}

#[test]
fn ids_of_calls_are_there_unique_and_short() {
    let call =
        |id: &str| PartKind::ToolCall { id: id.into(), name: "f".into(), arguments: String::new() }.into();
    let answer = |id: &str| -> Part {
        PartKind::ToolResult { id: id.into(), name: None, content: Vec::new(), is_error: false }.into()
    };
    let long = "x".repeat(80);
    let request = request(vec![
        Message::new(Role::Assistant, vec![call(""), call(&long), call("call_0")]),
        Message::new(Role::User, vec![answer(""), answer(&long), answer("call_0")]),
        Message::new(Role::Assistant, vec![call("call_0")]),
        Message::new(Role::User, vec![answer("call_0")]),
    ]);
    let (body, _) = encode(&request);
    let ids = |n: usize| -> Vec<Value> {
        let calls = body["messages"][n]["tool_calls"].as_array().unwrap();
        calls.iter().map(|call| call["id"].clone()).collect()
    };
    let answers: Vec<_> = (1..4).map(|n| body["messages"][n]["tool_call_id"].clone()).collect();
    assert_eq!(ids(0), answers);
    assert_eq!(ids(4), [body["messages"][5]["tool_call_id"].clone()]);
    assert_ne!(ids(4)[0], ids(0)[2]);
    assert!(ids(0).iter().all(|id| id.as_str().unwrap().len() <= 40 && id != ""));
    assert_eq!(body["messages"][0]["tool_calls"][0]["function"]["arguments"], "{}");
    assert_eq!(body["messages"][0]["content"], Value::Null);
}

#[test]
fn long_names_of_tools_are_shortened_and_given_back() {
    let long = "mcp__a_server__".repeat(8);
    let call = PartKind::ToolCall { id: "a".into(), name: long.clone(), arguments: "{}".into() };
    let mut request = request(vec![Message::new(Role::Assistant, vec![call.into()])]);
    let (schema, extra) = (None, Extra::default());
    let tool =
        Tool::Function { name: long.clone(), description: None, schema, strict: None, cache: None, extra };
    request.tools = vec![tool];
    request.tool_choice = Some(ToolChoice::Named(long.clone()));
    let (body, _) = encode(&request);
    let short = body["tools"][0]["function"]["name"].as_str().unwrap();
    assert!(short.len() <= 64);
    assert_eq!(body["tool_choice"]["function"]["name"], short);
    assert_eq!(body["messages"][0]["tool_calls"][0]["function"]["name"], short);
    let names = crate::codec::tool_names(&request, &target(ModelFacts::default()));
    assert_eq!(names.original(short), Some(long.as_str()));
    request.origin = Dialect::OpenaiChat;
    assert_eq!(encode(&request).0["tools"][0]["function"]["name"], long, "a caller of this dialect knows");
}

#[test]
fn reasoning_of_another_provider_is_not_sent() {
    let thought = Thought { text: "hm".into(), signature: Some("s".into()), redacted: None };
    let parts = vec![PartKind::Thinking(thought).into(), Part::text("x")];
    let (body, losses) = encode(&request(vec![Message::new(Role::Assistant, parts)]));
    assert_eq!(body["messages"][0], json!({"role": "assistant", "content": "x"}));
    assert_eq!(lost(&losses), ["messages[0].content[0] dropped"]);
}

#[test]
fn files_of_words_are_sent_as_words() {
    for source in [Source::Text("Grüezi".into()), Source::Base64("R3LDvGV6aQ==".into())] {
        let part = PartKind::Document(media(source, "text/plain")).into();
        let (body, losses) = encode(&user(vec![part]));
        assert_eq!(body["messages"][0]["content"], "Grüezi");
        assert_eq!(lost(&losses), ["messages[0].content[0] sent as text"]);
    }
    let pdf = PartKind::Document(media(Source::Base64("JVBERi0=".into()), "application/pdf")).into();
    let (body, losses) = encode(&user(vec![pdf]));
    assert_eq!(
        body["messages"][0]["content"][0]["file"],
        json!({"filename": "document.pdf", "file_data": "data:application/pdf;base64,JVBERi0="})
    );
    assert!(losses.is_empty());
}

#[test]
fn what_cannot_be_sent_at_all_is_refused_by_name() {
    let document = |source| user(vec![PartKind::Document(media(source, "application/pdf")).into()]);
    for request in [
        document(Source::Url("https://example.org/a.pdf".into())),
        document(Source::FileId("file_1".into())),
        user(vec![PartKind::Image(media(Source::FileId("file_1".into()), "")).into()]),
    ] {
        let refusal = refusal(&request);
        assert_eq!(
            (refusal.kind, refusal.param.as_deref()),
            (Kind::Unsupported, Some("messages[0].content[0]"))
        );
    }
    let mut request = user(vec![Part::text("hi")]);
    let json = Json::verbatim(r#"{"type":"web_search_20250305","name":"web_search"}"#);
    request.tools =
        vec![Tool::Foreign { dialect: Dialect::AnthropicMessages, name: "web_search".into(), json }];
    assert_eq!(
        refusal(&request).message,
        "`tools[0]` (`web_search`) is a tool that this model's provider does not run"
    );
}

#[test]
fn every_field_without_a_word_here_is_noted() {
    let extra = |key: &str| Extra(vec![(key.to_owned(), Json::verbatim("1"))]);
    let mut request =
        user(vec![Part { cache: Some(CacheMark::OneHour), extra: extra("citations"), ..Part::text("hi") }]);
    request.messages[0].extra = extra("a");
    request.extra = extra("context_management");
    request.headers = vec![("anthropic-beta".into(), "x".into())];
    request.sampling.top_k = Some(5);
    request.service_tier = Some("standard_only".into());
    request.tools = vec![Tool::Function {
        name: "f".into(),
        description: None,
        schema: None,
        strict: None,
        cache: Some(CacheMark::Default),
        extra: extra("defer_loading"),
    }];
    let (body, losses) = encode(&request);
    assert_eq!(
        lost(&losses),
        [
            "messages[0].content[0].citations dropped",
            "messages[0].content[0].cache_control dropped",
            "messages[0].a dropped",
            "tools[0].defer_loading dropped",
            "tools[0].cache_control dropped",
            "context_management dropped",
            "anthropic-beta dropped",
            "top_k dropped",
            "service_tier dropped",
        ]
    );
    assert_eq!(body["messages"], json!([{"role": "user", "content": "hi"}]));
    assert_eq!(body["tools"], json!([{"type": "function", "function": {"name": "f"}}]));
    assert_eq!(body.as_object().unwrap().len(), 3);
}

#[test]
fn the_limit_goes_into_the_field_that_the_model_takes_and_is_capped() {
    let mut request = user(vec![Part::text("hi")]);
    request.sampling.max_tokens = Some(64_000);
    let facts = ModelFacts {
        max_tokens_field: MaxTokensField::Completion,
        max_output_tokens: Some(16_384),
        ..ModelFacts::default()
    };
    let (body, losses) = encode_for(&request, facts);
    assert_eq!((&body["max_completion_tokens"], &body["max_tokens"]), (&json!(16_384), &Value::Null));
    assert_eq!(lost(&losses), ["max_tokens capped to the model's limit"]);
    assert_eq!(encode(&request).0["max_tokens"], 64_000);
}

#[test]
fn a_model_that_reasons_takes_no_sampling_and_grades_instead_of_counting() {
    let mut request = user(vec![Part::text("hi")]);
    request.sampling.temperature = Some(Json::verbatim("0.5"));
    request.sampling.top_p = Some(Json::verbatim("0.9"));
    request.sampling.stop = vec!["x".into()];
    request.thinking = Some(Thinking {
        mode: ThinkingMode::Enabled,
        budget_tokens: Some(9000),
        effort: None,
        display: None,
    });
    let facts = ModelFacts { takes_sampling: false, takes_stop: false, ..ModelFacts::default() };
    let (body, losses) = encode_for(&request, facts);
    assert_eq!(body["reasoning_effort"], "medium");
    assert_eq!(body.as_object().unwrap().len(), 3);
    assert_eq!(
        lost(&losses),
        [
            "temperature dropped",
            "top_p dropped",
            "stop_sequences dropped",
            "thinking.budget_tokens said as an effort"
        ]
    );
    let (body, losses) = encode(&request);
    assert_eq!((&body["reasoning_effort"], &body["temperature"]), (&Value::Null, &json!(0.5)));
    assert_eq!(lost(&losses), ["thinking dropped"]);
}

#[test]
fn an_effort_is_passed_on_and_an_off_switch_is_noted() {
    let mut request = user(vec![Part::text("hi")]);
    let thinking = |mode, effort| Some(Thinking { mode, budget_tokens: None, effort, display: None });
    request.thinking = thinking(ThinkingMode::Adaptive, Some(Effort::Xhigh));
    let (body, losses) = encode(&request);
    assert_eq!((&body["reasoning_effort"], losses.is_empty()), (&json!("xhigh"), true));
    request.thinking = thinking(ThinkingMode::Disabled, None);
    assert_eq!(lost(&encode(&request).1), ["thinking dropped"]);
}

#[test]
fn choices_and_forms_are_written_in_this_dialect() {
    let mut request = user(vec![Part::text("hi")]);
    request.tool_choice = Some(ToolChoice::Named("f".into()));
    request.format = Some(Format::JsonSchema {
        name: None,
        description: None,
        schema: Json::verbatim(r#"{"type":"object"}"#),
        strict: None,
    });
    request.stream = true;
    request.include_usage = false;
    let (body, _) = encode(&request);
    assert_eq!(body["tool_choice"], json!({"type": "function", "function": {"name": "f"}}));
    assert_eq!(
        body["response_format"],
        json!({"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}})
    );
    assert_eq!(body["stream_options"], json!({"include_usage": true}), "the gateway always wants to know");
    request.tool_choice = Some(ToolChoice::Among { names: vec!["f".into()], required: false });
    assert_eq!(encode(&request).0["tool_choice"]["allowed_tools"]["mode"], "auto");
}
