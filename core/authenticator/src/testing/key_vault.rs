use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use latchkey_ctap::Algorithm;
use sha2_sign::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::SeededRng;
use crate::keys::SoftwareKey;
use crate::ports::{HardwareKey, KeyVault, KeyVaultError, Rng as _};

/// A key storage in memory. Its "hardware" keys are software keys that live as long as it does; its
/// wrapping depends on the seed alone, so that another instance with the same seed unwraps.
#[derive(Debug)]
pub struct SoftwareKeyVault {
    seed: u64,
    rng: SeededRng,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    hardware: bool,
    keys: HashMap<Vec<u8>, SoftwareKey>,
    failures: VecDeque<(VaultOperation, KeyVaultError)>,
}

/// A method of [`KeyVault`] that can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultOperation {
    /// [`KeyVault::create_key`]
    CreateKey,
    /// [`KeyVault::sign`]
    Sign,
    /// [`KeyVault::delete_key`]
    DeleteKey,
    /// [`KeyVault::wrap`]
    Wrap,
    /// [`KeyVault::unwrap`]
    Unwrap,
}

impl SoftwareKeyVault {
    /// A device that offers hardware keys.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let state = State { hardware: true, keys: HashMap::new(), failures: VecDeque::new() };
        SoftwareKeyVault { seed, rng: SeededRng::new(seed), state: Mutex::new(state) }
    }

    /// A device without such hardware.
    #[must_use]
    pub fn without_hardware(seed: u64) -> Self {
        let vault = Self::new(seed);
        vault.state().hardware = false;
        vault
    }

    /// Lets the next call of `operation` fail. Several calls fail in the order given here.
    pub fn fail_next(&self, operation: VaultOperation, error: KeyVaultError) {
        self.state().failures.push_back((operation, error));
    }

    /// How many hardware keys exist.
    #[must_use]
    pub fn key_count(&self) -> usize {
        self.state().keys.len()
    }

    /// Whether a hardware key exists.
    #[must_use]
    pub fn contains(&self, handle: &[u8]) -> bool {
        self.state().keys.contains_key(handle)
    }

    fn begin(&self, operation: VaultOperation) -> Result<MutexGuard<'_, State>, KeyVaultError> {
        let mut state = self.state();
        let failure = state.failures.iter().position(|(at, _)| *at == operation);
        match failure.and_then(|index| state.failures.remove(index)) {
            Some((_, error)) => Err(error),
            None => Ok(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pad(&self) -> [u8; 32] {
        Sha256::new().chain_update(b"pad").chain_update(self.seed.to_be_bytes()).finalize().into()
    }

    fn tag(&self, body: &[u8]) -> [u8; 32] {
        Sha256::new()
            .chain_update(b"tag")
            .chain_update(self.seed.to_be_bytes())
            .chain_update(body)
            .finalize()
            .into()
    }
}

#[async_trait]
impl KeyVault for SoftwareKeyVault {
    fn wrap(&self, key: &[u8; 32]) -> Result<Vec<u8>, KeyVaultError> {
        let _state = self.begin(VaultOperation::Wrap)?;
        let mut wrapped: Vec<u8> = key.iter().zip(self.pad()).map(|(byte, pad)| byte ^ pad).collect();
        wrapped.extend(self.tag(&wrapped));
        Ok(wrapped)
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyVaultError> {
        let _state = self.begin(VaultOperation::Unwrap)?;
        let (body, tag) = wrapped.split_at_checked(32).ok_or(KeyVaultError::Invalidated)?;
        if tag != self.tag(body) {
            return Err(KeyVaultError::Invalidated);
        }
        let mut key = Zeroizing::new(self.pad());
        key.iter_mut().zip(body).for_each(|(pad, byte)| *pad ^= byte);
        Ok(key)
    }

    async fn create_key(&self) -> Result<Option<HardwareKey>, KeyVaultError> {
        let mut state = self.begin(VaultOperation::CreateKey)?;
        if !state.hardware {
            return Ok(None);
        }
        let key = SoftwareKey::generate(Algorithm::ES256, &self.rng).ok_or(KeyVaultError::Failed)?;
        let mut handle = vec![0; 16];
        self.rng.fill(&mut handle);
        let hardware_key = HardwareKey { handle: handle.clone(), public_key: key.public_key() };
        state.keys.insert(handle, key);
        Ok(Some(hardware_key))
    }

    async fn sign(&self, handle: &[u8], message: &[u8]) -> Result<Vec<u8>, KeyVaultError> {
        let state = self.begin(VaultOperation::Sign)?;
        Ok(state.keys.get(handle).ok_or(KeyVaultError::Invalidated)?.sign(message))
    }

    async fn delete_key(&self, handle: &[u8]) -> Result<(), KeyVaultError> {
        self.begin(VaultOperation::DeleteKey)?.keys.remove(handle);
        Ok(())
    }
}
