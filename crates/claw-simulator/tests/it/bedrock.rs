//! Bedrock: replies, frames and refusals against botocore's description of the service, and the rules of requests.

use serde_json::{Map, Value, json};

use crate::botocore::Service;
use crate::harness::{Answer, PNG, Peer, with};

const PATH: &str = "/model/us.anthropic.claude-sim-v1%3A0/converse";
const STREAM: &str = "/model/us.anthropic.claude-sim-v1:0/converse-stream";

pub(crate) fn hello() -> Value {
    json!({ "messages": [{ "role": "user", "content": [{ "text": "hello there" }] }] })
}

fn config() -> Value {
    let city = json!({ "type": "object", "properties": { "city": { "type": "string" }, "days": { "type": "integer" } },
        "required": ["city", "days"] });
    json!({ "tools": [
        { "toolSpec": { "name": "weather", "description": "d", "inputSchema": { "json": city } } },
        { "toolSpec": { "name": "time", "inputSchema": { "json": { "type": "object" } } } },
        { "cachePoint": { "type": "default" } },
    ] })
}

fn answered() -> Value {
    let call = |id: &str, name: &str| json!({ "toolUse": { "toolUseId": id, "name": name, "input": {} } });
    json!([
        { "role": "user", "content": [{ "text": "go" }] },
        { "role": "assistant", "content": [{ "text": "wait" }, call("a.b:1", "weather"), call("b", "time")] },
        { "role": "user", "content": [
            { "toolResult": { "toolUseId": "b", "content": [{ "json": { "h": 12 } }], "status": "success" } },
            { "toolResult": { "toolUseId": "a.b:1", "content": [{ "text": "sunny" }] } } ] },
    ])
}

/// Requests of every feature.
fn scenarios() -> Vec<Value> {
    let say = |text: &str| json!([{ "role": "user", "content": [{ "text": text }] }]);
    let image = json!([{ "role": "user", "content": [{ "image": { "format": "png", "source": { "bytes": PNG } } }, { "text": "look" }] }]);
    let schema = json!({ "type": "object", "properties": { "a": { "type": "boolean" } }, "required": ["a"] })
        .to_string();
    let format = json!({ "textFormat": { "type": "json_schema", "structure": { "jsonSchema": { "name": "n", "schema": schema } } } });
    let thinking = |kind: Value| json!({ "additionalModelRequestFields": { "thinking": kind } });
    let mut forced = config();
    forced["toolChoice"] = json!({ "tool": { "name": "time" } });
    [
        json!({}),
        json!({ "system": [{ "text": "be brief" }, { "cachePoint": { "type": "default", "ttl": "1h" } }] }),
        json!({ "system": [], "inferenceConfig": {} }),
        json!({ "toolConfig": config() }),
        json!({ "toolConfig": config(), "messages": say("all in parallel") }),
        json!({ "toolConfig": forced }),
        json!({ "toolConfig": config(), "messages": answered() }),
        json!({ "messages": image }),
        json!({ "outputConfig": format }),
        json!({ "inferenceConfig": { "maxTokens": 3, "temperature": 1 } }),
        json!({ "inferenceConfig": { "stopSequences": ["simulated"] }, "additionalModelResponseFieldPaths": ["/stop_sequence"] }),
        thinking(json!({ "type": "enabled", "budget_tokens": 1024 })),
        thinking(json!({ "type": "adaptive" })),
        json!({ "additionalModelRequestFields": { "reasoning_config": { "type": "enabled", "budget_tokens": 2000 } } }),
    ]
    .into_iter()
    .map(|changes| with(&hello(), changes))
    .collect()
}

#[tokio::test(start_paused = true)]
async fn replies_and_frames_are_what_botocore_describes() {
    let Some(service) = Service::read("bedrock-runtime.service-2.json") else { return };
    let peer = Peer::new();
    for body in scenarios() {
        let mut request = body.clone();
        request["modelId"] = json!("x");
        service.check("ConverseRequest", &request);
        let answer = peer.post(PATH, &body).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, "application/json"),
            "{}",
            answer.text()
        );
        assert!(!answer.header("x-amzn-requestid").is_empty());
        service.check("ConverseResponse", &answer.json());
        let answer = peer.post(STREAM, &body).await;
        assert_eq!(answer.header("content-type"), "application/vnd.amazon.eventstream");
        for (kind, payload) in answer.frames() {
            let event = json!({ kind: payload });
            service.check("ConverseStreamOutput", &event);
        }
    }
}

