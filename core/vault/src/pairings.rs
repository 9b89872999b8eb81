//! Pairings under way: a passkey that waits for the server's word, committed or given up as a whole.

use std::sync::Arc;

use latchkey_authenticator::credential::{Credential, CredentialSummary};
use latchkey_authenticator::ports::{CredentialStore, StoreError};
use latchkey_ctap::cbor::Writer;
use zeroize::Zeroizing;

use crate::keys::Damaged;
use crate::payload::{self, Entries};
use crate::pending_passkey::PendingPasskey;
use crate::pending_store::PendingStore;
use crate::table::{Sealed, Table, table};
use crate::{Computer, Registration, Vault};

/// A pairing whose end is not known yet: what is needed to ask the server about it. Personal data,
/// and a secret: never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct PendingPairing {
    /// The code's request.
    pub request_id: String,
    /// Base URL of the Control Center, `https://host[:port]`.
    pub tenant: String,
    /// The code's nonce.
    pub nonce: Zeroizing<[u8; 32]>,
    /// The machine key in the code, P-256, X9.62 compressed: the one that the computer must have. A code
    /// without a computer has none.
    pub machine_key: Option<[u8; 33]>,
    /// Unix seconds.
    pub started_at: u64,
}

impl Vault {
    /// Remembers a pairing before anything is made for it.
    ///
    /// # Errors
    /// [`StoreError::DuplicateId`] when a pairing with this request is under way; [`StoreError`];
    /// nothing changes then
    pub fn begin_pairing(&self, pairing: &PendingPairing) -> Result<(), StoreError> {
        let stored = StoredPairing { pairing: pairing.clone(), passkey: None };
        self.with(|database| {
            let transaction = database.write()?;
            match self.existing_row::<StoredPairing>(&transaction, &pairing.request_id) {
                Ok(_) => return Err(StoreError::DuplicateId.into()),
                Err(refusal) if !refusal.is(&StoreError::NotFound) => return Err(refusal),
                Err(_) => self.put_row(&transaction, &stored)?,
            }
            Ok(transaction.commit()?)
        })
    }

    /// The pairings under way, the oldest first. Damaged ones are quarantined and left out.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn pending_pairings(&self) -> Result<Vec<PendingPairing>, StoreError> {
        let stored: Vec<StoredPairing> = self.with(|database| self.all(database))?;
        Ok(stored.into_iter().map(|stored| stored.pairing).collect())
    }

    /// The passkey of a pairing under way, without its key, once it was made.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without such a pairing; [`StoreError`]
    pub fn pending_passkey(&self, request_id: &str) -> Result<Option<CredentialSummary>, StoreError> {
        self.with(|database| {
            let stored: StoredPairing = self.one(database, request_id)?.ok_or(StoreError::NotFound)?;
            let Some(passkey) = stored.passkey else { return Ok(None) };
            Ok(Some(passkey.open()?.0.summary()))
        })
    }

    /// The store through which a pairing's passkey is made: every passkey of this vault, and the one of
    /// the pairing, which only this store shows and counts. It replaces nothing until the pairing is
    /// completed.
    ///
    /// A pairing has one passkey: another one of the same account takes its place, anything else is
    /// [`StoreError::Full`]. Without the pairing an insertion is [`StoreError::NotFound`]. Only
    /// passkeys that are not pending can be used, renamed and deleted.
    #[must_use]
    pub fn pending_store(self: &Arc<Self>, request_id: &str) -> Arc<dyn CredentialStore> {
        Arc::new(PendingStore::new(Arc::clone(self), request_id))
    }

    /// Ends a pairing with success, in one transaction: its passkey becomes visible and replaces the
    /// discoverable one of the same account, registration and computer are stored in the place of
    /// those with the same IDs, the other computers of the registration are unlocked with the new
    /// passkey from then on, offline PINs that the computer gave before are forgotten, and the pairing
    /// is no longer under way. Returns the passkey that was replaced, so that its hardware key
    /// can be deleted.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without such a pairing, or without a passkey in it;
    /// [`StoreError::Full`] and [`StoreError::OnlyOnePerDevice`] when the limits that the passkey was
    /// made under were reached in the meantime; [`StoreError`]. Nothing changes then.
    pub fn complete_pairing(
        &self,
        request_id: &str,
        registration: &Registration,
        computer: Option<&Computer>,
    ) -> Result<Option<Credential>, StoreError> {
        self.with(|database| {
            let transaction = database.write()?;
            let stored: StoredPairing = self.delete_row(&transaction, request_id)?;
            let (passkey, limits) = stored.passkey.ok_or(StoreError::NotFound)?.open()?;
            let replaced = self.insert_credential(&transaction, &passkey, &limits)?;
            self.put_row(&transaction, registration)?;
            let (computers, _) = self.scan::<Computer>(&transaction)?;
            for mut other in computers {
                if other.device_id == registration.device_id {
                    other.credential_id = registration.credential_id.clone();
                    other.rp_id = registration.rp_id.clone();
                    self.put_row(&transaction, &other)?;
                }
            }
            if let Some(computer) = computer {
                self.put_row(&transaction, computer)?;
                self.delete_offline_set(&transaction, &computer.machine_id)?;
            }
            transaction.commit()?;
            Ok(replaced)
        })
    }

    /// Ends a pairing without success: its passkey and all trace of it are gone, in one transaction.
    /// Returns the passkey so that its hardware key can be deleted.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError`]; nothing changes then
    pub fn abandon_pairing(&self, request_id: &str) -> Result<Option<Credential>, StoreError> {
        self.with(|database| {
            let transaction = database.write()?;
            let stored: StoredPairing = self.delete_row(&transaction, request_id)?;
            let passkey = stored.passkey.map(|passkey| passkey.open()).transpose()?;
            transaction.commit()?;
            Ok(passkey.map(|(passkey, _)| passkey))
        })
    }
}

