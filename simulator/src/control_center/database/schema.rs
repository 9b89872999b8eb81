//! The schema, as numbered steps forward; `user_version` is the number of steps taken.

use rusqlite::{Connection, TransactionBehavior};

use super::DatabaseError;

/// "LKCC": marks the file as a Control Center's (`PRAGMA application_id`).
const APPLICATION_ID: i32 = 0x4C4B_4343;

const STEPS: &[&str] = &[include_str!("0001.sql")];

/// Takes the steps that are missing, all or none.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), DatabaseError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let number = |pragma: &str| transaction.query_row(pragma, [], |row| row.get::<_, i32>(0));
    let application = number("PRAGMA application_id")?;
    let objects = number("SELECT count(*) FROM sqlite_schema")?;
    let taken = usize::try_from(number("PRAGMA user_version")?).map_err(|_| DatabaseError::Unknown)?;
    if (application != APPLICATION_ID && (application != 0 || objects != 0)) || taken > STEPS.len() {
        return Err(DatabaseError::Unknown);
    }
    for (number, step) in (1_i64..).zip(STEPS).skip(taken) {
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", number)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    Ok(transaction.commit()?)
}
