//! What the two sides say in the channel: canonical CBOR maps of exactly the entries named here, entry 1
//! the type of the message.

use core::fmt;

use latchkey_ctap::cbor::{Item, Writer};
use zeroize::Zeroizing;

use crate::error::UnlockError;

/// What can travel in a channel.
pub trait Message: Sized {
    /// Canonical CBOR.
    fn encode(&self) -> Zeroizing<Vec<u8>>;

    /// Undoes [`Message::encode`]; nothing else is accepted.
    ///
    /// # Errors
    /// [`UnlockError::Malformed`], [`UnlockError::UnexpectedEntries`], [`UnlockError::UnknownMessage`],
    /// [`UnlockError::UnknownValue`]
    fn decode(bytes: &[u8]) -> Result<Self, UnlockError>;
}

/// From the phone to the workstation.
#[derive(Clone, PartialEq, Eq)]
pub enum FromPhone {
    /// The phone's owner wants the workstation unlocked.
    Proof(Box<Proof>),
    /// The set of offline PINs is on the phone's disk: the encoding of
    /// `latchkey_offline::Acknowledgement`.
    OfflineStored(Vec<u8>),
    /// What became of the code of a session passkey.
    SignInServed(SignInOutcome),
}

/// From the workstation to the phone.
#[derive(Clone, PartialEq, Eq)]
pub enum FromComputer {
    /// Unlocked.
    Unlocked {
        /// What becomes of offline PINs.
        offline: Offline,
    },
    /// Not unlocked. The request is over.
    Refused(Reason),
    /// A set of offline PINs: the encoding of `latchkey_offline::PinSet`. Holds a key.
    OfflineSet(Zeroizing<Vec<u8>>),
    /// Serve this `FIDO:/` code as if it had been read from the workstation's screen.
    SignIn {
        /// The text of the code.
        code: Zeroizing<String>,
    },
    /// Nothing more will follow.
    Bye,
}

/// A WebAuthn assertion of the pairing's passkey over the channel's challenge.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof {
    /// Credential ID.
    pub credential_id: Vec<u8>,
    /// Authenticator data.
    pub authenticator_data: Vec<u8>,
    /// Client data, exactly the bytes that were hashed.
    pub client_data_json: Vec<u8>,
    /// Signature over authenticator data and the hash of the client data.
    pub signature: Vec<u8>,
    /// The set of offline PINs that the phone holds for this workstation, if any: the encoding of
    /// `latchkey_offline::Acknowledgement`.
    pub offline_held: Option<Vec<u8>>,
}

/// What becomes of offline PINs after an unlock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Offline {
    /// None will follow: they are switched off, or this workstation cannot issue them now.
    Off = 0,
    /// A set will follow in [`FromComputer::OfflineSet`]; making it takes seconds.
    Coming = 1,
}

/// Why a workstation does not unlock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
pub enum Reason {
    /// The proof did not verify.
    NotVerified = 1,
    /// The passkey's counter did not grow: the passkey may have been copied.
    Counter = 2,
    /// The phone is not, or no longer, one that unlocks this workstation.
    NotPaired = 3,
    /// The workstation cannot do it now.
    Unavailable = 4,
}

/// What became of the code of a session passkey, as far as the phone knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[non_exhaustive]
pub enum SignInOutcome {
    /// The phone answered the computer's request.
    Served = 1,
    /// Nearness could not be shown.
    NotNear = 2,
    /// The phone's owner said no.
    Declined = 3,
    /// It failed for another reason.
    Failed = 4,
}

impl Message for FromPhone {
    /// {1: 1, 2: credential ID, 3: authenticator data, 4: client data, 5: signature, 6?: the set held},
    /// {1: 2, 2: acknowledgement} or {1: 3, 2: outcome}.
    fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut map = Writer::new();
        match self {
            FromPhone::Proof(proof) => {
                map.map(if proof.offline_held.is_some() { 6 } else { 5 }).unsigned(1).unsigned(1);
                map.unsigned(2).bytes(&proof.credential_id);
                map.unsigned(3).bytes(&proof.authenticator_data);
                map.unsigned(4).bytes(&proof.client_data_json);
                map.unsigned(5).bytes(&proof.signature);
                if let Some(held) = &proof.offline_held {
                    map.unsigned(6).bytes(held);
                }
            }
            FromPhone::OfflineStored(acknowledgement) => {
                valued(&mut map, 2).bytes(acknowledgement);
            }
            FromPhone::SignInServed(outcome) => {
                valued(&mut map, 3).unsigned(*outcome as u64);
            }
        }
        Zeroizing::new(map.finish())
    }

    fn decode(bytes: &[u8]) -> Result<Self, UnlockError> {
        let map = Item::parse(bytes)?;
        match kind(map)? {
            1 => {
                let found = map.numbered([1, 2, 3, 4, 5, 6])?;
                only(map, &found)?;
                let [_, credential_id, authenticator_data, client_data_json, signature, held] = found;
                Ok(FromPhone::Proof(Box::new(Proof {
                    credential_id: bytes_of(credential_id)?,
                    authenticator_data: bytes_of(authenticator_data)?,
                    client_data_json: bytes_of(client_data_json)?,
                    signature: bytes_of(signature)?,
                    offline_held: held.map(|held| bytes_of(Some(held))).transpose()?,
                })))
            }
            2 => Ok(FromPhone::OfflineStored(value(map)?.bytes()?.to_vec())),
            3 => Ok(FromPhone::SignInServed(match value(map)?.unsigned()? {
                1 => SignInOutcome::Served,
                2 => SignInOutcome::NotNear,
                3 => SignInOutcome::Declined,
                4 => SignInOutcome::Failed,
                other => return Err(UnlockError::UnknownValue(other)),
            })),
            other => Err(UnlockError::UnknownMessage(other)),
        }
    }
}

