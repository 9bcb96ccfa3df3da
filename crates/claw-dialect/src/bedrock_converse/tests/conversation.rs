//! Content and turns of requests.

use bytes::Bytes;
use claw_hub::{
    CacheMark, Dialect, Kind, Losses, Media, Message, ModelFacts, Part, PartKind, Request, Role, Source,
    Thought,
};
use serde_json::{Value, json};

use super::{CLAUDE, decode, encode, target, to_claude};
use crate::codec::Asked;

fn fixture(name: &str) -> Value {
    let path = format!("{}/fixtures/bedrock_converse/{name}", env!("CARGO_MANIFEST_DIR"));
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

fn result(id: &str, content: Vec<Part>) -> Part {
    PartKind::ToolResult { id: id.into(), name: None, content, is_error: false }.into()
}

fn user(parts: Vec<Part>) -> Message {
    Message::new(Role::User, parts)
}

fn assistant(parts: Vec<Part>) -> Message {
    Message::new(Role::Assistant, parts)
}

fn refusal(request: &Request) -> claw_hub::Refusal {
    let to = target(CLAUDE, ModelFacts::default());
    super::super::request::encode(request, &to, &mut Losses::default()).unwrap_err()
}

fn media(source: Source, media_type: &str, name: Option<&str>) -> Media {
    Media { source, media_type: media_type.into(), name: name.map(str::to_owned), detail: None }
}

#[test]
fn a_request_of_the_dialect_is_written_as_it_was_read() {
    let original = fixture("request_agent.json");
    let (sent, losses) = to_claude(&decode(CLAUDE, &original));
    let mut expected = original;
    // Models read a result as JSON and as its text alike.
    expected["messages"][2]["content"][1]["toolResult"]["content"] = json!([{"text": "{\"hour\":7}"}]);
    // Results come first already, and nothing else moves.
    assert_eq!(sent, expected);
    assert_eq!(losses, "");
}

#[test]
fn the_path_says_the_model_and_whether_to_stream() {
    let body = Bytes::from_static(br#"{"messages": []}"#);
    let asked = Asked { model: Some("m:0".into()), stream: Some(true) };
    let request = super::super::request::decode(&body, &asked).unwrap();
    assert_eq!((request.model.as_str(), request.stream), ("m:0", true));
    assert_eq!(request.raw.unwrap().model, None);
    let refusal = super::super::request::decode(&body, &Asked::default()).unwrap_err();
    assert_eq!(refusal.param.as_deref(), Some("modelId"));
}

#[test]
fn what_is_wrong_is_named() {
    let asked = Asked { model: Some("m".into()), stream: None };
    let cases = [
        (json!({"messages": 1}), "messages"),
        (json!({"messages": [{"role": "tool", "content": []}]}), "messages[0].role"),
        (json!({"messages": [{"role": "user", "content": "hi"}]}), "messages[0].content"),
        (json!({"messages": [{"role": "user", "content": [{}]}]}), "messages[0].content[0]"),
        (
            json!({"messages": [{"role": "user", "content": [{"text": "a", "image": {}}]}]}),
            "messages[0].content[0]",
        ),
        (json!({"messages": [{"role": "user", "content": [{"text": 1}]}]}), "messages[0].content[0].text"),
        (json!({"inferenceConfig": {"maxTokens": -1}}), "inferenceConfig.maxTokens"),
        (json!({"toolConfig": {"tools": [{"toolSpec": {}}]}}), "toolConfig.tools[0].toolSpec.name"),
        (json!({"ToolConfig": {}}), "ToolConfig"),
    ];
    for (json, field) in cases {
        let refusal = super::super::request::decode(&Bytes::from(json.to_string()), &asked).unwrap_err();
        assert_eq!((refusal.kind, refusal.param.as_deref()), (Kind::Malformed, Some(field)), "{refusal}");
    }
}

#[test]
fn turns_alternate_results_come_together_and_words_before_calls() {
    let request = from_openai(vec![
        user(vec![Part::text("a")]),
        user(vec![Part::text("b")]),
        assistant(vec![call("1", "f", "{}")]),
        assistant(vec![Part::text("words"), call("2", "f", "{}")]),
        user(vec![result("1", vec![Part::text("x")])]),
        user(vec![Part::text("c")]),
        user(vec![result("2", vec![])]),
    ]);
    let (sent, losses) = to_claude(&request);
    let tool_use = |id: &str| json!({"toolUse": {"toolUseId": id, "name": "f", "input": {}}});
    let tool_result =
        |id: &str, text: &str| json!({"toolResult": {"toolUseId": id, "content": [{"text": text}]}});
    assert_eq!(
        sent["messages"],
        json!([
            {"role": "user", "content": [{"text": "a"}, {"text": "b"}]},
            {"role": "assistant", "content": [{"text": "words"}, tool_use("1"), tool_use("2")]},
            {"role": "user", "content": [tool_result("1", "x"), tool_result("2", "(empty)"), {"text": "c"}]},
        ])
    );
    assert_eq!(losses, "");
}

#[test]
fn a_caller_of_the_dialect_is_put_in_turns_too() {
    let own = json!({"messages": [
        {"role": "user", "content": [{"text": "a"}]},
        {"role": "user", "content": [{"text": " "}, {"text": "b"}, {"cachePoint": {"type": "default"}}]}]});
    let (sent, losses) = to_claude(&decode(CLAUDE, &own));
    assert_eq!(
        sent["messages"],
        json!([{"role": "user", "content": [{"text": "a"}, {"text": "b"}, {"cachePoint": {"type": "default"}}]}])
    );
    assert_eq!(losses, "messages[1].content[0] dropped");
}

#[test]
fn odd_ids_become_allowed_ones_and_results_follow_their_calls() {
    let long = "x".repeat(80);
    let request = from_openai(vec![
        user(vec![Part::text("go")]),
        assistant(vec![call("functions.a:0", "a", "{}"), call(&long, "a", "{}")]),
        user(vec![result(&long, vec![]), result("functions.a:0", vec![])]),
    ]);
    let (sent, _) = to_claude(&request);
    let id =
        |turn: usize, n: usize, kind: &str| sent["messages"][turn]["content"][n][kind]["toolUseId"].clone();
    assert_eq!(id(2, 0, "toolResult"), id(1, 1, "toolUse"));
    assert_eq!(id(2, 1, "toolResult"), id(1, 0, "toolUse"));
    for n in 0..2 {
        let id = id(1, n, "toolUse");
        let id = id.as_str().unwrap();
        assert!(
            id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)),
            "{id}"
        );
    }
    // Who speaks the dialect may use what the dialect allows.
    let own = decode(
        CLAUDE,
        &json!({"messages": [{"role": "assistant", "content": [
        {"toolUse": {"toolUseId": "functions.a:0", "name": "a", "input": {}}}]}]}),
    );
    assert_eq!(to_claude(&own).0["messages"][0]["content"][0]["toolUse"]["toolUseId"], "functions.a:0");
}

