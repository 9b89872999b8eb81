//! The failures that a person can meet, as stable ids with a title, what happened and what to do
//! next, and what each looks like to CTAP, iOS, Android and web callers.
//!
//! The core's own errors are many and precise; [`crate::PhoneError::id`] maps them here once.

use latchkey_ctap::Status;

/// Which ceremony a failure belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A passkey is being created.
    Create,
    /// A passkey is being used.
    Get,
}

/// What a failure means to people and to the platforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorInfo {
    /// Stable identifier, such as `hybrid.no_internet`.
    pub id: &'static str,
    /// Headline.
    pub title: &'static str,
    /// What happened, in one sentence.
    pub meaning: &'static str,
    /// What the person can do.
    pub next_step: &'static str,
    /// The same action may be repeated at once.
    pub retry: bool,
    /// Status sent to a CTAP client, if the failure reaches one.
    pub ctap: Option<Status>,
    /// `ASExtensionError` code.
    pub ios: Option<i32>,
    /// androidx.credentials exception when creating.
    pub android_create: Option<&'static str>,
    /// androidx.credentials exception when getting.
    pub android_get: Option<&'static str>,
    /// DOMException that best expresses it to a web page.
    pub dom: Option<&'static str>,
}

macro_rules! error_ids {
    ($($variant:ident {
        $id:literal, $title:literal,
        $meaning:literal,
        $next_step:literal,
        retry: $retry:literal, ctap: $ctap:expr, ios: $ios:expr,
        create: $create:expr, get: $get:expr, dom: $dom:expr
    })*) => {
        /// A failure that a person can meet.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorId {
            $(#[doc = concat!("`", $id, "`: ", $meaning)] $variant,)*
        }

        impl ErrorId {
            /// Every id, in the order of the documentation.
            pub const ALL: &[ErrorId] = &[$(ErrorId::$variant,)*];

            /// What the id means.
            #[must_use]
            pub const fn info(self) -> &'static ErrorInfo {
                match self {
                    $(ErrorId::$variant => &ErrorInfo {
                        id: $id, title: $title, meaning: $meaning, next_step: $next_step,
                        retry: $retry, ctap: $ctap, ios: $ios,
                        android_create: $create, android_get: $get, dom: $dom,
                    },)*
                }
            }
        }
    };
}

