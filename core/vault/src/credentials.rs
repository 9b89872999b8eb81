//! The table of credentials.

use core::cmp::Reverse;

use latchkey_authenticator::Signal;
use latchkey_authenticator::credential::{Credential, CredentialId, CredentialSummary};
use latchkey_authenticator::ports::{CredentialStore, InsertLimits, StoreError};
use latchkey_ctap::User;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Params, Row};
use zeroize::Zeroizing;

use crate::Vault;
use crate::database::{Database, Durability};
use crate::error::Refusal;
use crate::keys::{Damaged, LookupTag};
use crate::record::Record;
use crate::secrets::Secrets;

/// A query for whole rows; [`Vault::unseal`] reads them.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT position, number, damaged, lookup, rp, account, record, secret, counter, last_used FROM credential ",
            $rest
        )
    };
}

const BY_ID: &str = select!("WHERE lookup = ?1");
const BY_POSITION: &str = select!("WHERE position = ?1");
const BY_RP: &str = select!("WHERE position BETWEEN ?1 AND ?2 AND rp = ?3 AND damaged = 0");
const BY_ACCOUNT: &str = select!("WHERE position BETWEEN ?1 AND ?2 AND account = ?3 AND damaged = 0");
// Without `+` SQLite would take the index of all IDs.
const BY_RP_AND_ID: &str = select!("WHERE position BETWEEN ?1 AND ?2 AND +lookup = ?3");
const ALL: &str = select!("WHERE damaged = 0");

/// The places of sealed cells and of keyed hashes.
mod place {
    pub(super) const LOOKUP: &str = "credential.lookup";
    pub(super) const RP: &str = "credential.rp";
    pub(super) const ACCOUNT: &str = "credential.account";
    pub(super) const RECORD: &str = "credential.record";
    pub(super) const SECRET: &str = "credential.secret";
    pub(super) const COUNTER: &str = "credential.counter";
    pub(super) const LAST_USED: &str = "credential.last_used";
}

/// The keyed hashes of a row.
#[derive(Clone, Copy)]
struct Tags {
    lookup: LookupTag,
    rp: LookupTag,
    account: LookupTag,
}

/// The positions of a relying party: those that begin with the first 40 bits of its keyed hash. Another may
/// share them, at odds of one in 2^40.
struct Positions {
    first: i64,
    last: i64,
}

impl Positions {
    /// 2^23 numbers for what is inserted at one relying party.
    const NUMBERS: i64 = (1 << 23) - 1;

    fn of(rp: &LookupTag) -> Self {
        let [a, b, c, d, e, ..] = *rp;
        let first = i64::from_be_bytes([0, 0, 0, a, b, c, d, e]) << 23;
        Positions { first, last: first | Self::NUMBERS }
    }

    fn contains(&self, position: i64) -> bool {
        (self.first..=self.last).contains(&position)
    }
}

/// A row that passed its integrity check.
pub(crate) struct Stored {
    position: i64,
    /// Its number in the order of insertion.
    number: i64,
    tags: Tags,
    record: Record,
    secrets: Secrets,
    counter: Option<u32>,
}

impl Stored {
    const fn summary(&self) -> &CredentialSummary {
        &self.record.summary
    }

    fn into_summary(self) -> CredentialSummary {
        self.record.summary
    }

    fn into_credential(self) -> Result<Credential, Damaged> {
        self.record.into_credential(self.secrets, self.counter)
    }
}

impl CredentialStore for Vault {
    fn discoverable(&self, rp_id: &str) -> Result<Vec<Credential>, StoreError> {
        self.with(|database| {
            let rp = self.rp_tag(rp_id);
            let Positions { first, last } = Positions::of(&rp);
            self.read_all(database, BY_RP, (first, last, rp), |stored| {
                let CredentialSummary { discoverable, hidden, rp_id: of, .. } = stored.summary();
                let wanted = *discoverable && !hidden && of == rp_id;
                wanted.then(|| stored.into_credential()).transpose()
            })
        })
    }

    fn get(&self, rp_id: &str, id: &CredentialId) -> Result<Option<Credential>, StoreError> {
        self.with(|database| match self.find_at(database.connection(), rp_id, id)? {
            None => Ok(None),
            Some((position, Err(Damaged))) => {
                self.quarantine(database, &[position]);
                Err(StoreError::Damaged.into())
            }
            Some((_, Ok(stored))) if stored.summary().rp_id == rp_id => Ok(Some(stored.into_credential()?)),
            Some(_) => Ok(None),
        })
    }

