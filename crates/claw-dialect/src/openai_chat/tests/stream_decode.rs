//! Chunks to events.

use claw_hub::{Dialect, Event, Kind, Part, PartKind, Reply, Stop, Usage};

use crate::codec::is_unasked_usage;
use crate::frame::{Frame, Framer};
use crate::sequence::assert_well_formed;
use crate::streamed::{decode, reply_of, told};

const PARALLEL: &str = include_str!("../../../fixtures/openai_chat/stream_parallel_tools.sse");
const AZURE: &str = include_str!("../../../fixtures/openai_chat/stream_azure.sse");

/// The events of chunks with these choices.
fn choices(choices: &[&str]) -> Vec<Event> {
    let bytes: String =
        choices.iter().map(|choice| format!("data: {{\"choices\":[{choice}]}}\n\n")).collect();
    let events = decode(Dialect::OpenaiChat, bytes.as_bytes(), &[]);
    assert_well_formed(&bytes, &events);
    events
}

fn reply(given: &[&str]) -> Reply {
    reply_of(&choices(given))
}

fn call(id: &str, name: &str, arguments: &str) -> Part {
    PartKind::ToolCall { id: id.into(), name: name.into(), arguments: arguments.into() }.into()
}

fn failure(bytes: &str) -> claw_hub::Refusal {
    let mut events = decode(Dialect::OpenaiChat, bytes.as_bytes(), &[]);
    assert_well_formed(bytes, &events);
    match events.pop() {
        Some(Event::Failed(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

const STOP: &str = r#"{"delta":{},"finish_reason":"stop"}"#;

#[test]
fn parallel_calls_are_put_together_whatever_the_cut() {
    let whole = decode(Dialect::OpenaiChat, PARALLEL.as_bytes(), &[]);
    assert_well_formed("parallel", &whole);
    for cut in 0..PARALLEL.len() {
        assert_eq!(told(&decode(Dialect::OpenaiChat, PARALLEL.as_bytes(), &[cut])), told(&whole));
    }
    let reply = reply_of(&whole);
    assert_eq!(
        reply.parts,
        [
            Part::text("Looking"),
            call("call_a", "weather", r#"{"city":"Bern"}"#),
            call("call_b", "time", "{}")
        ]
    );
    assert_eq!((reply.id.as_str(), reply.model.as_str(), reply.stop), ("chatcmpl-1", "gpt-x", Stop::ToolUse));
    let usage = Usage { input_fresh: 36, cache_read: 64, output: 20, reasoning: 5, ..Usage::default() };
    assert_eq!(reply.usage, Some(usage));
}

#[test]
fn a_first_chunk_without_choices_is_not_the_start() {
    let events = decode(Dialect::OpenaiChat, AZURE.as_bytes(), &[]);
    assert!(matches!(events[0], Event::Ping));
    assert!(matches!(events[1], Event::Ping), "a comment");
    let reply = reply_of(&events);
    assert_eq!((reply.id.as_str(), reply.model.as_str()), ("chatcmpl-2", "gpt-y"));
    assert_eq!((reply.parts, reply.stop), (vec![Part::text("Hi")], Stop::ContentFilter));
}

#[test]
fn reasoning_text_and_refusal_are_parts_of_their_own() {
    let reply = reply(&[
        r#"{"delta":{"reasoning_content":"h"}}"#,
        r#"{"delta":{"reasoning":"m"}}"#,
        r#"{"delta":{"content":"a"}}"#,
        r#"{"delta":{"content":""}}"#,
        r#"{"delta":{"content":"b"}}"#,
        r#"{"delta":{"refusal":"no"}}"#,
        STOP,
    ]);
    let kinds: Vec<String> = reply.parts.iter().map(|part| format!("{:?}", part.kind)).collect();
    assert_eq!(
        kinds,
        [
            r#"Thinking(Thought { text: "hm", signature: None, redacted: None })"#,
            r#"Text("ab")"#,
            r#"Refusal("no")"#
        ]
    );
    assert_eq!(reply.stop, Stop::Refusal);
}

#[test]
fn content_may_be_a_list_of_parts() {
    let reply = reply(&[
        r#"{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]},{"type":"text","text":"a"}]}}"#,
        STOP,
    ]);
    assert_eq!(reply.parts.len(), 2);
    assert_eq!(reply.parts[1], Part::text("a"));
}

#[test]
fn calls_of_vendors_with_other_habits_are_told_apart() {
    let two = [call("call_0", "f", "{}"), call("call_1", "g", "{}")];
    let without_ids = reply(&[
        r#"{"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}}]}}"#,
        r#"{"delta":{"tool_calls":[{"index":1,"id":"","function":{"name":"g","arguments":"{}"}}]}}"#,
        STOP,
    ]);
    assert_eq!(without_ids.parts, two);
    assert_eq!(without_ids.stop, Stop::ToolUse, "they say stop where others say tool_calls");
    let without_indexes = reply(&[
        r#"{"delta":{"tool_calls":[{"function":{"name":"f","arguments":"{}"}},{"function":{"name":"g","arguments":"{}"}}]}}"#,
        STOP,
    ]);
    assert_eq!(without_indexes.parts, two);
    let all_at_zero = reply(&[
        r#"{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]}}"#,
        r#"{"delta":{"tool_calls":[{"index":0,"id":"b","function":{"name":"f","arguments":"{}"}}]}}"#,
        STOP,
    ]);
    assert_eq!(all_at_zero.parts, [call("a", "f", "{}"), call("b", "f", "{}")]);
    let saying_all_each_time = reply(&[
        r#"{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}]}}"#,
        r#"{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"}"}}]}}"#,
        STOP,
    ]);
    assert_eq!(saying_all_each_time.parts, [call("a", "f", "{}")]);
    let name_last = reply(&[
        r#"{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"arguments":"{"}}]}}"#,
        r#"{"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"}"}}]}}"#,
        STOP,
    ]);
    assert_eq!(name_last.parts, [call("a", "f", "{}")]);
    let legacy = reply(&[
        r#"{"delta":{"function_call":{"name":"f","arguments":"{"}}}"#,
        r#"{"delta":{"function_call":{"arguments":"}"}},"finish_reason":"function_call"}"#,
    ]);
    assert_eq!(legacy.parts, [call("call_0", "f", "{}")]);
    let objects = reply(&[
        r#"{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":{"x":1}}}]}}"#,
        STOP,
    ]);
    assert_eq!(objects.parts, [call("a", "f", r#"{"x":1}"#)]);
}

#[test]
fn only_the_first_choice_is_told() {
    let reply = reply(&[
        r#"{"index":0,"delta":{"content":"a"}}"#,
        r#"{"index":1,"delta":{"content":"b"}}"#,
        r#"{"index":1,"delta":{},"finish_reason":"length"}"#,
        r#"{"index":0,"delta":{},"finish_reason":"stop"}"#,
    ]);
    assert_eq!((reply.parts, reply.stop), (vec![Part::text("a")], Stop::EndTurn));
}

#[test]
fn usage_is_found_wherever_vendors_say_it() {
    for chunk in [
        r#"{"choices":[],"usage":{"prompt_tokens":2,"completion_tokens":3}}"#,
        r#"{"choices":[{"delta":{},"usage":{"prompt_tokens":2,"completion_tokens":3}}]}"#,
        r#"{"choices":[{"delta":{}}],"x_groq":{"usage":{"prompt_tokens":2,"completion_tokens":3}}}"#,
    ] {
        let bytes = format!("data: {chunk}\n\ndata: {{\"choices\":[{STOP}]}}\n\ndata: [DONE]\n\n");
        let usage = reply_of(&decode(Dialect::OpenaiChat, bytes.as_bytes(), &[])).usage.unwrap();
        assert_eq!((usage.input(), usage.output), (2, 3), "{chunk}");
    }
}

#[test]
fn a_stream_without_done_is_whole_if_it_said_why_it_ended() {
    assert!(matches!(choices(&[r#"{"delta":{"content":"a"}}"#, STOP]).last(), Some(Event::End)));
    let cut = choices(&[r#"{"delta":{"content":"a"}}"#]);
    assert!(matches!(cut.last(), Some(Event::Failed(refusal)) if refusal.kind == Kind::ProviderFailed));
    let done = decode(
        Dialect::OpenaiChat,
        b"data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata:[DONE]\n\n",
        &[],
    );
    assert_eq!(reply_of(&done).stop, Stop::EndTurn, "done is done, even without a reason");
}

#[test]
fn nothing_follows_the_end() {
    let bytes = format!("data: {{\"choices\":[{STOP}]}}\n\ndata: [DONE]\n\ndata: x\n\ndata: [DONE]\n\n");
    let events = decode(Dialect::OpenaiChat, bytes.as_bytes(), &[]);
    assert_well_formed("more", &events);
    assert!(matches!(events.last(), Some(Event::End)));
    let late = choices(&[STOP, r#"{"delta":{"content":"late"}}"#]);
    assert!(reply_of(&late).parts.is_empty());
}

#[test]
fn errors_in_the_middle_are_failures() {
    let middle = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
    for (chunk, kind) in [
        (
            r#"{"error":{"message":"The server had an error","type":"server_error","code":null}}"#,
            Kind::ProviderFailed,
        ),
        (r#"{"error":{"message":"slow down","code":429},"choices":[]}"#, Kind::RateLimited),
        (r#"{"error":{"message":"m","type":"rate_limit_exceeded"}}"#, Kind::RateLimited),
        (r#"{"error":{"message":"m","type":"insufficient_quota"}}"#, Kind::Billing),
        (r#"{"error":{"message":"m","code":"context_length_exceeded"}}"#, Kind::ContextTooLong),
        (r#"{"error":{"message":"m","type":"overloaded_error"}}"#, Kind::Overloaded),
        (r#"{"error":"bare"}"#, Kind::ProviderFailed),
        ("{not json", Kind::ProviderFailed),
    ] {
        assert_eq!(failure(&format!("{middle}data: {chunk}\n\n")).kind, kind, "{chunk}");
        assert_eq!(failure(&format!("data: {chunk}\n\n")).kind, kind, "{chunk}");
    }
    assert_eq!(failure("event: error\ndata: {\"message\":\"gone\"}\n\n").message, "gone");
    assert_eq!(failure("data: [DONE]\n\n").kind, Kind::ProviderFailed);
    assert_eq!(failure("").kind, Kind::ProviderFailed);
}

#[test]
fn a_reply_without_end_is_bounded() {
    let many: String = (0..600).map(|n| format!("data: {{\"choices\":[{{\"delta\":{{\"tool_calls\":[{{\"index\":{n},\"id\":\"c{n}\",\"function\":{{\"name\":\"f\"}}}}]}}}}]}}\n\n")).collect();
    assert!(failure(&many).message.contains("too many tool calls"));
    let held = format!(
        "data: {{\"choices\":[{{\"delta\":{{\"tool_calls\":[{{\"index\":0,\"function\":{{\"arguments\":\"{}\"}}}}]}}}}]}}\n\n",
        "x".repeat(700_000)
    );
    assert!(failure(&held.repeat(2)).message.contains("too many tool calls"));
}

fn frame(data: &str) -> Frame {
    let mut framer = Framer::new(Dialect::OpenaiChat);
    framer.push(format!("data: {data}\n\n").as_bytes());
    framer.next_frame().unwrap().unwrap()
}

#[test]
fn the_usage_chunk_is_told_from_all_others() {
    for (data, is_usage) in [
        (r#"{"choices":[],"usage":{"prompt_tokens":1}}"#, true),
        (r#"{"usage" : {"prompt_tokens":1}, "choices" : [ ]}"#, true),
        (r#"{"usage":{"prompt_tokens":1}}"#, true),
        (r#"{"choices":[{"delta":{"content":"a"}}],"usage":null}"#, false),
        (r#"{"choices":[{"delta":{}}],"usage":{"prompt_tokens":1}}"#, false),
        (r#"{"choices":[],"usage":null}"#, false),
        (r#"{"choices":[],"prompt_filter_results":[{"usage":{}}]}"#, false),
        (r#"{"choices":[{"delta":{"content":"\"usage\":{"}}]}"#, false),
        ("[DONE]", false),
    ] {
        assert_eq!(is_unasked_usage(Dialect::OpenaiChat, &frame(data)), is_usage, "{data}");
        assert!(!is_unasked_usage(Dialect::OpenclawChat, &frame(data)));
    }
}
