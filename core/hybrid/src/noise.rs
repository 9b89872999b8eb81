//! The Noise handshake: KNpsk0 after a QR code, NKpsk0 between linked devices (CTAP 2.3 section
//! 11.5.1.3).
//!
//! `snow` runs the patterns on the primitives given here. They differ from its own in three ways: keys
//! are wiped, randomness comes from outside, and a number outside the group cannot end the process.

use core::fmt;

use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::CryptoResolver;
use snow::types::{Cipher, Dh, Hash, Random};
use snow::{Builder, HandshakeState};
use zeroize::{Zeroize, Zeroizing};

use aes_gcm::aead::AeadInPlace;
use aes_gcm::{Aes256Gcm, KeyInit};
use p256::SecretKey;
use rand_core::CryptoRngCore;
use sha2::{Digest, Sha256};

use crate::keys::{draw_scalar, ecdh, public_of};
use crate::transport::Transport;
use crate::{HybridError, KeyPair, PublicKey, Secret};

/// Length of each of the two handshake messages: an uncompressed point and the tag of an empty payload.
pub const MESSAGE_LEN: usize = POINT_LEN + TAG_LEN;

const POINT_LEN: usize = 65;
const TAG_LEN: usize = 16;

/// Protocol and prologue after a QR code, where the computer's key is known.
const QR: Pattern = Pattern { name: "Noise_KNpsk0_P256_AESGCM_SHA256", prologue: &[1] };

/// Protocol and prologue between linked devices, where the phone's key is known.
const LINKED: Pattern = Pattern { name: "Noise_NKpsk0_P256_AESGCM_SHA256", prologue: &[0] };

/// A pattern without static keys; it takes the place of a handshake that is over.
const BLANK: Pattern = Pattern { name: "Noise_NN_P256_AESGCM_SHA256", prologue: &[] };

#[derive(Clone, Copy)]
struct Pattern {
    name: &'static str,
    prologue: &'static [u8],
}

impl Pattern {
    /// A builder whose ephemeral key will be `ephemeral`.
    fn builder<'a>(self, ephemeral: Option<&Secret<32>>) -> Result<Builder<'a>, HybridError> {
        let params = self.name.parse().map_err(failure)?;
        let primitives = Primitives { ephemeral: ephemeral.cloned() };
        Builder::with_resolver(params, Box::new(primitives)).prologue(self.prologue).map_err(failure)
    }
}

/// The private key that one side makes for one handshake.
#[derive(Debug)]
pub struct EphemeralKey(Secret<32>);

impl EphemeralKey {
    /// Draws a key.
    ///
    /// # Errors
    /// [`HybridError::Randomness`]
    pub fn generate(rng: &mut dyn CryptoRngCore) -> Result<Self, HybridError> {
        draw_scalar(rng).map(EphemeralKey)
    }

    #[cfg(test)]
    pub(crate) const fn fixed(scalar: Secret<32>) -> Self {
        EphemeralKey(scalar)
    }
}

/// What a finished handshake leaves.
#[derive(Debug)]
pub struct Established {
    /// Seals and opens everything that follows.
    pub transport: Transport,
    /// Names this handshake; linking data is signed over it.
    pub handshake_hash: [u8; 32],
}

/// The phone's side, waiting for message 1.
#[derive(Debug)]
pub struct Responder(Handshake);

impl Responder {
    /// After a QR code: `computer` is the key of the code.
    ///
    /// # Errors
    /// [`HybridError::Handshake`] does not happen with keys of the right length.
    pub fn qr(computer: &PublicKey, psk: &Secret<32>, ephemeral: &EphemeralKey) -> Result<Self, HybridError> {
        let builder = QR.builder(Some(&ephemeral.0))?;
        let builder = builder.remote_public_key(computer.uncompressed()).map_err(failure)?;
        let state = builder.psk(0, psk.expose()).and_then(Builder::build_responder).map_err(failure)?;
        Ok(Responder(Handshake::new(state)))
    }

