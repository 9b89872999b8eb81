//! The accounts that sign in on this workstation, each with its unlock secret and the verifier of its
//! offline PINs.

use std::sync::Arc;

use latchkey_offline::{Account, StoreError, UnlockSecret, VerifierRecord, VerifierStore};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _};
use zeroize::Zeroizing;

use super::Store;
use super::pairings::seconds;
use crate::workstation::error::WorkstationError;

const SECRET: &str = "accounts.secret";
const RECORD: &str = "verifiers.record";

/// Makes the account if it is new: a random stable ID in the form that cloud accounts have on Windows,
/// and a random unlock secret.
pub(super) fn ensure(store: &Store, connection: &Connection, username: &str) -> Result<(), WorkstationError> {
    let known = connection
        .query_row("SELECT 1 FROM accounts WHERE username = ?1", (username,), |_| Ok(()))
        .optional()?;
    if known.is_some() {
        return Ok(());
    }
    let mut sid = "S-1-12-1".to_owned();
    for _ in 0..4 {
        let mut part = [0; 4];
        store.rng.fill(&mut part);
        sid = format!("{sid}-{}", u32::from_be_bytes(part));
    }
    let mut secret = Zeroizing::new([0; 32]);
    store.rng.fill(secret.as_mut());
    let sealed = store.sealer.seal(&*store.rng, SECRET, username, secret.as_ref())?;
    connection.execute(
        "INSERT INTO accounts (username, sid, sealed_secret) VALUES (?1, ?2, ?3)",
        (username, sid, sealed),
    )?;
    Ok(())
}

impl Store {
    /// The names of all accounts.
    pub(in crate::workstation) fn accounts(&self) -> Result<Vec<String>, WorkstationError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT username FROM accounts ORDER BY username")?;
        Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Whom the PINs of this account let in. The phone knows this workstation by its machine ID.
    pub(in crate::workstation) fn offline_account(
        &self,
        username: &str,
    ) -> Result<Option<Account>, WorkstationError> {
        let machine_id = self.identity()?.machine_id;
        let sid = self
            .connection()
            .query_row("SELECT sid FROM accounts WHERE username = ?1", (username,), |row| row.get(0))
            .optional()?;
        Ok(sid.map(|user_sid| Account { computer_id: machine_id.clone(), user_sid, machine_id }))
    }

    /// The account's unlock secret.
    pub(in crate::workstation) fn unlock_secret(
        &self,
        username: &str,
    ) -> Result<UnlockSecret, WorkstationError> {
        let sealed: Vec<u8> = self.connection().query_row(
            "SELECT sealed_secret FROM accounts WHERE username = ?1",
            (username,),
            |row| row.get(0),
        )?;
        Ok(UnlockSecret::new(*self.sealer.open_key(SECRET, username, &sealed)?))
    }
}

/// The verifier record of one account.
pub(in crate::workstation) struct AccountVerifier {
    pub(in crate::workstation) store: Arc<Store>,
    pub(in crate::workstation) username: String,
}

impl AccountVerifier {
    fn load(&self) -> Result<Option<Vec<u8>>, WorkstationError> {
        let sealed: Option<Vec<u8>> = self
            .store
            .connection()
            .query_row("SELECT sealed_record FROM verifiers WHERE username = ?1", (&self.username,), |row| {
                row.get(0)
            })
            .optional()?;
        let Some(sealed) = sealed else { return Ok(None) };
        Ok(Some(self.store.sealer.open(RECORD, &self.username, &sealed)?.to_vec()))
    }

    /// Whether the record took the place of the one before it.
    fn save(&self, record: &VerifierRecord) -> Result<bool, WorkstationError> {
        let sealed = self.store.sealer.seal(&*self.store.rng, RECORD, &self.username, &record.encode())?;
        let revision = seconds(record.revision());
        let connection = self.store.connection();
        let changed = match revision {
            1 => connection.execute(
                "INSERT OR IGNORE INTO verifiers (username, revision, sealed_record) VALUES (?1, 1, ?2)",
                (&self.username, sealed),
            ),
            _ => connection.execute(
                "UPDATE verifiers SET revision = ?2, sealed_record = ?3 WHERE username = ?1 AND revision = ?2 - 1",
                (&self.username, revision, sealed),
            ),
        }?;
        Ok(changed == 1)
    }
}

impl VerifierStore for AccountVerifier {
    fn load(&self) -> Result<Option<VerifierRecord>, StoreError> {
        let Some(record) = AccountVerifier::load(self).map_err(refusal)? else { return Ok(None) };
        VerifierRecord::decode(&record).map(Some).map_err(|_| StoreError::Damaged)
    }

    fn save(&self, record: &VerifierRecord) -> Result<(), StoreError> {
        match AccountVerifier::save(self, record).map_err(refusal)? {
            true => Ok(()),
            false => Err(StoreError::Conflict),
        }
    }
}

fn refusal(error: WorkstationError) -> StoreError {
    match error {
        WorkstationError::Damaged => StoreError::Damaged,
        WorkstationError::Database(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
            Some(ErrorCode::DiskFull) => StoreError::DiskFull,
            _ => StoreError::Failed,
        },
        _ => StoreError::Failed,
    }
}
