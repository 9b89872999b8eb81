//! Passkeys: the FIDO2 server's records.

use latchkey_ctap::PublicKey;
use latchkey_phone::webauthn::json::Base64Url;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

use super::{DatabaseError, loaded, stored};
use crate::webauthn::relying_party::Known;

/// A new passkey.
pub(crate) struct New<'a> {
    pub(crate) credential_id: &'a [u8],
    pub(crate) username: &'a str,
    /// The phone that holds it, if it is one of ours.
    pub(crate) device_id: Option<&'a str>,
    pub(crate) rp_id: &'a str,
    pub(crate) known: &'a Known,
    pub(crate) now: u64,
}

/// A passkey as the administrator sees it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listed {
    pub(crate) key_id: Base64Url,
    create_date: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_date: Option<u64>,
    public_key_alg: i64,
    sign_counter: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<String>,
}

/// Stores a passkey; `false` if there is one of this ID.
pub(crate) fn add(db: &Connection, new: &New<'_>) -> Result<bool, DatabaseError> {
    let added = db.execute(
        "INSERT INTO passkeys (credential_id, username, device_id, rp_id, public_key, sign_count,
                               backup_eligible, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (credential_id) DO NOTHING",
        params![
            new.credential_id,
            new.username,
            new.device_id,
            new.rp_id,
            new.known.public_key.to_cose(),
            new.known.sign_count,
            new.known.backup_eligible,
            stored(new.now)
        ],
    )?;
    Ok(added > 0)
}

/// How many passkeys an account has, without that of one phone.
pub(crate) fn count(db: &Connection, username: &str, without: Option<&str>) -> Result<u32, DatabaseError> {
    Ok(db.query_row(
        "SELECT count(*) FROM passkeys WHERE username = ?1 AND (?2 IS NULL OR device_id IS NOT ?2)",
        params![username, without],
        |row| row.get(0),
    )?)
}

/// The IDs of an account's passkeys, without that of one phone.
pub(crate) fn ids(
    db: &Connection,
    username: &str,
    without: Option<&str>,
) -> Result<Vec<Vec<u8>>, DatabaseError> {
    let mut statement = db.prepare_cached(
        "SELECT credential_id FROM passkeys
         WHERE username = ?1 AND (?2 IS NULL OR device_id IS NOT ?2) ORDER BY created_at, rowid",
    )?;
    let rows = statement.query_map(params![username, without], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A passkey and its account's name; the user handle is left empty.
pub(crate) fn find(db: &Connection, credential_id: &[u8]) -> Result<Option<(String, Known)>, DatabaseError> {
    let found: Option<(String, Vec<u8>, u32, bool)> = db
        .prepare_cached(
            "SELECT username, public_key, sign_count, backup_eligible FROM passkeys WHERE credential_id = ?1",
        )?
        .query_row([credential_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((username, key, sign_count, backup_eligible)) = found else { return Ok(None) };
    let public_key = PublicKey::from_cose(&key).map_err(|_| DatabaseError::Damaged)?;
    Ok(Some((username, Known { user_handle: Vec::new(), public_key, sign_count, backup_eligible })))
}

/// Notes that a passkey was used.
pub(crate) fn used(
    db: &Connection,
    credential_id: &[u8],
    sign_count: u32,
    now: u64,
) -> Result<(), DatabaseError> {
    db.execute(
        "UPDATE passkeys SET sign_count = ?2, used_at = ?3 WHERE credential_id = ?1",
        params![credential_id, sign_count, stored(now)],
    )?;
    Ok(())
}

/// An account's passkeys, the oldest first.
pub(crate) fn list(db: &Connection, username: &str) -> Result<Vec<Listed>, DatabaseError> {
    let mut statement = db.prepare_cached(
        "SELECT credential_id, created_at, used_at, public_key, sign_count, device_id FROM passkeys
         WHERE username = ?1 ORDER BY created_at, rowid",
    )?;
    let rows = statement.query_map([username], listed)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn listed(row: &Row<'_>) -> Result<Listed, rusqlite::Error> {
    let key: Vec<u8> = row.get(3)?;
    Ok(Listed {
        key_id: Base64Url(row.get(0)?),
        create_date: loaded(row.get(1)?),
        last_used_date: row.get::<_, Option<i64>>(2)?.map(loaded),
        public_key_alg: PublicKey::from_cose(&key).map_or(0, |key| key.algorithm().0),
        sign_counter: row.get(4)?,
        device_id: row.get(5)?,
    })
}

/// Deletes an account's passkeys, or one of them, with the phones that hold them: a phone without its
/// passkey would be half registered. Returns how many.
pub(crate) fn remove(
    db: &Connection,
    username: &str,
    credential_id: Option<&[u8]>,
) -> Result<u32, DatabaseError> {
    let deleted = db.query_row(
        "SELECT count(*) FROM passkeys WHERE username = ?1 AND (?2 IS NULL OR credential_id = ?2)",
        params![username, credential_id],
        |row| row.get(0),
    )?;
    db.execute(
        "DELETE FROM registrations WHERE device_id IN (SELECT device_id FROM passkeys
         WHERE username = ?1 AND (?2 IS NULL OR credential_id = ?2))",
        params![username, credential_id],
    )?;
    db.execute(
        "DELETE FROM passkeys WHERE username = ?1 AND (?2 IS NULL OR credential_id = ?2)",
        params![username, credential_id],
    )?;
    Ok(deleted)
}

/// Deletes the passkey of a phone, which is about to get another.
pub(crate) fn remove_of_device(db: &Connection, device_id: &str) -> Result<(), DatabaseError> {
    db.execute("DELETE FROM passkeys WHERE device_id = ?1", [device_id])?;
    Ok(())
}
