//! `[providers.NAME]`: an address with credentials that speaks a dialect.
//!
//! Compatible vendors are data, not code: nothing here knows a vendor beyond the default addresses.

mod connection;
mod credentials;
mod endpoint;

use std::collections::BTreeMap;

use claw_hub::Dialect;

pub use connection::{Connection, Deadlines, StaticHeader};
pub use credentials::{AssumedRole, AuthHeader, AwsCredentials, Credentials};
pub use endpoint::{Endpoint, Region};

pub(crate) use credentials::AWS_KEYS;

use crate::name::{self, ProviderName};
use crate::problem::Fault;
use crate::reader::Reader;

pub(crate) const KEYS: &[&str] = &[
    "dialect",
    "base_url",
    "api_keys",
    "auth",
    "auth_header",
    "regions",
    "aws",
    "models",
    "http2",
    "proxy",
    "extra_ca",
    "connect_deadline",
    "first_byte_deadline",
    "idle_deadline",
    "total_deadline",
    "max_connections_idle",
    "headers",
    "private",
    "allow_http",
];

/// A checked `[providers.NAME]`.
#[derive(Debug)]
pub struct Provider {
    /// Its name, as in `openai/gpt-5`.
    pub name: ProviderName,
    /// What it speaks; never [`Dialect::OpenclawChat`].
    pub dialect: Dialect,
    /// Where it is: one address for each region, or one without a region; never empty.
    pub endpoints: Vec<Endpoint>,
    /// What it is shown.
    pub credentials: Credentials,
    /// Which of its models may be named.
    pub models: OfferedModels,
    /// How it is called.
    pub connection: Connection,
    /// Whether prompts stay on our own ground there.
    pub private: bool,
}

/// Which models of a provider may be named.
#[derive(Debug)]
pub struct OfferedModels {
    /// The models that `/v1/models` lists.
    pub listed: Vec<String>,
    /// Whether models that are not listed may be named too.
    pub any: bool,
}

impl OfferedModels {
    /// Whether a model may be named.
    pub fn offers(&self, model: &str) -> bool {
        self.any || self.listed.iter().any(|listed| listed == model)
    }
}

/// The providers, and the names of those too that could not be read: they need no second problem elsewhere.
pub(crate) struct Providers<'a> {
    pub(crate) names: Vec<&'a str>,
    pub(crate) checked: BTreeMap<ProviderName, Provider>,
}

pub(crate) fn read<'a>(root: &Reader<'a>) -> Providers<'a> {
    let mut providers = Providers { names: Vec::new(), checked: BTreeMap::new() };
    for (name, reader) in root.named("providers", KEYS) {
        providers.names.push(name);
        let parsed = ProviderName::parse(name).map_err(|fault| reader.place().problem(None, fault));
        let read = Raw::read(&reader);
        if let Ok(name) = parsed
            && let Some(provider) = read.check(&reader, name.clone())
        {
            providers.checked.insert(name, provider);
        }
    }
    if providers.names.is_empty() {
        let fault = Fault::new("is empty: there is nobody to answer a request");
        root.place_of("providers").warning(None, fault.hint("add a table [providers.NAME]"));
    }
    providers
}

/// A provider as far as it could be read, before its parts are held against each other.
struct Raw {
    dialect: Option<Dialect>,
    credentials: credentials::Raw,
    endpoint: endpoint::Raw,
    models: OfferedModels,
    connection: Connection,
    private: bool,
}

impl Raw {
    fn read(reader: &Reader<'_>) -> Self {
        let dialects = Dialect::ALL.into_iter().filter(|dialect| *dialect != Dialect::OpenclawChat);
        let dialects: Vec<_> = dialects.map(|dialect| (dialect.name(), dialect)).collect();
        reader.require("dialect");
        Self {
            dialect: reader.choice("dialect", &dialects),
            credentials: credentials::Raw::read(reader),
            endpoint: endpoint::Raw::read(reader),
            models: models(reader),
            connection: connection::read(reader),
            private: reader.flag("private", false),
        }
    }

    fn check(self, reader: &Reader<'_>, name: ProviderName) -> Option<Provider> {
        let dialect = self.dialect?;
        let credentials = self.credentials.check(reader, dialect);
        let signed = matches!(credentials, Some(Credentials::Aws(_)));
        let endpoints = self.endpoint.check(reader, dialect, signed);
        Some(Provider {
            name,
            dialect,
            endpoints,
            credentials: credentials?,
            models: self.models,
            connection: self.connection,
            private: self.private,
        })
    }
}

fn models(reader: &Reader<'_>) -> OfferedModels {
    let parse = |text: &str| match text {
        "*" => Ok(None),
        text if text.contains('*') => Err(Fault::new("may be a whole name, or * alone")
            .hint("\"*\" lets clients name any model of the provider")),
        text => name::label(text).map(Some),
    };
    let Some(entries) = reader.list("models", parse) else {
        return OfferedModels { listed: Vec::new(), any: true };
    };
    OfferedModels { any: entries.contains(&None), listed: entries.into_iter().flatten().collect() }
}