    /// Between linked devices: `identity` is the phone's key of the link.
    ///
    /// # Errors
    /// As [`Responder::qr`].
    pub fn linked(
        identity: &KeyPair,
        psk: &Secret<32>,
        ephemeral: &EphemeralKey,
    ) -> Result<Self, HybridError> {
        let scalar = identity.scalar();
        let builder = LINKED.builder(Some(&ephemeral.0))?;
        let builder = builder.local_private_key(scalar.expose()).map_err(failure)?;
        let state = builder.psk(0, psk.expose()).and_then(Builder::build_responder).map_err(failure)?;
        Ok(Responder(Handshake::new(state)))
    }

    /// Takes message 1 and gives message 2.
    ///
    /// # Errors
    /// [`HybridError::HandshakeLength`], [`HybridError::HandshakePoint`], [`HybridError::HandshakeTag`]
    pub fn respond(mut self, message1: &[u8]) -> Result<([u8; MESSAGE_LEN], Established), HybridError> {
        read(&mut self.0.0, message1)?;
        let message2 = write(&mut self.0.0)?;
        let (from_computer, from_phone, handshake_hash) = split(&mut self.0.0);
        Ok((message2, Established { transport: Transport::new(&from_phone, &from_computer), handshake_hash }))
    }
}

/// The computer's side, ready to send message 1.
#[derive(Debug)]
pub struct Initiator(Handshake);

impl Initiator {
    /// After a QR code: `code_key` is the key pair of the code.
    ///
    /// # Errors
    /// [`HybridError::Handshake`] does not happen with keys of the right length.
    pub fn qr(code_key: &KeyPair, psk: &Secret<32>, ephemeral: &EphemeralKey) -> Result<Self, HybridError> {
        let scalar = code_key.scalar();
        let builder = QR.builder(Some(&ephemeral.0))?;
        let builder = builder.local_private_key(scalar.expose()).map_err(failure)?;
        let state = builder.psk(0, psk.expose()).and_then(Builder::build_initiator).map_err(failure)?;
        Ok(Initiator(Handshake::new(state)))
    }

    /// Between linked devices: `phone` is the phone's key of the link.
    ///
    /// # Errors
    /// As [`Initiator::qr`].
    pub fn linked(
        phone: &PublicKey,
        psk: &Secret<32>,
        ephemeral: &EphemeralKey,
    ) -> Result<Self, HybridError> {
        let builder = LINKED.builder(Some(&ephemeral.0))?;
        let builder = builder.remote_public_key(phone.uncompressed()).map_err(failure)?;
        let state = builder.psk(0, psk.expose()).and_then(Builder::build_initiator).map_err(failure)?;
        Ok(Initiator(Handshake::new(state)))
    }

    /// Gives message 1.
    ///
    /// # Errors
    /// [`HybridError::HandshakePoint`] when the phone's stored key is not on the curve.
    pub fn start(mut self) -> Result<([u8; MESSAGE_LEN], Initiated), HybridError> {
        let message1 = write(&mut self.0.0)?;
        Ok((message1, Initiated(self.0)))
    }
}

/// The computer's side, waiting for message 2.
#[derive(Debug)]
pub struct Initiated(Handshake);

impl Initiated {
    #[cfg(test)]
    pub(crate) fn handshake_hash(&self) -> &[u8] {
        self.0.0.get_handshake_hash()
    }

    /// Takes message 2.
    ///
    /// # Errors
    /// [`HybridError::HandshakeLength`], [`HybridError::HandshakePoint`], [`HybridError::HandshakeTag`]
    pub fn finish(mut self, message2: &[u8]) -> Result<Established, HybridError> {
        read(&mut self.0.0, message2)?;
        let (from_computer, from_phone, handshake_hash) = split(&mut self.0.0);
        Ok(Established { transport: Transport::new(&from_computer, &from_phone), handshake_hash })
    }
}

