use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use crate::credential::{Credential, CredentialId, CredentialSummary};
use crate::keys::{CredentialKey, SoftwareKey};
use crate::ports::{CredentialStore, InsertLimits, StoreError};
use crate::prf::PrfSecret;
use crate::signal::Signal;

/// Credentials in memory: the store of tests. It meets the same contract as the vault, but for
/// durability, of which it has none.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// In the order of insertion.
    records: Vec<Record>,
    failures: VecDeque<(StoreOperation, StoreError)>,
    closed: bool,
    changes: u64,
}

#[derive(Debug)]
struct Record {
    credential: Credential,
    damaged: bool,
}

/// A method of [`CredentialStore`] that can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreOperation {
    /// [`CredentialStore::discoverable`]
    Discoverable,
    /// [`CredentialStore::get`]
    Get,
    /// [`CredentialStore::insert`]
    Insert,
    /// [`CredentialStore::advance_counter`]
    AdvanceCounter,
    /// [`CredentialStore::note_use`]
    NoteUse,
    /// [`CredentialStore::list`]
    List,
    /// [`CredentialStore::rename`]
    Rename,
    /// [`CredentialStore::signal`]
    Signal,
    /// [`CredentialStore::unhide`]
    Unhide,
    /// [`CredentialStore::delete`]
    Delete,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the next call of `operation` fail, before it changes anything. Several calls fail in the
    /// order given here.
    pub fn fail_next(&self, operation: StoreOperation, error: StoreError) {
        self.state().failures.push_back((operation, error));
    }

    /// Damages a record: from now on it cannot be read.
    pub fn damage(&self, id: &CredentialId) {
        let mut state = self.state();
        if let Some(record) = state.records.iter_mut().find(|record| record.credential.id == *id) {
            record.damaged = true;
        }
    }

    /// From now on every call fails with [`StoreError::Closed`].
    pub fn close(&self) {
        self.state().closed = true;
    }

    /// How often the stored credentials have changed, uses included.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.state().changes
    }

    fn begin(&self, operation: StoreOperation) -> Result<MutexGuard<'_, State>, StoreError> {
        let mut state = self.state();
        if state.closed {
            return Err(StoreError::Closed);
        }
        let failure = state.failures.iter().position(|(at, _)| *at == operation);
        match failure.and_then(|index| state.failures.remove(index)) {
            Some((_, error)) => Err(error),
            None => Ok(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The readable record with this ID.
    fn find(&mut self, id: &CredentialId) -> Result<&mut Credential, StoreError> {
        match self.records.iter_mut().find(|record| record.credential.id == *id) {
            Some(Record { damaged: true, .. }) => Err(StoreError::Damaged),
            Some(record) => Ok(&mut record.credential),
            None => Err(StoreError::NotFound),
        }
    }

    fn readable(&self) -> impl DoubleEndedIterator<Item = &Credential> {
        self.records.iter().filter(|record| !record.damaged).map(|record| &record.credential)
    }
}

/// A copy, made through the only door that a key has.
fn copy(credential: &Credential) -> Result<Credential, StoreError> {
    let key = match &credential.key {
        CredentialKey::Software(key) => CredentialKey::Software(
            SoftwareKey::unseal(key.algorithm(), key.seal(|secret| Zeroizing::new(*secret)))
                .map_err(|_| StoreError::Damaged)?,
        ),
        CredentialKey::Hardware(key) => CredentialKey::Hardware(key.clone()),
    };
    Ok(Credential {
        id: credential.id.clone(),
        rp_id: credential.rp_id.clone(),
        rp_name: credential.rp_name.clone(),
        user: credential.user.clone(),
        key,
        prf_secret: credential
            .prf_secret
            .as_ref()
            .map(|prf| PrfSecret::unseal(prf.seal(|secret| Zeroizing::new(*secret)))),
        discoverable: credential.discoverable,
        hidden: credential.hidden,
        cred_protect: credential.cred_protect,
        sign_count: credential.sign_count,
        backup_eligible: credential.backup_eligible,
        backed_up: credential.backed_up,
        label: credential.label.clone(),
        created_at: credential.created_at,
        last_used_at: credential.last_used_at,
    })
}

impl CredentialStore for MemoryStore {
    fn discoverable(&self, rp_id: &str) -> Result<Vec<Credential>, StoreError> {
        let state = self.begin(StoreOperation::Discoverable)?;
        let found = state.readable().rev();
        found.filter(|c| c.discoverable && !c.hidden && c.rp_id == rp_id).map(copy).collect()
    }

    fn get(&self, rp_id: &str, id: &CredentialId) -> Result<Option<Credential>, StoreError> {
        let state = self.begin(StoreOperation::Get)?;
        match state.records.iter().find(|r| r.credential.id == *id && r.credential.rp_id == rp_id) {
            Some(Record { damaged: true, .. }) => Err(StoreError::Damaged),
            Some(record) => copy(&record.credential).map(Some),
            None => Ok(None),
        }
    }

    fn insert(
        &self,
        credential: &Credential,
        limits: &InsertLimits,
    ) -> Result<Option<Credential>, StoreError> {
        let mut state = self.begin(StoreOperation::Insert)?;
        if state.records.iter().any(|record| record.credential.id == credential.id) {
            return Err(StoreError::DuplicateId);
        }
        let of_rp = |other: &Credential| other.rp_id == credential.rp_id;
        let of_user = |other: &Credential| of_rp(other) && other.user.id == credential.user.id;
        let replaced = state.records.iter().position(|record| {
            let other = &record.credential;
            !record.damaged && credential.discoverable && other.discoverable && of_user(other)
        });
        if replaced.is_some() && !limits.replaces {
            return Err(StoreError::AccountExists);
        }
        let freed = usize::from(replaced.is_some());
        if state.readable().filter(|other| of_user(other)).count() >= limits.per_user.saturating_add(freed) {
            return Err(StoreError::Full);
        }
        let of_rp = state.readable().filter(|other| of_rp(other)).count();
        if limits.per_rp.is_some_and(|limit| of_rp >= limit.saturating_add(freed)) {
            return Err(StoreError::OnlyOnePerDevice);
        }
        let record = Record { credential: copy(credential)?, damaged: false };
        let replaced = replaced.map(|index| state.records.remove(index).credential);
        state.records.push(record);
        state.changes = state.changes.saturating_add(1);
        Ok(replaced)
    }

    fn advance_counter(&self, rp_id: &str, id: &CredentialId) -> Result<u32, StoreError> {
        let mut state = self.begin(StoreOperation::AdvanceCounter)?;
        let credential = state.find(id)?;
        if credential.rp_id != rp_id {
            return Err(StoreError::NotFound);
        }
        let Some(count) = credential.sign_count else {
            return Ok(0);
        };
        let advanced = count.checked_add(1).ok_or(StoreError::CounterExhausted)?;
        credential.sign_count = Some(advanced);
        state.changes = state.changes.saturating_add(1);
        Ok(advanced)
    }

    fn note_use(&self, id: &CredentialId, at: u64) -> Result<(), StoreError> {
        let mut state = self.begin(StoreOperation::NoteUse)?;
        state.find(id)?.last_used_at = Some(at);
        state.changes = state.changes.saturating_add(1);
        Ok(())
    }

    fn list(&self) -> Result<Vec<CredentialSummary>, StoreError> {
        let state = self.begin(StoreOperation::List)?;
        Ok(state.readable().rev().map(Credential::summary).collect())
    }

    fn rename(&self, id: &CredentialId, label: &str) -> Result<(), StoreError> {
        let mut state = self.begin(StoreOperation::Rename)?;
        state.find(id)?.label = (!label.is_empty()).then(|| label.to_owned());
        state.changes = state.changes.saturating_add(1);
        Ok(())
    }

    fn signal(&self, rp_id: &str, signal: &Signal) -> Result<Vec<CredentialSummary>, StoreError> {
        let mut state = self.begin(StoreOperation::Signal)?;
        let mut changed = Vec::new();
        for Record { credential, damaged } in state.records.iter_mut().rev() {
            if *damaged || credential.rp_id != rp_id {
                continue;
            }
            let Credential { id, user, hidden, .. } = credential;
            if signal.apply(id, user, hidden) {
                changed.push(credential.summary());
            }
        }
        state.changes = state.changes.saturating_add(u64::try_from(changed.len()).unwrap_or(u64::MAX));
        Ok(changed)
    }

    fn unhide(&self, id: &CredentialId) -> Result<(), StoreError> {
        let mut state = self.begin(StoreOperation::Unhide)?;
        if core::mem::take(&mut state.find(id)?.hidden) {
            state.changes = state.changes.saturating_add(1);
        }
        Ok(())
    }

    fn delete(&self, id: &CredentialId) -> Result<Credential, StoreError> {
        let mut state = self.begin(StoreOperation::Delete)?;
        state.find(id)?;
        let index = state.records.iter().position(|r| r.credential.id == *id).ok_or(StoreError::NotFound)?;
        state.changes = state.changes.saturating_add(1);
        Ok(state.records.remove(index).credential)
    }
}

#[cfg(test)]
mod tests;
