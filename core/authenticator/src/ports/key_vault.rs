//! The port to the operating system's key storage.

use async_trait::async_trait;
use latchkey_ctap::PublicKey;
use thiserror::Error;
use zeroize::Zeroizing;

/// Keys that the operating system keeps: the wrapping key of the vault, and hardware signing keys
/// that are known here only by handle.
#[async_trait]
pub trait KeyVault: Send + Sync {
    /// Wraps the vault key under a key that never leaves the operating system.
    ///
    /// # Errors
    /// [`KeyVaultError`]
    fn wrap(&self, key: &[u8; 32]) -> Result<Vec<u8>, KeyVaultError>;

    /// Undoes [`KeyVault::wrap`].
    ///
    /// # Errors
    /// [`KeyVaultError`]; [`KeyVaultError::Invalidated`] when the wrapping key is gone for good.
    fn unwrap(&self, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyVaultError>;

    /// Creates a P-256 signing key in hardware, or `None` where there is no such hardware.
    ///
    /// The future is dropped before it is done when the ceremony ends early. Then no key may remain, not even
    /// one that hardware has only later: nobody else knows its handle.
    ///
    /// # Errors
    /// [`KeyVaultError`]
    async fn create_key(&self) -> Result<Option<HardwareKey>, KeyVaultError>;

    /// Signs `message` (ES256: ECDSA over its SHA-256) and returns the signature as ASN.1 DER.
    ///
    /// # Errors
    /// [`KeyVaultError`]
    async fn sign(&self, handle: &[u8], message: &[u8]) -> Result<Vec<u8>, KeyVaultError>;

    /// Deletes a signing key. Deleting one that does not exist is not an error.
    ///
    /// # Errors
    /// [`KeyVaultError`]
    async fn delete_key(&self, handle: &[u8]) -> Result<(), KeyVaultError>;
}

/// A signing key in hardware.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HardwareKey {
    /// Names the key to [`KeyVault::sign`]; at most 256 bytes.
    pub handle: Vec<u8>,
    /// Its public half.
    pub public_key: PublicKey,
}

/// Why the key storage refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyVaultError {
    /// The device is locked; the same call may succeed later.
    #[error("the key storage is locked")]
    Locked,
    /// The key no longer exists, for instance after a change of the enrolled biometrics.
    #[error("the key no longer exists")]
    Invalidated,
    /// Anything else.
    #[error("the key storage failed")]
    Failed,
}
