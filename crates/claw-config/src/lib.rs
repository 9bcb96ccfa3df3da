//! One TOML file, raw to checked, every problem at once.
//!
//! [`load`] reads a file and gives a [`Checked`] configuration, in which every value has its type and every
//! default is filled in, or [`Problems`]: all of them, each with its path, its line and what to do about it.
//! Each table has a module that first reads what is written and then checks what it means together with the
//! rest; nobody else sees the written form.
//!
//! This crate opens no socket, starts no task and keeps no state. It knows the names of dialects and scopes, and
//! nothing of what the stages do with them.

mod checked;
mod guard;
mod identity;
mod ledger;
mod limits;
mod load;
mod models;
mod name;
mod nearest;
mod policy;
mod problem;
mod providers;
mod quantity;
mod reader;
mod reference;
mod schema;
mod server;
mod telemetry;
mod url;
mod walk;

#[cfg(test)]
mod tests;

pub use checked::Checked;
pub use guard::Guard;
pub use identity::{ApiKey, DEFAULT_TENANT, Expiry, Identity, Issuer, ScopeForm, TokenTenant};
pub use ledger::Ledger;
pub use limits::Limits;
pub use load::{LoadOptions, Loaded, load, parse};
pub use models::{Model, Models, Target};
pub use name::{ModelName, ProviderName};
pub use policy::{Pattern, Policy, Rule};
pub use problem::{Problem, Problems};
pub use providers::{
    AssumedRole, AuthHeader, AwsCredentials, Connection, Credentials, Deadlines, Endpoint, OfferedModels,
    Provider, Region, StaticHeader,
};
pub use reference::{ForeignError, ReadEnv, Reference, ReferenceError, ResolveSecret, SecretRef};
pub use server::{Origin, Server, Tls, Workers};
pub use telemetry::{LogFilter, LogFormat, LogLevel, Telemetry};
pub use url::{HttpUrl, Scheme};
