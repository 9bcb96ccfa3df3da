//! Records into rows. The order of the columns is that of `COLUMNS` and of `push`, and of nothing else.

use sqlx::query_builder::{QueryBuilder, Separated};
use sqlx::sqlite::{Sqlite, SqliteConnection};

use crate::{Opening, Record, Settlement};

const COLUMNS: &str = "INSERT INTO usage_records (
    region, id, kind, consent, request_id, hold_id, tenant, user_id, credential_id, door, provider, dialect, model,
    asked_model, stream, attempt, tags, asked_bytes, opened_at, settled_at, ending, latency_ms, first_token_ms, stop,
    failure, fault, status, input_fresh, cache_read, cache_write, cache_write_1h, output, reasoning, estimated,
    cost_micros, lossy) ";

/// So many rows go into one statement: SQLite takes 32,766 parameters, and more rows gain nothing.
const ROWS_MAX: usize = 64;

/// Puts records in; those that are there already stay as they are.
pub(super) async fn records(connection: &mut SqliteConnection, records: &[&Record]) -> sqlx::Result<()> {
    for rows in records.chunks(ROWS_MAX) {
        let mut query = QueryBuilder::<Sqlite>::new(COLUMNS);
        query.push_values(rows, |mut row, record| {
            push_opening(&mut row, &record.opening);
            push_settlement(&mut row, &record.settlement);
        });
        query.push(" ON CONFLICT DO NOTHING");
        // Full chunks are all alike and worth a prepared statement, the last one is not.
        query.build().persistent(rows.len() == ROWS_MAX).execute(&mut *connection).await?;
    }
    Ok(())
}

fn push_opening(row: &mut Separated<'_, Sqlite, &'static str>, opening: &Opening<'_>) {
    row.push_bind(&*opening.region)
        .push_bind(opening.id.to_string())
        .push_bind(opening.kind.label())
        .push_bind(opening.consent)
        .push_bind(opening.request_id.to_string())
        .push_bind(opening.hold_id.to_string())
        .push_bind(&*opening.tenant)
        .push_bind(&*opening.user)
        .push_bind(&*opening.credential_id)
        .push_bind(&*opening.door)
        .push_bind(&*opening.provider)
        .push_bind(&*opening.dialect)
        .push_bind(&*opening.model)
        .push_bind(&*opening.asked_model)
        .push_bind(opening.stream)
        .push_bind(opening.attempt)
        .push_bind(serde_json::to_string(&opening.tags).unwrap_or_default())
        .push_bind(integer(opening.asked_bytes))
        .push_bind(integer(opening.opened_at_ms));
}

fn push_settlement(row: &mut Separated<'_, Sqlite, &'static str>, settlement: &Settlement<'_>) {
    row.push_bind(integer(settlement.settled_at_ms))
        .push_bind(settlement.ending.label())
        .push_bind(settlement.latency_ms.map(integer))
        .push_bind(settlement.first_token_ms.map(integer))
        .push_bind(settlement.stop.as_deref())
        .push_bind(settlement.failure.as_deref())
        .push_bind(settlement.fault.as_deref())
        .push_bind(settlement.status)
        .push_bind(integer(settlement.usage.input_fresh))
        .push_bind(integer(settlement.usage.cache_read))
        .push_bind(integer(settlement.usage.cache_write))
        .push_bind(integer(settlement.usage.cache_write_1h))
        .push_bind(integer(settlement.usage.output))
        .push_bind(integer(settlement.usage.reasoning))
        .push_bind(settlement.usage.estimated)
        .push_bind(settlement.cost_micros.map(integer))
        .push_bind(&*settlement.lossy);
}

/// SQLite counts to 2^63 - 1; a provider that says more is not believed to the last token.
fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
