//! The Bluetooth advert: 20 bytes that only the computer of the ceremony can read (CTAP 2.3
//! section 11.5.1.2, EID).

use core::fmt;

use aes::Aes256;
use aes::cipher::{BlockDecrypt, BlockEncrypt, KeyInit};
use hmac::{Hmac, Mac};
use latchkey_ctap::cbor::Item;
use rand_core::CryptoRngCore;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::derive::EidKey;
use crate::{HybridError, RoutingId, TunnelDomain};

/// Length of an advert: one AES block and a tag of 4 bytes.
pub const ADVERT_LEN: usize = 20;

/// 16-bit service UUID that carries the advert. It is assigned to FIDO.
pub const SERVICE_UUID: u16 = 0xFFF9;

/// 16-bit service UUID that older phones use. Listen for it, never send it.
pub const LEGACY_SERVICE_UUID: u16 = 0xFDE2;

/// Draws that a random source gets for a plaintext that computers accept; 254 of 65536 are refused.
const DRAWS: usize = 16;

/// The plaintext of an advert, 16 bytes: a zero byte, a nonce (10 bytes), the routing ID (3), the
/// tunnel domain (2, little endian). A linked phone has no tunnel to name and sends 15 random bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Eid([u8; 16]);

impl Eid {
    /// The plaintext of a QR ceremony. `nonce` is random and used once.
    #[must_use]
    pub const fn new(nonce: [u8; 10], routing_id: RoutingId, domain: TunnelDomain) -> Self {
        let [n0, n1, n2, n3, n4, n5, n6, n7, n8, n9] = nonce;
        let [r0, r1, r2] = routing_id.to_bytes();
        let [d0, d1] = domain.number().to_le_bytes();
        Eid([0, n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, r0, r1, r2, d0, d1])
    }

    /// The plaintext of a linked ceremony.
    ///
    /// Computers read a tunnel domain out of the last two bytes even here and drop the advert when it
    /// is not assigned; so the bytes are drawn until they pass.
    ///
    /// # Errors
    /// [`HybridError::Randomness`]
    pub fn random(rng: &mut dyn CryptoRngCore) -> Result<Self, HybridError> {
        core::iter::repeat_with(|| {
            let mut bytes = [0; 16];
            rng.fill_bytes(&mut bytes);
            let [reserved, ..] = &mut bytes;
            *reserved = 0;
            bytes
        })
        .take(DRAWS)
        .find_map(|bytes| Eid::from_bytes(bytes).ok())
        .ok_or(HybridError::Randomness)
    }

    /// Checks a plaintext.
    ///
    /// # Errors
    /// [`HybridError::AdvertReserved`], [`HybridError::UnassignedDomain`]
    pub fn from_bytes(bytes: [u8; 16]) -> Result<Self, HybridError> {
        let [reserved, .., d0, d1] = bytes;
        if reserved != 0 {
            return Err(HybridError::AdvertReserved);
        }
        TunnelDomain::new(u16::from_le_bytes([d0, d1]))?;
        Ok(Eid(bytes))
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The routing ID. Meaningless in a linked ceremony.
    #[must_use]
    pub const fn routing_id(&self) -> RoutingId {
        let [_, _, _, _, _, _, _, _, _, _, _, r0, r1, r2, _, _] = self.0;
        RoutingId::new([r0, r1, r2])
    }

    /// The tunnel domain. Meaningless in a linked ceremony.
    #[must_use]
    pub const fn domain(&self) -> TunnelDomain {
        let [.., d0, d1] = self.0;
        TunnelDomain::checked(u16::from_le_bytes([d0, d1]))
    }
}

impl fmt::Debug for Eid {
    /// Redacted: the pre-shared key depends on it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Eid(<redacted>)")
    }
}

impl Drop for Eid {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl EidKey {
    fn block_key(&self) -> &[u8] {
        self.0.expose().split_at(32).0
    }

    /// First 4 bytes of the HMAC over the ciphertext.
    fn tag(&self, ciphertext: &[u8]) -> [u8; 4] {
        // HMAC takes a key of any length, so that this cannot fail.
        let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(self.0.expose().split_at(32).1) else {
            return [0; 4];
        };
        mac.update(ciphertext);
        let [t0, t1, t2, t3, ..]: [u8; 32] = mac.finalize().into_bytes().into();
        [t0, t1, t2, t3]
    }

    /// Seals a plaintext into service data.
    #[must_use]
    pub fn seal(&self, eid: &Eid) -> [u8; ADVERT_LEN] {
        let mut block = (*eid.as_bytes()).into();
        Aes256::new(self.block_key().into()).encrypt_block(&mut block);
        let tag = self.tag(&block);
        let mut advert = [0; ADVERT_LEN];
        for (to, from) in advert.iter_mut().zip(block.into_iter().chain(tag)) {
            *to = from;
        }
        advert
    }

    /// Opens service data. Only the first 20 bytes count; see [`channel_psm`] for what may follow.
    ///
    /// # Errors
    /// [`HybridError::AdvertTooShort`], [`HybridError::AdvertForeign`], [`HybridError::AdvertReserved`],
    /// [`HybridError::UnassignedDomain`]
    pub fn open(&self, service_data: &[u8]) -> Result<Eid, HybridError> {
        let (ciphertext, rest) = service_data.split_first_chunk::<16>().ok_or(HybridError::AdvertTooShort)?;
        let (tag, _suffix) = rest.split_first_chunk::<4>().ok_or(HybridError::AdvertTooShort)?;
        if !bool::from(self.tag(ciphertext).ct_eq(tag)) {
            return Err(HybridError::AdvertForeign);
        }
        let mut block = (*ciphertext).into();
        Aes256::new(self.block_key().into()).decrypt_block(&mut block);
        Eid::from_bytes(block.into())
    }
}

/// Reads the suffix of CTAP 2.3 behind the 20 bytes: the PSM of the phone's Bluetooth LE channel, if
/// it offers one.
///
/// # Errors
/// [`HybridError::AdvertTooShort`], [`HybridError::AdvertSuffix`]
pub fn channel_psm(service_data: &[u8]) -> Result<Option<u16>, HybridError> {
    let (_, suffix) = service_data.split_at_checked(ADVERT_LEN).ok_or(HybridError::AdvertTooShort)?;
    if suffix.is_empty() {
        return Ok(None);
    }
    let invalid = |_| HybridError::AdvertSuffix;
    for (key, value) in Item::parse(suffix).map_err(invalid)?.map().map_err(invalid)? {
        if key.unsigned() == Ok(1) {
            let psm = value.unsigned().map_err(invalid)?;
            return u16::try_from(psm).map(Some).map_err(|_| HybridError::AdvertSuffix);
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
