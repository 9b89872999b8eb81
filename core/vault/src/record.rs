//! The record of a credential.

use crate::keys::Damaged;
use crate::payload::{self, Entries, text};
use crate::secrets::Secrets;
use latchkey_authenticator::credential::{Credential, CredentialId, CredentialSummary};
use latchkey_authenticator::keys::{CredentialKey, SoftwareKey};
use latchkey_authenticator::ports::HardwareKey;
use latchkey_authenticator::prf::PrfSecret;
use latchkey_ctap::cbor::{Item, Writer};
use latchkey_ctap::{Algorithm, CredProtect, PublicKey, User};

/// Version of the payload, its entry 0.
const VERSION: u64 = 1;

/// What is known of a credential without its secrets, its counter and its last use, which are
/// sealed on their own.
#[derive(Debug)]
pub(crate) struct Record {
    /// `last_used_at` is not part of the payload.
    pub(crate) summary: CredentialSummary,
    cred_protect: CredProtect,
    key: KeyKind,
    /// There is a PRF secret.
    prf: bool,
}

#[derive(Debug)]
enum KeyKind {
    Software(Algorithm),
    Hardware(HardwareKey),
}

impl From<&Credential> for Record {
    fn from(credential: &Credential) -> Self {
        Record {
            summary: credential.summary(),
            cred_protect: credential.cred_protect,
            key: match &credential.key {
                CredentialKey::Software(key) => KeyKind::Software(key.algorithm()),
                CredentialKey::Hardware(key) => KeyKind::Hardware(key.clone()),
            },
            prf: credential.prf_secret.is_some(),
        }
    }
}

impl Record {
    /// The secrets of this credential from their sealed bytes: those that the record speaks of, all of
    /// them and no others.
    pub(crate) fn open_secrets(&self, plain: &[u8]) -> Result<Secrets, Damaged> {
        Secrets::open(!self.summary.hardware_key, self.prf, plain)
    }

    /// The whole credential, with the secrets from [`Record::open_secrets`].
    pub(crate) fn into_credential(
        self,
        secrets: Secrets,
        sign_count: Option<u32>,
    ) -> Result<Credential, Damaged> {
        let key = match (self.key, secrets.key) {
            (KeyKind::Software(algorithm), Some(secret)) => {
                CredentialKey::Software(SoftwareKey::unseal(algorithm, secret).map_err(|_| Damaged)?)
            }
            (KeyKind::Hardware(key), None) => CredentialKey::Hardware(key),
            _ => return Err(Damaged),
        };
        let summary = self.summary;
        Ok(Credential {
            id: summary.id,
            rp_id: summary.rp_id,
            rp_name: summary.rp_name,
            user: summary.user,
            key,
            prf_secret: secrets.prf.map(PrfSecret::unseal),
            discoverable: summary.discoverable,
            hidden: summary.hidden,
            cred_protect: self.cred_protect,
            sign_count,
            backup_eligible: summary.backup_eligible,
            backed_up: summary.backed_up,
            label: summary.label,
            created_at: summary.created_at,
            last_used_at: summary.last_used_at,
        })
    }

    /// A map of the entries below, padded.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let summary = &self.summary;
        let optional = [&summary.rp_name, &summary.user.name, &summary.user.display_name, &summary.label];
        let present = optional.iter().filter(|text| text.is_some()).count();
        let (algorithm, hardware) = match &self.key {
            KeyKind::Software(algorithm) => (algorithm.0, None),
            KeyKind::Hardware(key) => (algorithm_of(&key.public_key).0, Some(key)),
        };
        let hardware_entries = if hardware.is_some() { 2 } else { 0 };
        let flags = usize::from(summary.hidden).saturating_add(usize::from(self.prf));
        let entries = present.saturating_add(hardware_entries).saturating_add(flags);

