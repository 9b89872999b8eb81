//! The authenticator: its ports, its doors, and what it does between ceremonies.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use latchkey_ctap::{Request, Status, response};
use zeroize::Zeroizing;

use crate::cancel::Cancel;
use crate::credential::CredentialId;
use crate::keys::CredentialKey;
use crate::policy::{Policy, Profile};
use crate::ports::{Clock, CredentialStore, KeyVault, Rng, StoreError, UserGate};

/// The surroundings of an authenticator.
#[derive(Clone)]
pub struct Ports {
    /// Where credentials are kept.
    pub store: Arc<dyn CredentialStore>,
    /// The person.
    pub gate: Arc<dyn UserGate>,
    /// Keys in hardware.
    pub keys: Arc<dyn KeyVault>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
}

/// A CTAP2 authenticator. Shared by reference; every method can be called from any thread.
///
/// One ceremony at a time: a command that needs the person while another one waits for the person
/// is answered [`Status::CHANNEL_BUSY`]. A ceremony whose future is dropped is over and has changed
/// nothing.
pub struct Authenticator {
    pub(crate) ports: Ports,
    pub(crate) policy: Policy,
    /// A ceremony is open.
    pub(crate) busy: Arc<AtomicBool>,
    /// The last use that the store has not noted.
    pub(crate) last_use: Mutex<Option<LastUse>>,
    /// Handles of hardware keys that no credential refers to.
    unused_keys: Arc<Mutex<Vec<Vec<u8>>>>,
    /// Cancelled once the authenticator is closed.
    pub(crate) closed: Cancel,
}

/// A use of a credential.
pub(crate) struct LastUse {
    pub(crate) id: CredentialId,
    /// Unix seconds.
    pub(crate) at: u64,
}

impl Authenticator {
    /// An authenticator in these surroundings under this policy.
    #[must_use]
    pub fn new(ports: Ports, policy: Policy) -> Self {
        Authenticator {
            ports,
            policy,
            busy: Arc::default(),
            last_use: Mutex::default(),
            unused_keys: Arc::default(),
            closed: Cancel::new(),
        }
    }

    /// This authenticator with its credentials elsewhere: the two have one ceremony at a time between them, a
    /// hardware key that cannot be deleted at once is deleted by [`Authenticator::settle`] of either, and both
    /// are closed together.
    #[must_use]
    pub fn over(&self, store: Arc<dyn CredentialStore>) -> Self {
        Authenticator {
            ports: Ports { store, ..self.ports.clone() },
            policy: self.policy.clone(),
            busy: Arc::clone(&self.busy),
            last_use: Mutex::default(),
            unused_keys: Arc::clone(&self.unused_keys),
            closed: self.closed.clone(),
        }
    }

    /// An authenticator of the same credentials and keys, with another person to ask and another policy. It has
    /// ceremonies of its own; the rest is as with [`Authenticator::over`].
    #[must_use]
    pub fn beside(&self, gate: Arc<dyn UserGate>, policy: Policy) -> Self {
        let ports = Ports { gate, ..self.ports.clone() };
        Authenticator { ports, policy, busy: Arc::default(), ..self.over(Arc::clone(&self.ports.store)) }
    }

    /// Ends the ceremony that is open, prompt and all, and refuses every later one: [`Status::OTHER`]. Call it
    /// once the store is closed, as a phone does that is being suspended.
    pub fn close(&self) {
        self.closed.cancel();
    }

    /// Returns once [`Authenticator::close`] was called, be it before or after.
    pub async fn closed(&self) {
        self.closed.cancelled().await;
    }

    /// Answers a CTAP2 request: a command byte and its parameters in CBOR go in, a status byte and,
    /// after success, the answer in CBOR come out (CTAP 2.3 section 8). Never fails: every refusal is
    /// a status. Call [`Authenticator::settle`] once the answer is on its way. The answer may hold PRF
    /// outputs: wipe it then.
    pub async fn handle(&self, profile: Profile, request: &[u8], cancel: &Cancel) -> Vec<u8> {
        // It may hold PRF outputs, and the caller's copy is the one that leaves.
        let answer = self.answer(profile, request, cancel).await.map(Zeroizing::new);
        response::join(answer.as_ref().map(|body| body.as_slice()).map_err(|status| *status))
    }

    async fn answer(&self, profile: Profile, request: &[u8], cancel: &Cancel) -> Result<Vec<u8>, Status> {
        if request.len() > self.policy.max_message_size {
            return Err(Status::REQUEST_TOO_LARGE);
        }
        match Request::decode(request)? {
            Request::MakeCredential(request) => {
                self.make_credential(profile, &request, cancel).await.map(|response| response.encode())
            }
            Request::GetAssertion(request) => {
                self.get_assertion(profile, &request, cancel).await.map(|response| response.encode())
            }
            Request::GetInfo => Ok(self.get_info(profile).encode()),
            // The person chooses the account here, on the phone (CTAP 2.3 section 6.2.3): an assertion
            // never leaves others behind for the client to ask for.
            Request::GetNextAssertion => Err(Status::NOT_ALLOWED),
            Request::Selection => self.select(cancel).await.map(|()| Vec::new()),
        }
    }

    /// Does what an answer need not wait for: notes in the store when the credential of the last
    /// assertion was used (a convenience for lists, so a failure is not reported), and tries again to
    /// delete hardware keys that could not be deleted at once.
    pub async fn settle(&self) {
        let last_use = lock(&self.last_use).take();
        if let Some(LastUse { id, at }) = last_use {
            let _ = self.ports.store.note_use(&id, at);
        }
        self.delete_unused_keys().await;
    }

    /// Deletes a credential, and its key if that is in hardware.
    ///
    /// # Errors
    /// Those of [`CredentialStore::delete`]; nothing changes then. A hardware key that cannot be
    /// deleted now is deleted by a later call or by [`Authenticator::settle`].
    pub async fn delete(&self, id: &CredentialId) -> Result<(), StoreError> {
        let deleted = self.ports.store.delete(id)?;
        self.delete_key(&deleted.key).await;
        Ok(())
    }

    /// Deletes the key of a credential that is no longer stored, if it is in hardware. A key that cannot
    /// be deleted now is deleted by a later call or by [`Authenticator::settle`].
    pub async fn delete_key(&self, key: &CredentialKey) {
        self.retire(key);
        self.delete_unused_keys().await;
    }

    /// Remembers a hardware key that no credential refers to any more, for deletion.
    pub(crate) fn retire(&self, key: &CredentialKey) {
        if let CredentialKey::Hardware(key) = key {
            lock(&self.unused_keys).push(key.handle.clone());
        }
    }

    /// Deletes the hardware keys that were retired. A handle is forgotten only once its key is gone.
    pub(crate) async fn delete_unused_keys(&self) {
        let handles = lock(&self.unused_keys).clone();
        for handle in handles {
            if self.ports.keys.delete_key(&handle).await.is_ok() {
                lock(&self.unused_keys).retain(|unused| *unused != handle);
            }
        }
    }
}

impl core::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Authenticator").field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// Every value behind these locks is whole at any time, so a panic elsewhere does no harm to it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