error_ids! {
    AuthNotFoundOrCanceled {
        "auth.not_found_or_canceled", "Passkey Not Found or Canceled",
        "There is no passkey for this account on this phone, or the request was refused.",
        "Try again and approve the request, or sign in another way and create a passkey.",
        retry: true, ctap: Some(Status::OPERATION_DENIED), ios: Some(1),
        create: None, get: Some("GetCredentialCancellationException"), dom: Some("NotAllowedError")
    }
    AuthTimeout {
        "auth.timeout", "Passkey Request Timed Out",
        "The request was not answered in time.",
        "Start the sign-in again and answer the prompt on this phone.",
        retry: true, ctap: Some(Status::USER_ACTION_TIMEOUT), ios: Some(0),
        create: None, get: Some("GetCredentialInterruptedException"), dom: Some("NotAllowedError")
    }
    AuthCredentialUnusable {
        "auth.credential_unusable", "Passkey is not found on this device",
        "The passkey is known here but can no longer be used.",
        "Sign in another way and create a new passkey.",
        retry: false, ctap: Some(Status::NO_CREDENTIALS), ios: Some(101),
        create: None, get: Some("GetPublicKeyCredentialDomException(InvalidStateError)"),
        dom: Some("InvalidStateError")
    }
    AuthUvFailed {
        "auth.uv_failed", "We could not verify you",
        "The biometric or the device credential did not match.",
        "Try again; if biometrics are locked, unlock the phone with its code first.",
        retry: true, ctap: Some(Status::UV_INVALID), ios: Some(0),
        create: Some("CreatePublicKeyCredentialDomException(NotAllowedError)"),
        get: Some("GetPublicKeyCredentialDomException(NotAllowedError)"), dom: Some("NotAllowedError")
    }
    RegCanceled {
        "reg.canceled", "Passkey Set Up Canceled",
        "The set-up was stopped.",
        "Start the set-up again when you are ready.",
        retry: true, ctap: Some(Status::OPERATION_DENIED), ios: Some(1),
        create: Some("CreateCredentialCancellationException"), get: None, dom: Some("NotAllowedError")
    }
    RegTimeout {
        "reg.timeout", "Passkey Request Timed Out",
        "The request was not answered in time.",
        "Start the set-up again and answer the prompt on this phone.",
        retry: true, ctap: Some(Status::USER_ACTION_TIMEOUT), ios: Some(0),
        create: Some("CreateCredentialInterruptedException"), get: None, dom: Some("NotAllowedError")
    }
    RegAlreadyRegistered {
        "reg.already_registered", "Passkey already registered for this device",
        "This phone already holds a passkey for this account.",
        "Sign in with the passkey that is here.",
        retry: false, ctap: Some(Status::CREDENTIAL_EXCLUDED), ios: Some(102),
        create: Some("CreatePublicKeyCredentialDomException(InvalidStateError)"), get: None,
        dom: Some("InvalidStateError")
    }
    RegLimitReached {
        "reg.limit_reached", "Passkey Limit Reached",
        "There are as many passkeys as allowed.",
        "Delete a passkey that is no longer needed, then try again.",
        retry: false, ctap: Some(Status::KEY_STORE_FULL), ios: Some(0),
        create: Some("CreatePublicKeyCredentialDomException(QuotaExceededError)"), get: None,
        dom: Some("NotAllowedError")
    }
    AnySessionExpired {
        "any.session_expired", "Session Expired",
        "The request belongs to a session that has ended.",
        "Start again from the sign-in page.",
        retry: false, ctap: Some(Status::NOT_ALLOWED), ios: Some(0),
        create: Some("CreateCredentialInterruptedException"),
        get: Some("GetCredentialInterruptedException"), dom: Some("AbortError")
    }
    AnyNotSupported {
        "any.not_supported", "Passkeys Not Supported",
        "The computer asked for something that this app does not support.",
        "Update this app and the browser, or sign in another way.",
        retry: false, ctap: Some(Status::UNSUPPORTED_ALGORITHM), ios: Some(0),
        create: Some("CreatePublicKeyCredentialDomException(NotSupportedError)"),
        get: Some("GetPublicKeyCredentialDomException(NotSupportedError)"), dom: Some("NotSupportedError")
    }
    AnyInternal {
        "any.internal", "Verification couldn't be completed",
        "Something unexpected went wrong on this phone.",
        "Try again; if it happens again, restart the app.",
        retry: true, ctap: Some(Status::OTHER), ios: Some(0),
        create: Some("CreateCredentialUnknownException"),
        get: Some("GetCredentialUnknownException"), dom: Some("UnknownError")
    }
    ProviderBiometricsMissing {
        "provider.biometrics_missing", "Set up biometrics",
        "No fingerprint, face or device code is set up on this phone.",
        "Set up a screen lock with biometrics in the system settings.",
        retry: false, ctap: Some(Status::INVALID_OPTION), ios: Some(0),
        create: Some("CreateCredentialNoCreateOptionException"),
        get: Some("NoCredentialException"), dom: Some("NotAllowedError")
    }
    ProviderLocked {
        "provider.locked", "Unlock required",
        "The passkeys are locked.",
        "Unlock the phone and try again.",
        retry: true, ctap: Some(Status::PUAT_REQUIRED), ios: Some(100),
        create: None, get: None, dom: None
    }
    ProviderEntraPasskeyExists {
        "provider.entra_passkey_exists", "Only one Entra passkey per device",
        "This phone already holds a passkey for a work account of this kind.",
        "Delete that passkey first, or use another phone for this account.",
        retry: false, ctap: Some(Status::KEY_STORE_FULL), ios: Some(0),
        create: Some("CreatePublicKeyCredentialDomException(NotAllowedError)"), get: None,
        dom: Some("NotAllowedError")
    }
    RequestMalformed {
        "request.malformed", "Request not understood",
        "The computer sent a request that does not follow the standard.",
        "Try again; if it happens again, update the browser on the computer.",
        retry: false, ctap: Some(Status::INVALID_CBOR), ios: Some(0),
        create: Some("CreatePublicKeyCredentialDomException(DataError)"),
        get: Some("GetPublicKeyCredentialDomException(DataError)"), dom: Some("UnknownError")
    }
    RequestListTooLong {
        "request.list_too_long", "Request not understood",
        "The computer named more passkeys than this app accepts in one request.",
        "Sign in another way and tell the service about it.",
        retry: false, ctap: Some(Status::LIMIT_EXCEEDED), ios: Some(0),
        create: Some("CreatePublicKeyCredentialDomException(DataError)"),
        get: Some("GetPublicKeyCredentialDomException(DataError)"), dom: Some("UnknownError")
    }
    RequestBusy {
        "request.busy", "Another request is open",
        "This app answers one request at a time.",
        "Finish or cancel the other request, then try again.",
        retry: true, ctap: Some(Status::CHANNEL_BUSY), ios: Some(0),
        create: Some("CreateCredentialInterruptedException"),
        get: Some("GetCredentialInterruptedException"), dom: Some("NotAllowedError")
    }
    QrInvalid {
        "qr.invalid", "This QR code cannot be used",
        "The code is not one for signing in, or it was scanned before.",
        "Show a new code on the computer and scan that one.",
        retry: true, ctap: None, ios: None, create: None, get: None, dom: None
    }
    QrUnsupported {
        "qr.unsupported", "App update needed",
        "The code is of a kind that this version of the app does not know.",
        "Update this app, then scan the code again.",
        retry: false, ctap: None, ios: None, create: None, get: None, dom: None
    }
    HybridBluetoothOff {
        "hybrid.bluetooth_off", "Turn on Bluetooth",
        "Bluetooth is off or this app may not use it.",
        "Turn on Bluetooth, allow this app to use it, then scan the code again.",
        retry: true, ctap: None, ios: None, create: None, get: None, dom: None
    }
    HybridNoInternet {
        "hybrid.no_internet", "No internet connection",
        "Signing in on another device needs internet on both devices.",
        "Connect to the internet, then scan the code again.",
        retry: true, ctap: None, ios: None, create: None, get: None, dom: None
    }
    HybridPeerNotNear {
        "hybrid.peer_not_near", "Computer not found nearby",
        "The computer did not hear this phone over Bluetooth.",
        "Turn on Bluetooth on the computer, hold the phone near it and scan a new code.",
        retry: true, ctap: None, ios: None, create: None, get: None, dom: None
    }
    HybridTunnelFailed {
        "hybrid.tunnel_failed", "Passkey Unavailable",
        "The service that connects this phone with the computer did not work.",
        "Wait a moment, then scan a new code.",
        retry: true, ctap: None, ios: None, create: None, get: None, dom: None
    }
    HybridHandshakeFailed {
        "hybrid.handshake_failed", "Verification couldn't be completed",
        "The connection to the computer could not be verified.",
        "Reload the sign-in page on the computer and scan the new code.",
        retry: false, ctap: None, ios: None, create: None, get: None, dom: None
    }
    HybridPeerCanceled {
        "hybrid.peer_canceled", "Canceled on the computer",
        "The computer ended the request before it was answered.",
        "Start again on the computer if you still want to sign in.",
        retry: true, ctap: None, ios: None, create: None, get: None, dom: None
    }
}

