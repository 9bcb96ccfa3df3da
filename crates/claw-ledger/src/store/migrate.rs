//! The tables, and the steps from each version to the next. `PRAGMA user_version` says where a file stands.

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};

use super::StoreError;

/// Step number `n` leads from version `n` to `n + 1`. A step that was released is never changed.
const STEPS: &[&str] = &[include_str!("schema_1.sql")];

/// Brings the tables to the newest version.
///
/// # Errors
/// The file cannot be written, or is of a version that is not known here.
pub(super) async fn migrate(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    // Immediate, so that of two processes that start together one waits for the other.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let (found, known) = (version(&mut transaction).await?, STEPS.len());
    if found == known {
        return Ok(());
    }
    for step in STEPS.iter().skip(found) {
        transaction.execute(sqlx::raw_sql(*step)).await?;
    }
    // A pragma takes no parameters; the number is our own.
    let set = AssertSqlSafe(format!("PRAGMA user_version = {known}"));
    transaction.execute(sqlx::raw_sql(set)).await?;
    transaction.commit().await?;
    Ok(())
}

/// The version of the tables, which may be older than the newest.
///
/// # Errors
/// The file cannot be read, or is of a version that is not known here.
pub(super) async fn version(connection: &mut SqliteConnection) -> Result<usize, StoreError> {
    let found: u32 = sqlx::query_scalar("PRAGMA user_version").fetch_one(connection).await?;
    let (found, known) = (found as usize, STEPS.len());
    if found > known { Err(StoreError::Newer { found, known }) } else { Ok(found) }
}