/// A row of the table: the pairing, and its passkey once it was made.
pub(crate) struct StoredPairing {
    pub(crate) pairing: PendingPairing,
    pub(crate) passkey: Option<PendingPasskey>,
}

/// Version of the record, its entry 0.
const VERSION: u64 = 1;

impl Sealed for StoredPairing {
    const TABLE: Table = table!("pairing");

    fn key(&self) -> &str {
        &self.pairing.request_id
    }

    fn record(&self) -> Vec<u8> {
        let mut map = Writer::new();
        map.map(if self.pairing.machine_key.is_some() { 5 } else { 4 });
        map.unsigned(0).unsigned(VERSION);
        map.unsigned(1).text(&self.pairing.request_id);
        map.unsigned(2).text(&self.pairing.tenant);
        map.unsigned(3).unsigned(self.pairing.started_at);
        if let Some(key) = &self.pairing.machine_key {
            map.unsigned(4).bytes(key);
        }
        payload::pad(map.finish())
    }

    /// The nonce, then the passkey if there is one.
    fn secret(&self) -> Zeroizing<Vec<u8>> {
        let passkey = self.passkey.as_ref().map_or(&[][..], PendingPasskey::as_bytes);
        Zeroizing::new([self.pairing.nonce.as_slice(), passkey].concat())
    }

    fn unseal(record: &[u8], secret: &[u8]) -> Result<Self, Damaged> {
        let (nonce, passkey) = secret.split_first_chunk().ok_or(Damaged)?;
        let mut entries = Entries::of(payload::unpad(record)?)?;
        if entries.required(0)?.unsigned()? != VERSION {
            return Err(Damaged);
        }
        let pairing = PendingPairing {
            request_id: entries.required(1)?.text()?.to_owned(),
            tenant: entries.required(2)?.text()?.to_owned(),
            nonce: Zeroizing::new(*nonce),
            started_at: entries.required(3)?.unsigned()?,
            machine_key: entries.optional(4)?.map(|key| key.byte_array()).transpose()?,
        };
        entries.end()?;
        let passkey = match passkey {
            [] => None,
            passkey => Some(PendingPasskey::from_bytes(passkey)?),
        };
        Ok(StoredPairing { pairing, passkey })
    }
}

impl core::fmt::Debug for PendingPairing {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PendingPairing(redacted)")
    }
}

#[cfg(test)]
mod tests;
