//! Tools and the choice among them.

use claw_hub::{
    CacheMark, Dialect, Event, Json, Kind, Losses, Message, ModelFacts, Part, PartKind, Reply, Request, Role,
    Stop, Tool, ToolChoice,
};
use serde_json::{Value, json};

use super::{CLAUDE, decode, encode, target, to_claude};

fn asked(tools: &[&str]) -> Request {
    let mut request = Request::new(Dialect::OpenaiChat, "m");
    request.messages = vec![Message::new(Role::User, vec![Part::text("hi")])];
    request.tools = tools.iter().map(|name| tool(name)).collect();
    request
}

fn tool(name: &str) -> Tool {
    Tool::Function {
        name: name.into(),
        description: Some(String::new()),
        schema: Some(Json::verbatim(r#"{"type":"object"}"#)),
        strict: None,
        cache: None,
        extra: Default::default(),
    }
}

fn call(name: &str) -> Part {
    PartKind::ToolCall { id: "1".into(), name: name.into(), arguments: "{}".into() }.into()
}

fn with_history(mut request: Request, name: &str) -> Request {
    let result =
        PartKind::ToolResult { id: "1".into(), name: None, content: vec![Part::text("x")], is_error: false };
    request.messages.push(Message::new(Role::Assistant, vec![call(name)]));
    request.messages.push(Message::new(Role::User, vec![result.into()]));
    request
}

fn names(sent: &Value) -> Vec<&str> {
    let tools = sent["toolConfig"]["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
    tools.iter().filter_map(|tool| tool["toolSpec"]["name"].as_str()).collect()
}

#[test]
fn a_tool_has_a_schema_and_no_empty_description() {
    let (sent, losses) = to_claude(&asked(&["f"]));
    assert_eq!(
        sent["toolConfig"],
        json!({"tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": {"type": "object"}}}}]})
    );
    assert_eq!(losses, "");
    let mut request = asked(&[]);
    request.tools = vec![Tool::Function {
        name: "g".into(),
        description: Some("G".into()),
        schema: Some(Json::verbatim(r#"{"properties":{}}"#)),
        strict: Some(true),
        cache: Some(CacheMark::FiveMinutes),
        extra: Default::default(),
    }];
    let (sent, losses) = to_claude(&request);
    assert_eq!(
        sent["toolConfig"]["tools"],
        json!([
            {"toolSpec": {"name": "g", "description": "G", "strict": true,
                "inputSchema": {"json": {"type": "object", "properties": {}}}}},
            {"cachePoint": {"type": "default", "ttl": "5m"}}
        ])
    );
    assert_eq!(losses, "tools[0].parameters given the type object");
    let old = ModelFacts { native_json_schema: false, takes_cache_points: false, ..ModelFacts::default() };
    let (sent, losses) = encode(&request, &target(CLAUDE, old));
    assert_eq!(sent["toolConfig"]["tools"].as_array().unwrap().len(), 1);
    assert!(losses.contains("tools[0].strict dropped; tools[0].cache_control dropped"), "{losses}");
}

#[test]
fn choices_have_their_words() {
    let mut request = asked(&["f", "g"]);
    let among = |required| ToolChoice::Among { names: vec!["g".into()], required };
    let cases = [
        (Some(ToolChoice::Auto), json!({"auto": {}}), 2),
        (Some(ToolChoice::Required), json!({"any": {}}), 2),
        (Some(ToolChoice::Named("f".into())), json!({"tool": {"name": "f"}}), 2),
        (Some(among(true)), json!({"any": {}}), 1),
        (Some(among(false)), Value::Null, 1),
        (None, Value::Null, 2),
    ];
    for (choice, said, offered) in cases {
        request.tool_choice = choice;
        let (sent, losses) = to_claude(&request);
        assert_eq!(sent["toolConfig"].get("toolChoice").cloned().unwrap_or_default(), said);
        assert_eq!(names(&sent).len(), offered);
        assert_eq!(losses.is_empty(), offered == 2);
    }
}

#[test]
fn no_tool_may_be_called_means_none_is_offered() {
    let mut request = asked(&["f"]);
    request.tool_choice = Some(ToolChoice::None);
    let (sent, losses) = to_claude(&request);
    assert_eq!((sent.get("toolConfig"), losses.as_str()), (None, ""));
    let (sent, losses) = to_claude(&with_history(request, "f"));
    assert_eq!((names(&sent), sent["toolConfig"].get("toolChoice")), (vec!["f"], None));
    assert_eq!(losses, "tool_choice not enforced, because the history uses tools");
}

#[test]
fn tools_that_only_the_history_knows_are_offered() {
    let (sent, losses) = to_claude(&with_history(asked(&[]), "f"));
    assert_eq!(
        sent["toolConfig"],
        json!({"tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": {"type": "object"}}}}]})
    );
    assert_eq!(losses, "");
    assert_eq!(to_claude(&asked(&[])).0.get("toolConfig"), None);
    let mut request = with_history(asked(&[]), "f");
    request.tool_choice = Some(ToolChoice::Required);
    assert_eq!(to_claude(&request).1, "tool_choice dropped");
}

