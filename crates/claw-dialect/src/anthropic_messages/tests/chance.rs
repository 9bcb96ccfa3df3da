//! Whatever chance brings.

use bytes::Bytes;
use claw_hub::{
    CacheMark, Dialect, Effort, Losses, ModelFacts, Part, PartKind, Reply, Request, Role, Stop, Thought,
};
use claw_hub::{Message, Thinking, ThinkingMode, ThinkingStyle, Tool, ToolChoice};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{bytes, events, said, target};
use crate::samples::{call, format, image, name, sampling, soup, text, tool, tool_choice, usage};
use crate::sequence::assert_well_formed;
use crate::streamed::{events_of, reply_of};

const WORDS: &[&str] = &[
    "type",
    "text",
    "role",
    "user",
    "assistant",
    "system",
    "content",
    "messages",
    "model",
    "tool_use",
    "id",
    "name",
    "input",
    "tool_result",
    "tool_use_id",
    "is_error",
    "thinking",
    "signature",
    "redacted_thinking",
    "data",
    "image",
    "source",
    "base64",
    "media_type",
    "document",
    "cache_control",
    "ephemeral",
    "ttl",
    "tools",
    "input_schema",
    "tool_choice",
    "max_tokens",
    "output_config",
    "effort",
    "format",
    "metadata",
    "user_id",
    "index",
    "delta",
    "content_block",
    "message",
    "usage",
    "input_tokens",
    "stop_reason",
    "stop_details",
    "explanation",
    "error",
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
    "text_delta",
    "input_json_delta",
    "partial_json",
    "thinking_delta",
    "signature_delta",
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

fn marked(kind: impl Strategy<Value = PartKind>) -> impl Strategy<Value = Part> {
    let mark = prop::sample::select(vec![None, Some(CacheMark::Default), Some(CacheMark::OneHour)]);
    (kind, mark).prop_map(|(kind, cache)| Part { cache, ..Part::from(kind) })
}

fn user() -> impl Strategy<Value = Message> {
    let words = text().prop_map(PartKind::Text);
    let result = (name(), vec(text().prop_map(Part::text), 1..3), any::<bool>())
        .prop_map(|(id, content, is_error)| PartKind::ToolResult { id, name: None, content, is_error });
    let part = marked(prop_oneof![3 => words, 1 => image(true), 1 => result]);
    vec(part, 1..4).prop_map(|parts| Message::new(Role::User, parts))
}

fn assistant() -> impl Strategy<Value = Message> {
    let words = text().prop_map(PartKind::Text);
    let plain = prop_oneof![2 => marked(words).boxed(), 1 => signed().prop_map(Part::from).boxed()];
    (vec(plain, 1..3), option::of(call())).prop_map(|(mut parts, call)| {
        parts.extend(call.map(Part::from));
        Message::new(Role::Assistant, parts)
    })
}

prop_compose! {
    fn own_request()(
        messages in vec(prop_oneof![user().boxed(), assistant().boxed()], 0..5),
        system in vec(text().prop_map(Part::text), 0..3),
        tools in vec(tool(), 0..4),
        tool_choice in option::of(tool_choice().prop_filter("sayable", |choice| {
            !matches!(choice, ToolChoice::Among { .. })
        })),
        sampling in sampling(),
        effort in option::of(prop::sample::select(vec![Effort::Low, Effort::High, Effort::Max])),
        format in option::of(format()),
        stream in any::<bool>(),
        user in option::of(text()),
    ) -> Request {
        let mut request = Request::new(Dialect::AnthropicMessages, "claude-x");
        request.messages = messages;
        request.system = system;
        request.tools = tools;
        request.tool_choice = tool_choice;
        request.sampling = sampling;
        request.thinking = effort.map(|effort| Thinking {
            mode: ThinkingMode::Unsaid, budget_tokens: None, effort: Some(effort), display: None,
        });
        request.format = format;
        request.stream = stream;
        request.user = user;
        request
    }
}

/// What the dialect has no word for, or always says, as the codec documents it.
fn normal(mut request: Request) -> Request {
    let sampling = &mut request.sampling;
    sampling.max_tokens = sampling.max_tokens.or(Some(4096));
    (sampling.seed, sampling.frequency_penalty, sampling.presence_penalty) = (None, None, None);
    if sampling.temperature.as_ref().is_some_and(|json| json.as_str().parse::<f64>().unwrap() > 1.0) {
        sampling.temperature = Some(claw_hub::Json::verbatim("1"));
    }
    request.format = match request.format {
        Some(claw_hub::Format::JsonSchema { schema, .. }) => {
            Some(claw_hub::Format::JsonSchema { name: None, description: None, schema, strict: None })
        }
        _ => None,
    };
    // Ids are made unique; the pairs are tested by hand.
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
        Just(Stop::Pause),
        text().prop_map(|text| Stop::Sequence(Some(text))),
    ];
    (vec(part.prop_map(Part::from), 0..5), stop, usage(), name(), name())
        .prop_map(|(parts, stop, usage, id, model)| Reply { id, model, parts, stop, usage: Some(usage) })
}

