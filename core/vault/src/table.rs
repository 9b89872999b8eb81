//! Tables of sealed records that are looked up by one key and listed in the order of insertion.

use latchkey_authenticator::ports::StoreError;
use rusqlite::{Connection, OptionalExtension as _, Row};
use zeroize::Zeroizing;

use crate::Vault;
use crate::database::Database;
use crate::error::Refusal;
use crate::keys::{Damaged, LookupTag};

/// What is stored as one row.
pub(crate) trait Sealed: Sized {
    const TABLE: Table;

    /// What it is looked up by.
    fn key(&self) -> &str;

    /// Everything but the secret, padded.
    fn record(&self) -> Vec<u8>;

    /// What must not lie about in memory.
    fn secret(&self) -> Zeroizing<Vec<u8>>;

    /// Undoes [`Sealed::record`] and [`Sealed::secret`]; nothing else is accepted.
    fn unseal(record: &[u8], secret: &[u8]) -> Result<Self, Damaged>;
}

/// A table with the columns `id`, `damaged`, `lookup`, `record` and `secret`: the places of its keyed
/// hashes and sealed cells, and its statements.
pub(crate) struct Table {
    pub(crate) lookup: &'static str,
    pub(crate) record: &'static str,
    pub(crate) secret: &'static str,
    pub(crate) all: &'static str,
    pub(crate) one: &'static str,
    pub(crate) next_row: &'static str,
    pub(crate) insert: &'static str,
    pub(crate) update: &'static str,
    pub(crate) delete: &'static str,
    pub(crate) quarantine: &'static str,
}

/// The [`Table`] of this name.
macro_rules! table {
    ($name:literal) => {
        $crate::table::Table {
            lookup: concat!($name, ".lookup"),
            record: concat!($name, ".record"),
            secret: concat!($name, ".secret"),
            all: concat!("SELECT id, lookup, record, secret FROM ", $name, " WHERE damaged = 0 ORDER BY id"),
            one: concat!(
                "SELECT id, lookup, record, secret FROM ",
                $name,
                " WHERE lookup = ?1 AND damaged = 0"
            ),
            next_row: concat!("SELECT coalesce(max(id), 0) + 1 FROM ", $name),
            insert: concat!("INSERT INTO ", $name, " (id, lookup, record, secret) VALUES (?1, ?2, ?3, ?4)"),
            update: concat!("UPDATE ", $name, " SET record = ?3, secret = ?4 WHERE id = ?1 AND lookup = ?2"),
            delete: concat!("DELETE FROM ", $name, " WHERE id = ?1"),
            quarantine: concat!("UPDATE ", $name, " SET damaged = 1 WHERE id = ?1"),
        }
    };
}
pub(crate) use table;

/// Reading.
impl Vault {
    /// All sound rows, the oldest first; the damaged ones are quarantined.
    pub(crate) fn all<T: Sealed>(&self, database: &mut Database) -> Result<Vec<T>, Refusal> {
        let (sound, damaged) = self.scan(database.connection())?;
        if !damaged.is_empty() {
            self.quarantine_rows::<T>(database);
        }
        Ok(sound)
    }

