//! How a phone unlocks a workstation: the encrypted channel between them, the messages in it, and the
//! proof that the phone's owner is there. docs/control-center.md, section "Unlock", has the steps.
//!
//! The phone is the initiator of a Noise NKpsk0 handshake: it knows the workstation's key since the
//! pairing, or from the sign-in code on its screen, and both know a secret of that pairing or code. The
//! hash of the handshake is the challenge that the phone's passkey signs, so that a proof is of use in
//! this channel alone, and nobody who carries the messages can answer in the place of either side.
//!
//! Nothing here opens a socket or reads a clock. The workstation's half, checking a proof, is behind the
//! feature `workstation`.
#![forbid(unsafe_code)]

pub mod channel;
pub mod error;
pub mod message;
#[cfg(feature = "workstation")]
pub mod proof;
pub mod psk;

pub use channel::{Channel, MAX_FRAME, Opening, accept};
pub use error::UnlockError;
pub use message::{FromComputer, FromPhone, Message, Offline, Proof, Reason, SignInOutcome};
#[cfg(feature = "workstation")]
pub use proof::{KnownPasskey, ProofError, verify};
pub use psk::{Psk, pairing_secret};

/// The keys of the handshake, and the traits of its random source.
pub use latchkey_hybrid::{KeyPair, PublicKey, rand_core};
