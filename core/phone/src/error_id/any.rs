//! `any.*`: failures of either ceremony.

use latchkey_ctap::Status;

use super::{BASE, ErrorInfo};

pub(super) const SESSION_EXPIRED: ErrorInfo = ErrorInfo {
    id: "any.session_expired",
    title: "Session Expired",
    meaning: "The request belongs to a session that has ended.",
    next_step: "Start again from the sign-in page.",
    ctap: &[Status::NOT_ALLOWED],
    ios: &[0],
    ios_caller: Some(1003),
    android_create: &["CreateCredentialInterruptedException"],
    android_get: &["GetCredentialInterruptedException"],
    dom: Some("AbortError"),
    ..BASE
};

pub(super) const NOT_SUPPORTED: ErrorInfo = ErrorInfo {
    id: "any.not_supported",
    title: "Passkeys Not Supported",
    meaning: "The computer asked for something that this app does not support.",
    next_step: "Update this app and the browser, or sign in another way.",
    ctap: &[
        Status::UNSUPPORTED_ALGORITHM,
        Status::UNSUPPORTED_OPTION,
        Status::INVALID_OPTION,
        Status::INVALID_COMMAND,
    ],
    ios: &[0],
    ios_caller: Some(1010),
    android_create: &[
        "CreatePublicKeyCredentialDomException(NotSupportedError)",
        "CreateCredentialUnsupportedException",
    ],
    android_get: &[
        "GetPublicKeyCredentialDomException(NotSupportedError)",
        "GetCredentialUnsupportedException",
    ],
    dom: Some("NotSupportedError"),
    ..BASE
};

pub(super) const INTERNAL: ErrorInfo = ErrorInfo {
    id: "any.internal",
    title: "Verification couldn't be completed",
    meaning: "Something unexpected went wrong on this phone.",
    next_step: "Try again; if it happens again, restart the app.",
    retry: true,
    ctap: &[Status::OTHER, Status::INTEGRITY_FAILURE],
    ios: &[0],
    ios_caller: Some(1004),
    android_create: &["CreateCredentialUnknownException"],
    android_get: &["GetCredentialUnknownException"],
    dom: Some("UnknownError"),
    ..BASE
};

pub(super) const NO_DEVICE: ErrorInfo = ErrorInfo {
    id: "any.no_device",
    title: "No compatible device found",
    meaning: "The computer is not known, not turned on or not online, so it did not answer.",
    next_step: "Turn the computer on and connect it to the internet, or use an offline PIN.",
    retry: true,
    ios: &[0],
    ios_caller: Some(1003),
    android_create: &["CreateCredentialNoCreateOptionException"],
    android_get: &["NoCredentialException"],
    dom: Some("ConstraintError"),
    dom_raised: Some("NotAllowedError"),
    ..BASE
};

pub(super) const SIGNATURE_REJECTED: ErrorInfo = ErrorInfo {
    id: "any.signature_rejected",
    title: "Verification failed",
    meaning: "The signature of this phone was not accepted.",
    next_step: "Sign in another way; if it happens again, pair the computer anew.",
    ..BASE
};
