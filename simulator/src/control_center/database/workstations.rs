//! Workstations.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{DatabaseError, stored};
use crate::control_center::caller::Workstation;

const COLUMNS: &str = "machine_id, machine_name, rp_app_id, public_key";

fn workstation(row: &Row<'_>) -> Result<Workstation, rusqlite::Error> {
    Ok(Workstation {
        machine_id: row.get(0)?,
        machine_name: row.get(1)?,
        rp_app_id: row.get(2)?,
        public_key: row.get(3)?,
    })
}

/// Stores a workstation with its token, or a new name and token for one that has the same key.
/// `false` if the machine ID belongs to another key.
pub(crate) fn enroll(
    db: &Connection,
    workstation: &Workstation,
    token_hash: &[u8; 32],
    now: u64,
) -> Result<bool, DatabaseError> {
    let stored_rows = db.execute(
        "INSERT INTO workstations (machine_id, machine_name, rp_app_id, public_key, token_hash, enrolled_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (machine_id) DO UPDATE SET machine_name = excluded.machine_name,
             rp_app_id = excluded.rp_app_id, token_hash = excluded.token_hash
         WHERE public_key = excluded.public_key",
        params![
            workstation.machine_id,
            workstation.machine_name,
            workstation.rp_app_id,
            workstation.public_key,
            token_hash,
            stored(now)
        ],
    )?;
    Ok(stored_rows > 0)
}

/// The workstation of a token.
pub(crate) fn of_token(db: &Connection, hash: &[u8; 32]) -> Result<Option<Workstation>, DatabaseError> {
    Ok(db
        .prepare_cached(&format!("SELECT {COLUMNS} FROM workstations WHERE token_hash = ?1"))?
        .query_row([hash], workstation)
        .optional()?)
}

/// A workstation by its ID.
pub(crate) fn find(db: &Connection, machine_id: &str) -> Result<Option<Workstation>, DatabaseError> {
    Ok(db
        .prepare_cached(&format!("SELECT {COLUMNS} FROM workstations WHERE machine_id = ?1"))?
        .query_row([machine_id], workstation)
        .optional()?)
}

/// The workstations of an RP application with this name.
pub(crate) fn by_name(
    db: &Connection,
    rp_app_id: &str,
    machine_name: &str,
) -> Result<Vec<Workstation>, DatabaseError> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM workstations WHERE rp_app_id = ?1 AND machine_name = ?2 ORDER BY machine_id"
    ))?;
    let rows = statement.query_map([rp_app_id, machine_name], workstation)?;
    Ok(rows.collect::<Result<_, _>>()?)
}
