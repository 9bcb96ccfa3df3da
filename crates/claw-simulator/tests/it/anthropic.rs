//! Anthropic: replies, streams and refusals against the schemas of the official SDK, and the rules of requests.

use serde_json::{Value, json};

use crate::harness::{Answer, PNG, Peer, with};
use crate::specs::{check, check_keys, schema};

const PATH: &str = "/v1/messages";

pub(crate) fn peer() -> Peer {
    Peer::new().header("anthropic-version", "2026-10-21")
}

pub(crate) fn hello() -> Value {
    json!({ "model": "claude-sim", "max_tokens": 4000, "messages": [{ "role": "user", "content": "hello there" }] })
}

fn tools() -> Value {
    let city = json!({ "type": "object", "properties": { "city": { "type": "string", "enum": ["Rome", "Oslo"] },
        "days": { "type": "integer" } }, "required": ["city", "days"] });
    json!([
        { "name": "weather", "description": "d", "input_schema": city, "cache_control": { "type": "ephemeral" } },
        { "type": "custom", "name": "time", "input_schema": { "type": "object", "properties": {} } },
        { "type": "web_search_20250305", "name": "web_search" },
    ])
}

fn answered() -> Value {
    json!([
        { "role": "user", "content": "go" },
        { "role": "assistant", "content": [
            { "type": "text", "text": "wait" },
            { "type": "tool_use", "id": "toolu_a", "name": "weather", "input": {} },
            { "type": "tool_use", "id": "toolu_b", "name": "time", "input": {} } ] },
        { "role": "user", "content": [
            { "type": "tool_result", "tool_use_id": "toolu_b", "content": "noon" },
            { "type": "tool_result", "tool_use_id": "toolu_a", "is_error": true,
              "content": [{ "type": "text", "text": "sunny" }] },
            { "type": "text", "text": "well?" } ] },
    ])
}

/// Requests of every feature.
fn scenarios() -> Vec<Value> {
    let say = |text: &str| json!([{ "role": "user", "content": [{ "type": "text", "text": text }] }]);
    let source = json!({ "type": "base64", "media_type": "image/png", "data": PNG });
    let image = json!([{ "role": "user", "content": [{ "type": "image", "source": source }] }]);
    let format = json!({ "format": { "type": "json_schema", "schema": { "type": "object",
        "properties": { "a": { "$ref": "#/$defs/n" } }, "required": ["a"], "$defs": { "n": { "type": "number" } } } } });
    let system = json!([{ "type": "text", "text": "be brief", "cache_control": { "type": "ephemeral", "ttl": "1h" } }]);
    [
        json!({}),
        json!({ "system": "be brief" }),
        json!({ "system": system }),
        json!({ "tools": tools() }),
        json!({ "tools": tools(), "messages": say("all in parallel") }),
        json!({ "tools": tools(), "tool_choice": { "type": "tool", "name": "time" } }),
        json!({ "tools": tools(), "tool_choice": { "type": "any", "disable_parallel_tool_use": true }, "messages": say("parallel") }),
        json!({ "tools": tools(), "messages": answered() }),
        json!({ "messages": image }),
        json!({ "output_config": format }),
        json!({ "max_tokens": 3 }),
        json!({ "max_tokens": 2, "tools": tools() }),
        json!({ "stop_sequences": ["simulated", "from the"] }),
        json!({ "thinking": { "type": "adaptive" } }),
        json!({ "thinking": { "type": "enabled", "budget_tokens": 1024 }, "tools": tools() }),
        json!({ "thinking": { "type": "adaptive", "display": "omitted" } }),
        json!({ "model": "claude-sim~pretext=1~calls=5", "tools": tools() }),
        json!({ "model": "claude-sim~think=1~size=99~events=7" }),
        json!({ "model": "claude-sim~refuse=1~think=1~redact=1", "tools": tools() }),
        json!({ "messages": [{ "role": "user", "content": "a" }, { "role": "system", "content": "b" }] }),
    ]
    .into_iter()
    .map(|changes| with(&hello(), changes))
    .collect()
}

