//! One attempt at one target: what is sent where, what is shown, and what the answer means. It does not know other targets.

use bytes::Bytes;
use claw_dialect::{codec, forward};
use claw_hub::{Call, Dialect, Losses, Refusal};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;

use crate::credentials::{Pass, are_refused};
use crate::deadline::Watch;
use crate::endpoint::Endpoint;
use crate::operations::{self, Operation, Purpose};
use crate::provider::Provider;
use crate::upstream::Upstream;
use crate::{Opened, Reply, body, failure, headers};

/// The longest id of a call that is taken over from a provider, in bytes.
const REQUEST_ID_MAX_BYTES: usize = 128;

/// Makes one call.
pub(crate) async fn open(provider: &Provider, call: &Call<'_>) -> Result<Opened, Refusal> {
    let mut losses = Losses::default();
    let (body, forwarded) = payload(call, &mut losses)?;
    if call.request().strict && !losses.is_empty() {
        return Err(failure::lossy(&provider.name, &losses));
    }
    let place = provider.rotation.next();
    let sending = Sending::new(provider, call, place, (body, forwarded))?;
    let outcome = sending.open().await;
    if let Err(refusal) = &outcome
        && let Some(how_long) = failure::rest(refusal)
    {
        provider.rotation.rest(place, how_long);
    }
    let (reply, provider_request_id) = outcome?;
    Ok(Opened { losses, forwarded, reply, provider_request_id })
}

/// The bytes to send, and whether they are the caller's own.
fn payload(call: &Call<'_>, losses: &mut Losses) -> Result<(Bytes, bool), Refusal> {
    match forward(call.request(), call.target()) {
        Some(bytes) => Ok((bytes, true)),
        None => Ok((codec::encode_request(call.request(), call.target(), losses)?.into(), false)),
    }
}

/// A request that is ready to be sent, with whatever credential.
struct Sending<'a> {
    provider: &'a Provider,
    call: &'a Call<'a>,
    dialect: Dialect,
    stream: bool,
    endpoint: &'a Endpoint,
    operation: &'static Operation,
    uri: Uri,
    body: Bytes,
    forwarded: bool,
}

impl<'a> Sending<'a> {
    fn new(
        provider: &'a Provider,
        call: &'a Call<'a>,
        place: usize,
        (body, forwarded): (Bytes, bool),
    ) -> Result<Self, Refusal> {
        let (target, stream) = (call.target(), call.request().stream);
        let purpose = if stream { Purpose::ChatStream } else { Purpose::Chat };
        let refusal = || failure::no_operation(&provider.name, &target.model);
        let operation = operations::find(target.dialect, purpose).ok_or_else(refusal)?;
        let endpoint = provider.endpoints.get(place).ok_or_else(refusal)?;
        let uri = endpoint.uri(operation, &target.model).ok_or_else(refusal)?;
        let (_, operation) = operation;
        let dialect = target.dialect;
        Ok(Self { provider, call, dialect, stream, endpoint, operation, uri, body, forwarded })
    }

    async fn open(self) -> Result<(Reply, Option<String>), Refusal> {
        let provider = self.provider;
        let mut watch = Watch::start(provider.deadlines);
        let mut pass = provider.credentials.first(&provider.name).await?;
        let mut answer = self.send(&pass, &mut watch).await?;
        if are_refused(&answer)
            && let Some(other) = provider.credentials.after(&pass).await
        {
            let refusal = self.refusal(answer, Watch::start(provider.deadlines)).await;
            self.rest(&pass, &refusal);
            pass = other;
            answer = self.send(&pass, &mut watch).await?;
        }
        if answer.status().is_success() {
            return self.reply(answer, watch).await;
        }
        let refusal = self.refusal(answer, watch).await;
        self.rest(&pass, &refusal);
        Err(refusal)
    }

    async fn send(&self, pass: &Pass, watch: &mut Watch) -> Result<Response<Incoming>, Refusal> {
        let provider = self.provider;
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.operation.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = headers::of(self.call, self.operation, self.forwarded, &provider.headers);
        provider
            .credentials
            .show(pass, self.endpoint.region.as_deref(), &mut request, &self.body)
            .map_err(|error| failure::no_credential(&provider.name, error))?;
        match watch.first_byte(provider.client.request(request)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(failure::unanswered(&provider.name, error)),
            Err(late) => Err(failure::late(&provider.name, late)),
        }
    }

    async fn reply(
        &self,
        answer: Response<Incoming>,
        watch: Watch,
    ) -> Result<(Reply, Option<String>), Refusal> {
        let provider = self.provider;
        let (head, incoming) = answer.into_parts();
        if is_encoded(&head.headers) {
            return Err(failure::encoded(&provider.name));
        }
        if self.stream && !may_be_a_stream(self.dialect, &head.headers) {
            return Err(failure::not_a_stream(&provider.name));
        }
        let request_id = request_id(self.dialect, &head.headers);
        let upstream = Upstream::new(provider.name.clone(), incoming, watch);
        if self.stream {
            return Ok((Reply::Stream(upstream), request_id));
        }
        let whole = body::whole(&provider.name, upstream, provider.reply_max_bytes).await?;
        Ok((Reply::Whole(whole), request_id))
    }

    /// What an answer that is no success means.
    async fn refusal(&self, answer: Response<Incoming>, watch: Watch) -> Refusal {
        let provider = self.provider;
        let credential_refused = are_refused(&answer);
        let (head, incoming) = answer.into_parts();
        let request_id = request_id(self.dialect, &head.headers);
        if head.status.is_redirection() {
            return failure::redirected(&provider.name, head.status);
        }
        let upstream = Upstream::new(provider.name.clone(), incoming, watch);
        let text = if is_encoded(&head.headers) { Vec::new() } else { body::explanation(upstream).await };
        let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
        let mut refusal = codec::decode_refusal(self.dialect, head.status.as_u16(), &header, &text);
        if refusal.source.is_none() {
            refusal = refusal.because(failure::Answered { status: head.status, request_id });
        }
        if credential_refused { failure::credential(&provider.name, refusal) } else { refusal }
    }

    fn rest(&self, pass: &Pass, refusal: &Refusal) {
        if let Some(how_long) = failure::rest(refusal) {
            self.provider.credentials.rest(pass, how_long);
        }
    }
}

fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_ENCODING).is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Whether the reply can be a stream of the dialect. Types that nobody expects are let through, since vendors are careless with them; what is surely
/// something else is not: a page of a proxy, or one JSON value where events should be.
fn may_be_a_stream(dialect: Dialect, headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return true };
    let essence = value.split(';').next().unwrap_or_default().trim();
    let is = |name: &str| essence.eq_ignore_ascii_case(name);
    // Ollama's lines of JSON are sometimes called JSON.
    !is("text/html") && (dialect == Dialect::OllamaChat || !is("application/json"))
}

/// The provider's own id of the call.
fn request_id(dialect: Dialect, headers: &HeaderMap) -> Option<String> {
    let name = match dialect {
        Dialect::AnthropicMessages => HeaderName::from_static("request-id"),
        Dialect::BedrockConverse => HeaderName::from_static("x-amzn-requestid"),
        Dialect::OpenaiChat | Dialect::OllamaChat | Dialect::OpenclawChat => {
            HeaderName::from_static("x-request-id")
        }
    };
    let id = headers.get(name)?.to_str().ok()?;
    (!id.is_empty() && id.len() <= REQUEST_ID_MAX_BYTES).then(|| id.to_owned())
}
