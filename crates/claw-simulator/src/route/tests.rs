//! Which vendor is meant.

use http::HeaderValue;

use super::*;

fn find(method: &str, path: &str) -> Route {
    super::find(&method.parse().unwrap(), path, &HeaderMap::new())
}

#[test]
fn every_address_finds_its_operation() {
    let reply = |model: &str, stream| Operation::ReplyOf { model: model.to_owned(), stream };
    let table = [
        ("POST", "/v1/chat/completions", Vendor::OpenAi, Operation::Reply),
        ("GET", "/v1/models", Vendor::OpenAi, Operation::Models),
        ("GET", "/v1/models/a%2Fb", Vendor::OpenAi, Operation::Model("a/b".to_owned())),
        ("POST", "/v1/messages", Vendor::Anthropic, Operation::Reply),
        ("POST", "/v1/messages/count_tokens", Vendor::Anthropic, Operation::CountTokens),
        ("POST", "/model/a.b-v1%3A0/converse", Vendor::Bedrock, reply("a.b-v1:0", false)),
        ("POST", "/model/a.b-v1:0/converse-stream", Vendor::Bedrock, reply("a.b-v1:0", true)),
        ("POST", "/model/a~size%3D5/converse", Vendor::Bedrock, reply("a~size=5", false)),
        ("POST", "/api/chat", Vendor::Ollama, Operation::Reply),
        ("GET", "/api/tags", Vendor::Ollama, Operation::Models),
        ("GET", "/api/version", Vendor::Ollama, Operation::Version),
        ("POST", "/api/show", Vendor::Ollama, Operation::Show),
        ("GET", "/api/chat", Vendor::Ollama, Operation::Nowhere),
        ("POST", "/model/a/b/converse", Vendor::Bedrock, Operation::Nowhere),
        ("POST", "/model/a%/converse", Vendor::Bedrock, Operation::Nowhere),
        ("POST", "/model/%ff/converse", Vendor::Bedrock, Operation::Nowhere),
        ("GET", "/v1/messages", Vendor::Anthropic, Operation::Nowhere),
        ("GET", "/", Vendor::OpenAi, Operation::Nowhere),
    ];
    for (method, path, vendor, operation) in table {
        assert_eq!(find(method, path), Route::Vendor(vendor, operation), "{method} {path}");
    }
    assert_eq!(find("GET", "/_simulator/log"), Route::Control("log".to_owned()));
}

#[test]
fn the_version_header_tells_two_vendors_apart() {
    let mut headers = HeaderMap::new();
    headers.insert("anthropic-version", HeaderValue::from_static("2023-06-01"));
    let found = super::find(&Method::GET, "/v1/models", &headers);
    assert_eq!(found, Route::Vendor(Vendor::Anthropic, Operation::Models));
}