#[test]
fn thinking_is_carried_exactly_and_redacted_twice_encoded() {
    let thought = |text: &str, signature: Option<&str>, redacted: Option<&str>| -> Part {
        let owned = |text: &str| text.to_owned();
        let (signature, redacted) = (signature.map(owned), redacted.map(owned));
        PartKind::Thinking(Thought { text: text.to_owned(), signature, redacted }).into()
    };
    let mut request = from_openai(vec![
        user(vec![Part::text("hi")]),
        assistant(vec![
            thought("a\n", Some("s="), None),
            thought("", None, Some("c2VjcmV0")),
            thought("u", None, None),
        ]),
    ]);
    let (sent, losses) = to_claude(&request);
    assert_eq!(
        sent["messages"][1]["content"],
        json!([
            {"reasoningContent": {"reasoningText": {"text": "a\n", "signature": "s="}}},
            {"reasoningContent": {"redactedContent": "YzJWamNtVjA="}}
        ])
    );
    assert_eq!(losses, "messages[1].content[2] dropped");
    // Other makers' models on Bedrock do not sign; their own callers send it back.
    request.origin = Dialect::BedrockConverse;
    let (sent, losses) = encode(&request, &target("deepseek.r1-v1:0", ModelFacts::default()));
    assert_eq!(
        sent["messages"][1]["content"][2],
        json!({"reasoningContent": {"reasoningText": {"text": "u"}}})
    );
    assert_eq!(losses, "");
}