    fn insert(
        &self,
        credential: &Credential,
        limits: &InsertLimits,
    ) -> Result<Option<Credential>, StoreError> {
        self.with(|database| {
            let transaction = database.write()?;
            let replaced = self.insert_credential(&transaction, credential, limits)?;
            transaction.commit()?;
            Ok(replaced)
        })
    }

    fn advance_counter(&self, rp_id: &str, id: &CredentialId) -> Result<u32, StoreError> {
        self.with(|database| {
            let transaction = database.write()?;
            let (_, stored) = self.find_at(&transaction, rp_id, id)?.ok_or(StoreError::NotFound)?;
            let stored = stored?;
            if stored.summary().rp_id != rp_id {
                return Err(StoreError::NotFound.into());
            }
            let Some(counter) = stored.counter else {
                return Ok(0);
            };
            let advanced = counter.checked_add(1).ok_or(StoreError::CounterExhausted)?;
            transaction
                .prepare_cached("UPDATE credential SET counter = ?1 WHERE position = ?2")?
                .execute((self.seal_counter(&stored.tags.lookup, Some(advanced)), stored.position))?;
            transaction.commit()?;
            Ok(advanced)
        })
    }

    fn note_use(&self, id: &CredentialId, at: u64) -> Result<(), StoreError> {
        let lookup = self.lookup_tag(id);
        let cell = self.seal_last_used(&lookup, Some(at));
        self.with(|database| {
            let connection = database.commit_each(Durability::Relaxed)?;
            let changed = connection
                .prepare_cached("UPDATE credential SET last_used = ?1 WHERE lookup = ?2 AND damaged = 0")?
                .execute((cell, lookup))?;
            if changed == 0 {
                self.existing(connection, id)?;
            }
            // Whoever reads first after a commit moves this connection's mark in the log. Nobody waits for it here.
            connection.prepare_cached("SELECT 1 FROM credential LIMIT 0")?.exists([])?;
            Ok(())
        })
    }

    fn list(&self) -> Result<Vec<CredentialSummary>, StoreError> {
        self.with(|database| self.read_all(database, ALL, [], |stored| Ok(Some(stored.into_summary()))))
    }

    fn rename(&self, id: &CredentialId, label: &str) -> Result<(), StoreError> {
        self.with(|database| {
            let transaction = database.write()?;
            let mut stored = self.existing(&transaction, id)?;
            stored.record.summary.label = (!label.is_empty()).then(|| label.to_owned());
            self.rewrite(&transaction, &stored)?;
            Ok(transaction.commit()?)
        })
    }

    fn signal(&self, rp_id: &str, signal: &Signal) -> Result<Vec<CredentialSummary>, StoreError> {
        self.with(|database| {
            let transaction = database.write()?;
            let mut changed = Vec::new();
            for mut stored in self.signalled(&transaction, rp_id, signal)? {
                let CredentialSummary { id, user, hidden, .. } = &mut stored.record.summary;
                if signal.apply(id, user, hidden) {
                    self.rewrite(&transaction, &stored)?;
                    changed.push(stored.into_summary());
                }
            }
            transaction.commit()?;
            Ok(changed)
        })
    }

    fn unhide(&self, id: &CredentialId) -> Result<(), StoreError> {
        self.with(|database| {
            let transaction = database.write()?;
            let mut stored = self.existing(&transaction, id)?;
            if !core::mem::take(&mut stored.record.summary.hidden) {
                return Ok(());
            }
            self.rewrite(&transaction, &stored)?;
            Ok(transaction.commit()?)
        })
    }

    fn delete(&self, id: &CredentialId) -> Result<Credential, StoreError> {
        self.with(|database| {
            let transaction = database.write()?;
            let stored = self.existing(&transaction, id)?;
            delete(&transaction, stored.position)?;
            let credential = stored.into_credential()?;
            transaction.commit()?;
            Ok(credential)
        })
    }
}

impl Vault {
    /// Whether there is a discoverable passkey of an account, hidden or not: the one that a new passkey of
    /// the account would replace.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn holds_account(&self, rp_id: &str, user_handle: &[u8]) -> Result<bool, StoreError> {
        self.with(|database| {
            let found = self.of_account(database.connection(), rp_id, user_handle)?;
            Ok(found.iter().any(|stored| stored.summary().discoverable))
        })
    }
}

fn keep(stored: Stored) -> Result<Option<Stored>, Damaged> {
    Ok(Some(stored))
}

