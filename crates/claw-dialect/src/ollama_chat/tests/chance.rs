//! Random requests, replies and streams come back as they were, and no bytes make a reader panic.

use bytes::Bytes;
use claw_hub::{
    Dialect, Extra, Format, Json, Media, Message, Part, PartKind, Reply, Request, Role, Source, Stop,
    Thinking, ThinkingMode, Thought,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::again;
use crate::samples::{call, json, name, object, sampling, soup, text, tool, usage};
use crate::sequence::assert_well_formed;
use crate::streamed::{self, events_of, reply_of, said};

/// Words that readers of this dialect look for.
const WORDS: &[&str] = &[
    "model",
    "messages",
    "role",
    "system",
    "user",
    "assistant",
    "tool",
    "content",
    "images",
    "thinking",
    "tool_calls",
    "function",
    "name",
    "arguments",
    "tool_name",
    "tool_call_id",
    "tools",
    "type",
    "parameters",
    "format",
    "json",
    "options",
    "num_predict",
    "stop",
    "temperature",
    "think",
    "high",
    "stream",
    "message",
    "done",
    "done_reason",
    "prompt_eval_count",
    "eval_count",
    "error",
    "id",
    "logprobs",
];

fn extra() -> impl Strategy<Value = Extra> {
    prop_oneof![
        3 => Just(Extra::default()),
        1 => json().prop_map(|json| Extra(vec![("x_unknown".into(), json)])),
    ]
}

fn image() -> impl Strategy<Value = Part> {
    "iVBORw0KGgo[A-Za-z0-9]{1,8}".prop_map(|data| {
        let source = Source::Base64(data);
        PartKind::Image(Media { source, media_type: "image/png".into(), name: None, detail: None }).into()
    })
}

fn said_by(role: Role) -> impl Strategy<Value = Message> {
    (vec(image(), 0..2), option::of(text()), extra()).prop_map(move |(images, said, extra)| Message {
        role,
        parts: images.into_iter().chain(said.map(Part::text)).collect(),
        name: None,
        extra,
    })
}

fn thought() -> impl Strategy<Value = Option<PartKind>> {
    let thought = |text| PartKind::Thinking(Thought { text, signature: None, redacted: None });
    option::of(text().prop_map(thought))
}

fn assistant() -> impl Strategy<Value = Message> {
    let call = (option::of(name()), name(), object(), extra()).prop_map(|(id, name, arguments, extra)| {
        let kind = PartKind::ToolCall { id: id.unwrap_or_default(), name, arguments };
        Part { kind, cache: None, extra }
    });
    (thought(), option::of(text()), vec(call, 0..3), extra()).prop_map(|(thought, said, calls, extra)| {
        Message {
            role: Role::Assistant,
            parts: thought.map(Part::from).into_iter().chain(said.map(Part::text)).chain(calls).collect(),
            name: None,
            extra,
        }
    })
}

fn results() -> impl Strategy<Value = Message> {
    let result = (option::of(name()), option::of(name()), option::of(text()), extra()).prop_map(
        |(id, name, content, extra)| {
            let content = content.map(Part::text).into_iter().collect();
            let id = id.unwrap_or_default();
            Part { kind: PartKind::ToolResult { id, name, content, is_error: false }, cache: None, extra }
        },
    );
    vec(result, 1..3).prop_map(|parts| Message::new(Role::User, parts))
}

/// A conversation as the reader makes it: no system message first, no two messages of results in a row.
fn messages() -> impl Strategy<Value = Vec<Message>> {
    let message = prop_oneof![4 => said_by(Role::User), 4 => assistant(), 1 => said_by(Role::System)];
    vec((message, option::of(results())), 0..4).prop_map(|pairs| {
        let all = pairs.into_iter().flat_map(|(message, results)| std::iter::once(message).chain(results));
        all.skip_while(|message| message.role == Role::System).collect()
    })
}

fn thinking() -> impl Strategy<Value = Thinking> {
    let asked = |mode, effort| Thinking { mode, budget_tokens: None, effort, display: None };
    prop_oneof![
        Just(asked(ThinkingMode::Enabled, None)),
        Just(asked(ThinkingMode::Disabled, None)),
        crate::samples::effort()
            .prop_filter("said with a switch", |effort| *effort != claw_hub::Effort::None)
            .prop_map(move |effort| asked(ThinkingMode::Unsaid, Some(effort))),
    ]
}

fn format() -> impl Strategy<Value = Format> {
    let schema =
        json().prop_map(|schema| Format::JsonSchema { name: None, description: None, schema, strict: None });
    prop_oneof![Just(Format::JsonObject), schema]
}

fn request() -> impl Strategy<Value = Request> {
    let system = vec((text(), extra()).prop_map(|(text, extra)| Part { extra, ..Part::text(text) }), 0..3);
    let talk = (name(), any::<bool>(), system, messages(), vec(tool(), 0..3));
    let options = option::of(
        (1..99_999u32).prop_map(|n| ("options.num_ctx".to_owned(), Json::verbatim(n.to_string()))),
    );
    (talk, sampling(), option::of(thinking()), option::of(format()), extra(), options).prop_map(
        |((model, stream, system, messages, tools), sampling, thinking, format, mut extra, options)| {
            extra.0.extend(options);
            Request {
                stream,
                system,
                messages,
                tools,
                sampling,
                thinking,
                format,
                extra,
                ..Request::new(Dialect::OllamaChat, model)
            }
        },
    )
}

fn reply() -> impl Strategy<Value = Reply> {
    let stop = prop::sample::select(vec![Stop::EndTurn, Stop::MaxTokens, Stop::Other("unload".into())]);
    let usage = option::of(usage().prop_map(|usage| claw_hub::Usage {
        input_fresh: usage.input_fresh,
        output: usage.output,
        ..Default::default()
    }));
    (name(), thought(), option::of(text()), vec(call(), 0..3), stop, usage).prop_map(
        |(model, thought, said, calls, stop, usage)| {
            let stop = if stop == Stop::EndTurn && !calls.is_empty() { Stop::ToolUse } else { stop };
            let parts =
                thought.into_iter().chain(said.map(PartKind::Text)).chain(calls).map(Part::from).collect();
            Reply { id: String::new(), model, parts, stop, usage }
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
        let written = streamed::encode(Dialect::OllamaChat, said(), &events_of(&reply));
        let events = streamed::decode(Dialect::OllamaChat, &written, &[cut.index(written.len())]);
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
    fn any_lines_give_a_well_formed_stream(lines in vec(soup(WORDS), 0..8)) {
        let bytes: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let events = streamed::decode(Dialect::OllamaChat, bytes.as_bytes(), &[]);
        assert_well_formed(&bytes, &events);
        let written = streamed::encode(Dialect::OllamaChat, said(), &events);
        assert_well_formed(&bytes, &streamed::decode(Dialect::OllamaChat, &written, &[]));
    }
}