/// A handshake under way. Boxed, so that moving it leaves no copy of its keys behind.
struct Handshake(Box<HandshakeState>);

impl Handshake {
    fn new(state: HandshakeState) -> Self {
        Handshake(Box::new(state))
    }
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

impl Drop for Handshake {
    /// Overwrites the chaining key and the pre-shared key, which `snow` would leave in memory.
    fn drop(&mut self) {
        if let Ok(blank) = BLANK.builder(None).and_then(|builder| builder.build_responder().map_err(failure))
        {
            *self.0 = blank;
            core::hint::black_box(&mut self.0);
        }
    }
}

fn read(state: &mut HandshakeState, message: &[u8]) -> Result<(), HybridError> {
    match message {
        [4, ..] if message.len() == MESSAGE_LEN => {}
        _ if message.len() != MESSAGE_LEN => return Err(HybridError::HandshakeLength(message.len())),
        _ => return Err(HybridError::HandshakePoint),
    }
    // The payload is empty, and its tag has been checked when this returns.
    state.read_message(message, &mut []).map_err(failure)?;
    Ok(())
}

fn write(state: &mut HandshakeState) -> Result<[u8; MESSAGE_LEN], HybridError> {
    let mut message = [0; MESSAGE_LEN];
    match state.write_message(&[], &mut message).map_err(failure)? {
        MESSAGE_LEN => Ok(message),
        len => Err(HybridError::HandshakeLength(len)),
    }
}

/// The keys from computer to phone and from phone to computer, and the handshake hash.
fn split(state: &mut HandshakeState) -> (Secret<32>, Secret<32>, [u8; 32]) {
    let (from_computer, from_phone) = state.dangerously_get_raw_split();
    let mut handshake_hash = [0; 32];
    for (to, from) in handshake_hash.iter_mut().zip(state.get_handshake_hash()) {
        *to = *from;
    }
    (Secret::new(from_computer), Secret::new(from_phone), handshake_hash)
}

fn failure(error: snow::Error) -> HybridError {
    match error {
        snow::Error::Dh => HybridError::HandshakePoint,
        snow::Error::Decrypt => HybridError::HandshakeTag,
        snow::Error::Rng => HybridError::Randomness,
        _ => HybridError::Handshake,
    }
}

/// The primitives of one handshake.
struct Primitives {
    ephemeral: Option<Secret<32>>,
}

impl CryptoResolver for Primitives {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(Drawn(self.ephemeral.clone())))
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        matches!(choice, DHChoice::P256).then(|| Box::new(P256::default()) as Box<dyn Dh>)
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        matches!(choice, HashChoice::SHA256).then(|| Box::new(Sha256Hash::default()) as Box<dyn Hash>)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        matches!(choice, CipherChoice::AESGCM).then(|| Box::new(AesGcm::default()) as Box<dyn Cipher>)
    }
}

/// Gives out the ephemeral key that was drawn before, once.
struct Drawn(Option<Secret<32>>);

impl Random for Drawn {
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), snow::Error> {
        let drawn = self.0.take().ok_or(snow::Error::Rng)?;
        if out.len() != drawn.expose().len() {
            return Err(snow::Error::Rng);
        }
        out.copy_from_slice(drawn.expose());
        Ok(())
    }
}

/// ECDH on P-256.
struct P256 {
    secret: Option<Box<SecretKey>>,
    public: [u8; POINT_LEN],
}

impl Default for P256 {
    fn default() -> Self {
        P256 { secret: None, public: [0; POINT_LEN] }
    }
}

