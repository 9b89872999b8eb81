//! Events that wait until a Control Center can be told.

use latchkey_authenticator::ports::StoreError;
use rusqlite::Row;

use crate::Vault;
use crate::database::Database;
use crate::keys::{Damaged, LookupTag};
use crate::payload;

/// How many events are kept; then the oldest goes.
const CAPACITY: u32 = 1000;

const TENANT: &str = "event.tenant";
const RECORD: &str = "event.record";

const NEXT_ROW: &str = "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'event'";
const INSERT: &str = "INSERT INTO event (id, tenant, record) VALUES (?1, ?2, ?3)";
const TRIM: &str = "DELETE FROM event WHERE id IN
                    (SELECT id FROM event WHERE damaged = 0 ORDER BY id DESC LIMIT -1 OFFSET ?1)";
const OLDEST: &str =
    "SELECT id, tenant, record FROM event WHERE tenant = ?1 AND damaged = 0 ORDER BY id LIMIT ?2";
const BY_ROW: &str = "SELECT id, tenant, record FROM event WHERE id = ?1";

impl Vault {
    /// Keeps an event for a Control Center (base URL): any bytes. Of all events the newest 1000 are
    /// kept.
    ///
    /// # Errors
    /// [`StoreError`]; nothing changes then
    pub fn queue_event(&self, tenant: &str, event: &[u8]) -> Result<(), StoreError> {
        let tenant = self.tenant_tag(tenant);
        self.with(|database| {
            let transaction = database.write()?;
            let row: i64 = transaction.prepare_cached(NEXT_ROW)?.query_row([], |row| row.get(0))?;
            let identity: [&[u8]; 2] = [&row.to_be_bytes(), &tenant];
            let cell = self.keys.seal(&*self.rng, RECORD, &identity, &payload::pad(event.to_vec()));
            transaction.prepare_cached(INSERT)?.execute((row, tenant, cell))?;
            transaction.prepare_cached(TRIM)?.execute([CAPACITY])?;
            Ok(transaction.commit()?)
        })
    }

    /// The oldest events for a Control Center, at most `limit`, with their numbers. Damaged ones are
    /// quarantined and left out.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn queued_events(&self, tenant: &str, limit: usize) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        let tenant = self.tenant_tag(tenant);
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        self.with(|database| {
            let (mut events, mut damaged) = (Vec::new(), Vec::new());
            {
                let mut statement = database.connection().prepare_cached(OLDEST)?;
                let mut rows = statement.query((tenant, limit))?;
                while let Some(row) = rows.next()? {
                    let number = row.get(0)?;
                    match self.unseal_event(row) {
                        Ok(event) => events.push((number, event)),
                        Err(Damaged) => damaged.push(number),
                    }
                }
            }
            self.quarantine_events(database, &damaged);
            Ok(events)
        })
    }

    /// Forgets the events with these numbers: they were reported. A number without an event is not an
    /// error.
    ///
    /// # Errors
    /// [`StoreError`]; nothing changes then
    pub fn forget_events(&self, numbers: &[i64]) -> Result<(), StoreError> {
        self.with(|database| {
            let transaction = database.write()?;
            for number in numbers {
                transaction
                    .prepare_cached("DELETE FROM event WHERE id = ?1 AND damaged = 0")?
                    .execute([number])?;
            }
            Ok(transaction.commit()?)
        })
    }

    fn unseal_event(&self, row: &Row<'_>) -> Result<Vec<u8>, Damaged> {
        let cell = |index| row.get_ref(index).ok()?.as_blob().ok();
        let number: i64 = row.get(0).map_err(|_| Damaged)?;
        let tenant = cell(1).ok_or(Damaged)?;
        let padded = self.keys.open(RECORD, &[&number.to_be_bytes(), tenant], cell(2).ok_or(Damaged)?)?;
        Ok(payload::unpad(&padded)?.to_vec())
    }

    fn quarantine_events(&self, database: &mut Database, numbers: &[i64]) {
        let mut mark = || -> rusqlite::Result<()> {
            let transaction = database.write()?;
            for number in numbers {
                // Look again: another process may have put something else there.
                let mut statement = transaction.prepare_cached(BY_ROW)?;
                if statement.query_row([number], |row| Ok(self.unseal_event(row).is_err())) == Ok(true) {
                    transaction
                        .prepare_cached("UPDATE event SET damaged = 1 WHERE id = ?1")?
                        .execute([number])?;
                }
            }
            transaction.commit()
        };
        // If that fails they are found damaged again the next time.
        if !numbers.is_empty() {
            let _ = mark();
        }
    }

    fn tenant_tag(&self, tenant: &str) -> LookupTag {
        self.keys.tag(TENANT, &[tenant.as_bytes()])
    }
}

#[cfg(test)]
mod tests;