/// Puts the frames of a stream together as a client does, and checks their order.
fn assemble(answer: &Answer) -> Value {
    let frames = answer.frames();
    let kinds: Vec<_> = frames.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds[0], "messageStart");
    assert_eq!(kinds[kinds.len() - 2..], ["messageStop", "metadata"], "the usage comes last of all");
    let mut content: Vec<Value> = Vec::new();
    let mut reply = Map::new();
    for (kind, payload) in &frames {
        let index =
            usize::try_from(payload["contentBlockIndex"].as_u64().unwrap_or_default()).expect("small");
        match kind.as_str() {
            "contentBlockStart" => {
                assert_eq!(index, content.len());
                content.push(json!({ "toolUse": payload["start"]["toolUse"] }));
                content[index]["toolUse"]["input"] = json!("");
            }
            "contentBlockDelta" => {
                if index == content.len() {
                    content.push(json!({}));
                }
                add(&mut content[index], &payload["delta"]);
            }
            "messageStop" | "metadata" => {
                for (key, value) in
                    payload.as_object().expect("an object").iter().filter(|(key, _)| *key != "p")
                {
                    reply.insert(key.clone(), value.clone());
                }
            }
            _ => {}
        }
    }
    for block in &mut content {
        if let Some(text) = block["toolUse"]["input"].as_str() {
            block["toolUse"]["input"] = serde_json::from_str(text).expect("arguments");
        } else {
            block.as_object_mut().expect("a block").shift_remove("toolUse");
        }
    }
    reply.insert("output".to_owned(), json!({ "message": { "role": "assistant", "content": content } }));
    Value::Object(reply)
}