#[test]
fn pictures_are_bytes_with_a_format() {
    let image = |source, media_type: &str| {
        from_openai(vec![user(vec![PartKind::Image(media(source, media_type, None)).into()])])
    };
    let base64 = |text: &str| Source::Base64(text.into());
    for (data, media_type, format) in
        [("iVBORw0KGgo=", "", "png"), ("eA==", "image/jpg", "jpeg"), ("eA==", "image/webp", "webp")]
    {
        let (sent, _) = to_claude(&image(base64(data), media_type));
        assert_eq!(
            sent["messages"][0]["content"][0],
            json!({"image": {"format": format, "source": {"bytes": data}}})
        );
    }
    let refused = refusal(&image(Source::Url("https://example.org/a.png".into()), ""));
    assert_eq!((refused.kind, refused.param.as_deref()), (Kind::Unsupported, Some("messages[0].content[0]")));
    assert!(refused.message.contains("https://example.org/a.png"));
    assert!(refusal(&image(base64("eA=="), "image/tiff")).message.contains("image/tiff"));
    assert_eq!(refusal(&image(Source::FileId("f".into()), "")).kind, Kind::Unsupported);
}

#[test]
fn documents_get_a_name_a_format_and_words_beside_them() {
    let document = |source: Source, media_type: &str, name: Option<&str>| -> Part {
        PartKind::Document(media(source, media_type, name)).into()
    };
    let bytes = || Source::Base64("eA==".into());
    let request = from_openai(vec![
        user(vec![document(bytes(), "application/pdf", Some("John's  re_port.v2.pdf"))]),
        assistant(vec![Part::text("ok")]),
        user(vec![
            Part::text("these"),
            document(bytes(), "", None),
            document(bytes(), "text/x-rust; charset=utf-8", Some("DOCUMENT")),
            document(Source::Text("hi".into()), "text/plain", Some("分")),
        ]),
    ]);
    let (sent, losses) = to_claude(&request);
    let first = &sent["messages"][0]["content"];
    assert_eq!(first[0]["document"]["name"], "John s re port v2");
    assert_eq!(first[1], json!({"text": "(see the document)"}));
    let later = &sent["messages"][2]["content"];
    let said = |n: usize| {
        (later[n]["document"]["name"].as_str().unwrap(), later[n]["document"]["format"].as_str().unwrap())
    };
    assert_eq!(
        (said(1), said(2), said(3)),
        (("document", "pdf"), ("DOCUMENT-2", "txt"), ("document-3", "txt"))
    );
    assert_eq!(later[3]["document"]["source"], json!({"bytes": "aGk="}));
    assert_eq!(losses, "messages[0].content[0] accompanied by words");
    let odd = from_openai(vec![user(vec![document(bytes(), "application/zip", None)])]);
    assert!(refusal(&odd).message.contains("application/zip"));
}

#[test]
fn cache_points_follow_what_they_mark() {
    let cached = |part: Part| Part { cache: Some(CacheMark::OneHour), ..part };
    let inner = result("1", vec![cached(Part::text("x"))]);
    let mut request = from_openai(vec![
        user(vec![cached(Part::text("a"))]),
        assistant(vec![call("1", "f", "{}")]),
        user(vec![inner]),
    ]);
    request.system = vec![cached(Part::text("s"))];
    let (sent, losses) = to_claude(&request);
    let point = json!({"cachePoint": {"type": "default", "ttl": "1h"}});
    assert_eq!(sent["system"], json!([{"text": "s"}, point]));
    assert_eq!(sent["messages"][0]["content"][1], point);
    assert_eq!(sent["messages"][2]["content"][1], point);
    assert_eq!(losses, "");
    let without = ModelFacts { takes_cache_points: false, ..ModelFacts::default() };
    let (sent, losses) = encode(&request, &target(CLAUDE, without));
    assert_eq!(sent["system"], json!([{"text": "s"}]));
    assert!(losses.contains("messages[0].content[0].cache_control dropped"), "{losses}");
}