#[test]
fn one_call_at_a_time_is_said_once() {
    let mut request = asked(&["f"]);
    request.parallel_tools = Some(false);
    for (choice, written, additional) in [
        (None, Value::Null, json!({"type": "auto", "disable_parallel_tool_use": true})),
        (Some(ToolChoice::Auto), Value::Null, json!({"type": "auto", "disable_parallel_tool_use": true})),
        (Some(ToolChoice::Required), json!({"any": {}}), json!({"disable_parallel_tool_use": true})),
    ] {
        request.tool_choice = choice;
        let (sent, losses) = to_claude(&request);
        assert_eq!(sent["toolConfig"].get("toolChoice").cloned().unwrap_or_default(), written);
        assert_eq!(sent["additionalModelRequestFields"]["tool_choice"], additional);
        assert_eq!(losses, "");
    }
    let (sent, losses) = encode(&request, &target("amazon.nova-lite-v1:0", ModelFacts::default()));
    assert_eq!(
        (sent.get("additionalModelRequestFields"), losses.as_str()),
        (None, "parallel_tool_calls dropped")
    );
    request.tools.clear();
    request.tool_choice = None;
    let (sent, losses) = to_claude(&request);
    assert_eq!((sent.get("additionalModelRequestFields"), losses.as_str()), (None, ""));
    let own = json!({"messages": [], "toolConfig": {"tools": [{"systemTool": {"name": "s"}}]},
        "additionalModelRequestFields": {"tool_choice": {"type": "auto", "disable_parallel_tool_use": true}}});
    let request = decode(CLAUDE, &own);
    assert_eq!(request.parallel_tools, Some(false));
    assert_eq!(to_claude(&request).0["additionalModelRequestFields"], own["additionalModelRequestFields"]);
}

#[test]
fn long_and_odd_names_are_shortened_and_restored() {
    let long = format!("mcp__{}__search", "server".repeat(12));
    let twin = format!("{long}2");
    let mut request = with_history(asked(&[&long, &twin, "my.tool", "fine"]), &long);
    request.tool_choice = Some(ToolChoice::Named("my.tool".into()));
    let to = target(CLAUDE, ModelFacts::default());
    let (sent, _) = encode(&request, &to);
    let wire = names(&sent);
    assert!(wire.iter().all(|name| name.len() <= 64 && !name.contains('.')), "{wire:?}");
    assert_eq!(wire[3], "fine");
    assert_ne!(wire[0], wire[1]);
    assert_eq!(sent["messages"][1]["content"][0]["toolUse"]["name"], wire[0]);
    assert_eq!(sent["toolConfig"]["toolChoice"]["tool"]["name"], wire[2]);
    let restoring = crate::codec::tool_names(&request, &to);
    let mut reply = Reply {
        id: String::new(),
        model: String::new(),
        parts: vec![call(wire[1]), call("fine"), Part::text(wire[1])],
        stop: Stop::ToolUse,
        usage: None,
    };
    restoring.restore_reply(&mut reply);
    let called = |part: &Part| match &part.kind {
        PartKind::ToolCall { name, .. } => name.clone(),
        _ => String::new(),
    };
    assert_eq!(reply.parts.iter().map(called).collect::<Vec<_>>(), [twin.as_str(), "fine", ""]);
    let mut event = Event::Open { index: 0, kind: call(wire[2]).kind };
    restoring.restore_event(&mut event);
    assert!(matches!(event, Event::Open { kind: PartKind::ToolCall { name, .. }, .. } if name == "my.tool"));
    assert!(crate::codec::tool_names(&asked(&["fine"]), &to).is_empty());
}

#[test]
fn a_shortened_name_never_meets_a_name_that_is_there() {
    let to = target(CLAUDE, ModelFacts::default());
    let alone = encode(&asked(&["my.tool"]), &to).0;
    let taken = names(&alone)[0].to_owned();
    let (sent, _) = encode(&asked(&["my.tool", &taken]), &to);
    let wire = names(&sent);
    assert_eq!(wire[1], taken);
    assert_ne!(wire[0], wire[1]);
}

#[test]
fn tools_that_another_provider_runs_are_refused_by_name() {
    let mut request = asked(&["f"]);
    request.tools.push(Tool::Foreign {
        dialect: Dialect::AnthropicMessages,
        name: "web_search".into(),
        json: Json::verbatim("{}"),
    });
    let refused = super::super::request::encode(
        &request,
        &target(CLAUDE, ModelFacts::default()),
        &mut Losses::default(),
    );
    let refused = refused.unwrap_err();
    assert_eq!((refused.kind, refused.param.as_deref()), (Kind::Unsupported, Some("tools[1]")));
    assert!(refused.message.contains("web_search"));
}
