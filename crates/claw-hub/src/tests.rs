//! Tests of the hub's small algebra.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use ulid::Ulid;

use super::*;

#[test]
fn input_is_fresh_plus_cached() {
    let usage = Usage {
        input_fresh: 2,
        cache_read: 3,
        cache_write: 5,
        cache_write_1h: 7,
        output: 11,
        reasoning: 4,
        estimated: false,
    };
    assert_eq!(usage.input(), 17);
    assert_eq!(usage.total(), 28);
}

#[test]
fn a_hold_is_released_once_however_it_ends() {
    struct Count(AtomicU32);
    impl Release for Count {
        fn release(&self, _: Ulid) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let count = Arc::new(Count(AtomicU32::new(0)));
    drop(Hold::new(Ulid::nil(), count.clone()));
    assert_eq!(count.0.load(Ordering::Relaxed), 1);
}

#[test]
fn a_secret_is_not_printed() {
    assert_eq!(format!("{:?}", Secret::new("sk-planted")), "Secret(..)");
}

#[test]
fn a_pick_narrows_and_nothing_more() {
    struct Key;
    let target = Target {
        provider: "p".into(),
        model: "m".into(),
        dialect: Dialect::OpenaiChat,
        facts: Arc::default(),
    };
    let proof = Proof::seal(&Key, Permitted::new(Request::new(Dialect::OpenaiChat, "m"), vec![target]));
    assert!(proof.pick(0).is_some());
    assert!(proof.pick(1).is_none());
}

#[test]
fn losses_are_noted_once_and_read_as_a_sentence() {
    let mut losses = Losses::default();
    losses.dropped("seed");
    losses.dropped("seed");
    losses.changed("temperature", "clamped to 1");
    assert_eq!(losses.to_string(), "seed dropped; temperature clamped to 1");
}

#[test]
fn every_text_is_seen() {
    struct Seen(String);
    impl Visit for Seen {
        fn text(&mut self, text: &str) {
            self.0.push_str(text);
        }
        fn opaque(&mut self, json: &Json) {
            self.0.push_str(json.as_str());
        }
    }
    let mut request = Request::new(Dialect::OpenaiChat, "m");
    request.extra.0.push(("x".into(), Json::verbatim("0")));
    request.system.push(Part::text("a"));
    let result =
        PartKind::ToolResult { id: "1".into(), name: None, content: vec![Part::text("b")], is_error: false };
    request.messages.push(Message::new(Role::User, vec![result.into(), Part::text("c")]));
    let mut seen = Seen(String::new());
    request.visit(&mut seen);
    assert_eq!(seen.0, "0abc");
}
