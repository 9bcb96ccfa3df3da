//! Rows into records, for whoever asks what was used. It only reads, so it can look on while a gateway writes.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use claw_hub::Usage;
use sqlx::sqlite::SqliteRow;
use sqlx::{ConnectOptions, Row};
use ulid::Ulid;

use super::{FILE, StoreError, migrate};
use crate::{CallKind, Ending, Opening, Record, Settlement};

/// More records are not given at once.
const LIMIT_MAX: u32 = 10_000;

/// Which records are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those of one request, in the order of its attempts.
    Request(Ulid),
    /// Those that were opened at this time or later, in milliseconds since 1970, the oldest first.
    Since(u64),
}

/// The reading side of the database.
#[derive(Clone, Debug)]
pub struct Records {
    path: PathBuf,
}

impl Records {
    /// The database in the ledger's folder. It is opened when it is asked.
    pub fn new(folder: &Path) -> Self {
        Self { path: folder.join(FILE) }
    }

    /// The records that are asked for, at most so many, and never more than 10,000.
    ///
    /// # Errors
    /// There is no database yet, it cannot be read, or a newer gateway wrote it.
    pub async fn find(&self, which: Which, limit: u32) -> Result<Vec<Record>, StoreError> {
        let mut connection = super::options(&self.path).read_only(true).connect().await?;
        migrate::version(&mut connection).await?;
        let limit = limit.min(LIMIT_MAX);
        let query = match which {
            Which::Request(id) => sqlx::query(
                "SELECT * FROM usage_records WHERE request_id = ? ORDER BY opened_at, attempt, id LIMIT ?",
            )
            .bind(id.to_string()),
            Which::Since(time_ms) => {
                sqlx::query("SELECT * FROM usage_records WHERE id >= ? ORDER BY id LIMIT ?")
                    .bind(Ulid::from_parts(time_ms, 0).to_string())
            }
        };
        let rows = query.bind(limit).fetch_all(&mut connection).await?;
        rows.iter().map(record).collect()
    }
}

fn record(row: &SqliteRow) -> Result<Record, StoreError> {
    Ok(Record { opening: opening(row)?, settlement: settlement(row)? })
}

fn opening(row: &SqliteRow) -> Result<Opening<'static>, StoreError> {
    let kind: &str = row.try_get("kind")?;
    let tags: &str = row.try_get("tags")?;
    Ok(Opening {
        region: text(row, "region")?,
        id: id(row, "id")?,
        kind: CallKind::ALL
            .into_iter()
            .find(|known| known.label() == kind)
            .ok_or(StoreError::Unknown("kind"))?,
        consent: row.try_get("consent")?,
        request_id: id(row, "request_id")?,
        hold_id: id(row, "hold_id")?,
        tenant: text(row, "tenant")?,
        user: text(row, "user_id")?,
        credential_id: text(row, "credential_id")?,
        door: text(row, "door")?,
        provider: text(row, "provider")?,
        dialect: text(row, "dialect")?,
        model: text(row, "model")?,
        asked_model: text(row, "asked_model")?,
        stream: row.try_get("stream")?,
        attempt: row.try_get("attempt")?,
        tags: serde_json::from_str(tags).map_err(|_| StoreError::Unknown("list of tags"))?,
        asked_bytes: number(row, "asked_bytes")?,
        opened_at_ms: number(row, "opened_at")?,
    })
}

fn settlement(row: &SqliteRow) -> Result<Settlement<'static>, StoreError> {
    let ending: &str = row.try_get("ending")?;
    Ok(Settlement {
        settled_at_ms: number(row, "settled_at")?,
        ending: Ending::ALL
            .into_iter()
            .find(|known| known.label() == ending)
            .ok_or(StoreError::Unknown("ending"))?,
        latency_ms: row.try_get("latency_ms")?,
        first_token_ms: row.try_get("first_token_ms")?,
        stop: row.try_get::<Option<String>, _>("stop")?.map(Cow::Owned),
        failure: row.try_get::<Option<String>, _>("failure")?.map(Cow::Owned),
        fault: row.try_get::<Option<String>, _>("fault")?.map(Cow::Owned),
        status: row.try_get("status")?,
        usage: Usage {
            input_fresh: number(row, "input_fresh")?,
            cache_read: number(row, "cache_read")?,
            cache_write: number(row, "cache_write")?,
            cache_write_1h: number(row, "cache_write_1h")?,
            output: number(row, "output")?,
            reasoning: number(row, "reasoning")?,
            estimated: row.try_get("estimated")?,
        },
        cost_micros: row.try_get("cost_micros")?,
        lossy: text(row, "lossy")?,
    })
}

fn text(row: &SqliteRow, column: &str) -> Result<Cow<'static, str>, StoreError> {
    Ok(Cow::Owned(row.try_get(column)?))
}

fn number(row: &SqliteRow, column: &str) -> Result<u64, StoreError> {
    Ok(row.try_get(column)?)
}

fn id(row: &SqliteRow, column: &str) -> Result<Ulid, StoreError> {
    Ulid::from_string(row.try_get(column)?).map_err(|_| StoreError::Unknown("identifier"))
}
