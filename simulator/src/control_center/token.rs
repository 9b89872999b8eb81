//! Bearer tokens, nonces and typed codes. Of tokens and nonces only the SHA-256 is stored.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use latchkey_authenticator::ports::Rng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Whose token it is, as its first characters say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Administrator,
    Install,
    Link,
    Phone,
    Session,
    Workstation,
}

impl Kind {
    pub(crate) const ALL: [Kind; 6] =
        [Kind::Administrator, Kind::Install, Kind::Link, Kind::Phone, Kind::Session, Kind::Workstation];

    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Kind::Administrator => "lka_",
            Kind::Install => "lki_",
            Kind::Link => "lkl_",
            Kind::Phone => "lkp_",
            Kind::Session => "lks_",
            Kind::Workstation => "lkw_",
        }
    }

    pub(crate) fn of(token: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| token.starts_with(kind.prefix()))
    }
}

/// SHA-256 of a token or nonce.
pub(crate) fn hash(secret: impl AsRef<[u8]>) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// A new token: 32 random bytes.
pub(crate) fn random(kind: Kind, rng: &dyn Rng) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; 32]);
    rng.fill(bytes.as_mut());
    written(kind, bytes.as_ref())
}

/// The token of a phone, which the server can say again, as long as somebody brings the nonce of the
/// code: it is derived from it and from a key that never leaves the server, and not stored.
pub(crate) fn of_phone(server_key: &[u8; 32], nonce: &[u8], request_id: &str) -> Zeroizing<String> {
    let input = [&hash(nonce)[..], request_id.as_bytes()].concat();
    written(Kind::Phone, derived(server_key, b"device token", &input).as_ref())
}

/// The user handle of an account: the same whenever it comes back, and it tells nothing about it.
pub(crate) fn user_handle(server_key: &[u8; 32], username: &str) -> Vec<u8> {
    derived(server_key, b"user handle", username.as_bytes()).to_vec()
}

fn derived(server_key: &[u8; 32], purpose: &[u8], input: &[u8]) -> Zeroizing<[u8; 32]> {
    // HMAC takes keys of any length.
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(server_key) else { unreachable!() };
    Zeroizing::new(
        mac.chain_update(purpose).chain_update([0]).chain_update(input).finalize().into_bytes().into(),
    )
}

fn written(kind: Kind, bytes: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(bytes)))
}

/// An ID: 16 random bytes in hexadecimal, as a UUID of version 4 (RFC 9562 section 5.4).
pub(crate) fn uuid(rng: &dyn Rng) -> String {
    let mut bytes = [0; 16];
    rng.fill(&mut bytes);
    let random = u128::from_be_bytes(bytes);
    let id = (random & !(0xf << 76) & !(0b11 << 62)) | (4 << 76) | (0b10 << 62);
    let hex = format!("{id:032x}");
    let part = |range| hex.get(range).unwrap_or_default();
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-")
}

/// The characters of a typed code: none that looks like another.
pub(crate) const CODE_ALPHABET: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// Characters of a typed code.
pub(crate) const CODE_LENGTH: usize = 6;

/// A code to type. Each character is equally likely: five bits that are not one of 31 are drawn again.
pub(crate) fn typed_code(rng: &dyn Rng) -> String {
    let mut code = String::with_capacity(CODE_LENGTH);
    while code.len() < CODE_LENGTH {
        let mut byte = [0];
        rng.fill(&mut byte);
        let [byte] = byte;
        if let Some(&character) = CODE_ALPHABET.get(usize::from(byte & 31)) {
            code.push(char::from(character));
        }
    }
    code
}

#[cfg(test)]
mod tests;
