//! Credential keys behind handles: sign with them, never take them out.

use latchkey_ctap::{Algorithm, PublicKey};
use zeroize::Zeroizing;

use crate::ports::{HardwareKey, Rng};

/// The signing key of a credential.
#[derive(Debug)]
pub enum CredentialKey {
    /// A key that the vault keeps sealed.
    Software(SoftwareKey),
    /// A key in hardware, used through [`crate::ports::KeyVault`].
    Hardware(HardwareKey),
}

/// A private key in memory. Wiped on drop, printed as redacted.
pub struct SoftwareKey {
    algorithm: Algorithm,
    secret: Zeroizing<[u8; 32]>,
}

/// A stored key that is not a valid private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid private key")]
pub struct InvalidKey;

impl SoftwareKey {
    /// Makes a new key, or `None` for an algorithm that is not supported.
    #[must_use]
    pub fn generate(algorithm: Algorithm, rng: &dyn Rng) -> Option<Self> {
        let _ = (algorithm, rng);
        None
    }

    /// Rebuilds a key from what [`SoftwareKey::seal`] handed to its store.
    ///
    /// # Errors
    /// [`InvalidKey`]
    pub fn unseal(algorithm: Algorithm, secret: Zeroizing<[u8; 32]>) -> Result<Self, InvalidKey> {
        Ok(SoftwareKey { algorithm, secret })
    }

    /// Lets a [`crate::ports::CredentialStore`] encrypt the 32 secret bytes. There is no other way
    /// to reach them.
    pub fn seal<R>(&self, seal: impl FnOnce(&[u8; 32]) -> R) -> R {
        seal(&self.secret)
    }

    /// The key's algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public half. Computed on every call: costs about as much as a signature.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        todo!()
    }

    /// Signs `message`: ES256 gives ASN.1 DER, EdDSA 64 raw bytes.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let _ = message;
        Vec::new()
    }
}

impl core::fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SoftwareKey({:?}, redacted)", self.algorithm)
    }
}
