//! What became of a pairing code: the one place that decides between a phone that completes it and one
//! that gives it up.

use rusqlite::{Connection, OptionalExtension, params};

use super::{DatabaseError, stored};

/// What became of a pairing code.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    pub(crate) nonce_hash: [u8; 32],
    /// The phone that completed it; without one it was given up, or the phone was removed since.
    pub(crate) device_id: Option<String>,
    pub(crate) credential_id: Option<Vec<u8>>,
    /// The workstation that the code was shown on.
    pub(crate) machine_id: Option<String>,
}

/// What became of this code, if anything.
pub(crate) fn find(db: &Connection, request_id: &str) -> Result<Option<Settled>, DatabaseError> {
    Ok(db
        .prepare_cached(
            "SELECT nonce_hash, device_id, credential_id, machine_id FROM settled WHERE request_id = ?1",
        )?
        .query_row([request_id], |row| {
            Ok(Settled {
                nonce_hash: row.get(0)?,
                device_id: row.get(1)?,
                credential_id: row.get(2)?,
                machine_id: row.get(3)?,
            })
        })
        .optional()?)
}

/// Settles a code; `false` if it was before. Those given up more than a day ago are forgotten: such a
/// code has ended long since.
pub(crate) fn put(
    db: &Connection,
    request_id: &str,
    settled: &Settled,
    now: u64,
) -> Result<bool, DatabaseError> {
    db.execute(
        "DELETE FROM settled WHERE device_id IS NULL AND at < ?1",
        [stored(now.saturating_sub(86_400))],
    )?;
    let added = db.execute(
        "INSERT INTO settled (request_id, nonce_hash, device_id, credential_id, machine_id, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        params![
            request_id,
            settled.nonce_hash,
            settled.device_id,
            settled.credential_id,
            settled.machine_id,
            stored(now)
        ],
    )?;
    Ok(added > 0)
}

/// How many codes a phone has completed.
pub(crate) fn completions(db: &Connection, device_id: &str) -> Result<u32, DatabaseError> {
    Ok(db.query_row("SELECT count(*) FROM settled WHERE device_id = ?1", [device_id], |row| row.get(0))?)
}
