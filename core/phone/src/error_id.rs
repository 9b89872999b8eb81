//! The failures that a person can meet, as stable ids with a title, what happened and what to do
//! next, and what each looks like to CTAP, iOS, Android and web callers. One file for each group of
//! ids; docs/errors.md is generated from them.
//!
//! The core's own errors are many and precise; [`crate::PhoneError::id`] maps them here once.

mod any;
mod auth;
mod code;
mod hybrid;
mod offline;
mod pairing;
mod provider;
mod qr;
mod reg;
mod request;

use latchkey_ctap::Status;
use latchkey_offline::OfflineError;

/// Which ceremony a failure belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A passkey is being created.
    Create,
    /// A passkey is being used.
    Get,
}

/// What a Control Center was asked for: the same refusal means different things to the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Looking a typed code up.
    LookUp,
    /// Setting a passkey up, before it is made.
    SetUp,
    /// Registering the passkey that was made.
    Activate,
    /// Everything with a passkey that is registered: unlocking, signing in, housekeeping.
    SignIn,
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
    /// Whether something failed.
    pub severity: Severity,
    /// The same action may be repeated at once.
    pub retry: bool,
    /// Who notices it.
    pub origin: Origin,
    /// Statuses of a CTAP client that mean this, the preferred one first; none if it never reaches one.
    pub ctap: &'static [Status],
    /// `ASExtensionError` codes, the preferred one first.
    pub ios: &'static [i32],
    /// `ASAuthorizationError` code that the calling app sees then.
    pub ios_caller: Option<i32>,
    /// androidx.credentials exceptions when creating, the preferred one first.
    pub android_create: &'static [&'static str],
    /// androidx.credentials exceptions when getting, the preferred one first.
    pub android_get: &'static [&'static str],
    /// DOMException that best expresses it to a web page.
    pub dom: Option<&'static str>,
    /// DOMException that browsers raise, where that is another one.
    pub dom_raised: Option<&'static str>,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// What the person wanted did not happen.
    Error,
    /// It happened; something should be done soon.
    Warning,
}

/// Who notices a failure first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// This phone, here in the core, also when another side has told it.
    Phone,
    /// The workstation, which shows it itself.
    Workstation,
}

/// What most failures have in common: an error of the phone that no other program is told about.
const BASE: ErrorInfo = ErrorInfo {
    id: "",
    title: "",
    meaning: "",
    next_step: "",
    severity: Severity::Error,
    retry: false,
    origin: Origin::Phone,
    ctap: &[],
    ios: &[],
    ios_caller: None,
    android_create: &[],
    android_get: &[],
    dom: None,
    dom_raised: None,
};

