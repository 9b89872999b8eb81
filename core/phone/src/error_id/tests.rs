use std::collections::HashSet;

use latchkey_authenticator::ports::{GateError, KeyVaultError, StoreError, UserVerification};
use latchkey_hybrid::{HybridError, Stage};
use latchkey_scan::CodeError;
use latchkey_unlock::Reason;
use latchkey_vault::VaultError;
use serde_json::Value;

use super::*;
use crate::PhoneError;
use crate::control_center::wire::RefusalCode;
use crate::control_center::{AddressError, ControlCenterError};
use crate::ports::AdvertError;
use crate::tunnel::TunnelError;

/// Something that really happens, and what it is to the person.
enum Cause {
    /// A call to the phone fails with this.
    Error(PhoneError),
    /// A computer is answered with this status.
    Answer(Status, Phase),
    /// A check of the phone's readiness finds this, with the cause in words.
    Found(crate::readiness::Finding),
    /// Offline PINs are in this state.
    Pins(latchkey_offline::State),
    /// Not noticed in the core.
    Elsewhere,
}

/// One cause for each id. An id without one does not compile.
fn cause(id: ErrorId) -> Cause {
    use ErrorId as Id;
    let refused = |status, code| ControlCenterError::Refused { status, code, retry_after: None };
    let asked = |call, error| Cause::Error(PhoneError::ControlCenter(call, error));
    match id {
        Id::AuthUnavailable => asked(Call::SignIn, ControlCenterError::Unreachable),
        Id::AuthNotFoundOrCanceled => Cause::Answer(Status::NO_CREDENTIALS, Phase::Get),
        Id::AuthTimeout => Cause::Answer(Status::USER_ACTION_TIMEOUT, Phase::Get),
        Id::AuthCredentialUnusable => Cause::Answer(Status::INTEGRITY_FAILURE, Phase::Get),
        Id::AuthUvFailed => Cause::Error(GateError::LockedOut.into()),
        Id::RegUnavailable => asked(Call::SetUp, ControlCenterError::TimedOut),
        Id::RegCanceled => Cause::Answer(Status::OPERATION_DENIED, Phase::Create),
        Id::RegTimeout => Cause::Answer(Status::USER_ACTION_TIMEOUT, Phase::Create),
        Id::RegAlreadyRegistered => Cause::Answer(Status::CREDENTIAL_EXCLUDED, Phase::Create),
        Id::RegActivationFailed => asked(Call::Activate, refused(422, RefusalCode::NotVerified)),
        Id::RegLimitReached => asked(Call::SetUp, refused(409, RefusalCode::LimitReached)),
        Id::AnySessionExpired => asked(Call::SignIn, refused(401, RefusalCode::Unauthorized)),
        Id::AnyNotSupported => Cause::Answer(Status::UNSUPPORTED_ALGORITHM, Phase::Create),
        Id::AnyInternal => Cause::Error(StoreError::Failed.into()),
        Id::AnyNoDevice => Cause::Error(PhoneError::ComputerUnreachable),
        Id::AnySignatureRejected => Cause::Error(PhoneError::ComputerRefused(Reason::NotVerified)),
        Id::ProviderNotEnabled => Cause::Found(crate::readiness::provider(Availability::Off)),
        Id::ProviderBiometricsMissing => Cause::Error(PhoneError::NoUserVerification),
        Id::ProviderLocked => Cause::Error(VaultError::KeyVault(KeyVaultError::Locked).into()),
        Id::ProviderCallerUntrusted => Cause::Elsewhere,
        Id::ProviderEntraPasskeyExists => Cause::Error(PhoneError::Passkey(Status::KEY_STORE_FULL, Phase::Create)),
        Id::RequestMalformed => Cause::Answer(Status::INVALID_CBOR, Phase::Get),
        Id::RequestListTooLong => Cause::Answer(Status::LIMIT_EXCEEDED, Phase::Get),
        Id::RequestBusy => Cause::Error(PhoneError::Busy),
        Id::QrInvalid => Cause::Error(CodeError::InvalidQr.into()),
        Id::QrUnsupported => Cause::Error(CodeError::Unsupported { keys: Vec::new() }.into()),
        Id::QrCameraDenied => Cause::Found(crate::readiness::camera(Availability::NotPermitted)),
        Id::CodeNotFound => asked(Call::LookUp, refused(400, RefusalCode::CodeNotFound)),
        Id::CodeBadAddress => Cause::Error(AddressError::NotHttps.into()),
        Id::CodeRateLimited => asked(Call::LookUp, refused(429, RefusalCode::RateLimited)),
        Id::HybridBluetoothOff => Cause::Error(AdvertError::Off.into()),
        Id::HybridNoInternet => Cause::Error(PhoneError::Offline),
        Id::HybridPeerNotNear => Cause::Error(PhoneError::NotNearby),
        Id::HybridTunnelFailed => Cause::Error(TunnelError::NoRoutingId.into()),
        Id::HybridHandshakeFailed => Cause::Error(HybridError::TimedOut(Stage::Advertising).into()),
        Id::HybridPeerCanceled => Cause::Error(PhoneError::PeerCanceled),
        Id::PairingWrongAccount => asked(Call::SetUp, refused(403, RefusalCode::WrongAccount)),
        Id::PairingExpired => Cause::Error(PhoneError::CodeExpired),
        Id::OfflineDisabled => Cause::Error(OfflineError::Revoked.into()),
        Id::OfflineNotProvisioned => Cause::Error(OfflineError::NotProvisioned.into()),
        Id::OfflineLow => Cause::Pins(latchkey_offline::State::Low),
        Id::OfflineExhausted => Cause::Error(OfflineError::Exhausted.into()),
        Id::OfflineExpired => Cause::Error(OfflineError::Expired.into()),
        Id::OfflineWrongPin => Cause::Error(OfflineError::Throttled { wait_secs: 4 }.into()),
        Id::OfflineLocked => Cause::Error(OfflineError::Locked.into()),
    }
}
