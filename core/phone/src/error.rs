//! What can go wrong in the facade, and what each means to a person.

use latchkey_authenticator::ports::{GateError, KeyVaultError, StoreError};
use latchkey_ctap::Status;
use latchkey_hybrid::HybridError;
use latchkey_offline::OfflineError;
use latchkey_scan::CodeError;
use latchkey_unlock::{Reason, UnlockError};
use latchkey_vault::VaultError;
use thiserror::Error;

use crate::control_center::wire::RefusalCode;
use crate::control_center::{AddressError, ControlCenterError};
use crate::error_id::{Call, ErrorId, Phase};
use crate::ports::AdvertError;
use crate::provider::ProviderError;
use crate::tls::TrustError;
use crate::tunnel::TunnelError;

/// Why a call to the phone failed. Nothing stored has changed, with one exception that nobody can
/// rule out: when the tunnel breaks while the answer to a registration is being sent
/// ([`PhoneError::Tunnel`]), the new passkey stays, for the computer may have got it. What a Control
/// Center or a workstation has done by then, the flow's own documentation says.
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
    /// The person did not say yes to a prompt.
    #[error(transparent)]
    Prompt(#[from] GateError),
    /// The authenticator refused with this status.
    #[error("the passkey could not be made or used: {0}")]
    Passkey(Status, Phase),
    /// What was typed is not the address of a Control Center.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The Control Center could not be asked for this, or refused.
    #[error("{1}")]
    ControlCenter(Call, #[source] ControlCenterError),
    /// What was typed is no activation code: 6 to 64 letters and digits.
    #[error("an activation code is 6 to 64 letters and digits")]
    InvalidActivationCode,
    /// Too many activation codes were not found.
    #[error("too many attempts, the next one in {seconds} seconds")]
    TooManyAttempts {
        /// How long to wait.
        seconds: u64,
    },
    /// The server that was asked answered with a code of another server.
    #[error("the code belongs to another server than the one that was asked")]
    ForeignCode,
    /// The time of the code is over.
    #[error("the code has expired")]
    CodeExpired,
    /// The account is none of an organisation, or not the one that the code named.
    #[error("the account is not the work account that the code names")]
    NotWorkAccount,
    /// The Control Center asks for a passkey of a relying party that is not its own.
    #[error("the Control Center may not ask for a passkey of this relying party")]
    ForeignRelyingParty,
    /// The registration names another computer than the code.
    #[error("the Control Center registered another computer than the code named")]
    OtherComputer,
    /// The phone holds as many passkeys of this relying party as it may: one.
    #[error("there is a passkey of this kind for another account")]
    OnlyOnePasskey,
    /// The code is of an organisation, or for an account, that this phone is not registered with.
    #[error("the code belongs to an account that is not on this phone")]
    OtherAccount,
    /// No computer by this name or ID is paired with this phone, or none that can be reached.
    #[error("no such computer")]
    UnknownComputer,
    /// The computer did not answer.
    #[error("the computer did not answer")]
    ComputerUnreachable,
    /// The computer did not accept the proof.
    #[error("the computer refused: {0:?}")]
    ComputerRefused(Reason),
    /// The computer refused the handshake: the two no longer share the secret of their pairing.
    #[error("the computer refused the handshake")]
    HandshakeRefused,
    /// The computer is not the machine that is known by its ID.
    #[error("the computer has another key than the one by this ID")]
    OtherMachine,
    /// The computer said something that has no place here, or what it said did not all arrive.
    #[error("a message of the computer is missing or out of turn")]
    OutOfTurn,
    /// The encrypted channel to a computer could not be established, or broke.
    #[error(transparent)]
    Channel(#[from] UnlockError),
    /// There is no offline PIN to show, or a set was refused.
    #[error(transparent)]
    OfflinePin(#[from] OfflineError),
    /// The operating system's request is refused.
    #[error(transparent)]
    Provider(#[from] ProviderError),
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
            PhoneError::ControlCenter(call, error) => of_control_center(*call, error),
            PhoneError::Prompt(error) => of_prompt(*error),
            PhoneError::OfflinePin(error) => ErrorId::of_offline(error),
            PhoneError::Passkey(status, phase) => match ErrorId::of_status(*status, *phase) {
                Some(id) => id,
                None => ErrorId::AnyInternal,
            },
            PhoneError::Address(_) => ErrorId::CodeBadAddress,
            PhoneError::InvalidActivationCode => ErrorId::CodeNotFound,
            PhoneError::TooManyAttempts { .. } => ErrorId::CodeRateLimited,
            PhoneError::ForeignCode => ErrorId::QrInvalid,
            PhoneError::CodeExpired => ErrorId::PairingExpired,
            PhoneError::OtherAccount | PhoneError::NotWorkAccount => ErrorId::PairingWrongAccount,
            PhoneError::ForeignRelyingParty => ErrorId::RegUnavailable,
            PhoneError::OtherComputer => ErrorId::RegActivationFailed,
            PhoneError::OnlyOnePasskey => ErrorId::ProviderEntraPasskeyExists,
            PhoneError::UnknownComputer | PhoneError::ComputerUnreachable => ErrorId::AnyNoDevice,
            PhoneError::ComputerRefused(Reason::NotPaired) => ErrorId::AuthCredentialUnusable,
            PhoneError::ComputerRefused(Reason::Unavailable) => ErrorId::AuthUnavailable,
            PhoneError::ComputerRefused(_) => ErrorId::AnySignatureRejected,
            PhoneError::Channel(_)
            | PhoneError::HandshakeRefused
            | PhoneError::OtherMachine
            | PhoneError::OutOfTurn => ErrorId::HybridHandshakeFailed,
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
            PhoneError::Provider(error) => error.id(),
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

/// What a failed call means: the server's own reason first, then its status.
const fn of_control_center(call: Call, error: &ControlCenterError) -> ErrorId {
    match (error, call) {
        (ControlCenterError::Refused { status, code, .. }, _) => match (code, call) {
            (RefusalCode::WrongAccount, _) => ErrorId::PairingWrongAccount,
            // A code that was used, or that ended so long ago that the server has forgotten it, is over too.
            (RefusalCode::Expired, Call::SetUp | Call::Activate)
            | (RefusalCode::NotFound | RefusalCode::WrongState, Call::SetUp) => ErrorId::PairingExpired,
            (RefusalCode::LimitReached, _) => ErrorId::RegLimitReached,
            (RefusalCode::AlreadyRegistered, _) => ErrorId::RegAlreadyRegistered,
            (RefusalCode::NotVerified, Call::SignIn) => ErrorId::AnySignatureRejected,
            _ => match ErrorId::of_http(*status, call) {
                Some(id) => id,
                None => ErrorId::AnyInternal,
            },
        },
        // Something answers at the address that was typed, but it is no Control Center.
        (
            ControlCenterError::Redirected | ControlCenterError::TooLarge | ControlCenterError::Malformed,
            Call::LookUp,
        ) => ErrorId::CodeBadAddress,
        (_, call) => call.unavailable(),
    }
}

/// What became of a prompt that the phone showed for itself.
const fn of_prompt(error: GateError) -> ErrorId {
    match error {
        GateError::Denied => ErrorId::AuthNotFoundOrCanceled,
        GateError::TimedOut => ErrorId::AuthTimeout,
        GateError::VerificationFailed | GateError::LockedOut => ErrorId::AuthUvFailed,
        GateError::Unavailable => ErrorId::ProviderLocked,
        _ => ErrorId::AnyInternal,
    }
}

#[cfg(test)]
mod tests;
