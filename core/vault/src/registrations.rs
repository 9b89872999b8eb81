//! The registrations of this phone at Control Centers.

use latchkey_authenticator::credential::CredentialId;
use latchkey_authenticator::ports::StoreError;
use latchkey_ctap::cbor::Writer;
use zeroize::Zeroizing;

use crate::Vault;
use crate::keys::Damaged;
use crate::payload::{self, Entries};
use crate::table::{Sealed, Table, table};

/// A registration: an account at a Control Center that this phone speaks for. Personal data, and a
/// secret: never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Registration {
    /// What the server calls it.
    pub device_id: String,
    /// Base URL of the Control Center, `https://host[:port]`.
    pub tenant: String,
    /// The account.
    pub username: String,
    /// Bearer token.
    pub token: Zeroizing<String>,
    /// Its passkey.
    pub credential_id: CredentialId,
    /// RP ID of that passkey.
    pub rp_id: String,
    /// Unix seconds.
    pub registered_at: u64,
}

impl Vault {
    /// All registrations, the oldest first. Damaged ones are quarantined and left out.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn registrations(&self) -> Result<Vec<Registration>, StoreError> {
        self.with(|database| self.all(database))
    }

    /// The registration with this ID.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], once: it is quarantined then and not found any more; [`StoreError`]
    pub fn registration(&self, device_id: &str) -> Result<Option<Registration>, StoreError> {
        self.with(|database| self.one(database, device_id))
    }

    /// Forgets a registration.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError`]; nothing changes then
    pub fn remove_registration(&self, device_id: &str) -> Result<(), StoreError> {
        self.with(|database| {
            let transaction = database.write()?;
            self.delete_row::<Registration>(&transaction, device_id)?;
            Ok(transaction.commit()?)
        })
    }
}

/// Version of the record, its entry 0.
const VERSION: u64 = 1;

impl Sealed for Registration {
    const TABLE: Table = table!("registration");

    fn key(&self) -> &str {
        &self.device_id
    }

    fn record(&self) -> Vec<u8> {
        let mut map = Writer::new();
        map.map(7);
        map.unsigned(0).unsigned(VERSION);
        map.unsigned(1).text(&self.device_id);
        map.unsigned(2).text(&self.tenant);
        map.unsigned(3).text(&self.username);
        map.unsigned(4).bytes(&self.credential_id.0);
        map.unsigned(5).text(&self.rp_id);
        map.unsigned(6).unsigned(self.registered_at);
        payload::pad(map.finish())
    }

    fn secret(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.token.as_bytes().to_vec())
    }

    fn unseal(record: &[u8], secret: &[u8]) -> Result<Self, Damaged> {
        let mut entries = Entries::of(payload::unpad(record)?)?;
        if entries.required(0)?.unsigned()? != VERSION {
            return Err(Damaged);
        }
        let token = core::str::from_utf8(secret).map_err(|_| Damaged)?;
        let registration = Registration {
            device_id: entries.required(1)?.text()?.to_owned(),
            tenant: entries.required(2)?.text()?.to_owned(),
            username: entries.required(3)?.text()?.to_owned(),
            token: Zeroizing::new(token.to_owned()),
            credential_id: CredentialId(entries.required(4)?.bytes()?.to_vec()),
            rp_id: entries.required(5)?.text()?.to_owned(),
            registered_at: entries.required(6)?.unsigned()?,
        };
        entries.end()?;
        Ok(registration)
    }
}

impl core::fmt::Debug for Registration {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Registration(redacted)")
    }
}

#[cfg(test)]
mod tests;
