//! The form of a credential's secrets.

use latchkey_authenticator::credential::Credential;
use latchkey_authenticator::keys::CredentialKey;
use zeroize::Zeroizing;

use crate::keys::Damaged;

const SECRET: usize = 32;

/// What is secret in a credential: the private key, unless that is in hardware, then the secret of
/// the PRF extension, unless the credential was made before there was one. 32 bytes each, or nothing.
///
/// Both in one cell, because both are needed to sign in and neither ever changes: one more cell to
/// open would show in the time that a sign-in takes.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    pub(crate) key: Option<Zeroizing<[u8; SECRET]>>,
    pub(crate) prf: Option<Zeroizing<[u8; SECRET]>>,
}

impl Secrets {
    /// The bytes to be sealed, or `None` when nothing is secret.
    pub(crate) fn of(credential: &Credential) -> Option<Zeroizing<Vec<u8>>> {
        // As large as it gets, so that no growing buffer leaves a copy behind.
        let mut plain = Zeroizing::new(Vec::with_capacity(2 * SECRET));
        if let CredentialKey::Software(key) = &credential.key {
            key.seal(|secret| plain.extend_from_slice(secret));
        }
        if let Some(prf) = &credential.prf_secret {
            prf.seal(|secret| plain.extend_from_slice(secret));
        }
        (!plain.is_empty()).then_some(plain)
    }

    /// Undoes [`Secrets::of`]. The record knows whether there is a private key, and so tells what 32
    /// bytes are.
    pub(crate) fn open(hardware_key: bool, plain: &[u8]) -> Result<Self, Damaged> {
        let (key, rest) = match hardware_key {
            false => plain.split_first_chunk().map(|(key, rest)| (Some(*key), rest)).ok_or(Damaged)?,
            true => (None, plain),
        };
        let prf = match rest {
            [] => None,
            prf => Some(prf.try_into().map_err(|_| Damaged)?),
        };
        Ok(Secrets { key: key.map(Zeroizing::new), prf: prf.map(Zeroizing::new) })
    }
}

#[cfg(test)]
mod tests;
