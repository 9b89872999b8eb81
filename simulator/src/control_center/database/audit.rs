//! The audit trail.

use rusqlite::{Connection, params};
use serde::Serialize;

use super::DatabaseError;
use crate::control_center::audit::{self, Entry};

/// Who writes an event: the part of the server that serves phones and workstations, or the console's.
const LOGGED_BY: &str = "RELYING_PARTY_SERVER";
const LOGGED_BY_CONSOLE: &str = "CONTROL_CENTER_SERVER";

/// An event as a search answers it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    event_name: String,
    event_tags: &'static str,
    event_logged_by: String,
    message: String,
    #[serde(rename = "eventTimeInUTC")]
    event_time_in_utc: i64,
    rp_app_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    machine_id: Option<String>,
}

/// What a search asks for. Times are in milliseconds, both included.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    pub(crate) rp_app_id: String,
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) page_size: u32,
    pub(crate) page_number: u32,
    pub(crate) ascending: bool,
}

/// Writes an event that happened now, at `now` seconds.
pub(crate) fn add(db: &Connection, entry: &Entry, now: u64) -> Result<(), DatabaseError> {
    insert(db, entry, now.saturating_mul(1000), None).map(drop)
}

/// Writes an event that was reported, unless it was before.
pub(crate) fn add_reported(
    db: &Connection,
    entry: &Entry,
    time_ms: u64,
    event_id: &str,
) -> Result<bool, DatabaseError> {
    insert(db, entry, time_ms, Some(event_id))
}

fn insert(
    db: &Connection,
    entry: &Entry,
    time_ms: u64,
    event_id: Option<&str>,
) -> Result<bool, DatabaseError> {
    let by = if entry.kind == audit::LOGIN { LOGGED_BY_CONSOLE } else { LOGGED_BY };
    let time = i64::try_from(time_ms).unwrap_or(i64::MAX);
    let added = db
        .prepare_cached(
            "INSERT INTO audit (name, message, logged_by, time, rp_app_id, machine_id, event_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (event_id) DO NOTHING",
        )?
        .execute(params![
            entry.kind.name,
            entry.kind.message,
            by,
            time,
            entry.rp_app_id,
            entry.machine_id,
            event_id
        ])?;
    Ok(added > 0)
}

/// How many events there are, and those of one page.
pub(crate) fn search(db: &Connection, search: &Search) -> Result<(u64, Vec<Event>), DatabaseError> {
    let total: i64 = db.query_row(
        "SELECT count(*) FROM audit WHERE rp_app_id = ?1 AND time BETWEEN ?2 AND ?3",
        params![search.rp_app_id, search.start, search.end],
        |row| row.get(0),
    )?;
    let order = if search.ascending { "ASC" } else { "DESC" };
    let mut statement = db.prepare_cached(&format!(
        "SELECT name, message, logged_by, time, rp_app_id, machine_id FROM audit
         WHERE rp_app_id = ?1 AND time BETWEEN ?2 AND ?3
         ORDER BY time {order}, id {order} LIMIT ?4 OFFSET ?5"
    ))?;
    let skip = i64::from(search.page_size).saturating_mul(i64::from(search.page_number));
    let rows = statement.query_map(
        params![search.rp_app_id, search.start, search.end, search.page_size, skip],
        |row| {
            let event_name: String = row.get(0)?;
            Ok(Event {
                event_tags: audit::named(&event_name).map_or("", |kind| kind.tag),
                event_name,
                message: row.get(1)?,
                event_logged_by: row.get(2)?,
                event_time_in_utc: row.get(3)?,
                rp_app_id: row.get(4)?,
                machine_id: row.get(5)?,
            })
        },
    )?;
    Ok((u64::try_from(total).unwrap_or(0), rows.collect::<Result<_, _>>()?))
}
