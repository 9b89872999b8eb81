//! Events for the audit trail that were not reported yet.

use latchkey_phone::control_center::wire::ReportedEvent;

use super::Store;
use crate::workstation::error::WorkstationError;

/// How many are kept; the oldest go.
const KEPT: i64 = 1000;

impl Store {
    pub(in crate::workstation) fn queue_event(&self, event: &ReportedEvent) -> Result<(), WorkstationError> {
        let event = serde_json::to_string(event).map_err(|_| WorkstationError::Damaged)?;
        self.write(|transaction| {
            transaction.execute("INSERT INTO events (event) VALUES (?1)", (event,))?;
            transaction.execute(
                "DELETE FROM events WHERE id NOT IN (SELECT id FROM events ORDER BY id DESC LIMIT ?1)",
                (KEPT,),
            )?;
            Ok(())
        })
    }

    /// The oldest ones, with the number to forget each by.
    pub(in crate::workstation) fn queued_events(
        &self,
        limit: u32,
    ) -> Result<Vec<(i64, ReportedEvent)>, WorkstationError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached("SELECT id, event FROM events ORDER BY id LIMIT ?1")?;
        let rows = statement.query_map((limit,), |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
        rows.map(|row| {
            let (id, event) = row?;
            Ok((id, serde_json::from_str(&event).map_err(|_| WorkstationError::Damaged)?))
        })
        .collect()
    }

    pub(in crate::workstation) fn forget_events(&self, ids: &[i64]) -> Result<(), WorkstationError> {
        self.write(|transaction| {
            let mut statement = transaction.prepare_cached("DELETE FROM events WHERE id = ?1")?;
            for id in ids {
                statement.execute((id,))?;
            }
            Ok(())
        })
    }
}
