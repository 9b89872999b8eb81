//! Why the workstation did not do something.

use std::io;

use latchkey_hybrid::HybridError;
use latchkey_offline::OfflineError;
use latchkey_phone::control_center::{AddressError, ControlCenterError};
use latchkey_unlock::{ProofError, UnlockError};
use latchkey_vault::VaultError;
use thiserror::Error;

use crate::computer::ComputerError;
use crate::ports::FileKeysError;
use crate::webauthn::client::ClientError;

/// Why the workstation did not do something. It is as locked as before, if nothing else is said.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WorkstationError {
    /// The state folder cannot be made or used.
    #[error("the state folder cannot be used: {0}")]
    Io(#[from] io::Error),
    /// The key file cannot be used.
    #[error(transparent)]
    Keys(#[from] FileKeysError),
    /// The database cannot be read or written.
    #[error("the state cannot be read or written: {0}")]
    Database(#[from] rusqlite::Error),
    /// A stored secret does not open, or a stored value is not one that was stored.
    #[error("the state is damaged")]
    Damaged,
    /// The state was written by a newer version.
    #[error("the state was written by a newer version")]
    TooNew,
    /// The random source gives no usable key.
    #[error(transparent)]
    Random(HybridError),

    /// Only an enrolled workstation can do this.
    #[error("this workstation is not enrolled yet")]
    NotEnrolled,
    /// The address of the Control Center is refused.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The Control Center did not do its part.
    #[error(transparent)]
    ControlCenter(#[from] ControlCenterError),

    /// A local account cannot be paired, nor sign in here.
    #[error("a local account cannot be paired: sign in with a work account")]
    LocalAccount,
    /// Only the account that is signed in can do this.
    #[error("unlock the workstation with this account first")]
    SignInFirst,
    /// The Control Center gave a code that is not this workstation's, or a pairing that does not fit it.
    #[error("the Control Center's answer is not about this workstation")]
    ForeignAnswer,
    /// The phone gave the pairing up.
    #[error("the pairing was cancelled on the phone")]
    CodeCanceled,
    /// Nobody answered the code in time.
    #[error("the code has expired")]
    CodeExpired,
    /// The phone is not, or no longer, one that unlocks this workstation.
    #[error("this phone does not unlock this workstation")]
    NotPaired,

    /// The channel could not be established, or carried nonsense.
    #[error(transparent)]
    Channel(#[from] UnlockError),
    /// The phone said something else than what belongs here.
    #[error("the phone sent an unexpected message")]
    UnexpectedMessage,
    /// The proof does not unlock.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The request was given up by the other side, or its time was over.
    #[error("the request ended before it was answered")]
    RequestOver,
    /// Another process of this workstation, or an earlier attempt, has this request.
    #[error("the request is being served")]
    AlreadyServed,

    /// Offline PINs.
    #[error(transparent)]
    Offline(#[from] OfflineError),
    /// No phone answered the code on the screen.
    #[error(transparent)]
    Computer(#[from] ComputerError),
    /// The answer to a WebAuthn request is no good.
    #[error(transparent)]
    WebAuthn(#[from] ClientError),
    /// The passkeys of this workstation cannot be used.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A background task came to an end without a result.
    #[error("a background task failed")]
    TaskFailed,
    /// The caller ended it.
    #[error("cancelled")]
    Cancelled,
}

impl From<latchkey_offline::StoreError> for WorkstationError {
    fn from(error: latchkey_offline::StoreError) -> Self {
        WorkstationError::Offline(error.into())
    }
}
