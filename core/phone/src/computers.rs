//! My Computers: the computers that this phone unlocks, as their owner sees them.

use latchkey_authenticator::ports::StoreError;
use latchkey_authenticator::{Cancel, CredentialId};
use latchkey_vault::Computer;

use crate::error::PhoneError;
use crate::error_id::Phase;
use crate::phone::Phone;
use crate::security_keys::MAX_NAME;

/// The computers of a phone.
#[derive(Clone, Copy)]
pub struct Computers<'a> {
    phone: &'a Phone,
}

/// One of them, without its secrets. Personal data: never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct ComputerSummary {
    /// Its ID.
    pub machine_id: String,
    /// What its owner calls it.
    pub name: String,
    /// Its own name.
    pub machine_name: String,
    /// The account on it.
    pub os_user: String,
    /// The account at the Control Center; `None` if the registration is damaged.
    pub account: Option<String>,
    /// Base URL of its Control Center.
    pub tenant: String,
    /// The RP application.
    pub rp_app_id: String,
    /// The passkey that unlocks it.
    pub credential_id: CredentialId,
    /// Unix seconds.
    pub paired_at: u64,
    /// When it was last unlocked online, in Unix seconds.
    pub last_online_at: Option<u64>,
}

/// How much of a removal is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// The server has taken the pairing back.
    Complete,
    /// The computer is gone from this phone; [`Phone::resume`] tells the server.
    ServerNotTold,
}

impl<'a> Computers<'a> {
    pub(crate) const fn new(phone: &'a Phone) -> Self {
        Computers { phone }
    }

    /// All computers, in the order of pairing.
    ///
    /// # Errors
    /// [`PhoneError::Store`]
    pub fn list(self) -> Result<Vec<ComputerSummary>, PhoneError> {
        let computers = self.phone.vault.computers()?;
        computers
            .into_iter()
            .filter(|computer| !computer.leaving)
            .map(|computer| self.summary(computer))
            .collect()
    }

    /// One computer.
    ///
    /// # Errors
    /// [`PhoneError::UnknownComputer`], [`PhoneError::Store`]
    pub fn get(self, machine_id: &str) -> Result<ComputerSummary, PhoneError> {
        self.summary(self.phone.computer_of(machine_id)?)
    }

    /// Gives a computer a name of its owner's choice, at most [`MAX_NAME`] characters; an empty one
    /// brings its own back.
    ///
    /// # Errors
    /// [`PhoneError::InvalidName`], [`PhoneError::UnknownComputer`], [`PhoneError::Store`]; nothing changes
    /// then.
    pub fn rename(self, machine_id: &str, name: &str) -> Result<(), PhoneError> {
        let name = name.trim();
        if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
            return Err(PhoneError::InvalidName);
        }
        self.phone.computer_of(machine_id)?;
        self.change(machine_id, |computer| {
            computer.name = if name.is_empty() { shown(&computer.machine_name) } else { name.to_owned() };
        })
    }

    /// Removes a computer. Its offline PINs are gone at once; the server is told now or, if it cannot be
    /// reached, by [`Phone::resume`]. The passkey stays: it signs in elsewhere too. Cancelling ends the wait for
    /// the server: the computer is gone then.
    ///
    /// # Errors
    /// [`PhoneError::UnknownComputer`], [`PhoneError::Store`], [`PhoneError::OfflinePin`];
    /// [`PhoneError::Canceled`] before it began.
    pub async fn remove(self, machine_id: &str, cancel: &Cancel) -> Result<Removal, PhoneError> {
        if cancel.is_cancelled() {
            return Err(PhoneError::Canceled(Phase::Get));
        }
        let computer = self.phone.computer_of(machine_id)?;
        self.change(machine_id, |computer| computer.leaving = true)?;
        self.phone.ledger().forget(machine_id)?;
        if !self.phone.ports.network.is_online() {
            return Ok(Removal::ServerNotTold);
        }
        let told = tokio::select! {
            biased;
            () = cancel.cancelled() => return Ok(Removal::ServerNotTold),
            told = self.phone.unpair(&computer) => told,
        };
        match told {
            Ok(()) => Ok(Removal::Complete),
            Err(PhoneError::Store(error)) => Err(error.into()),
            Err(_) => Ok(Removal::ServerNotTold),
        }
    }

    fn change(self, machine_id: &str, change: impl FnOnce(&mut Computer)) -> Result<(), PhoneError> {
        match self.phone.vault.change_computer(machine_id, change) {
            Err(StoreError::NotFound) => Err(PhoneError::UnknownComputer),
            changed => Ok(changed?),
        }
    }

    fn summary(self, computer: Computer) -> Result<ComputerSummary, PhoneError> {
        let registration = match self.phone.vault.registration(&computer.device_id) {
            Err(StoreError::Damaged) => None,
            registration => registration?,
        };
        Ok(ComputerSummary {
            machine_id: computer.machine_id,
            name: computer.name,
            machine_name: computer.machine_name,
            os_user: computer.os_user,
            account: registration.map(|registration| registration.username),
            tenant: computer.tenant,
            rp_app_id: computer.rp_app_id,
            credential_id: computer.credential_id,
            paired_at: computer.paired_at,
            last_online_at: computer.last_online_at,
        })
    }
}

impl core::fmt::Debug for ComputerSummary {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ComputerSummary(redacted)")
    }
}

/// A computer's own name, of somebody else's choice, as it may be shown.
pub(crate) fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests;
