//! What the real APIs answered to recorded requests: the simulator must accept what they accepted, and refuse in the
//! same words what they refused. It must not know replies.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::{Answer, Peer};
use crate::specs;

/// A recorded request and its answer.
struct Exchange {
    file: String,
    request: Value,
    response: Value,
}

impl Exchange {
    fn status(&self) -> u64 {
        self.response["status"].as_u64().unwrap_or(200)
    }

    async fn replay(&self) -> Answer {
        let mut peer = Peer::new();
        for name in ["anthropic-version", "anthropic-beta"] {
            if let Some(value) = self.request["headers"][name].as_str() {
                peer = peer.header(name, value);
            }
        }
        if self.file.starts_with("anthropic_messages")
            && self.request["headers"]["anthropic-version"].is_null()
        {
            peer = peer.header("anthropic-version", "2023-06-01");
        }
        peer.post(self.request["path"].as_str().expect("a path"), &self.request["body"]).await
    }

    /// Signed thinking is signed by another; elided images are none; the other vendors of OpenAI's dialect are another
    /// matter; and Titan alone takes two user messages in a row.
    fn is_comparable(&self) -> bool {
        let body = self.request["body"].to_string();
        let is_simulated = ["/v1/chat/completions", "/v1/messages", "/v1/messages/count_tokens", "/api/chat"];
        let path = self.request["path"].as_str().unwrap_or_default();
        let is_ours =
            is_simulated.contains(&path) || (path.starts_with("/model/") && path.contains("/converse"));
        let is_foreign = body.contains("\"provider\"") || body.contains("enable_thinking");
        let has_reasons = body.contains("\"signature\"")
            || body.contains("\"redacted")
            || body.contains("<<elided")
            || path.contains("titan-text-express");
        is_ours && !is_foreign && !has_reasons && self.request["body"].is_object()
    }
}

fn exchanges() -> Vec<Exchange> {
    let Some(fixtures) = specs::folder().map(|specs| specs.join("../fixtures")) else { return Vec::new() };
    let dialects =
        ["anthropic_messages", "openai_chat", "bedrock_converse", "bedrock_converse_stream", "ollama_chat"];
    let mut exchanges = Vec::new();
    for file in dialects.iter().flat_map(|dialect| files(&fixtures.join(dialect))) {
        let text = std::fs::read_to_string(&file).expect("a readable file");
        let Ok(fixture) = serde_json::from_str::<Value>(&text) else { continue };
        let name = file.strip_prefix(&fixtures).expect("a fixture").display().to_string();
        for exchange in fixture["exchanges"].as_array().into_iter().flatten() {
            exchanges.push(Exchange {
                file: name.clone(),
                request: exchange["request"].clone(),
                response: exchange["response"].clone(),
            });
        }
    }
    assert!(exchanges.len() > 100, "the fixtures are there");
    exchanges
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let features = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let files = features.flat_map(|feature| std::fs::read_dir(feature).expect("a folder"));
    let mut files: Vec<_> = files.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

#[tokio::test(start_paused = true)]
async fn what_the_real_apis_accepted_is_accepted() {
    let exchanges = exchanges();
    let accepted: Vec<_> =
        exchanges.iter().filter(|one| one.status() == 200 && one.is_comparable()).collect();
    let mut refused = Vec::new();
    for exchange in &accepted {
        let answer = exchange.replay().await;
        if answer.status != 200 {
            refused.push(format!("{}: {}", exchange.file, answer.text()));
        }
    }
    assert!(refused.is_empty(), "{} of {}:\n{}", refused.len(), accepted.len(), refused.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn what_the_real_apis_refused_is_refused_in_the_same_words() {
    let files = [
        "anthropic_messages/error/rig__error_identity_edge-validation_error_carries_identity.json",
        "openai_chat/error/envoy__chat-bad-request.json",
        "openai_chat/error/rig__error_identity_edge-chat_completions_validation_error_carries_identity.json",
        "openai_chat/reasoning/pyd__test_openai_o1_mini_system_role_system.json",
        "bedrock_converse_stream/error/opencode__bedrock_missing_parallel_tool_result.json",
    ];
    let exchanges = exchanges();
    let refused: Vec<_> = exchanges.iter().filter(|one| files.contains(&one.file.as_str())).collect();
    assert!(exchanges.is_empty() || refused.len() == files.len(), "every file is there");
    for exchange in refused {
        let answer = exchange.replay().await;
        assert_eq!(u64::from(answer.status), exchange.status(), "{}", exchange.file);
        let (mut said, mut recorded) = (answer.json(), exchange.response["body"].clone());
        for body in [&mut said, &mut recorded] {
            body.as_object_mut().expect("an object").shift_remove("request_id");
        }
        assert_eq!(said, recorded, "{}", exchange.file);
    }
}
