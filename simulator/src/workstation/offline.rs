//! Offline PINs: issued to the phone after it unlocked the workstation, typed when one of the two has no
//! network.

use std::sync::Arc;

use latchkey_offline::{
    Acknowledgement, Issue, Issued, OfflineError, OfflinePolicy, Protection, UnlockSecret, Verifier,
};

use super::Workstation;
use super::error::WorkstationError;
use super::lock::{Session, Unlock};
use super::rng::PortRng;
use super::store::AccountVerifier;

/// There is no TPM in a simulator: a copy of the state folder is enough to try PINs.
const PROTECTION: Protection = Protection::None;

/// What became of offline PINs after an unlock.
#[derive(Debug)]
#[non_exhaustive]
pub enum HandedOver {
    /// None are issued under the administrator's policy.
    Off,
    /// The phone has a new set.
    Confirmed,
    /// The phone may have a new set or not; the one it had before works on.
    Unconfirmed(WorkstationError),
}

/// A PIN unlocked the workstation.
#[derive(Debug)]
pub struct PinAccepted {
    /// Who is signed in now.
    pub session: Session,
    /// PINs that can still be used.
    pub remaining: u16,
}

impl Workstation {
    /// Unlocks with a PIN. Needs no network; takes an Argon2id or two, a fraction of a second.
    ///
    /// # Errors
    /// [`WorkstationError::Offline`]: every reason of [`Verifier::verify`];
    /// [`OfflineError::NotProvisioned`] for an account that is not known here.
    pub async fn unlock_with_pin(&self, account: &str, typed: &str) -> Result<PinAccepted, WorkstationError> {
        let account = &account.to_lowercase();
        let verifier = self.verifier(account)?;
        let now = self.now()?;
        let (name, typed) = (account.to_owned(), zeroize::Zeroizing::new(typed.to_owned()));
        let checked = blocking(move || Unlock::by_pin(&verifier, &name, &typed, now)).await?;
        match checked {
            Ok((unlock, remaining)) => {
                let session = self.leave_lock(&unlock)?;
                self.note("X_OFFLINE_UNLOCK_OK")?;
                Ok(PinAccepted { session, remaining })
            }
            Err(error) => {
                match error {
                    OfflineError::WrongPin { .. } => self.note("X_OFFLINE_UNLOCK_FAILED")?,
                    OfflineError::Locked => self.note("X_OFFLINE_UNLOCK_LOCKED")?,
                    _ => {}
                }
                Err(error.into())
            }
        }
    }

    /// The verifier of an account's PINs.
    pub(super) fn verifier(&self, account: &str) -> Result<Verifier, WorkstationError> {
        let known = self.store.offline_account(account)?.ok_or(OfflineError::NotProvisioned)?;
        let store = AccountVerifier { store: Arc::clone(&self.store), username: account.to_owned() };
        Ok(Verifier::new(Arc::new(store), known, self.config.cost)?)
    }

    /// What a new set is issued from, if the policy allows one on this machine. `held` is what the phone
    /// said that it holds.
    ///
    /// # Errors
    /// [`WorkstationError::Offline`] for a phone that says nonsense.
    pub(super) fn prepare_pins(
        &self,
        account: &str,
        held: Option<Vec<u8>>,
    ) -> Result<Option<PreparedIssue>, WorkstationError> {
        let policy = self.policy()?;
        if policy.permits(PROTECTION).is_err() {
            return Ok(None);
        }
        Ok(Some(PreparedIssue {
            verifier: self.verifier(account)?,
            policy,
            secret: self.store.unlock_secret(account)?,
            phone_holds: held.map(|held| Acknowledgement::decode(&held)).transpose()?,
            now: self.now()?,
            rng: self.rng(),
        }))
    }

    /// The phone has the set on its disk.
    pub(super) fn confirm_pins(&self, account: &str, stored: &[u8]) -> Result<(), WorkstationError> {
        Ok(self.verifier(account)?.acknowledge(&Acknowledgement::decode(stored)?)?)
    }

    /// Destroys the PINs of all accounts, because they were switched off.
    pub(super) fn revoke_all_pins(&self) -> Result<(), WorkstationError> {
        for account in self.store.accounts()? {
            let verifier = self.verifier(&account)?;
            // Nothing is written where there is nothing to destroy.
            match verifier.ready(self.now()?) {
                Err(OfflineError::NotProvisioned | OfflineError::Revoked) => {}
                _ => verifier.revoke()?,
            }
        }
        Ok(())
    }
}

/// A set that is about to be issued.
pub(super) struct PreparedIssue {
    verifier: Verifier,
    policy: OfflinePolicy,
    secret: UnlockSecret,
    phone_holds: Option<Acknowledgement>,
    now: u64,
    rng: PortRng,
}

impl PreparedIssue {
    /// Issues the set on a thread of its own: an Argon2id for each PIN, seconds in all.
    pub(super) async fn run(mut self) -> Result<Issued, WorkstationError> {
        let issued = blocking(move || {
            let issue = Issue {
                policy: &self.policy,
                secret: &self.secret,
                protection: PROTECTION,
                phone_holds: self.phone_holds.as_ref(),
                now: self.now,
            };
            self.verifier.issue(&issue, &mut self.rng)
        });
        Ok(issued.await??)
    }
}

/// Runs what takes long beside the tasks that must stay quick.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, WorkstationError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| WorkstationError::TaskFailed)
}
