//! What can go wrong in the facade, and what each means to a person.

use latchkey_authenticator::ports::{KeyVaultError, StoreError};
use latchkey_hybrid::HybridError;
use latchkey_scan::CodeError;
use latchkey_vault::VaultError;
use thiserror::Error;

use crate::error_id::{ErrorId, Phase};
use crate::ports::AdvertError;
use crate::tls::TrustError;
use crate::tunnel::TunnelError;

/// Why a call to the phone failed. Nothing stored has changed, with one exception that nobody can
/// rule out: when the tunnel breaks while the answer to a registration is being sent
/// ([`PhoneError::Tunnel`]), the new passkey stays, for the computer may have got it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PhoneError {
    /// The text is no code that this app acts on.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The text is a code of a kind that this version does not act on.
    #[error("codes of this kind are not supported yet")]
    CodeNotSupported,
    /// Another ceremony is under way.
    #[error("another request is open")]
    Busy,
    /// The phone is offline.
    #[error("the phone is offline")]
    Offline,
    /// The tunnel could not be opened, or broke.
    #[error(transparent)]
    Tunnel(#[from] TunnelError),
    /// TLS cannot be set up.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The advert could not be sent.
    #[error(transparent)]
    Advert(#[from] AdvertError),
    /// A message of the computer or a code breaks the hybrid transport's rules.
    #[error(transparent)]
    Hybrid(#[from] HybridError),
    /// The computer did not answer the advert in time.
    #[error("the computer was not found nearby")]
    NotNearby,
    /// The computer left before it was answered.
    #[error("the computer ended the request")]
    PeerCanceled,
    /// The person stopped the ceremony on this phone.
    #[error("the request was cancelled")]
    Canceled(Phase),
    /// The command was not answered in time.
    #[error("the request was not answered in time")]
    TimedOut(Phase),
    /// No fingerprint, face or device credential is enrolled, so nobody can be verified.
    #[error("user verification is not set up")]
    NoUserVerification,
    /// A name that is too long or holds control characters.
    #[error("the name is too long or holds control characters")]
    InvalidName,
    /// The stored passkeys cannot be opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The stored passkeys cannot be read or changed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PhoneError {
    /// What this means to the person.
    #[must_use]
    pub const fn id(&self) -> ErrorId {
        match self {
            PhoneError::Code(CodeError::Unsupported { .. }) | PhoneError::CodeNotSupported => {
                ErrorId::QrUnsupported
            }
            PhoneError::Code(_) | PhoneError::Hybrid(HybridError::Qr(_) | HybridError::CodeAlreadyUsed) => {
                ErrorId::QrInvalid
            }
            PhoneError::Busy => ErrorId::RequestBusy,
            PhoneError::Offline | PhoneError::Tunnel(TunnelError::NameNotResolved) => {
                ErrorId::HybridNoInternet
            }
            PhoneError::Tunnel(_) | PhoneError::Trust(_) => ErrorId::HybridTunnelFailed,
            PhoneError::Advert(AdvertError::Off | AdvertError::NotPermitted) => ErrorId::HybridBluetoothOff,
            PhoneError::NotNearby => ErrorId::HybridPeerNotNear,
            PhoneError::PeerCanceled => ErrorId::HybridPeerCanceled,
            PhoneError::Canceled(Phase::Create) => ErrorId::RegCanceled,
            PhoneError::Canceled(Phase::Get) => ErrorId::AuthNotFoundOrCanceled,
            PhoneError::TimedOut(Phase::Create) => ErrorId::RegTimeout,
            PhoneError::TimedOut(Phase::Get) => ErrorId::AuthTimeout,
            PhoneError::NoUserVerification => ErrorId::ProviderBiometricsMissing,
            PhoneError::Hybrid(HybridError::Randomness) => ErrorId::AnyInternal,
            PhoneError::Hybrid(_) => ErrorId::HybridHandshakeFailed,
            PhoneError::Vault(VaultError::KeyVault(KeyVaultError::Locked)) => ErrorId::ProviderLocked,
            // Gone for good: unlocking the phone does not help.
            PhoneError::Vault(VaultError::KeyVault(KeyVaultError::Invalidated))
            | PhoneError::Store(StoreError::NotFound | StoreError::Damaged) => {
                ErrorId::AuthCredentialUnusable
            }
            PhoneError::Advert(_) | PhoneError::Vault(_) | PhoneError::Store(_) | PhoneError::InvalidName => {
                ErrorId::AnyInternal
            }
        }
    }
}

#[cfg(test)]
mod tests;