        let mut writer = Writer::new();
        writer.map(entries.saturating_add(10));
        writer.unsigned(0).unsigned(VERSION);
        writer.unsigned(1).bytes(&summary.id.0);
        writer.unsigned(2).text(&summary.rp_id);
        text(&mut writer, 3, summary.rp_name.as_deref());
        writer.unsigned(4).bytes(&summary.user.id);
        text(&mut writer, 5, summary.user.name.as_deref());
        text(&mut writer, 6, summary.user.display_name.as_deref());
        writer.unsigned(7).integer(algorithm);
        if let Some(HardwareKey { handle, public_key }) = hardware {
            writer.unsigned(8).bytes(handle);
            match public_key {
                PublicKey::Es256 { x, y } => writer.unsigned(9).bytes(&[*x, *y].concat()),
                PublicKey::EdDsa { x } => writer.unsigned(9).bytes(x),
            };
        }
        writer.unsigned(10).boolean(summary.discoverable);
        writer.unsigned(11).unsigned(self.cred_protect as u64);
        writer.unsigned(12).boolean(summary.backup_eligible);
        writer.unsigned(13).boolean(summary.backed_up);
        text(&mut writer, 14, summary.label.as_deref());
        writer.unsigned(15).unsigned(summary.created_at);
        if summary.hidden {
            writer.unsigned(16).boolean(true);
        }
        if self.prf {
            writer.unsigned(17).boolean(true);
        }

        payload::pad(writer.finish())
    }

    /// Strict: exactly what [`Record::encode`] writes.
    pub(crate) fn decode(payload: &[u8]) -> Result<Self, Damaged> {
        Self::decode_map(payload::unpad(payload)?)
    }

    fn decode_map(map: &[u8]) -> Result<Self, Damaged> {
        let mut entries = Entries::of(map)?;
        if entries.required(0)?.unsigned()? != VERSION {
            return Err(Damaged);
        }
        let id = CredentialId(entries.required(1)?.bytes()?.to_vec());
        let rp_id = entries.required(2)?.text()?.to_owned();
        let rp_name = entries.text(3)?;
        let user = User {
            id: entries.required(4)?.bytes()?.to_vec(),
            name: entries.text(5)?,
            display_name: entries.text(6)?,
        };
        let algorithm = Algorithm(entries.required(7)?.integer()?);
        let key = match entries.optional(8)? {
            None => KeyKind::Software(algorithm),
            Some(handle) => KeyKind::Hardware(HardwareKey {
                handle: handle.bytes()?.to_vec(),
                public_key: public_key(algorithm, entries.required(9)?)?,
            }),
        };
        let discoverable = entries.required(10)?.boolean()?;
        let cred_protect = match entries.required(11)?.unsigned()? {
            1 => CredProtect::UvOptional,
            2 => CredProtect::UvOptionalWithCredentialIdList,
            3 => CredProtect::UvRequired,
            _ => return Err(Damaged),
        };
        let mut summary = CredentialSummary {
            id,
            rp_id,
            rp_name,
            user,
            discoverable,
            hidden: false,
            backup_eligible: entries.required(12)?.boolean()?,
            backed_up: entries.required(13)?.boolean()?,
            hardware_key: matches!(key, KeyKind::Hardware(_)),
            label: entries.text(14)?,
            created_at: entries.required(15)?.unsigned()?,
            last_used_at: None,
        };
        summary.hidden = flag(&mut entries, 16)?;
        let prf = flag(&mut entries, 17)?;
        entries.end()?;
        Ok(Record { summary, cred_protect, key, prf })
    }
}

/// An entry that is there, and true, for what it says alone.
fn flag(entries: &mut Entries<'_>, key: u8) -> Result<bool, Damaged> {
    match entries.optional(key)?.map(Item::boolean).transpose()? {
        None => Ok(false),
        Some(true) => Ok(true),
        Some(false) => Err(Damaged),
    }
}

const fn algorithm_of(key: &PublicKey) -> Algorithm {
    match key {
        PublicKey::Es256 { .. } => Algorithm::ES256,
        PublicKey::EdDsa { .. } => Algorithm::EDDSA,
    }
}

fn public_key(algorithm: Algorithm, item: Item<'_>) -> Result<PublicKey, Damaged> {
    match algorithm {
        Algorithm::ES256 => {
            let (x, y) = item.bytes()?.split_first_chunk::<32>().ok_or(Damaged)?;
            Ok(PublicKey::Es256 { x: *x, y: y.try_into().map_err(|_| Damaged)? })
        }
        Algorithm::EDDSA => Ok(PublicKey::EdDsa { x: item.byte_array()? }),
        _ => Err(Damaged),
    }
}

#[cfg(test)]
mod tests;
