//! `reg.*`: setting a passkey up.

use latchkey_ctap::Status;

use super::{BASE, ErrorInfo};

pub(super) const UNAVAILABLE: ErrorInfo = ErrorInfo {
    id: "reg.unavailable",
    title: "Passkey Unavailable",
    meaning: "The set-up service could not be reached, or did not know the request.",
    next_step: "Check the internet connection and try again, or set the passkey up later.",
    retry: true,
    ios: &[0],
    ios_caller: Some(1004),
    android_create: &["CreateCredentialUnknownException"],
    dom: Some("NetworkError"),
    ..BASE
};

pub(super) const CANCELED: ErrorInfo = ErrorInfo {
    id: "reg.canceled",
    title: "Passkey Set Up Canceled",
    meaning: "The set-up was stopped.",
    next_step: "Start the set-up again when you are ready.",
    retry: true,
    ctap: &[Status::OPERATION_DENIED, Status::KEEPALIVE_CANCEL],
    ios: &[1],
    ios_caller: Some(1001),
    android_create: &["CreateCredentialCancellationException"],
    dom: Some("NotAllowedError"),
    ..BASE
};

pub(super) const TIMEOUT: ErrorInfo = ErrorInfo {
    id: "reg.timeout",
    title: "Passkey Request Timed Out",
    meaning: "The request was not answered in time.",
    next_step: "Start the set-up again and answer the prompt on this phone.",
    retry: true,
    ctap: &[Status::USER_ACTION_TIMEOUT],
    ios: &[0],
    ios_caller: Some(1004),
    android_create: &["CreateCredentialInterruptedException"],
    dom: Some("NotAllowedError"),
    ..BASE
};

pub(super) const ALREADY_REGISTERED: ErrorInfo = ErrorInfo {
    id: "reg.already_registered",
    title: "Passkey already registered for this device",
    meaning: "This phone already holds a passkey for this account.",
    next_step: "Sign in with the passkey that is here.",
    ctap: &[Status::CREDENTIAL_EXCLUDED],
    ios: &[102],
    ios_caller: Some(1006),
    android_create: &["CreatePublicKeyCredentialDomException(InvalidStateError)"],
    dom: Some("InvalidStateError"),
    ..BASE
};

pub(super) const ACTIVATION_FAILED: ErrorInfo = ErrorInfo {
    id: "reg.activation_failed",
    title: "Failed to register the device for passkey",
    meaning: "The passkey was made, but the server did not activate it; nothing was kept.",
    next_step: "Show a new code on the computer and try again.",
    retry: true,
    ..BASE
};

pub(super) const LIMIT_REACHED: ErrorInfo = ErrorInfo {
    id: "reg.limit_reached",
    title: "Passkey Limit Reached",
    meaning: "There are as many passkeys as allowed.",
    next_step: "Delete a passkey that is no longer needed, then try again.",
    ctap: &[Status::KEY_STORE_FULL],
    ios: &[0],
    ios_caller: Some(1004),
    android_create: &[
        "CreatePublicKeyCredentialDomException(QuotaExceededError)",
        "CreateCredentialNoCreateOptionException",
    ],
    dom: Some("NotAllowedError"),
    ..BASE
};
