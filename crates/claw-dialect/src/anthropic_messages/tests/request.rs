//! Content and turns of requests.

use bytes::Bytes;
use claw_hub::{
    AnthropicVersion, CacheMark, Dialect, Extra, Json, Kind, Losses, Media, Message, ModelFacts, Part,
    PartKind, Request, Role, Source, Thought,
};
use serde_json::{Value, json};

use super::{decode, encode, target};

fn fixture(name: &str) -> Value {
    let path = format!("{}/fixtures/anthropic_messages/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn from_openai(messages: Vec<Message>) -> Request {
    let mut request = Request::new(Dialect::OpenaiChat, "m");
    request.messages = messages;
    request
}

fn call(id: &str, name: &str, arguments: &str) -> Part {
    PartKind::ToolCall { id: id.into(), name: name.into(), arguments: arguments.into() }.into()
}

fn result(id: &str, text: &str) -> Part {
    PartKind::ToolResult { id: id.into(), name: None, content: vec![Part::text(text)], is_error: false }
        .into()
}

fn user(parts: Vec<Part>) -> Message {
    Message::new(Role::User, parts)
}

fn assistant(parts: Vec<Part>) -> Message {
    Message::new(Role::Assistant, parts)
}

#[test]
fn a_request_of_the_dialect_is_written_as_it_was_read() {
    let facts = ModelFacts {
        takes_mid_system: true,
        thinking: claw_hub::ThinkingStyle::Adaptive,
        anthropic_version: AnthropicVersion::V2026_10_21,
        ..ModelFacts::default()
    };
    let original = fixture("request_agent.json");
    let (sent, losses) = encode(&decode(&original), facts);
    assert_eq!(sent, original);
    assert_eq!(losses, "");
    let original = fixture("request_old_version.json");
    let (sent, losses) = encode(&decode(&original), ModelFacts::default());
    let mut expected = original;
    expected["messages"][1] = json!({"role": "user", "content": "One?"});
    assert_eq!(sent, expected);
    assert_eq!(losses, "");
}

#[test]
fn arguments_and_schemas_keep_their_bytes() {
    let body = Bytes::from_static(
        br#"{"model":"m","max_tokens":1,"tools":[{"name":"t","input_schema":{"type":"object",  "b":1.0,"a":1e2}}],
        "messages":[{"role":"assistant","content":[{"type":"tool_use","id":"i","name":"t","input":{"z":1,  "a":2.50}}]}]}"#,
    );
    let request = super::super::request::decode(&body).unwrap();
    let out = super::super::request::encode(&request, &target(ModelFacts::default()), &mut Losses::default());
    let out = String::from_utf8(out.unwrap()).unwrap();
    assert!(out.contains(r#""input":{"z":1,  "a":2.50}"#), "{out}");
    assert!(out.contains(r#""input_schema":{"type":"object",  "b":1.0,"a":1e2}"#), "{out}");
}

#[test]
fn the_place_of_the_model_is_known() {
    let body = Bytes::from_static(b" {\"max_tokens\": 1, \"model\" : \"m\\u0041\", \"messages\": []}");
    let request = super::super::request::decode(&body).unwrap();
    assert_eq!(request.model, "mA");
    let raw = request.raw.unwrap();
    assert_eq!(&body[raw.model.unwrap()], br#""m\u0041""#);
}

#[test]
fn what_is_wrong_is_named() {
    let refuse = |json: Value| super::super::request::decode(&Bytes::from(json.to_string())).unwrap_err();
    let cases = [
        (json!({"messages": []}), "model"),
        (json!({"model": 1, "messages": []}), "model"),
        (json!({"model": "m"}), "messages"),
        (json!({"model": "m", "messages": [{"role": "tool", "content": ""}]}), "messages[0].role"),
        (json!({"model": "m", "messages": [{"role": "user"}]}), "messages[0].content"),
        (
            json!({"model": "m", "messages": [{"role": "user", "content": [{}]}]}),
            "messages[0].content[0].type",
        ),
        (
            json!({"model": "m", "messages": [{"role": "user", "content": [{"type": "text"}]}]}),
            "messages[0].content[0].text",
        ),
        (json!({"model": "m", "messages": [], "max_tokens": "1"}), "max_tokens"),
        (json!({"model": "m", "messages": [], "stop_sequences": [1]}), "stop_sequences[0]"),
        (json!({"model": "m", "messages": [], "Max_Tokens": 1}), "Max_Tokens"),
    ];
    for (json, field) in cases {
        let refusal = refuse(json);
        assert_eq!((refusal.kind, refusal.param.as_deref()), (Kind::Malformed, Some(field)), "{refusal}");
    }
    let twice = Bytes::from_static(br#"{"model":"a","model":"b","messages":[]}"#);
    assert!(super::super::request::decode(&twice).unwrap_err().message.contains("twice"));
}

#[test]
fn results_of_several_messages_come_first_in_one_turn() {
    let request = from_openai(vec![
        user(vec![Part::text("go")]),
        assistant(vec![call("a", "f", "{}"), call("b", "g", r#"{"x":1}"#)]),
        user(vec![result("a", "1")]),
        user(vec![Part::text("wait"), result("b", "2")]),
    ]);
    let (sent, losses) = encode(&request, ModelFacts::default());
    assert_eq!(
        sent["messages"],
        json!([
            {"role": "user", "content": "go"},
            {"role": "assistant", "content": [
                {"type": "tool_use", "id": "a", "name": "f", "input": {}},
                {"type": "tool_use", "id": "b", "name": "g", "input": {"x": 1}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "a", "content": "1"},
                {"type": "tool_result", "tool_use_id": "b", "content": "2"},
                {"type": "text", "text": "wait"}]},
        ])
    );
    assert_eq!(losses, "");
}

#[test]
fn odd_ids_become_allowed_ones_and_results_follow_their_calls() {
    let request = from_openai(vec![
        user(vec![Part::text("go")]),
        assistant(vec![
            call("functions.a:0", "a", "{}"),
            call("functions.a_0", "a", "{}"),
            call("", "b", "{}"),
        ]),
        user(vec![result("", "3"), result("functions.a:0", "1"), result("functions.a_0", "2")]),
        assistant(vec![call("functions.a:0", "a", "{}")]),
        user(vec![result("functions.a:0", "4")]),
    ]);
    let (sent, _) = encode(&request, ModelFacts::default());
    let ids = |turn: usize, field: &str| -> Vec<String> {
        let blocks = sent["messages"][turn]["content"].as_array().unwrap();
        blocks.iter().map(|block| block[field].as_str().unwrap().to_owned()).collect()
    };
    let calls = ids(1, "id");
    assert_eq!(ids(2, "tool_use_id"), [calls[2].clone(), calls[0].clone(), calls[1].clone()]);
    let again = ids(3, "id");
    assert_eq!(ids(4, "tool_use_id"), again);
    assert_ne!(again[0], calls[0], "an id is used twice");
    for id in calls.iter().chain(&again) {
        assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'), "{id}");
    }
}

#[test]
fn a_system_message_in_the_middle_stays_or_is_folded() {
    let request = from_openai(vec![
        user(vec![Part::text("hi")]),
        Message::new(Role::System, vec![Part::text("be brief")]),
        assistant(vec![Part::text("yes")]),
        user(vec![Part::text("go")]),
    ]);
    let stays = ModelFacts { takes_mid_system: true, ..ModelFacts::default() };
    let (sent, losses) = encode(&request, stays);
    assert_eq!(sent["messages"][1], json!({"role": "system", "content": "be brief"}));
    assert_eq!(losses, "");
    let (sent, losses) = encode(&request, ModelFacts::default());
    assert_eq!(
        sent["messages"][0]["content"],
        json!([{"type": "text", "text": "hi"}, {"type": "text", "text": "<system>\nbe brief\n</system>"}])
    );
    assert_eq!(losses, "messages[1] folded into the user's text");
}

#[test]
fn a_system_message_never_parts_calls_from_results() {
    let request = from_openai(vec![
        user(vec![Part::text("hi")]),
        assistant(vec![call("a", "f", "{}")]),
        Message::new(Role::System, vec![Part::text("be brief")]),
        user(vec![result("a", "1")]),
    ]);
    let facts = ModelFacts { takes_mid_system: true, ..ModelFacts::default() };
    let (sent, _) = encode(&request, facts);
    assert_eq!(sent["messages"][2]["content"][0]["type"], "tool_result");
    assert_eq!(sent["messages"].as_array().unwrap().len(), 3);
}

#[test]
fn thinking_goes_back_byte_for_byte_and_only_signed() {
    let thought = |text: &str, signature: Option<&str>, redacted: Option<&str>| -> Part {
        let owned = |text: &str| text.to_owned();
        let (signature, redacted) = (signature.map(owned), redacted.map(owned));
        PartKind::Thinking(Thought { text: text.to_owned(), signature, redacted }).into()
    };
    let request = from_openai(vec![
        user(vec![Part::text("hi")]),
        assistant(vec![
            thought("a \u{7f}\n", Some("s/+="), None),
            thought("", None, Some("d==")),
            thought("foreign", None, None),
            thought("foreign", Some(""), None),
            Part::text("x"),
        ]),
        user(vec![Part::text("go")]),
    ]);
    let (sent, losses) = encode(&request, ModelFacts::default());
    assert_eq!(
        sent["messages"][1]["content"],
        json!([
            {"type": "thinking", "thinking": "a \u{7f}\n", "signature": "s/+="},
            {"type": "redacted_thinking", "data": "d=="},
            {"type": "text", "text": "x"}
        ])
    );
    assert_eq!(losses, "messages[1].content[2] dropped; messages[1].content[3] dropped");
}

#[test]
fn thinking_that_nobody_signed_is_not_forwarded_as_bytes() {
    let body = |signature: &str| {
        json!({"model": "m", "max_tokens": 1, "messages": [{"role": "assistant", "content": [
            {"type": "thinking", "thinking": "t", "signature": signature}]}]})
    };
    assert!(decode(&body("s")).raw.is_some());
    assert!(decode(&body("")).raw.is_none());
}

#[test]
fn blank_texts_are_not_sent() {
    let request = from_openai(vec![
        user(vec![Part::text("hi"), Part::text("")]),
        assistant(vec![Part::text(""), call("a", "f", "")]),
        assistant(vec![Part::text("")]),
        user(vec![result("a", ""), Part::text("  \n")]),
    ]);
    let (sent, losses) = encode(&request, ModelFacts::default());
    assert_eq!(sent["messages"][0]["content"], "hi");
    assert_eq!(
        sent["messages"][1]["content"],
        json!([{"type": "tool_use", "id": "a", "name": "f", "input": {}}])
    );
    assert_eq!(sent["messages"][2]["content"].as_array().unwrap().len(), 1);
    assert_eq!(losses, "messages[3].content[1] dropped");
    let own = decode(&json!({"model": "m", "max_tokens": 1, "messages": [
        {"role": "user", "content": [{"type": "text", "text": "q"}]},
        {"role": "assistant", "content": [{"type": "text", "text": ""}, {"type": "text", "text": "a"}]}]}));
    assert_eq!(encode(&own, ModelFacts::default()).0["messages"][1]["content"], "a");
}

#[test]
fn arguments_that_are_not_an_object_are_wrapped() {
    let request = from_openai(vec![
        user(vec![Part::text("hi")]),
        assistant(vec![call("a", "f", r#"{"city": "Par"#), call("b", "f", "[1]")]),
    ]);
    let (sent, losses) = encode(&request, ModelFacts::default());
    assert_eq!(sent["messages"][1]["content"][0]["input"], json!({"arguments": r#"{"city": "Par"#}));
    assert_eq!(sent["messages"][1]["content"][1]["input"], json!({"arguments": "[1]"}));
    assert!(losses.contains("messages[1].content[0] wrapped"), "{losses}");
}

#[test]
fn pictures_and_files_find_their_words() {
    let media = |source, media_type: &str, name: Option<&str>| Media {
        source,
        media_type: media_type.into(),
        name: name.map(str::to_owned),
        detail: None,
    };
    let text = Source::Base64("SGk=".into());
    let request = from_openai(vec![user(vec![
        PartKind::Image(media(Source::Base64("/9j/4AAQ".into()), "", None)).into(),
        PartKind::Image(Media {
            detail: Some("high".into()),
            ..media(Source::Url("https://e/x".into()), "", None)
        })
        .into(),
        PartKind::Document(media(text.clone(), "text/markdown", Some("a.md"))).into(),
        PartKind::Document(media(Source::Base64("JVBERi0=".into()), "application/pdf", Some("b.pdf"))).into(),
    ])]);
    let (sent, losses) = encode(&request, ModelFacts::default());
    assert_eq!(
        sent["messages"][0]["content"],
        json!([
            {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "/9j/4AAQ"}},
            {"type": "image", "source": {"type": "url", "url": "https://e/x"}},
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Hi"}, "title": "a.md"},
            {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="},
             "title": "b.pdf"},
        ])
    );
    assert_eq!(losses, "messages[0].content[1].detail dropped");
}

#[test]
fn a_file_of_another_provider_is_refused() {
    let media = Media {
        source: Source::FileId("file-1".into()),
        media_type: String::new(),
        name: None,
        detail: None,
    };
    let inside = PartKind::ToolResult {
        id: "a".into(),
        name: None,
        content: vec![PartKind::Image(media.clone()).into()],
        is_error: false,
    };
    for part in [PartKind::Document(media.clone()), inside] {
        let request = from_openai(vec![user(vec![part.into()])]);
        let refusal =
            super::super::request::encode(&request, &target(ModelFacts::default()), &mut Losses::default());
        let refusal = refusal.unwrap_err();
        assert_eq!(
            (refusal.kind, refusal.param.as_deref()),
            (Kind::Unsupported, Some("messages[0].content[0]"))
        );
    }
}

#[test]
fn what_only_another_dialect_knows_is_lost_and_told() {
    let extra = |key: &str| Extra(vec![(key.to_owned(), Json::verbatim("1"))]);
    let mut message = user(vec![Part { extra: extra("p"), ..Part::text("hi") }]);
    message.extra = extra("m");
    message.name = Some("ann".into());
    let foreign = PartKind::Foreign {
        dialect: Dialect::OpenaiChat,
        name: "input_audio".into(),
        json: Json::verbatim("{}"),
    };
    message.parts.push(foreign.into());
    let mut request = from_openai(vec![message]);
    request.extra = extra("logit_bias");
    let (sent, losses) = encode(&request, ModelFacts::default());
    assert_eq!(sent["messages"][0]["content"], json!([{"type": "text", "text": "hi"}]));
    for field in [
        "messages[0].name",
        "messages[0].m",
        "messages[0].content[0].p",
        "messages[0].content[1]",
        "logit_bias",
    ] {
        assert!(losses.contains(&format!("{field} dropped")), "{field}: {losses}");
    }
    assert!(sent.get("logit_bias").is_none());
}

#[test]
fn the_newer_version_refuses_what_is_left_out_for_it() {
    let own = decode(&json!({"model": "m", "max_tokens": 1, "messages": [
        {"role": "user", "content": [{"type": "text", "text": "q", "citations": [{"type": "char_location"}]}]},
        {"role": "assistant", "content": [
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "d"}},
            {"type": "text", "text": "a", "citations": [{"type": "char_location"}]}]}]}));
    let newer = ModelFacts { anthropic_version: AnthropicVersion::V2026_10_21, ..ModelFacts::default() };
    let (sent, losses) = encode(&own, newer);
    assert_eq!(sent["messages"][0]["content"], json!([{"type": "text", "text": "q"}]));
    assert_eq!(sent["messages"][1]["content"].as_array().unwrap().len(), 1);
    assert!(sent["messages"][1]["content"][0]["citations"].is_array());
    assert_eq!(losses, "messages[1].content[0] dropped; messages[0].content[0].citations dropped");
    assert_eq!(encode(&own, ModelFacts::default()).1, "");
}

#[test]
fn cache_points_are_carried_where_they_may_stand() {
    let cached = |kind: PartKind| Part { cache: Some(CacheMark::OneHour), ..Part::from(kind) };
    let mut request = from_openai(vec![
        user(vec![cached(PartKind::Text("hi".into()))]),
        assistant(vec![cached(PartKind::Thinking(Thought {
            text: "t".into(),
            signature: Some("s".into()),
            redacted: None,
        }))]),
    ]);
    request.system = vec![cached(PartKind::Text("s".into()))];
    let (sent, losses) = encode(&request, ModelFacts::default());
    let mark = json!({"type": "ephemeral", "ttl": "1h"});
    assert_eq!(sent["system"][0]["cache_control"], mark);
    assert_eq!(sent["messages"][0]["content"][0]["cache_control"], mark);
    assert_eq!(losses, "messages[1].content[0].cache_control dropped");
}

#[test]
fn a_conversation_that_the_assistant_begins_is_opened_by_the_user() {
    let request = from_openai(vec![assistant(vec![Part::text("Hello!")]), user(vec![Part::text("hi")])]);
    let (sent, losses) = encode(&request, ModelFacts::default());
    assert_eq!(sent["messages"][0], json!({"role": "user", "content": "(begin)"}));
    assert_eq!(losses, "messages[0] preceded by a turn of the user");
}

#[test]
fn unknown_blocks_and_odd_cache_points_survive() {
    let original = json!({"model": "claude-x", "max_tokens": 1, "messages": [{"role": "user", "content": [
        {"type": "search_result", "source": "s", "title": "t", "content": []},
        {"type": "document", "source": {"type": "content", "content": []}},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "x", "new": 1}},
        {"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "scope": "global"}},
        {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "browser_state", "tabs": []}], "toolset_name": "b"}
    ], "x": {"y": 1}}], "thinking": {"type": "between_tools"}, "tool_choice": {"type": "new"}, "mcp_servers": [],
        "output_config": {"task_budget": {"total": 1}}, "metadata": {"user_id": "u", "z": 2}});
    let (sent, losses) = encode(&decode(&original), ModelFacts::default());
    assert_eq!(sent, original);
    assert_eq!(losses, "");
}

#[test]
fn a_system_prompt_alone_is_opened_by_the_user() {
    let mut request = from_openai(vec![]);
    request.system = vec![Part {
        extra: Extra(vec![("role".into(), Json::verbatim("\"developer\""))]),
        ..Part::text("s")
    }];
    let (sent, losses) = encode(&request, ModelFacts::default());
    assert_eq!(
        (&sent["system"], &sent["messages"][0]["content"]),
        (&json!([{"type": "text", "text": "s"}]), &json!("(begin)"))
    );
    assert_eq!(losses, "messages[0] preceded by a turn of the user");
    request.origin = Dialect::AnthropicMessages;
    assert_eq!(encode(&request, ModelFacts::default()).0["messages"], json!([]));
}

#[test]
fn a_cache_point_on_a_part_that_is_lost_is_told() {
    let request = from_openai(vec![user(vec![
        Part::text("a"),
        Part { cache: Some(CacheMark::Default), ..Part::text("") },
    ])]);
    assert_eq!(encode(&request, ModelFacts::default()).1, "messages[0].content[1].cache_control dropped");
}
