//! Requests to the hub.

use claw_hub::{Effort, Format, Json, Kind, Part, PartKind, Role, Source, ThinkingMode};

use super::{again, decode, decode_error, encode};

const EVERYTHING: &str = include_str!("../../../fixtures/ollama_chat/request_everything.json");

#[test]
fn a_request_with_everything_keeps_every_field() {
    let mut request = decode(EVERYTHING);
    request.raw = None;
    assert_eq!(again(&request), request);
    let (written, losses) = encode(&request);
    assert!(losses.is_empty());
    let mut expected: serde_json::Value = serde_json::from_str(EVERYTHING).unwrap();
    expected["model"] = "target-model".into();
    expected["stream"] = true.into();
    assert_eq!(written, expected);
}

#[test]
fn it_streams_unless_told_not_to() {
    let stream = |field: &str| decode(&format!(r#"{{"model":"m","messages":[]{field}}}"#)).stream;
    assert!(stream(""));
    assert!(stream(r#","stream":null"#));
    assert!(!stream(r#","stream":false"#));
}

#[test]
fn everything_that_the_hub_has_words_for_is_said_in_them() {
    let request = decode(EVERYTHING);
    assert_eq!(request.system, [Part::text("Be brief."), Part::text("You live in Bern.")]);
    assert_eq!(request.sampling.max_tokens, Some(100));
    assert_eq!(request.sampling.temperature, Some(Json::verbatim("0.70")));
    assert_eq!((request.sampling.top_k, request.sampling.stop.len()), (Some(40), 1));
    assert_eq!(request.thinking.unwrap().effort, Some(Effort::High));
    let Some(Format::JsonSchema { schema, .. }) = request.format else { panic!() };
    assert_eq!(schema.as_str(), r#"{"type": "object",  "b": 1, "a": 2}"#);
    let extra: Vec<&str> = request.extra.0.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(extra, ["keep_alive", "truncate", "options.num_ctx", "options.repeat_penalty"]);
    let raw = request.raw.unwrap();
    assert_eq!(&raw.body[raw.model.unwrap()], b"\"qwen3:4b\"");
}

#[test]
fn pictures_come_before_the_text_and_their_type_is_seen() {
    let request = decode(EVERYTHING);
    let types: Vec<_> = request.messages[0]
        .parts
        .iter()
        .map(|part| match &part.kind {
            PartKind::Image(media) => media.media_type.as_str(),
            PartKind::Text(text) => text,
            _ => panic!(),
        })
        .collect();
    assert_eq!(types, ["image/png", "image/jpeg", "What is on these?"]);
    let data_url = decode(
        r#"{"model":"m","messages":[{"role":"user","content":"","images":["data:image/webp;base64,UklG"]}]}"#,
    );
    let PartKind::Image(media) = &data_url.messages[0].parts[0].kind else { panic!() };
    assert_eq!((&media.source, media.media_type.as_str()), (&Source::Base64("UklG".into()), "image/webp"));
    assert_eq!(data_url.messages[0].parts.len(), 1, "an empty text says nothing");
}

#[test]
fn calls_keep_their_arguments_and_results_join() {
    let request = decode(EVERYTHING);
    assert_eq!(request.messages.len(), 4);
    assert_eq!(
        request.messages[1].parts[1].kind,
        PartKind::ToolCall {
            id: "call_x".into(),
            name: "weather".into(),
            arguments: r#"{ "city" : "Bern" }"#.into()
        }
    );
    let results: Vec<_> = request.messages[2]
        .parts
        .iter()
        .map(|part| match &part.kind {
            PartKind::ToolResult { id, name, .. } => (id.as_str(), name.as_deref()),
            _ => panic!(),
        })
        .collect();
    assert_eq!(results, [("call_x", Some("weather")), ("", Some("time"))]);
}

#[test]
fn every_form_of_think_and_format_is_read() {
    let read = |field: &str| decode(&format!(r#"{{"model":"m",{field}}}"#));
    let think = |word: &str| {
        read(&format!(r#""think":{word}"#)).thinking.map(|thinking| (thinking.mode, thinking.effort))
    };
    assert_eq!(think("true"), Some((ThinkingMode::Enabled, None)));
    assert_eq!(think("false"), Some((ThinkingMode::Disabled, None)));
    assert_eq!(think("\"low\""), Some((ThinkingMode::Unsaid, Some(Effort::Low))));
    assert_eq!(think("null"), None);
    assert_eq!(read(r#""format":"json""#).format, Some(Format::JsonObject));
    assert_eq!(read(r#""format":"""#).format, None);
}

#[test]
fn a_limit_without_end_is_carried_along() {
    let request = decode(r#"{"model":"m","options":{"num_predict":-1}}"#);
    assert_eq!(request.sampling.max_tokens, None);
    assert_eq!(request.extra.0, [("options.num_predict".to_owned(), Json::verbatim("-1"))]);
}

#[test]
fn a_later_system_message_stays_where_it_is() {
    let request =
        decode(r#"{"model":"m","messages":[{"role":"user","content":"a"},{"role":"system","content":"b"}]}"#);
    assert_eq!((request.system.len(), request.messages[1].role), (0, Role::System));
    assert_eq!(again(&request).messages, request.messages);
}

#[test]
fn what_is_wrong_is_named_by_its_path() {
    for (body, path) in [
        (r#"{"messages":[]}"#, "model"),
        (r#"{"model":7}"#, "model"),
        (r#"{"model":"m","messages":[{"role":"developer","content":""}]}"#, "messages[0].role"),
        (r#"{"model":"m","messages":[{"role":"user","content":[]}]}"#, "messages[0].content"),
        (r#"{"model":"m","messages":[{"role":"user","images":[7]}]}"#, "messages[0].images[0]"),
        (
            r#"{"model":"m","messages":[{"role":"assistant","tool_calls":[{}]}]}"#,
            "messages[0].tool_calls[0].function",
        ),
        (r#"{"model":"m","think":"a lot"}"#, "think"),
        (r#"{"model":"m","format":"xml"}"#, "format"),
        (r#"{"model":"m","options":{"top_k":-1}}"#, "options.top_k"),
        (r#"{"model":"m","options":{"stop":7}}"#, "options.stop"),
        (r#"{"model":"m","tools":[{"type":"function"}]}"#, "tools[0].function"),
        (r#"{"model":"m","STREAM":false}"#, "STREAM"),
        (r#"{"model":"m","options.num_ctx":1}"#, "options.num_ctx"),
    ] {
        let refusal = decode_error(body);
        assert_eq!((refusal.kind, refusal.param.as_deref()), (Kind::Malformed, Some(path)), "{body}");
    }
}
