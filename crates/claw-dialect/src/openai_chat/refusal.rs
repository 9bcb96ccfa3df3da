//! Errors, both ways: `{"error":{"message","type","param","code"}}`, <https://platform.openai.com/docs/guides/error-codes>.

use claw_hub::{Fault, Kind, Refusal, Retry};

use crate::codec::Rendered;
use crate::json::{self, Node, ObjectWriter, Value};
use crate::provider_error::{retry, scrub, whole_seconds};

/// What a caller reads instead of a message that speaks of the gateway's own key or account.
const CREDENTIAL: &str = "The provider refused the gateway's credential.";
/// What a caller reads where the provider says nothing.
const SILENT: &str = "The provider answered with an error and no message.";

/// Writes a refusal.
pub(crate) fn encode(refusal: &Refusal, _request_id: &str) -> Rendered {
    let (status, ..) = words(refusal.kind);
    let mut headers = Vec::new();
    match refusal.retry {
        Retry::After(wait) => headers.push(("retry-after", whole_seconds(wait).to_string())),
        Retry::Never if status == 429 || status >= 500 => {
            headers.push(("x-should-retry", "false".to_owned()));
        }
        Retry::Never | Retry::Maybe => {}
    }
    let mut body = Vec::new();
    json::object(&mut body, |o| write(o, refusal));
    Rendered { status, headers, body }
}

/// Writes the `error` member, for a body or for a chunk of a stream.
pub(super) fn write(o: &mut ObjectWriter<'_>, refusal: &Refusal) {
    let (_, kind, code) = words(refusal.kind);
    o.object("error", |o| {
        o.string("message", &refusal.message);
        o.string("type", kind);
        match &refusal.param {
            Some(param) => o.string("param", param),
            None => o.null("param"),
        }
        match refusal.code.as_deref().or(code) {
            Some(code) => o.string("code", code),
            None => o.null("code"),
        }
    });
}

/// The status, the type and the usual code of a kind.
const fn words(kind: Kind) -> (u16, &'static str, Option<&'static str>) {
    const BAD: &str = "invalid_request_error";
    const SERVER: &str = "server_error";
    match kind {
        Kind::Malformed => (400, BAD, None),
        Kind::Unsupported => (400, BAD, Some("unsupported_value")),
        Kind::ContextTooLong => (400, BAD, Some("context_length_exceeded")),
        Kind::TooLarge => (413, BAD, Some("request_too_large")),
        Kind::Unauthenticated => (401, BAD, Some("invalid_api_key")),
        Kind::Forbidden => (403, "permission_error", Some("forbidden")),
        Kind::NoSuchPath => (404, BAD, Some("unknown_url")),
        Kind::NoSuchModel => (404, BAD, Some("model_not_found")),
        Kind::MethodNotAllowed => (405, BAD, Some("method_not_allowed")),
        Kind::SlowRequest => (408, BAD, Some("request_timeout")),
        Kind::RateLimited => (429, "rate_limit_error", Some("rate_limit_exceeded")),
        Kind::Billing => (429, "insufficient_quota", Some("insufficient_quota")),
        Kind::Overloaded => (503, SERVER, Some("overloaded")),
        Kind::Draining => (503, SERVER, Some("draining")),
        Kind::ProviderFailed => (502, SERVER, Some("provider_failed")),
        Kind::ProviderUnreachable => (502, SERVER, Some("provider_unreachable")),
        Kind::ProviderCredential => (502, SERVER, Some("provider_credential")),
        Kind::Deadline => (504, SERVER, Some("timeout")),
        Kind::Internal => (500, SERVER, None),
    }
}

/// What a provider's error says, in whatever form vendors give it.
#[derive(Debug, Default)]
struct Said {
    message: Option<String>,
    kind: Option<String>,
    param: Option<String>,
    code: Option<String>,
    status: Option<u16>,
}

impl Said {
    /// Reads the `error` member: an object, or a bare text.
    fn read(error: &Node<'_>) -> Self {
        if let Some(text) = error.as_str() {
            return Self { message: Some(text.to_owned()), ..Self::default() };
        }
        let word = |key: &str| match &error.get(key)?.value {
            Value::String(text) => Some(text.clone().into_owned()).filter(|text| !text.is_empty()),
            Value::Number(text) => Some((*text).to_owned()),
            _ => None,
        };
        let number = |key: &str| error.get(key).and_then(Node::as_count).and_then(|n| u16::try_from(n).ok());
        let status = number("status").or_else(|| number("code")).filter(|status| (400..600).contains(status));
        Self {
            message: word("message"),
            kind: word("type"),
            param: word("param"),
            code: word("code"),
            status,
        }
    }

    /// Reads a whole body. Vendors without an `error` member say `message` or `detail` at the root.
    fn read_body(body: &[u8]) -> Self {
        let Ok(root) = json::parse(body) else {
            let text = String::from_utf8_lossy(body);
            let text = text.trim();
            let is_prose = !text.is_empty() && !text.starts_with('<');
            return Self { message: is_prose.then(|| text.to_owned()), ..Self::default() };
        };
        match root.get("error").and_then(Node::some) {
            Some(error) => Self::read(error),
            None => {
                let said = Self::read(&root);
                let detail = root.get("detail").map(|node| node.as_str().unwrap_or(node.raw).to_owned());
                Self { message: said.message.or(detail), ..said }
            }
        }
    }

