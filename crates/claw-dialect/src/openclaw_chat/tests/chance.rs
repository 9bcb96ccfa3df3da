//! Random requests, replies and streams come back as they were, and no bytes make a reader panic.

use bytes::Bytes;
use claw_hub::{
    CacheMark, Dialect, Media, Message, Part, PartKind, Reply, Request, Role, Source, Stop, Thinking,
    ThinkingMode, Thought, Tool, Usage,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::again;
use crate::samples::{
    call, effort, format, image, json, name, sampling, soup, text, tool, tool_choice, usage,
};
use crate::sequence::assert_well_formed;
use crate::streamed::{self, events_of, reply_of, said};

/// Words that readers of this dialect look for.
const WORDS: &[&str] = &[
    "model",
    "message",
    "messages",
    "role",
    "user",
    "assistant",
    "content",
    "type",
    "text",
    "image",
    "url",
    "data",
    "media_type",
    "thinking",
    "tool_call",
    "id",
    "name",
    "arguments",
    "tool_result",
    "tools",
    "schema",
    "tool_choice",
    "names",
    "required",
    "format",
    "json",
    "effort",
    "high",
    "cache",
    "1h",
    "parts",
    "stop",
    "usage",
    "input",
    "output",
    "index",
    "error",
    "kind",
    "overloaded",
    "foreign",
    "dialect",
    "openai_chat",
];

fn mark() -> impl Strategy<Value = Option<CacheMark>> {
    let marks = vec![CacheMark::Default, CacheMark::FiveMinutes, CacheMark::OneHour];
    prop_oneof![4 => Just(None), 1 => prop::sample::select(marks).prop_map(Some)]
}

fn part(kind: impl Strategy<Value = PartKind>) -> impl Strategy<Value = Part> {
    (kind, mark()).prop_map(|(kind, cache)| Part { kind, cache, extra: Default::default() })
}

fn words() -> impl Strategy<Value = PartKind> {
    any::<String>().prop_map(PartKind::Text)
}

fn thought() -> impl Strategy<Value = PartKind> {
    (option::of(text()), option::of(text()), option::of(text())).prop_map(|(text, signature, redacted)| {
        PartKind::Thinking(Thought { text: text.unwrap_or_default(), signature, redacted })
    })
}

/// A call whose arguments may be anything that a model can stop in the middle of.
fn any_call() -> impl Strategy<Value = PartKind> {
    let cut = (name(), name(), "[ {}\\[\\]\":,a1]{0,8}")
        .prop_map(|(id, name, arguments)| PartKind::ToolCall { id, name, arguments });
    prop_oneof![call(), cut]
}

fn foreign() -> impl Strategy<Value = PartKind> {
    (prop::sample::select(Dialect::ALL.to_vec()), name(), json())
        .prop_map(|(dialect, name, json)| PartKind::Foreign { dialect, name, json })
}

fn document() -> impl Strategy<Value = PartKind> {
    let source = prop_oneof![
        "[A-Za-z0-9]{0,8}".prop_map(Source::Base64),
        text().prop_map(Source::Url),
        name().prop_map(Source::FileId),
        any::<String>().prop_map(Source::Text),
    ];
    (
        source,
        prop_oneof![Just(String::new()), Just("text/plain".to_owned())],
        option::of(text()),
        option::of(text()),
    )
        .prop_map(|(source, media_type, name, detail)| {
            PartKind::Document(Media { source, media_type, name, detail })
        })
}

fn any_part() -> impl Strategy<Value = Part> {
    let result =
        (name(), option::of(name()), vec(part(prop_oneof![words(), image(true)]), 0..3), any::<bool>())
            .prop_map(|(id, name, content, is_error)| PartKind::ToolResult { id, name, content, is_error });
    part(prop_oneof![
        words(),
        image(true),
        document(),
        thought(),
        any_call(),
        result,
        text().prop_map(PartKind::Refusal),
        foreign(),
    ])
}

fn message() -> impl Strategy<Value = Message> {
    let role = prop::sample::select(vec![Role::System, Role::User, Role::Assistant]);
    (role, vec(any_part(), 0..4), option::of(text())).prop_map(|(role, parts, name)| Message {
        role,
        parts,
        name,
        extra: Default::default(),
    })
}

fn any_tool() -> impl Strategy<Value = Tool> {
    (tool(), option::of(any::<bool>()), mark()).prop_map(|(mut tool, is_strict, mark)| {
        if let Tool::Function { strict, cache, .. } = &mut tool {
            (*strict, *cache) = (is_strict, mark);
        }
        tool
    })
}

fn request() -> impl Strategy<Value = Request> {
    let talk =
        (vec(any_part(), 0..3), vec(message(), 0..4), vec(any_tool(), 0..3), option::of(tool_choice()));
    let settings = (sampling(), option::of(effort()), option::of(format()), option::of(any::<bool>()));
    (name(), any::<bool>(), option::of(text()), talk, settings).prop_map(
        |(
            model,
            stream,
            user,
            (system, messages, tools, tool_choice),
            (sampling, effort, format, parallel_tools),
        )| {
            let mode = ThinkingMode::Unsaid;
            let thinking = effort.map(|effort| Thinking {
                mode,
                budget_tokens: None,
                effort: Some(effort),
                display: None,
            });
            Request {
                stream,
                system,
                messages,
                tools,
                tool_choice,
                parallel_tools,
                sampling,
                thinking,
                format,
                user,
                ..Request::new(Dialect::OpenclawChat, model)
            }
        },
    )
}

fn stop() -> impl Strategy<Value = Stop> {
    prop_oneof![
        Just(Stop::EndTurn),
        option::of(text()).prop_map(Stop::Sequence),
        Just(Stop::Guardrail),
        Just(Stop::Other("a_providers_own".into())),
    ]
}

fn any_usage() -> impl Strategy<Value = Usage> {
    (usage(), 0..1u64 << 40, any::<bool>()).prop_map(|(usage, cache_write_1h, estimated)| Usage {
        cache_write_1h,
        estimated,
        ..usage
    })
}

proptest! {
    #[test]
    fn any_request_comes_back_as_it_was(request in request()) {
        prop_assert_eq!(again(&request), request);
    }

    #[test]
    fn any_reply_comes_back_as_it_was(
        (id, model) in (name(), name()),
        parts in vec(any_part(), 0..5),
        stop in stop(),
        usage in option::of(any_usage()),
    ) {
        let reply = Reply { id, model, parts, stop, usage };
        let mut losses = Default::default();
        let written = super::super::reply::encode(&reply, &said(), &mut losses);
        prop_assert_eq!(super::super::reply::decode(&written).unwrap(), reply);
        prop_assert!(losses.is_empty());
    }

    #[test]
    fn any_stream_comes_back_as_it_was(
        (id, model) in (name(), name()),
        kinds in vec(prop_oneof![words(), thought(), any_call(), text().prop_map(PartKind::Refusal), image(true), foreign()], 0..5),
        stop in stop(),
        usage in option::of(any_usage()),
        cut in any::<prop::sample::Index>(),
    ) {
        let reply = Reply { id, model, parts: kinds.into_iter().map(Part::from).collect(), stop, usage };
        let written = streamed::encode(Dialect::OpenclawChat, said(), &events_of(&reply));
        let events = streamed::decode(Dialect::OpenclawChat, &written, &[cut.index(written.len())]);
        assert_well_formed("written", &events);
        prop_assert_eq!(reply_of(&events), reply);
    }

    #[test]
    fn no_json_makes_a_reader_panic(body in soup(WORDS)) {
        let bytes = Bytes::from(body);
        if let Ok(request) = super::super::request::decode(&bytes) {
            prop_assert_eq!(again(&Request { raw: None, ..request.clone() }), Request { raw: None, ..request });
        }
        let _ = super::super::reply::decode(&bytes);
        let _ = super::super::refusal::decode(400, &|_| None, &bytes);
    }

    #[test]
    fn any_events_give_a_well_formed_stream(
        events in vec((prop::sample::select(&["start", "open", "delta", "close", "stop", "usage", "error", "end", "news"][..]), soup(WORDS)), 0..8),
    ) {
        let bytes: String = events.iter().map(|(name, data)| format!("event: {name}\ndata: {data}\n\n")).collect();
        let events = streamed::decode(Dialect::OpenclawChat, bytes.as_bytes(), &[]);
        assert_well_formed(&bytes, &events);
    }
}
