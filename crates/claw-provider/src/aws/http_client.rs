//! The HTTP client that AWS's credential chain uses: ours, so that the proxy and the authorities of the provider hold for it too.

use std::fmt;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    self as smithy, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::uri::Scheme;
use http_body_util::{BodyExt, Full, Limited};

use super::BoxError;
use crate::transport::Client;

/// No answer of these services is larger, in bytes.
const ANSWER_MAX_BYTES: usize = 1024 * 1024;

/// A request for credentials that is not given another limit gets this long.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Our client as AWS's libraries want it.
#[derive(Clone)]
pub(crate) struct HttpClient {
    /// For the services of instances and containers, which are spoken to in the clear and never through a proxy.
    pub(crate) local: Client,
    /// For everything else.
    pub(crate) remote: Client,
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}

impl smithy::HttpClient for HttpClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        let limits = [settings.connect_timeout(), settings.read_timeout()];
        let within = limits.into_iter().flatten().reduce(|sum, limit| sum + limit);
        let within = within.unwrap_or(ANSWER_WITHIN);
        SharedHttpConnector::new(Limit { client: self.clone(), within })
    }
}

/// The client under the time limits of one kind of request.
#[derive(Debug)]
struct Limit {
    client: HttpClient,
    within: Duration,
}

impl HttpConnector for Limit {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (client, within) = (self.client.clone(), self.within);
        HttpConnectorFuture::new_boxed(Box::pin(async move {
            match tokio::time::timeout(within, exchange(&client, request)).await {
                Ok(Ok(response)) => Ok(response),
                Ok(Err(error)) => Err(ConnectorError::io(error)),
                Err(late) => Err(ConnectorError::timeout(late.into())),
            }
        }))
    }
}

#[expect(clippy::disallowed_methods, reason = "the body is under a cap")]
async fn exchange(client: &HttpClient, request: HttpRequest) -> Result<HttpResponse, BoxError> {
    let request = request.try_into_http1x()?;
    let client = if request.uri().scheme() == Some(&Scheme::HTTPS) { &client.remote } else { &client.local };
    let request = request.map(|body| Full::new(body.bytes().map(Bytes::copy_from_slice).unwrap_or_default()));
    let (head, body) = client.request(request).await?.into_parts();
    let body = Limited::new(body, ANSWER_MAX_BYTES).collect().await?.to_bytes();
    Ok(http::Response::from_parts(head, SdkBody::from(body)).try_into()?)
}
