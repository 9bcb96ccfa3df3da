//! Streams, both ways.

use claw_hub::{Delta, Dialect, Event, Kind, Part, PartKind, Refusal, Reply, Retry, Start, Stop, Usage};
use serde_json::{Value, json};

use crate::codec::keep_alive;
use crate::sequence::assert_well_formed;
use crate::streamed::{decode, encode, events_of, reply_of, said, told};

const TOOLS: &str = include_str!("../../../fixtures/ollama_chat/stream_tools.ndjson");

fn lines(events: &[Event]) -> Vec<Value> {
    let text = String::from_utf8(encode(Dialect::OllamaChat, said(), events)).unwrap();
    assert!(text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn call(id: &str, name: &str, arguments: &str) -> Part {
    PartKind::ToolCall { id: id.into(), name: name.into(), arguments: arguments.into() }.into()
}

#[test]
fn lines_are_put_together_whatever_the_cut() {
    let whole = decode(Dialect::OllamaChat, TOOLS.as_bytes(), &[]);
    assert_well_formed("tools", &whole);
    for cut in 0..TOOLS.len() {
        assert_eq!(told(&decode(Dialect::OllamaChat, TOOLS.as_bytes(), &[cut])), told(&whole));
    }
    let reply = reply_of(&whole);
    assert_eq!(reply.model, "qwen3:4b");
    assert!(matches!(&reply.parts[0].kind, PartKind::Thinking(thought) if thought.text == "Hmm."));
    assert_eq!(
        reply.parts[1..],
        [
            Part::text("Looking"),
            call("call_0", "weather", r#"{"city":"Bern"}"#),
            call("call_1", "time", "{}")
        ]
    );
    assert_eq!(reply.stop, Stop::ToolUse);
    assert_eq!(reply.usage, Some(Usage { input_fresh: 100, output: 20, ..Usage::default() }));
}

#[test]
fn a_stream_and_a_whole_reply_give_calls_the_same_ids() {
    let message = r#"{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{}}},{"function":{"name":"g","arguments":{}}}]}"#;
    let body =
        format!(r#"{{"model":"m","message":{message},"done":true,"done_reason":"stop","eval_count":1}}"#);
    let streamed = reply_of(&decode(Dialect::OllamaChat, body.as_bytes(), &[]));
    assert_eq!(super::super::reply::decode(body.as_bytes()).unwrap(), streamed);
}

#[test]
fn errors_and_cuts_are_failures() {
    let first = "{\"model\":\"m\",\"message\":{\"content\":\"a\"},\"done\":false}\n";
    for (line, kind) in [
        ("{\"error\":\"an error was encountered while running the model\"}\n", Kind::ProviderFailed),
        ("{\"error\":{\"message\":\"busy\",\"code\":429}}\n", Kind::RateLimited),
        ("not json\n", Kind::ProviderFailed),
        ("{\"model\":\"m\"", Kind::ProviderFailed),
        ("", Kind::ProviderFailed),
    ] {
        for before in ["", first] {
            let bytes = format!("{before}{line}");
            let events = decode(Dialect::OllamaChat, bytes.as_bytes(), &[]);
            assert_well_formed(&bytes, &events);
            assert!(matches!(events.last(), Some(Event::Failed(refusal)) if refusal.kind == kind), "{bytes}");
        }
    }
}

#[test]
fn lines_that_say_nothing_are_passed_over() {
    let bytes = format!(
        "\n{{\"status\":\"loading\"}}\n{}\n{TOOLS}{{\"late\":1}}\n",
        std::str::from_utf8(&keep_alive(Dialect::OllamaChat)).unwrap().trim()
    );
    let events = decode(Dialect::OllamaChat, bytes.as_bytes(), &[]);
    assert_well_formed("pings", &events);
    assert_eq!(reply_of(&events).parts.len(), 4);
}

#[test]
fn words_go_out_as_they_come_and_calls_whole() {
    let parts = vec![Part::text("Hi"), call("a", "f", r#"{"x":1}"#), call("b", "g", "")];
    let usage = Some(Usage { input_fresh: 1, output: 2, ..Usage::default() });
    let reply = Reply { id: "i".into(), model: "m".into(), parts, stop: Stop::ToolUse, usage };
    let lines = lines(&events_of(&reply));
    assert_eq!(
        lines[0],
        json!({
            "model": "m", "created_at": "2023-11-14T22:13:20Z",
            "message": {"role": "assistant", "content": "H"}, "done": false
        })
    );
    let calls: Vec<&Value> = lines.iter().filter_map(|line| line["message"].get("tool_calls")).collect();
    assert_eq!(
        calls,
        [
            &json!([{"id": "a", "function": {"index": 0, "name": "f", "arguments": {"x": 1}}}]),
            &json!([{"id": "b", "function": {"index": 1, "name": "g", "arguments": {}}}]),
        ]
    );
    let last = lines.last().unwrap();
    assert_eq!(
        (&last["done"], &last["done_reason"], &last["eval_count"]),
        (&json!(true), &json!("stop"), &json!(2))
    );
    assert_eq!(lines.len(), 5);
}

#[test]
fn what_the_decoder_left_out_is_made_up_for() {
    let kind = PartKind::ToolCall { id: "a".into(), name: "f".into(), arguments: String::new() };
    let events = [
        Event::Open { index: 0, kind },
        Event::More { index: 0, delta: Delta::Arguments("{\"x\":".into()) },
        Event::Ping,
        Event::End,
        Event::End,
    ];
    let lines = lines(&events);
    assert_eq!(lines.len(), 3, "a keep-alive, the call, the end");
    assert_eq!(lines[0]["message"]["content"], "");
    assert_eq!(
        lines[1]["message"]["tool_calls"][0]["function"]["arguments"],
        json!({"arguments": "{\"x\":"})
    );
    assert_eq!((&lines[2]["done"], &lines[2]["model"]), (&json!(true), &json!("model-said")));
}

#[test]
fn a_failure_is_an_error_line() {
    let failure = || Event::Failed(Refusal::provider(Kind::Overloaded, Retry::Maybe, "busy"));
    assert_eq!(lines(&[failure(), Event::End]), [json!({"error": "busy"})]);
    let lines = lines(&[Event::Start(Start::default()), failure(), Event::Ping]);
    assert_eq!(lines, [json!({"error": "busy"})]);
}
