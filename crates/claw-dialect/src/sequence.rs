//! What every stream of events must hold to, for tests of all decoders; and what a stream says when its rhythm is left out.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use claw_hub::{Delta, Event, PartKind};

/// Asserts the promises of `claw_hub::Event`: one `Start` first, parts that open once in rising index and close once, at most one `Stop`
/// after all of them, and `End` or `Failed` last and only there.
pub(crate) fn assert_well_formed(name: &str, events: &[Event]) {
    let mut open = BTreeSet::new();
    let mut next = 0;
    let mut starts = 0;
    let mut stops = 0;
    for (n, event) in events.iter().enumerate() {
        let is_last = n + 1 == events.len();
        match event {
            Event::Start(_) => {
                starts += 1;
                assert_eq!(next, 0, "{name}: a start after a part");
            }
            Event::Open { index, kind } => {
                assert_eq!((starts, stops), (1, 0), "{name}: a part outside of the reply");
                assert_eq!(*index, next, "{name}: a gap");
                assert_empty(name, kind);
                open.insert(*index);
                next += 1;
            }
            Event::More { index, .. } => assert!(open.contains(index), "{name}: more of a closed part"),
            Event::Close { index } => assert!(open.remove(index), "{name}: closed twice"),
            Event::Stop(_) => {
                stops += 1;
                assert!(open.is_empty(), "{name}: stopped with open parts");
            }
            Event::Usage(_) | Event::Ping => {}
            Event::Failed(_) => assert!(is_last, "{name}: more after the failure"),
            Event::End => {
                assert!(is_last, "{name}: more after the end");
                assert!(open.is_empty(), "{name}: ended with open parts");
                assert_eq!(starts, 1, "{name}: ended without a start");
            }
        }
    }
    assert!(starts <= 1 && stops <= 1, "{name}: {starts} starts, {stops} stops");
    assert!(matches!(events.last(), Some(Event::End | Event::Failed(_))), "{name}: it does not end");
}

fn assert_empty(name: &str, kind: &PartKind) {
    let text = match kind {
        PartKind::Text(text) | PartKind::Refusal(text) => text,
        PartKind::Thinking(thought) => &thought.text,
        PartKind::ToolCall { arguments, .. } => arguments,
        _ => "",
    };
    assert_eq!(text, "", "{name}: a part opens with text");
}

/// What a stream says: each part whole, the last usage, no pings, no ids of parts.
pub(crate) fn gist(events: &[Event]) -> String {
    let mut parts: Vec<(String, [String; 3])> = Vec::new();
    let mut end = String::new();
    let mut usage = String::new();
    for event in events {
        match event {
            Event::Start(start) => end = format!("{start:?}"),
            Event::Open { kind, .. } => parts.push((format!("{kind:?}"), Default::default())),
            Event::More { index, delta } => {
                let [words, signature, refusal] = &mut parts[*index].1;
                match delta {
                    Delta::Text(text) | Delta::Thinking(text) | Delta::Arguments(text) => {
                        words.push_str(text);
                    }
                    Delta::Signature(text) => signature.push_str(text),
                    Delta::Refusal(text) => refusal.push_str(text),
                }
            }
            Event::Usage(said) => usage = format!("{said:?}"),
            Event::Stop(stop) => write!(end, " {stop:?}").unwrap(),
            Event::Failed(refusal) => write!(end, " {refusal:?}").unwrap(),
            Event::End => end.push_str(" end"),
            Event::Close { .. } | Event::Ping => {}
        }
    }
    format!("{parts:#?} {usage} {end}")
}
