//! The recorded corpus.

use bytes::Bytes;
use claw_hub::{Event, Losses, ModelFacts, Part, PartKind, Request, ThinkingStyle};

use super::{bytes, events, frames, said, target};
use crate::codec::Asked;
use crate::recorded::{Exchange, corpus, exchanges};
use crate::sequence::{assert_well_formed, gist};

/// Its last brace was lost when it was recorded.
const NOT_JSON: &str = "bedrock_converse/params/pyd__test_bedrock_model_other_parameters.json";

fn recorded() -> Vec<Exchange> {
    let mut all = exchanges("bedrock_converse");
    all.extend(exchanges("bedrock_converse_stream"));
    let others = exchanges("synthetic").into_iter().chain(exchanges("clients"));
    all.extend(others.filter(|exchange| {
        exchange.name.starts_with("synthetic/bedrock_converse") || exchange.name.starts_with("clients/boto3")
    }));
    all
}

/// The model and whether to stream, as the path says them; `None` for other operations.
fn asked(exchange: &Exchange) -> Option<Asked> {
    let (model, operation) = exchange.path.strip_prefix("/model/")?.rsplit_once('/')?;
    let model = model.replace("%3A", ":").replace("%2F", "/").replace("%3a", ":");
    let stream = match operation {
        "converse" => false,
        "converse-stream" => true,
        _ => return None,
    };
    Some(Asked { model: Some(model), stream: Some(stream) })
}

/// Some recordings have lost the type of their answer.
fn is_stream(exchange: &Exchange) -> bool {
    exchange.is_stream || exchange.path.ends_with("/converse-stream")
}

/// The request without the bytes that it came from.
fn bare(mut request: Request) -> Request {
    request.raw = None;
    request
}

/// What Converse would refuse is not sent: blank texts, messages of one role one after the other, calls of tools that are not there.
fn is_changed_on_purpose(request: &Request) -> bool {
    let is_blank = |part: &Part| matches!(&part.kind, PartKind::Text(text) if text.trim().is_empty());
    let blank = request.messages.iter().any(|message| message.parts.iter().any(is_blank));
    let twice = request.messages.windows(2).any(|pair| pair[0].role == pair[1].role);
    let calls = |part: &Part| matches!(&part.kind, PartKind::ToolCall { .. });
    let remembers = request.messages.iter().any(|message| message.parts.iter().any(calls));
    blank || twice || (remembers && request.tools.is_empty())
}

#[test]
fn every_recorded_request_is_read_and_written_again() {
    let (mut seen, mut changed) = (0, 0);
    for exchange in recorded().iter().filter(|exchange| !exchange.name.starts_with(NOT_JSON)) {
        let Some(asked) = asked(exchange) else { continue };
        let request = super::super::request::decode(&exchange.request, &asked)
            .unwrap_or_else(|refusal| panic!("{}: {refusal}", exchange.name));
        let mut losses = Losses::default();
        let mut facts = ModelFacts::default();
        if exchange.request.windows(8).any(|text| text == b"adaptive") {
            facts.thinking = ThinkingStyle::Adaptive;
        }
        let body = super::super::request::encode(&request, &target(&request.model, facts), &mut losses)
            .unwrap_or_else(|refusal| panic!("{}: {refusal}", exchange.name));
        let again = super::super::request::decode(&Bytes::from(body), &asked).unwrap();
        if is_changed_on_purpose(&request) {
            changed += 1;
        } else {
            assert_eq!(bare(request), bare(again), "{}", exchange.name);
            assert!(losses.is_empty(), "{}: {losses}", exchange.name);
        }
        seen += 1;
    }
    assert!(corpus().is_none() || (seen > 75 && changed < 5), "{seen} {changed}");
}

#[test]
fn every_recorded_reply_is_read_and_written_again() {
    let mut seen = 0;
    for exchange in recorded().iter().filter(|exchange| exchange.is_success() && !is_stream(exchange)) {
        if asked(exchange).is_none() || exchange.reply.is_empty() {
            continue;
        }
        let reply = super::super::reply::decode(&exchange.reply)
            .unwrap_or_else(|refusal| panic!("{}: {refusal}", exchange.name));
        let mut losses = Losses::default();
        let body = super::super::reply::encode(&reply, &said(), &mut losses);
        assert_eq!(reply, super::super::reply::decode(&body).unwrap(), "{}", exchange.name);
        assert!(losses.is_empty(), "{}: {losses}", exchange.name);
        seen += 1;
    }
    assert!(corpus().is_none() || seen > 45, "{seen}");
}

fn streams() -> Vec<Exchange> {
    let is_sound = |exchange: &Exchange| {
        exchange.is_success() && is_stream(exchange) && !exchange.name.contains("bad_crc")
    };
    recorded().into_iter().filter(is_sound).collect()
}

#[test]
fn every_recorded_stream_is_read_and_written_again() {
    let streams = streams();
    for exchange in &streams {
        let read = events(&exchange.reply);
        assert_well_formed(&exchange.name, &read);
        let must_fail = exchange.name.starts_with("synthetic/");
        assert_eq!(matches!(read.last(), Some(Event::Failed(_))), must_fail, "{}: {read:?}", exchange.name);
        if !must_fail {
            assert_eq!(gist(&read), gist(&events(&bytes(&read))), "{}", exchange.name);
        }
    }
    assert!(corpus().is_none() || streams.len() > 20, "{}", streams.len());
}

#[test]
fn any_cut_of_a_recorded_stream_gives_the_same_frames() {
    for exchange in streams() {
        let whole = frames(&[&exchange.reply]);
        let step = (exchange.reply.len() / 61).max(1);
        for cut in (0..exchange.reply.len()).step_by(step) {
            let (left, right) = exchange.reply.split_at(cut);
            assert!(whole == frames(&[left, right]), "{} cut at {cut}", exchange.name);
        }
    }
}

#[test]
fn every_recorded_error_is_understood() {
    for exchange in recorded().iter().filter(|exchange| exchange.status >= 400) {
        let refusal =
            super::super::refusal::decode(exchange.status, &|name| exchange.header(name), &exchange.reply);
        assert!(!refusal.message.contains("without a reason"), "{}: {refusal}", exchange.name);
    }
}
