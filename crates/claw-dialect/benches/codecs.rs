//! What framing and OpenAI's codec cost: `cargo bench -p claw-dialect --bench codecs`.

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use claw_dialect::codec::{self, encode_request};
use claw_dialect::frame::encode_event_stream;
use claw_dialect::{Asked, Framer, Said, StreamDecoder, StreamEncoder};
use claw_hub::{Dialect, Event, Losses, ModelFacts, Target};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// Events of one streamed reply.
const EVENTS: usize = 500;
/// What one read from a socket brings.
const READ_BYTES: usize = 4096;

fn chunk(n: usize) -> String {
    format!(
        r#"{{"id":"chatcmpl-9","object":"chat.completion.chunk","created":1700000000,"model":"gpt-x","service_tier":"default","system_fingerprint":"fp_1","choices":[{{"index":0,"delta":{{"content":" word{n}"}},"logprobs":null,"finish_reason":null}}],"usage":null,"obfuscation":"aB3"}}"#
    )
}

fn openai_stream() -> Vec<u8> {
    let mut out: String = (0..EVENTS).map(|n| format!("data: {}\n\n", chunk(n))).collect();
    out.push_str(
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
    );
    out.into_bytes()
}

fn lines() -> Vec<u8> {
    (0..EVENTS).map(|n| format!("{}\n", chunk(n))).collect::<String>().into_bytes()
}

fn messages() -> Vec<u8> {
    let mut out = Vec::new();
    let headers = [
        (":event-type", "contentBlockDelta"),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    (0..EVENTS).for_each(|n| encode_event_stream(&headers, chunk(n).as_bytes(), &mut out));
    out
}

/// Reads all frames of a stream that comes in pieces; gives back how many there are.
fn frame(dialect: Dialect, bytes: &[u8]) -> usize {
    let mut framer = Framer::new(dialect);
    let mut found = 0;
    for piece in bytes.chunks(READ_BYTES) {
        framer.push(piece);
        while let Ok(Some(frame)) = framer.next_frame() {
            black_box(frame);
            found += 1;
        }
    }
    found
}

fn decode(bytes: &[u8]) -> Vec<Event> {
    let mut framer = Framer::new(Dialect::OpenaiChat);
    let mut decoder = StreamDecoder::new(Dialect::OpenaiChat);
    let mut events = Vec::new();
    for piece in bytes.chunks(READ_BYTES) {
        framer.push(piece);
        while let Ok(Some(frame)) = framer.next_frame() {
            decoder.frame(&frame, &mut events);
        }
    }
    decoder.finish(&mut events);
    events
}

/// A request of about that size: a system prompt, a tool, and turns of words with quotes and line ends in them.
fn request(bytes: usize) -> Bytes {
    let head = r#"{"model":"gpt-x","temperature":0.7,"stream":true,"stream_options":{"include_usage":true},"tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}],"messages":[{"role":"system","content":"You are brief."}"#;
    let turn = r#","#.to_owned()
        + r#"{"role":"user","content":"Tell me \"why\" the sky is blue.\nAnd why it is red in the evening, in plain words, please."},"#
        + r#"{"role":"assistant","content":"Because of the air: it scatters blue light more than red light.\n\nIn the evening the way through it is long."}"#;
    let mut body = head.to_owned();
    while body.len() + turn.len() < bytes {
        body.push_str(&turn);
    }
    body.push_str("]}");
    body.into()
}

fn frames(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("frames");
    for (name, dialect, bytes) in [
        ("sse", Dialect::OpenaiChat, openai_stream()),
        ("lines", Dialect::OllamaChat, lines()),
        ("event_stream", Dialect::BedrockConverse, messages()),
    ] {
        assert!(frame(dialect, &bytes) >= EVENTS);
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| frame(dialect, black_box(&bytes))));
    }
    group.finish();
}

fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("openai_request");
    let target = Target {
        provider: "p".into(),
        model: "gpt-x".into(),
        dialect: Dialect::OpenaiChat,
        facts: Arc::new(ModelFacts::default()),
    };
    for (name, bytes) in [("600B", 600), ("64KB", 64 * 1024), ("400KB", 400 * 1024)] {
        let body = request(bytes);
        let asked = Asked::default();
        let decoded = codec::decode_request(Dialect::OpenaiChat, &body, &asked);
        assert!(decoded.is_ok());
        let Ok(decoded) = decoded else { continue };
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function(format!("decode_{name}"), |bencher| {
            bencher.iter(|| codec::decode_request(Dialect::OpenaiChat, black_box(&body), &asked));
        });
        group.bench_function(format!("encode_{name}"), |bencher| {
            bencher.iter(|| encode_request(black_box(&decoded), &target, &mut Losses::default()));
        });
    }
    group.finish();
}

fn streams(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("openai_stream");
    let bytes = openai_stream();
    let events = decode(&bytes);
    assert!(matches!(events.last(), Some(Event::End)));
    group.throughput(Throughput::Elements(EVENTS as u64));
    group.bench_function("frame_and_decode", |bencher| bencher.iter(|| decode(black_box(&bytes))));
    group.bench_function("encode", |bencher| {
        bencher.iter(|| {
            let mut encoder = StreamEncoder::new(Dialect::OpenaiChat, Said::default());
            let mut out = Vec::with_capacity(256 * 1024);
            black_box(&events).iter().for_each(|event| encoder.event(event, &mut out));
            out
        });
    });
    group.finish();
}

criterion_group!(benches, frames, requests, streams);
criterion_main!(benches);
