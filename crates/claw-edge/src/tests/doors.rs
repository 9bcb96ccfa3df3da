//! Which path is which door.

use std::sync::Arc;

use claw_hub::{Dialect, Kind};
use http::{HeaderMap, HeaderValue, Method};

use crate::{Door, Doors, Surface};

fn doors() -> Doors {
    let providers = [
        ("openai", Dialect::OpenaiChat),
        ("anthropic", Dialect::AnthropicMessages),
        ("bedrock", Dialect::BedrockConverse),
        ("ollama", Dialect::OllamaChat),
    ];
    Doors {
        providers: providers.map(|(name, dialect)| (Arc::from(name), dialect)).into(),
        admin_on_public: false,
    }
}

/// The door as text, or the kind and dialect of the refusal.
fn at(method: &str, path: &str) -> String {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    match doors().find(Surface::Public, &method, path, &HeaderMap::new()) {
        Ok(route) => format!("{} {}", route.dialect, route.pin.as_deref().unwrap_or("-")),
        Err(closed) => format!("{} {}", closed.1.kind.label(), closed.0),
    }
}

#[test]
fn every_door_is_found() {
    for (path, expected) in [
        ("/v1/chat/completions", "openai_chat -"),
        ("/v1/messages", "anthropic_messages -"),
        ("/api/v1/chat", "openclaw_chat -"),
        ("/api/openai/v1/chat/completions", "openai_chat openai"),
        ("/api/anthropic/v1/messages", "anthropic_messages anthropic"),
        ("/api/bedrock/model/us.anthropic.claude-x%3A0/converse-stream", "bedrock_converse bedrock"),
        ("/api/ollama/api/chat", "ollama_chat ollama"),
    ] {
        assert_eq!(at("POST", path), expected, "{path}");
    }
    assert_eq!(at("GET", "/v1/models"), "openai_chat -");
    assert_eq!(at("HEAD", "/health"), "openclaw_chat -");
}

#[test]
fn what_is_in_no_table_is_a_404_in_the_dialect_that_it_looks_like() {
    for (path, expected) in [
        ("/", "no_such_path openclaw_chat"),
        ("/v1/files", "no_such_path openai_chat"),
        ("/v1/messages/batches", "no_such_path anthropic_messages"),
        ("/api/ollama/api/pull", "no_such_path ollama_chat"),
        ("/api/bedrock/model/x/invoke", "no_such_path bedrock_converse"),
        ("/api/openai/v1/files", "no_such_path openai_chat"),
        ("/api/unknown/v1/chat/completions", "no_such_path openclaw_chat"),
        ("/admin/v1/status", "no_such_path openclaw_chat"),
        ("/metrics", "no_such_path openclaw_chat"),
        ("/v1/chat/completions/1/2/3/4/5/6/7/8", "no_such_path openai_chat"),
    ] {
        assert_eq!(at("POST", path), expected, "{path}");
    }
}

#[test]
fn the_wrong_method_is_said() {
    assert_eq!(at("GET", "/v1/chat/completions"), "method_not_allowed openai_chat");
    assert_eq!(at("POST", "/v1/models"), "method_not_allowed openai_chat");
}

#[test]
fn a_model_in_the_path_is_decoded_once() {
    let path = "/api/bedrock/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fx%252F/converse";
    let route = doors().find(Surface::Public, &Method::POST, path, &HeaderMap::new()).unwrap();
    let Door::Chat { asked } = route.door else { unreachable!() };
    assert_eq!(asked.model.as_deref(), Some("arn:aws:bedrock:us-east-1:1:inference-profile/x%2F"));
    assert_eq!(asked.stream, Some(false));
}

#[test]
fn anthropics_clients_get_anthropics_list() {
    let mut headers = HeaderMap::new();
    headers.insert("anthropic-version", HeaderValue::from_static("2023-06-01"));
    let route = doors().find(Surface::Public, &Method::GET, "/v1/models", &headers).unwrap();
    assert_eq!(route.dialect, Dialect::AnthropicMessages);
}

#[test]
fn the_admin_listener_has_doors_of_its_own() {
    let find = |path| doors().find(Surface::Admin, &Method::GET, path, &HeaderMap::new());
    assert!(find("/metrics").is_ok());
    assert!(find("/admin/v1/status").unwrap().scope.is_some());
    assert_eq!(find("/v1/models").unwrap_err().1.kind, Kind::NoSuchPath);
}
