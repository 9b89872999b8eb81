//! The server's own key, and Workstation Settings by RP application.

use latchkey_phone::control_center::wire::WorkstationSettings;
use rusqlite::{Connection, OptionalExtension, params};
use zeroize::Zeroizing;

use super::DatabaseError;

/// The key of this server, which is `fresh` when it has none yet.
pub(crate) fn server_key(db: &Connection, fresh: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, rusqlite::Error> {
    db.execute("INSERT INTO server_key (id, value) VALUES (1, ?1) ON CONFLICT DO NOTHING", [fresh])?;
    db.query_row("SELECT value FROM server_key", [], |row| row.get(0).map(Zeroizing::new))
}

/// The settings that were stored for an RP application.
pub(crate) fn load(db: &Connection, rp_app_id: &str) -> Result<Option<WorkstationSettings>, DatabaseError> {
    let json: Option<String> = db
        .prepare_cached("SELECT json FROM settings WHERE rp_app_id = ?1")?
        .query_row([rp_app_id], |row| row.get(0))
        .optional()?;
    json.map(|json| serde_json::from_str(&json).map_err(|_| DatabaseError::Damaged)).transpose()
}

/// Stores the settings of an RP application.
pub(crate) fn store(
    db: &Connection,
    rp_app_id: &str,
    settings: &WorkstationSettings,
) -> Result<(), DatabaseError> {
    let json = serde_json::to_string(settings).map_err(|_| DatabaseError::Damaged)?;
    db.execute(
        "INSERT INTO settings (rp_app_id, json) VALUES (?1, ?2)
         ON CONFLICT (rp_app_id) DO UPDATE SET json = excluded.json",
        params![rp_app_id, json],
    )?;
    Ok(())
}
