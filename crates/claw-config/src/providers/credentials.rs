//! What a provider is shown: API keys, an AWS signature, or nothing.

use claw_hub::Dialect;

use crate::name;
use crate::problem::Fault;
use crate::reader::{Item, Reader};
use crate::reference::SecretRef;

pub(crate) const AWS_KEYS: &[&str] = &["profile", "assume_role", "external_id", "endpoint_is_signed_as"];

/// What a provider is shown.
#[derive(Debug)]
pub enum Credentials {
    /// Nothing.
    None,
    /// One of several API keys.
    ApiKeys {
        /// The keys; never empty.
        keys: Vec<SecretRef>,
        /// Where the key stands in a request.
        header: AuthHeader,
    },
    /// A signature (Signature Version 4).
    Aws(AwsCredentials),
}

/// Where an API key stands in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthHeader {
    /// `authorization: Bearer KEY`.
    Bearer,
    /// `x-api-key: KEY`.
    XApiKey,
}

/// Whose AWS credentials sign a request.
#[derive(Debug, PartialEq, Eq)]
pub struct AwsCredentials {
    /// A profile of the shared AWS files; `None` is the default chain (environment, container, instance).
    pub profile: Option<String>,
    /// A role that is assumed with them; `None` signs with them as they are.
    pub assumed_role: Option<AssumedRole>,
    /// The service name in the signature.
    pub signing_name: String,
}

/// A role to assume.
#[derive(Debug, PartialEq, Eq)]
pub struct AssumedRole {
    /// Its ARN.
    pub arn: String,
    /// What the role's owner agreed on with us, if anything.
    pub external_id: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Auth {
    ApiKey,
    Aws,
    None,
}

/// Credentials as far as they could be read.
pub(super) struct Raw {
    keys: Vec<SecretRef>,
    auth: Option<Auth>,
    header: Option<AuthHeader>,
    aws: AwsCredentials,
}

impl Raw {
    pub(super) fn read(reader: &Reader<'_>) -> Self {
        let kinds = [("api_key", Auth::ApiKey), ("aws", Auth::Aws), ("none", Auth::None)];
        let headers = [("authorization", AuthHeader::Bearer), ("x-api-key", AuthHeader::XApiKey)];
        let keys = reader.item("api_keys").and_then(|item| item.concealed().items()).unwrap_or_default();
        Self {
            keys: keys.into_iter().filter_map(Item::secret).collect(),
            auth: reader.choice("auth", &kinds),
            header: reader.choice("auth_header", &headers),
            aws: read_aws(reader),
        }
    }

    /// Holds the parts against each other; `None` if they were refused.
    pub(super) fn check(self, reader: &Reader<'_>, dialect: Dialect) -> Option<Credentials> {
        let auth = self.auth.unwrap_or(match dialect {
            _ if reader.given("api_keys") => Auth::ApiKey,
            Dialect::OllamaChat => Auth::None,
            Dialect::BedrockConverse => Auth::Aws,
            Dialect::OpenaiChat | Dialect::AnthropicMessages | Dialect::OpenclawChat => Auth::ApiKey,
        });
        if auth != Auth::ApiKey {
            reader.refuse_if_given("api_keys", "contradicts auth, which is not \"api_key\"");
            reader.refuse_if_given("auth_header", "contradicts auth, which is not \"api_key\"");
        }
        if auth != Auth::Aws {
            reader.refuse_if_given("aws", "contradicts auth, which is not \"aws\"");
        }
        match auth {
            Auth::None => Some(Credentials::None),
            Auth::Aws => Some(Credentials::Aws(self.aws)),
            Auth::ApiKey => self.api_keys(reader, dialect),
        }
    }

    fn api_keys(self, reader: &Reader<'_>, dialect: Dialect) -> Option<Credentials> {
        if self.keys.is_empty() {
            // Keys that are there but could not be read have their own problems.
            if reader.item("api_keys").is_none_or(|item| item.is_empty_list()) {
                let fault = Fault::new("must hold at least one key");
                let hint =
                    "write api_keys = [\"env:NAME\"], or auth = \"none\" if the provider asks for no key";
                reader.place_of("api_keys").problem(None, fault.hint(hint));
            }
            return None;
        }
        let header = self.header.unwrap_or(match dialect {
            Dialect::AnthropicMessages => AuthHeader::XApiKey,
            Dialect::OpenaiChat | Dialect::BedrockConverse | Dialect::OllamaChat | Dialect::OpenclawChat => {
                AuthHeader::Bearer
            }
        });
        Some(Credentials::ApiKeys { keys: self.keys, header })
    }
}

fn read_aws(provider: &Reader<'_>) -> AwsCredentials {
    let reader = provider.table("aws", AWS_KEYS);
    let role = reader.parsed("assume_role", role_arn);
    let external_id = reader.parsed("external_id", name::label);
    if !reader.given("assume_role") {
        reader.refuse_if_given("external_id", "means nothing without assume_role");
    }
    AwsCredentials {
        profile: reader.parsed("profile", name::label),
        assumed_role: role.map(|arn| AssumedRole { arn, external_id }),
        signing_name: reader
            .parsed("endpoint_is_signed_as", name::identifier)
            .unwrap_or_else(|| "bedrock".to_owned()),
    }
}

/// Reads `arn:PARTITION:iam::ACCOUNT:role/PATH`
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns>).
fn role_arn(text: &str) -> Result<String, Fault> {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let well_formed = match parts.as_slice() {
        ["arn", partition, "iam", "", account, resource] => {
            partition.starts_with("aws")
                && account.len() == 12
                && account.bytes().all(|b| b.is_ascii_digit())
                && resource.strip_prefix("role/").is_some_and(|name| !name.is_empty())
                && resource.bytes().all(|b| b.is_ascii_graphic())
        }
        _ => false,
    };
    if well_formed {
        return Ok(text.to_owned());
    }
    Err(Fault::new("is not the ARN of a role").hint("write it as \"arn:aws:iam::123456789012:role/NAME\""))
}
