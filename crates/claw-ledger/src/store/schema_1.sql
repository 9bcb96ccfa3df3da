-- The record of each provider call. Times are milliseconds since 1970, identifiers are ULIDs as text.
CREATE TABLE usage_records (
    region          TEXT    NOT NULL,
    id              TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    consent         INTEGER NOT NULL DEFAULT 0,
    request_id      TEXT    NOT NULL,
    hold_id         TEXT    NOT NULL,
    tenant          TEXT    NOT NULL,
    user_id         TEXT    NOT NULL,
    credential_id   TEXT    NOT NULL,
    door            TEXT    NOT NULL,
    provider        TEXT    NOT NULL,
    dialect         TEXT    NOT NULL,
    model           TEXT    NOT NULL,
    asked_model     TEXT    NOT NULL,
    stream          INTEGER NOT NULL,
    attempt         INTEGER NOT NULL,
    tags            TEXT    NOT NULL, -- a JSON array of texts
    asked_bytes     INTEGER NOT NULL,
    opened_at       INTEGER NOT NULL,
    settled_at      INTEGER NOT NULL,
    ending          TEXT    NOT NULL,
    latency_ms      INTEGER,
    first_token_ms  INTEGER,
    stop            TEXT,
    failure         TEXT,
    fault           TEXT,
    status          INTEGER,
    input_fresh     INTEGER NOT NULL,
    cache_read      INTEGER NOT NULL,
    cache_write     INTEGER NOT NULL,
    cache_write_1h  INTEGER NOT NULL,
    output          INTEGER NOT NULL,
    reasoning       INTEGER NOT NULL, -- contained in output
    estimated       INTEGER NOT NULL,
    cost_micros     INTEGER,          -- millionths of a US dollar; NULL is unknown, not free
    lossy           TEXT    NOT NULL,
    cost_known      INTEGER NOT NULL GENERATED ALWAYS AS (cost_micros IS NOT NULL) VIRTUAL,
    PRIMARY KEY (id, region)
) STRICT;

-- The primary key is in the order of time too: an id begins with opened_at.
CREATE INDEX usage_records_by_request ON usage_records (request_id);
CREATE INDEX usage_records_by_tenant ON usage_records (tenant, opened_at);