fn delete(connection: &Connection, position: i64) -> rusqlite::Result<usize> {
    connection.prepare_cached("DELETE FROM credential WHERE position = ?1")?.execute([position])
}

/// Reading rows.
impl Vault {
    /// The position of a credential and what is there.
    fn find(
        &self,
        connection: &Connection,
        id: &CredentialId,
    ) -> rusqlite::Result<Option<(i64, Result<Stored, Damaged>)>> {
        connection
            .prepare_cached(BY_ID)?
            .query_row([self.lookup_tag(id)], |row| Ok((row.get(0)?, self.unseal(row))))
            .optional()
    }

    /// The same, looked for among the credentials of an RP ID first. What is found elsewhere is another's, or damaged.
    fn find_at(
        &self,
        connection: &Connection,
        rp_id: &str,
        id: &CredentialId,
    ) -> rusqlite::Result<Option<(i64, Result<Stored, Damaged>)>> {
        let Positions { first, last } = Positions::of(&self.rp_tag(rp_id));
        let found = connection
            .prepare_cached(BY_RP_AND_ID)?
            .query_row((first, last, self.lookup_tag(id)), |row| Ok((row.get(0)?, self.unseal(row))))
            .optional()?;
        if found.is_some() { Ok(found) } else { self.find(connection, id) }
    }

    /// The sound credentials of an account, newest first.
    fn of_account(
        &self,
        connection: &Connection,
        rp_id: &str,
        user_handle: &[u8],
    ) -> rusqlite::Result<Vec<Stored>> {
        let Positions { first, last } = Positions::of(&self.rp_tag(rp_id));
        let account = self.account_tag(rp_id, user_handle);
        Ok(self.rows(connection, BY_ACCOUNT, (first, last, account), keep)?.0)
    }

    /// The credential with this ID, which must be there and sound.
    fn existing(&self, connection: &Connection, id: &CredentialId) -> Result<Stored, Refusal> {
        let (_, stored) = self.find(connection, id)?.ok_or(StoreError::NotFound)?;
        Ok(stored?)
    }

    /// The sound credentials of an RP ID that a signal may be about, newest first.
    fn signalled(
        &self,
        connection: &Connection,
        rp_id: &str,
        signal: &Signal,
    ) -> rusqlite::Result<Vec<Stored>> {
        let mut found = match signal {
            Signal::Unknown(id) => {
                self.find(connection, id)?.into_iter().filter_map(|(_, s)| s.ok()).collect()
            }
            Signal::Accepted { user_handle, .. } | Signal::UserDetails(User { id: user_handle, .. }) => {
                self.of_account(connection, rp_id, user_handle)?
            }
        };
        found.retain(|stored| stored.summary().rp_id == rp_id);
        Ok(found)
    }

