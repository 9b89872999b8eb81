//! Authenticator data (WebAuthn Level 3 section 6.1).

use crate::{CredProtect, PublicKey};

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

    /// `self` with the bits of `other` set when `condition` holds.
    #[must_use]
    pub const fn with(self, other: Flags, condition: bool) -> Flags {
        if condition { Flags(self.0 | other.0) } else { self }
    }
}

/// Attested credential data (WebAuthn Level 3 section 6.5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticatorData {
    /// SHA-256 of the RP ID.
    pub rp_id_hash: [u8; 32],
    /// UP, UV, BE and BS.
    pub flags: Flags,
    /// Signature counter.
    pub sign_count: u32,
    /// Present in registrations only.
    pub attested_credential: Option<AttestedCredentialData>,
    /// `credProtect` output, in registrations that asked for it.
    pub cred_protect: Option<CredProtect>,
}
