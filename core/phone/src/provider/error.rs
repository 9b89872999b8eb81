//! Why a request of the operating system is refused before anybody is asked.

use thiserror::Error;

use crate::error_id::ErrorId;

/// Why a request of the operating system is refused. Says nothing of who asked for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// The JSON is longer than [`super::MAX_REQUEST`].
    #[error("the request has {0} bytes, too many")]
    TooLong(usize),
    /// The text is not JSON, or a member is missing or of the wrong type.
    #[error("the request is not in WebAuthn's JSON form")]
    Malformed,
    /// A member has a value that it cannot have.
    #[error("the request has no usable {0}")]
    InvalidMember(&'static str),
    /// The allow or exclude list is too long.
    #[error("the request names too many passkeys")]
    ListTooLong,
    /// The list of trusted browsers is not in the form that Android defines.
    #[error("the list of trusted browsers is malformed")]
    MalformedBrowserList,
    /// An app that claims to act for a web page is not a trusted browser.
    #[error("the calling app is not a trusted browser")]
    UntrustedBrowser,
    /// An app that is no browser brought a client data hash of its own, or somebody brought one with a
    /// signal, which has no client data.
    #[error("only a trusted browser may bring a client data hash, and only with a request")]
    ClientDataHashNotAllowed,
    /// The page's origin may not use the RP ID.
    #[error("the origin may not use the RP ID")]
    ForeignOrigin,
    /// The relying party does not name the calling app, or could not be asked.
    #[error("the relying party does not name the calling app")]
    AppNotLinked,
    /// The calling app is signed by several parties, or nobody knows by whom.
    #[error("the calling app has no single signer")]
    UnclearSigner,
    /// The phone was closed; open it again.
    #[error("the passkeys are closed")]
    Closed,
}

impl ProviderError {
    /// What this means to the person.
    #[must_use]
    pub const fn id(self) -> ErrorId {
        match self {
            ProviderError::TooLong(_)
            | ProviderError::Malformed
            | ProviderError::InvalidMember(_)
            | ProviderError::MalformedBrowserList => ErrorId::RequestMalformed,
            ProviderError::ListTooLong => ErrorId::RequestListTooLong,
            ProviderError::UntrustedBrowser
            | ProviderError::ClientDataHashNotAllowed
            | ProviderError::ForeignOrigin
            | ProviderError::AppNotLinked
            | ProviderError::UnclearSigner => ErrorId::ProviderCallerUntrusted,
            ProviderError::Closed => ErrorId::ProviderLocked,
        }
    }
}
