//! My Computers: the computers that this phone unlocks.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use latchkey_phone::{ComputerSummary, PinsAfter, Removal};

use crate::cancel::{Cancel, token};
use crate::error::LatchkeyError;
use crate::passkeys::time;
use crate::phone::Answer;

/// The computers of a phone.
#[derive(uniffi::Object)]
pub struct Computers(Arc<latchkey_phone::Phone>);

/// One of them. Personal data: never logged.
#[derive(Clone, uniffi::Record)]
pub struct Computer {
    /// Its ID.
    pub machine_id: String,
    /// What its owner calls it.
    pub name: String,
    /// Its own name.
    pub machine_name: String,
    /// The account on it.
    pub os_user: String,
    /// The account at the Control Center; nothing if the registration is damaged.
    pub account: Option<String>,
    /// Base URL of its Control Center.
    pub tenant: String,
    /// Credential ID of the passkey that unlocks it.
    pub credential_id: Vec<u8>,
    /// When it was paired.
    pub paired_at: SystemTime,
    /// When it was last unlocked online, if it was.
    pub last_online_at: Option<SystemTime>,
}

/// A computer that was unlocked.
#[derive(Clone, uniffi::Record)]
pub struct Unlocked {
    /// Its ID.
    pub machine_id: String,
    /// What became of its offline PINs. Nothing of this takes the unlock back.
    pub pins: PinsAfterUnlock,
}

/// What became of a computer's offline PINs after an unlock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum PinsAfterUnlock {
    /// The computer issues none; those that there were are erased.
    Off,
    /// There is a whole new set.
    Replenished,
    /// No new set came; those that there were stay.
    Kept,
}

/// A computer that waits for the session passkey of this phone.
#[derive(uniffi::Object)]
pub struct SignInRequest(latchkey_phone::SignInRequest);

#[uniffi::export]
impl SignInRequest {
    /// The computer's ID.
    #[must_use]
    pub fn machine_id(&self) -> String {
        self.0.machine_id.clone()
    }

    /// When the request ends, by the server's clock.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        time(self.0.expires_at)
    }
}

impl Computers {
    pub(crate) const fn new(phone: Arc<latchkey_phone::Phone>) -> Self {
        Computers(phone)
    }
}

#[uniffi::export(async_runtime = "tokio")]
impl Computers {
    /// All computers, in the order of pairing.
    pub fn list(&self) -> Result<Vec<Computer>, LatchkeyError> {
        Ok(self.0.computers().list()?.into_iter().map(Into::into).collect())
    }

    /// Gives a computer a name of its owner's choice, at most 64 characters; an empty one brings its own
    /// back.
    pub fn rename(&self, machine_id: String, name: String) -> Result<(), LatchkeyError> {
        Ok(self.0.computers().rename(&machine_id, &name)?)
    }

    /// Removes a computer and its offline PINs; the passkey stays. True once the server knows; else
    /// `Phone.resume` tells it. Cancelling ends the wait for the server: the computer is gone then.
    #[uniffi::method(default(cancel = None))]
    pub async fn remove(
        &self,
        machine_id: String,
        cancel: Option<Arc<Cancel>>,
    ) -> Result<bool, LatchkeyError> {
        Ok(self.0.computers().remove(&machine_id, &token(cancel)).await? == Removal::Complete)
    }

    /// Unlocks a computer. The person is asked once, when the computer has answered. The observer hears of
    /// `OfferPin` when it is slow and there are offline PINs, which may be shown meanwhile.
    #[uniffi::method(default(cancel = None))]
    pub async fn unlock(
        &self,
        machine_id: String,
        cancel: Option<Arc<Cancel>>,
    ) -> Result<Unlocked, LatchkeyError> {
        Ok(self.0.unlock(&machine_id, &token(cancel)).await?.into())
    }

    /// The computers that wait for the session passkey of this phone. Waits for one as long as `up_to` says, in
    /// full seconds and at most 25 of them; not at all if it is not given.
    #[uniffi::method(default(up_to = None, cancel = None))]
    pub async fn waiting(
        &self,
        up_to: Option<Duration>,
        cancel: Option<Arc<Cancel>>,
    ) -> Result<Vec<Arc<SignInRequest>>, LatchkeyError> {
        let seconds = up_to.unwrap_or_default().as_secs();
        let waiting = self.0.waiting_requests(seconds, &token(cancel)).await?;
        Ok(waiting.into_iter().map(|request| Arc::new(SignInRequest(request))).collect())
    }

    /// Answers a computer that waits. The person is asked as for any sign-in.
    #[uniffi::method(default(cancel = None))]
    pub async fn answer(
        &self,
        request: Arc<SignInRequest>,
        cancel: Option<Arc<Cancel>>,
    ) -> Result<Answer, LatchkeyError> {
        Ok(self.0.answer(&request.0, &token(cancel)).await?.into())
    }
}

impl From<ComputerSummary> for Computer {
    fn from(summary: ComputerSummary) -> Self {
        Computer {
            machine_id: summary.machine_id,
            name: summary.name,
            machine_name: summary.machine_name,
            os_user: summary.os_user,
            account: summary.account,
            tenant: summary.tenant,
            credential_id: summary.credential_id.0,
            paired_at: time(summary.paired_at),
            last_online_at: summary.last_online_at.map(time),
        }
    }
}

impl From<latchkey_phone::Unlocked> for Unlocked {
    fn from(unlocked: latchkey_phone::Unlocked) -> Self {
        let pins = match unlocked.pins {
            PinsAfter::Off => PinsAfterUnlock::Off,
            PinsAfter::Replenished => PinsAfterUnlock::Replenished,
            // After a handover that failed, too.
            _ => PinsAfterUnlock::Kept,
        };
        Unlocked { machine_id: unlocked.machine_id, pins }
    }
}
