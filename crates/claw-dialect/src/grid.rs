//! Every recorded request, reply and stream, said in every dialect: it can be read there, and its words and tool calls have arrived.

use claw_hub::{Dialect, Event, Kind, Losses, Message, ModelFacts, Part, PartKind, Reply, Request, Target};
use serde_json::Value;

use crate::recorded::{self, Exchange};
use crate::sequence::assert_well_formed;
use crate::streamed::{self, reply_of, said};
use crate::{Asked, codec};

/// The recorded exchanges of the chat paths, with their dialect.
fn exchanges() -> Vec<(Dialect, Exchange)> {
    let mut all = Vec::new();
    for (folder, dialect, path) in [
        ("openai_chat", Dialect::OpenaiChat, "/chat/completions"),
        ("anthropic_messages", Dialect::AnthropicMessages, "/v1/messages"),
        ("bedrock_converse", Dialect::BedrockConverse, "/converse"),
        ("bedrock_converse_stream", Dialect::BedrockConverse, "/converse-stream"),
        ("ollama_chat", Dialect::OllamaChat, "/api/chat"),
    ] {
        let found = recorded::exchanges(folder).into_iter();
        all.extend(
            found.filter(|exchange| exchange.path.ends_with(path)).map(|exchange| (dialect, exchange)),
        );
    }
    all
}

fn target(dialect: Dialect) -> Target {
    let facts = ModelFacts { takes_mid_system: true, ..ModelFacts::default() };
    Target { provider: "p".into(), model: "target-model".into(), dialect, facts: facts.into() }
}

fn asked() -> Asked {
    Asked { model: Some("m".into()), stream: Some(false) }
}

fn each_part<'r>(parts: impl Iterator<Item = &'r Part>, see: &mut impl FnMut(&'r PartKind)) {
    for part in parts {
        see(&part.kind);
        if let PartKind::ToolResult { content, .. } = &part.kind {
            each_part(content.iter(), see);
        }
    }
}

/// All words of a request: of the system prompt, the messages and the results of tools.
fn words(request: &Request) -> Vec<&str> {
    let mut words = Vec::new();
    let messages = request.messages.iter().flat_map(|message: &Message| &message.parts);
    each_part(request.system.iter().chain(messages), &mut |kind| {
        if let PartKind::Text(text) = kind {
            words.extend(Some(text.as_str()).filter(|text| !text.trim().is_empty()));
        }
    });
    words
}

/// Names and arguments of all calls.
fn calls<'r>(parts: impl Iterator<Item = &'r Part>) -> Vec<(&'r str, Value)> {
    let mut calls = Vec::new();
    each_part(parts, &mut |kind| {
        if let PartKind::ToolCall { name, arguments, .. } = kind {
            // A call that was cut off is wrapped where the target wants an object.
            let value = serde_json::from_str(arguments).unwrap_or(Value::Null);
            calls.push((name.as_str(), if value.get("arguments").is_some() { Value::Null } else { value }));
        }
    });
    calls
}

#[test]
fn every_request_arrives_in_every_dialect() {
    let mut said = 0;
    for (origin, exchange) in exchanges() {
        let Ok(request) = codec::decode_request(origin, &exchange.request, &asked()) else { continue };
        for dialect in Dialect::ALL {
            let name = format!("{} to {dialect}", exchange.name);
            let mut losses = Losses::default();
            let body = match codec::encode_request(&request, &target(dialect), &mut losses) {
                Ok(body) => body,
                Err(refusal) => {
                    assert_eq!(refusal.kind, Kind::Unsupported, "{name}: {refusal:?}");
                    assert!(refusal.param.is_some(), "{name}: {refusal:?}");
                    continue;
                }
            };
            let back = codec::decode_request(dialect, &body.into(), &asked())
                .unwrap_or_else(|refusal| panic!("{name}: {refusal:?}"));
            let arrived = words(&back).join("\n\n");
            for text in words(&request) {
                assert!(arrived.contains(text), "{name}: {text:?} is not in {arrived:?} ({losses})");
            }
            let parts = |request: &Request| -> Vec<Part> {
                request.messages.iter().flat_map(|message| message.parts.clone()).collect()
            };
            let (given, arrived) = (parts(&request), parts(&back));
            assert_eq!(calls(arrived.iter()), calls(given.iter()), "{name}");
            said += 1;
        }
    }
    assert!(said > 300 || recorded::corpus().is_none());
}

/// What a caller reads of a reply, whatever the dialect. Some must say usage, and say 0 where nothing is known.
fn gist(reply: &Reply) -> (String, Vec<(&str, Value)>, u64) {
    let words = reply.parts.iter().filter_map(|part| match &part.kind {
        PartKind::Text(text) | PartKind::Refusal(text) => Some(text.as_str()),
        _ => None,
    });
    (words.collect(), calls(reply.parts.iter()), reply.usage.unwrap_or_default().total())
}

#[test]
fn every_reply_arrives_in_every_dialect() {
    for (origin, exchange) in exchanges() {
        if exchange.is_stream || !exchange.is_success() {
            continue;
        }
        let Ok(reply) = codec::decode_reply(origin, &exchange.reply) else { continue };
        for dialect in Dialect::ALL {
            let name = format!("{} to {dialect}", exchange.name);
            let body = codec::encode_reply(dialect, &reply, &said(), &mut Losses::default());
            let back =
                codec::decode_reply(dialect, &body).unwrap_or_else(|refusal| panic!("{name}: {refusal:?}"));
            assert_eq!(gist(&back), gist(&reply), "{name}");
        }
    }
}

#[test]
fn every_stream_arrives_in_every_dialect() {
    for (origin, exchange) in exchanges() {
        if !exchange.is_stream || !exchange.is_success() {
            continue;
        }
        let events = streamed::decode(origin, &exchange.reply, &[]);
        if !matches!(events.last(), Some(Event::End)) {
            continue;
        }
        for dialect in Dialect::ALL {
            let name = format!("{} to {dialect}", exchange.name);
            let bytes = streamed::encode(dialect, said(), &events);
            let back = streamed::decode(dialect, &bytes, &[]);
            assert_well_formed(&name, &back);
            assert!(matches!(back.last(), Some(Event::End)), "{name}: {:?}", back.last());
            assert_eq!(gist(&reply_of(&back)), gist(&reply_of(&events)), "{name}");
        }
    }
}
