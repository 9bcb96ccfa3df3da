//! A client that goes away cancels the provider's call, and what was used until then is recorded. A provider that dies is said to the client.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use claw_ledger::Ending;
use claw_simulator::Ended;

use crate::client::{self, connect, post};
use crate::running::{Gateway, KEY, Simulated, configuration};

#[test]
fn a_client_that_leaves_in_mid_stream_cancels_the_providers_call() {
    let simulated = Simulated::start();
    let gateway = Gateway::start(&configuration(simulated.address, "", ""));
    let models = ["openai/gpt-sim", "anthropic/claude-sim", "bedrock/claude-sim", "ollama/llama-sim"];
    for (number, model) in models.into_iter().enumerate() {
        simulated.simulator.clear();
        let body = client::chat(&format!("{model}~gap=50ms~events=500"), true);
        let mut stream = connect(gateway.public);
        stream
            .write_all(&post(
                "/v1/chat/completions",
                &[("authorization", &format!("Bearer {KEY}"))],
                body.as_bytes(),
            ))
            .unwrap();
        let mut piece = [0; 4096];
        let mut seen = 0;
        while seen < 2_000 {
            let read = stream.read(&mut piece).unwrap();
            assert!(read > 0, "{model}: the stream ended early");
            seen += read;
        }
        drop(stream);
        let left = Instant::now();
        simulated.until("the provider sees its connection closed", |log| {
            log.iter().any(|seen| seen.ended == Ended::ClientClosed)
        });
        let noticed = left.elapsed();
        assert!(noticed < Duration::from_secs(1), "{model}: it took {noticed:?}");
        let records = gateway.records(number + 1);
        let record = records.iter().max_by_key(|record| record.opening.opened_at_ms).unwrap();
        assert_eq!(record.settlement.ending, Ending::Cancelled, "{model}");
        let usage = record.settlement.usage;
        assert!(usage.output > 0 && usage.estimated, "{model}: {usage:?}");
        println!(
            "{model}: the provider's connection was closed after {noticed:?}; recorded: cancelled, {} output tokens, estimated",
            usage.output
        );
    }
}

#[test]
fn a_provider_that_dies_in_mid_stream_is_said_in_every_dialect() {
    let simulated = Simulated::start();
    let gateway = Gateway::start(&configuration(simulated.address, "", ""));
    let openai = |model: &str| client::chat(model, true);
    let anthropic = |model: &str| {
        format!(
            r#"{{"model":"{model}","max_tokens":50,"stream":true,"messages":[{{"role":"user","content":"hello"}}]}}"#
        )
    };
    for knob in ["cut=3", "error=3"] {
        let doors = [
            ("/v1/chat/completions", openai(&format!("openai/gpt-sim~{knob}")), "data: {\"error\":"),
            ("/v1/chat/completions", openai(&format!("anthropic/claude-sim~{knob}")), "data: {\"error\":"),
            ("/v1/messages", anthropic(&format!("anthropic/claude-sim~{knob}")), "event: error"),
            ("/v1/messages", anthropic(&format!("bedrock/claude-sim~{knob}")), "event: error"),
            ("/api/v1/chat", openai(&format!("ollama/llama-sim~{knob}")), "event: error"),
            ("/api/ollama/api/chat", openai(&format!("llama-sim~{knob}")), "{\"error\":"),
        ];
        for (path, body, expected) in doors {
            let response = gateway.post(path, &body);
            assert_eq!(response.status, 200, "{path} {body}: {}", response.body);
            assert!(response.body.contains(expected), "{path} {body}: {}", response.body);
            assert!(
                !response.body.contains("[DONE]") && !response.body.contains("message_stop"),
                "{path}: a false end"
            );
        }
        let body = r#"{"messages":[{"role":"user","content":[{"text":"hello"}]}]}"#;
        let path = format!("/api/bedrock/model/claude-sim~{knob}/converse-stream");
        let response = gateway.post(&path, body);
        assert!(response.body.contains(":exception-type"), "{knob}: {:?}", response.body);
    }
    let records = gateway.records(14);
    assert!(records.iter().all(|record| record.settlement.ending == Ending::Failed));
}
