//! The one error of this library: what a person can meet, by its stable id.

use latchkey_authenticator::ports::StoreError;
use latchkey_phone::{ErrorId, PhoneError, Severity};

macro_rules! errors {
    ($($(#[$doc:meta])* $variant:ident,)*) => {
        /// Why a call failed. One variant for each id, and no text from inside: what to show is in
        /// [`LatchkeyError::info`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Error)]
        pub enum LatchkeyError {
            $($(#[$doc])* $variant,)*
        }

        impl LatchkeyError {
            const fn id(self) -> ErrorId {
                match self {
                    $(LatchkeyError::$variant => ErrorId::$variant,)*
                }
            }
        }

        impl From<ErrorId> for LatchkeyError {
            fn from(id: ErrorId) -> Self {
                match id {
                    $(ErrorId::$variant => LatchkeyError::$variant,)*
                    _ => LatchkeyError::AnyInternal,
                }
            }
        }
    };
}

errors! {
    /// `auth.unavailable`
    AuthUnavailable,
    /// `auth.not_found_or_canceled`
    AuthNotFoundOrCanceled,
    /// `auth.timeout`
    AuthTimeout,
    /// `auth.credential_unusable`
    AuthCredentialUnusable,
    /// `auth.uv_failed`
    AuthUvFailed,
    /// `reg.unavailable`
    RegUnavailable,
    /// `reg.canceled`
    RegCanceled,
    /// `reg.timeout`
    RegTimeout,
    /// `reg.already_registered`
    RegAlreadyRegistered,
    /// `reg.activation_failed`
    RegActivationFailed,
    /// `reg.limit_reached`
    RegLimitReached,
    /// `any.session_expired`
    AnySessionExpired,
    /// `any.not_supported`
    AnyNotSupported,
    /// `any.internal`
    AnyInternal,
    /// `any.no_device`
    AnyNoDevice,
    /// `any.signature_rejected`
    AnySignatureRejected,
    /// `provider.not_enabled`
    ProviderNotEnabled,
    /// `provider.biometrics_missing`
    ProviderBiometricsMissing,
    /// `provider.locked`
    ProviderLocked,
    /// `provider.caller_untrusted`
    ProviderCallerUntrusted,
    /// `provider.entra_passkey_exists`
    ProviderEntraPasskeyExists,
    /// `request.malformed`
    RequestMalformed,
    /// `request.list_too_long`
    RequestListTooLong,
    /// `request.busy`
    RequestBusy,
    /// `qr.invalid`
    QrInvalid,
    /// `qr.unsupported`
    QrUnsupported,
    /// `qr.camera_denied`
    QrCameraDenied,
    /// `code.not_found`
    CodeNotFound,
    /// `code.bad_address`
    CodeBadAddress,
    /// `code.rate_limited`
    CodeRateLimited,
    /// `hybrid.bluetooth_off`
    HybridBluetoothOff,
    /// `hybrid.no_internet`
    HybridNoInternet,
    /// `hybrid.peer_not_near`
    HybridPeerNotNear,
    /// `hybrid.tunnel_failed`
    HybridTunnelFailed,
    /// `hybrid.handshake_failed`
    HybridHandshakeFailed,
    /// `hybrid.peer_canceled`
    HybridPeerCanceled,
    /// `pairing.wrong_account`
    PairingWrongAccount,
    /// `pairing.expired`
    PairingExpired,
    /// `offline.disabled`
    OfflineDisabled,
    /// `offline.not_provisioned`
    OfflineNotProvisioned,
    /// `offline.low`
    OfflineLow,
    /// `offline.exhausted`
    OfflineExhausted,
    /// `offline.expired`
    OfflineExpired,
    /// `offline.wrong_pin`. No call fails with it: a workstation notices it, and says so on its own screen.
    OfflineWrongPin,
    /// `offline.locked`. No call fails with it: a workstation notices it, and says so on its own screen.
    OfflineLocked,
}

/// What an error means to the person and to the platforms.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ErrorInfo {
    /// Stable identifier, such as `hybrid.no_internet`.
    pub id: String,
    /// Headline.
    pub title: String,
    /// What happened, in one sentence.
    pub explanation: String,
    /// What the person can do.
    pub next_step: String,
    /// What the person wanted did happen; something should be done soon.
    pub warning: bool,
    /// The same action may be repeated at once.
    pub retry: bool,
    /// `ASExtensionError` codes, the preferred one first.
    pub ios: Vec<i32>,
    /// androidx.credentials exceptions when creating, the preferred one first, each in the form `Class` or
    /// `Class(DomError)`: the class without its package, and in brackets the DOM error that it carries, as in
    /// `CreatePublicKeyCredentialDomException(DataError)`. Empty if no caller on Android gets to hear of it.
    pub android_create: Vec<String>,
    /// androidx.credentials exceptions when getting, in the same form.
    pub android_get: Vec<String>,
    /// DOMException that best expresses it to a web page.
    pub dom: Option<String>,
}

#[uniffi::export]
impl LatchkeyError {
    /// What the error means. The texts are in English, for a shell to show or to look up by id.
    #[must_use]
    pub fn info(&self) -> ErrorInfo {
        let info = self.id().info();
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        ErrorInfo {
            id: info.id.to_owned(),
            title: info.title.to_owned(),
            explanation: info.meaning.to_owned(),
            next_step: info.next_step.to_owned(),
            warning: info.severity == Severity::Warning,
            retry: info.retry,
            ios: info.ios.to_vec(),
            android_create: owned(info.android_create),
            android_get: owned(info.android_get),
            dom: info.dom.map(str::to_owned),
        }
    }
}

impl core::fmt::Display for LatchkeyError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.id().info().id)
    }
}

impl std::error::Error for LatchkeyError {}

impl From<PhoneError> for LatchkeyError {
    fn from(error: PhoneError) -> Self {
        match error {
            // The shell closed the phone, and opens it again when the person is back.
            PhoneError::Store(StoreError::Closed) => LatchkeyError::ProviderLocked,
            error => error.id().into(),
        }
    }
}

#[cfg(test)]
mod tests;
