//! OpenAI: replies, streams and refusals against the OpenAPI document, and the rules of requests.

use serde_json::{Value, json};

use crate::harness::{Answer, PNG, Peer, with};
use crate::specs::{OpenApi, check, check_keys};

const PATH: &str = "/v1/chat/completions";

fn hello() -> Value {
    json!({ "model": "gpt-sim", "messages": [{ "role": "user", "content": "hello there" }] })
}

fn tools() -> Value {
    let city = json!({ "type": "object", "properties": { "city": { "type": "string" }, "days": { "type": "integer" } },
        "required": ["city", "days"], "additionalProperties": false });
    json!([
        { "type": "function", "function": { "name": "weather", "description": "d", "strict": true, "parameters": city } },
        { "type": "function", "function": { "name": "time" } },
    ])
}

fn answered() -> Value {
    let call = |id: &str, name: &str| json!({ "id": id, "type": "function", "function": { "name": name, "arguments": "{}" } });
    json!([
        { "role": "user", "content": "go" },
        { "role": "assistant", "content": null, "tool_calls": [call("call_a", "weather"), call("call_b", "time")] },
        { "role": "tool", "tool_call_id": "call_b", "content": "noon" },
        { "role": "tool", "tool_call_id": "call_a", "content": [{ "type": "text", "text": "sunny" }] },
    ])
}

/// Requests of every feature.
fn scenarios() -> Vec<Value> {
    let say = |text: &str| json!([{ "role": "user", "content": text }]);
    let image = json!([{ "role": "user", "content": [{ "type": "text", "text": "look" },
        { "type": "image_url", "image_url": { "url": format!("data:image/png;base64,{PNG}") } }] }]);
    let format = json!({ "type": "json_schema", "json_schema": { "name": "n", "schema": { "type": "object",
        "properties": { "a": { "type": "array", "items": { "type": "number" } } }, "required": ["a"] } } });
    let named = json!({ "type": "function", "function": { "name": "time" } });
    [
        json!({}),
        json!({ "messages": [{ "role": "developer", "content": "be brief" }, { "role": "user", "content": "hi" }] }),
        json!({ "n": 3 }),
        json!({ "tools": tools() }),
        json!({ "tools": tools(), "messages": say("all in parallel") }),
        json!({ "tools": tools(), "tool_choice": named, "messages": say("parallel") }),
        json!({ "tools": tools(), "messages": answered() }),
        json!({ "messages": image }),
        json!({ "response_format": format }),
        json!({ "response_format": { "type": "json_object" } }),
        json!({ "max_tokens": 3 }),
        json!({ "max_tokens": 3, "tools": tools() }),
        json!({ "stop": ["simulated"] }),
        json!({ "logprobs": true }),
        json!({ "model": "gpt-5-sim", "reasoning_effort": "low" }),
        json!({ "model": "deepseek-sim", "reasoning_effort": "low" }),
        json!({ "model": "gpt-sim~pretext=1~calls=5", "tools": tools() }),
        json!({ "model": "gpt-sim~think=1~size=99~events=7" }),
        json!({ "model": "gpt-sim~refuse=1~think=1~redact=1", "tools": tools() }),
    ]
    .into_iter()
    .map(|changes| with(&hello(), changes))
    .collect()
}

#[tokio::test(start_paused = true)]
async fn replies_and_chunks_are_what_the_openapi_document_says() {
    let Some(spec) = OpenApi::read("openai-openapi.yaml") else { return };
    let (whole, chunk) = (
        spec.validator("CreateChatCompletionResponse"),
        spec.validator("CreateChatCompletionStreamResponse"),
    );
    let peer = Peer::new();
    assert!(!whole.is_valid(&json!({ "id": "x" })) && !chunk.is_valid(&json!({ "id": "x" })));
    for body in scenarios() {
        let answer = peer.post(PATH, &body).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, "application/json"),
            "{}",
            answer.text()
        );
        check(&whole, &answer.json());
        let stream = with(&body, json!({ "stream": true, "stream_options": { "include_usage": true } }));
        let answer = peer.post(PATH, &stream).await;
        assert_eq!(answer.header("content-type"), "text/event-stream; charset=utf-8");
        assert!(answer.text().ends_with("data: [DONE]\n\n"));
        for event in answer.events() {
            check(&chunk, &event);
            check_keys(
                &event,
                &[
                    "id",
                    "object",
                    "created",
                    "model",
                    "service_tier",
                    "system_fingerprint",
                    "choices",
                    "usage",
                    "obfuscation",
                ],
            );
        }
    }
}

