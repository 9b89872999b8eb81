//! What the stores of both halves may answer.

use thiserror::Error;

/// Why a store refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The record changed since it was loaded. Nothing was stored.
    #[error("the record has changed in the meantime")]
    Conflict,
    /// The record exists but fails its integrity check.
    #[error("the stored record is damaged")]
    Damaged,
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
    /// Another process holds the store for too long.
    #[error("the store is busy")]
    Busy,
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// The storage failed. Whether the record was stored is not known.
    #[error("the store failed")]
    Failed,
}

/// How often a change is tried again when somebody else changed the record first.
pub(crate) const MAX_CONFLICTS: usize = 8;