    /// All rows: the sound ones, the oldest first, and the numbers of the damaged ones.
    pub(crate) fn scan<T: Sealed>(&self, connection: &Connection) -> rusqlite::Result<(Vec<T>, Vec<i64>)> {
        let (mut sound, mut damaged) = (Vec::new(), Vec::new());
        let mut statement = connection.prepare_cached(T::TABLE.all)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            match self.unseal_row(row) {
                Ok(value) => sound.push(value),
                Err(Damaged) => damaged.push(row.get(0)?),
            }
        }
        Ok((sound, damaged))
    }

    /// The row with this key; a damaged one is reported, quarantined, and not found again.
    pub(crate) fn one<T: Sealed>(&self, database: &mut Database, key: &str) -> Result<Option<T>, Refusal> {
        match self.find_row(database.connection(), key)? {
            None => Ok(None),
            Some((_, Ok(value))) => Ok(Some(value)),
            Some((_, Err(Damaged))) => {
                self.quarantine_rows::<T>(database);
                Err(StoreError::Damaged.into())
            }
        }
    }

    /// The row with this key, which must be there and sound.
    pub(crate) fn existing_row<T: Sealed>(
        &self,
        connection: &Connection,
        key: &str,
    ) -> Result<(i64, T), Refusal> {
        let (row, value) = self.find_row(connection, key)?.ok_or(StoreError::NotFound)?;
        Ok((row, value?))
    }

    fn find_row<T: Sealed>(
        &self,
        connection: &Connection,
        key: &str,
    ) -> rusqlite::Result<Option<(i64, Result<T, Damaged>)>> {
        let lookup = self.keys.tag(T::TABLE.lookup, &[key.as_bytes()]);
        connection
            .prepare_cached(T::TABLE.one)?
            .query_row([lookup], |row| Ok((row.get(0)?, self.unseal_row(row))))
            .optional()
    }

    fn unseal_row<T: Sealed>(&self, row: &Row<'_>) -> Result<T, Damaged> {
        let cell = |index| row.get_ref(index).ok()?.as_blob().ok();
        let number: i64 = row.get(0).map_err(|_| Damaged)?;
        let lookup: LookupTag = cell(1).ok_or(Damaged)?.try_into().map_err(|_| Damaged)?;
        let identity: [&[u8]; 2] = [&number.to_be_bytes(), &lookup];
        let record = self.keys.open(T::TABLE.record, &identity, cell(2).ok_or(Damaged)?)?;
        let secret = self.keys.open(T::TABLE.secret, &identity, cell(3).ok_or(Damaged)?)?;
        T::unseal(&record, &secret)
    }
}

/// Writing.
impl Vault {
    /// Stores `value` in the place of the row with the same key, else after all others. A damaged row
    /// with that key is quarantined.
    pub(crate) fn put_row<T: Sealed>(&self, connection: &Connection, value: &T) -> Result<(), Refusal> {
        match self.find_row::<T>(connection, value.key())? {
            Some((row, Ok(_))) => return self.replace_row(connection, row, value),
            Some((row, Err(Damaged))) => {
                connection.prepare_cached(T::TABLE.quarantine)?.execute([row])?;
            }
            None => {}
        }
        let row = connection.prepare_cached(T::TABLE.next_row)?.query_row([], |row| row.get(0))?;
        self.write_row(connection, T::TABLE.insert, row, value)
    }

    /// Stores `value` in the place of the row with this number and the same key.
    pub(crate) fn replace_row<T: Sealed>(
        &self,
        connection: &Connection,
        row: i64,
        value: &T,
    ) -> Result<(), Refusal> {
        self.write_row(connection, T::TABLE.update, row, value)
    }

    /// Deletes the row with this key, which must be there and sound.
    pub(crate) fn delete_row<T: Sealed>(&self, connection: &Connection, key: &str) -> Result<T, Refusal> {
        let (row, value) = self.existing_row(connection, key)?;
        connection.prepare_cached(T::TABLE.delete)?.execute([row])?;
        Ok(value)
    }

    fn write_row<T: Sealed>(
        &self,
        connection: &Connection,
        sql: &str,
        row: i64,
        value: &T,
    ) -> Result<(), Refusal> {
        let lookup = self.keys.tag(T::TABLE.lookup, &[value.key().as_bytes()]);
        let identity: [&[u8]; 2] = [&row.to_be_bytes(), &lookup];
        let record = self.keys.seal(&*self.rng, T::TABLE.record, &identity, &value.record());
        let secret = self.keys.seal(&*self.rng, T::TABLE.secret, &identity, &value.secret());
        connection.prepare_cached(sql)?.execute((row, lookup, record, secret))?;
        Ok(())
    }

    /// Marks the damaged rows. That may fail, for instance while another process writes: then they are
    /// found damaged again the next time, and what was read is right either way.
    fn quarantine_rows<T: Sealed>(&self, database: &mut Database) {
        let mut mark = || -> rusqlite::Result<()> {
            let transaction = database.write()?;
            // Look again: another process may have put something else there.
            let (_, damaged) = self.scan::<T>(&transaction)?;
            for row in damaged {
                transaction.prepare_cached(T::TABLE.quarantine)?.execute([row])?;
            }
            transaction.commit()
        };
        let _ = mark();
    }
}

#[cfg(test)]
mod tests;
