//! Phones.

use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;

use super::{DatabaseError, loaded, stored};
use crate::control_center::caller::Phone;

/// A phone that registers.
pub(crate) struct New<'a> {
    pub(crate) device_id: &'a str,
    pub(crate) username: &'a str,
    pub(crate) rp_app_id: &'a str,
    pub(crate) device_name: &'a str,
    pub(crate) app_version: &'a str,
    pub(crate) token_hash: &'a [u8; 32],
    pub(crate) now: u64,
}

/// A phone as its owner sees it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listed {
    device_id: String,
    device_name: String,
    app_version: String,
    registered_at: u64,
    /// The names of the computers that it is paired with.
    computers: Vec<String>,
}

/// Stores a phone, or puts what it says now in the place of what it said before. Its token is a new
/// one, which it has not shown yet.
pub(crate) fn put(db: &Connection, new: &New<'_>) -> Result<(), DatabaseError> {
    db.execute(
        "INSERT INTO registrations (device_id, username, rp_app_id, device_name, app_version, token_hash,
                                    registered_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (device_id) DO UPDATE SET device_name = excluded.device_name,
             app_version = excluded.app_version, token_hash = excluded.token_hash, token_used = 0",
        params![
            new.device_id,
            new.username,
            new.rp_app_id,
            new.device_name,
            new.app_version,
            new.token_hash,
            stored(new.now)
        ],
    )?;
    Ok(())
}

/// The phone of a token, and whether the token was used before.
pub(crate) fn of_token(db: &Connection, hash: &[u8; 32]) -> Result<Option<(Phone, bool)>, DatabaseError> {
    Ok(db
        .prepare_cached(
            "SELECT device_id, username, rp_app_id, token_used FROM registrations WHERE token_hash = ?1",
        )?
        .query_row([hash], |row| {
            let phone = Phone { device_id: row.get(0)?, username: row.get(1)?, rp_app_id: row.get(2)? };
            Ok((phone, row.get(3)?))
        })
        .optional()?)
}

/// Notes that the phone has its token.
pub(crate) fn token_used(db: &Connection, hash: &[u8; 32]) -> Result<(), DatabaseError> {
    db.execute("UPDATE registrations SET token_used = 1 WHERE token_hash = ?1", [hash])?;
    Ok(())
}

/// The hash of a phone's token, and whether it was used.
pub(crate) fn token(db: &Connection, device_id: &str) -> Result<Option<([u8; 32], bool)>, DatabaseError> {
    Ok(db
        .query_row(
            "SELECT token_hash, token_used FROM registrations WHERE device_id = ?1",
            [device_id],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?)
}

/// The account of a phone.
pub(crate) fn username(db: &Connection, device_id: &str) -> Result<Option<String>, DatabaseError> {
    Ok(db
        .query_row("SELECT username FROM registrations WHERE device_id = ?1", [device_id], |row| row.get(0))
        .optional()?)
}

/// An account's phones, the oldest first.
pub(crate) fn list(db: &Connection, username: &str) -> Result<Vec<Listed>, DatabaseError> {
    let mut computers = db.prepare_cached(
        "SELECT w.machine_name FROM pairings p JOIN workstations w USING (machine_id)
         WHERE p.device_id = ?1 AND p.request_id IS NOT NULL ORDER BY p.paired_at, p.rowid",
    )?;
    let mut phones = db.prepare_cached(
        "SELECT device_id, device_name, app_version, registered_at FROM registrations
         WHERE username = ?1 ORDER BY registered_at, rowid",
    )?;
    let rows = phones.query_map([username], |row| {
        let device_id: String = row.get(0)?;
        let names = computers.query_map([&device_id], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(Listed {
            device_id,
            device_name: row.get(1)?,
            app_version: row.get(2)?,
            registered_at: loaded(row.get(3)?),
            computers: names,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Forgets a phone with its passkey and pairings.
pub(crate) fn remove(db: &Connection, device_id: &str) -> Result<bool, DatabaseError> {
    Ok(db.execute("DELETE FROM registrations WHERE device_id = ?1", [device_id])? > 0)
}
