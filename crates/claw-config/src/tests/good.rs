//! Good files, and what they mean.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use claw_hub::{Dialect, Scope};

use super::fixture::{Folder, NEEDED};
use crate::{
    AuthHeader, Checked, Credentials, Expiry, LogFormat, LogLevel, Pattern, Provider, Reference, ScopeForm,
    TokenTenant, Workers,
};

fn checked(folder: &Folder, text: &str) -> Checked {
    folder.parse(text).unwrap_or_else(|problems| panic!("{problems}")).config
}

fn provider(table: &str) -> Provider {
    let config = checked(&Folder::new(), &format!("version = 1\n{NEEDED}\n[providers.p]\n{table}"));
    config.providers.into_iter().find(|(name, _)| name.as_str() == "p").unwrap().1
}

#[test]
fn what_is_not_written_has_its_default() {
    let folder = Folder::new();
    let config = checked(&folder, &format!("version = 1\n{NEEDED}"));
    let server = config.server;
    assert_eq!(server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(server.admin_listen.to_string(), "127.0.0.1:8081");
    assert_eq!(server.workers, Workers::OnePerCore);
    assert_eq!((server.max_body_bytes, server.max_header_bytes), (33_554_432, 65_536));
    assert_eq!(server.keep_alive_every, Duration::from_secs(15));
    assert_eq!(server.max_connections, 10_000);
    assert!(server.tls.is_none() && !server.strict && !server.admin_on_public);
    let key = &config.identity.keys[0];
    assert_eq!((key.tenant.as_str(), key.user.as_str()), ("default", "needed"));
    assert_eq!(key.expires, Expiry::Never);
    assert_eq!(config.policy.allow[0].tenants, [Pattern::Any]);
    assert_eq!(config.limits.concurrency_per_caller, NonZeroU32::new(64).unwrap());
    assert_eq!(config.ledger.folder, folder.path().join("data"));
    assert_eq!(config.ledger.spool_segment_bytes, 16 << 20);
    assert_eq!(config.telemetry.log.to_string(), "info");
    assert_eq!(config.models.auto, None);
}

#[test]
fn every_table_is_read() {
    let folder = Folder::new();
    let config = checked(&folder, include_str!("good.toml"));
    let server = config.server;
    assert_eq!(server.listen.to_string(), "0.0.0.0:8443");
    assert_eq!(server.workers, Workers::Exactly(NonZeroUsize::new(3).unwrap()));
    assert_eq!(server.cors_origins[0].as_str(), "https://chat.example.com");
    assert_eq!((server.max_body_bytes, server.max_header_bytes), (1_000_000, 32_768));
    assert_eq!(server.keep_alive_every, Duration::from_millis(500));
    assert!(server.strict, "a boolean may be a reference");
    let tls = server.tls.unwrap();
    assert_eq!(tls.certificates.len(), 1);
    assert_eq!(tls.key_file, folder.path().join("tls.key"));

    let issuer = &config.identity.issuers[0];
    assert_eq!(issuer.issuer, "https://login.example.com/pool/");
    assert_eq!(issuer.scopes, ScopeForm::Behind("gateway".to_owned()));
    assert_eq!(issuer.tenant, TokenTenant::Claim("custom:tenant".to_owned()));
    assert!(issuer.jwks.contains("P-256"));
    let key = &config.identity.keys[0];
    assert_eq!(key.sha256, [0xab; 32]);
    assert_eq!(key.scopes, [Scope::ChatWrite, Scope::Admin]);
    assert_eq!(key.expires, Expiry::At("2099-01-01T00:00:00Z".parse().unwrap()));

    assert!(config.guard.block_patterns[0].is_match("x AKIA0123456789ABCDEF x"));
    assert_eq!(config.limits.max_requests_in_flight, NonZeroU32::new(128).unwrap());
    assert_eq!(config.ledger.folder, std::path::Path::new("/var/lib/openclaw"));
    assert_eq!(config.ledger.region, "us-east-1");
    assert_eq!(config.telemetry.log.to_string(), "warn,claw_provider=debug,hyper::client=off");
    assert_eq!(config.telemetry.log.level, LogLevel::Warn);
    assert_eq!(config.telemetry.log_format, LogFormat::Json);
}

#[test]
fn names_of_models_stand_for_their_targets() {
    let config = checked(&Folder::new(), include_str!("good.toml"));
    let fast = &config.models.named["fast"];
    let targets: Vec<_> = fast.targets.iter().map(ToString::to_string).collect();
    assert_eq!(targets, ["openai/gpt-5", "groq/openai/gpt-oss-120b"]);
    assert_eq!(fast.targets[1].model, "openai/gpt-oss-120b");
    assert_eq!(config.models.auto.unwrap().as_str(), "fast");
    let patterns: Vec<_> = config.policy.allow[0].models.iter().map(ToString::to_string).collect();
    assert_eq!(patterns, ["openai/gpt-5", "groq/openai/gpt-oss-120b", "bedrock/*"]);
}

#[test]
fn an_openai_compatible_vendor_is_an_address_with_keys() {
    let config = checked(&Folder::new(), include_str!("good.toml"));
    let groq = &config.providers["groq"];
    assert_eq!(groq.dialect, Dialect::OpenaiChat);
    assert_eq!(groq.endpoints[0].base_url.to_string(), "https://api.groq.com/openai");
    assert_eq!((groq.endpoints[0].base_url.port(), groq.endpoints[0].base_url.path()), (443, "/openai"));
    assert_eq!(groq.connection.headers[0].name, "x-team");
    assert_eq!(groq.connection.extra_ca.len(), 1);
    assert_eq!(groq.connection.proxy.as_ref().unwrap().to_string(), "http://proxy:3128");
    assert_eq!(groq.connection.deadlines.total, Duration::from_secs(60));
    assert!(groq.models.offers("llama") && !groq.models.offers("other"));
    let Credentials::ApiKeys { keys, header } = &groq.credentials else { panic!("no keys") };
    assert_eq!(*header, AuthHeader::Bearer);
    let exposed: Vec<_> = keys.iter().map(|key| key.current().expose()).collect();
    assert_eq!(exposed, ["sk-from-the-environment", "sk-from-a-file"]);
    assert_eq!(keys[0].reference(), &Reference::Env("KEY".to_owned()));
}

#[test]
fn bedrock_has_an_address_in_each_region() {
    let bedrock = provider("dialect = 'bedrock_converse'\nregions = ['us-east-1', 'eu-west-1']");
    let urls: Vec<_> = bedrock.endpoints.iter().map(|endpoint| endpoint.base_url.to_string()).collect();
    assert_eq!(
        urls,
        [
            "https://bedrock-runtime.us-east-1.amazonaws.com",
            "https://bedrock-runtime.eu-west-1.amazonaws.com"
        ]
    );
    assert_eq!(bedrock.endpoints[1].region.as_ref().unwrap().as_str(), "eu-west-1");
    let own = provider(
        "dialect = 'bedrock_converse'\nregions = ['us-east-1', 'eu-west-1']\nbase_url = 'https://vpce.{region}.example.com/'",
    );
    assert_eq!(own.endpoints[1].base_url.to_string(), "https://vpce.eu-west-1.example.com");
}

#[test]
fn credentials_have_defaults_by_dialect() {
    let none = provider("dialect = 'ollama_chat'");
    assert!(matches!(none.credentials, Credentials::None));
    assert_eq!(none.endpoints[0].base_url.to_string(), "http://localhost:11434");
    assert!(none.models.offers("anything"));

    let anthropic = provider("dialect = 'anthropic_messages'\napi_keys = ['env:KEY']");
    assert!(matches!(anthropic.credentials, Credentials::ApiKeys { header: AuthHeader::XApiKey, .. }));
    assert_eq!(anthropic.endpoints[0].base_url.to_string(), "https://api.anthropic.com");

    let bedrock = provider(
        "dialect = 'bedrock_converse'\nregions = ['us-east-1']\naws = { assume_role = 'arn:aws:iam::123456789012:role/r', external_id = 'x' }",
    );
    let Credentials::Aws(aws) = bedrock.credentials else { panic!("not signed") };
    assert_eq!(aws.signing_name, "bedrock");
    assert_eq!(aws.assumed_role.unwrap().external_id.unwrap(), "x");

    let key = provider("dialect = 'bedrock_converse'\nregions = ['us-east-1']\napi_keys = ['env:KEY']");
    assert!(matches!(key.credentials, Credentials::ApiKeys { header: AuthHeader::Bearer, .. }));
    let key = provider("dialect = 'ollama_chat'\napi_keys = ['env:KEY']");
    assert!(matches!(key.credentials, Credentials::ApiKeys { header: AuthHeader::Bearer, .. }));
}

#[test]
fn another_dialect_may_be_signed_if_it_says_where_it_is() {
    let mantle = provider(
        "dialect = 'openai_chat'\nauth = 'aws'\nregions = ['us-east-1']\nbase_url = 'https://mantle.{region}.example.com'\naws = { endpoint_is_signed_as = 'mantle' }",
    );
    assert_eq!(mantle.endpoints[0].base_url.to_string(), "https://mantle.us-east-1.example.com");
    let Credentials::Aws(aws) = mantle.credentials else { panic!("not signed") };
    assert_eq!(aws.signing_name, "mantle");
}

#[test]
fn the_digest_changes_with_everything_that_is_read_and_with_nothing_else() {
    let folder = Folder::new();
    let text = include_str!("good.toml");
    let before = folder.parse(text).unwrap();
    assert_eq!(before.digest, folder.parse(text).unwrap().digest);
    assert_ne!(before.digest, folder.parse(&format!("{text}\n# a comment")).unwrap().digest);
    let names: Vec<_> = before.files.iter().filter_map(|file| file.file_name()?.to_str()).collect();
    assert_eq!(names, ["jwks.json", "key.txt", "tls.crt", "tls.key"]);

    folder.write("key.txt", "sk-rotated\n");
    let rotated = folder.parse(text).unwrap();
    assert_ne!(before.digest, rotated.digest);
    folder.write("jwks.json", r#"{"keys": [{"kty": "RSA", "n": "bg", "e": "AQAB"}, {"kty": "EC"}]}"#);
    assert_ne!(rotated.digest, folder.parse(text).unwrap().digest);
}
