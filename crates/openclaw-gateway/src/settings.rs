//! From a checked configuration to the settings of each stage. What is wrong here was missed by the check, or is in a file that changed since.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context as _;
use claw_catalogue::Catalogue;
use claw_config::{AuthHeader, Checked, Credentials, Expiry, Provider, ScopeForm, SecretRef, TokenTenant};
use claw_edge::{BodyLimits, Cors, Doors, ServeSettings};
use claw_hub::Secret;
use claw_identity::{IssuerSettings, KeySettings};
use claw_limit::Gauges;
use claw_provider::{Auth, BaseUrl, KeyError, KeySource};
use claw_route::{AliasSettings, ProviderSettings};

use crate::app::{Guard, Identity, Limit, Policy, Providers, Route, Stages, Terms};

/// The largest reply that is not a stream, in bytes.
const REPLY_MAX_BYTES: usize = 64 * 1024 * 1024;

/// The stages that all cores share.
///
/// # Errors
/// A stage cannot be set up: the cause says which file or value.
pub fn stages(config: &Checked, gauges: Arc<Gauges>) -> anyhow::Result<Stages> {
    let server = &config.server;
    let limits = claw_limit::Settings {
        concurrency_per_caller: config.limits.concurrency_per_caller.get(),
        requests_in_flight_max: config.limits.max_requests_in_flight.get(),
    };
    let patterns: Vec<String> =
        config.guard.block_patterns.iter().map(|regex| regex.as_str().to_owned()).collect();
    Ok(Stages {
        identity: identity(config)?,
        limit: Limit::new(limits, gauges),
        route: route(config)?,
        guard: Guard::new(&patterns).context("guard.block_patterns")?,
        policy: Policy::new(config.policy.allow.iter().map(rule).collect()),
        terms: Terms {
            body: BodyLimits {
                max_bytes: usize::try_from(server.max_body_bytes)?,
                deadline: server.body_deadline,
            },
            commit_after: server.commit_after,
            keep_alive_every: server.keep_alive_every,
            strict: server.strict,
        },
        edge: Arc::new(edge(config)?),
    })
}

/// One core's connections to the providers.
///
/// # Errors
/// A provider cannot be set up.
pub fn providers(config: &Checked) -> anyhow::Result<Providers> {
    Ok(Providers::new(provider_settings(config)?)?)
}

/// What each provider is.
///
/// # Errors
/// An address cannot be used.
pub fn provider_settings(config: &Checked) -> anyhow::Result<Vec<claw_provider::Settings>> {
    config.providers.values().map(provider).collect()
}

fn edge(config: &Checked) -> anyhow::Result<ServeSettings> {
    let server = &config.server;
    let named = |provider: &Provider| (Arc::from(provider.name.as_str()), provider.dialect);
    let origins: Vec<String> = server.cors_origins.iter().map(ToString::to_string).collect();
    Ok(ServeSettings {
        doors: Doors {
            providers: config.providers.values().map(named).collect::<HashMap<_, _>>(),
            admin_on_public: server.admin_on_public,
        },
        cors: Cors::new(&origins),
        header_deadline: server.header_deadline,
        header_max_bytes: usize::try_from(server.max_header_bytes)?,
    })
}

fn identity(config: &Checked) -> anyhow::Result<Identity> {
    let keys = config.identity.keys.iter().map(|key| KeySettings {
        id: key.id.as_str().into(),
        sha256: key.sha256,
        scopes: key.scopes.clone(),
        tenant: key.tenant.as_str().into(),
        user: key.user.as_str().into(),
        groups: key.groups.iter().map(|group| group.as_str().into()).collect(),
        expires_unix_s: match &key.expires {
            Expiry::Never => None,
            Expiry::At(time) => Some(u64::try_from(time.as_second()).unwrap_or(0)),
        },
    });
    let issuers = config.identity.issuers.iter().map(|issuer| IssuerSettings {
        issuer: issuer.issuer.clone(),
        jwks: issuer.jwks.clone(),
        client_ids: issuer.client_ids.clone(),
        scope_prefix: match &issuer.scopes {
            ScopeForm::Bare => None,
            ScopeForm::Behind(prefix) => Some(prefix.clone()),
        },
        tenant_claim: match &issuer.tenant {
            TokenTenant::Claim(claim) => Some(claim.clone()),
            TokenTenant::Fixed(_) => None,
        },
        tenant: match &issuer.tenant {
            TokenTenant::Fixed(tenant) => tenant.as_str().into(),
            TokenTenant::Claim(_) => claw_config::DEFAULT_TENANT.into(),
        },
    });
    Ok(Identity::new(keys.collect(), issuers.collect())?)
}

