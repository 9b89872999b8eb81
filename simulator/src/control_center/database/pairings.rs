//! Which phone may unlock which workstation.

use latchkey_phone::control_center::wire::{ComputerInfo, PairedDevice};
use latchkey_phone::webauthn::json::Base64Url;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{DatabaseError, stored};

/// A phone of a workstation; ?2 is the time.
const DEVICE: &str = "SELECT p.device_id, r.device_name, r.username,
    CASE WHEN p.claim_until > ?2 THEN p.claim_id ELSE p.request_id END, k.credential_id, k.public_key, k.rp_id
    FROM pairings p JOIN registrations r USING (device_id) JOIN passkeys k USING (device_id)";

fn paired_device(row: &Row<'_>) -> Result<PairedDevice, rusqlite::Error> {
    Ok(PairedDevice {
        device_id: row.get(0)?,
        device_name: row.get(1)?,
        username: row.get(2)?,
        request_id: row.get(3)?,
        credential_id: Base64Url(row.get(4)?),
        public_key: Base64Url(row.get(5)?),
        rp_id: row.get(6)?,
    })
}

/// Pairs a phone with a workstation.
pub(crate) fn put(
    db: &Connection,
    machine_id: &str,
    device_id: &str,
    request_id: &str,
    now: u64,
) -> Result<(), DatabaseError> {
    db.execute(
        "INSERT INTO pairings (machine_id, device_id, request_id, paired_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (machine_id, device_id) DO UPDATE SET request_id = excluded.request_id,
             paired_at = excluded.paired_at, claim_id = NULL, claim_until = NULL",
        params![machine_id, device_id, request_id, stored(now)],
    )?;
    Ok(())
}

/// A phone has claimed a sign-in code: it counts as paired with the workstation `until` the request ends.
pub(crate) fn claim(
    db: &Connection,
    machine_id: &str,
    device_id: &str,
    request_id: &str,
    now: u64,
    until: u64,
) -> Result<(), DatabaseError> {
    db.execute(
        "INSERT INTO pairings (machine_id, device_id, paired_at, claim_id, claim_until)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (machine_id, device_id) DO UPDATE SET claim_id = excluded.claim_id,
             claim_until = excluded.claim_until",
        params![machine_id, device_id, stored(now), request_id, stored(until)],
    )?;
    Ok(())
}

/// A claimed code was completed: the pairing is that of the code, for good. Returns whether it is new.
pub(crate) fn confirm(db: &Connection, request_id: &str) -> Result<bool, DatabaseError> {
    let new = db.query_row(
        "SELECT EXISTS (SELECT 1 FROM pairings WHERE claim_id = ?1 AND request_id IS NULL)",
        [request_id],
        |row| row.get(0),
    )?;
    db.execute(
        "UPDATE pairings SET request_id = claim_id, claim_id = NULL, claim_until = NULL WHERE claim_id = ?1",
        [request_id],
    )?;
    Ok(new)
}

/// A claimed code came to nothing: what was there before is there again.
pub(crate) fn drop_claim(db: &Connection, request_id: &str) -> Result<(), DatabaseError> {
    db.execute("DELETE FROM pairings WHERE claim_id = ?1 AND request_id IS NULL", [request_id])?;
    db.execute("UPDATE pairings SET claim_id = NULL, claim_until = NULL WHERE claim_id = ?1", [request_id])?;
    Ok(())
}

/// Whether they are paired.
pub(crate) fn exists(
    db: &Connection,
    machine_id: &str,
    device_id: &str,
    now: u64,
) -> Result<bool, DatabaseError> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM pairings
             WHERE machine_id = ?1 AND device_id = ?2 AND (request_id IS NOT NULL OR claim_until > ?3))",
        )?
        .query_row(params![machine_id, device_id, stored(now)], |row| row.get(0))?)
}

/// Whether an account has a phone that is paired with the workstation.
pub(crate) fn of_user(db: &Connection, machine_id: &str, username: &str) -> Result<bool, DatabaseError> {
    Ok(db.query_row(
        "SELECT EXISTS (SELECT 1 FROM pairings JOIN registrations USING (device_id)
         WHERE machine_id = ?1 AND username = ?2 AND request_id IS NOT NULL)",
        params![machine_id, username],
        |row| row.get(0),
    )?)
}

/// The phones of a workstation, in the order of pairing.
pub(crate) fn of_workstation(
    db: &Connection,
    machine_id: &str,
    now: u64,
) -> Result<Vec<PairedDevice>, DatabaseError> {
    let mut statement = db.prepare_cached(&format!(
        "{DEVICE} WHERE p.machine_id = ?1 AND (p.request_id IS NOT NULL OR p.claim_until > ?2) ORDER BY p.paired_at, p.rowid"
    ))?;
    let rows = statement.query_map(params![machine_id, stored(now)], paired_device)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The phone that was paired with this code.
pub(crate) fn of_request(
    db: &Connection,
    request_id: &str,
    now: u64,
) -> Result<Option<PairedDevice>, DatabaseError> {
    let mut statement = db.prepare_cached(&format!("{DEVICE} WHERE p.request_id = ?1"))?;
    Ok(statement.query_row(params![request_id, stored(now)], paired_device).optional()?)
}

/// The computers of a phone, in the order of pairing.
pub(crate) fn of_device(db: &Connection, device_id: &str) -> Result<Vec<ComputerInfo>, DatabaseError> {
    let mut statement = db.prepare_cached(
        "SELECT w.machine_id, w.machine_name, r.username, w.rp_app_id, w.public_key
         FROM pairings p JOIN workstations w USING (machine_id) JOIN registrations r USING (device_id)
         WHERE p.device_id = ?1 AND p.request_id IS NOT NULL ORDER BY p.paired_at, p.rowid",
    )?;
    let rows = statement.query_map([device_id], |row| {
        Ok(ComputerInfo {
            machine_id: row.get(0)?,
            machine_name: row.get(1)?,
            os_user: row.get(2)?,
            rp_app_id: row.get(3)?,
            public_key: Base64Url(row.get(4)?),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Unpairs.
pub(crate) fn remove(db: &Connection, machine_id: &str, device_id: &str) -> Result<bool, DatabaseError> {
    let removed =
        db.execute("DELETE FROM pairings WHERE machine_id = ?1 AND device_id = ?2", [machine_id, device_id])?;
    Ok(removed > 0)
}
