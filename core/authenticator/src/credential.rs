//! A stored credential.

use latchkey_ctap::{CredProtect, Flags, User};

use crate::keys::CredentialKey;
use crate::prf::PrfSecret;

/// A credential ID: 32 random bytes when made here, exact bytes always.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CredentialId(pub Vec<u8>);

impl core::fmt::Debug for CredentialId {
    /// A credential ID can be traced to a person: it is not shown.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("CredentialId(redacted)")
    }
}

/// A credential with its key. Not `Clone`: a key has one owner. Personal data: never logged.
pub struct Credential {
    /// Its ID.
    pub id: CredentialId,
    /// RP ID it is bound to.
    pub rp_id: String,
    /// The relying party's name for people.
    pub rp_name: Option<String>,
    /// The account.
    pub user: User,
    /// The signing key, or the handle of one.
    pub key: CredentialKey,
    /// The secret of its PRF outputs. `None` for one that was made before there were such secrets: it
    /// never gets one.
    pub prf_secret: Option<PrfSecret>,
    /// Found without an allow list, unless it is hidden.
    pub discoverable: bool,
    /// Its relying party does not accept it (WebAuthn Level 3 section 5.1.10): used only where an allow
    /// list names it.
    pub hidden: bool,
    /// `credProtect` level.
    pub cred_protect: CredProtect,
    /// Last signed counter; `None` signs a constant zero. Which of the two never changes.
    pub sign_count: Option<u32>,
    /// May be backed up (flag BE). Never changes.
    pub backup_eligible: bool,
    /// Is backed up (flag BS).
    pub backed_up: bool,
    /// Name given by its owner.
    pub label: Option<String>,
    /// Unix seconds.
    pub created_at: u64,
    /// Unix seconds.
    pub last_used_at: Option<u64>,
}

/// What lists show of a credential. Personal data: never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct CredentialSummary {
    /// Its ID.
    pub id: CredentialId,
    /// RP ID it is bound to.
    pub rp_id: String,
    /// The relying party's name for people.
    pub rp_name: Option<String>,
    /// The account.
    pub user: User,
    /// Found without an allow list, unless it is hidden.
    pub discoverable: bool,
    /// Its relying party does not accept it (WebAuthn Level 3 section 5.1.10): used only where an allow
    /// list names it.
    pub hidden: bool,
    /// May be backed up.
    pub backup_eligible: bool,
    /// Is backed up.
    pub backed_up: bool,
    /// The key is in hardware.
    pub hardware_key: bool,
    /// Name given by its owner.
    pub label: Option<String>,
    /// Unix seconds.
    pub created_at: u64,
    /// Unix seconds.
    pub last_used_at: Option<u64>,
}

impl core::fmt::Debug for Credential {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Credential(redacted)")
    }
}

impl core::fmt::Debug for CredentialSummary {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("CredentialSummary(redacted)")
    }
}

impl Credential {
    /// The BE and BS flags. What is not eligible for backup is never reported as backed up.
    pub(crate) const fn flags(&self) -> Flags {
        Flags(0).with(Flags::BE, self.backup_eligible).with(Flags::BS, self.backup_eligible && self.backed_up)
    }

    /// The credential without its key.
    #[must_use]
    pub fn summary(&self) -> CredentialSummary {
        CredentialSummary {
            id: self.id.clone(),
            rp_id: self.rp_id.clone(),
            rp_name: self.rp_name.clone(),
            user: self.user.clone(),
            discoverable: self.discoverable,
            hidden: self.hidden,
            backup_eligible: self.backup_eligible,
            backed_up: self.backed_up,
            hardware_key: matches!(self.key, CredentialKey::Hardware(_)),
            label: self.label.clone(),
            created_at: self.created_at,
            last_used_at: self.last_used_at,
        }
    }
}

#[cfg(test)]
mod tests;
