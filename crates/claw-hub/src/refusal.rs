//! The one refusal: what kind, whose fault, whether to retry, and what the caller is told.
//!
//! It knows neither status codes nor JSON: the edge decides the status, and the caller's dialect the body.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// What went wrong, for branching.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The request cannot be read, or contradicts itself.
    Malformed,
    /// The target cannot do what was asked, and dropping it is not allowed.
    Unsupported,
    /// The request is larger than allowed.
    TooLarge,
    /// The prompt does not fit the model's context window.
    ContextTooLong,
    /// No credential, or one that does not hold.
    Unauthenticated,
    /// Known, but not allowed.
    Forbidden,
    /// There is no such path.
    NoSuchPath,
    /// The path is there, the method is not.
    MethodNotAllowed,
    /// There is no such model, or the caller may not know of it.
    NoSuchModel,
    /// The caller exceeds a rate or quota.
    RateLimited,
    /// Payment or spend limit at the provider.
    Billing,
    /// The request took too long to arrive.
    SlowRequest,
    /// The gateway or the provider has no room now.
    Overloaded,
    /// The provider failed or answered nonsense.
    ProviderFailed,
    /// The provider cannot be reached.
    ProviderUnreachable,
    /// The provider did not answer in time.
    Deadline,
    /// The provider refuses the gateway's own credential.
    ProviderCredential,
    /// The gateway is shutting down.
    Draining,
    /// A defect of the gateway.
    Internal,
}

impl Kind {
    /// The label in records and metrics.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Unsupported => "unsupported",
            Self::TooLarge => "too_large",
            Self::ContextTooLong => "context_too_long",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NoSuchPath => "no_such_path",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::NoSuchModel => "no_such_model",
            Self::RateLimited => "rate_limited",
            Self::Billing => "billing",
            Self::SlowRequest => "slow_request",
            Self::Overloaded => "overloaded",
            Self::ProviderFailed => "provider_failed",
            Self::ProviderUnreachable => "provider_unreachable",
            Self::Deadline => "deadline",
            Self::ProviderCredential => "provider_credential",
            Self::Draining => "draining",
            Self::Internal => "internal",
        }
    }
}

/// Whose fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The caller's.
    Caller,
    /// The gateway's, or that of whoever configured it.
    Gateway,
    /// The provider's.
    Provider,
}

impl Fault {
    /// The label in records and metrics.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Gateway => "gateway",
            Self::Provider => "provider",
        }
    }
}

/// Whether the same request can succeed later or elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It will fail again.
    Never,
    /// It may succeed.
    Maybe,
    /// It may succeed after this time.
    After(Duration),
}

/// A request that is not answered, or not to its end.
#[derive(Debug)]
pub struct Refusal {
    /// What went wrong.
    pub kind: Kind,
    /// Whose fault it is.
    pub fault: Fault,
    /// Whether to try again.
    pub retry: Retry,
    /// What the caller is told: complete, and without anything internal.
    pub message: String,
    /// The field at fault, in the caller's words.
    pub param: Option<String>,
    /// The provider's own machine-readable code, where it said one.
    pub code: Option<String>,
    /// The cause, for the log only.
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl Refusal {
    /// A refusal that is the caller's fault and will not go away.
    pub fn caller(kind: Kind, message: impl Into<String>) -> Self {
        Self::new(kind, Fault::Caller, Retry::Never, message)
    }

    /// A refusal that is the gateway's fault.
    pub fn gateway(kind: Kind, retry: Retry, message: impl Into<String>) -> Self {
        Self::new(kind, Fault::Gateway, retry, message)
    }

    /// A refusal that is the provider's fault.
    pub fn provider(kind: Kind, retry: Retry, message: impl Into<String>) -> Self {
        Self::new(kind, Fault::Provider, retry, message)
    }

    fn new(kind: Kind, fault: Fault, retry: Retry, message: impl Into<String>) -> Self {
        Self { kind, fault, retry, message: message.into(), param: None, code: None, source: None }
    }

    /// Names the field at fault.
    #[must_use]
    pub fn at(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    /// Adds the provider's own code.
    #[must_use]
    pub fn coded(mut self, code: Option<String>) -> Self {
        self.code = code;
        self
    }

    /// Adds the cause, for the log.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Refusal {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
