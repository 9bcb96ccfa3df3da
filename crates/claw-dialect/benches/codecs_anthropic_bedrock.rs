//! What the codecs of Anthropic Messages and Bedrock Converse cost a core: a request of an agent, a reply, and the events of a stream.

use std::hint::black_box;

use bytes::Bytes;
use claw_dialect::{Asked, Framer, Said, StreamDecoder, StreamEncoder, codec};
use claw_hub::{Delta, Dialect, Event, Losses, PartKind, Refusal, Request, Start, Stop, Target, Usage};
use criterion::{Criterion, Throughput};

const DIALECTS: [Dialect; 2] = [Dialect::AnthropicMessages, Dialect::BedrockConverse];
const EVENTS: u64 = 50;
const TURNS: usize = 20;

/// An agent's request: a system prompt, tools, and a long conversation of calls and results.
fn request(dialect: Dialect) -> Bytes {
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(20);
    let mut turns = Vec::new();
    for n in 0..TURNS {
        turns.push(match dialect {
            Dialect::BedrockConverse => format!(
                r#"{{"role":"user","content":[{{"text":"{text}"}}]}},{{"role":"assistant","content":[{{"toolUse":{{"toolUseId":"t{n}","name":"read","input":{{"path":"{n}"}}}}}}]}},{{"role":"user","content":[{{"toolResult":{{"toolUseId":"t{n}","content":[{{"text":"{text}"}}]}}}}]}},{{"role":"assistant","content":[{{"text":"ok"}}]}}"#
            ),
            _ => format!(
                r#"{{"role":"user","content":"{text}"}},{{"role":"assistant","content":[{{"type":"tool_use","id":"t{n}","name":"read","input":{{"path":"{n}"}}}}]}},{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"t{n}","content":"{text}"}}]}},{{"role":"assistant","content":"ok"}}"#
            ),
        });
    }
    let turns = turns.join(",");
    let body = match dialect {
        Dialect::BedrockConverse => format!(
            r#"{{"system":[{{"text":"{text}"}}],"inferenceConfig":{{"maxTokens":1000}},"toolConfig":{{"tools":[{{"toolSpec":{{"name":"read","inputSchema":{{"json":{{"type":"object"}}}}}}}}]}},"messages":[{turns}]}}"#
        ),
        _ => format!(
            r#"{{"model":"claude-x","max_tokens":1000,"system":"{text}","tools":[{{"name":"read","input_schema":{{"type":"object"}}}}],"messages":[{turns}]}}"#
        ),
    };
    body.into()
}

fn target(dialect: Dialect) -> Target {
    Target {
        provider: "p".into(),
        model: "anthropic.claude-x".into(),
        dialect,
        facts: std::sync::Arc::default(),
    }
}

fn events() -> Vec<Event> {
    let mut events = vec![
        Event::Start(Start::default()),
        Event::Usage(Usage::default()),
        Event::Open { index: 0, kind: PartKind::Text(String::new()) },
    ];
    events
        .extend((0..EVENTS).map(|_| Event::More { index: 0, delta: Delta::Text("a few words ".to_owned()) }));
    events.extend([Event::Close { index: 0 }, Event::Stop(Stop::EndTurn), Event::End]);
    events
}

fn stream(dialect: Dialect, events: &[Event]) -> Vec<u8> {
    let mut encoder = StreamEncoder::new(dialect, Said::default());
    let mut out = Vec::with_capacity(16 * 1024);
    for event in events {
        encoder.event(event, &mut out);
    }
    out
}

fn read(dialect: Dialect, bytes: &[u8]) -> usize {
    let mut framer = Framer::new(dialect);
    let mut decoder = StreamDecoder::new(dialect);
    let mut out = Vec::new();
    framer.push(bytes);
    while let Ok(Some(frame)) = framer.next_frame() {
        decoder.frame(&frame, &mut out);
    }
    decoder.finish(&mut out);
    out.len()
}

fn codecs(criterion: &mut Criterion) -> Result<(), Refusal> {
    let asked = Asked { model: Some("anthropic.claude-x".to_owned()), stream: Some(true) };
    for dialect in DIALECTS {
        let mut group = criterion.benchmark_group(dialect.name());
        let body = request(dialect);
        let read_request = || codec::decode_request(dialect, &body, &asked);
        let asked: Request = read_request()?;
        group.throughput(Throughput::Bytes(body.len() as u64));
        group.bench_function("decode a request", |bencher| bencher.iter(|| black_box(read_request())));
        for to in DIALECTS {
            let target = target(to);
            group.bench_function(format!("encode it for {to}"), |bencher| {
                bencher.iter(|| black_box(codec::encode_request(&asked, &target, &mut Losses::default())));
            });
        }
        let events = events();
        let bytes = stream(dialect, &events);
        group.throughput(Throughput::Elements(EVENTS));
        group.bench_function("encode a stream", |bencher| {
            bencher.iter(|| black_box(stream(dialect, &events)));
        });
        group.bench_function("decode a stream", |bencher| bencher.iter(|| black_box(read(dialect, &bytes))));
        group.finish();
    }
    Ok(())
}

fn main() -> Result<(), Refusal> {
    let mut criterion = Criterion::default().configure_from_args();
    codecs(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}