impl Dh for P256 {
    fn name(&self) -> &'static str {
        "P256"
    }

    fn pub_len(&self) -> usize {
        POINT_LEN
    }

    fn priv_len(&self) -> usize {
        32
    }

    fn dh_len(&self) -> usize {
        32
    }

    /// A key that is not valid leaves none, and [`Dh::dh`] fails.
    fn set(&mut self, scalar: &[u8]) {
        self.secret = SecretKey::from_slice(scalar).ok().map(Box::new);
        if let Some(public) = public_of(scalar) {
            self.public = public;
        }
    }

    fn generate(&mut self, rng: &mut dyn Random) -> Result<(), snow::Error> {
        let mut scalar = Zeroizing::new([0; 32]);
        rng.try_fill_bytes(scalar.as_mut_slice())?;
        self.set(scalar.as_slice());
        self.secret.as_ref().map(|_| ()).ok_or(snow::Error::Rng)
    }

    fn pubkey(&self) -> &[u8] {
        &self.public
    }

    /// Nothing in a handshake asks for it.
    fn privkey(&self) -> &[u8] {
        &[]
    }

    fn dh(&self, point: &[u8], out: &mut [u8]) -> Result<(), snow::Error> {
        let secret = self.secret.as_ref().ok_or(snow::Error::Dh)?;
        let shared = ecdh(secret, point).ok_or(snow::Error::Dh)?;
        out.get_mut(..32).ok_or(snow::Error::Dh)?.copy_from_slice(shared.expose());
        Ok(())
    }
}

/// AES-256-GCM with the nonce of Noise: 4 zero bytes and the counter, 8 bytes big endian.
#[derive(Default)]
struct AesGcm(Zeroizing<[u8; 32]>);

impl AesGcm {
    fn nonce(counter: u64) -> [u8; 12] {
        let [c0, c1, c2, c3, c4, c5, c6, c7] = counter.to_be_bytes();
        [0, 0, 0, 0, c0, c1, c2, c3, c4, c5, c6, c7]
    }
}

impl Cipher for AesGcm {
    fn name(&self) -> &'static str {
        "AESGCM"
    }

    fn set(&mut self, key: &[u8; 32]) {
        self.0.zeroize();
        self.0.copy_from_slice(key);
    }

    /// Returns 0 when `out` is too short, which the callers' length checks turn into an error.
    fn encrypt(&self, counter: u64, authtext: &[u8], plaintext: &[u8], out: &mut [u8]) -> usize {
        let Some((body, rest)) = out.split_at_mut_checked(plaintext.len()) else { return 0 };
        let Some(tag_out) = rest.first_chunk_mut::<TAG_LEN>() else { return 0 };
        body.copy_from_slice(plaintext);
        let cipher = Aes256Gcm::new((&*self.0).into());
        match cipher.encrypt_in_place_detached(&Self::nonce(counter).into(), authtext, body) {
            Ok(tag) => *tag_out = tag.into(),
            Err(_) => return 0,
        }
        plaintext.len() + TAG_LEN
    }

    fn decrypt(
        &self,
        counter: u64,
        authtext: &[u8],
        sealed: &[u8],
        out: &mut [u8],
    ) -> Result<usize, snow::Error> {
        let (ciphertext, tag) = sealed.split_last_chunk::<TAG_LEN>().ok_or(snow::Error::Decrypt)?;
        let body = out.get_mut(..ciphertext.len()).ok_or(snow::Error::Decrypt)?;
        body.copy_from_slice(ciphertext);
        Aes256Gcm::new((&*self.0).into())
            .decrypt_in_place_detached(&Self::nonce(counter).into(), authtext, body, tag.into())
            .map_err(|_| snow::Error::Decrypt)?;
        Ok(ciphertext.len())
    }
}

/// SHA-256.
#[derive(Default)]
struct Sha256Hash(Sha256);

impl Hash for Sha256Hash {
    fn name(&self) -> &'static str {
        "SHA256"
    }

    fn block_len(&self) -> usize {
        64
    }

    fn hash_len(&self) -> usize {
        32
    }

    fn reset(&mut self) {
        self.0.reset();
    }

    fn input(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn result(&mut self, out: &mut [u8]) {
        for (to, from) in out.iter_mut().zip(self.0.finalize_reset()) {
            *to = from;
        }
    }
}

#[cfg(test)]
mod tests;
