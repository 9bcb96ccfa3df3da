//! Requests to the hub.

use claw_hub::{
    CacheMark, Effort, Format, Json, Kind, PartKind, Role, Source, ThinkingMode, Tool, ToolChoice,
};

use super::{again, decode, decode_error, decode_messages};

const EVERYTHING: &str = include_str!("../../../fixtures/openai_chat/request_everything.json");

#[test]
fn a_request_with_everything_is_read_and_written_again_unchanged() {
    let mut request = decode(EVERYTHING);
    request.raw = None;
    request.include_usage = true;
    assert_eq!(again(&request), request);
}

#[test]
fn a_request_with_everything_keeps_every_field() {
    let mut request = decode(EVERYTHING);
    request.model = "target-model".into();
    let facts =
        claw_hub::ModelFacts { max_tokens_field: claw_hub::MaxTokensField::Completion, ..Default::default() };
    let (written, losses) = super::encode_for(&request, facts);
    assert!(losses.is_empty());
    let mut expected: serde_json::Value = serde_json::from_str(EVERYTHING).unwrap();
    expected["model"] = "target-model".into();
    expected["stream_options"]["include_usage"] = true.into();
    // A call without arguments has an empty object.
    expected["messages"][3]["tool_calls"][1]["function"]["arguments"] = "{}".into();
    assert_eq!(written, expected);
}

