//! Random requests, replies and streams come back as they were, and no bytes make a reader panic.

use bytes::Bytes;
use claw_hub::{
    CacheMark, Dialect, Event, Extra, Json, Media, Message, Part, PartKind, Reply, Request, Role, Source,
    Stop, Thinking, ThinkingMode, Thought, Tool,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::again;
use crate::samples::{
    call, decimal, effort, format, image, json, name, sampling, soup, text, tool, tool_choice, usage,
};
use crate::sequence::assert_well_formed;
use crate::streamed::{self, events_of, reply_of, said};

/// Words that readers of this dialect look for.
const WORDS: &[&str] = &[
    "model",
    "messages",
    "role",
    "system",
    "developer",
    "user",
    "assistant",
    "tool",
    "content",
    "type",
    "text",
    "image_url",
    "url",
    "data:a;base64,b",
    "file",
    "file_data",
    "tools",
    "function",
    "name",
    "arguments",
    "parameters",
    "tool_choice",
    "tool_calls",
    "tool_call_id",
    "id",
    "index",
    "stream",
    "stream_options",
    "include_usage",
    "response_format",
    "json_schema",
    "schema",
    "choices",
    "delta",
    "message",
    "finish_reason",
    "stop",
    "usage",
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "prompt_tokens_details",
    "cached_tokens",
    "error",
    "code",
    "refusal",
    "reasoning_content",
    "reasoning",
    "thinking",
    "function_call",
    "cache_control",
    "ephemeral",
];

fn extra() -> impl Strategy<Value = Extra> {
    prop_oneof![
        3 => Just(Extra::default()),
        1 => json().prop_map(|json| Extra(vec![("x_unknown".into(), json)])),
    ]
}

fn mark() -> impl Strategy<Value = Option<CacheMark>> {
    prop_oneof![
        4 => Just(None),
        1 => prop::sample::select(vec![CacheMark::Default, CacheMark::FiveMinutes, CacheMark::OneHour]).prop_map(Some),
    ]
}

fn part(kind: impl Strategy<Value = PartKind>) -> impl Strategy<Value = Part> {
    (kind, mark(), extra()).prop_map(|(kind, cache, extra)| Part { kind, cache, extra })
}

fn words() -> impl Strategy<Value = PartKind> {
    text().prop_map(PartKind::Text)
}

fn document() -> impl Strategy<Value = PartKind> {
    let source = prop_oneof![
        "[A-Za-z0-9]{4,8}".prop_map(|data| (Source::Base64(data), "application/pdf".to_owned())),
        name().prop_map(|id| (Source::FileId(id), String::new())),
    ];
    (source, option::of(text())).prop_map(|((source, media_type), name)| {
        PartKind::Document(Media { source, media_type, name, detail: None })
    })
}

fn foreign() -> impl Strategy<Value = Part> {
    name().prop_map(|id| {
        let json = Json::verbatim(format!(r#"{{ "type":"input_audio","input_audio":{{"data":"{id}"}}}}"#));
        PartKind::Foreign { dialect: Dialect::OpenaiChat, name: "input_audio".into(), json }.into()
    })
}

fn user() -> impl Strategy<Value = Message> {
    let part = prop_oneof![part(words()), part(image(true)), part(document()), foreign()];
    (vec(part, 0..4), option::of(name()), extra()).prop_map(|(parts, name, extra)| Message {
        role: Role::User,
        parts,
        name,
        extra,
    })
}

fn results() -> impl Strategy<Value = Message> {
    let result = (name(), option::of(name()), vec(part(words()), 0..3))
        .prop_map(|(id, name, content)| PartKind::ToolResult { id, name, content, is_error: false });
    vec(part(result), 1..4).prop_map(|parts| Message::new(Role::User, parts))
}

fn assistant() -> impl Strategy<Value = Message> {
    let thought = (text(), any::<bool>()).prop_map(|(text, is_short)| {
        let mut part = Part::from(PartKind::Thinking(Thought { text, signature: None, redacted: None }));
        part.extra.0.extend(is_short.then(|| ("reasoning".to_owned(), Json::verbatim("true"))));
        part
    });
    let call = (call(), extra()).prop_map(|(kind, extra)| Part { kind, cache: None, extra });
    let refusal = text().prop_map(|text| Part::from(PartKind::Refusal(text)));
    (option::of(thought), vec(part(words()), 0..3), option::of(refusal), vec(call, 0..3), extra()).prop_map(
        |(thought, said, refusal, calls, extra)| Message {
            role: Role::Assistant,
            parts: thought.into_iter().chain(said).chain(refusal).chain(calls).collect(),
            name: None,
            extra,
        },
    )
}

/// A conversation as the reader makes it: no instructions first, no two messages of results in a row.
fn messages() -> impl Strategy<Value = Vec<Message>> {
    let instructions = (vec(part(words()), 1..3), any::<bool>()).prop_map(|(parts, is_developer)| {
        let role = is_developer.then(|| ("role".to_owned(), Json::verbatim("\"developer\"")));
        Message { extra: Extra(role.into_iter().collect()), ..Message::new(Role::System, parts) }
    });
    let later = prop_oneof![4 => user(), 4 => assistant(), 1 => instructions];
    vec((later, option::of(results())), 0..4).prop_map(|pairs| {
        let all = pairs.into_iter().flat_map(|(message, results)| std::iter::once(message).chain(results));
        all.skip_while(|message| message.role == Role::System).collect()
    })
}

/// Groups of instructions: whether it is a developer who speaks, a name, and what is said.
fn system() -> impl Strategy<Value = Vec<Part>> {
    let group = (any::<bool>(), option::of(name()), vec(part(words()), 1..3));
    vec(group, 0..3).prop_map(|groups| {
        let mut parts = Vec::new();
        let mut was_marked = false;
        for (is_developer, name, mut said) in groups {
            let role = if is_developer { "\"developer\"" } else { "\"system\"" };
            let marks = (is_developer || was_marked).then(|| ("role".to_owned(), Json::verbatim(role)));
            was_marked = is_developer || name.is_some();
            let name = name.map(|name| ("name".to_owned(), Json::verbatim(format!("\"{name}\""))));
            said[0].extra.0.extend(marks.into_iter().chain(name));
            parts.extend(said);
        }
        parts
    })
}

fn tools() -> impl Strategy<Value = Vec<Tool>> {
    let function =
        (tool(), option::of(any::<bool>()), mark(), extra()).prop_map(|(mut tool, is_strict, mark, more)| {
            if let Tool::Function { strict, cache, extra, .. } = &mut tool {
                (*strict, *cache, *extra) = (is_strict, mark, more);
            }
            tool
        });
    vec(function, 0..3)
}

fn request() -> impl Strategy<Value = Request> {
    let talk = (system(), messages(), tools(), option::of(tool_choice()), option::of(any::<bool>()));
    let settings = (sampling(), option::of(1..4u64), option::of(effort()), option::of(format()), extra());
    let rest = (name(), any::<bool>(), option::of(text()), option::of(name()));
    (talk, settings, rest).prop_map(|(talk, settings, (model, stream, user, service_tier))| {
        let mut request = Request::new(Dialect::OpenaiChat, model);
        (request.stream, request.user, request.service_tier) = (stream, user, service_tier);
        (request.system, request.messages, request.tools, request.tool_choice, request.parallel_tools) = talk;
        let effort;
        (request.sampling, request.sampling.n, effort, request.format, request.extra) = {
            let (sampling, n, effort, format, extra) = settings;
            (sampling, n, effort, format, extra)
        };
        request.thinking = effort.map(|effort| Thinking {
            mode: ThinkingMode::Unsaid,
            budget_tokens: None,
            effort: Some(effort),
            display: None,
        });
        request
    })
}

/// A reply as the reader makes it.
fn reply() -> impl Strategy<Value = Reply> {
    let kinds = (option::of(text()), option::of(text()), option::of(text()), vec(call(), 0..3));
    let stop = prop::sample::select(vec![
        Stop::EndTurn,
        Stop::MaxTokens,
        Stop::ContentFilter,
        Stop::Other("a_vendors_own".into()),
    ]);
    (name(), name(), kinds, stop, option::of(usage())).prop_map(
        |(id, model, (thought, said, refusal, calls), stop, usage)| {
            let stop = match stop {
                Stop::EndTurn if !calls.is_empty() => Stop::ToolUse,
                Stop::EndTurn if refusal.is_some() => Stop::Refusal,
                other => other,
            };
            let thought =
                thought.map(|text| PartKind::Thinking(Thought { text, signature: None, redacted: None }));
            let parts = thought
                .into_iter()
                .chain(said.map(PartKind::Text))
                .chain(refusal.map(PartKind::Refusal))
                .chain(calls)
                .map(Part::from)
                .collect();
            Reply { id, model, parts, stop, usage }
        },
    )
}

proptest! {
    #[test]
    fn any_request_comes_back_as_it_was(request in request()) {
        prop_assert_eq!(again(&request), request);
    }

    #[test]
    fn any_reply_comes_back_as_it_was(reply in reply()) {
        let mut losses = Default::default();
        let written = super::super::reply::encode(&reply, &said(), &mut losses);
        prop_assert_eq!(super::super::reply::decode(&written).unwrap(), reply);
        prop_assert!(losses.is_empty());
    }

    #[test]
    fn any_stream_comes_back_as_it_was(reply in reply(), cut in any::<prop::sample::Index>()) {
        let written = streamed::encode(Dialect::OpenaiChat, said(), &events_of(&reply));
        let events = streamed::decode(Dialect::OpenaiChat, &written, &[cut.index(written.len())]);
        assert_well_formed("written", &events);
        prop_assert_eq!(reply_of(&events), reply);
    }

    #[test]
    fn no_json_makes_a_reader_panic(body in soup(WORDS)) {
        let bytes = Bytes::from(body);
        if let Ok(request) = super::super::request::decode(&bytes) {
            let mut losses = Default::default();
            let _ = super::super::request::encode(&request, &super::target(Default::default()), &mut losses);
        }
        let _ = super::super::reply::decode(&bytes);
        let _ = super::super::refusal::decode(400, &|_| None, &bytes);
    }

    #[test]
    fn any_chunks_give_a_well_formed_stream(chunks in vec(soup(WORDS), 0..8), is_done in any::<bool>()) {
        let mut bytes: String = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
        if is_done {
            bytes.push_str("data: [DONE]\n\n");
        }
        let events = streamed::decode(Dialect::OpenaiChat, bytes.as_bytes(), &[]);
        assert_well_formed(&bytes, &events);
        let written = streamed::encode(Dialect::OpenaiChat, said(), &events);
        assert_well_formed(&bytes, &streamed::decode(Dialect::OpenaiChat, &written, &[]));
    }

    #[test]
    fn any_deltas_give_a_well_formed_stream(deltas in vec(delta(), 0..12)) {
        let bytes: String = deltas.iter().map(|delta| format!("data: {{\"choices\":[{delta}]}}\n\n")).collect();
        let events = streamed::decode(Dialect::OpenaiChat, bytes.as_bytes(), &[]);
        assert_well_formed(&bytes, &events);
        let is_whole = deltas.iter().any(|delta| delta.contains("finish_reason"));
        prop_assert_eq!(matches!(events.last(), Some(Event::End)), is_whole);
    }
}

/// A choice of a chunk in the many ways that vendors write it.
fn delta() -> impl Strategy<Value = String> {
    let piece = (option::of(0..3u8), option::of(0..3u8), option::of("[a-c]"), option::of("[x{}]{0,3}"));
    let call = piece.prop_map(|(index, id, name, arguments)| {
        let index = index.map_or_else(String::new, |index| format!("\"index\":{index},"));
        let id = id.map_or_else(String::new, |id| format!("\"id\":\"call_{id}\","));
        let name = name.map_or_else(String::new, |name| format!("\"name\":\"{name}\","));
        let arguments = arguments.unwrap_or_default();
        format!(
            r#"{{"delta":{{"tool_calls":[{{{index}{id}"function":{{{name}"arguments":"{arguments}"}}}}]}}}}"#
        )
    });
    prop_oneof![
        6 => call,
        2 => Just(r#"{"delta":{"content":"a"}}"#.to_owned()),
        1 => Just(r#"{"delta":{"content":"a","reasoning":"b","refusal":"c"}}"#.to_owned()),
        1 => Just(r#"{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"t"}]}]}}"#.to_owned()),
        1 => decimal().prop_map(|n| format!(r#"{{"index":{},"delta":{{"content":"other"}}}}"#, n.as_str())),
        1 => Just(r#"{"delta":{},"finish_reason":"stop"}"#.to_owned()),
    ]
}
