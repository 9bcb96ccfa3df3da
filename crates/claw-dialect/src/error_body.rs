//! What the body of a provider's error says, in the forms that OpenAI and everyone who resembles it give it: an object under `error`, a text
//! under `error`, `message` or `detail` at the root, plain text, or a page of HTML. It knows no dialect's codes.

use claw_hub::{Fault, Kind, Refusal, Retry};

use crate::json::{self, Node, Value};
use crate::provider_error::scrub;

/// What a caller reads instead of a message that speaks of the gateway's own key or account.
const CREDENTIAL: &str = "The provider refused the gateway's credential.";
/// What a caller reads where the provider says nothing.
const SILENT: &str = "The provider answered with an error and no message.";

/// An error as the provider said it.
#[derive(Debug, Default)]
pub(crate) struct ErrorBody {
    /// The text for people.
    pub(crate) message: Option<String>,
    /// The kind in the provider's words.
    pub(crate) kind: Option<String>,
    /// The field at fault.
    pub(crate) param: Option<String>,
    /// The code in the provider's words.
    pub(crate) code: Option<String>,
    /// The HTTP status, where the body repeats it.
    pub(crate) status: Option<u16>,
}

impl ErrorBody {
    /// Reads the `error` member: an object, or a bare text.
    pub(crate) fn read(error: &Node<'_>) -> Self {
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

    /// Reads a whole body.
    pub(crate) fn read_body(body: &[u8]) -> Self {
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

    /// Whether its code or its kind is this word.
    pub(crate) fn says(&self, word: &str) -> bool {
        [&self.code, &self.kind].into_iter().any(|field| field.as_deref() == Some(word))
    }

    /// Whether its message has one of these phrases, which are in lower case.
    pub(crate) fn message_has(&self, phrases: &[&str]) -> bool {
        let message = self.message.as_deref().unwrap_or_default().to_ascii_lowercase();
        phrases.iter().any(|phrase| message.contains(phrase))
    }

    /// Whether the prompt did not fit: nobody has a status for it, and hardly anyone a code.
    pub(crate) fn is_too_long(&self) -> bool {
        self.says("context_length_exceeded")
            || self.message_has(&[
                "maximum context length",
                "context length exceeded",
                "exceeds the context length",
                "prompt is too long",
            ])
    }

    /// The refusal. `retry` turns what the status alone suggests into what the provider's headers say.
    pub(crate) fn refuse(
        self,
        status: u16,
        (kind, fault): (Kind, Fault),
        retry: impl FnOnce(Retry) -> Retry,
    ) -> Refusal {
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
}

/// What a status means where the body says nothing better.
pub(crate) const fn judge(status: u16) -> (Kind, Fault) {
    match status {
        401 | 403 => (Kind::ProviderCredential, Fault::Gateway),
        402 => (Kind::Billing, Fault::Gateway),
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