impl Message for FromComputer {
    /// {1: 1, 2: what becomes of offline PINs}, {1: 2, 2: reason}, {1: 3, 2: set}, {1: 4, 2: code (text)}
    /// or {1: 5}.
    fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut map = Writer::new();
        match self {
            FromComputer::Unlocked { offline } => {
                valued(&mut map, 1).unsigned(*offline as u64);
            }
            FromComputer::Refused(reason) => {
                valued(&mut map, 2).unsigned(*reason as u64);
            }
            // A secret stands last, so that no growing buffer leaves a copy of it behind.
            FromComputer::OfflineSet(set) => {
                valued(&mut map, 3).bytes(set);
            }
            FromComputer::SignIn { code } => {
                valued(&mut map, 4).text(code);
            }
            FromComputer::Bye => {
                map.map(1).unsigned(1).unsigned(5);
            }
        }
        Zeroizing::new(map.finish())
    }

    fn decode(bytes: &[u8]) -> Result<Self, UnlockError> {
        let map = Item::parse(bytes)?;
        match kind(map)? {
            1 => Ok(FromComputer::Unlocked {
                offline: match value(map)?.unsigned()? {
                    0 => Offline::Off,
                    1 => Offline::Coming,
                    other => return Err(UnlockError::UnknownValue(other)),
                },
            }),
            2 => Ok(FromComputer::Refused(match value(map)?.unsigned()? {
                1 => Reason::NotVerified,
                2 => Reason::Counter,
                3 => Reason::NotPaired,
                4 => Reason::Unavailable,
                other => return Err(UnlockError::UnknownValue(other)),
            })),
            3 => Ok(FromComputer::OfflineSet(Zeroizing::new(value(map)?.bytes()?.to_vec()))),
            4 => Ok(FromComputer::SignIn { code: Zeroizing::new(value(map)?.text()?.to_owned()) }),
            5 => {
                only(map, &map.numbered([1])?)?;
                Ok(FromComputer::Bye)
            }
            other => Err(UnlockError::UnknownMessage(other)),
        }
    }
}

/// Starts a message of this type with one more entry, 2, whose value follows.
fn valued(map: &mut Writer, kind: u64) -> &mut Writer {
    map.map(2).unsigned(1).unsigned(kind).unsigned(2)
}

/// Entry 1.
fn kind(map: Item<'_>) -> Result<u64, UnlockError> {
    let [kind] = map.numbered([1])?;
    Ok(kind.ok_or(UnlockError::UnexpectedEntries)?.unsigned()?)
}

/// Entry 2 of a message that has no others.
fn value(map: Item<'_>) -> Result<Item<'_>, UnlockError> {
    let found = map.numbered([1, 2])?;
    only(map, &found)?;
    let [_, value] = found;
    value.ok_or(UnlockError::UnexpectedEntries)
}

/// Whether `found` are all entries of the map.
fn only(map: Item<'_>, found: &[Option<Item<'_>>]) -> Result<(), UnlockError> {
    let known = found.iter().flatten().count();
    if map.map()?.count() == known { Ok(()) } else { Err(UnlockError::UnexpectedEntries) }
}

fn bytes_of(item: Option<Item<'_>>) -> Result<Vec<u8>, UnlockError> {
    Ok(item.ok_or(UnlockError::UnexpectedEntries)?.bytes()?.to_vec())
}

impl fmt::Debug for Proof {
    /// Redacted: it names a passkey.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof(redacted)")
    }
}

impl fmt::Debug for FromPhone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FromPhone::Proof(proof) => proof.fmt(f),
            FromPhone::OfflineStored(_) => f.write_str("OfflineStored(redacted)"),
            FromPhone::SignInServed(outcome) => write!(f, "SignInServed({outcome:?})"),
        }
    }
}

impl fmt::Debug for FromComputer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FromComputer::Unlocked { offline } => write!(f, "Unlocked({offline:?})"),
            FromComputer::Refused(reason) => write!(f, "Refused({reason:?})"),
            FromComputer::OfflineSet(_) => f.write_str("OfflineSet(redacted)"),
            FromComputer::SignIn { .. } => f.write_str("SignIn(redacted)"),
            FromComputer::Bye => f.write_str("Bye"),
        }
    }
}

#[cfg(test)]
mod tests;
