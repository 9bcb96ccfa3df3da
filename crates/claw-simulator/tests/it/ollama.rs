//! Ollama: replies and lines against its OpenAPI document, and the rules of requests.

use serde_json::{Value, json};

use crate::harness::{Answer, PNG, Peer, with};
use crate::specs::{OpenApi, check, check_keys};

const PATH: &str = "/api/chat";

fn hello() -> Value {
    json!({ "model": "llama-sim", "messages": [{ "role": "user", "content": "hello there" }] })
}

fn tools() -> Value {
    let city =
        json!({ "type": "object", "properties": { "city": { "type": "string" } }, "required": ["city"] });
    json!([
        { "type": "function", "function": { "name": "weather", "description": "d", "parameters": city } },
        { "type": "function", "function": { "name": "time", "parameters": { "type": "object", "properties": {} } } },
    ])
}

/// Requests of every feature.
fn scenarios() -> Vec<Value> {
    let say = |text: &str| json!([{ "role": "user", "content": text }]);
    let answered = json!([
        { "role": "system", "content": "be brief" },
        { "role": "user", "content": "go" },
        { "role": "assistant", "content": "", "thinking": "hm",
          "tool_calls": [{ "function": { "name": "weather", "arguments": { "city": "Rome" } } }] },
        { "role": "tool", "tool_name": "weather", "content": "sunny" },
    ]);
    let image = json!([{ "role": "user", "content": "look", "images": [PNG] }]);
    let format = json!({ "type": "object", "properties": { "a": { "type": ["integer", "null"] } }, "required": ["a"] });
    [
        json!({}),
        json!({ "tools": tools() }),
        json!({ "tools": tools(), "messages": say("all in parallel"), "think": true }),
        json!({ "tools": tools(), "messages": answered }),
        json!({ "messages": image }),
        json!({ "format": format }),
        json!({ "format": "json" }),
        json!({ "think": "high" }),
        json!({ "options": { "num_predict": 4, "temperature": 0.5 } }),
        json!({ "options": { "stop": ["simulated"] } }),
        json!({ "messages": [] }),
    ]
    .into_iter()
    .map(|changes| with(&hello(), changes))
    .collect()
}

const LINE: [&str; 11] = [
    "model",
    "created_at",
    "message",
    "done",
    "done_reason",
    "total_duration",
    "load_duration",
    "prompt_eval_count",
    "prompt_eval_duration",
    "eval_count",
    "eval_duration",
];

#[tokio::test(start_paused = true)]
async fn replies_and_lines_are_what_the_openapi_document_says() {
    let Some(spec) = OpenApi::read("ollama/openapi.yaml") else { return };
    let (whole, line) = (spec.validator("ChatResponse"), spec.validator("ChatStreamEvent"));
    assert!(!whole.is_valid(&json!({ "done": "yes" })) && !line.is_valid(&json!({ "done": "yes" })));
    let peer = Peer::new();
    for body in scenarios() {
        let answer = peer.post(PATH, &with(&body, json!({ "stream": false }))).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, "application/json; charset=utf-8"),
            "{}",
            answer.text()
        );
        check(&whole, &answer.json());
        check_keys(&answer.json(), &LINE);
        let answer = peer.post(PATH, &body).await;
        assert_eq!(answer.header("content-type"), "application/x-ndjson", "a stream unless told otherwise");
        for sent in answer.lines() {
            check(&line, &sent);
            check_keys(&sent, &LINE);
            check_keys(&sent["message"], &["role", "content", "thinking", "tool_calls"]);
        }
    }
}