#[tokio::test(start_paused = true)]
async fn replies_and_events_are_what_the_schemas_say() {
    let versions = [("2026-10-21", "anthropic"), ("2023-06-01", "anthropic-2023-06-01")];
    for (version, folder) in versions {
        let Some(message) = schema(&format!("{folder}/Message.schema.json")) else { return };
        let event = schema(&format!("{folder}/RawMessageStreamEvent.schema.json")).expect("the events");
        assert!(!message.is_valid(&json!({ "id": "x" })) && !event.is_valid(&json!({ "type": "ping?" })));
        let peer = peer().header("anthropic-version", version);
        for body in scenarios() {
            let answer = peer.post(PATH, &body).await;
            assert_eq!(
                (answer.status, answer.header("content-type")),
                (200, "application/json"),
                "{}",
                answer.text()
            );
            check(&message, &answer.json());
            let answer = peer.post(PATH, &with(&body, json!({ "stream": true }))).await;
            assert_eq!(answer.header("content-type"), "text/event-stream; charset=utf-8");
            for sent in answer.events() {
                // The schema lists what the SDK hands on; it keeps pings to itself.
                if sent["type"] != "ping" {
                    check(&event, &sent);
                }
            }
        }
    }
}

/// Puts the events of a stream together as a client does, and checks their order.
fn assemble(answer: &Answer) -> Value {
    let text = answer.text();
    let names: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    let events = answer.events();
    let types: Vec<_> = events.iter().map(|event| event["type"].as_str().expect("a type")).collect();
    assert_eq!(names, types, "every event has its name");
    assert_eq!((types[0], types[types.len() - 1]), ("message_start", "message_stop"));
    let mut message = events[0]["message"].clone();
    let mut open = None;
    for event in &events {
        match event["type"].as_str().expect("a type") {
            "content_block_start" => {
                assert_eq!(open, None);
                open = event["index"].as_u64();
                let content = message["content"].as_array_mut().expect("a list");
                assert_eq!(open, Some(content.len() as u64));
                content.push(event["content_block"].clone());
            }
            "content_block_delta" => {
                assert_eq!(event["index"].as_u64(), open);
                let block = message["content"].as_array_mut().expect("a list").last_mut().expect("a block");
                let delta = event["delta"].as_object().expect("a delta");
                let (key, piece) = delta.iter().find(|(key, _)| *key != "type").expect("a piece");
                let so_far = block[key].as_str().unwrap_or_default().to_owned();
                block[key] = json!(so_far + piece.as_str().expect("text"));
            }
            "content_block_stop" => {
                assert_eq!(event["index"].as_u64(), open.take());
                let block = message["content"].as_array_mut().expect("a list").last_mut().expect("a block");
                if let Some(input) = block.as_object_mut().expect("a block").shift_remove("partial_json") {
                    let input = input.as_str().expect("text");
                    // Cut off arguments are no arguments, as in the whole reply.
                    block["input"] = serde_json::from_str(input).unwrap_or(json!({}));
                }
            }
            "message_delta" => {
                for key in ["stop_reason", "stop_sequence", "stop_details"] {
                    message[key] = event["delta"][key].clone();
                }
                for (key, count) in event["usage"].as_object().expect("usage") {
                    message["usage"][key] = count.clone();
                }
            }
            _ => {}
        }
    }
    message
}