#[test]
fn everything_that_the_hub_has_words_for_is_said_in_them() {
    let request = decode(EVERYTHING);
    assert!(request.stream && !request.include_usage);
    assert_eq!(request.sampling.max_tokens, Some(1000));
    assert_eq!(request.sampling.temperature, Some(Json::verbatim("1.0")));
    assert_eq!(request.sampling.seed, Some(Json::verbatim("12345678901234567890")));
    assert_eq!(request.sampling.stop, ["END", "\n\n"]);
    let thinking = request.thinking.unwrap();
    assert_eq!((thinking.mode, thinking.effort), (ThinkingMode::Unsaid, Some(Effort::High)));
    assert_eq!(
        request.tool_choice,
        Some(ToolChoice::Among { names: vec!["weather".into()], required: true })
    );
    let Some(Format::JsonSchema { schema, .. }) = request.format else { panic!() };
    assert_eq!(schema.as_str(), r#"{"type": "object",  "b": 1, "a": 2}"#);
    let extra: Vec<&str> = request.extra.0.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(
        extra,
        ["logprobs", "logit_bias", "metadata", "verbosity", "stream_options.include_obfuscation"]
    );
    assert!(matches!(&request.tools[2], Tool::Foreign { name, .. } if name == "patch"));
}

#[test]
fn leading_instructions_are_the_system_prompt_and_later_ones_stay_where_they_are() {
    let request = decode(EVERYTHING);
    let texts: Vec<_> = request
        .system
        .iter()
        .map(|part| match &part.kind {
            PartKind::Text(text) => (text.as_str(), part.extra.0.len()),
            _ => panic!(),
        })
        .collect();
    // The first says `developer`; the last one says `system` again, and its name.
    assert_eq!(texts, [("Be brief.", 1), ("Speak plainly.", 0), ("You live in Bern.", 2)]);
    assert_eq!(request.system[1].cache, Some(CacheMark::OneHour));
    let roles: Vec<Role> = request.messages.iter().map(|message| message.role).collect();
    assert_eq!(
        roles,
        [Role::User, Role::Assistant, Role::User, Role::System, Role::User, Role::Assistant],
        "both results are one message"
    );
}

#[test]
fn media_are_told_apart_by_where_their_bytes_are() {
    let request = decode(EVERYTHING);
    let parts = &request.messages[0].parts;
    assert_eq!(parts[0].cache, Some(CacheMark::Default));
    let PartKind::Image(media) = &parts[1].kind else { panic!() };
    assert_eq!(media.source, Source::Base64("iVBORw0KGgo=".into()));
    assert_eq!((media.media_type.as_str(), media.detail.as_deref()), ("image/png", Some("low")));
    assert_eq!(parts[1].extra.0[0].0, "image_url.x_zoom");
    let PartKind::Image(media) = &parts[2].kind else { panic!() };
    assert_eq!(media.source, Source::Url("https://example.org/bear.jpg".into()));
    let PartKind::Document(media) = &parts[3].kind else { panic!() };
    assert_eq!((media.media_type.as_str(), media.name.as_deref()), ("application/pdf", Some("plan.pdf")));
    let PartKind::Document(media) = &parts[4].kind else { panic!() };
    assert_eq!(media.source, Source::FileId("file-1".into()));
    assert!(matches!(&parts[5].kind, PartKind::Foreign { name, .. } if name == "input_audio"));
}

#[test]
fn tool_calls_and_their_results_find_each_other() {
    let request = decode(EVERYTHING);
    let calls = &request.messages[1].parts;
    assert!(
        matches!(&calls[0].kind, PartKind::Thinking(thought) if thought.text == "They want the weather.")
    );
    let PartKind::ToolCall { arguments, .. } = &calls[1].kind else { panic!() };
    assert_eq!(arguments, "{ \"city\" : \"Bern\" }", "arguments are text and stay as they are");
    let PartKind::ToolCall { arguments, .. } = &calls[2].kind else { panic!() };
    assert_eq!(arguments, "{}");
    assert!(matches!(&calls[3].kind, PartKind::Foreign { name, .. } if name == "tool_calls.custom"));
    let results: Vec<_> = request.messages[2]
        .parts
        .iter()
        .map(|part| match &part.kind {
            PartKind::ToolResult { id, content, .. } => (id.as_str(), content.len()),
            _ => panic!(),
        })
        .collect();
    assert_eq!(results, [("call_a", 1), ("call_b", 2)]);
}

#[test]
fn a_user_message_between_two_results_keeps_them_apart() {
    let request = decode_messages(
        r#"[{"role":"tool","tool_call_id":"1","content":""},{"role":"user","content":"x"},{"role":"tool","tool_call_id":"2","content":null}]"#,
    );
    assert_eq!(request.messages.len(), 3);
    assert!(
        matches!(&request.messages[0].parts[0].kind, PartKind::ToolResult { content, .. } if content.is_empty())
    );
}

#[test]
fn a_patch_asks_for_usage_where_the_caller_did_not() {
    for (given, wanted) in [
        (
            r#"{"model":"m","messages":[],"stream":true}"#,
            Some(r#"{"stream_options":{"include_usage":true},"model":"m","messages":[],"stream":true}"#),
        ),
        (
            r#" { "stream_options" : null,"stream":true,"messages":[],"model":"m"}"#,
            Some(r#" { "stream_options" : {"include_usage":true},"stream":true,"messages":[],"model":"m"}"#),
        ),
        (
            r#"{"model":"m","messages":[],"stream":true,"stream_options":{"include_obfuscation": false, "include_usage":false}}"#,
            Some(
                r#"{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}}"#,
            ),
        ),
        (r#"{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true}}"#, None),
        (r#"{"model":"m","messages":[],"stream":false}"#, None),
        (r#"{"model":"m","messages":[]}"#, None),
    ] {
        let request = decode(given);
        assert_eq!(request.include_usage, wanted.is_none(), "{given}");
        let mut target = super::target(Default::default());
        target.model = "m".into();
        let sent = crate::forward(&request, &target).unwrap();
        assert_eq!(std::str::from_utf8(&sent).unwrap(), wanted.unwrap_or(given));
    }
}

#[test]
fn both_names_of_the_limit_are_read_and_the_newer_one_counts() {
    let limit =
        |fields: &str| decode(&format!(r#"{{"model":"m","messages":[]{fields}}}"#)).sampling.max_tokens;
    assert_eq!(limit(r#","max_tokens":5"#), Some(5));
    assert_eq!(limit(r#","max_completion_tokens":6"#), Some(6));
    assert_eq!(limit(r#","max_tokens":5,"max_completion_tokens":6"#), Some(6));
    assert_eq!(limit(r#","max_tokens":null"#), None);
}

#[test]
fn forms_that_only_vendors_know_are_carried_along() {
    let request = decode(
        r#"{"model":"m","messages":[],"top_k":-1,"reasoning_effort":"default","tool_choice":"any","response_format":{"type":"grammar","grammar":"x"},"functions":[{"name":"f"}]}"#,
    );
    assert_eq!((request.sampling.top_k, request.thinking.is_none()), (None, true));
    assert!(request.tool_choice.is_none() && request.format.is_none());
    let mut extra: Vec<&str> = request.extra.0.iter().map(|(key, _)| key.as_str()).collect();
    extra.sort_unstable();
    assert_eq!(extra, ["functions", "reasoning_effort", "response_format", "tool_choice", "top_k"]);
}

#[test]
fn every_form_of_the_tool_choice_is_read() {
    let choice =
        |json: &str| decode(&format!(r#"{{"model":"m","messages":[],"tool_choice":{json}}}"#)).tool_choice;
    assert_eq!(choice(r#""auto""#), Some(ToolChoice::Auto));
    assert_eq!(choice(r#""required""#), Some(ToolChoice::Required));
    assert_eq!(choice(r#""none""#), Some(ToolChoice::None));
    let named = choice(r#"{"type":"function","function":{"name":"f"}}"#);
    assert_eq!(named, Some(ToolChoice::Named("f".into())));
    assert_eq!(choice(r#"{"type":"custom","custom":{"name":"f"}}"#), None);
}

#[test]
fn a_reply_of_the_assistant_keeps_its_refusal_and_loses_an_empty_text_beside_calls() {
    let request = decode_messages(
        r#"[{"role":"assistant","content":"","tool_calls":[{"id":"a","function":{"name":"f","arguments":{"x":1}}}]},{"role":"assistant","content":null,"refusal":"no"},{"role":"assistant","content":""},{"role":"assistant","reasoning":"hm","content":"x"}]"#,
    );
    let kinds: Vec<Vec<&PartKind>> = request
        .messages
        .iter()
        .map(|message| message.parts.iter().map(|part| &part.kind).collect())
        .collect();
    let call = PartKind::ToolCall { id: "a".into(), name: "f".into(), arguments: r#"{"x":1}"#.into() };
    assert_eq!(kinds[0], [&call], "arguments may be the JSON itself");
    assert_eq!(kinds[1], [&PartKind::Refusal("no".into())]);
    assert_eq!(kinds[2], [&PartKind::Text(String::new())]);
    assert_eq!(kinds[3].len(), 2);
    assert_eq!(again(&request).messages, request.messages);
}

#[test]
fn what_is_wrong_is_named_by_its_path() {
    for (body, path) in [
        (r#"{"messages":[]}"#, "model"),
        (r#"{"model":1,"messages":[]}"#, "model"),
        (r#"{"model":"m"}"#, "messages"),
        (r#"{"model":"m","messages":[{"role":"robot","content":""}]}"#, "messages[0].role"),
        (r#"{"model":"m","messages":[{"content":""}]}"#, "messages[0].role"),
        (
            r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text"}]}]}"#,
            "messages[0].content[0].text",
        ),
        (
            r#"{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}]}"#,
            "messages[0].content[0].image_url.url",
        ),
        (r#"{"model":"m","messages":[{"role":"user","content":7}]}"#, "messages[0].content"),
        (
            r#"{"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"a","function":{}}]}]}"#,
            "messages[0].tool_calls[0].function.name",
        ),
        (r#"{"model":"m","messages":[],"temperature":"hot"}"#, "temperature"),
        (r#"{"model":"m","messages":[],"max_tokens":-1}"#, "max_tokens"),
        (r#"{"model":"m","messages":[],"stop":[1]}"#, "stop"),
        (r#"{"model":"m","messages":[],"stream_options":true}"#, "stream_options"),
        (r#"{"model":"m","messages":[],"tools":[{"type":"function"}]}"#, "tools[0].function"),
        (r#"{"model":"m","messages":[],"Model":"n"}"#, "Model"),
    ] {
        let refusal = decode_error(body);
        assert_eq!((refusal.kind, refusal.param.as_deref()), (Kind::Malformed, Some(path)), "{body}");
    }
    assert_eq!(decode_error("{").kind, Kind::Malformed);
}

#[test]
fn a_field_cannot_be_smuggled_into_an_inner_object() {
    for body in [
        r#"{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://a"},"image_url.url":"https://b"}]}]}"#,
        r#"{"model":"m","messages":[{"role":"assistant","tool_calls":[{"id":"a","function":{"name":"f"},"function.name":"g"}]}]}"#,
        r#"{"model":"m","messages":[],"stream_options.include_usage":false}"#,
    ] {
        assert!(decode_error(body).message.contains("dot in its name"), "{body}");
    }
}
