//! The port to the phone's storage.

use super::LedgerRecord;
use crate::store::StoreError;

/// The ledger's records on disk, one for each computer, sealed: they hold keys.
///
/// Every method is one short transaction; what changed survives the loss of power once the method
/// returns. `store_contract::ledger_store` (feature `testing`) checks this.
pub trait LedgerStore: Send + Sync {
    /// The record of a computer.
    ///
    /// # Errors
    /// [`StoreError`], but not [`StoreError::Conflict`]
    fn load(&self, computer_id: &str) -> Result<Option<LedgerRecord>, StoreError>;

    /// Stores a record in the place of the one whose revision is one less; revision 1 is for a computer
    /// without a record.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when something else is stored there; [`StoreError`]
    fn save(&self, record: &LedgerRecord) -> Result<(), StoreError>;

    /// Deletes the record of a computer. Deleting one that does not exist is not an error.
    ///
    /// # Errors
    /// [`StoreError`], but not [`StoreError::Conflict`]
    fn delete(&self, computer_id: &str) -> Result<(), StoreError>;
}