    /// What `pick` makes of the sound rows, newest first, and the positions of the damaged ones.
    fn rows<T>(
        &self,
        connection: &Connection,
        sql: &str,
        params: impl Params,
        mut pick: impl FnMut(Stored) -> Result<Option<T>, Damaged>,
    ) -> rusqlite::Result<(Vec<T>, Vec<i64>)> {
        // Most relying parties have one.
        let (mut picked, mut damaged) = (Vec::with_capacity(1), Vec::new());
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            let position: i64 = row.get(0)?;
            let read = self.unseal(row).and_then(|stored| Ok((stored.number, pick(stored)?)));
            match read {
                Ok((number, item)) => picked.extend(item.map(|item| (number, item))),
                Err(Damaged) => damaged.push(position),
            }
        }
        // SQLite would sort whole rows, at several times the cost.
        picked.sort_unstable_by_key(|(number, _)| Reverse(*number));
        Ok((picked.into_iter().map(|(_, item)| item).collect(), damaged))
    }

    /// What `pick` makes of the sound rows, newest first; the damaged ones are quarantined.
    fn read_all<T>(
        &self,
        database: &mut Database,
        sql: &str,
        params: impl Params,
        pick: impl FnMut(Stored) -> Result<Option<T>, Damaged>,
    ) -> Result<Vec<T>, Refusal> {
        let (picked, damaged) = self.rows(database.connection(), sql, params, pick)?;
        self.quarantine(database, &damaged);
        Ok(picked)
    }

    /// Marks damaged rows. That may fail, for instance while another process writes: then they are
    /// found damaged again the next time, and what was read is right either way.
    fn quarantine(&self, database: &mut Database, positions: &[i64]) {
        let mut mark = || -> rusqlite::Result<()> {
            let transaction = database.write()?;
            for position in positions {
                // Look again: another process may have put something else there.
                let stored = transaction
                    .prepare_cached(BY_POSITION)?
                    .query_row([position], |row| Ok(self.unseal(row).and_then(Stored::into_credential)))
                    .optional()?;
                if let Some(Err(Damaged)) = stored {
                    transaction
                        .prepare_cached(
                            "UPDATE credential SET damaged = 1 WHERE position = ?1 AND damaged = 0",
                        )?
                        .execute([position])?;
                }
            }
            transaction.commit()
        };
        if !positions.is_empty() {
            let _ = mark();
        }
    }

    /// Opens the cells of a row.
    fn unseal(&self, row: &Row<'_>) -> Result<Stored, Damaged> {
        let cell = |index| row.get_ref(index).ok()?.as_blob().ok();
        let tag = |index| cell(index)?.try_into().ok();
        if row.get(2) != Ok(0) {
            return Err(Damaged);
        }
        let position: i64 = row.get(0).map_err(|_| Damaged)?;
        let number: i64 = row.get(1).map_err(|_| Damaged)?;
        let tags = Tags {
            lookup: tag(3).ok_or(Damaged)?,
            rp: tag(4).ok_or(Damaged)?,
            account: tag(5).ok_or(Damaged)?,
        };
        // Elsewhere its relying party would not find it.
        if !Positions::of(&tags.rp).contains(position) {
            return Err(Damaged);
        }
        let lookup: [&[u8]; 1] = [&tags.lookup];

        let record = self.keys.open(
            place::RECORD,
            &[&number.to_be_bytes(), &tags.lookup, &tags.rp, &tags.account],
            cell(6).ok_or(Damaged)?,
        )?;
        let mut record = Record::decode(&record)?;
        // A cell that is not even a blob is no missing one.
        let secrets = match row.get_ref(7).map_err(|_| Damaged)? {
            ValueRef::Null => Zeroizing::default(),
            cell => self.keys.open(place::SECRET, &lookup, cell.as_blob().map_err(|_| Damaged)?)?,
        };
        let secrets = record.open_secrets(&secrets)?;
        let counter = self.keys.open_array::<5>(place::COUNTER, &lookup, cell(8).ok_or(Damaged)?)?;
        let counter = optional(&*counter)?.map(u32::from_be_bytes);
        // The last use is a convenience: a passkey does not become useless for its sake.
        let last_used = self.keys.open_array::<9>(place::LAST_USED, &lookup, cell(9).ok_or(Damaged)?);
        let last_used = last_used.and_then(|cell| optional(&*cell)).unwrap_or(None);
        record.summary.last_used_at = last_used.map(u64::from_be_bytes);
        Ok(Stored { position, number, tags, record, secrets, counter })
    }
}

/// Writing rows.
impl Vault {
    /// [`CredentialStore::insert`], as part of a transaction.
    pub(crate) fn insert_credential(
        &self,
        connection: &Connection,
        credential: &Credential,
        limits: &InsertLimits,
    ) -> Result<Option<Credential>, Refusal> {
        let replaced = self.admit(connection, credential, limits)?;
        if let Some(replaced) = &replaced {
            delete(connection, replaced.position)?;
        }
        self.append(connection, &self.tags(credential), credential)?;
        Ok(replaced.map(Stored::into_credential).transpose()?)
    }

    /// The credential that this one may replace, if it may be inserted at all.
    pub(crate) fn admit(
        &self,
        connection: &Connection,
        credential: &Credential,
        limits: &InsertLimits,
    ) -> Result<Option<Stored>, Refusal> {
        let tags = self.tags(credential);
        let exists = "SELECT 1 FROM credential WHERE lookup = ?1";
        if connection.prepare_cached(exists)?.exists([tags.lookup])? {
            return Err(StoreError::DuplicateId.into());
        }
        let mut of_user = self.of_account(connection, &credential.rp_id, &credential.user.id)?;
        let replaced = of_user
            .iter()
            .position(|stored| credential.discoverable && stored.summary().discoverable)
            .map(|index| of_user.swap_remove(index));
        if replaced.is_some() && !limits.replaces {
            return Err(StoreError::AccountExists.into());
        }
        if of_user.len() >= limits.per_user {
            return Err(StoreError::Full.into());
        }
        if let Some(per_rp) = limits.per_rp {
            let Positions { first, last } = Positions::of(&tags.rp);
            let (of_rp, _) = self.rows(connection, BY_RP, (first, last, tags.rp), keep)?;
            if of_rp.len().saturating_sub(usize::from(replaced.is_some())) >= per_rp {
                return Err(StoreError::OnlyOnePerDevice.into());
            }
        }
        Ok(replaced)
    }

