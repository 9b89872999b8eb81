//! Finishing what was interrupted: by a lost answer, a killed app or a missing network.

use latchkey_authenticator::Cancel;
use latchkey_authenticator::ports::CredentialStore;
use latchkey_vault::{Computer, Registration};

use crate::control_center::wire::{RefusalCode, path};
use crate::control_center::{ControlCenterError, path_of};
use crate::error::PhoneError;
use crate::error_id::{Call, Phase};
use crate::pairing::Paired;
use crate::phone::Phone;

/// What came of what had been left open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resumed {
    /// Pairings that the server had confirmed.
    pub paired: Vec<Paired>,
    /// Pairings that it had not: no trace of them is left.
    pub given_up: usize,
    /// Computers and registrations that the server was told about: they are gone now.
    pub removed: usize,
    /// What is still open, because the server could not be asked.
    pub open: usize,
}

impl Phone {
    /// Finishes what was interrupted: pairings whose answer was lost, computers that were removed while
    /// the server could not be told, registrations whose passkey was deleted, and events that wait for
    /// the audit trail. For an app, but not for an extension of it: to call when it is opened and when
    /// the network comes back. Calling it again does no harm, nor does interrupting it; what fails is
    /// left for the next time and keeps nothing else from being done.
    ///
    /// # Errors
    /// [`PhoneError::Busy`] during a ceremony; [`PhoneError::Offline`]; [`PhoneError::Canceled`];
    /// [`PhoneError::Store`]
    pub async fn resume(&self, cancel: &Cancel) -> Result<Resumed, PhoneError> {
        // A pairing that is under way is nobody's to settle.
        let _ceremony = self.ceremony.try_lock().map_err(|_| PhoneError::Busy)?;
        if !self.ports.network.is_online() {
            return Err(PhoneError::Offline);
        }
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(PhoneError::Canceled(Phase::Create)),
            resumed = self.settle_all() => resumed,
        }
    }

    async fn settle_all(&self) -> Result<Resumed, PhoneError> {
        let mut resumed = Resumed::default();
        let pairings = self.vault.pending_pairings()?;
        for pairing in &pairings {
            let server = self.address(&pairing.tenant).and_then(|address| self.control_center(&address));
            if let Ok(client) = server
                && let Ok(Some(paired)) = self.settle_pairing(&client, pairing).await
            {
                resumed.paired.push(paired);
            }
        }
        resumed.open = self.vault.pending_pairings()?.len();
        resumed.given_up = pairings.len().saturating_sub(resumed.paired.len()).saturating_sub(resumed.open);
        for computer in self.vault.computers()?.iter().filter(|computer| computer.leaving) {
            resumed.note(&self.unpair(computer).await);
        }
        for registration in self.vault.registrations()? {
            match self.vault.get(&registration.rp_id, &registration.credential_id) {
                Ok(None) => resumed.note(&self.deregister(&registration).await),
                Ok(Some(_)) | Err(_) => {
                    if let Ok(client) = self.registered(&registration) {
                        self.report_events(&registration, &client, &Cancel::new()).await;
                    }
                }
            }
        }
        Ok(resumed)
    }

    /// Tells the server that a computer was removed, and forgets it.
    ///
    /// # Errors
    /// [`PhoneError::ControlCenter`]: the server does not know yet, nothing was forgotten;
    /// [`PhoneError::Store`]
    pub(crate) async fn unpair(&self, computer: &Computer) -> Result<(), PhoneError> {
        // Without the registration the server has forgotten its computers too.
        if let Some(registration) = self.vault.registration(&computer.device_id)? {
            let client = self.registered(&registration)?;
            // A name that no path can carry is one that the server cannot know.
            if let Ok(path) = path_of(path::COMPUTER, &computer.machine_id) {
                self.unless_unknown(&computer.tenant, client.delete(&path).await)?;
            }
        }
        Ok(self.vault.remove_computer(&computer.machine_id)?)
    }

    /// Takes back a registration whose passkey is gone, and forgets it with its computers.
    async fn deregister(&self, registration: &Registration) -> Result<(), PhoneError> {
        let deleted = self.registered(registration)?.delete(path::REGISTRATION).await;
        self.unless_unknown(&registration.tenant, deleted)?;
        for computer in self.vault.computers()? {
            if computer.device_id == registration.device_id {
                self.vault.remove_computer(&computer.machine_id)?;
            }
        }
        Ok(self.vault.remove_registration(&registration.device_id)?)
    }

    /// What the server does not know any more needs no removing. But while a pairing with the same
    /// server is open, its token may be one that this phone has not heard of yet.
    fn unless_unknown(&self, tenant: &str, answer: Result<(), ControlCenterError>) -> Result<(), PhoneError> {
        let Err(error) = answer else { return Ok(()) };
        let unknown = match error.refusal() {
            Some(RefusalCode::NotFound) => true,
            Some(RefusalCode::Unauthorized) => {
                self.vault.pending_pairings()?.iter().all(|pairing| pairing.tenant != tenant)
            }
            _ => false,
        };
        if unknown { Ok(()) } else { Err(PhoneError::ControlCenter(Call::SignIn, error)) }
    }
}

impl Resumed {
    fn note(&mut self, told: &Result<(), PhoneError>) {
        let counter = if told.is_ok() { &mut self.removed } else { &mut self.open };
        *counter = counter.saturating_add(1);
    }
}

#[cfg(test)]
mod tests;
