//! The secrets that a pairing, or a sign-in code, gives both sides.

use hkdf::Hkdf;
use latchkey_hybrid::Secret;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The pre-shared key of the handshake.
#[derive(Clone, Debug)]
pub struct Psk(Secret<32>);

impl Psk {
    /// The key between a phone and a workstation that are paired.
    #[must_use]
    pub fn of_pairing(secret: &[u8; 32]) -> Self {
        Psk::of(secret)
    }

    /// The key between a workstation and the phone that read its sign-in code.
    #[must_use]
    pub fn of_code(nonce: &[u8; 32]) -> Self {
        Psk::of(nonce)
    }

    fn of(secret: &[u8; 32]) -> Self {
        Psk(Secret::new(*derive(secret, &[b"latchkey-unlock/1 psk"])))
    }

    pub(crate) const fn secret(&self) -> &Secret<32> {
        &self.0
    }
}

/// The secret of a pairing: from the nonce and the request ID of the code that it began with.
#[must_use]
pub fn pairing_secret(nonce: &[u8; 32], request_id: &str) -> Zeroizing<[u8; 32]> {
    derive(nonce, &[b"latchkey-pairing/1", request_id.as_bytes()])
}

/// HKDF-SHA-256 without a salt, 32 bytes.
fn derive(secret: &[u8; 32], info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    let expanded = Hkdf::<Sha256>::new(None, secret).expand_multi_info(info, key.as_mut());
    // 32 bytes are within HKDF's 255 blocks.
    let Ok(()) = expanded else { unreachable!() };
    key
}

#[cfg(test)]
mod tests;
