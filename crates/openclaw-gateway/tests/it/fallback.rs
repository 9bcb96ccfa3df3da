//! When the first target fails, the next one answers, and every call has its own record.

use claw_ledger::Ending;

use crate::client;
use crate::running::{Gateway, Simulated, configuration};

fn models(targets: &[&str]) -> String {
    format!("[models.both]\ntargets = {targets:?}\ndefault = true\n")
}

fn with(targets: &[&str]) -> (Simulated, Gateway) {
    let simulated = Simulated::start();
    let gateway = Gateway::start(&configuration(simulated.address, "", &models(targets)));
    (simulated, gateway)
}

#[test]
fn the_second_target_answers_when_the_first_fails() {
    for broken in [
        "openai/gpt-sim~fail=500",
        "openai/gpt-sim~fail=429",
        "openai/gpt-sim~cut=0",
        "openai/gpt-sim~error=0",
    ] {
        for stream in [false, true] {
            let (_simulated, gateway) = with(&[broken, "anthropic/claude-sim"]);
            let response = gateway.post("/v1/chat/completions", &client::chat("auto", stream));
            assert_eq!(response.status, 200, "{broken} {stream}: {}", response.body);
            assert!(response.body.contains("claude-sim"), "{broken} {stream}: {}", response.body);
            if stream {
                assert!(response.body.ends_with("data: [DONE]\n\n"), "{broken}: {}", response.body);
                assert_eq!(
                    response.body.matches("\"role\":\"assistant\"").count(),
                    1,
                    "{broken}: {}",
                    response.body
                );
            } else {
                assert_eq!(response.headers["x-openclaw-attempts"], "2");
                assert_eq!(response.headers["x-openclaw-provider"], "anthropic");
            }
            let endings: Vec<_> = gateway.records(2).iter().map(|record| record.settlement.ending).collect();
            assert_eq!(endings, [Ending::Failed, Ending::Done], "{broken} {stream}");
        }
    }
}

#[test]
fn after_the_first_content_nobody_else_is_asked() {
    let (simulated, gateway) = with(&["openai/gpt-sim~cut=2", "anthropic/claude-sim"]);
    let response = gateway.post("/v1/chat/completions", &client::chat("both", true));
    assert!(response.body.contains("data: {\"error\":"), "{}", response.body);
    assert_eq!(simulated.simulator.log().len(), 1);
}

#[test]
fn what_is_wrong_with_the_request_is_not_tried_elsewhere() {
    let (simulated, gateway) = with(&["openai/gpt-sim~fail=400", "anthropic/claude-sim"]);
    let response = gateway.post("/v1/chat/completions", &client::chat("both", false));
    assert_eq!(response.status, 400, "{}", response.body);
    assert_eq!(simulated.simulator.log().len(), 1);
}

#[test]
fn losses_are_told_and_refused_when_strict() {
    let (_simulated, gateway) = with(&["anthropic/claude-sim"]);
    let body = r#"{"model":"both","seed":7,"messages":[{"role":"user","content":"hello"}]}"#;
    let told = gateway.post("/v1/chat/completions", body);
    assert_eq!(told.status, 200, "{}", told.body);
    assert!(told.headers["x-openclaw-lossy"].contains("seed"), "{:?}", told.headers);
    let bearer = format!("Bearer {}", crate::running::KEY);
    let headers = [("authorization", bearer.as_str()), ("x-openclaw-strict", "true")];
    let strict =
        client::exchange(gateway.public, &client::post("/v1/chat/completions", &headers, body.as_bytes()));
    assert_eq!(strict.status, 400, "{}", strict.body);
    assert!(strict.body.contains("seed"), "{}", strict.body);
}
