//! `request.*`: requests that are refused as they stand.

use latchkey_ctap::Status;

use super::{BASE, ErrorInfo};

pub(super) const MALFORMED: ErrorInfo = ErrorInfo {
    id: "request.malformed",
    title: "Request not understood",
    meaning: "The computer sent a request that does not follow the standard.",
    next_step: "Try again; if it happens again, update the software on the computer.",
    ctap: &[
        Status::INVALID_CBOR,
        Status::CBOR_UNEXPECTED_TYPE,
        Status::MISSING_PARAMETER,
        Status::INVALID_PARAMETER,
        Status::INVALID_LENGTH,
    ],
    ios: &[0],
    ios_caller: Some(1004),
    android_create: &["CreatePublicKeyCredentialDomException(DataError)"],
    android_get: &["GetPublicKeyCredentialDomException(DataError)"],
    dom: Some("UnknownError"),
    ..BASE
};

pub(super) const LIST_TOO_LONG: ErrorInfo = ErrorInfo {
    id: "request.list_too_long",
    title: "Request not understood",
    meaning: "The computer named more passkeys than this app accepts in one request.",
    next_step: "Sign in another way and tell the service about it.",
    ctap: &[Status::LIMIT_EXCEEDED],
    ios: &[0],
    android_create: &["CreatePublicKeyCredentialDomException(DataError)"],
    android_get: &["GetPublicKeyCredentialDomException(DataError)"],
    dom: Some("UnknownError"),
    ..BASE
};

pub(super) const BUSY: ErrorInfo = ErrorInfo {
    id: "request.busy",
    title: "Another request is open",
    meaning: "This app answers one request at a time.",
    next_step: "Finish or cancel the other request, then try again.",
    retry: true,
    ctap: &[Status::CHANNEL_BUSY, Status::NOT_ALLOWED],
    ios: &[0],
    android_create: &["CreateCredentialInterruptedException"],
    android_get: &["GetCredentialInterruptedException"],
    dom: Some("NotAllowedError"),
    ..BASE
};
