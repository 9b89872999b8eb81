use std::fs;
use std::io::{self, Write};
use std::path::Path;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead, KeyInit};
use async_trait::async_trait;
use latchkey_authenticator::ports::{HardwareKey, KeyVault, KeyVaultError};
use rand_core::{OsRng, RngCore};
use thiserror::Error;
use zeroize::Zeroizing;

/// The simulator's key storage: one wrapping key in a file that only its owner may read. A phone
/// keeps this key in its Secure Enclave or StrongBox. There is no signing hardware here.
pub struct FileKeys {
    cipher: Aes256Gcm,
}

/// Why the key file cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileKeysError {
    /// The file cannot be read or made.
    #[error("the key file cannot be used: {0}")]
    Io(#[from] io::Error),
    /// The file does not hold 32 bytes.
    #[error("the key file is damaged")]
    Damaged,
}

impl FileKeys {
    /// Opens the key file at `path`, or makes it.
    ///
    /// # Errors
    /// [`FileKeysError`]
    pub fn open(path: &Path) -> Result<Self, FileKeysError> {
        let key = match fs::read(path) {
            Ok(key) => Zeroizing::new(key),
            Err(error) if error.kind() == io::ErrorKind::NotFound => create(path)?,
            Err(error) => return Err(error.into()),
        };
        let cipher = Aes256Gcm::new_from_slice(&key).map_err(|_| FileKeysError::Damaged)?;
        Ok(FileKeys { cipher })
    }
}

/// Writes a new key beside `path` and links it into place, so that of two processes that start
/// together one wins and both read the same key.
fn create(path: &Path) -> Result<Zeroizing<Vec<u8>>, FileKeysError> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut key = Zeroizing::new([0u8; 32]);
    OsRng.fill_bytes(key.as_mut());
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(key.as_ref())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(Zeroizing::new(key.to_vec())),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            Ok(Zeroizing::new(fs::read(path)?))
        }
        Err(error) => Err(error.error.into()),
    }
}

#[async_trait]
impl KeyVault for FileKeys {
    fn wrap(&self, key: &[u8; 32]) -> Result<Vec<u8>, KeyVaultError> {
        let mut nonce = [0u8; 12];
        OsRng.fill_bytes(&mut nonce);
        let sealed = self.cipher.encrypt(&nonce.into(), key.as_slice()).map_err(|_| KeyVaultError::Failed)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyVaultError> {
        let (nonce, sealed) = wrapped.split_first_chunk::<12>().ok_or(KeyVaultError::Failed)?;
        let key = self
            .cipher
            .decrypt(&(*nonce).into(), sealed)
            .map(Zeroizing::new)
            .map_err(|_| KeyVaultError::Invalidated)?;
        Ok(Zeroizing::new(key.as_slice().try_into().map_err(|_| KeyVaultError::Failed)?))
    }

    async fn create_key(&self) -> Result<Option<HardwareKey>, KeyVaultError> {
        Ok(None)
    }

    async fn sign(&self, _: &[u8], _: &[u8]) -> Result<Vec<u8>, KeyVaultError> {
        Err(KeyVaultError::Invalidated)
    }

    async fn delete_key(&self, _: &[u8]) -> Result<(), KeyVaultError> {
        Ok(())
    }
}