fn add(block: &mut Value, delta: &Value) {
    let join = |so_far: &Value, piece: &Value| {
        json!(so_far.as_str().unwrap_or_default().to_owned() + piece.as_str().expect("text"))
    };
    if delta.get("text").is_some() {
        block["text"] = join(&block["text"], &delta["text"]);
    } else if let Some(call) = delta.get("toolUse") {
        block["toolUse"]["input"] = join(&block["toolUse"]["input"], &call["input"]);
    } else {
        for (key, piece) in delta["reasoningContent"].as_object().expect("reasoning") {
            let reasoning = &mut block["reasoningContent"]["reasoningText"];
            reasoning[key] = join(&reasoning[key], piece);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_says_what_the_whole_reply_says() {
    for body in scenarios() {
        let whole = Peer::new().post(PATH, &body).await.json();
        let stream = Peer::new().post(STREAM, &body).await;
        assert_eq!(assemble(&stream), whole, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_total_counts_what_the_cache_read_and_wrote() {
    let peer = Peer::new();
    let system = json!([{ "text": "x".repeat(400) }, { "cachePoint": { "type": "default" } }]);
    let body = with(&hello(), json!({ "system": system }));
    let usage = peer.post(PATH, &body).await.json()["usage"].clone();
    assert_eq!(usage["cacheWriteInputTokens"], 100);
    assert_eq!(usage["cacheDetails"], json!([{ "ttl": "5m", "inputTokens": 100 }]));
    let usage = peer.post(PATH, &body).await.json()["usage"].clone();
    assert_eq!((usage["cacheReadInputTokens"].as_u64(), usage["inputTokens"].as_u64()), (Some(100), Some(3)));
    let output = usage["outputTokens"].as_u64().expect("a count");
    assert_eq!(usage["totalTokens"], 100 + 3 + output);
}

/// Changes to a good request, and what the API says to them.
fn refused() -> Vec<(Value, &'static str)> {
    let say = |messages: Value| json!({ "messages": messages });
    let user = json!({ "role": "user", "content": [{ "text": "hi" }] });
    let uses = |id: &str| json!({ "role": "assistant", "content": [{ "toolUse": { "toolUseId": id, "name": "time", "input": {} } }] });
    let result = |id: &str| json!({ "role": "user", "content": [{ "toolResult": { "toolUseId": id, "content": [{ "text": "r" }] } }] });
    let block = |block: Value| say(json!([{ "role": "user", "content": [block] }]));
    let tool = |name: &str| json!({ "toolConfig": { "tools": [{ "toolSpec": { "name": name, "inputSchema": { "json": { "type": "object" } } } }] } });
    let mut missing = say(json!([user, uses("call_time"), user]));
    missing["toolConfig"] = config();
    let mut foreign = say(json!([user, uses("a"), result("b")]));
    foreign["toolConfig"] = config();
    vec![
        (say(json!([])), "must start with a user message"),
        (
            say(json!([{ "role": "assistant", "content": [{ "text": "x" }] }])),
            "must start with a user message",
        ),
        (say(json!([user, user])), "must alternate between user and assistant roles"),
        (
            block(json!({ "text": "" })),
            "The text field in the ContentBlock object at messages.0.content.0 is blank",
        ),
        (block(json!({ "type": "text" })), "must set one of the following keys"),
        (
            block(json!({ "image": { "format": "bmp", "source": { "bytes": PNG } } })),
            "enum value set: [gif, jpeg, png, webp]",
        ),
        (block(json!({ "image": { "format": "png", "source": { "bytes": "?" } } })), "is not valid base64"),
        (
            block(json!({ "document": { "name": "a_b", "source": { "bytes": "" } } })),
            "can only contain alphanumeric",
        ),
        (missing, "Expected toolResult blocks at messages.2.content for the following Ids: call_time"),
        (foreign, "Expected toolResult blocks at messages.2.content for the following Ids: a"),
        (say(json!([result("a")])), "exceeds the number of toolUse blocks of previous turn"),
        (say(json!([user, uses("a"), result("a")])), "The toolConfig field must be defined"),
        (say(json!([user, uses("a b"), result("a b")])), "[a-zA-Z0-9_-]+"),
        (
            say(json!([user, uses(&"x".repeat(65)), result(&"x".repeat(65))])),
            "length less than or equal to 64",
        ),
        (tool("bad.name"), "regular expression pattern: [a-zA-Z0-9_-]+"),
        (tool(&"x".repeat(65)), "length less than or equal to 64"),
        (json!({ "toolConfig": { "tools": [] } }), "at 'toolConfig.tools' failed to satisfy constraint"),
        (
            json!({ "inferenceConfig": { "temperature": 1.5 } }),
            "Member must have value less than or equal to 1",
        ),
        (
            json!({ "inferenceConfig": { "maxTokens": 0 } }),
            "Member must have value greater than or equal to 1",
        ),
        (json!({ "system": [{ "text": "" }] }), "Member must have length greater than or equal to 1"),
    ]
}

#[tokio::test(start_paused = true)]
async fn bad_requests_are_refused_in_the_words_of_the_api() {
    let peer = Peer::new();
    for (changes, words) in refused() {
        let answer = peer.post(PATH, &with(&hello(), changes.clone())).await;
        let body = answer.json();
        assert_eq!(answer.status, 400, "{changes}: {body}");
        let message = body["message"].as_str().expect("a message");
        assert!(message.contains(words), "{changes}: {message}");
        let kind = answer.header("x-amzn-errortype").split(':').next();
        assert_eq!(kind, Some("ValidationException"));
    }
    let broken = peer.send("POST", PATH, "{".to_owned()).await;
    assert_eq!(
        (broken.status, broken.header("x-amzn-errortype").starts_with("SerializationException:")),
        (400, true)
    );
}

#[tokio::test(start_paused = true)]
async fn the_model_is_one_decoded_segment() {
    let peer = Peer::new();
    let arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.sim-v1:0~size=50";
    let encoded = arn.replace(':', "%3A").replace('/', "%2F").replace('=', "%3D");
    let answer = peer.post(&format!("/model/{encoded}/converse"), &hello()).await;
    assert_eq!(answer.json()["output"]["message"]["content"][0]["text"].as_str().map(str::len), Some(50));
    assert_eq!(peer.last().model.as_deref(), Some(arn));
    for path in ["/model/a/b/converse", "/model/a/invoke", "/model/%zz/converse", "/model//converse"] {
        let answer = peer.post(path, &hello()).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.header("x-amzn-errortype").starts_with("UnknownOperationException:"));
    }
    let answer = peer.post("/model/missing/converse", &hello()).await;
    assert_eq!(
        (answer.status, answer.json()["message"].as_str()),
        (400, Some("The provided model identifier is invalid."))
    );
}