/// Puts the lines of a stream together as a client does.
fn assemble(answer: &Answer) -> Value {
    let lines = answer.lines();
    let (last, others) = lines.split_last().expect("lines");
    assert!(
        last["done"] == true
            && others.iter().all(|line| line["done"] == false && line.get("eval_count").is_none())
    );
    let mut reply = last.clone();
    let message =
        |key: &str| -> String { lines.iter().filter_map(|line| line["message"][key].as_str()).collect() };
    reply["message"]["content"] = json!(message("content"));
    if !message("thinking").is_empty() {
        reply["message"]["thinking"] = json!(message("thinking"));
    }
    let calls: Vec<_> =
        lines.iter().filter_map(|line| line["message"]["tool_calls"].as_array()).flatten().collect();
    if !calls.is_empty() {
        reply["message"]["tool_calls"] = json!(calls);
    }
    reply["created_at"] = Value::Null;
    reply
}

#[tokio::test(start_paused = true)]
async fn a_stream_says_what_the_whole_reply_says() {
    for body in scenarios() {
        let mut whole = Peer::new().post(PATH, &with(&body, json!({ "stream": false }))).await.json();
        whole["created_at"] = Value::Null;
        assert_eq!(assemble(&Peer::new().post(PATH, &body).await), whole, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_comes_in_one_line_and_the_reason_is_still_stop() {
    let body = with(&hello(), json!({ "tools": tools() }));
    let lines = Peer::new().post(PATH, &body).await.lines();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        lines[0]["message"]["tool_calls"][0]["function"],
        json!({ "index": 0, "name": "weather", "arguments": { "city": "city" } })
    );
    assert_eq!(
        (lines[1]["done_reason"].as_str(), lines[1]["message"].get("tool_calls")),
        (Some("stop"), None)
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_without_messages_only_loads_the_model() {
    let answer = Peer::new().post(PATH, &with(&hello(), json!({ "messages": null, "stream": false }))).await;
    assert_eq!(answer.json()["done_reason"], "load");
    assert!(answer.json().get("eval_count").is_none());
}

#[tokio::test(start_paused = true)]
async fn bad_requests_are_refused_in_the_words_of_the_api() {
    let peer = Peer::new();
    let say = |message: Value| json!({ "messages": [message] });
    let call = json!([{ "function": { "name": "f", "arguments": "{}" } }]);
    let refused = [
        (json!({ "model": null }), "model is required"),
        (
            say(json!({ "role": "robot", "content": "x" })),
            "invalid role: robot, must be one of [system, user, assistant, tool]",
        ),
        (say(json!({ "role": "user", "content": [] })), "cannot unmarshal"),
        (say(json!({ "role": "user", "content": "", "images": ["?"] })), "illegal base64 data"),
        (
            say(json!({ "role": "assistant", "content": "", "tool_calls": call })),
            "messages.tool_calls.function.arguments",
        ),
        (json!({ "think": "deeply" }), "invalid think value"),
        (json!({ "format": "xml" }), "invalid format"),
        (json!({ "options": { "num_predict": "5" } }), "must be of type"),
    ];
    for (changes, words) in refused {
        let answer = peer.post(PATH, &with(&hello(), changes.clone())).await;
        let body = answer.json();
        assert_eq!(answer.status, 400, "{changes}");
        check_keys(&body, &["error"]);
        assert!(body["error"].as_str().expect("text").contains(words), "{changes}: {body}");
    }
    let missing = peer.post(PATH, &with(&hello(), json!({ "model": "missing:latest" }))).await;
    assert_eq!(
        (missing.status, missing.json()),
        (404, json!({ "error": "model 'missing:latest' not found" }))
    );
}

#[tokio::test(start_paused = true)]
async fn models_are_listed_and_shown_as_the_openapi_document_says() {
    let Some(spec) = OpenApi::read("ollama/openapi.yaml") else { return };
    let peer = Peer::new();
    check(&spec.validator("ListResponse"), &peer.get("/api/tags").await.json());
    check(&spec.validator("VersionResponse"), &peer.get("/api/version").await.json());
    let shown = peer.post("/api/show", &json!({ "model": "llama-sim" })).await;
    check(&spec.validator("ShowResponse"), &shown.json());
    assert_eq!(peer.post("/api/show", &json!({ "model": "none" })).await.status, 404);
    assert_eq!(peer.post("/api/pull", &json!({})).await.status, 404);
}
