//! The form of a passkey that waits for the server's word.

use latchkey_authenticator::credential::Credential;
use latchkey_authenticator::ports::InsertLimits;
use latchkey_ctap::cbor::{Item, Writer};
use zeroize::Zeroizing;

use crate::keys::Damaged;
use crate::payload::Entries;
use crate::record::Record;
use crate::secrets::Secrets;

/// A credential with the limits that it was made under: a map in canonical CBOR. Holds its secrets.
pub(crate) struct PendingPasskey(Zeroizing<Vec<u8>>);

impl PendingPasskey {
    pub(crate) fn seal(credential: &Credential, limits: &InsertLimits) -> Self {
        let secrets = Secrets::of(credential);
        let present = [
            limits.per_rp.is_some(),
            credential.sign_count.is_some(),
            credential.last_used_at.is_some(),
            secrets.is_some(),
        ];
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let mut map = Writer::new();
        map.map(present.into_iter().filter(|present| *present).count().saturating_add(2));
        map.unsigned(1).unsigned(count(limits.per_user));
        if let Some(per_rp) = limits.per_rp {
            map.unsigned(2).unsigned(count(per_rp));
        }
        if let Some(counter) = credential.sign_count {
            map.unsigned(3).unsigned(counter.into());
        }
        if let Some(at) = credential.last_used_at {
            map.unsigned(4).unsigned(at);
        }
        map.unsigned(5).bytes(&Record::from(credential).encode());
        // Last, so that no growing buffer leaves a copy of them behind.
        if let Some(secrets) = &secrets {
            map.unsigned(6).bytes(secrets);
        }
        PendingPasskey(Zeroizing::new(map.finish()))
    }

    /// Undoes [`PendingPasskey::seal`]; nothing else is accepted.
    pub(crate) fn open(&self) -> Result<(Credential, InsertLimits), Damaged> {
        let number = |item: Item<'_>| -> Result<usize, Damaged> {
            usize::try_from(item.unsigned()?).map_err(|_| Damaged)
        };
        let mut entries = Entries::of(&self.0)?;
        let limits = InsertLimits {
            per_user: number(entries.required(1)?)?,
            per_rp: entries.optional(2)?.map(number).transpose()?,
            // Nobody is paired without being asked.
            replaces: true,
        };
        let counter = entries.optional(3)?.map(Item::unsigned).transpose()?;
        let last_used_at = entries.optional(4)?.map(Item::unsigned).transpose()?;
        let mut record = Record::decode(entries.required(5)?.bytes()?)?;
        record.summary.last_used_at = last_used_at;
        let secrets = entries.optional(6)?.map(Item::bytes).transpose()?.unwrap_or_default();
        let secrets = record.open_secrets(secrets)?;
        entries.end()?;
        let counter = counter.map(u32::try_from).transpose().map_err(|_| Damaged)?;
        Ok((record.into_credential(secrets, counter)?, limits))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Takes what [`PendingPasskey::as_bytes`] gave.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, Damaged> {
        let passkey = PendingPasskey(Zeroizing::new(bytes.to_vec()));
        passkey.open()?;
        Ok(passkey)
    }
}

#[cfg(test)]
mod tests;
