//! The schema, as numbered steps forward.
//!
//! `user_version` is the number of steps taken. A step is never changed once released; every
//! released schema has a file in `fixtures/vault/` that a test opens.

use rusqlite::{Connection, TransactionBehavior};

use crate::VaultError;

/// "LKVT": marks the file as a vault (`PRAGMA application_id`).
pub(crate) const APPLICATION_ID: i32 = 0x4C4B_5654;

/// The first leads from an empty file to schema 1, and so on.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
];

/// Checks that the file is a vault of a known schema, or empty. Changes nothing.
pub(crate) fn check(connection: &Connection, migrations: &[&str]) -> Result<(), VaultError> {
    let application: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let objects: u32 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != APPLICATION_ID && (application != 0 || objects != 0) {
        return Err(VaultError::NotAVault);
    }
    let found = schema(connection)?;
    let supported = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    if found > supported { Err(VaultError::NewerSchema { found, supported }) } else { Ok(()) }
}

/// Takes the steps that are missing, all or none.
pub(crate) fn migrate(connection: &mut Connection, migrations: &[&str]) -> Result<(), VaultError> {
    if schema(connection)? as usize == migrations.len() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster: look again, now that it is locked out.
    check(&transaction, migrations)?;
    let found = schema(&transaction)?;
    for (schema, sql) in (1_u32..).zip(migrations).skip(found as usize) {
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", schema)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(transaction.commit()?)
}

fn schema(connection: &Connection) -> Result<u32, VaultError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

#[cfg(test)]
mod tests;
