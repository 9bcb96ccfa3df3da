//! What real clients and servers said: nothing is refused, nothing gets lost.

use claw_hub::{Dialect, Event, Losses};
use serde_json::{Value, json};

use super::super::{refusal, reply};
use super::{again, decode, encode};
use crate::recorded::{self, Exchange};
use crate::sequence::{assert_well_formed, gist};
use crate::streamed::{self, said, told};

fn exchanges() -> Vec<Exchange> {
    let mut all = recorded::exchanges("ollama_chat");
    all.extend(recorded::exchanges("clients"));
    all.extend(
        recorded::exchanges("synthetic").into_iter().filter(|exchange| exchange.name.contains("/ollama_")),
    );
    all.retain(|exchange| exchange.path.ends_with("/api/chat") || exchange.name.contains("/ollama_"));
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
        assert_eq!(again(&request), request, "{name}");
    }
}

#[test]
fn no_field_of_a_request_is_lost_when_it_is_written_again() {
    for (name, body) in requests() {
        let mut request = decode(&body);
        request.model = "m".into();
        let (mut written, _) = encode(&request);
        let mut original: Value = serde_json::from_str(&body).unwrap();
        normalise(&mut original);
        normalise(&mut written);
        assert_eq!(written, original, "{name}");
    }
}

/// Makes what means the same equal: what is empty or not said, and the type of a call, which has only one.
fn normalise(body: &mut Value) {
    body["model"] = json!("m");
    body["stream"] = json!(body["stream"] != json!(false));
    for list in ["tools", "options", "format"] {
        if [json!([]), json!({}), json!("")].contains(&body[list]) {
            body[list] = Value::Null;
        }
    }
    body.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    for message in body["messages"].as_array_mut().unwrap() {
        message.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        for call in message.get_mut("tool_calls").and_then(Value::as_array_mut).into_iter().flatten() {
            call.as_object_mut().unwrap().remove("type");
        }
    }
}

#[test]
fn a_request_is_forwarded_with_another_model() {
    for (name, body) in requests() {
        let sent = crate::forward(&decode(&body), &super::target(Default::default())).unwrap();
        let sent: Value = serde_json::from_slice(&sent).unwrap();
        let mut expected: Value = serde_json::from_str(&body).unwrap();
        expected["model"] = json!("target-model");
        assert_eq!(sent, expected, "{name}");
    }
}

#[test]
fn every_reply_is_read_and_stays_the_same_when_written_again() {
    for exchange in exchanges().iter().filter(|exchange| exchange.is_success() && !exchange.is_stream) {
        let (name, body) = (&exchange.name, &exchange.reply);
        if body.is_empty() {
            continue;
        }
        let reply = reply::decode(body).unwrap_or_else(|refusal| panic!("{name}: {refusal:?}"));
        assert!(!reply.model.is_empty() && reply.usage.is_some(), "{name}");
        let mut losses = Losses::default();
        let written = reply::encode(&reply, &said(), &mut losses);
        assert!(losses.is_empty(), "{name}: {losses}");
        assert_eq!(reply::decode(&written).unwrap(), reply, "{name}");
    }
}

fn streams() -> Vec<Exchange> {
    exchanges().into_iter().filter(|exchange| exchange.is_stream && exchange.is_success()).collect()
}

#[test]
fn every_stream_gives_the_same_events_whatever_the_cut() {
    for exchange in streams() {
        let (name, bytes) = (&exchange.name, &exchange.reply[..]);
        let whole = streamed::decode(Dialect::OllamaChat, bytes, &[]);
        assert_well_formed(name, &whole);
        assert_eq!(matches!(whole.last(), Some(Event::Failed(_))), name.contains("error_line"), "{name}");
        for cut in (0..bytes.len()).step_by((bytes.len() / 31).max(1)) {
            assert_eq!(
                told(&streamed::decode(Dialect::OllamaChat, bytes, &[cut])),
                told(&whole),
                "{name} at {cut}"
            );
            if cut + 2 < bytes.len() {
                let events = streamed::decode(Dialect::OllamaChat, &bytes[..cut], &[]);
                assert!(matches!(events.last(), Some(Event::Failed(_))), "{name} cut off at {cut}");
            }
        }
    }
}

#[test]
fn every_stream_says_the_same_when_written_again() {
    for exchange in streams() {
        let events = streamed::decode(Dialect::OllamaChat, &exchange.reply, &[]);
        if matches!(events.last(), Some(Event::Failed(_))) {
            continue;
        }
        let written = streamed::encode(Dialect::OllamaChat, said(), &events);
        let back = streamed::decode(Dialect::OllamaChat, &written, &[]);
        assert_eq!(gist(&back), gist(&events), "{}", exchange.name);
    }
}

#[test]
fn every_error_is_read() {
    for exchange in exchanges().iter().filter(|exchange| exchange.status >= 400) {
        let refusal = refusal::decode(exchange.status, &|name| exchange.header(name), &exchange.reply);
        assert!(refusal.message.contains("not found"), "{}: {refusal:?}", exchange.name);
        assert_eq!(refusal.kind, claw_hub::Kind::NoSuchModel, "{}", exchange.name);
    }
}