macro_rules! error_ids {
    ($($(#[$doc:meta])* $variant:ident = $group:ident::$info:ident,)*) => {
        /// A failure that a person can meet.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorId {
            $($(#[$doc])* $variant,)*
        }

        impl ErrorId {
            /// Every id, in the order of the documentation.
            pub const ALL: &[ErrorId] = &[$(ErrorId::$variant,)*];

            /// What the id means.
            #[must_use]
            pub const fn info(self) -> &'static ErrorInfo {
                match self {
                    $(ErrorId::$variant => &$group::$info,)*
                }
            }
        }
    };
}

error_ids! {
    /// `auth.unavailable`
    AuthUnavailable = auth::UNAVAILABLE,
    /// `auth.not_found_or_canceled`
    AuthNotFoundOrCanceled = auth::NOT_FOUND_OR_CANCELED,
    /// `auth.timeout`
    AuthTimeout = auth::TIMEOUT,
    /// `auth.credential_unusable`
    AuthCredentialUnusable = auth::CREDENTIAL_UNUSABLE,
    /// `auth.uv_failed`
    AuthUvFailed = auth::UV_FAILED,
    /// `reg.unavailable`
    RegUnavailable = reg::UNAVAILABLE,
    /// `reg.canceled`
    RegCanceled = reg::CANCELED,
    /// `reg.timeout`
    RegTimeout = reg::TIMEOUT,
    /// `reg.already_registered`
    RegAlreadyRegistered = reg::ALREADY_REGISTERED,
    /// `reg.activation_failed`
    RegActivationFailed = reg::ACTIVATION_FAILED,
    /// `reg.limit_reached`
    RegLimitReached = reg::LIMIT_REACHED,
    /// `any.session_expired`
    AnySessionExpired = any::SESSION_EXPIRED,
    /// `any.not_supported`
    AnyNotSupported = any::NOT_SUPPORTED,
    /// `any.internal`
    AnyInternal = any::INTERNAL,
    /// `any.no_device`
    AnyNoDevice = any::NO_DEVICE,
    /// `any.signature_rejected`
    AnySignatureRejected = any::SIGNATURE_REJECTED,
    /// `provider.not_enabled`
    ProviderNotEnabled = provider::NOT_ENABLED,
    /// `provider.biometrics_missing`
    ProviderBiometricsMissing = provider::BIOMETRICS_MISSING,
    /// `provider.locked`
    ProviderLocked = provider::LOCKED,
    /// `provider.caller_untrusted`
    ProviderCallerUntrusted = provider::CALLER_UNTRUSTED,
    /// `provider.entra_passkey_exists`
    ProviderEntraPasskeyExists = provider::ENTRA_PASSKEY_EXISTS,
    /// `request.malformed`
    RequestMalformed = request::MALFORMED,
    /// `request.list_too_long`
    RequestListTooLong = request::LIST_TOO_LONG,
    /// `request.busy`
    RequestBusy = request::BUSY,
    /// `qr.invalid`
    QrInvalid = qr::INVALID,
    /// `qr.unsupported`
    QrUnsupported = qr::UNSUPPORTED,
    /// `qr.camera_denied`
    QrCameraDenied = qr::CAMERA_DENIED,
    /// `code.not_found`
    CodeNotFound = code::NOT_FOUND,
    /// `code.bad_address`
    CodeBadAddress = code::BAD_ADDRESS,
    /// `code.rate_limited`
    CodeRateLimited = code::RATE_LIMITED,
    /// `hybrid.bluetooth_off`
    HybridBluetoothOff = hybrid::BLUETOOTH_OFF,
    /// `hybrid.no_internet`
    HybridNoInternet = hybrid::NO_INTERNET,
    /// `hybrid.peer_not_near`
    HybridPeerNotNear = hybrid::PEER_NOT_NEAR,
    /// `hybrid.tunnel_failed`
    HybridTunnelFailed = hybrid::TUNNEL_FAILED,
    /// `hybrid.handshake_failed`
    HybridHandshakeFailed = hybrid::HANDSHAKE_FAILED,
    /// `hybrid.peer_canceled`
    HybridPeerCanceled = hybrid::PEER_CANCELED,
    /// `pairing.wrong_account`
    PairingWrongAccount = pairing::WRONG_ACCOUNT,
    /// `pairing.expired`
    PairingExpired = pairing::EXPIRED,
    /// `offline.disabled`
    OfflineDisabled = offline::DISABLED,
    /// `offline.not_provisioned`
    OfflineNotProvisioned = offline::NOT_PROVISIONED,
    /// `offline.low`
    OfflineLow = offline::LOW,
    /// `offline.exhausted`
    OfflineExhausted = offline::EXHAUSTED,
    /// `offline.expired`
    OfflineExpired = offline::EXPIRED,
    /// `offline.wrong_pin`
    OfflineWrongPin = offline::WRONG_PIN,
    /// `offline.locked`
    OfflineLocked = offline::LOCKED,
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

    /// What a Control Center's HTTP status means to the person, when its body says nothing more
    /// precise; `None` for success.
    #[must_use]
    pub const fn of_http(status: u16, call: Call) -> Option<ErrorId> {
        Some(match (status, call) {
            (200..=299, _) => return None,
            (400, Call::LookUp) => ErrorId::CodeNotFound,
            (404, Call::LookUp) => ErrorId::CodeBadAddress,
            (429, _) => ErrorId::CodeRateLimited,
            // The passkey exists by then: whatever the server says, it did not activate it.
            (_, Call::Activate) => ErrorId::RegActivationFailed,
            (400 | 401 | 403 | 410, Call::SetUp | Call::SignIn) => ErrorId::AnySessionExpired,
            (409, Call::SetUp | Call::SignIn) => ErrorId::RegAlreadyRegistered,
            (_, call) => call.unavailable(),
        })
    }

    /// What an error about offline PINs means to the person, be it on the phone or on the
    /// workstation.
    #[must_use]
    pub const fn of_offline(error: &OfflineError) -> ErrorId {
        match error {
            OfflineError::Disabled | OfflineError::Revoked => ErrorId::OfflineDisabled,
            OfflineError::NotProvisioned => ErrorId::OfflineNotProvisioned,
            OfflineError::Exhausted => ErrorId::OfflineExhausted,
            OfflineError::Expired => ErrorId::OfflineExpired,
            OfflineError::WrongPin { .. }
            | OfflineError::WrongLength { .. }
            | OfflineError::InvalidCharacter
            | OfflineError::Throttled { .. } => ErrorId::OfflineWrongPin,
            OfflineError::Locked => ErrorId::OfflineLocked,
            _ => ErrorId::AnyInternal,
        }
    }
}

impl Call {
    /// The service did not work.
    pub(crate) const fn unavailable(self) -> ErrorId {
        match self {
            Call::LookUp | Call::SetUp => ErrorId::RegUnavailable,
            Call::Activate => ErrorId::RegActivationFailed,
            Call::SignIn => ErrorId::AuthUnavailable,
        }
    }
}

#[cfg(test)]
mod tests;