#[test]
fn lonely_and_odd_cache_points_survive() {
    let own = json!({"system": [{"cachePoint": {"type": "default"}}, {"text": "s"}], "messages": [
        {"role": "user", "content": [{"cachePoint": {"type": "default", "ttl": "9h"}}, {"text": "a"},
            {"cachePoint": {"type": "default"}}, {"cachePoint": {"type": "default", "ttl": "1h"}}]}]});
    let (sent, losses) = to_claude(&decode(CLAUDE, &own));
    assert_eq!((&sent["system"], &sent["messages"]), (&own["system"], &own["messages"]));
    assert_eq!(losses, "");
}

#[test]
fn blocks_without_a_word_in_the_hub_survive() {
    let own = json!({"messages": [{"role": "user", "content": [
        {"video": {"format": "mp4", "source": {"bytes": "eA=="}}},
        {"image": {"format": "png", "source": {"s3Location": {"uri": "s3://b/k"}}}},
        {"document": {"name": "d", "source": {"content": [{"text": "x"}]}}},
        {"document": {"name": "d2", "source": {"text": "x"}, "context": "c"}},
        {"searchResult": {"source": "s", "title": "t", "content": []}},
        {"toolResult": {"toolUseId": "t", "content": [{"video": {"format": "mp4", "source": {"bytes": "eA=="}}}]}},
        {"citationsContent": {"content": [{"text": "hi"}], "citations": [{"title": "t"}]}}]},
        {"role": "assistant", "content": [{"toolUse": {"toolUseId": "t", "name": "n", "input": {}, "type": "server_tool_use"}},
            {"reasoningContent": {"redactedContent": "_not base64_"}}]}]});
    let (sent, losses) = to_claude(&decode(CLAUDE, &own));
    let mut expected = own["messages"].clone();
    // Results come first.
    let blocks = expected[0]["content"].as_array_mut().unwrap();
    let moved = blocks.remove(5);
    blocks.insert(0, moved);
    assert_eq!(sent["messages"], expected);
    assert_eq!(losses, "");
}

#[test]
fn an_anthropic_conversation_goes_over() {
    let anthropic = json!({"model": "m", "max_tokens": 100, "system": "s", "messages": [
        {"role": "user", "content": [{"type": "text", "text": "hi", "cache_control": {"type": "ephemeral"}}]},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "no", "is_error": true}]}]});
    let request = crate::anthropic_messages::request::decode(&Bytes::from(anthropic.to_string())).unwrap();
    let (sent, losses) = to_claude(&request);
    assert_eq!(sent["system"], json!([{"text": "s"}]));
    assert_eq!(
        sent["messages"][2]["content"][0],
        json!({"toolResult": {"toolUseId": "toolu_1", "content": [{"text": "no"}], "status": "error"}})
    );
    assert_eq!(losses, "");
}

#[test]
fn files_and_blocks_of_others_are_refused_or_told() {
    let foreign = PartKind::Foreign {
        dialect: Dialect::AnthropicMessages,
        name: "container_upload".into(),
        json: claw_hub::Json::verbatim("{}"),
    };
    let within = result("1", vec![Part::text("x"), foreign.clone().into()]);
    let request = from_openai(vec![user(vec![Part::text("a"), foreign.into(), within])]);
    let (sent, losses) = to_claude(&request);
    assert_eq!(sent["messages"][0]["content"].as_array().unwrap().len(), 2);
    assert_eq!(losses, "messages[0].content[1] dropped; messages[0].content[2].content[1] dropped");
}
