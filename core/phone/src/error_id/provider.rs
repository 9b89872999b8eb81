//! `provider.*`: the operating system's passkey provider.

use latchkey_ctap::Status;

use super::{BASE, ErrorInfo};

pub(super) const NOT_ENABLED: ErrorInfo = ErrorInfo {
    id: "provider.not_enabled",
    title: "Turn on the passkey provider",
    meaning: "This app is not allowed to provide passkeys.",
    next_step: "Turn this app on under passwords and passkeys in the system settings.",
    retry: true,
    android_create: &["CreateCredentialProviderConfigurationException"],
    android_get: &["GetCredentialProviderConfigurationException"],
    ..BASE
};

pub(super) const BIOMETRICS_MISSING: ErrorInfo = ErrorInfo {
    id: "provider.biometrics_missing",
    title: "Set up biometrics",
    meaning: "No fingerprint, face or device code is set up on this phone.",
    next_step: "Set up a screen lock with biometrics in the system settings.",
    ctap: &[Status::INVALID_OPTION],
    ios: &[0],
    ios_caller: Some(1010),
    android_create: &["CreateCredentialNoCreateOptionException"],
    android_get: &["NoCredentialException"],
    dom: Some("NotAllowedError"),
    ..BASE
};

pub(super) const LOCKED: ErrorInfo = ErrorInfo {
    id: "provider.locked",
    title: "Unlock required",
    meaning: "The passkeys are locked.",
    next_step: "Unlock the phone and try again.",
    retry: true,
    ctap: &[Status::PUAT_REQUIRED],
    ios: &[100],
    android_get: &["AuthenticationAction instead of an error"],
    ..BASE
};

pub(super) const CALLER_UNTRUSTED: ErrorInfo = ErrorInfo {
    id: "provider.caller_untrusted",
    title: "App not allowed for this site",
    meaning: "The app that asked for a passkey does not belong to the site that it named.",
    next_step: "Sign in on the site itself, in a browser.",
    android_create: &["CreatePublicKeyCredentialDomException(SecurityError)"],
    android_get: &["GetPublicKeyCredentialDomException(SecurityError)"],
    dom: Some("SecurityError"),
    ..BASE
};

pub(super) const ENTRA_PASSKEY_EXISTS: ErrorInfo = ErrorInfo {
    id: "provider.entra_passkey_exists",
    title: "Only one Entra passkey per device",
    meaning: "This phone already holds a passkey for a work account of this kind.",
    next_step: "Delete that passkey first, or use another phone for this account.",
    ctap: &[Status::KEY_STORE_FULL],
    ios: &[0],
    ios_caller: Some(1004),
    android_create: &["CreatePublicKeyCredentialDomException(NotAllowedError)"],
    dom: Some("NotAllowedError"),
    ..BASE
};
