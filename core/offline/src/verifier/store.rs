//! The port to the workstation's storage.

use super::VerifierRecord;
use crate::store::StoreError;

/// The record of one account on disk. It needs no sealing to keep the PINs from a reader, but should
/// be sealed to the machine where that is possible.
///
/// Every method is one short transaction; what changed survives the loss of power once the method
/// returns, and nothing of the old record can be read any more (in SQLite: `secure_delete`).
/// `store_contract::verifier_store` (feature `testing`) checks what can be checked.
pub trait VerifierStore: Send + Sync {
    /// The record, if there is one.
    ///
    /// # Errors
    /// [`StoreError`], but not [`StoreError::Conflict`]
    fn load(&self) -> Result<Option<VerifierRecord>, StoreError>;

    /// Stores a record in the place of the one whose revision is one less; revision 1 is for none.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when something else is stored; [`StoreError`]
    fn save(&self, record: &VerifierRecord) -> Result<(), StoreError>;
}
