//! The connection to the file: how it is set up, and transactions on it.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::VaultError;
use crate::migrations::{self, MIGRATIONS};

/// What a commit promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Survives the loss of power: one fsync of the log.
    Full,
    /// Survives the end of the process, may be lost with the power. What was committed before it is
    /// not lost with it: the log is replayed up to the last intact commit, and every full commit
    /// syncs all that stands before it.
    Relaxed,
}

/// An open database. Closed when dropped; the last one to close moves the log into the file and
/// removes it.
pub(crate) struct Database {
    connection: Connection,
    durability: Durability,
}

impl Database {
    /// Opens or creates the file and brings its schema up to date.
    pub(crate) fn open(path: &Path, patience: Duration) -> Result<Self, VaultError> {
        // One connection behind a mutex: SQLite's own mutexes would only cost time.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(patience)?;
        harden(&connection)?;
        // In a transaction: while another process creates the vault, half of it must not show.
        migrations::check(&*connection.transaction()?, MIGRATIONS)?;
        log_ahead(&connection, patience)?;
        migrations::migrate(&mut connection, MIGRATIONS)?;
        Ok(Database { connection, durability: Durability::Full })
    }

    /// For reading: each statement sees one moment.
    pub(crate) const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// For one statement that is its own transaction.
    pub(crate) fn commit_each(&mut self, durability: Durability) -> rusqlite::Result<&mut Connection> {
        if self.durability != durability {
            self.connection.execute_batch(match durability {
                Durability::Full => "PRAGMA synchronous = FULL",
                Durability::Relaxed => "PRAGMA synchronous = NORMAL",
            })?;
            self.durability = durability;
        }
        Ok(&mut self.connection)
    }

    /// Begins a durable transaction. It takes the write lock at once, so that what it reads cannot
    /// change before it writes; it is rolled back unless committed.
    pub(crate) fn write(&mut self) -> rusqlite::Result<Transaction<'_>> {
        self.commit_each(Durability::Full)?.transaction_with_behavior(TransactionBehavior::Immediate)
    }
}

/// Settings of the connection. None of them changes the file.
fn harden(connection: &Connection) -> Result<(), VaultError> {
    // A file that was tampered with must not run code through its schema, nor have its schema
    // rewritten, and a misspelt column must not count as a string.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    connection.execute_batch(
        "-- A commit is an fsync of the log; on Apple's systems one that reaches the disk.
         PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA foreign_keys = ON;
         -- What is deleted is overwritten, so that a key does not outlive its record in the file.
         PRAGMA secure_delete = ON;
         -- Malformed pages are found when they are read.
         PRAGMA cell_size_check = ON;
         -- No temporary files; no mapping, in which an I/O error would be a signal.
         PRAGMA temp_store = MEMORY;
         PRAGMA mmap_size = 0;
         -- At most 4 MiB (in KiB) in memory.
         PRAGMA cache_size = -4096;
         -- Small on disk: a log of at most 250 pages, 1 MiB, which is kept after a checkpoint. A log that
         -- grows makes an fsync nearly twice as long as one that is overwritten.
         PRAGMA wal_autocheckpoint = 250;
         PRAGMA journal_size_limit = 1048576;",
    )?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(())
}

/// Switches to write-ahead logging: readers and the writer do not wait for each other.
fn log_ahead(connection: &Connection, patience: Duration) -> Result<(), VaultError> {
    let start = Instant::now();
    loop {
        // The switch of a new file needs it alone, and SQLite does not wait for that by itself.
        match connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0)) {
            Ok(mode) if mode == "wal" => return Ok(()),
            // Not possible on this file system.
            Ok(_) => return Err(VaultError::Storage(0)),
            Err(error) => match VaultError::from(error) {
                VaultError::Busy if start.elapsed() < patience => {
                    std::thread::sleep(Duration::from_millis(2));
                }
                error => return Err(error),
            },
        }
    }
}

#[cfg(test)]
mod tests;