impl ErrorId {
    /// What a CTAP status means to the person who was asked; `None` for success.
    #[must_use]
    pub const fn of_status(status: Status, phase: Phase) -> Option<ErrorId> {
        let create = matches!(phase, Phase::Create);
        Some(match status {
            Status::OK => return None,
            Status::INVALID_COMMAND
            | Status::UNSUPPORTED_ALGORITHM
            | Status::UNSUPPORTED_OPTION
            | Status::INVALID_OPTION
            | Status::INVALID_SUBCOMMAND => ErrorId::AnyNotSupported,
            Status::INVALID_PARAMETER
            | Status::INVALID_LENGTH
            | Status::CBOR_UNEXPECTED_TYPE
            | Status::INVALID_CBOR
            | Status::MISSING_PARAMETER
            | Status::REQUEST_TOO_LARGE => ErrorId::RequestMalformed,
            Status::LIMIT_EXCEEDED => ErrorId::RequestListTooLong,
            Status::CHANNEL_BUSY => ErrorId::RequestBusy,
            Status::TIMEOUT | Status::USER_ACTION_TIMEOUT | Status::ACTION_TIMEOUT if create => {
                ErrorId::RegTimeout
            }
            Status::TIMEOUT | Status::USER_ACTION_TIMEOUT | Status::ACTION_TIMEOUT => ErrorId::AuthTimeout,
            Status::OPERATION_DENIED | Status::KEEPALIVE_CANCEL | Status::UP_REQUIRED if create => {
                ErrorId::RegCanceled
            }
            Status::OPERATION_DENIED | Status::KEEPALIVE_CANCEL | Status::UP_REQUIRED => {
                ErrorId::AuthNotFoundOrCanceled
            }
            Status::NO_CREDENTIALS if !create => ErrorId::AuthNotFoundOrCanceled,
            Status::INVALID_CREDENTIAL | Status::INTEGRITY_FAILURE if !create => {
                ErrorId::AuthCredentialUnusable
            }
            Status::CREDENTIAL_EXCLUDED if create => ErrorId::RegAlreadyRegistered,
            Status::KEY_STORE_FULL if create => ErrorId::RegLimitReached,
            Status::NOT_ALLOWED => ErrorId::AnySessionExpired,
            Status::PUAT_REQUIRED | Status::UV_BLOCKED | Status::UV_INVALID => ErrorId::AuthUvFailed,
            _ => ErrorId::AnyInternal,
        })
    }
}

#[cfg(test)]
mod tests;
