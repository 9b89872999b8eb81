//! The workstation's half: issues sets, knows its unlock secret only wrapped under their PINs, and
//! accepts each PIN at most once. Behind the feature `workstation`.

mod record;
mod store;
mod stretch;
mod wrapping;

use core::fmt;
use std::sync::Arc;

use rand_core::CryptoRngCore;
use zeroize::Zeroizing;

use crate::acknowledgement::Acknowledgement;
use crate::error::OfflineError;
use crate::pin::Pin;
use crate::policy::{DAY, OfflinePolicy, Protection};
use crate::set::{PinSet, SetId, SetKey, check_computer_id};
use crate::store::{MAX_CONFLICTS, StoreError};

pub use record::VerifierRecord;
use record::{Attempt, WrappedSet};
pub use store::VerifierStore;
pub use stretch::Argon2Cost;
use stretch::Stretcher;
pub use wrapping::UnlockSecret;
use wrapping::{unwrap, wrap};

/// The offline PINs of one account on one workstation. Keeps nothing in memory.
///
/// Times are Unix seconds. Turning the clock back helps nobody: the latest time seen counts.
#[derive(Clone)]
pub struct Verifier {
    store: Arc<dyn VerifierStore>,
    account: Account,
    cost: Argon2Cost,
}

/// Whom the PINs let in where. Personal data: never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The ID under which the phone knows this pairing; 1 to 128 bytes.
    pub computer_id: String,
    /// The account's stable ID: the SID on Windows. The wrapped secrets open for it alone.
    pub user_sid: String,
    /// The machine's stable ID. The wrapped secrets open on it alone.
    pub machine_id: String,
}

/// What a new set is made from.
pub struct Issue<'a> {
    /// The administrator's policy.
    pub policy: &'a OfflinePolicy,
    /// What the PINs unlock.
    pub secret: &'a UnlockSecret,
    /// What else guards `secret`.
    pub protection: Protection,
    /// What the phone sent at the start of this online authentication; `None` if it holds nothing.
    pub phone_holds: Option<&'a Acknowledgement>,
    /// Unix seconds: the Control Center's time where it is known, since the set lives from here.
    pub now: u64,
}

/// A set was issued.
#[derive(Debug)]
pub struct Issued {
    /// Send it to the phone inside the channel of this online authentication, and only there.
    pub handover: Handover,
    /// Its generation.
    pub generation: u32,
}

/// The message of [`PinSet::encode`]: holds a key, wipes itself, never logged.
pub struct Handover(Zeroizing<Vec<u8>>);

/// A PIN was accepted and is used up.
#[derive(Debug)]
pub struct Unlocked {
    /// What the PIN unlocks.
    pub secret: UnlockSecret,
    /// Generation of its set.
    pub generation: u32,
    /// Its place in the set.
    pub index: u16,
    /// PINs of the set that can still be used.
    pub remaining: u16,
}

/// PINs can be typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Wrong PINs until the sets are destroyed.
    pub attempts_left: u16,
    /// Seconds until the next attempt is taken; 0 for now.
    pub wait_secs: u64,
}

impl Verifier {
    /// A verifier on the store of this account. New sets cost an attempt `cost`.
    ///
    /// # Errors
    /// [`OfflineError::InvalidComputerId`]
    pub fn new(
        store: Arc<dyn VerifierStore>,
        account: Account,
        cost: Argon2Cost,
    ) -> Result<Self, OfflineError> {
        check_computer_id(&account.computer_id)?;
        Ok(Verifier { store, account, cost })
    }

    /// Issues a set, right after a successful online authentication. It is pending until the phone
    /// acknowledges it or one of its PINs is accepted; until then the set that the phone holds stays
    /// alive beside it. A pending set that the phone does not hold is destroyed: never more than two
    /// generations live. Lifts a lock and forgets failures, since the user was authenticated.
    ///
    /// Takes one Argon2id for each PIN, seconds in all: for a background thread.
    ///
    /// # Errors
    /// [`OfflineError::Disabled`], [`OfflineError::TooShortWithoutTpm`],
    /// [`OfflineError::WrongAcknowledgement`], [`OfflineError::GenerationsExhausted`],
    /// [`OfflineError::Store`]. Nothing changes then.
    pub fn issue(&self, issue: &Issue<'_>, rng: &mut impl CryptoRngCore) -> Result<Issued, OfflineError> {
        issue.policy.permits(issue.protection)?;
        let settings = issue.policy.settings();
        let mut set = PinSet {
            computer_id: self.account.computer_id.clone(),
            set_id: SetId([0; 16]),
            generation: 0,
            count: settings.count,
            length: settings.length,
            issued_at: issue.now,
            expires_at: issue.now.saturating_add(DAY.saturating_mul(settings.valid_days.into())),
            display_secs: settings.display_secs,
            threshold_pct: settings.prompt_threshold_pct,
            key: SetKey([0; 32]),
        };
        let mut salt = [0; 16];
        rng.fill_bytes(&mut set.set_id.0);
        rng.fill_bytes(&mut set.key.0);
        rng.fill_bytes(&mut salt);

        let mut stretcher = Stretcher::new(self.cost)?;
        let mut slots = Vec::with_capacity(settings.count.into());
        for index in 0..settings.count {
            let stretched = stretcher.stretch(&set.pin(index), &salt)?;
            slots.push(wrap(&stretched, &set.set_id, index, &self.account, issue.secret));
        }

        self.update(|record| {
            set.generation = record.next_generation(issue.phone_holds)?;
            let wrapped = WrappedSet {
                set_id: set.set_id,
                generation: set.generation,
                length: set.length,
                window: settings.window,
                expires_at: set.expires_at,
                salt,
                cost: self.cost,
                ack: set.acknowledgement().mac,
                next: 0,
                slots: slots.clone(),
            };
            record.add_pending(wrapped, issue.phone_holds, settings.max_failures, issue.now)
        })?;
        Ok(Issued { handover: Handover(set.encode()), generation: set.generation })
    }