/// Puts the chunks of a stream together as a client does.
fn assemble(answer: &Answer) -> Value {
    let mut choices: Vec<Value> = Vec::new();
    for chunk in answer.events() {
        for choice in chunk["choices"].as_array().expect("choices") {
            let index = usize::try_from(choice["index"].as_u64().expect("an index")).expect("small");
            let delta = &choice["delta"];
            if choices.len() <= index {
                assert_eq!(delta["role"], "assistant", "a choice begins with its role");
                choices.push(json!({ "message": { "content": delta["content"], "reasoning_content": "", "refusal": null, "tool_calls": [] } }));
            }
            let message = &mut choices[index]["message"];
            for key in ["content", "reasoning_content", "refusal"] {
                if let Some(piece) = delta[key].as_str() {
                    message[key] = json!(message[key].as_str().unwrap_or_default().to_owned() + piece);
                }
            }
            for piece in delta["tool_calls"].as_array().into_iter().flatten() {
                let calls = message["tool_calls"].as_array_mut().expect("calls");
                let at = usize::try_from(piece["index"].as_u64().expect("an index")).expect("small");
                if at == calls.len() {
                    calls.push(
                        json!({ "id": piece["id"], "type": piece["type"], "function": piece["function"] }),
                    );
                } else {
                    assert!(piece.get("id").is_none() && piece["function"].get("name").is_none());
                    let arguments =
                        calls[at]["function"]["arguments"].as_str().expect("arguments").to_owned();
                    calls[at]["function"]["arguments"] =
                        json!(arguments + piece["function"]["arguments"].as_str().expect("a piece"));
                }
            }
            choices[index]["finish_reason"] = choice["finish_reason"].clone();
        }
    }
    json!(choices)
}

