//! The body of a request to the hub.

use std::ops::Range;

use bytes::Bytes;
use claw_hub::{Dialect, Effort, Extra, Json, Raw, Refusal, Request, Sampling, Thinking, ThinkingMode};

use super::super::wire;
use super::{messages, tools};
use crate::extra::gather;
use crate::json::{self, Node, Object, Path, Value};

/// Reads a request.
///
/// # Errors
/// The body is not JSON, lacks `model` or `messages`, or a known field is not what it should be.
pub(crate) fn decode(body: &Bytes) -> Result<Request, Refusal> {
    let root = json::parse(body)?;
    let opening = root.span(body).start + 1;
    let mut object = Object::open(root, Path::Root)?;
    let model = object.need(wire::MODEL)?;
    let model_at = model.span(body);
    let name = model.as_str().ok_or_else(|| Path::Root.field(wire::MODEL).refuse("must be a string"))?;
    let mut request = Request::new(Dialect::OpenaiChat, name);
    request.stream = object.boolean("stream")?.unwrap_or(false);
    let asked = StreamOptions::read(&mut object, body, opening, request.stream)?;
    request.include_usage = asked.include_usage;
    let conversation = messages::read(&mut object)?;
    request.system = conversation.system;
    request.messages = conversation.messages;
    request.tools = tools::read_tools(&mut object)?;
    request.parallel_tools = object.boolean("parallel_tool_calls")?;
    request.user = object.string("user")?;
    request.service_tier = object.string("service_tier")?;
    let mut unread = Extra::default();
    request.sampling = read_sampling(&mut object, &mut unread)?;
    request.thinking = read_effort(&mut object, &mut unread);
    request.format = tools::read_format(&mut object, &mut unread)?;
    request.tool_choice = tools::read_choice(&mut object, &mut unread);
    request.extra = gather(object.rest_of_envelope()?, &Path::Root, [(wire::STREAM_OPTIONS, asked.rest)])?;
    request.extra.0.extend(unread.0);
    request.raw =
        Some(Raw { body: body.clone(), model: Some(model_at), patches: asked.patch.into_iter().collect() });
    Ok(request)
}

/// What `stream_options` says, and how to make it ask for usage: the gateway always wants to know it, and takes the chunk with it out again
/// where the caller did not ask.
struct StreamOptions {
    include_usage: bool,
    rest: Extra,
    patch: Option<(Range<usize>, Box<str>)>,
}

impl StreamOptions {
    fn read(
        object: &mut Object<'_, '_>,
        body: &Bytes,
        opening: usize,
        stream: bool,
    ) -> Result<Self, Refusal> {
        let node = object.take_nullable(wire::STREAM_OPTIONS);
        let place = node.as_ref().map(|node| node.span(body));
        let mut said = Self { include_usage: !stream, rest: Extra::default(), patch: None };
        if let Some(node) = node.filter(|node| node.value != Value::Null) {
            let mut options = Object::open(node, Path::Root.field(wire::STREAM_OPTIONS))?;
            said.include_usage |= options.boolean(wire::INCLUDE_USAGE)?.unwrap_or(false);
            said.rest = options.rest();
        }
        if stream && !said.include_usage {
            said.patch = Some(said.asking(place, opening));
        }
        Ok(said)
    }

    fn asking(&self, place: Option<Range<usize>>, opening: usize) -> (Range<usize>, Box<str>) {
        let Some(place) = place else {
            return (opening..opening, r#""stream_options":{"include_usage":true},"#.into());
        };
        let mut value = Vec::new();
        json::object(&mut value, |o| {
            o.boolean(wire::INCLUDE_USAGE, true);
            o.extra(&self.rest);
        });
        (place, String::from_utf8_lossy(&value).into())
    }
}

fn read_sampling(object: &mut Object<'_, '_>, unread: &mut Extra) -> Result<Sampling, Refusal> {
    let newer = object.count("max_completion_tokens")?;
    let older = object.count("max_tokens")?;
    Ok(Sampling {
        max_tokens: newer.or(older),
        temperature: object.number("temperature")?,
        top_p: object.number("top_p")?,
        // Not OpenAI's: vLLM and others take it, and say -1 for "all".
        top_k: take_as(object, "top_k", unread, |node| node.as_count()),
        stop: read_stop(object)?,
        seed: object.number("seed")?,
        frequency_penalty: object.number("frequency_penalty")?,
        presence_penalty: object.number("presence_penalty")?,
        n: object.count("n")?,
    })
}

fn read_stop(object: &mut Object<'_, '_>) -> Result<Vec<String>, Refusal> {
    let refuse = || Path::Root.field("stop").refuse("must be a string or a list of strings");
    match object.take("stop").map(|node| node.value) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text.into_owned()]),
        Some(Value::Array(items)) => {
            items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(refuse)).collect()
        }
        Some(_) => Err(refuse()),
    }
}

fn read_effort(object: &mut Object<'_, '_>, unread: &mut Extra) -> Option<Thinking> {
    let word = |node: &Node<'_>| node.as_str().and_then(Effort::from_name);
    let effort = take_as(object, wire::REASONING_EFFORT, unread, word)?;
    Some(Thinking { mode: ThinkingMode::Unsaid, budget_tokens: None, effort: Some(effort), display: None })
}

/// Takes a field that vendors also use in forms that the hub has no word for: those are carried along unread.
pub(super) fn take_as<T>(
    object: &mut Object<'_, '_>,
    name: &'static str,
    unread: &mut Extra,
    read: impl FnOnce(&Node<'_>) -> Option<T>,
) -> Option<T> {
    let node = object.take(name)?;
    let value = read(&node);
    if value.is_none() {
        unread.0.push((name.to_owned(), Json::verbatim(node.raw)));
    }
    value
}
