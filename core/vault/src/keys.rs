//! The keys of an open vault: sealing cells and hiding what is looked up.

use aes_gcm::aead::{AeadInPlace as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use latchkey_authenticator::ports::Rng;
use sha2::Sha256;
use zeroize::Zeroizing;

/// A keyed hash under which something is looked up. 128 of the 256 bits: a collision is not to be
/// expected below 2^64 records, what is found is compared again, and the index is a third smaller.
pub(crate) type LookupTag = [u8; 16];

const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;

/// The keys that follow from the vault key. Wiped on drop.
pub(crate) struct VaultKeys {
    seal: Aes256Gcm,
    lookup: Zeroizing<[u8; 32]>,
}

/// A sealed cell that is not what was stored there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Damaged;

impl VaultKeys {
    /// Derives the keys with HKDF-SHA-256 (RFC 5869), one per purpose.
    pub(crate) fn derive(vault_key: &[u8; 32]) -> Self {
        let hkdf = Hkdf::<Sha256>::new(None, vault_key);
        let subkey = |info: &[u8]| {
            let mut key = Zeroizing::new([0; 32]);
            // 32 bytes are within HKDF's 255 blocks: this cannot fail.
            let Ok(()) = hkdf.expand(info, key.as_mut()) else { unreachable!() };
            key
        };
        VaultKeys {
            seal: Aes256Gcm::new(subkey(b"latchkey vault 1 seal").as_ref().into()),
            lookup: subkey(b"latchkey vault 1 look-up"),
        }
    }

    /// Seals a cell: nonce (12 bytes, random), ciphertext, tag (16 bytes).
    ///
    /// `place` names table and column, `row` the row; the cell opens at the same place only. One key
    /// seals at most 2^32 cells with random nonces (NIST SP 800-38D section 8.3): a use every second
    /// for 136 years.
    pub(crate) fn seal(&self, rng: &dyn Rng, place: &str, row: &[&[u8]], plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        rng.fill(&mut nonce);
        let mut cell = Vec::with_capacity(NONCE_LEN.saturating_add(plain.len()).saturating_add(TAG_LEN));
        cell.extend_from_slice(&nonce);
        cell.extend_from_slice(plain);
        let body = cell.get_mut(NONCE_LEN..).unwrap_or_default();
        let sealed = self.seal.encrypt_in_place_detached(&Nonce::from(nonce), &joined(place, row), body);
        // AES-GCM takes up to 64 GiB: a record cannot be too long.
        let Ok(tag) = sealed else { unreachable!() };
        cell.extend_from_slice(&tag);
        cell
    }

    /// Opens a sealed cell. The plain text wipes itself: it may be a key.
    pub(crate) fn open(
        &self,
        place: &str,
        row: &[&[u8]],
        cell: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Damaged> {
        let (nonce, body, tag) = parts(cell).ok_or(Damaged)?;
        let mut plain = Zeroizing::new(body.to_vec());
        self.open_in_place(place, row, nonce, &mut plain, tag)?;
        Ok(plain)
    }

    /// The same for a cell of `N` bytes.
    pub(crate) fn open_array<const N: usize>(
        &self,
        place: &str,
        row: &[&[u8]],
        cell: &[u8],
    ) -> Result<Zeroizing<[u8; N]>, Damaged> {
        let (nonce, body, tag) = parts(cell).ok_or(Damaged)?;
        let mut plain = Zeroizing::new(<[u8; N]>::try_from(body).map_err(|_| Damaged)?);
        self.open_in_place(place, row, nonce, plain.as_mut_slice(), tag)?;
        Ok(plain)
    }

    fn open_in_place(
        &self,
        place: &str,
        row: &[&[u8]],
        nonce: &[u8; NONCE_LEN],
        body: &mut [u8],
        tag: &[u8; TAG_LEN],
    ) -> Result<(), Damaged> {
        self.seal
            .decrypt_in_place_detached(nonce.into(), &joined(place, row), body, tag.into())
            .map_err(|_| Damaged)
    }

    /// The keyed hash of `parts` for the look-ups of one column.
    pub(crate) fn tag(&self, place: &str, parts: &[&[u8]]) -> LookupTag {
        // HMAC takes a key of any length.
        let Ok(hmac) = <Hmac<Sha256> as Mac>::new_from_slice(self.lookup.as_ref()) else { unreachable!() };
        let hash = hmac.chain_update(joined(place, parts)).finalize().into_bytes();
        hash.first_chunk().copied().unwrap_or_default()
    }
}

/// The nonce, the ciphertext and the tag of a sealed cell.
fn parts(cell: &[u8]) -> Option<(&[u8; NONCE_LEN], &[u8], &[u8; TAG_LEN])> {
    let (nonce, rest) = cell.split_first_chunk()?;
    let (body, tag) = rest.split_last_chunk()?;
    Some((nonce, body, tag))
}

/// `place` and `parts`, each after its length, so that no two different lists run together.
fn joined(place: &str, parts: &[&[u8]]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(128);
    for part in core::iter::once(place.as_bytes()).chain(parts.iter().copied()) {
        joined.extend_from_slice(&(part.len() as u64).to_be_bytes());
        joined.extend_from_slice(part);
    }
    joined
}

#[cfg(test)]
mod tests;
