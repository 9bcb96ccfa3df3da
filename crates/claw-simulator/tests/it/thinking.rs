//! Thinking that must come back as it was given out, at the two vendors that sign it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::harness::{Answer, Peer, with};
use crate::{anthropic, bedrock};

fn text(answer: &Answer) -> String {
    assert_eq!(answer.status, 400);
    answer.text()
}

async fn replay(content: &Value) -> Answer {
    let user = json!({ "role": "user", "content": "hello there" });
    let messages = json!([user, { "role": "assistant", "content": content }, user]);
    anthropic::peer().post("/v1/messages", &with(&anthropic::hello(), json!({ "messages": messages }))).await
}

#[tokio::test(start_paused = true)]
async fn anthropic_takes_back_only_what_it_signed() {
    let thinking = json!({ "thinking": { "type": "adaptive" } });
    let reply = anthropic::peer().post("/v1/messages", &with(&anthropic::hello(), thinking)).await.json();
    let content = reply["content"].clone();
    assert_eq!((content[0]["type"].as_str(), content[1]["type"].as_str()), (Some("thinking"), Some("text")));
    assert!(reply["usage"]["output_tokens_details"]["thinking_tokens"].as_u64() > Some(0));
    assert_eq!(replay(&content).await.status, 200);
    let mut changed = content.clone();
    changed[0]["thinking"] = json!(content[0]["thinking"].as_str().unwrap_or_default().to_owned() + ".");
    assert!(
        text(&replay(&changed).await)
            .contains("messages.1.content.0: Invalid `signature` in `thinking` block")
    );
    changed[0].as_object_mut().expect("a block").shift_remove("signature");
    assert!(
        text(&replay(&changed).await).contains("messages.1.content.0.thinking.signature: Field required")
    );
}

#[tokio::test(start_paused = true)]
async fn omitted_thinking_has_a_signature_that_comes_back_too() {
    let thinking = json!({ "thinking": { "type": "adaptive", "display": "omitted" } });
    let reply = anthropic::peer().post("/v1/messages", &with(&anthropic::hello(), thinking)).await.json();
    assert_eq!(reply["content"][0]["thinking"], "");
    assert!(reply["usage"]["output_tokens_details"]["thinking_tokens"].as_u64() > Some(0));
    assert_eq!(replay(&reply["content"]).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_turn_with_tools_must_begin_with_its_thinking() {
    let user = json!({ "role": "user", "content": "hi" });
    let uses = json!({ "role": "assistant", "content": [{ "type": "tool_use", "id": "a", "name": "f", "input": {} }] });
    let result =
        json!({ "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "a", "content": "r" }] });
    let tools = json!([{ "name": "f", "input_schema": { "type": "object" } }]);
    let body = with(&anthropic::hello(), json!({ "tools": tools, "messages": [user, uses, result] }));
    let peer = anthropic::peer();
    assert_eq!(peer.post("/v1/messages", &body).await.status, 200);
    let enabled = with(&body, json!({ "thinking": { "type": "enabled", "budget_tokens": 1024 } }));
    assert!(text(&peer.post("/v1/messages", &enabled).await).contains("must start with a thinking block"));
}

#[tokio::test(start_paused = true)]
async fn bedrock_takes_back_only_what_it_signed() {
    let thinking = json!({ "additionalModelRequestFields": { "thinking": { "type": "enabled", "budget_tokens": 1024 } } });
    let path = "/model/claude-sim/converse";
    let peer = Peer::new();
    let reply = peer.post(path, &with(&bedrock::hello(), thinking)).await.json();
    let message = reply["output"]["message"].clone();
    let user = json!({ "role": "user", "content": [{ "text": "hello there" }] });
    let replay = |message: &Value| with(&bedrock::hello(), json!({ "messages": [user, message, user] }));
    assert_eq!(peer.post(path, &replay(&message)).await.status, 200);
    let mut changed = message.clone();
    changed["content"][0]["reasoningContent"]["reasoningText"]["signature"] = json!("c2ln");
    let answer = peer.post(path, &replay(&changed)).await;
    assert!(text(&answer).contains("Invalid `signature` in `thinking` block"));
}

#[tokio::test(start_paused = true)]
async fn sealed_thinking_comes_back_as_it_was_given_out() {
    let model = "claude-sim~think=1~redact=1";
    let body = with(&anthropic::hello(), json!({ "model": model }));
    let content = anthropic::peer().post("/v1/messages", &body).await.json()["content"].clone();
    assert_eq!(content[0]["type"], "redacted_thinking");
    assert_eq!(replay(&content).await.status, 200);
    let mut changed = content.clone();
    changed[0]["data"] = json!("c2VhbGVk");
    assert!(text(&replay(&changed).await).contains("Invalid `data` in `redacted_thinking` block"));

    let path = format!("/model/{model}/converse");
    let peer = Peer::new();
    let reply = peer.post(&path, &bedrock::hello()).await.json();
    let message = reply["output"]["message"].clone();
    let blob = message["content"][0]["reasoningContent"]["redactedContent"].as_str().expect("a blob");
    let data = STANDARD.decode(blob).expect("base64 around");
    assert!(STANDARD.decode(data).is_ok(), "base64 inside, the same that Anthropic sends");
    let user = json!({ "role": "user", "content": [{ "text": "hello there" }] });
    let again = with(&bedrock::hello(), json!({ "messages": [user, message, user] }));
    assert_eq!(peer.post(&path, &again).await.status, 200);
    let frames = peer.post(&format!("{path}-stream"), &bedrock::hello()).await.frames();
    assert_eq!(frames[1].1["delta"]["reasoningContent"]["redactedContent"], blob);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_said_as_each_vendor_says_it() {
    let body = with(&anthropic::hello(), json!({ "model": "sim~refuse=1", "stream": false }));
    let message = anthropic::peer().post("/v1/messages", &body).await.json();
    assert_eq!(
        (message["stop_reason"].as_str(), message["stop_details"]["type"].as_str()),
        (Some("refusal"), Some("refusal"))
    );
    let choice = Peer::new().post("/v1/chat/completions", &body).await.json()["choices"][0].clone();
    assert_eq!(
        (choice["finish_reason"].as_str(), choice["message"]["content"].is_null()),
        (Some("stop"), true)
    );
    assert!(choice["message"]["refusal"].is_string());
    let reply = Peer::new().post("/model/sim~refuse=1/converse", &bedrock::hello()).await.json();
    assert_eq!(reply["stopReason"], "content_filtered");
    let reply = Peer::new().post("/api/chat", &body).await.json();
    assert_eq!(reply["message"]["content"], choice["message"]["refusal"]);
}