fn words_of(part: &Part, all: &mut Vec<String>) {
    match &part.kind {
        PartKind::Text(text) => all.extend(text.split_whitespace().map(str::to_owned)),
        PartKind::Thinking(thought) => all.push(thought.text.clone()),
        PartKind::ToolCall { arguments, .. } => all.push(arguments.clone()),
        PartKind::ToolResult { content, .. } => content.iter().for_each(|part| words_of(part, all)),
        _ => {}
    }
}

/// The events of a reply as this dialect's decoder makes them: thinking that will be signed opens with an empty signature.
fn told(reply: &Reply) -> Vec<claw_hub::Event> {
    let mut events = events_of(reply);
    for event in &mut events {
        if let claw_hub::Event::Open { kind: PartKind::Thinking(thought), .. } = event
            && thought.redacted.is_none()
        {
            thought.signature = Some(String::new());
        }
    }
    events
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_request_of_the_dialect_comes_back(request in own_request()) {
        let facts = ModelFacts { thinking: ThinkingStyle::Adaptive, ..ModelFacts::default() };
        let mut losses = Losses::default();
        let body = super::super::request::encode(&request, &target(facts), &mut losses).unwrap();
        let again = super::super::request::decode(&Bytes::from(body)).unwrap();
        prop_assert_eq!(normal(request), normal(again));
    }

    #[test]
    fn any_request_of_another_dialect_is_written_or_refused(request in own_request(), version in any::<bool>()) {
        let mut request = request;
        request.origin = Dialect::OpenaiChat;
        let facts = ModelFacts {
            thinking: if version { ThinkingStyle::Budget } else { ThinkingStyle::Adaptive },
            max_output_tokens: Some(8000),
            ..ModelFacts::default()
        };
        let body = super::super::request::encode(&request, &target(facts), &mut Losses::default()).unwrap();
        let again = super::super::request::decode(&Bytes::from(body)).unwrap();
        prop_assert!(again.messages.windows(2).all(|pair| pair[0].role != pair[1].role));
        let words = |request: &Request| {
            let mut all = Vec::new();
            let parts = request.messages.iter().flat_map(|message| &message.parts);
            parts.chain(&request.system).for_each(|part| words_of(part, &mut all));
            all.retain(|word| word != "(begin)");
            all.sort();
            all
        };
        prop_assert_eq!(words(&request), words(&again));
        let names = |request: &Request| request.tools.iter().map(Tool::name).map(str::to_owned).collect::<Vec<_>>();
        if !matches!(request.tool_choice, Some(ToolChoice::Among { .. })) {
            prop_assert_eq!(names(&request), names(&again));
        }
    }

    #[test]
    fn any_reply_comes_back_whole_and_streamed(reply in reply()) {
        let mut losses = Losses::default();
        let body = super::super::reply::encode(&reply, &said(), &mut losses);
        prop_assert_eq!(&super::super::reply::decode(&body).unwrap(), &reply);
        prop_assert!(losses.is_empty(), "{}", losses);
        let read = events(&bytes(&told(&reply)));
        assert_well_formed("reply", &read);
        prop_assert_eq!(reply_of(&read), reply);
    }

    #[test]
    fn nothing_makes_the_readers_panic(soup in soup(WORDS), noise in any::<Vec<u8>>()) {
        for body in [soup.as_bytes(), &noise] {
            let _ = super::super::request::decode(&Bytes::copy_from_slice(body));
            let _ = super::super::reply::decode(body);
            let _ = super::super::refusal::decode(500, &|_| None, body);
        }
        if let Ok(mut request) = super::super::request::decode(&Bytes::from(soup)) {
            for origin in Dialect::ALL {
                request.origin = origin;
                let facts = ModelFacts { takes_mid_system: true, ..ModelFacts::default() };
                if let Ok(body) = super::super::request::encode(&request, &target(facts), &mut Losses::default()) {
                    prop_assert!(serde_json::from_slice::<serde_json::Value>(&body).is_ok());
                }
            }
        }
    }

    #[test]
    fn any_stream_is_well_formed(payloads in vec(soup(WORDS), 0..12), kinds in vec(prop::sample::select(WORDS), 12)) {
        let stream: String = payloads
            .iter()
            .zip(kinds)
            .map(|(payload, kind)| format!("event: {kind}\ndata: {payload}\n\n"))
            .collect();
        let read = events(stream.as_bytes());
        assert_well_formed(&stream, &read);
        let _ = bytes(&read);
    }
}
