//! The table of offline PINs: the phone's ledger on disk.

use latchkey_authenticator::ports::StoreError as VaultStoreError;
use latchkey_offline::{LedgerRecord, LedgerStore, StoreError};
use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::Vault;
use crate::database::{Database, Durability};
use crate::keys::{Damaged, LookupTag};

const LOOKUP: &str = "offline_set.lookup";
const RECORD: &str = "offline_set.record";

const ONE: &str = "SELECT lookup, revision, record FROM offline_set WHERE lookup = ?1 AND damaged = 0";
const FIRST: &str = "INSERT INTO offline_set (lookup, revision, record) VALUES (?1, ?2, ?3)
                     ON CONFLICT (lookup) WHERE damaged = 0 DO NOTHING";
const NEXT: &str = "UPDATE offline_set SET revision = ?2, record = ?3
                    WHERE lookup = ?1 AND damaged = 0 AND revision = ?2 - 1";
const QUARANTINE: &str = "UPDATE offline_set SET damaged = 1 WHERE lookup = ?1 AND damaged = 0";
const DELETE: &str = "DELETE FROM offline_set WHERE lookup = ?1 AND damaged = 0";

/// A damaged record is reported once: it is quarantined then and not found any more, so that the next
/// set can take its place.
impl LedgerStore for Vault {
    fn load(&self, computer_id: &str) -> Result<Option<LedgerRecord>, StoreError> {
        let lookup = self.offline_tag(computer_id);
        let loaded = self.with(|database| match self.offline_record(database.connection(), &lookup)? {
            None => Ok(None),
            Some(Ok(record)) => Ok(Some(record)),
            Some(Err(Damaged)) => {
                self.quarantine_offline_set(database, &lookup);
                Err(VaultStoreError::Damaged.into())
            }
        });
        loaded.map_err(offline_error)
    }

    fn save(&self, record: &LedgerRecord) -> Result<(), StoreError> {
        let lookup = self.offline_tag(record.computer_id());
        let cell = self.keys.seal(&*self.rng, RECORD, &[&lookup], &record.encode());
        let revision = i64::try_from(record.revision()).map_err(|_| StoreError::Failed)?;
        let sql = if revision == 1 { FIRST } else { NEXT };
        let saved = self.with(|database| {
            let connection = database.commit_each(Durability::Full)?;
            Ok(connection.prepare_cached(sql)?.execute((lookup, revision, cell))?)
        });
        match saved.map_err(offline_error)? {
            0 => Err(StoreError::Conflict),
            _ => Ok(()),
        }
    }

    fn delete(&self, computer_id: &str) -> Result<(), StoreError> {
        let deleted = self.with(|database| {
            let connection = database.commit_each(Durability::Full)?;
            Ok(connection.prepare_cached(DELETE)?.execute([self.offline_tag(computer_id)])?)
        });
        deleted.map(|_| ()).map_err(offline_error)
    }
}

impl Vault {
    /// Deletes the offline PINs of a computer, as part of a transaction.
    pub(crate) fn delete_offline_set(
        &self,
        connection: &Connection,
        computer_id: &str,
    ) -> rusqlite::Result<usize> {
        connection.prepare_cached(DELETE)?.execute([self.offline_tag(computer_id)])
    }

    fn offline_record(
        &self,
        connection: &Connection,
        lookup: &LookupTag,
    ) -> rusqlite::Result<Option<Result<LedgerRecord, Damaged>>> {
        let mut statement = connection.prepare_cached(ONE)?;
        statement.query_row([lookup], |row| Ok(self.unseal_offline(row))).optional()
    }

    fn unseal_offline(&self, row: &Row<'_>) -> Result<LedgerRecord, Damaged> {
        let cell = |index| row.get_ref(index).ok()?.as_blob().ok();
        let plain = self.keys.open(RECORD, &[cell(0).ok_or(Damaged)?], cell(2).ok_or(Damaged)?)?;
        let record = LedgerRecord::decode(&plain).map_err(|_| Damaged)?;
        let revision: i64 = row.get(1).map_err(|_| Damaged)?;
        if u64::try_from(revision) == Ok(record.revision()) { Ok(record) } else { Err(Damaged) }
    }

    fn quarantine_offline_set(&self, database: &mut Database, lookup: &LookupTag) {
        let mut mark = || -> rusqlite::Result<()> {
            let transaction = database.write()?;
            // Look again: another process may have put something else there.
            if let Some(Err(Damaged)) = self.offline_record(&transaction, lookup)? {
                transaction.prepare_cached(QUARANTINE)?.execute([lookup])?;
            }
            transaction.commit()
        };
        // If that fails it is found damaged again the next time.
        let _ = mark();
    }

    fn offline_tag(&self, computer_id: &str) -> LookupTag {
        self.keys.tag(LOOKUP, &[computer_id.as_bytes()])
    }
}

fn offline_error(error: VaultStoreError) -> StoreError {
    match error {
        VaultStoreError::Damaged => StoreError::Damaged,
        VaultStoreError::Closed => StoreError::Closed,
        VaultStoreError::Busy => StoreError::Busy,
        VaultStoreError::DiskFull => StoreError::DiskFull,
        _ => StoreError::Failed,
    }
}

#[cfg(test)]
mod tests;
