//! Errors, and how SQLite's become ours.

use latchkey_authenticator::ports::{KeyVaultError, StoreError};
use rusqlite::ErrorCode;
use thiserror::Error;

use crate::keys::Damaged;

/// Why a vault could not be opened. The file is unchanged then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The file cannot be opened or created: its folder is missing, or access is denied (on a phone
    /// also while files are protected because the device is locked).
    #[error("the vault's file cannot be opened")]
    CannotOpen,
    /// The file is not an SQLite database, or one of something else.
    #[error("the file is not a vault")]
    NotAVault,
    /// The file is malformed, or its key is missing while there are records.
    #[error("the vault's file is damaged")]
    Corrupt,
    /// A newer version of Latchkey wrote the file.
    #[error("the vault has schema {found}, newer than {supported}")]
    NewerSchema {
        /// Schema of the file.
        found: u32,
        /// Newest schema that this version reads.
        supported: u32,
    },
    /// The file cannot be written.
    #[error("the vault's file is read-only")]
    ReadOnly,
    /// Another process held the file for too long.
    #[error("the vault is busy")]
    Busy,
    /// The disk is full.
    #[error("the disk is full")]
    DiskFull,
    /// The operating system did not wrap or unwrap the vault key.
    #[error("the vault key is not available: {0}")]
    KeyVault(#[from] KeyVaultError),
    /// What the operating system unwrapped is not the key of this vault.
    #[error("the key does not belong to this vault")]
    WrongKey,
    /// Any other failure, with SQLite's extended result code.
    #[error("the storage failed with code {0}")]
    Storage(i32),
}

impl From<rusqlite::Error> for VaultError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => VaultError::CannotOpen,
            Some(ErrorCode::NotADatabase) => VaultError::NotAVault,
            Some(ErrorCode::DatabaseCorrupt) => VaultError::Corrupt,
            Some(ErrorCode::ReadOnly) => VaultError::ReadOnly,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => VaultError::Busy,
            Some(ErrorCode::DiskFull) => VaultError::DiskFull,
            Some(_) => VaultError::Storage(error.sqlite_error().map_or(0, |error| error.extended_code)),
            None => match error {
                // A value that this schema never stores.
                rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::FromSqlConversionFailure(..) => VaultError::Corrupt,
                rusqlite::Error::InvalidPath(_) | rusqlite::Error::NulError(_) => VaultError::CannotOpen,
                _ => VaultError::Storage(0),
            },
        }
    }
}

/// A [`StoreError`] on its way out of a transaction, so that `?` takes SQLite's errors too.
pub(crate) struct Refusal(StoreError);

impl Refusal {
    pub(crate) fn is(&self, error: &StoreError) -> bool {
        self.0 == *error
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Refusal(error)
    }
}

impl From<Damaged> for Refusal {
    fn from(Damaged: Damaged) -> Self {
        Refusal(StoreError::Damaged)
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Refusal(match VaultError::from(error) {
            VaultError::Busy => StoreError::Busy,
            VaultError::DiskFull => StoreError::DiskFull,
            _ => StoreError::Failed,
        })
    }
}

impl From<Refusal> for StoreError {
    fn from(Refusal(error): Refusal) -> Self {
        error
    }
}
