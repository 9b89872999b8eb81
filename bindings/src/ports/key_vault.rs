//! The operating system's key storage.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use latchkey_authenticator::ports as core;
use latchkey_ctap::PublicKey;
use tokio::runtime::Handle;
use zeroize::Zeroizing;

use super::patience::{QUICK, within, within_async};

/// How long the operating system may take to wrap or unwrap the vault key.
const OPENING: Duration = Duration::from_secs(20);

/// How long hardware may take to make or use a key; some ask the person in between.
const HARDWARE: Duration = Duration::from_secs(60);

/// Keys that the operating system keeps: the wrapping key of the vault, and signing keys in hardware,
/// which are known here only by handle.
#[uniffi::export(foreign)]
#[async_trait]
pub trait KeyVault: Send + Sync {
    /// Wraps the vault key (32 bytes) under a key that never leaves the operating system. Keep no copy of
    /// what is passed. Has 20 seconds; without an answer opening the phone fails with `any.internal`.
    fn wrap(&self, key: Vec<u8>) -> Result<Vec<u8>, KeyVaultError>;

    /// Undoes `wrap`. Has 20 seconds too.
    fn unwrap(&self, wrapped: Vec<u8>) -> Result<Vec<u8>, KeyVaultError>;

    /// Creates a P-256 signing key in hardware, or nothing where there is no such hardware. Has a minute;
    /// no key may remain when it is cancelled after that. A call that ends earlier does not cancel it: the key
    /// is deleted once it is there.
    async fn create_key(&self) -> Result<Option<HardwareKey>, KeyVaultError>;

    /// Signs `message` (ECDSA over its SHA-256) and returns the signature as ASN.1 DER. Has a minute.
    async fn sign(&self, handle: Vec<u8>, message: Vec<u8>) -> Result<Vec<u8>, KeyVaultError>;

    /// Deletes a signing key. Deleting one that does not exist is not an error. Has five seconds.
    async fn delete_key(&self, handle: Vec<u8>) -> Result<(), KeyVaultError>;
}

/// A signing key in hardware.
#[derive(Clone, uniffi::Record)]
pub struct HardwareKey {
    /// Names the key to the key vault; at most 256 bytes.
    pub handle: Vec<u8>,
    /// Its public half as an uncompressed point (X9.63): 0x04, then x and y of 32 bytes each.
    pub public_key: Vec<u8>,
}

/// Why the key storage refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
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

impl From<uniffi::UnexpectedUniFFICallbackError> for KeyVaultError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        KeyVaultError::Failed
    }
}

impl From<KeyVaultError> for core::KeyVaultError {
    fn from(error: KeyVaultError) -> Self {
        match error {
            KeyVaultError::Locked => core::KeyVaultError::Locked,
            KeyVaultError::Invalidated => core::KeyVaultError::Invalidated,
            KeyVaultError::Failed => core::KeyVaultError::Failed,
        }
    }
}

pub(super) struct Adapter(pub(super) Arc<dyn KeyVault>);

#[async_trait]
impl core::KeyVault for Adapter {
    fn wrap(&self, key: &[u8; 32]) -> Result<Vec<u8>, core::KeyVaultError> {
        let (vault, key) = (Arc::clone(&self.0), key.to_vec());
        within(OPENING, move || vault.wrap(key)).unwrap_or(Err(KeyVaultError::Failed)).map_err(Into::into)
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, core::KeyVaultError> {
        let (vault, wrapped) = (Arc::clone(&self.0), wrapped.to_vec());
        let key = within(OPENING, move || vault.unwrap(wrapped).map(Zeroizing::new));
        let key = key.unwrap_or(Err(KeyVaultError::Failed))?;
        let key = <[u8; 32]>::try_from(key.as_slice()).map_err(|_| core::KeyVaultError::Failed)?;
        Ok(Zeroizing::new(key))
    }

    async fn create_key(&self) -> Result<Option<core::HardwareKey>, core::KeyVaultError> {
        let key = Creation::begin(&self.0).finished().await?;
        let Some(HardwareKey { handle, public_key }) = key else { return Ok(None) };
        let key = point(&public_key).filter(|_| handle.len() <= 256);
        let public_key = key.ok_or(core::KeyVaultError::Failed)?;
        Ok(Some(core::HardwareKey { handle, public_key }))
    }

    async fn sign(&self, handle: &[u8], message: &[u8]) -> Result<Vec<u8>, core::KeyVaultError> {
        let signature = self.0.sign(handle.to_vec(), message.to_vec());
        let signature = within_async(HARDWARE, signature).await;
        signature.unwrap_or(Err(KeyVaultError::Failed)).map_err(Into::into)
    }

    async fn delete_key(&self, handle: &[u8]) -> Result<(), core::KeyVaultError> {
        let deleted = within_async(QUICK, self.0.delete_key(handle.to_vec())).await;
        deleted.unwrap_or(Err(KeyVaultError::Failed)).map_err(Into::into)
    }
}

type Creating = Pin<Box<dyn Future<Output = Result<Option<HardwareKey>, KeyVaultError>> + Send>>;

/// A key that is being made. Hardware does not stop for a call that has ended: dropped before it is finished, it goes
/// on in the background, and deletes the key that comes of it.
struct Creation {
    vault: Arc<dyn KeyVault>,
    runtime: Handle,
    key: Option<Creating>,
}

impl Creation {
    fn begin(vault: &Arc<dyn KeyVault>) -> Self {
        let vault = Arc::clone(vault);
        let keys = Arc::clone(&vault);
        let key = async move {
            within_async(HARDWARE, keys.create_key()).await.unwrap_or(Err(KeyVaultError::Failed))
        };
        Creation { vault, runtime: Handle::current(), key: Some(Box::pin(key)) }
    }

    async fn finished(mut self) -> Result<Option<HardwareKey>, KeyVaultError> {
        let Some(key) = &mut self.key else { return Ok(None) };
        let made = key.await;
        self.key = None;
        made
    }
}

impl Drop for Creation {
    fn drop(&mut self) {
        let Some(key) = self.key.take() else { return };
        let vault = Arc::clone(&self.vault);
        self.runtime.spawn(async move {
            if let Ok(Some(key)) = key.await {
                let _ = within_async(QUICK, vault.delete_key(key.handle)).await;
            }
        });
    }
}

/// Reads an uncompressed point. Whether it is on the curve the relying party checks, who computes with it.
fn point(x963: &[u8]) -> Option<PublicKey> {
    let (x, rest) = x963.strip_prefix(&[4])?.split_first_chunk::<32>()?;
    Some(PublicKey::Es256 { x: *x, y: rest.try_into().ok()? })
}
