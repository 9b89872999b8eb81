//! Frames after the handshake: AES-256-GCM with a key and a counter for each direction, and padding
//! inside (CTAP 2.3 section 11.5.1.4).

use core::fmt;

use aes_gcm::aead::AeadInPlace;
use aes_gcm::{Aes256Gcm, KeyInit};

use crate::{HybridError, Secret};

/// Longest message on the tunnel, in bytes.
pub const MAX_MESSAGE_SIZE: usize = 1 << 20;

/// Last frame that a key may seal.
pub const MAX_COUNTER: u32 = (1 << 24) - 1;

/// Plaintexts are padded to a multiple of this.
const BLOCK: usize = 32;

const TAG_LEN: usize = 16;

/// Seals what this side sends and opens what it receives, in order.
///
/// Any frame that does not open ends the transport: its keys are wiped and nothing works after it.
pub struct Transport {
    keys: Option<Box<Keys>>,
}

struct Keys {
    sending: Direction,
    receiving: Direction,
}

/// One direction. The cipher wipes its key schedule when dropped.
struct Direction {
    cipher: Aes256Gcm,
    counter: u32,
}

impl Direction {
    fn new(key: &Secret<32>) -> Self {
        Direction { cipher: Aes256Gcm::new(key.expose().into()), counter: 0 }
    }

    /// The nonce of the next frame: 8 zero bytes and the counter, 4 bytes big endian.
    fn next_nonce(&mut self) -> Result<[u8; 12], HybridError> {
        if self.counter > MAX_COUNTER {
            return Err(HybridError::TransportClosed);
        }
        let [c0, c1, c2, c3] = self.counter.to_be_bytes();
        self.counter += 1;
        Ok([0, 0, 0, 0, 0, 0, 0, 0, c0, c1, c2, c3])
    }
}

impl Transport {
    /// A transport with the two keys of a handshake.
    #[must_use]
    pub fn new(sending: &Secret<32>, receiving: &Secret<32>) -> Self {
        let keys = Keys { sending: Direction::new(sending), receiving: Direction::new(receiving) };
        Transport { keys: Some(Box::new(keys)) }
    }

    #[cfg(test)]
    pub(crate) fn set_counters(&mut self, counter: u32) {
        let keys = self.keys.as_mut().unwrap();
        (keys.sending.counter, keys.receiving.counter) = (counter, counter);
    }

    /// Pads and seals a message.
    ///
    /// # Errors
    /// [`HybridError::MessageTooLong`], [`HybridError::TransportClosed`]
    pub fn seal(&mut self, message: &[u8]) -> Result<Vec<u8>, HybridError> {
        let keys = self.keys.as_mut().ok_or(HybridError::TransportClosed)?;
        let mut frame = Self::pad(message);
        if frame.len() + TAG_LEN > MAX_MESSAGE_SIZE {
            return Err(HybridError::MessageTooLong(message.len()));
        }
        let nonce = keys.sending.next_nonce()?;
        keys.sending
            .cipher
            .encrypt_in_place(&nonce.into(), &[], &mut frame)
            .map_err(|_| HybridError::MessageTooLong(message.len()))?;
        Ok(frame)
    }

    /// Opens a frame and takes the padding off.
    ///
    /// # Errors
    /// [`HybridError::MessageTooLong`], [`HybridError::Decrypt`], [`HybridError::Padding`],
    /// [`HybridError::TransportClosed`]; each of them ends the transport.
    pub fn open(&mut self, frame: Vec<u8>) -> Result<Vec<u8>, HybridError> {
        // The keys go back only when all went well.
        let mut keys = self.keys.take().ok_or(HybridError::TransportClosed)?;
        let message = keys.receiving.open(frame)?;
        self.keys = Some(keys);
        Ok(message)
    }

    /// Appends zeros up to one short of the next multiple of 32, then their number. Leaves room for a tag.
    pub(crate) fn pad(message: &[u8]) -> Vec<u8> {
        let zeros = BLOCK - 1 - message.len() % BLOCK;
        let mut padded = Vec::with_capacity(message.len() + BLOCK + TAG_LEN);
        padded.extend_from_slice(message);
        padded.resize(message.len() + zeros, 0);
        padded.push(u8::try_from(zeros).unwrap_or_default());
        padded
    }

    /// Takes padding off. The length need not be a multiple of 32: some computers put the type byte in
    /// front after padding.
    pub(crate) fn unpad(mut padded: Vec<u8>) -> Result<Vec<u8>, HybridError> {
        let zeros = padded.pop().ok_or(HybridError::Padding)?;
        let len = padded.len().checked_sub(usize::from(zeros)).ok_or(HybridError::Padding)?;
        padded.truncate(len);
        Ok(padded)
    }
}

impl Direction {
    fn open(&mut self, mut frame: Vec<u8>) -> Result<Vec<u8>, HybridError> {
        if frame.len() > MAX_MESSAGE_SIZE {
            return Err(HybridError::MessageTooLong(frame.len()));
        }
        let nonce = self.next_nonce()?;
        self.cipher.decrypt_in_place(&nonce.into(), &[], &mut frame).map_err(|_| HybridError::Decrypt)?;
        Transport::unpad(frame)
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transport(<redacted>)")
    }
}

#[cfg(test)]
mod tests;
