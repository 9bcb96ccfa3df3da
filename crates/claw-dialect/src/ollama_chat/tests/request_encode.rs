//! The hub to requests, for callers of other dialects.

use claw_hub::{
    Dialect, Effort, Extra, Format, Json, Kind, Losses, Media, Message, ModelFacts, Part, PartKind, Request,
    Role, Source, Thinking, ThinkingMode, ThinkingStyle, Thought, Tool, ToolChoice,
};
use serde_json::{Value, json};

use super::{encode, encode_for, lost, target};

fn request(messages: Vec<Message>) -> Request {
    Request { messages, ..Request::new(Dialect::OpenaiChat, "m") }
}

fn user(parts: Vec<Part>) -> Request {
    request(vec![Message::new(Role::User, parts)])
}

fn media(source: Source, media_type: &str) -> Media {
    Media { source, media_type: media_type.into(), name: None, detail: None }
}

fn png() -> Part {
    PartKind::Image(media(Source::Base64("iVBORw0KGgo=".into()), "image/png")).into()
}

fn call(id: &str, arguments: &str) -> Part {
    PartKind::ToolCall { id: id.into(), name: "look".into(), arguments: arguments.into() }.into()
}

fn result(id: &str, content: Vec<Part>, is_error: bool) -> Part {
    PartKind::ToolResult { id: id.into(), name: None, content, is_error }.into()
}

fn tool(name: &str) -> Tool {
    Tool::Function {
        name: name.into(),
        description: None,
        schema: None,
        strict: None,
        cache: None,
        extra: Extra::default(),
    }
}

fn thinking(mode: ThinkingMode, budget_tokens: Option<u64>, effort: Option<Effort>) -> Option<Thinking> {
    Some(Thinking { mode, budget_tokens, effort, display: None })
}

#[test]
fn texts_become_one_and_pictures_stand_beside_it() {
    let mut request = user(vec![Part::text("a"), png(), Part::text("b")]);
    request.system = vec![Part::text("x"), Part::text("y")];
    let (body, losses) = encode(&request);
    assert_eq!(
        body["messages"],
        json!([
            {"role": "system", "content": "x\n\ny"},
            {"role": "user", "content": "a\n\nb", "images": ["iVBORw0KGgo="]}
        ])
    );
    assert_eq!(
        lost(&losses),
        [
            "system joined to one text",
            "messages[0].content pictures said apart from the text",
            "messages[0].content joined to one text"
        ]
    );
    let (_, losses) = encode(&user(vec![Part::text("a"), png(), png()]));
    assert!(losses.is_empty(), "{losses}");
}

#[test]
fn a_developer_is_the_system_and_nothing_is_lost() {
    let body = r#"{"model":"m","messages":[{"role":"developer","content":"a"},{"role":"user","content":"b"},{"role":"developer","content":"c"}]}"#;
    let asked = crate::Asked::default();
    let request = crate::codec::decode_request(Dialect::OpenaiChat, &body.into(), &asked).unwrap();
    let (body, losses) = encode(&request);
    assert_eq!(
        (&body["messages"][0]["role"], &body["messages"][2]["role"]),
        (&json!("system"), &json!("system"))
    );
    assert!(losses.is_empty(), "{losses}");
}