fn route(config: &Checked) -> anyhow::Result<Route> {
    let providers = config.providers.values().map(|provider| ProviderSettings {
        name: provider.name.as_str().into(),
        dialect: provider.dialect,
        models: {
            let mut models = provider.models.listed.clone();
            models.extend(provider.models.any.then(|| "*".to_owned()));
            models
        },
    });
    let aliases = config.models.named.iter().map(|(name, model)| AliasSettings {
        name: name.as_str().to_owned(),
        targets: model
            .targets
            .iter()
            .map(|target| (target.provider.as_str().into(), target.model.clone()))
            .collect(),
        default: config.models.auto.as_ref() == Some(name),
    });
    let catalogue = Catalogue::built_in()?;
    Ok(Route::new(providers.collect(), aliases.collect(), Box::new(move |model| catalogue.facts(model))))
}

fn rule(rule: &claw_config::Rule) -> claw_policy::Rule {
    let words = |patterns: &[claw_config::Pattern]| patterns.iter().map(ToString::to_string).collect();
    claw_policy::Rule {
        tenants: words(&rule.tenants),
        users: words(&rule.users),
        groups: words(&rule.groups),
        models: words(&rule.models),
    }
}

fn provider(provider: &Provider) -> anyhow::Result<claw_provider::Settings> {
    let connection = &provider.connection;
    let endpoints = provider.endpoints.iter().map(|endpoint| {
        let base = endpoint.base_url.to_string().parse::<BaseUrl>()?;
        Ok(claw_provider::Endpoint {
            region: endpoint.region.as_ref().map(|region| region.as_str().into()),
            base,
        })
    });
    Ok(claw_provider::Settings {
        name: provider.name.as_str().into(),
        dialect: provider.dialect,
        endpoints: endpoints.collect::<anyhow::Result<_>>()?,
        auth: auth(&provider.credentials),
        headers: connection
            .headers
            .iter()
            .map(|header| (header.name.clone(), header.value.clone()))
            .collect(),
        http2: connection.http2,
        proxy: connection.proxy.as_ref().map(|proxy| proxy.to_string().parse()).transpose()?,
        extra_ca: connection.extra_ca.clone(),
        deadlines: claw_provider::Deadlines {
            connect: connection.deadlines.connect,
            first_byte: connection.deadlines.first_byte,
            idle: connection.deadlines.idle,
            total: connection.deadlines.total,
        },
        idle_connections_max: connection.max_idle_connections,
        reply_max_bytes: REPLY_MAX_BYTES,
    })
}

fn auth(credentials: &Credentials) -> Auth {
    match credentials {
        Credentials::None => Auth::None,
        Credentials::ApiKeys { keys, header } => Auth::Keys {
            header: match header {
                AuthHeader::Bearer => claw_provider::AuthHeader::Bearer,
                AuthHeader::XApiKey => claw_provider::AuthHeader::XApiKey,
            },
            keys: keys
                .iter()
                .map(|key| Arc::new(Referenced::new(key.clone())) as Arc<dyn KeySource>)
                .collect(),
        },
        Credentials::Aws(aws) => Auth::Aws(claw_provider::Aws {
            profile: aws.profile.clone(),
            assumed_role: aws.assumed_role.as_ref().map(|role| claw_provider::AssumedRole {
                arn: role.arn.clone(),
                external_id: role.external_id.clone(),
            }),
            signing_name: aws.signing_name.clone(),
        }),
    }
}

/// A provider's key that stands in the environment or in a file, and is read again when the provider refuses it.
struct Referenced {
    reference: SecretRef,
    current: RwLock<Secret>,
}

impl Referenced {
    fn new(reference: SecretRef) -> Self {
        let current = RwLock::new(reference.current().clone());
        Self { reference, current }
    }
}

impl KeySource for Referenced {
    fn current(&self) -> Secret {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn reread(&self) -> Pin<Box<dyn Future<Output = Result<Secret, KeyError>> + Send + '_>> {
        let reference = self.reference.clone();
        Box::pin(async move {
            let failed = |reason: String| KeyError { reason };
            let fresh = tokio::task::spawn_blocking(move || reference.resolve())
                .await
                .map_err(|error| failed(error.to_string()))?
                .map_err(|error| failed(error.to_string()))?;
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh.clone();
            Ok(fresh)
        })
    }
}
