//! `auth.*`: signing in with a passkey.

use latchkey_ctap::Status;

use super::{BASE, ErrorInfo};

pub(super) const UNAVAILABLE: ErrorInfo = ErrorInfo {
    id: "auth.unavailable",
    title: "Passkey Unavailable",
    meaning: "The sign-in service could not be reached, or did not know the request.",
    next_step: "Check the internet connection and try again, or sign in another way.",
    retry: true,
    ios: &[0],
    ios_caller: Some(1004),
    android_get: &["GetCredentialUnknownException"],
    dom: Some("NetworkError"),
    ..BASE
};

pub(super) const NOT_FOUND_OR_CANCELED: ErrorInfo = ErrorInfo {
    id: "auth.not_found_or_canceled",
    title: "Passkey Not Found or Canceled",
    meaning: "There is no passkey for this account on this phone, or the request was refused.",
    next_step: "Try again and approve the request, or sign in another way and create a passkey.",
    retry: true,
    ctap: &[Status::NO_CREDENTIALS, Status::OPERATION_DENIED, Status::KEEPALIVE_CANCEL],
    ios: &[101, 1],
    ios_caller: Some(1001),
    android_get: &["NoCredentialException", "GetCredentialCancellationException"],
    dom: Some("NotAllowedError"),
    ..BASE
};

pub(super) const TIMEOUT: ErrorInfo = ErrorInfo {
    id: "auth.timeout",
    title: "Passkey Request Timed Out",
    meaning: "The request was not answered in time.",
    next_step: "Start the sign-in again and answer the prompt on this phone.",
    retry: true,
    ctap: &[Status::USER_ACTION_TIMEOUT],
    ios: &[0],
    ios_caller: Some(1004),
    android_get: &["GetCredentialInterruptedException"],
    dom: Some("NotAllowedError"),
    ..BASE
};

pub(super) const CREDENTIAL_UNUSABLE: ErrorInfo = ErrorInfo {
    id: "auth.credential_unusable",
    title: "Passkey is not found on this device",
    meaning: "The passkey is known here but can no longer be used.",
    next_step: "Sign in another way and create a new passkey.",
    ctap: &[Status::NO_CREDENTIALS, Status::INTEGRITY_FAILURE],
    ios: &[101],
    ios_caller: Some(1004),
    android_get: &["GetPublicKeyCredentialDomException(InvalidStateError)"],
    dom: Some("InvalidStateError"),
    dom_raised: Some("NotAllowedError"),
    ..BASE
};

pub(super) const UV_FAILED: ErrorInfo = ErrorInfo {
    id: "auth.uv_failed",
    title: "We could not verify you",
    meaning: "The biometric or the device credential did not match.",
    next_step: "Try again; if biometrics are locked, unlock the phone with its code first.",
    retry: true,
    ctap: &[Status::UV_INVALID, Status::UV_BLOCKED, Status::PUAT_REQUIRED],
    ios: &[0],
    ios_caller: Some(1004),
    android_get: &["GetPublicKeyCredentialDomException(NotAllowedError)"],
    dom: Some("NotAllowedError"),
    ..BASE
};
