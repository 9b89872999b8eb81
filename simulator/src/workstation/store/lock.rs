//! The lock as it is stored, and what counts its openings.

use rusqlite::OptionalExtension as _;

use super::pairings::seconds;
use super::{Store, accounts};
use crate::workstation::error::WorkstationError;
use crate::workstation::lock::{How, LockState, Session, Unlock};
use crate::workstation::offer::Offer;

impl Store {
    pub(in crate::workstation) fn lock_state(&self) -> Result<LockState, WorkstationError> {
        let row = self
            .connection()
            .query_row("SELECT username, how, device_id, since FROM session", [], |row| {
                Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get::<_, i64>(3)?))
            })
            .optional()?;
        let Some((account, how, device_id, since)) = row else { return Ok(LockState::Locked) };
        let how = How::from_name(&how).ok_or(WorkstationError::Damaged)?;
        Ok(LockState::Unlocked(Session { account, how, device_id, since: since.unsigned_abs() }))
    }

    pub(in crate::workstation) fn lock(&self) -> Result<(), WorkstationError> {
        self.connection().execute("DELETE FROM session", [])?;
        Ok(())
    }

    /// Leaves the lock, in one transaction with what the proof of it used up: the passkey's counter goes
    /// on only from the one that the proof was checked against, and only while the phone is paired.
    ///
    /// # Errors
    /// [`WorkstationError::NotPaired`] when the pairing was removed, or its passkey used, in between.
    pub(in crate::workstation) fn unlock(
        &self,
        unlock: &Unlock,
        now: u64,
    ) -> Result<Session, WorkstationError> {
        let session = unlock.session(now);
        self.write(|transaction| {
            if let Some(pairing) = unlock.new_pairing() {
                self.insert_pairing(transaction, pairing)?;
            }
            if let Some((device_id, before, after)) = unlock.counter() {
                let moved = transaction.execute(
                    "UPDATE pairings SET sign_count = ?3 WHERE device_id = ?1 AND sign_count = ?2",
                    (device_id, before, after),
                )?;
                if moved != 1 {
                    return Err(WorkstationError::NotPaired);
                }
            }
            accounts::ensure(self, transaction, &session.account)?;
            transaction.execute(
                "INSERT OR REPLACE INTO session (id, username, how, device_id, since)
                 VALUES (1, ?1, ?2, ?3, ?4)",
                (&session.account, session.how.name(), &session.device_id, seconds(session.since)),
            )?;
            transaction.execute(
                "UPDATE offers SET sign_ins = sign_ins + 1 WHERE username = ?1",
                (&session.account,),
            )?;
            Ok(())
        })?;
        Ok(session)
    }

    /// Whether the account has a passkey on this workstation, or does not want one now.
    pub(in crate::workstation) fn offer(&self, username: &str) -> Result<Offer, WorkstationError> {
        let row = self
            .connection()
            .query_row(
                "SELECT created, declined_at, sign_ins FROM offers WHERE username = ?1",
                (username,),
                |row| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?, row.get(2)?)),
            )
            .optional()?;
        Ok(match row {
            None => Offer::Never,
            Some((true, _, _)) | Some((false, None, _)) => Offer::Created,
            Some((false, Some(at), sign_ins)) => Offer::Later { since: at.unsigned_abs(), sign_ins },
        })
    }

    pub(in crate::workstation) fn set_offer(
        &self,
        username: &str,
        offer: Offer,
    ) -> Result<(), WorkstationError> {
        let (created, declined_at, sign_ins) = match offer {
            Offer::Never => {
                self.connection().execute("DELETE FROM offers WHERE username = ?1", (username,))?;
                return Ok(());
            }
            Offer::Created => (true, None, 0),
            Offer::Later { since, sign_ins } => (false, Some(seconds(since)), sign_ins),
        };
        self.connection().execute(
            "INSERT OR REPLACE INTO offers (username, created, declined_at, sign_ins) VALUES (?1, ?2, ?3, ?4)",
            (username, created, declined_at, sign_ins),
        )?;
        Ok(())
    }
}
