//! One question and its answer: the request, the reply read event by event, and what went wrong. It must not know how anything looks.

use std::io::Write;

use bytes::Bytes;
use claw_dialect::{Framer, StreamDecoder, codec};
use claw_hub::{Dialect, Event, Kind, Refusal, Retry};
use http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde::Serialize;

use super::screen::{Screen, Wrong};
use crate::cli::client::{Client, read};

const PATH: &str = "/api/v1/chat";
const DIALECT: Dialect = Dialect::OpenclawChat;
const ERROR_MAX_BYTES: usize = 1024 * 1024;

/// What was said so far, and to whom to say it.
#[derive(Serialize)]
pub(super) struct Ask<'a> {
    pub(super) model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) session: Option<&'a str>,
    #[serde(rename = "messages")]
    pub(super) turns: &'a [Turn],
}

/// One turn of a conversation.
#[derive(Serialize)]
pub(super) struct Turn {
    role: &'static str,
    content: String,
}

impl Turn {
    pub(super) const fn user(content: String) -> Self {
        Self { role: "user", content }
    }

    pub(super) const fn assistant(content: String) -> Self {
        Self { role: "assistant", content }
    }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(flatten)]
    ask: &'a Ask<'a>,
    stream: bool,
}

/// Asks, and shows the answer as it comes. Returns its text; `None` if there is no answer to go on from.
///
/// # Errors
/// The terminal cannot be written to. What goes wrong on the way is shown.
pub(super) async fn ask<W: Write>(
    client: &Client,
    ask: &Ask<'_>,
    screen: &mut Screen<W>,
) -> anyhow::Result<Option<String>> {
    let body = serde_json::to_vec(&Body { ask, stream: true })?;
    let response = match client.post(PATH, Bytes::from(body)).await {
        Ok(response) => response,
        Err(error) => {
            screen.unreachable(&error)?;
            return Ok(None);
        }
    };
    let source = Source::of(&response);
    if response.status() == StatusCode::OK {
        return listen(response.into_body(), &source, screen).await;
    }
    let wrong = wrong(response).await;
    screen.wrong(&wrong, &source)?;
    Ok(None)
}

/// What the head of a response says of it.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) provider: Option<String>,
    pub(super) model: Option<String>,
    pub(super) request_id: Option<String>,
}

impl Source {
    fn of(response: &Response<Incoming>) -> Self {
        let headers = response.headers();
        Self {
            provider: text(headers, "x-openclaw-provider").map(str::to_owned),
            model: text(headers, "x-openclaw-model").map(str::to_owned),
            request_id: text(headers, "x-request-id").map(str::to_owned),
        }
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

async fn wrong(response: Response<Incoming>) -> Wrong {
    let (head, body) = response.into_parts();
    let body = read(body, ERROR_MAX_BYTES).await.unwrap_or_default();
    let refusal =
        codec::decode_refusal(DIALECT, head.status.as_u16(), &|name| text(&head.headers, name), &body);
    Wrong { status: Some(head.status), refusal }
}

/// Shows a streamed reply to its end.
async fn listen<W: Write>(
    mut body: Incoming,
    source: &Source,
    screen: &mut Screen<W>,
) -> anyhow::Result<Option<String>> {
    let (mut framer, mut decoder) = (Framer::new(DIALECT), StreamDecoder::new(DIALECT));
    let mut events = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        framer.push(frame.data_ref().map_or(&[][..], |data| data));
        if let Err(error) = take(&mut framer, &mut decoder, &mut events) {
            events.push(Event::Failed(error));
        }
        if screen.show(&mut events, source)? {
            return Ok(screen.take_answer());
        }
    }
    // The bytes ended, or broke off, before the reply did.
    decoder.finish(&mut events);
    screen.show(&mut events, source)?;
    Ok(screen.take_answer())
}

fn take(framer: &mut Framer, decoder: &mut StreamDecoder, events: &mut Vec<Event>) -> Result<(), Refusal> {
    let broken = |error| {
        Refusal::gateway(Kind::Internal, Retry::Maybe, "the stream of the gateway cannot be read")
            .because(error)
    };
    while let Some(frame) = framer.next_frame().map_err(broken)? {
        decoder.frame(&frame, events);
    }
    Ok(())
}