#[tokio::test(start_paused = true)]
async fn a_stream_says_what_the_whole_reply_says() {
    for body in scenarios() {
        // Each has a simulator of its own: ids are counted.
        let whole = Peer::new().post(PATH, &body).await.json();
        let stream = Peer::new().post(PATH, &with(&body, json!({ "stream": true }))).await;
        let mut expected = whole["choices"].clone();
        for choice in expected.as_array_mut().expect("choices") {
            let message = &choice["message"];
            let reasoning = message["reasoning_content"].as_str().unwrap_or_default();
            let calls = message["tool_calls"].as_array().cloned().unwrap_or_default();
            *choice = json!({ "finish_reason": choice["finish_reason"],
                "message": { "content": message["content"], "reasoning_content": reasoning, "refusal": message["refusal"], "tool_calls": calls } });
        }
        assert_eq!(assemble(&stream), expected, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn usage_comes_in_a_last_chunk_and_only_if_it_is_asked_for() {
    let peer = Peer::new();
    let plain = peer.post(PATH, &with(&hello(), json!({ "stream": true }))).await.events();
    assert!(plain.iter().all(|chunk| chunk.get("usage").is_none() && chunk["choices"][0].is_object()));
    let body = with(
        &hello(),
        json!({ "stream": true, "stream_options": { "include_usage": true, "include_obfuscation": false } }),
    );
    let asked = peer.post(PATH, &body).await.events();
    let (last, others) = asked.split_last().expect("chunks");
    assert!(others.iter().all(|chunk| chunk["usage"].is_null() && chunk.get("usage").is_some()));
    assert!(asked.iter().all(|chunk| chunk.get("obfuscation").is_none()));
    assert_eq!(last["choices"], json!([]));
    assert_eq!(last["usage"], peer.post(PATH, &hello()).await.json()["usage"]);
}

#[tokio::test(start_paused = true)]
async fn a_prefix_of_a_thousand_tokens_is_read_from_the_cache_the_second_time() {
    let peer = Peer::new();
    let long = json!({ "role": "system", "content": "x".repeat(5000) });
    let ask = |text: &str| with(&hello(), json!({ "messages": [long, { "role": "user", "content": text }] }));
    let cached = |answer: &Answer| answer.json()["usage"]["prompt_tokens_details"]["cached_tokens"].clone();
    assert_eq!(cached(&peer.post(PATH, &ask("one")).await), 0);
    assert_eq!(cached(&peer.post(PATH, &ask("two")).await), 1250 / 128 * 128);
    let usage = peer.post(PATH, &ask("two")).await.json()["usage"].clone();
    assert_eq!(
        usage["prompt_tokens"],
        (5000_u64 + 3 + "system".len() as u64 + "user".len() as u64).div_ceil(4)
    );
}

/// Changes to a good request, and what the API says to them.
fn refused() -> Vec<(Value, &'static str, &'static str)> {
    let say = |messages: Value| json!({ "messages": messages });
    let call = json!({ "id": "call_a", "type": "function", "function": { "name": "f", "arguments": "{}" } });
    let asks = json!({ "role": "assistant", "tool_calls": [call] });
    let user = json!({ "role": "user", "content": "hi" });
    let tool = |id: &str| json!({ "role": "tool", "tool_call_id": id, "content": "r" });
    let function = |name: &str| json!({ "tools": [{ "type": "function", "function": { "name": name } }] });
    vec![
        (json!({ "messages": null }), "messages", "Missing required parameter: 'messages'."),
        (say(json!([])), "messages", "empty array"),
        (say(json!([{ "role": "robot", "content": "x" }])), "messages[0].role", "Invalid value: 'robot'"),
        (
            say(json!([{ "role": "user", "content": null }])),
            "messages[0].content",
            "expected a string, got null",
        ),
        (
            say(json!([user, tool("call_a")])),
            "messages.[1].role",
            "must be a response to a preceeding message",
        ),
        (say(json!([user, asks, user])), "messages.[2].role", "did not have response messages: call_a"),
        (say(json!([user, asks])), "messages.[2].role", "did not have response messages: call_a"),
        (say(json!([user, asks, tool("call_b")])), "messages.[2].tool_call_id", "of 'call_b' not found"),
        (json!({ "temperature": 2.5 }), "temperature", "Expected a value <= 2, but got 2.5 instead."),
        (json!({ "temperature": -1 }), "temperature", "below minimum"),
        (json!({ "model": "gpt-5", "max_tokens": 5 }), "max_tokens", "Use 'max_completion_tokens' instead."),
        (json!({ "model": "o3", "stop": ["x"] }), "stop", "'stop' is not supported with this model"),
        (
            json!({ "model": "o3", "temperature": 0.5 }),
            "temperature",
            "Only the default (1) value is supported",
        ),
        (
            json!({ "max_tokens": 5, "max_completion_tokens": 5 }),
            "max_tokens",
            "at the same time is not supported",
        ),
        (json!({ "stop": ["a", "b", "c", "d", "e"] }), "stop", "array too long"),
        (json!({ "stream_options": {} }), "stream_options", "only allowed when 'stream' is enabled"),
        (json!({ "tool_choice": "auto" }), "tool_choice", "only allowed when 'tools' are specified"),
        (function("bad name"), "tools[0].function.name", "does not match pattern"),
        (function(&"x".repeat(65)), "tools[0].function.name", "does not match pattern"),
        (json!({ "top_k": 5 }), "top_k", "Unknown parameter: 'top_k'."),
        (json!({ "n": 0 }), "n", "below minimum"),
        (json!({ "model": "gpt-sim~speed=9" }), "", "does not know the knob `speed`"),
    ]
}

#[tokio::test(start_paused = true)]
async fn bad_requests_are_refused_in_the_words_of_the_api() {
    let validator = OpenApi::read("openai-openapi.yaml").map(|spec| spec.validator("ErrorResponse"));
    let peer = Peer::new();
    for (changes, param, words) in refused() {
        let answer = peer.post(PATH, &with(&hello(), changes.clone())).await;
        let body = answer.json();
        assert_eq!(answer.status, 400, "{changes}");
        assert_eq!(body["error"]["type"], "invalid_request_error");
        assert_eq!(body["error"]["param"].as_str().unwrap_or_default(), param, "{changes}");
        let message = body["error"]["message"].as_str().expect("a message");
        assert!(message.contains(words), "{changes}: {message}");
        assert!(answer.header("x-request-id").starts_with("req_"));
        if let Some(validator) = &validator {
            check(validator, &body);
        }
    }
    let broken = peer.send("POST", PATH, "{".to_owned()).await;
    assert_eq!(broken.status, 400);
    assert!(broken.text().contains("We could not parse the JSON body"));
}

#[tokio::test(start_paused = true)]
async fn a_compatible_vendor_may_have_parameters_of_its_own() {
    let body = with(&hello(), json!({ "model": "deepseek-chat", "top_k": 5 }));
    assert_eq!(Peer::new().post(PATH, &body).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn models_are_listed_as_the_openapi_document_says() {
    let Some(spec) = OpenApi::read("openai-openapi.yaml") else { return };
    let peer = Peer::new();
    check(&spec.validator("ListModelsResponse"), &peer.get("/v1/models").await.json());
    check(&spec.validator("Model"), &peer.get("/v1/models/gpt-sim").await.json());
    let missing = peer.get("/v1/models/gpt-none").await;
    assert_eq!((missing.status, missing.json()["error"]["code"].as_str()), (404, Some("model_not_found")));
}

#[tokio::test(start_paused = true)]
async fn an_unknown_model_and_an_unknown_address_are_404() {
    let peer = Peer::new();
    let answer = peer.post(PATH, &with(&hello(), json!({ "model": "gpt-missing~fail=500" }))).await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (404, Some("model_not_found")));
    let answer = peer.post("/v1/completions", &hello()).await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.json()["error"]["message"], "Invalid URL (POST /v1/completions)");
}
