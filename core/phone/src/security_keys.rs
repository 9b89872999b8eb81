//! My Security Keys: the passkeys of this phone, as their owner sees them.

use latchkey_authenticator::ports::CredentialStore;
use latchkey_authenticator::{Cancel, CredentialId, CredentialSummary};

use crate::error::PhoneError;
use crate::error_id::Phase;
use crate::phone::Phone;

/// Longest name of a passkey, in characters.
pub const MAX_NAME: usize = 64;

/// The passkeys of a phone.
#[derive(Clone, Copy)]
pub struct SecurityKeys<'a> {
    phone: &'a Phone,
}

impl<'a> SecurityKeys<'a> {
    pub(crate) const fn new(phone: &'a Phone) -> Self {
        SecurityKeys { phone }
    }

    /// All passkeys, most recently created first. One that is hidden is not offered, because its relying
    /// party does not know it any more; see [`crate::provider`].
    ///
    /// # Errors
    /// [`PhoneError::Store`]
    pub fn list(self) -> Result<Vec<CredentialSummary>, PhoneError> {
        Ok(self.phone.vault.list()?)
    }

    /// How many passkeys are damaged: they are kept aside, untouched, and are not listed.
    ///
    /// # Errors
    /// [`PhoneError::Store`]
    pub fn damaged(self) -> Result<u32, PhoneError> {
        Ok(self.phone.vault.damaged()?)
    }

    /// Gives a passkey a name of its owner's choice, at most [`MAX_NAME`] characters; an empty one
    /// removes it.
    ///
    /// # Errors
    /// [`PhoneError::InvalidName`], [`PhoneError::Store`]; nothing changes then.
    pub fn rename(self, id: &CredentialId, name: &str) -> Result<(), PhoneError> {
        let name = name.trim();
        if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
            return Err(PhoneError::InvalidName);
        }
        Ok(self.phone.vault.rename(id, name)?)
    }

    /// Offers a passkey again that its relying party has hidden; one that is not hidden stays as it is.
    ///
    /// # Errors
    /// [`PhoneError::Store`]; nothing changes then.
    pub fn unhide(self, id: &CredentialId) -> Result<(), PhoneError> {
        Ok(self.phone.vault.unhide(id)?)
    }

    /// Deletes a passkey and its key. It cannot be brought back. Cancelling ends the wait for the hardware: the
    /// passkey is gone then, and its key is deleted later.
    ///
    /// # Errors
    /// [`PhoneError::Store`], [`PhoneError::Canceled`]; nothing changes then.
    pub async fn delete(self, id: &CredentialId, cancel: &Cancel) -> Result<(), PhoneError> {
        if cancel.is_cancelled() {
            return Err(PhoneError::Canceled(Phase::Get));
        }
        tokio::select! {
            biased;
            deleted = self.phone.authenticator.delete(id) => Ok(deleted?),
            // What waits has left the store: only hardware is waited for.
            () = cancel.cancelled() => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