#[tokio::test(start_paused = true)]
async fn a_stream_says_what_the_whole_reply_says() {
    for body in scenarios() {
        let whole = peer().post(PATH, &body).await.json();
        let stream = peer().post(PATH, &with(&body, json!({ "stream": true }))).await;
        assert_eq!(assemble(&stream), whole, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_marked_prefix_is_written_once_and_then_read() {
    let peer = peer();
    let block = |size: usize, ttl: &str| json!({ "type": "text", "text": "x".repeat(size), "cache_control": { "type": "ephemeral", "ttl": ttl } });
    let body = with(&hello(), json!({ "system": [block(400, "1h"), block(80, "5m")] }));
    let usage = peer.post(PATH, &body).await.json()["usage"].clone();
    assert_eq!(usage["cache_creation_input_tokens"], 120);
    assert_eq!(
        usage["cache_creation"],
        json!({ "ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 100 })
    );
    assert_eq!(
        (usage["cache_read_input_tokens"].as_u64(), usage["input_tokens"].as_u64()),
        (Some(0), Some(3))
    );
    let usage = peer.post(PATH, &body).await.json()["usage"].clone();
    assert_eq!(
        (usage["cache_read_input_tokens"].as_u64(), usage["input_tokens"].as_u64()),
        (Some(120), Some(3))
    );
    let longer = with(&hello(), json!({ "system": [block(400, "1h"), block(160, "5m")] }));
    let usage = peer.post(PATH, &longer).await.json()["usage"].clone();
    assert_eq!(
        (usage["cache_read_input_tokens"].as_u64(), usage["cache_creation_input_tokens"].as_u64()),
        (Some(100), Some(40))
    );
    tokio::time::advance(std::time::Duration::from_mins(6)).await;
    let usage = peer.post(PATH, &body).await.json()["usage"].clone();
    assert_eq!(
        (usage["cache_read_input_tokens"].as_u64(), usage["cache_creation_input_tokens"].as_u64()),
        (Some(100), Some(20))
    );
}

/// Changes to a good request, and what the API says to them.
fn refused() -> Vec<(Value, &'static str)> {
    let say = |messages: Value| json!({ "messages": messages });
    let user = json!({ "role": "user", "content": "hi" });
    let uses = json!({ "role": "assistant", "content": [{ "type": "tool_use", "id": "toolu_a", "name": "f", "input": {} }] });
    let result = |id: &str| json!({ "role": "user", "content": [{ "type": "tool_result", "tool_use_id": id, "content": "r" }] });
    let late = json!({ "role": "user", "content": [{ "type": "text", "text": "so" },
        { "type": "tool_result", "tool_use_id": "toolu_a", "content": "r" }] });
    let block = |role: &str, block: Value| say(json!([user, { "role": role, "content": [block] }]));
    let tool = |name: &str, schema: Value| json!({ "tools": [{ "name": name, "input_schema": schema }] });
    let marked =
        |text: &str| json!({ "type": "text", "text": text, "cache_control": { "type": "ephemeral" } });
    let marks: Vec<_> = ["a", "b", "c", "d", "e"].into_iter().map(marked).collect();
    let bad_id = json!({ "type": "tool_use", "id": "f:0", "name": "f", "input": {} });
    let bad_input = json!({ "type": "tool_use", "id": "a", "name": "f", "input": "{}" });
    let image =
        json!({ "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "?" } });
    let document = json!({ "type": "document", "source": { "type": "text", "data": "d" } });
    let thinking = |budget: u64| json!({ "thinking": { "type": "enabled", "budget_tokens": budget } });
    vec![
        (json!({ "max_tokens": null }), "max_tokens: Field required"),
        (json!({ "messages": null }), "messages: Field required"),
        (json!({ "model": null }), "model: Field required"),
        (json!({ "max_tokens": 0 }), "max_tokens: must be greater than or equal to 1"),
        (json!({ "n": 2 }), "n: Extra inputs are not permitted"),
        (json!({ "temperature": 1 }), "temperature: Extra inputs are not permitted"),
        (json!({ "context_management": {} }), "context_management: Extra inputs are not permitted"),
        (json!({ "tool_choice": { "type": "any" } }), "may only be specified while providing tools"),
        (json!({ "stop_sequences": [" "] }), "must contain non-whitespace"),
        (json!({ "system": marks }), "A maximum of 4 blocks with cache_control may be provided. Found 5."),
        (say(json!([])), "at least one message is required"),
        (say(json!([{ "role": "assistant", "content": "x" }])), "first message must use the \"user\" role"),
        (say(json!([{ "role": "user", "content": "" }])), "user messages must have non-empty content"),
        (
            say(json!([{ "role": "user", "content": "x", "name": "y" }])),
            "messages.0.name: Extra inputs are not permitted",
        ),
        (
            say(json!([user, uses, user])),
            "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_a",
        ),
        (say(json!([user, uses, late])), "messages.1: `tool_use` ids were found without"),
        (say(json!([user, uses])), "messages.1: `tool_use` ids were found without"),
        (
            say(json!([user, result("toolu_b")])),
            "messages.1.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_b",
        ),
        (block("user", json!({ "type": "text", "text": "" })), "text content blocks must be non-empty"),
        (block("assistant", bad_id), "messages.1.content.0.tool_use.id: String should match pattern"),
        (block("assistant", bad_input), "tool_use.input: Input should be a valid dictionary"),
        (block("user", image), "invalid base64 data"),
        (block("assistant", document), "Input tag 'document'"),
        (tool("bad name", json!({ "type": "object" })), "tools.0.custom.name: String should match pattern"),
        (tool("f", json!({})), "tools.0.custom.input_schema.type: Field required"),
        (
            tool("f", json!({ "type": "object", "anyOf": [] })),
            "does not support oneOf, allOf, or anyOf at the top level",
        ),
        (thinking(100), "Input should be greater than or equal to 1024"),
        (thinking(4000), "`max_tokens` must be greater than `thinking.budget_tokens`"),
    ]
}

#[tokio::test(start_paused = true)]
async fn bad_requests_are_refused_in_the_words_of_the_api() {
    let validator = schema("anthropic/ErrorResponse.schema.json");
    let peer = peer();
    for (changes, words) in refused() {
        let answer = peer.post(PATH, &with(&hello(), changes.clone())).await;
        assert_eq!(answer.status, 400, "{changes}: {}", answer.text());
        let body = answer.json();
        let message = body["error"]["message"].as_str().expect("a message");
        assert!(message.contains(words), "{changes}: {message}");
        assert_eq!(body["error"]["type"], "invalid_request_error");
        assert_eq!(body["request_id"], answer.header("request-id"));
        assert_eq!(answer.header("x-should-retry"), "false");
        if let Some(validator) = &validator {
            check(validator, &body);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_version_header_decides_what_may_be_said() {
    let body = with(&hello(), json!({ "temperature": 0.5 }));
    let old = peer().header("anthropic-version", "2023-06-01");
    assert_eq!(old.post(PATH, &body).await.status, 200);
    let hot = old.post(PATH, &with(&hello(), json!({ "temperature": 1.5 }))).await;
    assert_eq!(hot.json()["error"]["message"], "temperature: range: 0..1");
    let none = Peer::new().post(PATH, &hello()).await;
    assert_eq!(
        (none.status, none.json()["error"]["message"].as_str()),
        (400, Some("anthropic-version: header is required"))
    );
    assert_eq!(peer().header("anthropic-version", "2030-01-01").post(PATH, &hello()).await.status, 400);
    let beta = peer().header("anthropic-beta", "context-management-2025-06-27");
    assert_eq!(
        beta.post(PATH, &with(&hello(), json!({ "context_management": { "edits": [] } }))).await.status,
        200
    );
}

#[tokio::test(start_paused = true)]
async fn tokens_are_counted_as_a_message_counts_them() {
    let peer = peer();
    let body = with(&hello(), json!({ "max_tokens": null, "tools": tools(), "system": "be brief" }));
    let counted = peer.post("/v1/messages/count_tokens", &body).await.json();
    check_keys(&counted, &["input_tokens"]);
    let usage = peer.post(PATH, &with(&body, json!({ "max_tokens": 9 }))).await.json()["usage"].clone();
    let total = usage["input_tokens"].as_u64().unwrap_or(0)
        + usage["cache_creation_input_tokens"].as_u64().unwrap_or(0);
    assert_eq!(counted["input_tokens"], total);
    let refused = peer.post("/v1/messages/count_tokens", &hello()).await;
    assert_eq!(refused.json()["error"]["message"], "max_tokens: Extra inputs are not permitted");
}

#[tokio::test(start_paused = true)]
async fn models_are_listed_as_the_schema_says() {
    let Some(info) = schema("anthropic/ModelInfo.schema.json") else { return };
    let list = peer().get("/v1/models?limit=1000").await.json();
    check_keys(&list, &["data", "has_more", "first_id", "last_id"]);
    for model in list["data"].as_array().expect("models") {
        check(&info, model);
    }
    assert_eq!(list["first_id"], list["data"][0]["id"]);
    check(&info, &peer().get("/v1/models/claude-sim").await.json());
    assert_eq!(peer().get("/v1/models/claude-none").await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_model_is_404() {
    let answer = peer().post(PATH, &with(&hello(), json!({ "model": "claude-missing" }))).await;
    assert_eq!(answer.status, 404);
    assert_eq!(
        answer.json()["error"],
        json!({ "type": "not_found_error", "message": "model: claude-missing" })
    );
}
