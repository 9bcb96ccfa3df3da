//! The recorded corpus.

use bytes::Bytes;
use claw_hub::{Dialect, Event, Losses, ModelFacts, Request};

use super::{bytes, events, said, target};
use crate::frame::{Frame, Framer};
use crate::recorded::{Exchange, corpus, exchanges};

fn recorded() -> Vec<Exchange> {
    let own = |name: &str| {
        name.starts_with("anthropic_messages/")
            || name.starts_with("synthetic/anthropic_messages")
            || name.starts_with("clients/claude-code")
            || name.starts_with("clients/anthropic")
            || name.contains("openclaw-2026.9.6__anthropic")
    };
    let mut all = Vec::new();
    for folder in ["anthropic_messages", "synthetic", "clients"] {
        all.extend(exchanges(folder).into_iter().filter(|exchange| own(&exchange.name)));
    }
    all
}

fn is_messages(exchange: &Exchange) -> bool {
    exchange.path.is_empty() || exchange.path.contains("/messages")
}

/// The request without the bytes that it came from.
fn bare(mut request: Request) -> Request {
    request.raw = None;
    request
}

#[test]
fn every_recorded_request_is_read_and_written_again() {
    let mut seen = 0;
    for exchange in recorded().iter().filter(|exchange| is_messages(exchange) && !exchange.request.is_empty())
    {
        let request = super::super::request::decode(&exchange.request)
            .unwrap_or_else(|refusal| panic!("{}: {refusal}", exchange.name));
        let mut losses = Losses::default();
        let mut facts = ModelFacts { takes_mid_system: true, ..ModelFacts::default() };
        if exchange.request.windows(8).any(|text| text == b"adaptive") {
            facts.thinking = claw_hub::ThinkingStyle::Adaptive;
        }
        let mut to = target(facts);
        to.model = request.model.as_str().into();
        let body = super::super::request::encode(&request, &to, &mut losses)
            .unwrap_or_else(|refusal| panic!("{}: {refusal}", exchange.name));
        let again = super::super::request::decode(&Bytes::from(body))
            .unwrap_or_else(|refusal| panic!("{}: {refusal}", exchange.name));
        let mut first = bare(request);
        // The dialect requires it, `count_tokens` does not.
        first.sampling.max_tokens = first.sampling.max_tokens.or(Some(4096));
        assert_eq!(first, bare(again), "{}", exchange.name);
        assert!(losses.is_empty(), "{}: {losses}", exchange.name);
        seen += 1;
    }
    assert!(corpus().is_none() || seen > 60, "{seen}");
}

#[test]
fn every_recorded_reply_is_read_and_written_again() {
    let mut seen = 0;
    for exchange in recorded().iter().filter(|exchange| exchange.is_success() && !exchange.is_stream) {
        let is_reply = exchange.reply.windows(9).any(|text| text == b"\"content\"");
        if !is_messages(exchange) || !is_reply {
            continue;
        }
        let reply = super::super::reply::decode(&exchange.reply)
            .unwrap_or_else(|refusal| panic!("{}: {refusal}", exchange.name));
        let mut losses = Losses::default();
        let body = super::super::reply::encode(&reply, &said(), &mut losses);
        let again = super::super::reply::decode(&body).unwrap();
        assert_eq!(reply, again, "{}", exchange.name);
        assert!(losses.is_empty(), "{}: {losses}", exchange.name);
        assert!(reply.usage.is_some_and(|usage| usage.input() > 0), "{}", exchange.name);
        seen += 1;
    }
    assert!(corpus().is_none() || seen > 30, "{seen}");
}

fn streams() -> Vec<Exchange> {
    recorded().into_iter().filter(|exchange| exchange.is_success() && exchange.is_stream).collect()
}

#[test]
fn every_recorded_stream_is_read_and_written_again() {
    let streams = streams();
    for exchange in &streams {
        let read = events(&exchange.reply);
        let text = format!("{read:?}");
        crate::sequence::assert_well_formed(&exchange.name, &read);
        let must_fail = exchange.name.starts_with("synthetic/");
        assert_eq!(matches!(read.last(), Some(Event::Failed(_))), must_fail, "{}: {text}", exchange.name);
        if !must_fail {
            let again = events(&bytes(&read));
            assert_eq!(told(&read), told(&again), "{}", exchange.name);
        }
    }
    assert!(corpus().is_none() || streams.len() > 15, "{}", streams.len());
}

/// What a stream tells, without its rhythm: deltas joined, the last usage, no pings.
fn told(events: &[Event]) -> String {
    crate::sequence::gist(events)
}

#[test]
fn any_cut_of_a_recorded_stream_gives_the_same_events() {
    for exchange in streams() {
        let whole = format!("{:?}", frames(&[&exchange.reply]));
        let step = (exchange.reply.len() / 97).max(1);
        for cut in (0..exchange.reply.len()).step_by(step) {
            let (left, right) = exchange.reply.split_at(cut);
            assert_eq!(whole, format!("{:?}", frames(&[left, right])), "{} cut at {cut}", exchange.name);
        }
    }
}

fn frames(pieces: &[&[u8]]) -> Vec<Frame> {
    let mut framer = Framer::new(Dialect::AnthropicMessages);
    let mut frames = Vec::new();
    for piece in pieces {
        framer.push(piece);
        while let Some(frame) = framer.next_frame().unwrap() {
            frames.push(frame);
        }
    }
    frames
}

#[test]
fn every_recorded_error_is_understood() {
    for exchange in recorded().iter().filter(|exchange| exchange.status >= 400) {
        let refusal =
            super::super::refusal::decode(exchange.status, &|name| exchange.header(name), &exchange.reply);
        assert!(!refusal.message.is_empty(), "{}", exchange.name);
        assert!(refusal.code.is_some(), "{}: {refusal:?}", exchange.name);
    }
}
