//! Why a hybrid ceremony, or one of its pieces, failed.

use latchkey_ctap::DecodeError;
use latchkey_ctap::cbor::CborError;
use thiserror::Error;

use crate::QrError;

/// A part of a ceremony that is bounded in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Opening the tunnel.
    TunnelOpening,
    /// The phone advertises, or the computer listens, until the other side is heard.
    Advertising,
    /// The Noise handshake and the message after it.
    Handshake,
    /// Connected, with no command under way.
    Connected,
    /// A command is under way.
    Command,
}

/// Why a ceremony failed, or why a piece of it is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HybridError {
    /// The QR code is not acceptable.
    #[error("QR code: {0}")]
    Qr(#[from] QrError),
    /// The same QR code was served a short time ago.
    #[error("this QR code has been used already")]
    CodeAlreadyUsed,
    /// The random source gave no usable key in many attempts.
    #[error("the random source is broken")]
    Randomness,

    /// Bytes are not a P-256 point in the form that belongs here.
    #[error("not a P-256 public key")]
    InvalidPublicKey,
    /// Bytes are not a P-256 private key.
    #[error("not a P-256 private key")]
    InvalidPrivateKey,

    /// Service data is shorter than an advert.
    #[error("the advert is too short")]
    AdvertTooShort,
    /// The advert's tag does not match: it belongs to another ceremony, or was damaged.
    #[error("the advert is not of this ceremony")]
    AdvertForeign,
    /// The advert's reserved byte is not zero.
    #[error("the advert's reserved byte is not zero")]
    AdvertReserved,
    /// What follows the advert is not a channel identifier.
    #[error("the advert's suffix is not valid")]
    AdvertSuffix,

    /// A tunnel domain number that is not assigned (2 to 255).
    #[error("tunnel domain {0} is not assigned")]
    UnassignedDomain(u16),
    /// A routing ID that is not 6 hexadecimal digits.
    #[error("the routing ID is not 6 hexadecimal digits")]
    InvalidRoutingId,
    /// A tunnel ID that is not 32 hexadecimal digits.
    #[error("the tunnel ID is not 32 hexadecimal digits")]
    InvalidTunnelId,
    /// A path that no tunnel service serves.
    #[error("not a path of a tunnel service")]
    InvalidTunnelPath,
    /// A client payload that is not hexadecimal, or lacks a member.
    #[error("the client payload is not valid")]
    InvalidClientPayload,
    /// The tunnel service opened the tunnel without a routing ID.
    #[error("the tunnel service gave no routing ID")]
    NoRoutingId,

    /// A handshake message is not 81 bytes long.
    #[error("a handshake message of {0} bytes")]
    HandshakeLength(usize),
    /// A handshake message does not carry a point of the curve in uncompressed form.
    #[error("a handshake message without a valid point")]
    HandshakePoint,
    /// A handshake message does not authenticate: the other side does not hold the keys of this ceremony.
    #[error("a handshake message does not authenticate")]
    HandshakeTag,
    /// The Noise library refused for another reason.
    #[error("the handshake failed")]
    Handshake,

    /// A frame or message is longer than the protocol allows.
    #[error("a message of {0} bytes")]
    MessageTooLong(usize),
    /// A frame does not decrypt: damaged, lost, repeated, out of order, or from somebody else.
    #[error("a frame does not decrypt")]
    Decrypt,
    /// A frame's padding is not valid.
    #[error("a frame's padding is not valid")]
    Padding,
    /// More frames than one key may seal, or a frame after one that failed.
    #[error("the connection's keys are used up")]
    TransportClosed,

    /// A message is not canonical CBOR, or a member has the wrong type.
    #[error("a message is not valid: {0}")]
    Cbor(#[from] CborError),
    /// An empty message, or a CTAP message without a command or status byte.
    #[error("an empty message")]
    EmptyMessage,
    /// A message of a type that this side does not know or expect.
    #[error("a message of unexpected type {0}")]
    UnexpectedMessage(u8),
    /// The phone's answer of authenticatorGetInfo is not valid.
    #[error("the phone's getInfo is not valid: {0}")]
    GetInfo(#[from] DecodeError),
    /// The post-handshake message offers no CTAP.
    #[error("the other side does not speak CTAP")]
    NoCtap,
    /// A required member is missing from a message.
    #[error("member {0} is missing from a message")]
    MissingMember(u8),
    /// Linking data whose signature does not verify.
    #[error("the linking data's signature does not verify")]
    LinkingSignature,
    /// More commands than one ceremony serves.
    #[error("too many commands in one ceremony")]
    TooManyCommands,

    /// The other side, or the tunnel service, closed the connection.
    #[error("the connection was closed")]
    Closed(Stage),
    /// Nothing happened in time.
    #[error("timed out")]
    TimedOut(Stage),
    /// The computer ended the ceremony before it was answered.
    #[error("cancelled on the computer")]
    CancelledByComputer,
    /// The caller ended the ceremony.
    #[error("cancelled")]
    Cancelled,
    /// The caller sent an event that does not belong to the present state.
    #[error("an event that does not belong here")]
    UnexpectedEvent,
}
