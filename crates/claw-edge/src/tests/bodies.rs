//! Bodies are bounded in size and time, compressed or not.

use std::io::Write as _;
use std::time::Duration;

use bytes::Bytes;
use claw_hub::Kind;
use futures_util::stream;
use http::{HeaderMap, HeaderValue};
use http_body::Frame;
use http_body_util::{Full, StreamBody};

use crate::{BodyLimits, read_body};

const LIMITS: BodyLimits = BodyLimits { max_bytes: 100_000, deadline: Duration::from_secs(5) };

async fn read(encoding: &'static str, bytes: Vec<u8>) -> Result<Bytes, Kind> {
    let mut headers = HeaderMap::new();
    headers.insert("content-encoding", HeaderValue::from_static(encoding));
    read_body(Full::new(Bytes::from(bytes)), &headers, LIMITS).await.map_err(|refusal| refusal.kind)
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn deflate(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn brotli(plain: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    brotli::CompressorWriter::new(&mut out, 4096, 5, 20).write_all(plain).unwrap();
    out
}

fn zstd(plain: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(plain, ruzstd::encoding::CompressionLevel::Fastest)
}

#[tokio::test]
async fn every_encoding_is_read_and_bounded() {
    let plain = b"{\"hello\":1}".repeat(100);
    let bomb = vec![b' '; 50_000_000];
    for (name, encode) in
        [("gzip", gzip as fn(&[u8]) -> Vec<u8>), ("deflate", deflate), ("br", brotli), ("zstd", zstd)]
    {
        assert_eq!(read(name, encode(&plain)).await.unwrap(), plain, "{name}");
        assert_eq!(read(name, encode(&bomb)).await.unwrap_err(), Kind::TooLarge, "{name}");
        assert_eq!(
            read(name, b"not compressed at all".to_vec()).await.unwrap_err(),
            Kind::Malformed,
            "{name}"
        );
    }
    assert_eq!(read("rot13", plain).await.unwrap_err(), Kind::Malformed);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    assert!(read("identity", vec![0; 100_000]).await.is_ok());
    assert_eq!(read("identity", vec![0; 100_001]).await.unwrap_err(), Kind::TooLarge);
}

#[tokio::test]
async fn pieces_are_put_together() {
    let pieces = ["{\"a\"", ":", "1}"].map(|piece| Ok::<_, std::io::Error>(Frame::data(Bytes::from(piece))));
    let body = StreamBody::new(stream::iter(pieces));
    assert_eq!(read_body(body, &HeaderMap::new(), LIMITS).await.unwrap(), "{\"a\":1}");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_arrive_is_refused() {
    let body = StreamBody::new(stream::pending::<Result<Frame<Bytes>, std::io::Error>>());
    let refusal = read_body(body, &HeaderMap::new(), LIMITS).await.unwrap_err();
    assert_eq!(refusal.kind, Kind::SlowRequest);
}
