//! What lasts, in SQLite: one file for each concern under `database/`.
//!
//! Two threads own one connection each, one for changes and one for reading. Changes that wait at the
//! same time share one transaction and so one flush to the disk; each stands under a savepoint of its
//! own, and is answered after the commit.

pub(crate) mod audit;
pub(crate) mod links;
pub(crate) mod pairings;
pub(crate) mod passkeys;
pub(crate) mod registrations;
mod schema;
pub(crate) mod settings;
pub(crate) mod settled;
pub(crate) mod users;
pub(crate) mod workstations;

use core::time::Duration;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use rusqlite::Connection;
use thiserror::Error;
use tokio::sync::oneshot;

/// Changes that share a transaction at most.
const BATCH: usize = 64;

/// Why the database cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// SQLite failed.
    #[error("the database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A file of a newer version, or of another program.
    #[error("the database is not one that this version can use")]
    Unknown,
    /// A record that cannot be read.
    #[error("the database holds a damaged record")]
    Damaged,
    /// The database is closed, or the change was rolled back with the others of its transaction.
    #[error("the database could not keep a change")]
    NotKept,
}

/// Runs the work on the connection, if there is a transaction; what it returns is called when it is
/// known whether the transaction was kept.
type Job = Box<dyn FnOnce(Option<&Connection>) -> Answer + Send>;
type Answer = Box<dyn FnOnce(bool) + Send>;

/// The database of a Control Center.
pub(crate) struct Database {
    writer: Sender<Job>,
    reader: Sender<Job>,
}

impl Database {
    /// Opens the file at `path`, or makes it.
    pub(crate) fn open(path: &Path) -> Result<Self, DatabaseError> {
        let mut connection = connect(path)?;
        schema::migrate(&mut connection)?;
        let reading = connect(path)?;
        reading.pragma_update(None, "query_only", true)?;
        Ok(Database {
            writer: serve(connection, "BEGIN IMMEDIATE", BATCH),
            reader: serve(reading, "BEGIN DEFERRED", 1),
        })
    }

    /// Makes a change: all of it or, when `work` or the commit fails, nothing.
    pub(crate) async fn write<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        run(&self.writer, |connection| {
            connection.execute_batch("SAVEPOINT job").map_err(DatabaseError::from)?;
            let result = work(connection);
            let end = if result.is_ok() { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
            connection.execute_batch(end).map_err(DatabaseError::from)?;
            result
        })
        .await
    }

    /// Reads from one consistent state.
    pub(crate) async fn read<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        run(&self.reader, work).await
    }
}

async fn run<T, E>(
    thread: &Sender<Job>,
    work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<DatabaseError> + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    let job: Job = Box::new(move |connection| {
        let result = connection.map_or_else(|| Err(DatabaseError::NotKept.into()), work);
        Box::new(move |kept| {
            let result = if kept || result.is_err() { result } else { Err(DatabaseError::NotKept.into()) };
            // Nobody may be waiting any more: a client that went away.
            let _ = answer.send(result);
        })
    });
    if thread.send(job).is_err() {
        return Err(DatabaseError::NotKept.into());
    }
    answered.await.unwrap_or_else(|_| Err(DatabaseError::NotKept.into()))
}

fn connect(path: &Path) -> Result<Connection, DatabaseError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(64);
    // The log lets the other thread, and other nodes, read while one writes; FULL flushes each commit.
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

/// Runs jobs on a thread of their own, up to `batch` in one transaction, until the sender is dropped.
fn serve(connection: Connection, begin: &'static str, batch: usize) -> Sender<Job> {
    let (sender, jobs) = channel();
    thread::spawn(move || while take_turn(&connection, &jobs, begin, batch).is_some() {});
    sender
}

fn take_turn(connection: &Connection, jobs: &Receiver<Job>, begin: &str, batch: usize) -> Option<()> {
    let first = jobs.recv().ok()?;
    let began = connection.execute_batch(begin).is_ok();
    let mut answers = vec![first(began.then_some(connection))];
    while answers.len() < batch
        && let Ok(job) = jobs.try_recv()
    {
        answers.push(job(began.then_some(connection)));
    }
    let kept = began && connection.execute_batch("COMMIT").is_ok();
    if !kept && !connection.is_autocommit() {
        // What cannot be rolled back now is rolled back when the connection is opened the next time.
        let _ = connection.execute_batch("ROLLBACK");
    }
    answers.into_iter().for_each(|answer| answer(kept));
    Some(())
}

/// A time as SQLite stores it.
fn stored(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

/// A time as SQLite stored it.
fn loaded(seconds: i64) -> u64 {
    u64::try_from(seconds).unwrap_or(0)
}

#[cfg(test)]
mod tests;
