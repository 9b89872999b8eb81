//! The encrypted channel: Noise NKpsk0 on P-256 with the frames of the hybrid transport.

use core::fmt;

use latchkey_hybrid::noise::{EphemeralKey, Initiated, Initiator, Responder};
use latchkey_hybrid::transport::Transport;
use latchkey_hybrid::{KeyPair, PublicKey};
use rand_core::CryptoRngCore;
use sha2::{Digest, Sha256};

use crate::error::UnlockError;
use crate::message::Message;
use crate::psk::Psk;

/// Longest frame, in bytes: what an out-of-band request carries as one message.
pub const MAX_FRAME: usize = 8 * 1024;

/// The phone's side, waiting for message 2.
#[derive(Debug)]
pub struct Opening {
    handshake: Initiated,
    machine_id: String,
}

impl Opening {
    /// Begins: message 1 for the workstation whose key is `machine`.
    ///
    /// # Errors
    /// [`UnlockError::Handshake`] when the random source is broken.
    pub fn start(
        machine: &PublicKey,
        machine_id: &str,
        psk: &Psk,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<(Vec<u8>, Opening), UnlockError> {
        let ephemeral = EphemeralKey::generate(rng).map_err(UnlockError::Handshake)?;
        let initiator =
            Initiator::linked(machine, psk.secret(), &ephemeral).map_err(UnlockError::Handshake)?;
        let (message1, handshake) = initiator.start().map_err(UnlockError::Handshake)?;
        Ok((message1.to_vec(), Opening { handshake, machine_id: machine_id.to_owned() }))
    }

    /// Takes message 2. The other side has then shown that it holds the machine key and the secret.
    ///
    /// # Errors
    /// [`UnlockError::Handshake`]
    pub fn finish(self, message2: &[u8]) -> Result<Channel, UnlockError> {
        let established = self.handshake.finish(message2).map_err(UnlockError::Handshake)?;
        Ok(Channel::new(established.transport, &established.handshake_hash, &self.machine_id))
    }
}

/// The workstation's side: takes message 1 and gives message 2. The other side has shown that it holds
/// the secret; that its owner is there, only a [`Proof`](crate::Proof) shows.
///
/// # Errors
/// [`UnlockError::Handshake`]
pub fn accept(
    machine: &KeyPair,
    machine_id: &str,
    psk: &Psk,
    message1: &[u8],
    rng: &mut dyn CryptoRngCore,
) -> Result<(Vec<u8>, Channel), UnlockError> {
    let ephemeral = EphemeralKey::generate(rng).map_err(UnlockError::Handshake)?;
    let responder = Responder::linked(machine, psk.secret(), &ephemeral).map_err(UnlockError::Handshake)?;
    let (message2, established) = responder.respond(message1).map_err(UnlockError::Handshake)?;
    Ok((message2.to_vec(), Channel::new(established.transport, &established.handshake_hash, machine_id)))
}

/// One established channel, at either side. Wipes its keys when dropped.
pub struct Channel {
    transport: Transport,
    challenge: [u8; 32],
}

impl Channel {
    fn new(transport: Transport, handshake_hash: &[u8; 32], machine_id: &str) -> Self {
        let challenge = Sha256::new()
            .chain_update(b"latchkey-unlock/1 challenge")
            .chain_update(handshake_hash)
            .chain_update(machine_id)
            .finalize();
        Channel { transport, challenge: challenge.into() }
    }

    /// The WebAuthn challenge of this channel: SHA-256("latchkey-unlock/1 challenge" || handshake hash ||
    /// machine ID). Both sides compute it; it is never sent.
    #[must_use]
    pub const fn challenge(&self) -> &[u8; 32] {
        &self.challenge
    }

    /// Encodes and seals a message.
    ///
    /// # Errors
    /// [`UnlockError::TooLong`] when it needs more than [`MAX_FRAME`] bytes, [`UnlockError::Frame`]
    pub fn seal<M: Message>(&mut self, message: &M) -> Result<Vec<u8>, UnlockError> {
        let frame = self.transport.seal(&message.encode()).map_err(UnlockError::Frame)?;
        if frame.len() > MAX_FRAME { Err(UnlockError::TooLong(frame.len())) } else { Ok(frame) }
    }

    /// Opens and decodes the next frame of the other side.
    ///
    /// # Errors
    /// [`UnlockError::TooLong`]; [`UnlockError::Frame`], which ends the channel; what
    /// [`Message::decode`] refuses.
    pub fn open<M: Message>(&mut self, frame: &[u8]) -> Result<M, UnlockError> {
        if frame.len() > MAX_FRAME {
            return Err(UnlockError::TooLong(frame.len()));
        }
        let message = self.transport.open(frame.to_vec()).map_err(UnlockError::Frame)?;
        M::decode(&zeroize::Zeroizing::new(message))
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Channel(<redacted>)")
    }
}

#[cfg(test)]
mod tests;
