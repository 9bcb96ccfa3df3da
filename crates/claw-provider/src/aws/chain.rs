//! Where AWS credentials come from: AWS's default chain, and a role that may be assumed with what it finds. Nothing is looked up before it is asked.

use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, ConfigLoader, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;

use super::http_client::HttpClient;
use super::{BoxError, Resolve};
use crate::settings::{AssumedRole, Aws};

/// How the sessions of assumed roles are called in the logs of the role's owner.
const SESSION_NAME: &str = "openclaw-gateway";

/// A resolver for a provider's settings. Every call of it builds the chain anew, so that files and variables that changed are read again.
pub(crate) fn resolver(aws: &Aws, region: &str, http: HttpClient) -> Resolve {
    let (aws, region) = (aws.clone(), region.to_owned());
    Box::new(move || {
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .region(Region::new(region.clone()))
            .http_client(http.clone());
        if let Some(profile) = &aws.profile {
            loader = loader.profile_name(profile);
        }
        Box::pin(resolve(loader, aws.assumed_role.clone()))
    })
}

/// Asks the chain, and assumes the role with what it gives.
pub(super) async fn resolve(
    loader: ConfigLoader,
    role: Option<AssumedRole>,
) -> Result<Credentials, BoxError> {
    let config = Box::pin(loader.load()).await;
    let Some(role) = role else {
        let chain = config.credentials_provider().ok_or("there is no source of credentials")?;
        return Ok(chain.provide_credentials().await?);
    };
    let mut assuming = AssumeRoleProvider::builder(role.arn).session_name(SESSION_NAME).configure(&config);
    if let Some(external_id) = role.external_id {
        assuming = assuming.external_id(external_id);
    }
    Ok(assuming.build().await.provide_credentials().await?)
}
