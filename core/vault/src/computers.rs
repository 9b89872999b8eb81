//! The computers that this phone is paired with.

use latchkey_authenticator::credential::CredentialId;
use latchkey_authenticator::ports::StoreError;
use latchkey_ctap::cbor::Writer;
use zeroize::Zeroizing;

use crate::Vault;
use crate::keys::Damaged;
use crate::payload::{self, Entries};
use crate::table::{Sealed, Table, table};

/// A computer that this phone unlocks. Personal data, and a secret: never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Computer {
    /// Its ID; also the computer ID of its offline PINs.
    pub machine_id: String,
    /// What its owner calls it; at first its own name.
    pub name: String,
    /// Its own name.
    pub machine_name: String,
    /// The account on it.
    pub os_user: String,
    /// Base URL of its Control Center, `https://host[:port]`.
    pub tenant: String,
    /// The RP application.
    pub rp_app_id: String,
    /// The registration of this phone that it belongs to.
    pub device_id: String,
    /// Its machine key, P-256, X9.62 compressed.
    pub public_key: [u8; 33],
    /// What phone and computer share since they were paired.
    pub pairing_secret: Zeroizing<[u8; 32]>,
    /// The passkey that unlocks it.
    pub credential_id: CredentialId,
    /// RP ID of that passkey.
    pub rp_id: String,
    /// Unix seconds.
    pub paired_at: u64,
    /// When it was last unlocked online, in Unix seconds.
    pub last_online_at: Option<u64>,
    /// Its owner removed it, and the server does not know yet.
    pub leaving: bool,
}

impl Vault {
    /// All computers, in the order of pairing; one that is paired anew keeps its place. Damaged ones
    /// are quarantined and left out.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn computers(&self) -> Result<Vec<Computer>, StoreError> {
        self.with(|database| self.all(database))
    }

    /// The computer with this machine ID.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], once: it is quarantined then and not found any more; [`StoreError`]
    pub fn computer(&self, machine_id: &str) -> Result<Option<Computer>, StoreError> {
        self.with(|database| self.one(database, machine_id))
    }

    /// Stores a computer, in the place of the one with the same machine ID if there is one.
    ///
    /// # Errors
    /// [`StoreError`]; nothing changes then
    pub fn put_computer(&self, computer: &Computer) -> Result<(), StoreError> {
        self.with(|database| {
            let transaction = database.write()?;
            self.put_row(&transaction, computer)?;
            Ok(transaction.commit()?)
        })
    }

    /// Changes a computer in one transaction. `change` must not touch the machine ID.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError`]; nothing changes then
    pub fn change_computer(
        &self,
        machine_id: &str,
        change: impl FnOnce(&mut Computer),
    ) -> Result<(), StoreError> {
        self.with(|database| {
            let transaction = database.write()?;
            let (row, mut computer) = self.existing_row::<Computer>(&transaction, machine_id)?;
            change(&mut computer);
            machine_id.clone_into(&mut computer.machine_id);
            self.replace_row(&transaction, row, &computer)?;
            Ok(transaction.commit()?)
        })
    }

    /// Removes a computer and its offline PINs in one transaction.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError`]; nothing changes then
    pub fn remove_computer(&self, machine_id: &str) -> Result<(), StoreError> {
        self.with(|database| {
            let transaction = database.write()?;
            self.delete_row::<Computer>(&transaction, machine_id)?;
            self.delete_offline_set(&transaction, machine_id)?;
            Ok(transaction.commit()?)
        })
    }
}

/// Version of the record, its entry 0.
const VERSION: u64 = 1;

impl Sealed for Computer {
    const TABLE: Table = table!("computer");

    fn key(&self) -> &str {
        &self.machine_id
    }

    fn record(&self) -> Vec<u8> {
        let mut map = Writer::new();
        map.map(if self.last_online_at.is_some() { 14 } else { 13 });
        map.unsigned(0).unsigned(VERSION);
        map.unsigned(1).text(&self.machine_id);
        map.unsigned(2).text(&self.name);
        map.unsigned(3).text(&self.machine_name);
        map.unsigned(4).text(&self.os_user);
        map.unsigned(5).text(&self.tenant);
        map.unsigned(6).text(&self.rp_app_id);
        map.unsigned(7).text(&self.device_id);
        map.unsigned(8).bytes(&self.public_key);
        map.unsigned(9).bytes(&self.credential_id.0);
        map.unsigned(10).text(&self.rp_id);
        map.unsigned(11).unsigned(self.paired_at);
        if let Some(at) = self.last_online_at {
            map.unsigned(12).unsigned(at);
        }
        map.unsigned(13).boolean(self.leaving);
        payload::pad(map.finish())
    }

    fn secret(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.pairing_secret.to_vec())
    }

    fn unseal(record: &[u8], secret: &[u8]) -> Result<Self, Damaged> {
        let mut entries = Entries::of(payload::unpad(record)?)?;
        if entries.required(0)?.unsigned()? != VERSION {
            return Err(Damaged);
        }
        let computer = Computer {
            machine_id: entries.required(1)?.text()?.to_owned(),
            name: entries.required(2)?.text()?.to_owned(),
            machine_name: entries.required(3)?.text()?.to_owned(),
            os_user: entries.required(4)?.text()?.to_owned(),
            tenant: entries.required(5)?.text()?.to_owned(),
            rp_app_id: entries.required(6)?.text()?.to_owned(),
            device_id: entries.required(7)?.text()?.to_owned(),
            public_key: entries.required(8)?.byte_array()?,
            credential_id: CredentialId(entries.required(9)?.bytes()?.to_vec()),
            rp_id: entries.required(10)?.text()?.to_owned(),
            paired_at: entries.required(11)?.unsigned()?,
            last_online_at: entries.optional(12)?.map(|at| at.unsigned()).transpose()?,
            leaving: entries.required(13)?.boolean()?,
            pairing_secret: Zeroizing::new(secret.try_into().map_err(|_| Damaged)?),
        };
        entries.end()?;
        Ok(computer)
    }
}

impl core::fmt::Debug for Computer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Computer(redacted)")
    }
}

#[cfg(test)]
mod tests;
