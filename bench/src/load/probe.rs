//! One reply of each kind, looked at closely before the load begins: text, usage and end, as a client reads them.
//! The loops that follow only count, so what is wrong inside a reply is found here.

use std::net::SocketAddr;

use anyhow::Context as _;
use serde_json::Value;

use super::connection::Connection;
use super::{Options, request};
use crate::events::{EventCount, MARK};

const PROBE_BYTES: usize = 600;

/// Asks for one whole reply and one stream; an error says what was wrong with which.
pub(super) fn check(options: &Options, address: SocketAddr, path: &str) -> anyhow::Result<()> {
    let ask = |model: &str, stream| -> anyhow::Result<Vec<u8>> {
        let wire = request::wire(options, address, path, model, stream, PROBE_BYTES)?;
        let mut body = Vec::new();
        let status = Connection::open_blocking(address)?
            .exchange_blocking(&wire, &mut |bytes| body.extend_from_slice(bytes))?;
        anyhow::ensure!(status == 200, "status {status}: {}", String::from_utf8_lossy(&body));
        Ok(body)
    };
    ask("bench", false).and_then(|body| judge_whole(&body)).context("the first whole reply")?;
    ask("bench-burst", true).and_then(|body| judge_stream(&body, options)).context("the first stream")
}

fn judge_whole(body: &[u8]) -> anyhow::Result<()> {
    let reply: Value = serde_json::from_slice(body)?;
    let text = reply["choices"][0]["message"]["content"].as_str().unwrap_or_default();
    anyhow::ensure!(text.contains(MARK), "its text is not the upstream's: {reply}");
    judge_usage(&reply["usage"])
}

fn judge_usage(usage: &Value) -> anyhow::Result<()> {
    let read = (usage["prompt_tokens"].as_u64(), usage["completion_tokens"].as_u64());
    let said = (Some(crate::upstream::INPUT_TOKENS), Some(crate::upstream::OUTPUT_TOKENS));
    anyhow::ensure!(read == said, "its usage is not the upstream's: {usage}");
    Ok(())
}

fn judge_stream(body: &[u8], options: &Options) -> anyhow::Result<()> {
    let mut count = EventCount::default();
    count.feed(body);
    anyhow::ensure!(count.ended, "it has no end after {} events", count.events);
    anyhow::ensure!(count.marks == options.texts, "it has {} texts, not {}", count.marks, options.texts);
    let text = std::str::from_utf8(body)?;
    let chunks =
        text.lines().filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data:")?).ok());
    let usage = chunks.map(|chunk| chunk["usage"].clone()).rfind(|usage| !usage.is_null());
    judge_usage(&usage.context("no event has its usage")?)
}