    /// Adds a row after all others, of its relying party and in the order of lists.
    fn append(&self, connection: &Connection, tags: &Tags, credential: &Credential) -> Result<(), Refusal> {
        let positions = Positions::of(&tags.rp);
        let position: i64 = connection
            .prepare_cached(
                "SELECT coalesce(max(position), ?1) + 1 FROM credential WHERE position BETWEEN ?1 AND ?2",
            )?
            .query_row((positions.first, positions.last), |row| row.get(0))?;
        if !positions.contains(position) {
            return Err(StoreError::Failed.into());
        }
        let number: i64 = connection
            .prepare_cached("UPDATE credential_count SET inserted = inserted + 1 RETURNING inserted")?
            .query_row([], |row| row.get(0))?;
        let secrets = Secrets::of(credential)
            .map(|plain| self.keys.seal(&*self.rng, place::SECRET, &[&tags.lookup], &plain));
        connection
            .prepare_cached(
                "INSERT INTO credential (position, number, lookup, rp, account, record, secret, counter, last_used)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute((
                position,
                number,
                tags.lookup,
                tags.rp,
                tags.account,
                self.seal_record(number, tags, &Record::from(credential)),
                secrets,
                self.seal_counter(&tags.lookup, credential.sign_count),
                self.seal_last_used(&tags.lookup, credential.last_used_at),
            ))?;
        Ok(())
    }

    /// Writes the record of a credential that is there.
    fn rewrite(&self, connection: &Connection, stored: &Stored) -> rusqlite::Result<()> {
        let record = self.seal_record(stored.number, &stored.tags, &stored.record);
        connection
            .prepare_cached("UPDATE credential SET record = ?1 WHERE position = ?2")?
            .execute((record, stored.position))?;
        Ok(())
    }

    /// The record is bound to everything else in its row that stands in the clear.
    fn seal_record(&self, number: i64, tags: &Tags, record: &Record) -> Vec<u8> {
        let identity: [&[u8]; 4] = [&number.to_be_bytes(), &tags.lookup, &tags.rp, &tags.account];
        self.keys.seal(&*self.rng, place::RECORD, &identity, &record.encode())
    }

    fn seal_counter(&self, lookup: &LookupTag, counter: Option<u32>) -> Vec<u8> {
        let plain = some_or_zeros(counter.map(u32::to_be_bytes));
        self.keys.seal(&*self.rng, place::COUNTER, &[lookup], &plain)
    }

    fn seal_last_used(&self, lookup: &LookupTag, at: Option<u64>) -> Vec<u8> {
        let plain = some_or_zeros(at.map(u64::to_be_bytes));
        self.keys.seal(&*self.rng, place::LAST_USED, &[lookup], &plain)
    }

    fn tags(&self, credential: &Credential) -> Tags {
        Tags {
            lookup: self.lookup_tag(&credential.id),
            rp: self.rp_tag(&credential.rp_id),
            account: self.account_tag(&credential.rp_id, &credential.user.id),
        }
    }

    fn lookup_tag(&self, id: &CredentialId) -> LookupTag {
        self.keys.tag(place::LOOKUP, &[&id.0])
    }

    fn account_tag(&self, rp_id: &str, user_handle: &[u8]) -> LookupTag {
        self.keys.tag(place::ACCOUNT, &[rp_id.as_bytes(), user_handle])
    }

    fn rp_tag(&self, rp_id: &str) -> LookupTag {
        self.keys.tag(place::RP, &[rp_id.as_bytes()])
    }
}

/// One byte that says whether there is a number, then the number: as long with it as without.
fn some_or_zeros<const N: usize>(number: Option<[u8; N]>) -> Vec<u8> {
    let mut plain = vec![u8::from(number.is_some())];
    plain.extend(number.unwrap_or([0; N]));
    plain
}

fn optional<const N: usize>(plain: &[u8]) -> Result<Option<[u8; N]>, Damaged> {
    match plain.split_first() {
        Some((1, number)) => number.try_into().map(Some).map_err(|_| Damaged),
        Some((0, zeros)) if zeros == [0; N] => Ok(None),
        _ => Err(Damaged),
    }
}

#[cfg(test)]
mod tests;
