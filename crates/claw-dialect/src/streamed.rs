//! Streams in tests: read from bytes and written to bytes, made from whole replies and back.

use claw_hub::{Delta, Dialect, Event, Part, PartKind, Reply, Start, Stop, Thought};

use crate::frame::Framer;
use crate::{Said, StreamDecoder, StreamEncoder};

/// What a test's gateway says of a reply.
pub(crate) fn said() -> Said {
    Said {
        request_id: "01J".into(),
        model: "model-said".into(),
        created_unix_s: 1_700_000_000,
        include_usage: true,
    }
}

/// Reads a stream whose bytes arrive in the pieces that `cuts` makes.
pub(crate) fn decode(dialect: Dialect, bytes: &[u8], cuts: &[usize]) -> Vec<Event> {
    let mut framer = Framer::new(dialect);
    let mut decoder = StreamDecoder::new(dialect);
    let mut out = Vec::new();
    let mut start = 0;
    for end in cuts.iter().copied().chain([bytes.len()]) {
        framer.push(&bytes[start..end]);
        start = end;
        while let Ok(Some(frame)) = framer.next_frame() {
            decoder.frame(&frame, &mut out);
        }
    }
    if let Some(frame) = framer.finish() {
        decoder.frame(&frame, &mut out);
    }
    decoder.finish(&mut out);
    out
}

/// Writes a stream.
pub(crate) fn encode(dialect: Dialect, said: Said, events: &[Event]) -> Vec<u8> {
    let mut encoder = StreamEncoder::new(dialect, said);
    let mut out = Vec::new();
    for event in events {
        encoder.event(event, &mut out);
    }
    out
}

/// The events as text, for comparing; pings are left out, because they say nothing.
pub(crate) fn told(events: &[Event]) -> Vec<String> {
    let told = events.iter().filter(|event| !matches!(event, Event::Ping));
    told.map(|event| format!("{event:?}")).collect()
}

/// The events that a stream of this reply has, each text in two pieces.
pub(crate) fn events_of(reply: &Reply) -> Vec<Event> {
    let mut out = vec![Event::Start(Start { id: reply.id.clone(), model: reply.model.clone() })];
    for (index, part) in reply.parts.iter().enumerate() {
        let mut deltas = Vec::new();
        let kind = match &part.kind {
            PartKind::Text(text) => {
                deltas.extend(halves(text).map(Delta::Text));
                PartKind::Text(String::new())
            }
            PartKind::Refusal(text) => {
                deltas.extend(halves(text).map(Delta::Refusal));
                PartKind::Refusal(String::new())
            }
            PartKind::Thinking(thought) => {
                deltas.extend(halves(&thought.text).map(Delta::Thinking));
                deltas.extend(thought.signature.clone().map(Delta::Signature));
                let redacted = thought.redacted.clone();
                PartKind::Thinking(Thought { text: String::new(), signature: None, redacted })
            }
            PartKind::ToolCall { id, name, arguments } => {
                deltas.extend(halves(arguments).map(Delta::Arguments));
                PartKind::ToolCall { id: id.clone(), name: name.clone(), arguments: String::new() }
            }
            other => other.clone(),
        };
        out.push(Event::Open { index, kind });
        out.extend(deltas.into_iter().map(|delta| Event::More { index, delta }));
        out.push(Event::Close { index });
    }
    out.push(Event::Stop(reply.stop.clone()));
    out.extend(reply.usage.map(Event::Usage));
    out.push(Event::End);
    out
}

fn halves(text: &str) -> impl Iterator<Item = String> {
    let (first, second) = text.split_at(text.floor_char_boundary(text.len() / 2));
    [first.to_owned(), second.to_owned()].into_iter().filter(|half| !half.is_empty())
}

/// The reply that a whole stream said.
pub(crate) fn reply_of(events: &[Event]) -> Reply {
    let mut reply = Reply {
        id: String::new(),
        model: String::new(),
        parts: Vec::new(),
        stop: Stop::Other("none".into()),
        usage: None,
    };
    for event in events {
        match event {
            Event::Start(start) => (reply.id, reply.model) = (start.id.clone(), start.model.clone()),
            Event::Open { kind, .. } => reply.parts.push(kind.clone().into()),
            Event::More { index, delta } => add(&mut reply.parts[*index], delta),
            Event::Stop(stop) => reply.stop = stop.clone(),
            Event::Usage(usage) => reply.usage = Some(*usage),
            Event::Failed(refusal) => panic!("{refusal:?}"),
            Event::Close { .. } | Event::Ping | Event::End => {}
        }
    }
    reply
}

fn add(part: &mut Part, delta: &Delta) {
    match (&mut part.kind, delta) {
        (PartKind::Text(text), Delta::Text(more))
        | (PartKind::Refusal(text), Delta::Refusal(more))
        | (PartKind::ToolCall { arguments: text, .. }, Delta::Arguments(more)) => text.push_str(more),
        (PartKind::Thinking(thought), Delta::Thinking(more)) => thought.text.push_str(more),
        (PartKind::Thinking(thought), Delta::Signature(more)) => {
            thought.signature.get_or_insert_default().push_str(more);
        }
        (kind, delta) => panic!("{delta:?} does not belong to {kind:?}"),
    }
}
