//! The phone's proof that it holds a set.

use core::fmt;

use latchkey_ctap::cbor::{Item, MapWriter};

use crate::entries::{exactly, u32};
use crate::error::OfflineError;
use crate::set::{SetId, SetKey};

const VERSION: u64 = 1;

/// The newest set that the phone has accepted, and the proof that it did: HMAC-SHA-256(set_key,
/// "offline-ack/1" || set_id).
///
/// It is sent once right after a handover, and again at the start of every online authentication:
/// the workstation must know which set the phone holds before it issues another, since the first
/// acknowledgement may have been lost.
#[derive(Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    pub(crate) generation: u32,
    pub(crate) set_id: SetId,
    pub(crate) mac: [u8; 32],
}

impl Acknowledgement {
    pub(crate) fn new(generation: u32, set_id: SetId, key: &SetKey) -> Self {
        Acknowledgement { generation, set_id, mac: key.mac(&[b"offline-ack/1", &set_id.0]) }
    }

    /// Canonical CBOR: {1: version, 2: generation, 3: set ID, 4: proof (32 bytes)}.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut map = MapWriter::new();
        map.number(1).unsigned(VERSION);
        map.number(2).unsigned(self.generation.into());
        map.number(3).bytes(&self.set_id.0);
        map.number(4).bytes(&self.mac);
        map.finish()
    }

    /// Undoes [`Acknowledgement::encode`]; nothing else is accepted.
    ///
    /// # Errors
    /// [`OfflineError::Malformed`], [`OfflineError::UnexpectedEntries`],
    /// [`OfflineError::UnknownVersion`], [`OfflineError::InvalidGeneration`]
    pub fn decode(bytes: &[u8]) -> Result<Self, OfflineError> {
        let [version, generation, set_id, mac] = exactly(Item::parse(bytes)?, [1, 2, 3, 4])?;
        match version.unsigned()? {
            VERSION => {}
            other => return Err(OfflineError::UnknownVersion(other)),
        }
        let generation = u32(generation)?;
        if generation == 0 {
            return Err(OfflineError::InvalidGeneration);
        }
        Ok(Acknowledgement { generation, set_id: SetId(set_id.byte_array()?), mac: mac.byte_array()? })
    }
}

impl fmt::Debug for Acknowledgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Acknowledgement(generation {}, redacted)", self.generation)
    }
}

#[cfg(test)]
mod tests;
