//! The unlock secret, wrapped once under every PIN.

use core::fmt;

use aes_gcm::aead::{AeadInPlace as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::Account;
use crate::set::SetId;

/// Length of a slot: the encrypted secret and the tag.
pub(crate) const SLOT_LEN: usize = 48;

/// The unlock secret under one PIN.
pub(crate) type Slot = [u8; SLOT_LEN];

/// Each key encrypts one secret once: a constant nonce is unique.
const NONCE: [u8; 12] = [0; 12];

/// 32 bytes that unlock the account: they wrap its credential. Where there is a TPM, they are of use
/// only together with it. Wipes itself; never logged.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct UnlockSecret([u8; 32]);

impl UnlockSecret {
    /// Takes the secret over.
    #[must_use]
    pub const fn new(secret: [u8; 32]) -> Self {
        UnlockSecret(secret)
    }

    /// The bytes, to unwrap the credential with.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

/// slot_i = AES-256-GCM(K_i, secret, aad), ciphertext and tag.
pub(crate) fn wrap(
    stretched: &[u8; 32],
    set_id: &SetId,
    index: u16,
    account: &Account,
    secret: &UnlockSecret,
) -> Slot {
    let mut body = Zeroizing::new(secret.0);
    let sealed = cipher(stretched, set_id, index).encrypt_in_place_detached(
        &Nonce::from(NONCE),
        &associated_data(set_id, index, account),
        body.as_mut(),
    );
    // AES-GCM takes up to 64 GiB: 32 bytes cannot be too long.
    let Ok(tag) = sealed else { unreachable!() };
    let mut slot = [0; SLOT_LEN];
    for (to, from) in slot.iter_mut().zip(body.iter().chain(&tag)) {
        *to = *from;
    }
    slot
}

/// Undoes [`wrap`]; `None` for another PIN, set, place, account or machine.
pub(crate) fn unwrap(
    stretched: &[u8; 32],
    set_id: &SetId,
    index: u16,
    account: &Account,
    slot: &Slot,
) -> Option<UnlockSecret> {
    let (body, tag) = slot.split_first_chunk::<32>()?;
    let tag: [u8; 16] = tag.try_into().ok()?;
    let mut secret = UnlockSecret(*body);
    // Compares the tag in constant time.
    cipher(stretched, set_id, index)
        .decrypt_in_place_detached(
            &Nonce::from(NONCE),
            &associated_data(set_id, index, account),
            &mut secret.0,
            &Tag::from(tag),
        )
        .ok()?;
    Some(secret)
}

/// AES-256 under K_i = HKDF-SHA-256(Argon2id(PIN_i, salt), "offline-wrap/1" || set_id || u16be(i)),
/// without an HKDF salt.
fn cipher(stretched: &[u8; 32], set_id: &SetId, index: u16) -> Aes256Gcm {
    let mut key = Zeroizing::new([0; 32]);
    let info: [&[u8]; 3] = [b"offline-wrap/1", &set_id.0, &index.to_be_bytes()];
    let expanded = Hkdf::<Sha256>::new(None, stretched).expand_multi_info(&info, key.as_mut());
    // 32 bytes are within HKDF's 255 blocks.
    let Ok(()) = expanded else { unreachable!() };
    Aes256Gcm::new(key.as_ref().into())
}

/// set_id || u16be(i) || u64be(length of the SID) || SID || machine ID. The length keeps the end of
/// the SID from passing for the beginning of the machine's ID.
fn associated_data(set_id: &SetId, index: u16, account: &Account) -> Vec<u8> {
    let sid = account.user_sid.as_bytes();
    [
        set_id.0.as_slice(),
        &index.to_be_bytes(),
        &(sid.len() as u64).to_be_bytes(),
        sid,
        account.machine_id.as_bytes(),
    ]
    .concat()
}

impl fmt::Debug for UnlockSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnlockSecret(redacted)")
    }
}

#[cfg(test)]
mod tests;
