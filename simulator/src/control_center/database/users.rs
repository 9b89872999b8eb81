//! Accounts of the tenant that have a passkey or a phone here.

use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;

use super::{DatabaseError, loaded, stored};

/// An account.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) account_kind: String,
    pub(crate) created_at: u64,
}

/// An account in a list.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listed {
    username: String,
    passkeys: i64,
    devices: i64,
}

/// Makes the account known, if it is not yet.
pub(crate) fn ensure(
    db: &Connection,
    username: &str,
    account_kind: &str,
    now: u64,
) -> Result<(), DatabaseError> {
    db.execute(
        "INSERT INTO users (username, account_kind, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        params![username, account_kind, stored(now)],
    )?;
    Ok(())
}

/// An account by its name.
pub(crate) fn find(db: &Connection, username: &str) -> Result<Option<User>, DatabaseError> {
    Ok(db
        .prepare_cached("SELECT account_kind, created_at FROM users WHERE username = ?1")?
        .query_row([username], |row| Ok(User { account_kind: row.get(0)?, created_at: loaded(row.get(1)?) }))
        .optional()?)
}

/// The accounts in the order of their names, at most 500.
pub(crate) fn list(db: &Connection) -> Result<Vec<Listed>, DatabaseError> {
    let mut statement = db.prepare_cached(
        "SELECT username, (SELECT count(*) FROM passkeys p WHERE p.username = u.username),
                (SELECT count(*) FROM registrations r WHERE r.username = u.username)
         FROM users u ORDER BY username LIMIT 500",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Listed { username: row.get(0)?, passkeys: row.get(1)?, devices: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Forgets an account with its phones, passkeys and pairings.
pub(crate) fn remove(db: &Connection, username: &str) -> Result<bool, DatabaseError> {
    Ok(db.execute("DELETE FROM users WHERE username = ?1", [username])? > 0)
}
