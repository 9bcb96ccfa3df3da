//! What real clients and servers said: nothing is refused, nothing gets lost.

use claw_hub::{Dialect, Event, Losses};
use serde_json::{Value, json};

use super::super::{refusal, reply, stream};
use super::{again, decode, encode};
use crate::frame::Framer;
use crate::recorded::{self, Exchange};
use crate::sequence::{assert_well_formed, gist};
use crate::streamed::{self, said, told};

/// Every exchange of this dialect's chat path. `openai_chat` also holds other paths of the same servers.
fn exchanges() -> Vec<Exchange> {
    let mut all = recorded::exchanges("openai_chat");
    all.extend(recorded::exchanges("clients"));
    all.extend(
        recorded::exchanges("synthetic").into_iter().filter(|exchange| exchange.name.contains("/openai_")),
    );
    all.retain(|exchange| {
        let is_other = ["/v1/responses", "/v1/completions", "/v1/models", "openai_responses"];
        exchange.path.contains("chat/completions")
            || (exchange.path.len() <= 1 && !is_other.iter().any(|path| exchange.name.contains(path)))
    });
    all
}

fn requests() -> Vec<(String, String)> {
    let with_body = exchanges().into_iter().filter(|exchange| exchange.request.starts_with(b"{"));
    with_body.map(|exchange| (exchange.name, String::from_utf8(exchange.request.to_vec()).unwrap())).collect()
}

#[test]
fn every_request_is_read_and_stays_the_same_when_written_again() {
    for (name, body) in requests() {
        let mut request = decode(&body);
        request.raw = None;
        request.include_usage = true;
        assert_eq!(again(&request), request, "{name}");
    }
}

#[test]
fn no_field_of_a_request_is_lost_when_it_is_written_again() {
    for (name, body) in requests() {
        let mut request = decode(&body);
        request.model = "target-model".into();
        let (mut written, _) = encode(&request);
        let mut original: Value = serde_json::from_str(&body).unwrap();
        normalise(&mut original);
        normalise(&mut written);
        assert_eq!(written, original, "{name}");
    }
}

/// Makes what means the same equal: see the module's documentation.
fn normalise(body: &mut Value) {
    body["model"] = json!("m");
    if body["stream"] == json!(true) {
        body["stream_options"]["include_usage"] = json!(true);
    }
    let fields = body.as_object_mut().unwrap();
    fields.retain(|key, value| !(value.is_null() || (key == "stream" && *value == json!(false))));
    if let Some(limit) = fields.remove("max_completion_tokens") {
        fields.insert("max_tokens".into(), limit);
    }
    if let Some(text) = fields.get("stop").filter(|stop| stop.is_string()).cloned() {
        fields.insert("stop".into(), json!([text]));
    }
    if fields.get("response_format") == Some(&json!({"type": "text"})) {
        fields.remove("response_format");
    }
    if fields.get("tools") == Some(&json!([])) {
        fields.remove("tools");
    }
    for message in body["messages"].as_array_mut().unwrap() {
        let message = message.as_object_mut().unwrap();
        message.retain(|_, value| !value.is_null());
        if let Some([part]) = message.get("content").and_then(Value::as_array).map(Vec::as_slice)
            && part.as_object().unwrap().len() == 2
            && part["type"] == "text"
        {
            let text = part["text"].clone();
            message.insert("content".into(), text);
        }
    }
}

#[test]
fn a_request_that_streams_can_be_made_to_ask_for_usage() {
    for (name, body) in requests() {
        let request = decode(&body);
        let sent = crate::forward(&request, &super::target(Default::default())).unwrap();
        let sent: Value = serde_json::from_slice(&sent).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut expected: Value = serde_json::from_str(&body).unwrap();
        expected["model"] = json!("target-model");
        if request.stream {
            expected["stream_options"]["include_usage"] = json!(true);
        }
        assert_eq!(sent, expected, "{name}");
    }
}

#[test]
fn every_reply_is_read_and_stays_the_same_when_written_again() {
    for exchange in exchanges().iter().filter(|exchange| exchange.is_success() && !exchange.is_stream) {
        let name = &exchange.name;
        if exchange.reply.is_empty() {
            continue;
        }
        if name.contains("test_prompt_content_filtering.json#0") {
            // An error that was recorded with the status of a success.
            let refusal = reply::decode(&exchange.reply).unwrap_err();
            assert_eq!(refusal.code.as_deref(), Some("content_filter"));
            continue;
        }
        let reply = reply::decode(&exchange.reply).unwrap_or_else(|refusal| panic!("{name}: {refusal:?}"));
        assert!(!reply.id.is_empty() && !reply.model.is_empty(), "{name}");
        assert!(reply.usage.is_some_and(|usage| usage.output > 0 || name.contains("filtering")), "{name}");
        let mut losses = Losses::default();
        let written = super::super::reply::encode(&reply, &said(), &mut losses);
        assert!(losses.is_empty(), "{name}: {losses}");
        assert_eq!(reply::decode(&written).unwrap(), reply, "{name}");
    }
}

