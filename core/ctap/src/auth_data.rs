//! Authenticator data (WebAuthn Level 3 section 6.1).

use crate::cbor::{Item, Writer};
use crate::entities::redacted;
use crate::{CredProtect, DecodeError, PublicKey};

/// Longest credential ID (WebAuthn Level 3 section 6.5.1), in bytes.
pub const MAX_CREDENTIAL_ID: usize = 1023;

redacted!(AttestedCredentialData, AuthenticatorData);

/// The flags byte. Bits: UP 0x01, UV 0x04, BE 0x08, BS 0x10, AT 0x40, ED 0x80.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u8);

impl Flags {
    /// User present.
    pub const UP: Flags = Flags(0x01);
    /// User verified.
    pub const UV: Flags = Flags(0x04);
    /// Backup eligible.
    pub const BE: Flags = Flags(0x08);
    /// Backed up.
    pub const BS: Flags = Flags(0x10);
    /// Attested credential data follows.
    pub const AT: Flags = Flags(0x40);
    /// Extension outputs follow.
    pub const ED: Flags = Flags(0x80);

    /// Whether every bit of `other` is set.
    #[must_use]
    pub const fn contains(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// `self` without the bits of `other`.
    #[must_use]
    pub const fn without(self, other: Flags) -> Flags {
        Flags(self.0 & !other.0)
    }

    /// `self` with the bits of `other` set when `condition` holds.
    #[must_use]
    pub const fn with(self, other: Flags, condition: bool) -> Flags {
        if condition { Flags(self.0 | other.0) } else { self }
    }
}

/// Attested credential data (WebAuthn Level 3 section 6.5.1).
#[derive(Clone, PartialEq, Eq)]
pub struct AttestedCredentialData {
    /// Model of the authenticator, 16 bytes.
    pub aaguid: [u8; 16],
    /// Credential ID, 1 to 1023 bytes.
    pub credential_id: Vec<u8>,
    /// Credential public key.
    pub public_key: PublicKey,
}

/// What an authenticator signs over, together with the client data hash.
///
/// The AT and ED flags are not stored: they follow from `attested_credential` and `cred_protect`.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthenticatorData {
    /// SHA-256 of the RP ID.
    pub rp_id_hash: [u8; 32],
    /// UP, UV, BE and BS; a decoded one also keeps bits that are reserved for future use.
    pub flags: Flags,
    /// Signature counter.
    pub sign_count: u32,
    /// Present in registrations only.
    pub attested_credential: Option<AttestedCredentialData>,
    /// `credProtect` output, in registrations that asked for it.
    pub cred_protect: Option<CredProtect>,
}

impl AttestedCredentialData {
    /// Reads the data at the start of `bytes` and returns what follows.
    fn read(bytes: &[u8]) -> Result<(Self, &[u8]), DecodeError> {
        use DecodeError::AuthenticatorDataTruncated as Truncated;

        let (&aaguid, rest) = bytes.split_first_chunk().ok_or(Truncated)?;
        let (&length, rest) = rest.split_first_chunk().ok_or(Truncated)?;
        let length = usize::from(u16::from_be_bytes(length));
        if length == 0 || length > MAX_CREDENTIAL_ID {
            return Err(DecodeError::InvalidValue("credentialIdLength"));
        }
        let (credential_id, rest) = rest.split_at_checked(length).ok_or(Truncated)?;
        let (key, rest) = Item::parse_prefix(rest)?;
        let credential_id = credential_id.to_vec();
        Ok((AttestedCredentialData { aaguid, credential_id, public_key: PublicKey::read(key)? }, rest))
    }

    fn write(&self, out: &mut Vec<u8>) {
        // An ID that is too long for its length field is far too long for any decoder.
        let length = u16::try_from(self.credential_id.len()).unwrap_or(u16::MAX);
        out.extend_from_slice(&self.aaguid);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&self.credential_id);
        out.extend_from_slice(&self.public_key.to_cose());
    }
}

impl AuthenticatorData {
    /// Decodes authenticator data. Passes over unknown extension outputs.
    ///
    /// # Errors
    /// * [`DecodeError::AuthenticatorDataTruncated`] and [`DecodeError::AuthenticatorDataTrailing`]:
    ///   not as long as its flags say;
    /// * [`DecodeError::InvalidValue`]: BS without BE, a credential ID not of 1 to 1023 bytes, a
    ///   `credProtect` level not of 1 to 3;
    /// * [`DecodeError::UnknownKey`]: see [`PublicKey::from_cose`];
    /// * [`DecodeError::Cbor`]: key or extension outputs are not canonical maps.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        use DecodeError::AuthenticatorDataTruncated as Truncated;

        let (&rp_id_hash, rest) = bytes.split_first_chunk().ok_or(Truncated)?;
        let (&flags, rest) = rest.split_first().ok_or(Truncated)?;
        let (&sign_count, mut rest) = rest.split_first_chunk().ok_or(Truncated)?;

        let flags = Flags(flags);
        if flags.contains(Flags::BS) && !flags.contains(Flags::BE) {
            return Err(DecodeError::InvalidValue("flags"));
        }
        let mut attested_credential = None;
        if flags.contains(Flags::AT) {
            let (data, after) = AttestedCredentialData::read(rest)?;
            attested_credential = Some(data);
            rest = after;
        }
        let mut cred_protect = None;
        if flags.contains(Flags::ED) {
            if rest.is_empty() {
                return Err(Truncated);
            }
            let (extensions, after) = Item::parse_prefix(rest)?;
            cred_protect = CredProtect::read(extensions)?;
            rest = after;
        }
        if !rest.is_empty() {
            return Err(DecodeError::AuthenticatorDataTrailing);
        }
        Ok(AuthenticatorData {
            rp_id_hash,
            flags: flags.without(Flags::AT).without(Flags::ED),
            sign_count: u32::from_be_bytes(sign_count),
            attested_credential,
            cred_protect,
        })
    }

    /// The bytes that are signed: 37 bytes, then attested credential data and extension outputs as
    /// far as there are any.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let flags = self
            .flags
            .without(Flags::AT)
            .without(Flags::ED)
            .with(Flags::AT, self.attested_credential.is_some())
            .with(Flags::ED, self.cred_protect.is_some());
        let mut out = self.rp_id_hash.to_vec();
        out.push(flags.0);
        out.extend_from_slice(&self.sign_count.to_be_bytes());
        if let Some(credential) = &self.attested_credential {
            credential.write(&mut out);
        }
        if let Some(level) = self.cred_protect {
            let mut extensions = Writer::new();
            level.write(&mut extensions);
            out.extend_from_slice(&extensions.finish());
        }
        out
    }
}

#[cfg(test)]
mod tests;
