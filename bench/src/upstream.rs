//! A provider that costs next to nothing: every reply is prebuilt bytes, chosen by the path and the model name.
//! `bench` is answered whole, `bench-gapN` is streamed with N ms between events, `bench-burst` is streamed at once.
//! It must not know proxies, and it does not judge requests beyond what shows that a proxy broke one.

mod replies;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use memchr::memmem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until};

use crate::http1::{Message, Writer};
use replies::{Dialect, Replies};

/// The `content` events of a stream in the OpenAI dialect; with role, stop, usage and end they are 51 events.
pub(crate) const OPENAI_TEXTS: u64 = replies::OPENAI_TEXTS as u64;
/// The `content` events of a stream in the Anthropic dialect; with the five around them they are 51 events.
pub(crate) const ANTHROPIC_TEXTS: u64 = replies::ANTHROPIC_TEXTS as u64;

/// The usage that every reply reports.
pub(crate) const INPUT_TOKENS: u64 = replies::INPUT_TOKENS;
/// The usage that every reply reports.
pub(crate) const OUTPUT_TOKENS: u64 = replies::OUTPUT_TOKENS;

const MAX_CONNECTIONS: usize = 4096;
const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;
const READ_BYTES: usize = 64 * 1024;

/// Serves on `listen` until the process ends.
pub(crate) async fn serve(listen: SocketAddr) -> anyhow::Result<()> {
    accept(TcpListener::bind(listen).await?).await
}

/// Serves the connections of a bound listener.
pub(crate) async fn accept(listener: TcpListener) -> anyhow::Result<()> {
    let replies = Arc::new(Replies::build());
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let permit = Arc::clone(&room).acquire_owned().await?;
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let replies = Arc::clone(&replies);
        tokio::spawn(async move {
            // A peer that goes away ends its connection and nothing else.
            drop(serve_connection(stream, &replies).await);
            drop(permit);
        });
    }
}

async fn serve_connection(mut stream: TcpStream, replies: &Replies) -> io::Result<()> {
    let mut buffer = vec![0_u8; READ_BYTES];
    let mut message = Message::new(Writer::Client);
    let mut body = Vec::new();
    loop {
        message.reset();
        body.clear();
        if !read_request(&mut stream, &mut buffer, &mut message, &mut body).await? {
            return Ok(());
        }
        answer(&mut stream, replies, choose(message.start_line(), &body)).await?;
        if message.closes() {
            return stream.shutdown().await;
        }
    }
}

/// Reads one request to its end; false when the client closed instead of sending one.
async fn read_request(
    stream: &mut TcpStream,
    buffer: &mut [u8],
    message: &mut Message,
    body: &mut Vec<u8>,
) -> io::Result<bool> {
    while !message.is_complete() {
        let size = stream.read(buffer).await?;
        if size == 0 {
            return Ok(false);
        }
        let fed = message.feed(&buffer[..size], &mut |bytes| body.extend_from_slice(bytes));
        if fed.map_err(io::Error::other)? != size || body.len() > MAX_BODY_BYTES {
            return Err(io::Error::other("a pipelined request or too long a body"));
        }
    }
    Ok(true)
}

/// What is answered to one request.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Health,
    Refused,
    Whole(Dialect),
    Burst(Dialect),
    Paced(Dialect, Duration),
}

/// Reads the dialect from the path and the pace from the model name. A stream that was not asked for as one (or
/// the reverse) is refused, so that a proxy that drops `stream` fails the run.
fn choose(start_line: &[u8], body: &[u8]) -> Answer {
    let mut words = start_line.split(|byte| *byte == b' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let dialect = match (method, path) {
        (b"GET", b"/health") => return Answer::Health,
        (b"POST", path) if path.ends_with(b"/chat/completions") => Dialect::OpenAi,
        (b"POST", path) if path.ends_with(b"/messages") => Dialect::Anthropic,
        _ => return Answer::Refused,
    };
    let model = string_after(body, b"\"model\"").unwrap_or_default();
    match (model, asks_for_stream(body)) {
        (b"bench", false) => Answer::Whole(dialect),
        (b"bench-burst", true) => Answer::Burst(dialect),
        (model, true) => match gap_of(model) {
            Some(gap) => Answer::Paced(dialect, gap),
            None => Answer::Refused,
        },
        (_, false) => Answer::Refused,
    }
}

fn gap_of(model: &[u8]) -> Option<Duration> {
    let digits = std::str::from_utf8(model.strip_prefix(b"bench-gap")?).ok()?;
    digits.parse().ok().map(Duration::from_millis)
}

/// The string that follows `key` and a colon. Quotes inside a JSON string are escaped, so `key` with its own
/// quotes is never found in a message's text.
fn string_after<'a>(body: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let rest = after_colon(body, key)?.strip_prefix(b"\"")?;
    Some(&rest[..memchr::memchr(b'"', rest)?])
}

fn asks_for_stream(body: &[u8]) -> bool {
    after_colon(body, b"\"stream\"").is_some_and(|rest| rest.starts_with(b"true"))
}

fn after_colon<'a>(body: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let rest = &body[memmem::find(body, key)? + key.len()..];
    Some(rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start())
}

async fn answer(stream: &mut TcpStream, replies: &Replies, answer: Answer) -> io::Result<()> {
    match answer {
        Answer::Health => stream.write_all(&replies.health).await,
        Answer::Refused => stream.write_all(&replies.refused).await,
        Answer::Whole(dialect) => stream.write_all(&replies.of(dialect).whole).await,
        Answer::Burst(dialect) => stream.write_all(&replies.of(dialect).burst).await,
        Answer::Paced(dialect, gap) => {
            let begun = Instant::now();
            let mut due = begun;
            for part in &replies.of(dialect).parts {
                // The schedule is absolute: a late event does not push the later ones back.
                sleep_until(due).await;
                stream.write_all(part).await?;
                due += gap;
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_says_the_dialect_and_the_model_says_the_pace() {
        let chat = b"POST /v1/chat/completions HTTP/1.1";
        let messages = b"POST /v1/messages HTTP/1.1";
        assert_eq!(choose(chat, br#"{"model":"bench"}"#), Answer::Whole(Dialect::OpenAi));
        assert_eq!(
            choose(messages, br#"{"stream": true, "model" : "bench-burst"}"#),
            Answer::Burst(Dialect::Anthropic)
        );
        assert_eq!(
            choose(chat, br#"{"model":"bench-gap5","stream":true}"#),
            Answer::Paced(Dialect::OpenAi, Duration::from_millis(5))
        );
    }

    #[test]
    fn a_request_that_a_proxy_broke_is_refused() {
        let chat = b"POST /v1/chat/completions HTTP/1.1";
        let broken: [&[u8]; 4] = [
            br#"{"model":"bench-burst"}"#,
            br#"{"model":"bench","stream":true}"#,
            br#"{"model":"openai/bench"}"#,
            b"",
        ];
        for body in broken {
            assert_eq!(choose(chat, body), Answer::Refused, "{}", String::from_utf8_lossy(body));
        }
        assert_eq!(choose(b"GET /v1/models HTTP/1.1", b""), Answer::Refused);
    }
}
