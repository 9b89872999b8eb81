//! The key schedule (CTAP 2.3 section 11.5.1.2, key derivation).

use core::fmt;

use hkdf::Hkdf;
use sha2::Sha256;

use crate::{Eid, Secret, TunnelId};

/// What a derived key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Seals the advert; 64 bytes.
    EidKey = 1,
    /// Names the tunnel; 16 bytes.
    TunnelId = 2,
    /// Pre-shared key of the Noise handshake; 32 bytes.
    Psk = 3,
    /// A phone's secret of one link; 32 bytes.
    PairedSecret = 4,
    /// Seed of a phone's identity key; 32 bytes.
    IdentityKeySeed = 5,
    /// A phone's secret of one contact ID; 32 bytes.
    PerContactSecret = 6,
}

/// HKDF-SHA-256 with the purpose, 4 bytes little endian, as info. `N` is at most 64 in this protocol.
#[must_use]
pub fn derive<const N: usize>(secret: &[u8], salt: &[u8], purpose: Purpose) -> Secret<N> {
    const { assert!(N <= 255 * 32, "HKDF-SHA-256 gives at most 8160 bytes") };
    Secret::filled(|out| {
        let info = (purpose as u32).to_le_bytes();
        let expanded = Hkdf::<Sha256>::new(Some(salt), secret).expand(&info, out);
        debug_assert!(expanded.is_ok(), "the length is checked at compile time");
    })
}

/// The key that seals and opens adverts: an AES-256 key and an HMAC-SHA-256 key, 32 bytes each.
#[derive(Clone, PartialEq, Eq)]
pub struct EidKey(pub(crate) Secret<64>);

impl EidKey {
    /// The key of a QR ceremony.
    #[must_use]
    pub fn of_qr(secret: &Secret<16>) -> Self {
        EidKey(derive(secret.expose(), &[], Purpose::EidKey))
    }

    /// The key of one ceremony between a phone and a linked computer.
    #[must_use]
    pub fn of_link(link_secret: &Secret<32>, client_nonce: &[u8; 16]) -> Self {
        EidKey(derive(link_secret.expose(), client_nonce, Purpose::EidKey))
    }
}

impl fmt::Debug for EidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EidKey(<redacted>)")
    }
}

/// The tunnel of a QR ceremony.
#[must_use]
pub fn tunnel_id(secret: &Secret<16>) -> TunnelId {
    TunnelId::new(*derive(secret.expose(), &[], Purpose::TunnelId).expose())
}

/// The pre-shared key: from the QR secret (16 bytes) or the link secret (32), and the advert's plaintext.
#[must_use]
pub fn psk<const N: usize>(secret: &Secret<N>, eid: &Eid) -> Secret<32> {
    derive(secret.expose(), eid.as_bytes(), Purpose::Psk)
}
