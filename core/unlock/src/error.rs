//! Why the channel, or a message in it, was refused.

use latchkey_ctap::cbor::CborError;
use latchkey_hybrid::HybridError;
use thiserror::Error;

/// Why the channel, or a message in it, was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UnlockError {
    /// The other side does not hold the keys of this pairing or code, or its message was changed.
    #[error("the channel could not be established: {0}")]
    Handshake(HybridError),
    /// A frame does not open: changed, repeated, lost, out of order, or from somebody else. The channel
    /// is over.
    #[error("a frame was refused: {0}")]
    Frame(HybridError),
    /// A frame, or a message that would need one, of more than [`MAX_FRAME`](crate::MAX_FRAME) bytes.
    #[error("a frame of {0} bytes")]
    TooLong(usize),
    /// A message is not canonical CBOR, or an entry has the wrong type.
    #[error("a message is not valid: {0}")]
    Malformed(#[from] CborError),
    /// A message with entries missing, or with entries that do not belong there.
    #[error("a message with missing or unknown entries")]
    UnexpectedEntries,
    /// A message of a type that this side does not know.
    #[error("a message of unknown type {0}")]
    UnknownMessage(u64),
    /// An entry that has a fixed list of values has another one.
    #[error("a message with the unknown value {0}")]
    UnknownValue(u64),
}