#[test]
fn the_totals_of_usage_are_those_of_the_provider() {
    for exchange in exchanges().iter().filter(|exchange| exchange.is_success() && !exchange.is_stream) {
        let Ok(reply) = reply::decode(&exchange.reply) else { continue };
        let recorded: Value = serde_json::from_slice(&exchange.reply).unwrap();
        let usage = reply.usage.unwrap();
        assert_eq!(Some(usage.input()), recorded["usage"]["prompt_tokens"].as_u64(), "{}", exchange.name);
        assert_eq!(Some(usage.total()), recorded["usage"]["total_tokens"].as_u64(), "{}", exchange.name);
    }
}

fn streams() -> Vec<Exchange> {
    exchanges().into_iter().filter(|exchange| exchange.is_stream && exchange.is_success()).collect()
}

#[test]
fn every_stream_gives_the_same_events_whatever_the_cut() {
    for exchange in streams() {
        let (name, bytes) = (&exchange.name, &exchange.reply[..]);
        let whole = streamed::decode(Dialect::OpenaiChat, bytes, &[]);
        assert_well_formed(name, &whole);
        let is_cut = ["error_chunk", "truncated"].iter().any(|word| name.contains(word));
        assert_eq!(matches!(whole.last(), Some(Event::Failed(_))), is_cut, "{name}");
        let step = (bytes.len() / 61).max(1);
        for cut in (0..bytes.len()).step_by(step) {
            assert_eq!(
                told(&streamed::decode(Dialect::OpenaiChat, bytes, &[cut])),
                told(&whole),
                "{name} at {cut}"
            );
        }
    }
}

#[test]
fn every_stream_says_the_same_when_written_again() {
    for exchange in streams() {
        let events = streamed::decode(Dialect::OpenaiChat, &exchange.reply, &[]);
        if matches!(events.last(), Some(Event::Failed(_))) {
            continue;
        }
        let written = streamed::encode(Dialect::OpenaiChat, said(), &events);
        let back = streamed::decode(Dialect::OpenaiChat, &written, &[]);
        assert_eq!(gist(&back), gist(&events), "{}", exchange.name);
    }
}

#[test]
fn a_stream_that_is_cut_off_anywhere_fails_unless_it_was_done() {
    for exchange in streams() {
        let bytes = &exchange.reply;
        let Some(done) = memchr::memmem::find(bytes, b"\"finish_reason\":\"") else { continue };
        for cut in (0..done).step_by((done / 23).max(1)) {
            let events = streamed::decode(Dialect::OpenaiChat, &bytes[..cut], &[]);
            assert_well_formed(&exchange.name, &events);
            assert!(matches!(events.last(), Some(Event::Failed(_))), "{} at {cut}", exchange.name);
        }
    }
}

#[test]
fn the_chunk_that_only_says_usage_is_known_in_every_stream() {
    let mut found = 0;
    for exchange in streams() {
        let mut framer = Framer::new(Dialect::OpenaiChat);
        framer.push(&exchange.reply);
        while let Some(frame) = framer.next_frame().unwrap() {
            let chunk: Value = serde_json::from_slice(&frame.data).unwrap_or_default();
            let is_it = chunk["choices"] == json!([]) && chunk["usage"].is_object();
            assert_eq!(stream::is_usage_chunk(&frame), is_it, "{}", exchange.name);
            found += u32::from(is_it);
        }
    }
    assert!(found > 5 || recorded::corpus().is_none());
}

#[test]
fn every_error_says_whose_fault_it_is() {
    for exchange in exchanges().iter().filter(|exchange| exchange.status >= 400) {
        let header = |name: &str| exchange.header(name);
        let refusal = refusal::decode(exchange.status, &header, &exchange.reply);
        assert!(refusal.message.len() > 8, "{}: {refusal:?}", exchange.name);
        assert_ne!(refusal.kind, claw_hub::Kind::Internal, "{}", exchange.name);
        let is_ours = matches!(exchange.status, 401 | 403);
        assert_eq!(refusal.kind == claw_hub::Kind::ProviderCredential, is_ours, "{}", exchange.name);
    }
}
