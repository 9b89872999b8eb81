//! CTAP2 status codes (CTAP 2.3 section 8.2).

use core::fmt;

/// The first byte of every CTAP2 response.
///
/// Any byte is a `Status`, so that a client can pass on what it does not know.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Status(pub u8);

macro_rules! statuses {
    ($($(#[$doc:meta])* $name:ident = $value:literal;)*) => {
        impl Status {
            $($(#[$doc])* pub const $name: Status = Status($value);)*

            /// The specification's name without its prefix, if the code has one.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some(stringify!($name)),)*
                    _ => None,
                }
            }
        }
    };
}

statuses! {
    /// Success.
    OK = 0x00;
    /// Unknown or unsupported command.
    INVALID_COMMAND = 0x01;
    /// A value is outside its allowed set.
    INVALID_PARAMETER = 0x02;
    /// Empty message or wrong length.
    INVALID_LENGTH = 0x03;
    /// Wrong sequence number (CTAPHID).
    INVALID_SEQ = 0x04;
    /// Message timed out (transport).
    TIMEOUT = 0x05;
    /// Another ceremony is in progress.
    CHANNEL_BUSY = 0x06;
    /// The command needs a channel lock.
    LOCK_REQUIRED = 0x0A;
    /// Invalid channel (CTAPHID).
    INVALID_CHANNEL = 0x0B;
    /// Well-formed CBOR of the wrong type.
    CBOR_UNEXPECTED_TYPE = 0x11;
    /// Not canonical, truncated, too deep, or followed by other bytes.
    INVALID_CBOR = 0x12;
    /// A required top-level member is absent.
    MISSING_PARAMETER = 0x14;
    /// A list is longer than `maxCredentialCountInList`.
    LIMIT_EXCEEDED = 0x15;
    /// The fingerprint database is full.
    FP_DATABASE_FULL = 0x17;
    /// The large-blob array is full.
    LARGE_BLOB_STORAGE_FULL = 0x18;
    /// The exclude list names a credential held here.
    CREDENTIAL_EXCLUDED = 0x19;
    /// Still processing.
    PROCESSING = 0x21;
    /// The credential is not valid.
    INVALID_CREDENTIAL = 0x22;
    /// Waiting for the user.
    USER_ACTION_PENDING = 0x23;
    /// An operation is pending.
    OPERATION_PENDING = 0x24;
    /// No operation is pending.
    NO_OPERATIONS = 0x25;
    /// No offered algorithm is supported.
    UNSUPPORTED_ALGORITHM = 0x26;
    /// The user refused.
    OPERATION_DENIED = 0x27;
    /// No room for another passkey.
    KEY_STORE_FULL = 0x28;
    /// A known option that this command does not support.
    UNSUPPORTED_OPTION = 0x2B;
    /// An option value that is not valid here.
    INVALID_OPTION = 0x2C;
    /// The client cancelled.
    KEEPALIVE_CANCEL = 0x2D;
    /// Nothing matches the request.
    NO_CREDENTIALS = 0x2E;
    /// The prompt was not answered in time.
    USER_ACTION_TIMEOUT = 0x2F;
    /// Continuation without state, or not allowed now.
    NOT_ALLOWED = 0x30;
    /// The PIN is wrong.
    PIN_INVALID = 0x31;
    /// The PIN is blocked for good.
    PIN_BLOCKED = 0x32;
    /// The `pinUvAuthParam` does not verify.
    PIN_AUTH_INVALID = 0x33;
    /// PIN use is blocked until a power cycle.
    PIN_AUTH_BLOCKED = 0x34;
    /// No PIN is set.
    PIN_NOT_SET = 0x35;
    /// A `pinUvAuthToken` is required.
    PUAT_REQUIRED = 0x36;
    /// The new PIN breaks the policy.
    PIN_POLICY_VIOLATION = 0x37;
    /// Reserved; never sent.
    PIN_TOKEN_EXPIRED = 0x38;
    /// The message is longer than `maxMsgSize`.
    REQUEST_TOO_LARGE = 0x39;
    /// The action timed out.
    ACTION_TIMEOUT = 0x3A;
    /// User presence is required.
    UP_REQUIRED = 0x3B;
    /// User verification is locked out.
    UV_BLOCKED = 0x3C;
    /// A stored credential fails its integrity check.
    INTEGRITY_FAILURE = 0x3D;
    /// Unknown subcommand.
    INVALID_SUBCOMMAND = 0x3E;
    /// User verification failed and may be tried again.
    UV_INVALID = 0x3F;
    /// The token lacks the permission.
    UNAUTHORIZED_PERMISSION = 0x40;
    /// Any other failure.
    OTHER = 0x7F;
    /// Last code of the specification.
    SPEC_LAST = 0xDF;
}

impl Status {
    /// `Ok(())` for [`Status::OK`], else the status as an error.
    ///
    /// # Errors
    /// Returns `self` unless it is [`Status::OK`].
    pub const fn into_result(self) -> Result<(), Status> {
        match self {
            Status::OK => Ok(()),
            other => Err(other),
        }
    }
}

impl From<u8> for Status {
    fn from(byte: u8) -> Self {
        Status(byte)
    }
}

impl From<Status> for u8 {
    fn from(status: Status) -> Self {
        status.0
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} (0x{:02X})", self.0),
            None => write!(f, "0x{:02X}", self.0),
        }
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Status {}

#[cfg(test)]
mod tests;
