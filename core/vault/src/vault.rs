//! Opening and closing a vault.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use latchkey_authenticator::ports::{KeyVault, Rng, StoreError};
use rusqlite::OptionalExtension as _;
use zeroize::Zeroizing;

use crate::VaultError;
use crate::database::Database;
use crate::error::Refusal;
use crate::keys::VaultKeys;

/// How long a call waits for another process before it gives up with `Busy`.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sealed records in one database file.
///
/// Calls from several threads take turns; each holds the file for one short transaction.
pub struct Vault {
    pub(crate) keys: VaultKeys,
    pub(crate) rng: Arc<dyn Rng>,
    database: Mutex<Option<Database>>,
}

impl Vault {
    /// Opens the vault in this file, or creates it. The vault key is random and stored as
    /// [`KeyVault::wrap`] wrapped it; of several processes that create the same vault at once, one
    /// makes the key and the others use it.
    ///
    /// # Errors
    /// [`VaultError`]; the file and its records are unchanged then.
    pub fn open(path: &Path, key_vault: &dyn KeyVault, rng: Arc<dyn Rng>) -> Result<Self, VaultError> {
        Self::open_with_patience(path, key_vault, rng, PATIENCE)
    }

    pub(crate) fn open_with_patience(
        path: &Path,
        key_vault: &dyn KeyVault,
        rng: Arc<dyn Rng>,
        patience: Duration,
    ) -> Result<Self, VaultError> {
        let mut database = Database::open(path, patience)?;
        let keys = match StoredKey::read(&database)? {
            Some(stored) => stored.unwrap(key_vault)?,
            None => StoredKey::create(&mut database, key_vault, &*rng)?.unwrap(key_vault)?,
        };
        Ok(Vault { keys, rng, database: Mutex::new(Some(database)) })
    }

    /// Closes the file; every later call fails with [`StoreError::Closed`]. Nothing is lost without
    /// it, but an app that is being suspended must call it: a process may not be suspended with an
    /// open database. The last process to close also leaves no log behind.
    pub fn close(&self) {
        *self.lock() = None;
    }

    /// How many records of any kind are quarantined: they failed their integrity check when they were
    /// read, which [`list`](latchkey_authenticator::ports::CredentialStore::list),
    /// [`computers`](Vault::computers), [`registrations`](Vault::registrations) and
    /// [`pending_pairings`](Vault::pending_pairings) do with all of theirs. They stay in the file as they
    /// are.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn damaged(&self) -> Result<u32, StoreError> {
        self.with(|database| {
            let sql = "SELECT (SELECT count(*) FROM credential WHERE damaged IS NOT 0)
                            + (SELECT count(*) FROM computer WHERE damaged = 1)
                            + (SELECT count(*) FROM registration WHERE damaged = 1)
                            + (SELECT count(*) FROM pairing WHERE damaged = 1)
                            + (SELECT count(*) FROM offline_set WHERE damaged = 1)
                            + (SELECT count(*) FROM event WHERE damaged = 1)";
            Ok(database.connection().prepare_cached(sql)?.query_row([], |row| row.get(0))?)
        })
    }

    /// Works with the open database.
    pub(crate) fn with<T>(
        &self,
        work: impl FnOnce(&mut Database) -> Result<T, Refusal>,
    ) -> Result<T, StoreError> {
        let mut database = self.lock();
        Ok(work(database.as_mut().ok_or(StoreError::Closed)?)?)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Database>> {
        // A panic elsewhere rolled its transaction back: the connection is sound.
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl core::fmt::Debug for Vault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Vault(redacted)")
    }
}

/// The table `vault_key`: the wrapped key, and nothing at all, sealed with it.
struct StoredKey {
    wrapped: Vec<u8>,
    proof: Vec<u8>,
}

const PROOF: &str = "vault_key.proof";

impl StoredKey {
    fn read(database: &Database) -> Result<Option<Self>, VaultError> {
        let sql = "SELECT wrapped, proof FROM vault_key";
        let stored = database
            .connection()
            .query_row(sql, [], |row| Ok(StoredKey { wrapped: row.get(0)?, proof: row.get(1)? }));
        Ok(stored.optional()?)
    }

    /// Makes a key and stores it, unless another process was faster. The operating system is asked
    /// before the file is locked: it may take its time.
    fn create(database: &mut Database, key_vault: &dyn KeyVault, rng: &dyn Rng) -> Result<Self, VaultError> {
        let mut vault_key = Zeroizing::new([0; 32]);
        rng.fill(vault_key.as_mut());
        let wrapped = key_vault.wrap(&vault_key)?;
        let proof = VaultKeys::derive(&vault_key).seal(rng, PROOF, &[], &[]);

        let transaction = database.write()?;
        // Records without their key are a damaged file: a new key would hide that.
        let sql = "INSERT INTO vault_key (id, wrapped, proof) SELECT 1, ?1, ?2
                   WHERE NOT EXISTS (SELECT 1 FROM vault_key)
                     AND NOT EXISTS (SELECT 1 FROM credential)
                     AND NOT EXISTS (SELECT 1 FROM computer)
                     AND NOT EXISTS (SELECT 1 FROM registration)
                     AND NOT EXISTS (SELECT 1 FROM pairing)
                     AND NOT EXISTS (SELECT 1 FROM offline_set)
                     AND NOT EXISTS (SELECT 1 FROM event)";
        transaction.execute(sql, (wrapped, proof))?;
        transaction.commit()?;
        Self::read(database)?.ok_or(VaultError::Corrupt)
    }

    fn unwrap(&self, key_vault: &dyn KeyVault) -> Result<VaultKeys, VaultError> {
        let keys = VaultKeys::derive(&*key_vault.unwrap(&self.wrapped)?);
        match keys.open(PROOF, &[], &self.proof) {
            Ok(_) => Ok(keys),
            Err(_) => Err(VaultError::WrongKey),
        }
    }
}

#[cfg(test)]
mod tests;
