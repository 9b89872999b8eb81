//! The port to the stored credentials.

use thiserror::Error;

use crate::credential::{Credential, CredentialId, CredentialSummary};
use crate::signal::Signal;

/// Credentials on disk.
///
/// Every method is one short transaction. A method that changes something returns only once the
/// change would survive the loss of power. A credential that can no longer be read (a damaged
/// record) is reported by [`StoreError::Damaged`] where it was asked for by ID, and left out where
/// it was not; it counts towards no limit, its ID stays taken, and it is never deleted.
///
/// "Newest" is by order of insertion: a wall clock that jumps does not reorder anything.
/// `store_contract` (feature `testing`) checks every sentence below.
pub trait CredentialStore: Send + Sync {
    /// The discoverable credentials of an RP ID that are not hidden, newest first.
    ///
    /// # Errors
    /// [`StoreError`]
    fn discoverable(&self, rp_id: &str) -> Result<Vec<Credential>, StoreError>;

    /// The credential with exactly this ID, if it is bound to this RP ID.
    ///
    /// # Errors
    /// [`StoreError`]
    fn get(&self, rp_id: &str, id: &CredentialId) -> Result<Option<Credential>, StoreError>;

    /// Stores a new credential. In the same transaction a discoverable one replaces the
    /// discoverable credential of the same RP ID and user handle, hidden or not, and then the limits are
    /// checked. Returns the replaced credential so that its hardware key can be deleted.
    ///
    /// # Errors
    /// In this order: [`StoreError::DuplicateId`] when the ID exists, for any RP ID, even that of
    /// the credential that would be replaced; [`StoreError::AccountExists`]; [`StoreError::Full`];
    /// [`StoreError::OnlyOnePerDevice`]. Nothing changes then.
    fn insert(
        &self,
        credential: &Credential,
        limits: &InsertLimits,
    ) -> Result<Option<Credential>, StoreError>;

    /// Adds one to the signature counter and returns the new value, which may then be signed. A
    /// credential without a counter keeps its constant zero: 0 is returned and nothing changes.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] also when the credential is bound to another RP ID;
    /// [`StoreError::CounterExhausted`] after `u32::MAX`; [`StoreError`]
    fn advance_counter(&self, rp_id: &str, id: &CredentialId) -> Result<u32, StoreError>;

    /// Remembers when the credential was last used, in Unix seconds. A convenience for lists:
    /// unlike every other change it may be lost with the power.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError`]
    fn note_use(&self, id: &CredentialId, at: u64) -> Result<(), StoreError>;

    /// All credentials, hidden ones too, most recently created first, without their keys.
    ///
    /// # Errors
    /// [`StoreError`]
    fn list(&self) -> Result<Vec<CredentialSummary>, StoreError>;

    /// Gives a credential a name for its owner's lists; an empty label removes it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError`]
    fn rename(&self, id: &CredentialId, label: &str) -> Result<(), StoreError>;

    /// Does what a relying party's signal asks to those of its credentials that it is about
    /// ([`Signal::apply`]), discoverable or not. Returns those that changed, newest first.
    ///
    /// # Errors
    /// [`StoreError`]; nothing changes then.
    fn signal(&self, rp_id: &str, signal: &Signal) -> Result<Vec<CredentialSummary>, StoreError>;

    /// Offers a credential again that was hidden; one that was not stays as it is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError`]
    fn unhide(&self, id: &CredentialId) -> Result<(), StoreError>;

    /// Deletes a credential and returns it so that its hardware key can be deleted.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError`]
    fn delete(&self, id: &CredentialId) -> Result<Credential, StoreError>;
}

/// Limits that an insertion must respect, counted after a replacement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InsertLimits {
    /// Most credentials of one user handle at one RP ID, discoverable or not, hidden or not.
    pub per_user: usize,
    /// Most credentials of the RP ID, discoverable or not, hidden or not, whoever the user is, if there
    /// is such a limit.
    pub per_rp: Option<usize>,
    /// Whether a credential of the same account may be replaced.
    pub replaces: bool,
}

/// Why the store refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The user has as many credentials at this RP ID as the policy allows.
    #[error("the user has as many passkeys here as allowed")]
    Full,
    /// The device has as many credentials of this RP ID as the policy allows.
    #[error("the device has as many passkeys of this relying party as allowed")]
    OnlyOnePerDevice,
    /// A credential of this account would be replaced and may not be.
    #[error("there is a passkey of this account")]
    AccountExists,
    /// A credential with this ID exists.
    #[error("the credential ID exists")]
    DuplicateId,
    /// No such credential.
    #[error("no such credential")]
    NotFound,
    /// The record exists but fails its integrity check.
    #[error("the stored credential is damaged")]
    Damaged,
    /// The counter is at its end.
    #[error("the signature counter is exhausted")]
    CounterExhausted,
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
    /// Another process holds the store for too long.
    #[error("the store is busy")]
    Busy,
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// The storage failed.
    #[error("the store failed")]
    Failed,
}
