//! The database of records: SQLite, in the ledger's folder. It knows neither the spool nor who asks.

mod insert;
mod migrate;
mod read;

use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

pub use read::{Records, Which};

use crate::Record;

const FILE: &str = "ledger.sqlite";

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite says no.
    #[error("the ledger's database cannot be used")]
    Database(#[from] sqlx::Error),
    /// A newer gateway has changed the tables.
    #[error("the ledger's database is of version {found}, which is newer than this gateway's {known}")]
    Newer {
        /// The version of the tables.
        found: usize,
        /// The newest version that is known here.
        known: usize,
    },
    /// A record holds a word that is not known here.
    #[error("a record holds an unknown {0}")]
    Unknown(&'static str),
}

/// The writing side. It connects when it has to, and anew after each failure.
pub(crate) struct Store {
    path: PathBuf,
    connection: Option<SqliteConnection>,
}

impl Store {
    /// The database in the ledger's folder.
    pub(crate) fn new(folder: &Path) -> Self {
        Self { path: folder.join(FILE), connection: None }
    }

    /// Puts records in, all or none; those that are there already stay as they are. When it returns they are on the disk.
    ///
    /// # Errors
    /// The database cannot be opened or written; nothing of this call is in it, or all of it is.
    pub(crate) async fn insert(&mut self, records: &[&Record]) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        // Taken out, so that a connection that failed, or was abandoned in the middle, is not used again.
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        insert::records(&mut transaction, records).await?;
        transaction.commit().await?;
        self.connection = Some(connection);
        Ok(())
    }

    async fn connect(&self) -> Result<SqliteConnection, StoreError> {
        let options = options(&self.path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A file of the spool is removed after the commit, so the commit must have reached the disk.
            .synchronous(SqliteSynchronous::Full);
        let mut connection = options.connect().await?;
        migrate::migrate(&mut connection).await?;
        Ok(connection)
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).disable_statement_logging()
}
