//! Why a message could not be decoded.

use thiserror::Error;

use crate::Status;
use crate::cbor::CborError;

/// Why bytes are not the message they should be. Members carry the specification's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Not canonical CBOR, or a known member is of the wrong type.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// A required parameter is absent.
    #[error("{0} is missing")]
    MissingParameter(&'static str),
    /// A required member of a structure inside the message is absent.
    #[error("{0} is missing")]
    MissingMember(&'static str),
    /// A value of the right type is outside its allowed set or of the wrong length.
    #[error("{0} has a value that is not allowed")]
    InvalidValue(&'static str),
    /// Authenticator data ends before what its flags announce.
    #[error("authenticator data ends too early")]
    AuthenticatorDataTruncated,
    /// Authenticator data goes on after what its flags announce.
    #[error("bytes follow the authenticator data")]
    AuthenticatorDataTrailing,
    /// A COSE key of an algorithm, curve or form that Latchkey does not know.
    #[error("COSE key of an unknown kind")]
    UnknownKey,
}

impl DecodeError {
    /// How an authenticator answers a request with this fault (CTAP 2.3 section 8.2).
    #[must_use]
    pub const fn status(self) -> Status {
        match self {
            DecodeError::Cbor(CborError::UnexpectedType) | DecodeError::MissingMember(_) => {
                Status::CBOR_UNEXPECTED_TYPE
            }
            DecodeError::Cbor(_) => Status::INVALID_CBOR,
            DecodeError::MissingParameter(_) => Status::MISSING_PARAMETER,
            DecodeError::InvalidValue(_)
            | DecodeError::AuthenticatorDataTruncated
            | DecodeError::AuthenticatorDataTrailing
            | DecodeError::UnknownKey => Status::INVALID_PARAMETER,
        }
    }
}

impl From<DecodeError> for Status {
    fn from(error: DecodeError) -> Self {
        error.status()
    }
}
