//! What went wrong on the way to a provider, as refusals. The caller is told the provider's name and what happened; addresses, and whatever a
//! library says, go to the log as the cause.

use std::error::Error;
use std::io;
use std::time::Duration;

use claw_hub::{Kind, Losses, Refusal, Retry};
use http::StatusCode;
use hyper_util::client::legacy;

use crate::deadline::Late;
use crate::transport::ConnectLate;

/// What the provider answered with, as the cause of a refusal.
#[derive(Debug, thiserror::Error)]
#[error("the provider answered with status {status}, request id {}", request_id.as_deref().unwrap_or("unknown"))]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) request_id: Option<String>,
}

/// The request was not answered.
pub(crate) fn unanswered(provider: &str, error: legacy::Error) -> Refusal {
    let late = causes(&error).find_map(|cause| cause.downcast_ref::<ConnectLate>());
    if let Some(ConnectLate(limit)) = late {
        let message = format!("provider `{provider}` could not be connected to within {limit:?}");
        return Refusal::provider(Kind::Deadline, Retry::Maybe, message).because(error);
    }
    if !error.is_connect() {
        let message = format!("provider `{provider}` closed the connection before it answered");
        return Refusal::provider(Kind::ProviderFailed, Retry::Maybe, message).because(error);
    }
    let why = causes(&error).find_map(why_unreachable).unwrap_or_default();
    let message = format!("provider `{provider}` cannot be reached{why}");
    Refusal::provider(Kind::ProviderUnreachable, Retry::Maybe, message).because(error)
}

fn why_unreachable(cause: &(dyn Error + 'static)) -> Option<&'static str> {
    if let Some(error) = cause.downcast_ref::<rustls::Error>() {
        return Some(match error {
            rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer) => {
                ": its certificate is from an authority that is not trusted"
            }
            rustls::Error::InvalidCertificate(_) => ": its certificate is not valid",
            _ => ": no TLS connection can be agreed on",
        });
    }
    match cause.downcast_ref::<io::Error>()?.kind() {
        io::ErrorKind::ConnectionRefused => Some(": the connection is refused"),
        _ => None,
    }
}

/// All causes of an error, itself first. An `io::Error` passes over what it wraps when asked for its source, so it is asked for that too.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> + use<'a> {
    std::iter::successors(Some(error), |&error| {
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match wrapped {
            Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

/// A deadline passed.
pub(crate) fn late(provider: &str, late: Late) -> Refusal {
    let message = match late {
        Late::FirstByte(limit) => format!("provider `{provider}` did not answer within {limit:?}"),
        Late::Idle(limit) => format!("provider `{provider}` fell silent for {limit:?} in its answer"),
        Late::Total(limit) => format!("provider `{provider}` did not finish its answer within {limit:?}"),
    };
    Refusal::provider(Kind::Deadline, Retry::Maybe, message)
}

/// The reply ended before its end.
pub(crate) fn broken_off(provider: &str, error: hyper::Error) -> Refusal {
    let message = format!("provider `{provider}` broke off in the middle of its answer");
    Refusal::provider(Kind::ProviderFailed, Retry::Maybe, message).because(error)
}

/// The provider answered with a redirect. It is not followed, because the prompt and the credential would go to a host that nobody configured.
pub(crate) fn redirected(provider: &str, status: StatusCode) -> Refusal {
    let message = format!(
        "provider `{provider}` answered with a redirect ({}), which is not followed",
        status.as_u16()
    );
    Refusal::provider(Kind::ProviderFailed, Retry::Never, message)
}

/// The reply is larger than allowed.
pub(crate) fn too_large(provider: &str, max_bytes: usize) -> Refusal {
    let message = format!("the answer of provider `{provider}` is larger than {max_bytes} bytes");
    Refusal::provider(Kind::ProviderFailed, Retry::Never, message)
}

/// The reply is compressed, though the request said not to.
pub(crate) fn encoded(provider: &str) -> Refusal {
    let message = format!("provider `{provider}` compressed its answer, though it was asked not to");
    Refusal::provider(Kind::ProviderFailed, Retry::Maybe, message)
}

/// The reply to a request for a stream is none.
pub(crate) fn not_a_stream(provider: &str) -> Refusal {
    let message = format!("provider `{provider}` answered a request for a stream with something else");
    Refusal::provider(Kind::ProviderFailed, Retry::Maybe, message)
}

/// The provider refuses the gateway's credential. What it says about it may hold parts of the key, so it is for the log.
pub(crate) fn credential(provider: &str, said: Refusal) -> Refusal {
    let message = format!("provider `{provider}` refuses the gateway's credential");
    let mut refusal = Refusal::gateway(Kind::ProviderCredential, Retry::Maybe, message);
    refusal.code.clone_from(&said.code);
    refusal.because(said)
}

/// There is no credential that could be shown.
pub(crate) fn no_credential(provider: &str, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Refusal {
    let message = format!("the gateway has no credential for provider `{provider}`");
    Refusal::gateway(Kind::ProviderCredential, Retry::Maybe, message).because(cause)
}

/// The target's dialect has no such operation, or the model's name cannot stand in a path.
pub(crate) fn no_operation(provider: &str, model: &str) -> Refusal {
    let message = format!("provider `{provider}` cannot be asked for model `{model}`");
    Refusal::gateway(Kind::Unsupported, Retry::Maybe, message)
}

/// The caller does not want a request that was changed.
pub(crate) fn lossy(provider: &str, losses: &Losses) -> Refusal {
    let message = format!("provider `{provider}` cannot take the request as it is: {losses}");
    let refusal = Refusal::caller(Kind::Unsupported, message);
    match losses.as_slice().first() {
        Some(loss) => refusal.at(loss.field.clone()),
        None => refusal,
    }
}

/// How long something rests that this refusal speaks against.
pub(crate) fn rest(refusal: &Refusal) -> Option<Duration> {
    let usual = match refusal.kind {
        Kind::RateLimited | Kind::Overloaded => Duration::from_secs(5),
        Kind::ProviderUnreachable | Kind::Deadline => Duration::from_secs(10),
        Kind::ProviderCredential | Kind::Billing => Duration::from_secs(60),
        _ => return None,
    };
    match refusal.retry {
        Retry::After(asked) => Some(asked),
        Retry::Never | Retry::Maybe => Some(usual),
    }
}
