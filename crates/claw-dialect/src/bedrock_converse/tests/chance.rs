//! Whatever chance brings.

use bytes::Bytes;
use claw_hub::{
    CacheMark, Dialect, Losses, Message, ModelFacts, Part, PartKind, Reply, Request, Role, Stop, Thought,
    Tool,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{CLAUDE, bytes, events, frame, said, target};
use crate::codec::Asked;
use crate::frame::encode_event_stream;
use crate::samples::{call, format, image, name, sampling, soup, text, tool, tool_choice, usage};
use crate::sequence::assert_well_formed;
use crate::streamed::{events_of, reply_of};

const WORDS: &[&str] = &[
    "text",
    "role",
    "user",
    "assistant",
    "system",
    "content",
    "messages",
    "toolUse",
    "toolUseId",
    "name",
    "input",
    "toolResult",
    "json",
    "status",
    "error",
    "reasoningContent",
    "reasoningText",
    "signature",
    "redactedContent",
    "image",
    "format",
    "png",
    "source",
    "bytes",
    "document",
    "cachePoint",
    "type",
    "default",
    "ttl",
    "toolConfig",
    "tools",
    "toolSpec",
    "inputSchema",
    "toolChoice",
    "auto",
    "any",
    "tool",
    "inferenceConfig",
    "maxTokens",
    "stopSequences",
    "additionalModelRequestFields",
    "thinking",
    "enabled",
    "budget_tokens",
    "output_config",
    "effort",
    "outputConfig",
    "textFormat",
    "citationsContent",
    "citations",
    "output",
    "message",
    "usage",
    "inputTokens",
    "stopReason",
    "contentBlockIndex",
    "start",
    "delta",
    "metadata",
    "messageStart",
    "contentBlockStart",
    "contentBlockDelta",
    "contentBlockStop",
    "messageStop",
];

fn signed() -> impl Strategy<Value = PartKind> {
    let open = (text(), "[a-z+/=]{1,12}").prop_map(|(text, signature)| {
        PartKind::Thinking(Thought { text, signature: Some(signature), redacted: None })
    });
    let redacted = "[a-z+/=]{1,12}".prop_map(|data| {
        PartKind::Thinking(Thought { text: String::new(), signature: None, redacted: Some(data) })
    });
    prop_oneof![open, redacted]
}

fn words() -> impl Strategy<Value = PartKind> {
    text().prop_filter("blank", |text| !text.trim().is_empty()).prop_map(PartKind::Text)
}

fn marked(kind: impl Strategy<Value = PartKind>) -> impl Strategy<Value = Part> {
    let mark = prop::sample::select(vec![None, Some(CacheMark::Default), Some(CacheMark::OneHour)]);
    (kind, mark).prop_map(|(kind, cache)| Part { cache, ..Part::from(kind) })
}

/// A turn of the user: results first, then words and pictures.
fn user() -> impl Strategy<Value = Message> {
    let result = (name(), vec(words().prop_map(Part::from), 1..3), any::<bool>())
        .prop_map(|(id, content, is_error)| PartKind::ToolResult { id, name: None, content, is_error });
    let rest = vec(marked(prop_oneof![3 => words().boxed(), 1 => image(false).boxed()]), 1..3);
    (vec(marked(result), 0..2), rest).prop_map(|(mut parts, rest)| {
        parts.extend(rest);
        Message::new(Role::User, parts)
    })
}

/// A turn of the assistant: words and thinking, then at most one call.
fn assistant() -> impl Strategy<Value = Message> {
    let plain = prop_oneof![2 => words().boxed(), 1 => signed().boxed()];
    (vec(plain.prop_map(Part::from), 1..3), option::of(call())).prop_map(|(mut parts, call)| {
        parts.extend(call.map(Part::from));
        Message::new(Role::Assistant, parts)
    })
}

prop_compose! {
    fn own_request()(
        pairs in vec((user(), assistant()), 0..3),
        system in vec(words().prop_map(Part::from), 0..3),
        mut tools in vec(tool(), 1..4),
        tool_choice in option::of(tool_choice()),
        sampling in sampling(),
        format in option::of(format()),
    ) -> Request {
        for tool in &mut tools {
            if let Tool::Function { schema, description, .. } = tool {
                schema.get_or_insert_with(|| claw_hub::Json::verbatim("{}"));
                *description = description.take().filter(|text| !text.is_empty());
            }
        }
        let mut request = Request::new(Dialect::BedrockConverse, CLAUDE);
        request.messages = pairs.into_iter().flat_map(|(user, assistant)| [user, assistant]).collect();
        request.system = system;
        request.tools = tools;
        request.tool_choice = tool_choice;
        request.sampling = sampling;
        request.format = format;
        request
    }
}

/// What the dialect has no word for, as the codec documents it.
fn normal(mut request: Request) -> Request {
    use claw_hub::{Format, Json, ToolChoice};
    let sampling = &mut request.sampling;
    (sampling.seed, sampling.frequency_penalty, sampling.presence_penalty) = (None, None, None);
    if sampling.temperature.as_ref().is_some_and(|json| json.as_str().parse::<f64>().unwrap() > 1.0) {
        sampling.temperature = Some(Json::verbatim("1"));
    }
    request.format = match request.format {
        Some(Format::JsonSchema { name, description, schema, .. }) => {
            Some(Format::JsonSchema { name, description, schema, strict: None })
        }
        _ => None,
    };
    if matches!(request.tool_choice, Some(ToolChoice::None | ToolChoice::Among { .. })) {
        request.tools.clear();
    }
    if matches!(request.tool_choice, Some(ToolChoice::None | ToolChoice::Among { .. })) {
        request.tool_choice = None;
    }
    for part in request.messages.iter_mut().flat_map(|message| &mut message.parts) {
        if let PartKind::ToolCall { id, .. } | PartKind::ToolResult { id, .. } = &mut part.kind {
            id.clear();
        }
    }
    request.raw = None;
    request
}

fn reply() -> impl Strategy<Value = Reply> {
    let part =
        prop_oneof![3 => text().prop_map(PartKind::Text).boxed(), 1 => signed().boxed(), 2 => call().boxed()];
    let stop = prop_oneof![
        Just(Stop::EndTurn),
        Just(Stop::ToolUse),
        Just(Stop::Guardrail),
        text().prop_map(|text| Stop::Sequence(Some(text))),
    ];
    (vec(part.prop_map(Part::from), 0..5), stop, usage()).prop_map(|(parts, stop, mut usage)| {
        usage.reasoning = 0;
        Reply { id: String::new(), model: String::new(), parts, stop, usage: Some(usage) }
    })
}

fn asked() -> Asked {
    Asked { model: Some(CLAUDE.to_owned()), stream: None }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_request_of_the_dialect_comes_back(request in own_request()) {
        let to = target(CLAUDE, ModelFacts::default());
        let body = super::super::request::encode(&request, &to, &mut Losses::default()).unwrap();
        let mut again = super::super::request::decode(&Bytes::from(body), &asked()).unwrap();
        if matches!(request.tool_choice, Some(claw_hub::ToolChoice::None | claw_hub::ToolChoice::Among { .. })) {
            again.tools.clear();
            again.tool_choice = None;
        }
        prop_assert_eq!(normal(request), normal(again));
    }

    #[test]
    fn any_request_of_another_dialect_alternates(request in own_request()) {
        let mut request = request;
        request.origin = Dialect::OpenaiChat;
        let extra: Vec<Message> = request.messages.iter().rev().cloned().collect();
        request.messages.extend(extra);
        let to = target(CLAUDE, ModelFacts::default());
        let body = super::super::request::encode(&request, &to, &mut Losses::default()).unwrap();
        let again = super::super::request::decode(&Bytes::from(body), &asked()).unwrap();
        prop_assert!(again.messages.windows(2).all(|pair| pair[0].role != pair[1].role));
        prop_assert!(again.messages.first().is_none_or(|message| message.role == Role::User));
        let is_result = |part: &Part| matches!(part.kind, PartKind::ToolResult { .. });
        for message in again.messages {
            prop_assert!(message.parts.is_sorted_by_key(|part| !is_result(part)));
        }
    }

    #[test]
    fn any_reply_comes_back_whole_and_streamed(reply in reply()) {
        let mut losses = Losses::default();
        let body = super::super::reply::encode(&reply, &said(), &mut losses);
        prop_assert_eq!(&super::super::reply::decode(&body).unwrap(), &reply);
        prop_assert!(losses.is_empty(), "{}", losses);
        let read = events(&bytes(&events_of(&reply)));
        assert_well_formed("reply", &read);
        prop_assert_eq!(reply_of(&read), reply);
    }

    #[test]
    fn nothing_makes_the_readers_panic(soup in soup(WORDS), noise in any::<Vec<u8>>()) {
        for body in [soup.as_bytes(), &noise] {
            let _ = super::super::request::decode(&Bytes::copy_from_slice(body), &asked());
            let _ = super::super::reply::decode(body);
            let _ = super::super::refusal::decode(500, &|_| None, body);
        }
        if let Ok(mut request) = super::super::request::decode(&Bytes::from(soup), &asked()) {
            for (origin, model) in Dialect::ALL.into_iter().zip([CLAUDE, "amazon.nova", "arn:x", "gpt-oss", "llama"]) {
                request.origin = origin;
                let to = target(model, ModelFacts { takes_mid_system: true, ..ModelFacts::default() });
                if let Ok(body) = super::super::request::encode(&request, &to, &mut Losses::default()) {
                    prop_assert!(serde_json::from_slice::<serde_json::Value>(&body).is_ok());
                }
            }
        }
    }

    #[test]
    fn any_stream_is_well_formed(
        payloads in vec(soup(WORDS), 0..12),
        kinds in vec(prop::sample::select(WORDS), 12),
        fails in any::<bool>(),
    ) {
        let mut stream = Vec::new();
        for (payload, kind) in payloads.iter().zip(kinds) {
            frame(kind, &serde_json::from_str(payload).unwrap(), &mut stream);
        }
        if fails {
            let headers = [(":exception-type", "throttlingException"), (":message-type", "exception")];
            encode_event_stream(&headers, payloads.concat().as_bytes(), &mut stream);
        }
        let read = events(&stream);
        assert_well_formed(&payloads.join(" "), &read);
        let _ = bytes(&read);
    }
}
