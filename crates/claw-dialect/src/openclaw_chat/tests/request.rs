//! Requests, both ways.

use claw_hub::{
    Dialect, Extra, Json, Kind, Losses, Message, Part, PartKind, Request, Role, Thinking, ThinkingMode, Tool,
};
use serde_json::Value;

use super::{again, decode, encode};

const EVERYTHING: &str = include_str!("../../../fixtures/openclaw_chat/request_everything.json");

#[test]
fn a_request_with_everything_keeps_every_field() {
    let request = Request { raw: None, ..decode(EVERYTHING).unwrap() };
    assert_eq!(again(&request), request);
    let written: Value = serde_json::from_slice(&encode(&request, &mut Losses::default()).unwrap()).unwrap();
    assert_eq!(written, serde_json::from_str::<Value>(EVERYTHING).unwrap());
    let PartKind::ToolCall { arguments, .. } = &request.messages[2].parts[3].kind else { panic!() };
    assert_eq!(arguments, r#"{ "x" : 1 }"#, "arguments stay as they are written");
}

#[test]
fn one_message_is_a_message_of_the_user() {
    let request = decode(r#"{"message":"hi"}"#).unwrap();
    assert_eq!((request.model.as_str(), request.stream), ("auto", false));
    assert_eq!(request.messages, [Message::new(Role::User, vec![Part::text("hi")])]);
    assert_eq!(request.raw.unwrap().model, None);
    let request = decode(r#"{"model":"m","message":[{"type":"text","text":"hi"}],"stop":"x"}"#).unwrap();
    assert_eq!(request.messages[0].parts, [Part::text("hi")]);
    assert_eq!(request.sampling.stop, ["x"]);
    let raw = request.raw.unwrap();
    assert_eq!(&raw.body[raw.model.unwrap()], b"\"m\"");
}

#[test]
fn a_session_is_refused_with_a_reason() {
    let refusal = decode(r#"{"message":"hi","session":"s-1"}"#).unwrap_err();
    assert_eq!((refusal.kind, refusal.param.as_deref()), (Kind::Unsupported, Some("session")));
    assert!(refusal.message.contains("sessions are not available yet"));
}

#[test]
fn what_is_wrong_is_named_by_its_path() {
    for (body, path) in [
        ("{}", "message"),
        (r#"{"message":"a","messages":[]}"#, "message"),
        (r#"{"message":7}"#, "message"),
        (r#"{"message":"a","model":7}"#, "model"),
        (r#"{"message":"a","colour":"red"}"#, "colour"),
        (r#"{"message":"a","Model":"m"}"#, "Model"),
        (r#"{"message":"a","effort":"much"}"#, "effort"),
        (r#"{"message":"a","format":"xml"}"#, "format"),
        (r#"{"message":"a","format":{}}"#, "format.schema"),
        (r#"{"message":"a","format":{"schema":{},"x":1}}"#, "format.x"),
        (r#"{"message":"a","tool_choice":"any"}"#, "tool_choice"),
        (r#"{"message":"a","tool_choice":{}}"#, "tool_choice.name"),
        (r#"{"message":"a","tool_choice":{"names":[1]}}"#, "tool_choice.names[0]"),
        (r#"{"message":"a","tools":[{}]}"#, "tools[0].name"),
        (r#"{"message":"a","tools":[{"name":"f","schema":"x"}]}"#, "tools[0].schema"),
        (r#"{"message":"a","tools":[{"name":"f","type":"function"}]}"#, "tools[0].type"),
        (r#"{"message":"a","stop":7}"#, "stop"),
        (r#"{"messages":[{"content":"a"}]}"#, "messages[0].role"),
        (r#"{"messages":[{"role":"tool","content":"a"}]}"#, "messages[0].role"),
        (r#"{"messages":[{"role":"user"}]}"#, "messages[0].content"),
        (r#"{"messages":[{"role":"user","content":"a","x":1}]}"#, "messages[0].x"),
        (r#"{"message":[{"type":"video"}]}"#, "message[0].type"),
        (r#"{"message":[{"type":"text"}]}"#, "message[0].text"),
        (r#"{"message":[{"type":"text","text":"a","cache":"ever"}]}"#, "message[0].cache"),
        (r#"{"message":[{"type":"text","text":"a","x":1}]}"#, "message[0].x"),
        (r#"{"message":[{"type":"image"}]}"#, "message[0]"),
        (r#"{"message":[{"type":"image","url":"u","file_id":"f"}]}"#, "message[0]"),
        (r#"{"message":[{"type":"image","data":"d"}]}"#, "message[0].media_type"),
        (r#"{"message":[{"type":"image","text":"d"}]}"#, "message[0]"),
        (r#"{"message":[{"type":"tool_call","id":"a","name":"f","arguments":[]}]}"#, "message[0].arguments"),
        (r#"{"message":[{"type":"tool_result","id":"a"}]}"#, "message[0].content"),
        (r#"{"message":[{"type":"foreign","dialect":"x","name":"n","json":1}]}"#, "message[0].dialect"),
    ] {
        let refusal = decode(body).unwrap_err();
        assert_eq!((refusal.kind, refusal.param.as_deref()), (Kind::Malformed, Some(path)), "{body}");
    }
}

#[test]
fn what_this_api_cannot_say_is_noted_or_refused() {
    let extra = || Extra(vec![("x".to_owned(), Json::verbatim("1"))]);
    let mut request = Request::new(Dialect::AnthropicMessages, "m");
    request.system = vec![Part { extra: extra(), ..Part::text("s") }];
    request.messages = vec![Message {
        extra: extra(),
        ..Message::new(Role::User, vec![Part { extra: extra(), ..Part::text("a") }])
    }];
    request.extra = extra();
    request.headers = vec![("anthropic-beta".into(), "b".into())];
    request.service_tier = Some("auto".into());
    let (mode, budget_tokens) = (ThinkingMode::Enabled, Some(2000));
    request.thinking = Some(Thinking { mode, budget_tokens, effort: None, display: None });
    let mut losses = Losses::default();
    encode(&request, &mut losses).unwrap();
    let lost: Vec<String> = losses.as_slice().iter().map(|loss| loss.field.clone()).collect();
    assert_eq!(
        lost,
        [
            "x",
            "anthropic-beta",
            "system[0].x",
            "messages[0].x",
            "messages[0].content[0].x",
            "service_tier",
            "thinking"
        ]
    );
    request.sampling.n = Some(2);
    assert_eq!(encode(&request, &mut losses).unwrap_err().kind, Kind::Unsupported);
    request.sampling.n = None;
    let json = Json::verbatim("{}");
    request.tools =
        vec![Tool::Foreign { dialect: Dialect::AnthropicMessages, name: "web_search".into(), json }];
    assert!(encode(&request, &mut losses).unwrap_err().message.contains("web_search"));
}
