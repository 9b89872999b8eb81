//! My Security Keys: the passkeys of this phone.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use latchkey_authenticator::{CredentialId, CredentialSummary};

use crate::cancel::{Cancel, token};
use crate::error::LatchkeyError;

/// The passkeys of a phone, for its owner's list and for the system's identity store.
#[derive(uniffi::Object)]
pub struct Passkeys(Arc<latchkey_phone::Phone>);

/// What lists show of a passkey. Personal data: never logged.
#[derive(Clone, uniffi::Record)]
pub struct Passkey {
    /// Credential ID.
    pub id: Vec<u8>,
    /// RP ID.
    pub rp_id: String,
    /// The relying party's name for people.
    pub rp_name: Option<String>,
    /// User handle, 1 to 64 bytes.
    pub user_handle: Vec<u8>,
    /// Account name, such as an e-mail address.
    pub user_name: Option<String>,
    /// The account's name for people.
    pub user_display_name: Option<String>,
    /// Name given by its owner.
    pub label: Option<String>,
    /// Found without an allow list, so that it can be offered by the system.
    pub discoverable: bool,
    /// Its relying party does not know it any more, so the system must not offer it. It is used only where an allow
    /// list names it all the same, and stays hidden until its relying party accepts it or its owner has it offered
    /// again.
    #[uniffi(default = false)]
    pub hidden: bool,
    /// It is synchronised.
    pub backed_up: bool,
    /// The key is in hardware.
    pub hardware_key: bool,
    /// When it was made.
    pub created_at: SystemTime,
    /// When it was last used, if it was.
    pub last_used_at: Option<SystemTime>,
}

impl Passkeys {
    pub(crate) const fn new(phone: Arc<latchkey_phone::Phone>) -> Self {
        Passkeys(phone)
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Passkeys {
    /// All passkeys, most recently created first.
    pub fn list(&self) -> Result<Vec<Passkey>, LatchkeyError> {
        Ok(self.0.security_keys().list()?.into_iter().map(Into::into).collect())
    }

    /// How many passkeys are damaged: they are kept aside, untouched, and are not listed.
    pub fn damaged(&self) -> Result<u32, LatchkeyError> {
        Ok(self.0.security_keys().damaged()?)
    }

    /// Gives a passkey a name of its owner's choice, at most 64 characters; an empty one removes it.
    pub fn rename(&self, id: Vec<u8>, name: String) -> Result<(), LatchkeyError> {
        Ok(self.0.security_keys().rename(&CredentialId(id), &name)?)
    }

    /// Offers a hidden passkey again; one that is not hidden stays as it is.
    pub fn unhide(&self, id: Vec<u8>) -> Result<(), LatchkeyError> {
        Ok(self.0.security_keys().unhide(&CredentialId(id))?)
    }

    /// Deletes a passkey and its key. It cannot be brought back. Cancelling ends the wait for the hardware: the
    /// passkey is gone then, and its key is deleted later.
    #[uniffi::method(default(cancel = None))]
    pub async fn delete(&self, id: Vec<u8>, cancel: Option<Arc<Cancel>>) -> Result<(), LatchkeyError> {
        Ok(self.0.security_keys().delete(&CredentialId(id), &token(cancel)).await?)
    }
}

impl From<CredentialSummary> for Passkey {
    fn from(summary: CredentialSummary) -> Self {
        Passkey {
            id: summary.id.0,
            rp_id: summary.rp_id,
            rp_name: summary.rp_name,
            user_handle: summary.user.id,
            user_name: summary.user.name,
            user_display_name: summary.user.display_name,
            label: summary.label,
            discoverable: summary.discoverable,
            hidden: summary.hidden,
            backed_up: summary.backed_up,
            hardware_key: summary.hardware_key,
            created_at: time(summary.created_at),
            last_used_at: summary.last_used_at.map(time),
        }
    }
}

/// Unix seconds as a time; one beyond what the platform can hold becomes the epoch.
pub(crate) fn time(unix_seconds: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_secs(unix_seconds)).unwrap_or(UNIX_EPOCH)
}
