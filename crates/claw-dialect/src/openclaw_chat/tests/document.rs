//! Every example in the document is what it says it is.

use claw_hub::{Dialect, Event, Losses};
use serde_json::Value;

use super::super::{refusal, reply};
use super::{again, decode};
use crate::sequence::assert_well_formed;
use crate::streamed::{self, said};

const DOCUMENT: &str = include_str!("../../../../../docs/reference/chat-api.md");

/// The blocks of one kind, such as `json request`.
fn blocks(kind: &str) -> Vec<&'static str> {
    let opening = format!("```{kind}\n");
    let found = DOCUMENT.split(opening.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap());
    let blocks: Vec<_> = found.collect();
    assert!(!blocks.is_empty(), "no block of {kind}");
    blocks
}

#[test]
fn every_request_can_be_made() {
    for block in blocks("json request") {
        let request = decode(block).unwrap_or_else(|refusal| panic!("{refusal}: {block}"));
        let request = claw_hub::Request { raw: None, ..request };
        assert_eq!(again(&request), request);
    }
}

#[test]
fn every_reply_is_one_that_the_gateway_writes() {
    for block in blocks("json reply") {
        let read = reply::decode(block.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal}: {block}"));
        let written = reply::encode(&read, &said(), &mut Losses::default());
        let written: Value = serde_json::from_slice(&written).unwrap();
        assert_eq!(written, serde_json::from_str::<Value>(block).unwrap());
    }
}

#[test]
fn every_stream_is_one_that_the_gateway_writes() {
    for block in blocks("sse stream") {
        let events = streamed::decode(Dialect::OpenclawChat, block.as_bytes(), &[]);
        assert_well_formed(block, &events);
        assert!(matches!(events.last(), Some(Event::End)), "{events:?}");
        let written = streamed::encode(Dialect::OpenclawChat, said(), &events);
        assert_eq!(String::from_utf8(written).unwrap(), block);
    }
}

#[test]
fn every_error_is_one_that_the_gateway_writes() {
    for block in blocks("json error") {
        let given: Value = serde_json::from_str(block).unwrap();
        let read = refusal::decode(429, &|_| None, block.as_bytes());
        let written = refusal::encode(&read, given["error"]["request_id"].as_str().unwrap());
        assert_eq!(serde_json::from_slice::<Value>(&written.body).unwrap(), given);
        assert_eq!(written.status, 429);
    }
}

#[test]
fn every_kind_of_error_is_in_the_table_with_its_status() {
    for (kind, status) in refusal::STATUSES {
        let row = format!("| `{}` | {status} |", kind.label());
        assert!(DOCUMENT.contains(&row), "{row}");
    }
    let rows = DOCUMENT
        .lines()
        .filter(|line| line.starts_with("| `") && line.contains("` | 4") || line.contains("` | 5"));
    assert_eq!(rows.count(), refusal::STATUSES.len());
}