#[test]
fn results_say_the_name_of_their_tool_and_move_their_pictures() {
    let request = request(vec![
        Message::new(Role::Assistant, vec![call("call_1", r#"{"x": 1}"#), call("call_2", "")]),
        Message::new(
            Role::User,
            vec![
                Part::text("so?"),
                result("call_1", vec![png()], false),
                result("call_2", vec![Part::text("no")], true),
            ],
        ),
    ]);
    let (body, losses) = encode(&request);
    assert_eq!(
        body["messages"],
        json!([
            {"role": "assistant", "content": "", "tool_calls": [
                {"id": "call_1", "function": {"name": "look", "arguments": {"x": 1}}},
                {"id": "call_2", "function": {"name": "look", "arguments": {}}}
            ]},
            {"role": "tool", "content": "See the next message.", "tool_name": "look", "tool_call_id": "call_1"},
            {"role": "tool", "content": "Error: no", "tool_name": "look", "tool_call_id": "call_2"},
            {"role": "user", "content": "Content of the tool result look:\n\nso?", "images": ["iVBORw0KGgo="]}
        ])
    );
    assert_eq!(
        lost(&losses),
        [
            "messages[1].content[1].content[0] moved to a message of the user",
            "messages[1].content[2].is_error said as text"
        ]
    );
}

#[test]
fn a_choice_is_made_by_leaving_tools_out() {
    let mut request = user(vec![Part::text("hi")]);
    request.tools = vec![tool("a"), tool("b")];
    let names = |request: &Request| -> (Vec<Value>, Vec<String>) {
        let (body, losses) = encode(request);
        let tools = body["tools"].as_array().cloned().unwrap_or_default();
        (tools.iter().map(|tool| tool["function"]["name"].clone()).collect(), lost(&losses))
    };
    for (choice, left, is_lost) in [
        (ToolChoice::Auto, 2, false),
        (ToolChoice::None, 0, false),
        (ToolChoice::Required, 2, true),
        (ToolChoice::Named("b".into()), 1, true),
        (ToolChoice::Among { names: vec!["a".into()], required: false }, 1, false),
        (ToolChoice::Among { names: vec!["a".into()], required: true }, 1, true),
    ] {
        request.tool_choice = Some(choice);
        let (tools, losses) = names(&request);
        assert_eq!(tools.len(), left, "{:?}", request.tool_choice);
        assert_eq!(losses == ["tool_choice dropped"], is_lost, "{:?}", request.tool_choice);
    }
}

#[test]
fn what_cannot_be_sent_at_all_is_refused_by_name() {
    let refusal = |request: &Request| {
        super::super::request::encode(request, &target(ModelFacts::default()), &mut Losses::default())
            .unwrap_err()
    };
    let image = |source| user(vec![PartKind::Image(media(source, "")).into()]);
    let pdf = media(Source::Base64("JVBERi0=".into()), "application/pdf");
    for (request, what) in [
        (image(Source::Url("https://example.org/a.png".into())), "a picture at an address"),
        (image(Source::FileId("f".into())), "a picture kept at another provider"),
        (user(vec![PartKind::Document(pdf).into()]), "a file"),
    ] {
        let refusal = refusal(&request);
        assert_eq!(
            (refusal.kind, refusal.param.as_deref()),
            (Kind::Unsupported, Some("messages[0].content[0]"))
        );
        assert!(refusal.message.contains(what), "{}", refusal.message);
    }
    let mut several = user(vec![Part::text("hi")]);
    several.sampling.n = Some(2);
    assert_eq!(refusal(&several).param.as_deref(), Some("n"));
    several.sampling.n = Some(1);
    assert!(encode(&several).1.is_empty());
    let json = Json::verbatim(r#"{"type":"custom"}"#);
    several.tools = vec![Tool::Foreign { dialect: Dialect::OpenaiChat, name: "patch".into(), json }];
    assert!(refusal(&several).message.contains("patch"));
}

#[test]
fn parameters_are_options() {
    let mut request = user(vec![Part::text("hi")]);
    request.sampling.max_tokens = Some(9000);
    request.sampling.temperature = Some(Json::verbatim("0.5"));
    request.sampling.stop = vec!["END".into()];
    request.format = Some(Format::JsonSchema {
        name: Some("n".into()),
        description: Some("d".into()),
        schema: Json::verbatim(r#"{"type":"object"}"#),
        strict: Some(true),
    });
    let facts = ModelFacts { max_output_tokens: Some(4096), ..ModelFacts::default() };
    let (body, losses) = encode_for(&request, facts);
    assert_eq!(body["options"], json!({"num_predict": 4096, "temperature": 0.5, "stop": ["END"]}));
    assert_eq!(body["format"], json!({"type": "object"}));
    assert_eq!((&body["stream"], &body["model"]), (&json!(false), &json!("target-model")));
    assert_eq!(
        lost(&losses),
        ["response_format.description dropped", "max_tokens capped to the model's limit"]
    );
}

#[test]
fn efforts_and_switches_are_said_as_think() {
    let mut request = user(vec![Part::text("hi")]);
    for (asked, think, losses) in [
        (
            thinking(ThinkingMode::Unsaid, None, Some(Effort::Xhigh)),
            json!("high"),
            vec!["reasoning_effort said as the nearest grade"],
        ),
        (thinking(ThinkingMode::Unsaid, None, Some(Effort::None)), json!(false), vec![]),
        (thinking(ThinkingMode::Disabled, None, None), json!(false), vec![]),
        (thinking(ThinkingMode::Adaptive, None, None), json!(true), vec![]),
        (thinking(ThinkingMode::Enabled, Some(5000), None), json!(true), vec!["reasoning_effort dropped"]),
    ] {
        request.thinking = asked;
        let (body, lost_here) = encode(&request);
        assert_eq!(
            (&body["think"], lost(&lost_here)),
            (&think, losses.iter().map(ToString::to_string).collect())
        );
    }
    let facts = ModelFacts { thinking: ThinkingStyle::None, ..ModelFacts::default() };
    assert_eq!(encode_for(&request, facts).0.get("think"), None, "a model that cannot think is not asked to");
}

#[test]
fn every_field_without_a_word_here_is_noted() {
    let extra = || Extra(vec![("x".to_owned(), Json::verbatim("1"))]);
    let mut request = user(vec![Part { extra: extra(), ..Part::text("hi") }]);
    request.messages[0].name = Some("ada".into());
    request.messages[0].extra = extra();
    let thought = Thought { text: "hm".into(), signature: Some("s".into()), redacted: None };
    let hidden = Thought { text: String::new(), signature: None, redacted: Some("r".into()) };
    request.messages.push(Message::new(
        Role::Assistant,
        vec![
            PartKind::Thinking(thought).into(),
            PartKind::Thinking(hidden).into(),
            PartKind::Refusal("no".into()).into(),
            call("a", "{\"cut"),
        ],
    ));
    request.user = Some("u".into());
    request.service_tier = Some("flex".into());
    request.parallel_tools = Some(false);
    request.extra = extra();
    let (body, losses) = encode(&request);
    assert_eq!(
        lost(&losses),
        [
            "messages[0].content[0].x dropped",
            "messages[0].x dropped",
            "messages[0].name dropped",
            "messages[1].content[0].signature dropped",
            "messages[1].content[1] dropped",
            "messages[1].content[2] said as text",
            "messages[1].content[3].arguments wrapped in an object",
            "user dropped",
            "service_tier dropped",
            "parallel_tool_calls dropped",
            "x dropped",
        ]
    );
    assert_eq!(
        body["messages"][1],
        json!({"role": "assistant", "thinking": "hm", "content": "no", "tool_calls": [
            {"id": "a", "function": {"name": "look", "arguments": {"arguments": "{\"cut"}}}
        ]})
    );
}
