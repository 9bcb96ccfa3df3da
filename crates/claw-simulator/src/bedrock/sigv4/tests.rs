//! Signatures that botocore 1.44.5 made with example credentials.

use http::{HeaderMap, HeaderValue, Method, Uri};

use super::*;
use crate::route::Operation;

const BODY: &[u8] = br#"{"messages":[{"role":"user","content":[{"text":"hi"}]}]}"#;
const SECRET: &str = "wJalrXUtnFEMI";
const ENCODED: (&str, &str) = (
    "/model/us.anthropic.claude-sim-v1%3A0/converse",
    "de5268919c0cb9a48f02fff33e9c07f01a1640a75c450a3030b59abf6effd989",
);
const LITERAL: (&str, &str) =
    ("/model/a:0/converse-stream", "292693c0a6287e635ea0d3559c3982e2cd7457842bedcd484822460a2445c568");

fn authorization(signature: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-west-1/bedrock/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date, Signature={signature}"
    )
}

fn verify(path: &str, authorization: &str, body: &[u8], secret: &str) -> Result<(), Refusal> {
    let mut headers = HeaderMap::new();
    for (name, value) in
        [("content-type", "application/json"), ("host", "127.0.0.1:8080"), ("x-amz-date", "20260102T030405Z")]
    {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let uri: Uri = path.parse().unwrap();
    let head =
        Head { operation: &Operation::Reply, method: &Method::POST, uri: &uri, headers: &headers, body };
    Signed::read(authorization)?.verify(&head, secret)
}

#[test]
fn what_botocore_signed_is_right() {
    for (path, signature) in [ENCODED, LITERAL] {
        assert_eq!(verify(path, &authorization(signature), BODY, SECRET), Ok(()), "{path}");
    }
}

#[test]
fn whatever_changes_on_the_way_is_noticed() {
    let (path, signature) = ENCODED;
    let good = authorization(signature);
    let wrong = Err(wrong_signature());
    assert_eq!(verify(LITERAL.0, &good, BODY, SECRET), wrong);
    assert_eq!(verify("/model/us.anthropic.claude-sim-v1:0/converse", &good, BODY, SECRET), wrong);
    assert_eq!(verify(path, &good, b"{}", SECRET), wrong);
    assert_eq!(verify(path, &good, BODY, "another"), wrong);
    assert_eq!(verify(path, &authorization(LITERAL.1), BODY, SECRET), wrong);
    assert_eq!(verify(&format!("{path}?x=1"), &good, BODY, SECRET), wrong);
    assert_eq!(verify(path, &good.replace("eu-west-1", "eu-west-2"), BODY, SECRET), wrong);
    assert_eq!(verify(path, &good.replace("/bedrock/", "/s3/"), BODY, SECRET), wrong);
    assert_eq!(verify(path, &good.replace("host;", ""), BODY, SECRET), wrong);
}

#[test]
fn a_header_that_is_not_complete_says_what_is_missing() {
    let read = |text: &str| Signed::read(text).map(|signed| signed.access_key.to_owned());
    assert_eq!(read(&authorization("x")), Ok("AKIDEXAMPLE".to_owned()));
    assert_eq!(read("AWS4-HMAC-SHA256 Credential=a/b/c"), Err(incomplete_signature("Credential")));
    assert_eq!(read("AWS4-HMAC-SHA256 SignedHeaders=a"), Err(incomplete_signature("Credential")));
    assert_eq!(read("Basic abc"), Err(wrong_key()));
}
