//! Reading a body whole, up to a cap. It knows nothing of what it says.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use claw_hub::Refusal;
use tokio::time::{Instant, timeout_at};

use crate::failure;
use crate::upstream::Upstream;

/// As much of an error's body as is read, in bytes: no provider explains itself at greater length.
const ERROR_MAX_BYTES: usize = 64 * 1024;

/// How long is waited for the body of an error, because another provider may be waiting for its turn.
const ERROR_WITHIN: Duration = Duration::from_secs(5);

/// Reads a whole reply of at most `max_bytes`.
pub(crate) async fn whole(
    provider: &str,
    mut upstream: Upstream,
    max_bytes: usize,
) -> Result<Bytes, Refusal> {
    let announced = upstream.size_hint().and_then(|size| usize::try_from(size).ok()).unwrap_or(0);
    if announced > max_bytes {
        return Err(failure::too_large(provider, max_bytes));
    }
    let Some(first) = upstream.next().await.transpose()? else { return Ok(Bytes::new()) };
    let Some(second) = upstream.next().await.transpose()? else {
        return if first.len() > max_bytes {
            Err(failure::too_large(provider, max_bytes))
        } else {
            Ok(first)
        };
    };
    let mut whole = BytesMut::with_capacity(announced.max(first.len() + second.len()));
    whole.extend_from_slice(&first);
    let mut next = Some(second);
    while let Some(piece) = next {
        if piece.len() > max_bytes - whole.len().min(max_bytes) {
            return Err(failure::too_large(provider, max_bytes));
        }
        whole.extend_from_slice(&piece);
        next = upstream.next().await.transpose()?;
    }
    Ok(whole.freeze())
}

/// Reads what there is of an error's body. Whatever goes wrong with it, the error's status still counts.
pub(crate) async fn explanation(mut upstream: Upstream) -> Vec<u8> {
    let mut text = Vec::new();
    let patience = Instant::now() + ERROR_WITHIN;
    while let Ok(Some(Ok(piece))) = timeout_at(patience, upstream.next()).await {
        let room = ERROR_MAX_BYTES - text.len();
        text.extend_from_slice(&piece[..piece.len().min(room)]);
        if text.len() == ERROR_MAX_BYTES {
            break;
        }
    }
    text
}
