//! How the failures of the ports reach the client: the engine's errors are CTAP status codes.

use latchkey_ctap::Status;

use crate::ports::{GateError, KeyVaultError, StoreError};

impl From<GateError> for Status {
    fn from(error: GateError) -> Status {
        match error {
            // Built-in verification that failed is a refusal for an authenticator without a PIN (CTAP
            // 2.3 section 6.1.2 step 11); the device itself lets the person try again.
            GateError::Denied | GateError::VerificationFailed => Status::OPERATION_DENIED,
            GateError::TimedOut => Status::USER_ACTION_TIMEOUT,
            GateError::LockedOut => Status::UV_BLOCKED,
            GateError::Unavailable => Status::PUAT_REQUIRED,
        }
    }
}

impl From<StoreError> for Status {
    fn from(error: StoreError) -> Status {
        match error {
            StoreError::Full | StoreError::OnlyOnePerDevice => Status::KEY_STORE_FULL,
            StoreError::AccountExists => Status::CREDENTIAL_EXCLUDED,
            // Deleted by its owner while the prompt was open.
            StoreError::NotFound => Status::NO_CREDENTIALS,
            StoreError::Damaged => Status::INTEGRITY_FAILURE,
            StoreError::DuplicateId
            | StoreError::CounterExhausted
            | StoreError::Closed
            | StoreError::Busy
            | StoreError::DiskFull
            | StoreError::Failed => Status::OTHER,
        }
    }
}

impl From<KeyVaultError> for Status {
    fn from(error: KeyVaultError) -> Status {
        match error {
            KeyVaultError::Locked => Status::PUAT_REQUIRED,
            KeyVaultError::Invalidated => Status::INTEGRITY_FAILURE,
            KeyVaultError::Failed => Status::OTHER,
        }
    }
}

#[cfg(test)]
mod tests;
