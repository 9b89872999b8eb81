//! What the authenticator sees while it makes the passkey of a pairing.

use std::sync::Arc;

use latchkey_authenticator::Signal;
use latchkey_authenticator::credential::{Credential, CredentialId, CredentialSummary};
use latchkey_authenticator::ports::{CredentialStore, InsertLimits, StoreError};

use crate::Vault;
use crate::pairings::StoredPairing;
use crate::pending_passkey::PendingPasskey;

/// [`Vault::pending_store`]
pub(crate) struct PendingStore {
    vault: Arc<Vault>,
    request_id: String,
}

impl PendingStore {
    pub(crate) fn new(vault: Arc<Vault>, request_id: &str) -> Self {
        PendingStore { vault, request_id: request_id.to_owned() }
    }

    /// The pairing's passkey.
    fn pending(&self) -> Result<Option<Credential>, StoreError> {
        self.vault.with(|database| {
            let stored: Option<StoredPairing> = self.vault.one(database, &self.request_id)?;
            let passkey = stored.and_then(|stored| stored.passkey);
            Ok(passkey.map(|passkey| passkey.open()).transpose()?.map(|(credential, _)| credential))
        })
    }
}

impl CredentialStore for PendingStore {
    fn discoverable(&self, rp_id: &str) -> Result<Vec<Credential>, StoreError> {
        let pending = self.pending()?.filter(|pending| pending.discoverable && pending.rp_id == rp_id);
        Ok(pending.into_iter().chain(self.vault.discoverable(rp_id)?).collect())
    }

    fn get(&self, rp_id: &str, id: &CredentialId) -> Result<Option<Credential>, StoreError> {
        match self.pending()? {
            Some(pending) if pending.id == *id => Ok((pending.rp_id == rp_id).then_some(pending)),
            _ => self.vault.get(rp_id, id),
        }
    }

    fn insert(
        &self,
        credential: &Credential,
        limits: &InsertLimits,
    ) -> Result<Option<Credential>, StoreError> {
        let vault = &self.vault;
        vault.with(|database| {
            let transaction = database.write()?;
            let (row, mut stored) = vault.existing_row::<StoredPairing>(&transaction, &self.request_id)?;
            let earlier = stored.passkey.map(|passkey| passkey.open()).transpose()?;
            let earlier = earlier.map(|(credential, _)| credential);
            if earlier.as_ref().is_some_and(|earlier| earlier.id == credential.id) {
                return Err(StoreError::DuplicateId.into());
            }
            // What completion will do: refused now rather than when the server has agreed.
            vault.admit(&transaction, credential, limits)?;
            if earlier.as_ref().is_some_and(|earlier| !replaces(credential, earlier)) {
                return Err(StoreError::Full.into());
            }
            stored.passkey = Some(PendingPasskey::seal(credential, limits));
            vault.replace_row(&transaction, row, &stored)?;
            transaction.commit()?;
            Ok(earlier)
        })
    }

    fn advance_counter(&self, rp_id: &str, id: &CredentialId) -> Result<u32, StoreError> {
        self.vault.advance_counter(rp_id, id)
    }

    fn note_use(&self, id: &CredentialId, at: u64) -> Result<(), StoreError> {
        self.vault.note_use(id, at)
    }

    fn list(&self) -> Result<Vec<CredentialSummary>, StoreError> {
        let pending = self.pending()?.map(|pending| pending.summary());
        Ok(pending.into_iter().chain(self.vault.list()?).collect())
    }

    fn rename(&self, id: &CredentialId, label: &str) -> Result<(), StoreError> {
        self.vault.rename(id, label)
    }

    fn signal(&self, rp_id: &str, signal: &Signal) -> Result<Vec<CredentialSummary>, StoreError> {
        self.vault.signal(rp_id, signal)
    }

    fn unhide(&self, id: &CredentialId) -> Result<(), StoreError> {
        self.vault.unhide(id)
    }

    fn delete(&self, id: &CredentialId) -> Result<Credential, StoreError> {
        self.vault.delete(id)
    }
}

fn replaces(new: &Credential, old: &Credential) -> bool {
    new.discoverable && old.discoverable && new.rp_id == old.rp_id && new.user.id == old.user.id
}

#[cfg(test)]
mod tests;
