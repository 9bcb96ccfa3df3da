//! The rules of tool calls, which are the same for all vendors: who is called, how often, with what, and what becomes
//! of the results.

use serde_json::{Value, json};

use crate::harness::{Peer, with};

/// A call as every vendor means it: name and arguments.
type Call = (String, Value);

/// Asks one vendor with two tools and gives its calls, and whether it said something before them.
async fn calls_of(vendor: &str, model: &str, text: &str, extra: Value) -> (Vec<Call>, bool) {
    let city = json!({ "type": "object", "properties": { "city": { "type": "string" }, "days": { "type": "integer" },
        "note": { "type": "string" } }, "required": ["city", "days"] });
    let empty = json!({ "type": "object", "properties": {} });
    let plain = json!([{ "role": "user", "content": text }]);
    let function = |name: &str, schema: &Value| json!({ "type": "function", "function": { "name": name, "parameters": schema } });
    let spec = |name: &str, schema: &Value| json!({ "toolSpec": { "name": name, "inputSchema": { "json": schema } } });
    let functions = json!([function("weather", &city), function("time", &empty)]);
    let (path, body) = match vendor {
        "openai" => (
            "/v1/chat/completions".to_owned(),
            json!({ "model": model, "messages": plain, "tools": functions }),
        ),
        "anthropic" => {
            let tools = json!([{ "name": "weather", "input_schema": city }, { "name": "time", "input_schema": empty }]);
            (
                "/v1/messages".to_owned(),
                json!({ "model": model, "max_tokens": 900, "messages": plain, "tools": tools }),
            )
        }
        "bedrock" => {
            let config = json!({ "tools": [spec("weather", &city), spec("time", &empty)] });
            let messages = json!([{ "role": "user", "content": [{ "text": text }] }]);
            (format!("/model/{model}/converse"), json!({ "messages": messages, "toolConfig": config }))
        }
        _ => (
            "/api/chat".to_owned(),
            json!({ "model": model, "messages": plain, "tools": functions, "stream": false }),
        ),
    };
    let peer = Peer::new().header("anthropic-version", "2023-06-01");
    let answer = peer.post(&path, &with(&body, extra)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    read(vendor, &answer.json())
}

fn read(vendor: &str, reply: &Value) -> (Vec<Call>, bool) {
    let blocks =
        |pointer: &str| reply.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
    let name = |call: &Value| call["name"].as_str().expect("a name").to_owned();
    match vendor {
        "openai" => {
            let calls = blocks("/choices/0/message/tool_calls");
            let arguments =
                |call: &Value| serde_json::from_str(call["function"]["arguments"].as_str().expect("text"));
            let calls =
                calls.iter().map(|call| (name(&call["function"]), arguments(call).expect("JSON"))).collect();
            (calls, reply["choices"][0]["message"]["content"].is_string())
        }
        "anthropic" => {
            let blocks = blocks("/content");
            let calls = blocks.iter().filter(|block| block["type"] == "tool_use");
            (calls.map(|call| (name(call), call["input"].clone())).collect(), blocks[0]["type"] == "text")
        }
        "bedrock" => {
            let blocks = blocks("/output/message/content");
            let calls = blocks.iter().filter_map(|block| block.get("toolUse"));
            (calls.map(|call| (name(call), call["input"].clone())).collect(), blocks[0].get("text").is_some())
        }
        _ => {
            let calls = blocks("/message/tool_calls");
            let calls = calls.iter().map(|call| &call["function"]);
            let text = reply["message"]["content"].as_str().unwrap_or_default();
            (calls.map(|call| (name(call), call["arguments"].clone())).collect(), !text.is_empty())
        }
    }
}

const VENDORS: [&str; 4] = ["openai", "anthropic", "bedrock", "ollama"];

fn weather(turn: u64) -> Call {
    let city = if turn == 1 { "city".to_owned() } else { format!("city {turn}") };
    ("weather".to_owned(), json!({ "city": city, "days": turn }))
}

fn time() -> Call {
    ("time".to_owned(), json!({}))
}

#[tokio::test(start_paused = true)]
async fn one_call_to_the_first_tool_with_its_required_arguments() {
    for vendor in VENDORS {
        assert_eq!(calls_of(vendor, "sim", "go", json!({})).await, (vec![weather(1)], false), "{vendor}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_word_parallel_calls_every_tool() {
    for vendor in VENDORS {
        let (calls, _) = calls_of(vendor, "sim", "all in parallel please", json!({})).await;
        assert_eq!(calls, [weather(1), time()], "{vendor}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_model_can_be_told_how_many_calls_and_to_speak_first() {
    for vendor in VENDORS {
        let (calls, spoke) = calls_of(vendor, "sim~calls=3~pretext=1", "go", json!({})).await;
        assert_eq!((calls, spoke), (vec![weather(1), time(), weather(2)], true), "{vendor}");
        let (calls, spoke) = calls_of(vendor, "sim~calls=0", "go", json!({})).await;
        assert_eq!((calls, spoke), (Vec::new(), true), "{vendor}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_choice_of_tools_is_obeyed() {
    let none = json!({ "tool_choice": "none" });
    assert_eq!(calls_of("openai", "sim", "go", none).await.0, []);
    let one = json!({ "tool_choice": { "type": "function", "function": { "name": "time" } } });
    assert_eq!(calls_of("openai", "sim", "go", one).await.0, [time()]);
    let only = json!({ "type": "function", "function": { "name": "time" } });
    let allowed = json!({ "tool_choice": { "type": "allowed_tools", "allowed_tools": { "mode": "auto", "tools": [only] } } });
    assert_eq!(calls_of("openai", "sim", "go", allowed).await.0, [time()]);
    let single = json!({ "parallel_tool_calls": false });
    assert_eq!(calls_of("openai", "sim", "parallel", single).await.0, [weather(1)]);
    let none = json!({ "tool_choice": { "type": "none" } });
    assert_eq!(calls_of("anthropic", "sim", "go", none).await.0, []);
    let twice = json!({ "tool_choice": { "type": "tool", "name": "weather" } });
    assert_eq!(calls_of("anthropic", "sim", "parallel", twice).await.0, [weather(1), weather(2)]);
    let single = json!({ "tool_choice": { "type": "any", "disable_parallel_tool_use": true } });
    assert_eq!(calls_of("anthropic", "sim", "parallel", single).await.0, [weather(1)]);
}

/// After the results the model speaks, quotes them and calls nothing, whatever it was asked first.
#[tokio::test(start_paused = true)]
async fn results_are_quoted_with_their_ids() {
    let call =
        |id: &str| json!({ "id": id, "type": "function", "function": { "name": "f", "arguments": "{}" } });
    let messages = json!([
        { "role": "user", "content": "in parallel" },
        { "role": "assistant", "tool_calls": [call("call_a"), call("call_b")] },
        { "role": "tool", "tool_call_id": "call_a", "content": "sunny" },
        { "role": "tool", "tool_call_id": "call_b", "content": "noon" },
    ]);
    let tools = json!([{ "type": "function", "function": { "name": "f" } }]);
    let body = json!({ "model": "gpt-sim", "messages": messages, "tools": tools });
    let peer = Peer::new();
    let reply = peer.post("/v1/chat/completions", &body).await.json();
    let text = reply["choices"][0]["message"]["content"].as_str().expect("text").to_owned();
    assert!(text.ends_with("tool result call_a: sunny tool result call_b: noon"), "{text}");
    let seen: Vec<_> = peer.last().tool_results.into_iter().map(|result| (result.id, result.text)).collect();
    let pair = |id: &str, text: &str| (id.to_owned(), text.to_owned());
    assert_eq!(seen, [pair("call_a", "sunny"), pair("call_b", "noon")]);
    // A new question is answered by a new call.
    let mut again = messages.as_array().expect("messages").clone();
    again.push(json!({ "role": "assistant", "content": "so" }));
    again.push(json!({ "role": "user", "content": "and now?" }));
    let reply = peer.post("/v1/chat/completions", &with(&body, json!({ "messages": again }))).await.json();
    assert_eq!(reply["choices"][0]["finish_reason"], "tool_calls");
}
