//! The workstation's state: one SQLite file, and a key file that its secrets are sealed under.
//!
//! The key file stands in the place of a TPM, which would keep that key and limit how often a PIN is
//! tried. Without one a copy of the folder is enough to try PINs at the speed of Argon2id: the
//! workstation says so when it issues them (`Protection::None`), and short PINs are refused.
//!
//! Every change is one short transaction; several processes may open the same state.

mod accounts;
mod events;
mod identity;
mod lock;
mod pairings;
mod sealer;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use latchkey_authenticator::ports::{KeyVault, Rng};
use latchkey_phone::control_center::wire::WorkstationSettings;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};

use super::error::WorkstationError;

pub(super) use accounts::AccountVerifier;
pub use identity::{Enrolment, Identity};
pub use pairings::{Code, Pairing};
use sealer::Sealer;

/// Version of the schema, in the file's `user_version`.
const VERSION: i64 = 1;

/// How long a transaction waits for another process.
const PATIENCE: Duration = Duration::from_secs(5);

/// The state of one workstation.
pub(super) struct Store {
    connection: Mutex<Connection>,
    sealer: Sealer,
    rng: Arc<dyn Rng>,
}

/// What the Control Center said last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Synced {
    /// What the administrator set.
    pub settings: WorkstationSettings,
    /// Seconds from this machine's clock to the server's.
    pub clock_offset: i64,
}

impl Store {
    /// Opens the state, or makes a new one with a new identity.
    pub(super) fn open(
        path: &Path,
        keys: &dyn KeyVault,
        machine_name: &str,
        rng: Arc<dyn Rng>,
    ) -> Result<Self, WorkstationError> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(PATIENCE)?;
        // A rollback journal that is truncated and pages that are overwritten: nothing of a record that
        // was replaced can be read any more, unlike in a log.
        connection.execute_batch(
            "PRAGMA journal_mode = TRUNCATE;
             PRAGMA synchronous = EXTRA;
             PRAGMA secure_delete = ON;
             PRAGMA foreign_keys = ON;
             PRAGMA temp_store = MEMORY;",
        )?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        match transaction.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))? {
            0 => {
                transaction.execute_batch(include_str!("store/schema.sql"))?;
                transaction.pragma_update(None, "user_version", VERSION)?;
            }
            VERSION => {}
            _ => return Err(WorkstationError::TooNew),
        }
        let sealer = Sealer::load(&transaction, keys, &*rng)?;
        identity::ensure(&transaction, &sealer, machine_name, &*rng)?;
        transaction.commit()?;
        Ok(Store { connection: Mutex::new(connection), sealer, rng })
    }

    /// What the Control Center said last, if it ever said anything.
    pub(super) fn synced(&self) -> Result<Option<Synced>, WorkstationError> {
        let row = self
            .connection()
            .query_row("SELECT settings, clock_offset FROM synced", [], |row| {
                Ok((row.get::<_, String>(0)?, row.get(1)?))
            })
            .optional()?;
        let Some((settings, clock_offset)) = row else { return Ok(None) };
        let settings = serde_json::from_str(&settings).map_err(|_| WorkstationError::Damaged)?;
        Ok(Some(Synced { settings, clock_offset }))
    }

    pub(super) fn set_synced(&self, synced: &Synced) -> Result<(), WorkstationError> {
        let settings = serde_json::to_string(&synced.settings).map_err(|_| WorkstationError::Damaged)?;
        self.connection().execute(
            "INSERT OR REPLACE INTO synced (id, settings, clock_offset) VALUES (1, ?1, ?2)",
            (settings, synced.clock_offset),
        )?;
        Ok(())
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A transaction that a panic cut short was rolled back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `change` as one transaction, which is rolled back when it fails.
    fn write<T>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<T, WorkstationError>,
    ) -> Result<T, WorkstationError> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let outcome = change(&transaction)?;
        transaction.commit()?;
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests;
