//! Every provider call has exactly one record: spool and SQLite.