    /// The phone holds the set: it becomes active and the older one is destroyed. The same
    /// acknowledgement once more changes nothing.
    ///
    /// # Errors
    /// [`OfflineError::UnknownSet`], [`OfflineError::WrongAcknowledgement`],
    /// [`OfflineError::Store`]. Nothing changes then.
    pub fn acknowledge(&self, acknowledgement: &Acknowledgement) -> Result<(), OfflineError> {
        if self.load()?.is_active(acknowledgement)? {
            return Ok(());
        }
        self.update(|record| match record.confirm(acknowledgement)? {
            true => Ok(()),
            false => Err(OfflineError::UnknownSet),
        })
    }

    /// Checks a typed PIN. If it is right, it and all before it are used up on disk before the secret
    /// is returned.
    ///
    /// The attempt is counted on disk before anything is computed, so that cutting the power buys no
    /// further attempt. It costs one Argon2id, and a second one only while a handover is unconfirmed:
    /// two sets are alive then and each has its own salt.
    ///
    /// # Errors
    /// Without counting as an attempt: [`OfflineError::NotProvisioned`], [`OfflineError::Revoked`],
    /// [`OfflineError::Exhausted`], [`OfflineError::Expired`], [`OfflineError::Throttled`],
    /// [`OfflineError::InvalidCharacter`], [`OfflineError::WrongLength`].
    /// Counted: [`OfflineError::WrongPin`]; [`OfflineError::Locked`] with the last one and from then
    /// on. [`OfflineError::Store`] may have counted; if it hid a right PIN, that PIN may be used up.
    pub fn verify(&self, typed: &str, now: u64) -> Result<Unlocked, OfflineError> {
        let pin = Pin::from_typed(typed);
        let (pin, sets) = match self.update(|record| record.begin_attempt(pin.as_ref(), now))? {
            Attempt::Over(error) => return Err(error),
            Attempt::Counted(sets) => (pin?, sets),
        };
        for set in &sets {
            let Some((index, secret)) = self.find(&pin, set)? else { continue };
            // The transaction looks again: the same PIN may be in use elsewhere at this moment.
            match self.update(|record| record.redeem(&set.set_id, index, now)) {
                Ok(remaining) => {
                    return Ok(Unlocked { secret, generation: set.generation, index, remaining });
                }
                Err(error) => return Err(error),
            }
        }
        match self.update(|record| record.lock_if_due(now)) {
            Ok(()) => Err(OfflineError::Locked),
            Err(error) => Err(error),
        }
    }

    /// Whether a PIN can be typed now. Changes nothing.
    ///
    /// # Errors
    /// [`OfflineError::NotProvisioned`], [`OfflineError::Revoked`], [`OfflineError::Exhausted`],
    /// [`OfflineError::Expired`], [`OfflineError::Locked`], [`OfflineError::Store`]
    pub fn ready(&self, now: u64) -> Result<Ready, OfflineError> {
        self.load()?.ready(now)
    }

    /// Destroys all sets because they were withdrawn: the policy is off, or the phone was removed.
    ///
    /// # Errors
    /// [`OfflineError::Store`]
    pub fn revoke(&self) -> Result<(), OfflineError> {
        self.update(|record| {
            record.revoke();
            Ok(())
        })
    }

    /// The slot that the PIN opens, from the next expected one upward within the window (RFC 4226
    /// section 7.4).
    fn find(&self, pin: &Pin, set: &WrappedSet) -> Result<Option<(u16, UnlockSecret)>, OfflineError> {
        let stretched = Stretcher::new(set.cost)?.stretch(pin, &set.salt)?;
        Ok((set.next..).zip(set.within_window()).find_map(|(index, slot)| {
            let secret = unwrap(&stretched, &set.set_id, index, &self.account, slot)?;
            Some((index, secret))
        }))
    }

    fn load(&self) -> Result<VerifierRecord, StoreError> {
        Ok(self.store.load()?.unwrap_or_default())
    }

    /// Loads, changes and saves the record, again if somebody else changed it in between. If `change`
    /// refuses, nothing is stored.
    fn update<T>(
        &self,
        mut change: impl FnMut(&mut VerifierRecord) -> Result<T, OfflineError>,
    ) -> Result<T, OfflineError> {
        for _ in 0..MAX_CONFLICTS {
            let mut record = self.load()?;
            let outcome = change(&mut record)?;
            record.revision = record.revision.saturating_add(1);
            match self.store.save(&record) {
                Err(StoreError::Conflict) => {}
                saved => return saved.map(|()| outcome).map_err(OfflineError::from),
            }
        }
        Err(StoreError::Busy.into())
    }
}

impl Handover {
    /// The message.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Handover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Handover(redacted)")
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Account(redacted)")
    }
}

#[cfg(test)]
mod tests;
