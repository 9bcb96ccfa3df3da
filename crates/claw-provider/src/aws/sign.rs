//! Signature Version 4 over exactly the bytes and the path that are sent.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>

use std::time::SystemTime;

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign as calculate};
use aws_sigv4::sign::v4::SigningParams;
use http::header::CONTENT_TYPE;

use super::{BoxError, Session};

/// Signs a request that is otherwise complete. Host, date, content type and the session's token are signed; other headers may change on the way.
pub(crate) fn sign<B>(
    request: &mut http::Request<B>,
    body: &[u8],
    session: &Session,
    region: &str,
    service: &str,
) -> Result<(), BoxError> {
    sign_at(SystemTime::now(), request, body, session, (region, service))
}

pub(crate) fn sign_at<B>(
    time: SystemTime,
    request: &mut http::Request<B>,
    body: &[u8],
    session: &Session,
    (region, service): (&str, &str),
) -> Result<(), BoxError> {
    let parameters = SigningParams::builder()
        .identity(&session.identity)
        .region(region)
        .name(service)
        .time(time)
        .settings(SigningSettings::default())
        .build()?
        .into();
    let uri = request.uri().to_string();
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let headers = content_type.map(|value| (CONTENT_TYPE.as_str(), value)).into_iter();
    let signable = SignableRequest::new(request.method().as_str(), uri, headers, SignableBody::Bytes(body))?;
    let (instructions, _) = calculate(signable, &parameters)?.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}