    fn says(&self, word: &str) -> bool {
        [&self.code, &self.kind].into_iter().any(|field| field.as_deref() == Some(word))
    }

    fn message_has(&self, words: &[&str]) -> bool {
        let message = self.message.as_deref().unwrap_or_default().to_ascii_lowercase();
        words.iter().any(|word| message.contains(word))
    }

    /// The status that an error without one would have had.
    fn status(&self) -> u16 {
        const STATUSES: [(&str, u16); 9] = [
            ("insufficient_quota", 429),
            ("rate_limit_exceeded", 429),
            ("rate_limit_error", 429),
            ("invalid_request_error", 400),
            ("content_filter", 400),
            ("context_length_exceeded", 400),
            ("model_not_found", 404),
            ("invalid_api_key", 401),
            ("overloaded_error", 503),
        ];
        let by_word = STATUSES.into_iter().find(|(word, _)| self.says(word)).map(|(_, status)| status);
        self.status.or(by_word).unwrap_or(500)
    }

    fn is_too_long(&self) -> bool {
        self.says("context_length_exceeded")
            || self.message_has(&["maximum context length", "context length exceeded", "prompt is too long"])
    }

    fn refuse(self, status: u16, retry: impl FnOnce(Retry) -> Retry) -> Refusal {
        let (kind, fault) = self.judge(status);
        let retry = retry(if is_final(kind, status) { Retry::Never } else { Retry::Maybe });
        if kind == Kind::ProviderCredential {
            return Refusal::gateway(kind, retry, CREDENTIAL);
        }
        let message = self.message.as_deref().map_or_else(|| SILENT.to_owned(), scrub_ids);
        let mut refusal = match fault {
            Fault::Caller => Refusal::caller(kind, message),
            Fault::Gateway => Refusal::gateway(kind, retry, message),
            Fault::Provider => Refusal::provider(kind, retry, message),
        };
        refusal.retry = retry;
        refusal.param = self.param.filter(|_| fault == Fault::Caller);
        refusal.coded(self.code.or(self.kind))
    }

    fn judge(&self, status: u16) -> (Kind, Fault) {
        match status {
            _ if self.is_too_long() => (Kind::ContextTooLong, Fault::Caller),
            _ if self.says("insufficient_quota") => (Kind::Billing, Fault::Gateway),
            _ if self.says("model_not_found") => (Kind::NoSuchModel, Fault::Caller),
            401 | 403 => (Kind::ProviderCredential, Fault::Gateway),
            402 => (Kind::Billing, Fault::Gateway),
            404 if self.message_has(&["model"]) => (Kind::NoSuchModel, Fault::Caller),
            // The address in the configuration is not that of an API of this dialect.
            404 | 405 => (Kind::ProviderFailed, Fault::Gateway),
            408 | 504 => (Kind::Deadline, Fault::Provider),
            409 => (Kind::ProviderFailed, Fault::Provider),
            413 => (Kind::TooLarge, Fault::Caller),
            429 => (Kind::RateLimited, Fault::Provider),
            503 | 529 => (Kind::Overloaded, Fault::Provider),
            400..500 => (Kind::Malformed, Fault::Caller),
            _ => (Kind::ProviderFailed, Fault::Provider),
        }
    }
}

/// Whether the same request fails again, unless the provider says otherwise.
const fn is_final(kind: Kind, status: u16) -> bool {
    let is_of_kind =
        matches!(kind, Kind::ContextTooLong | Kind::NoSuchModel | Kind::Billing | Kind::ProviderCredential);
    is_of_kind || !matches!(status, 408 | 409 | 429 | 500..)
}

/// Takes out what names the gateway's own account: OpenAI writes the ids of organisations and projects into its messages.
fn scrub_ids(message: &str) -> String {
    let scrubbed = scrub(message);
    let is_id = |word: &str| ["org-", "proj_", "sk-"].iter().any(|prefix| word.starts_with(prefix));
    if !scrubbed.split(' ').any(is_id) {
        return scrubbed;
    }
    let words: Vec<&str> = scrubbed.split(' ').map(|word| if is_id(word) { "[id]" } else { word }).collect();
    words.join(" ")
}

/// Reads a provider's error.
pub(crate) fn decode<'h>(status: u16, header: &dyn Fn(&str) -> Option<&'h str>, body: &[u8]) -> Refusal {
    let said = Said::read_body(body);
    let status = if (400..600).contains(&status) { status } else { said.status.unwrap_or(status) };
    said.refuse(status, |unsaid| retry(header, unsaid))
}

/// Reads the `error` member of a chunk, or of a body that came with a success.
pub(super) fn in_band(error: &Node<'_>) -> Refusal {
    let said = Said::read(error);
    let status = said.status();
    said.refuse(status, |unsaid| unsaid)
}
