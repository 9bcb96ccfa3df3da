//! Reading a request's body: bounded in size before and after decompression, and in time.

use std::io::Read;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use claw_hub::{Kind, Refusal};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http_body_util::BodyExt as _;

/// Above this many compressed bytes the work goes to the blocking pool, because it may take longer than a millisecond.
const INLINE_MAX_BYTES: usize = 32 * 1024;

/// How much and how long.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// The most bytes, after decompression.
    pub max_bytes: usize,
    /// The longest time to arrive.
    pub deadline: Duration,
}

#[derive(Clone, Copy)]
enum Encoding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// Reads and decompresses a body.
///
/// # Errors
/// `TooLarge` beyond the limit, compressed or not; `SlowRequest` beyond the deadline; `Malformed` for an encoding that is unknown or broken.
pub async fn read<B>(body: B, headers: &HeaderMap, limits: BodyLimits) -> Result<Bytes, Refusal>
where
    B: http_body::Body<Data = Bytes> + Unpin + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let encoding = encoding(headers)?;
    let bytes = tokio::time::timeout(limits.deadline, gather(body, headers, limits.max_bytes))
        .await
        .map_err(|_| {
            Refusal::caller(
                Kind::SlowRequest,
                format!("the body did not arrive within {} s", limits.deadline.as_secs()),
            )
        })??;
    match encoding {
        None => Ok(bytes),
        Some(encoding) if bytes.len() <= INLINE_MAX_BYTES => decompress(encoding, &bytes, limits.max_bytes),
        Some(encoding) => tokio::task::spawn_blocking(move || decompress(encoding, &bytes, limits.max_bytes))
            .await
            .map_err(|error| {
                Refusal::caller(Kind::Malformed, "the body cannot be decompressed").because(error)
            })?,
    }
}

async fn gather<B>(mut body: B, headers: &HeaderMap, max_bytes: usize) -> Result<Bytes, Refusal>
where
    B: http_body::Body<Data = Bytes> + Unpin + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame =
            frame.map_err(|error| Refusal::caller(Kind::Malformed, "the body broke off").because(error))?;
        let Ok(data) = frame.into_data() else { continue };
        let so_far = first.len().max(rest.len());
        if so_far + data.len() > max_bytes || announced.is_some_and(|length| length > max_bytes) {
            discard(body, max_bytes).await;
            return Err(too_large(max_bytes));
        }
        if so_far == 0 {
            first = data;
            continue;
        }
        if rest.is_empty() {
            rest.reserve(announced.unwrap_or(0).clamp(so_far + data.len(), max_bytes));
            rest.extend_from_slice(&first);
        }
        rest.extend_from_slice(&data);
    }
    Ok(if rest.is_empty() { first } else { rest.freeze() })
}

/// Reads on for a while, since most clients look at the answer only when they have sent everything.
async fn discard<B: http_body::Body<Data = Bytes> + Unpin>(mut body: B, max_bytes: usize) {
    let mut left = max_bytes;
    while let Some(Ok(frame)) = body.frame().await {
        let read = frame.data_ref().map_or(0, Bytes::len);
        let Some(remaining) = left.checked_sub(read) else { return };
        left = remaining;
    }
}

fn encoding(headers: &HeaderMap) -> Result<Option<Encoding>, Refusal> {
    let Some(value) = headers.get(CONTENT_ENCODING) else { return Ok(None) };
    match value.as_bytes() {
        b"identity" | b"" => Ok(None),
        b"gzip" | b"x-gzip" => Ok(Some(Encoding::Gzip)),
        b"deflate" => Ok(Some(Encoding::Deflate)),
        b"br" => Ok(Some(Encoding::Brotli)),
        b"zstd" => Ok(Some(Encoding::Zstd)),
        _ => Err(Refusal::caller(
            Kind::Malformed,
            "the content-encoding must be one of gzip, deflate, br, zstd",
        )),
    }
}

fn decompress(encoding: Encoding, bytes: &[u8], max_bytes: usize) -> Result<Bytes, Refusal> {
    let broken = |error: std::io::Error| {
        Refusal::caller(Kind::Malformed, "the body cannot be decompressed").because(error)
    };
    let mut out = Vec::new();
    // One byte more than allowed tells a body that is too large from one that just fits.
    let limit = max_bytes as u64 + 1;
    match encoding {
        Encoding::Gzip => flate2::read::MultiGzDecoder::new(bytes).take(limit).read_to_end(&mut out),
        Encoding::Deflate => flate2::read::ZlibDecoder::new(bytes).take(limit).read_to_end(&mut out),
        Encoding::Brotli => brotli::Decompressor::new(bytes, 4096).take(limit).read_to_end(&mut out),
        Encoding::Zstd => ruzstd::decoding::StreamingDecoder::new(bytes)
            .map_err(std::io::Error::other)
            .and_then(|decoder| decoder.take(limit).read_to_end(&mut out)),
    }
    .map_err(broken)?;
    if out.len() > max_bytes {
        return Err(too_large(max_bytes));
    }
    Ok(out.into())
}

fn too_large(max_bytes: usize) -> Refusal {
    Refusal::caller(Kind::TooLarge, format!("the body is larger than {max_bytes} bytes"))
}
