//! The form of a credential's secrets.

use latchkey_authenticator::credential::Credential;
use latchkey_authenticator::keys::CredentialKey;
use zeroize::Zeroizing;

use crate::keys::Damaged;

const SECRET: usize = 32;

type Secret = Zeroizing<[u8; SECRET]>;

/// What is secret in a credential: the private key, unless that is in hardware, then the secret of
/// the PRF extension, unless the credential was made before there was one. 32 bytes each, or nothing.
///
/// Both in one cell, because both are needed to sign in and neither ever changes: one more cell to
/// open would show in the time that a sign-in takes.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    pub(crate) key: Option<Secret>,
    pub(crate) prf: Option<Secret>,
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

    /// Undoes [`Secrets::of`] for a credential that has these secrets and no others: a cell that was
    /// emptied is damaged.
    pub(crate) fn open(key: bool, prf: bool, plain: &[u8]) -> Result<Self, Damaged> {
        let (key, rest) = take(key, plain)?;
        let (prf, rest) = take(prf, rest)?;
        if rest.is_empty() { Ok(Secrets { key, prf }) } else { Err(Damaged) }
    }
}

/// A secret at the start of `plain`, if one is there, and what follows.
fn take(there: bool, plain: &[u8]) -> Result<(Option<Secret>, &[u8]), Damaged> {
    if !there {
        return Ok((None, plain));
    }
    let (secret, rest) = plain.split_first_chunk().ok_or(Damaged)?;
    Ok((Some(Zeroizing::new(*secret)), rest))
}

#[cfg(test)]
mod tests;
