use std::collections::HashSet;

use latchkey_authenticator::ports::{GateError, KeyVaultError, StoreError};
use latchkey_hybrid::{HybridError, Stage};
use latchkey_scan::CodeError;
use latchkey_unlock::Reason;
use latchkey_vault::VaultError;
use serde_json::Value;

use super::*;
use crate::PhoneError;
use crate::control_center::wire::RefusalCode;
use crate::control_center::{AddressError, ControlCenterError};
use crate::ports::{AdvertError, Availability};
use crate::provider::ProviderError;
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
        Id::ProviderCallerUntrusted => Cause::Error(ProviderError::AppNotLinked.into()),
        Id::ProviderEntraPasskeyExists => Cause::Error(PhoneError::OnlyOnePasskey),
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

fn produced(cause: Cause) -> Option<ErrorId> {
    match cause {
        Cause::Error(error) => Some(error.id()),
        Cause::Answer(status, phase) => ErrorId::of_status(status, phase),
        Cause::Found(finding) => finding.error,
        Cause::Pins(state) => crate::offline_pins::notice(state),
    }
}

#[test]
fn every_id_has_a_cause() {
    for &id in ErrorId::ALL {
        assert_eq!(produced(cause(id)), Some(id), "{}", id.info().id);
    }
}

#[test]
fn ids_are_unique_and_texts_complete() {
    let mut ids = HashSet::new();
    for id in ErrorId::ALL {
        let info = id.info();
        assert!(ids.insert(info.id), "{} occurs twice", info.id);
        assert!(!info.title.is_empty(), "{}", info.id);
        for sentence in [info.meaning, info.next_step] {
            assert!(sentence.ends_with('.') && sentence.len() > 10, "{}: {sentence}", info.id);
        }
    }
}

/// The table that was agreed on with those who write the shells: everything but the sentences.
fn agreed() -> Value {
    serde_json::from_str(include_str!("../../../../fixtures/errors.json")).unwrap()
}

#[test]
fn titles_and_projections_are_as_agreed() {
    let agreed = agreed();
    let agreed = agreed["errors"].as_array().unwrap();
    assert_eq!(agreed.len(), ErrorId::ALL.len());
    for (id, agreed) in ErrorId::ALL.iter().zip(agreed) {
        let info = id.info();
        let ctap: Vec<String> = info.ctap.iter().map(|status| format!("0x{:02X}", status.0)).collect();
        let ours = serde_json::json!({
            "id": info.id,
            "title": info.title,
            "severity": if info.severity == Severity::Warning { "warning" } else { "error" },
            "retry": info.retry,
            "ctap": ctap,
            "ios": info.ios,
            "ios_caller": info.ios_caller,
            "android_create": info.android_create,
            "android_get": info.android_get,
            "dom": info.dom,
            "dom_real": info.dom_raised,
        });
        assert_eq!(ours, *agreed);
    }
}

#[test]
fn statuses_mean_what_was_agreed() {
    for (name, phase) in [("create", Phase::Create), ("get", Phase::Get)] {
        let agreed = agreed();
        let agreed = agreed["ctap_to_id"][name].as_object().unwrap();
        for byte in 1..=u8::MAX {
            let expected = agreed.get(&format!("0x{byte:02X}")).unwrap_or(&agreed["*"]);
            let id = ErrorId::of_status(Status(byte), phase).unwrap();
            assert_eq!(id.info().id, expected, "0x{byte:02X} in {name}");
        }
        assert_eq!(ErrorId::of_status(Status::OK, phase), None);
    }
}

#[test]
fn a_status_of_http_means_something_for_each_call() {
    use ErrorId as Id;
    let cases = [
        (400, Id::CodeNotFound, Id::AnySessionExpired, Id::RegActivationFailed, Id::AnySessionExpired),
        (401, Id::RegUnavailable, Id::AnySessionExpired, Id::RegActivationFailed, Id::AnySessionExpired),
        (404, Id::CodeBadAddress, Id::RegUnavailable, Id::RegActivationFailed, Id::AuthUnavailable),
        (
            409,
            Id::RegUnavailable,
            Id::RegAlreadyRegistered,
            Id::RegActivationFailed,
            Id::RegAlreadyRegistered,
        ),
        (410, Id::RegUnavailable, Id::AnySessionExpired, Id::RegActivationFailed, Id::AnySessionExpired),
        (429, Id::CodeRateLimited, Id::CodeRateLimited, Id::CodeRateLimited, Id::CodeRateLimited),
        (503, Id::RegUnavailable, Id::RegUnavailable, Id::RegActivationFailed, Id::AuthUnavailable),
    ];
    for (status, look_up, set_up, activate, sign_in) in cases {
        for (call, id) in [
            (Call::LookUp, look_up),
            (Call::SetUp, set_up),
            (Call::Activate, activate),
            (Call::SignIn, sign_in),
        ] {
            assert_eq!(ErrorId::of_http(status, call), Some(id), "{status} {call:?}");
        }
    }
    assert_eq!(ErrorId::of_http(204, Call::SignIn), None);
}
