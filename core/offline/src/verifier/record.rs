//! What the workstation keeps, and each change of it as one step.

mod codec;

use core::fmt;

use subtle::ConstantTimeEq as _;

use super::wrapping::Slot;
use super::{Argon2Cost, Ready};
use crate::acknowledgement::Acknowledgement;
use crate::error::OfflineError;
use crate::pin::Pin;
use crate::set::SetId;

/// Longest wait after a wrong PIN, in seconds.
const MAX_DELAY: u64 = 60;

/// What the workstation keeps of one account: no PIN, no key of a set, only wrapped secrets.
#[derive(Default)]
pub struct VerifierRecord {
    pub(crate) revision: u64,
    /// Of the newest set that was ever issued; 0 for none.
    generation: u32,
    /// Attempts since the last right PIN or online authentication.
    failures: u16,
    /// Failures that destroy the sets.
    max_failures: u16,
    /// No attempt is taken before this time.
    retry_at: u64,
    /// The latest time seen: the clock may have been turned back.
    last_seen: u64,
    /// The set that the phone is known to hold.
    active: Option<WrappedSet>,
    /// The set that the phone may have received.
    pending: Option<WrappedSet>,
    /// Why there is no set any more.
    ended: Option<Ended>,
}

/// A set as the workstation keeps it.
#[derive(Clone)]
pub(crate) struct WrappedSet {
    pub(crate) set_id: SetId,
    pub(crate) generation: u32,
    pub(crate) length: u16,
    pub(crate) window: Option<u16>,
    pub(crate) expires_at: u64,
    pub(crate) salt: [u8; 16],
    pub(crate) cost: Argon2Cost,
    /// The proof that the phone will send.
    pub(crate) ack: [u8; 32],
    /// Index of the first slot; those below are destroyed.
    pub(crate) next: u16,
    pub(crate) slots: Vec<Slot>,
}

/// How the last set ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Exhausted = 1,
    Expired = 2,
    Revoked = 3,
    Locked = 4,
}

/// What came of the beginning of an attempt. Either way the record has changed.
pub(crate) enum Attempt {
    /// It counts: these are the sets to try.
    Counted(Vec<WrappedSet>),
    /// The sets were destroyed instead.
    Over(OfflineError),
}

impl VerifierRecord {
    /// Counts the changes of the record from 1, so that a store notices a lost race.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// The number of the next set. A workstation that lost its record goes on after what the phone
    /// holds, which would refuse anything older.
    pub(crate) fn next_generation(&self, phone_holds: Option<&Acknowledgement>) -> Result<u32, OfflineError> {
        let held = phone_holds.map_or(0, |acknowledgement| acknowledgement.generation);
        self.generation.max(held).checked_add(1).ok_or(OfflineError::GenerationsExhausted)
    }

    /// A new set beside the one that the phone holds.
    pub(crate) fn add_pending(
        &mut self,
        set: WrappedSet,
        phone_holds: Option<&Acknowledgement>,
        max_failures: u16,
        now: u64,
    ) -> Result<(), OfflineError> {
        if let Some(acknowledgement) = phone_holds {
            self.confirm(acknowledgement)?;
        }
        self.generation = set.generation;
        self.pending = Some(set);
        self.ended = None;
        self.failures = 0;
        self.max_failures = max_failures;
        self.retry_at = 0;
        // Also back, after a clock that ran ahead: what had ended by then was destroyed by then.
        self.last_seen = now;
        Ok(())
    }

    /// Whether this acknowledges the active set.
    pub(crate) fn is_active(&self, acknowledgement: &Acknowledgement) -> Result<bool, OfflineError> {
        proves(acknowledgement, self.active.as_ref())
    }

    /// Makes the pending set active if this acknowledges it; the older one is destroyed.
    pub(crate) fn confirm(&mut self, acknowledgement: &Acknowledgement) -> Result<bool, OfflineError> {
        let confirmed = proves(acknowledgement, self.pending.as_ref())?;
        if confirmed {
            self.active = self.pending.take();
        }
        Ok(confirmed)
    }

    /// Counts an attempt, unless there is a reason not to take it. The wait after it begins here too.
    pub(crate) fn begin_attempt(
        &mut self,
        pin: Result<&Pin, &OfflineError>,
        now: u64,
    ) -> Result<Attempt, OfflineError> {
        self.check_alive()?;
        let now = now.max(self.last_seen);
        self.last_seen = now;
        self.drop_expired(now);
        if self.ended.is_some() {
            return Ok(Attempt::Over(OfflineError::Expired));
        }
        if now < self.retry_at {
            return Err(OfflineError::Throttled { wait_secs: self.wait_secs(now) });
        }
        if self.failures >= self.max_failures {
            // The last attempt was counted and never finished.
            self.destroy(Ended::Locked);
            return Ok(Attempt::Over(OfflineError::Locked));
        }
        let pin = pin.map_err(|error| *error)?;
        let sets: Vec<_> = self.sets().filter(|set| pin.has_length(set.length)).cloned().collect();
        if sets.is_empty() {
            return Err(OfflineError::WrongLength {
                expected: self.sets().next().map_or(0, |set| set.length),
            });
        }
        self.failures = self.failures.saturating_add(1);
        self.retry_at = now.saturating_add(delay(self.failures));
        Ok(Attempt::Counted(sets))
    }

    /// Uses a PIN up, with all before it, and returns how many remain. A PIN of the pending set is as
    /// good as its acknowledgement.
    pub(crate) fn redeem(&mut self, set_id: &SetId, index: u16, now: u64) -> Result<u16, OfflineError> {
        self.check_alive()?;
        let is_pending = self.pending.as_ref().is_some_and(|set| set.set_id == *set_id);
        let place = if is_pending { &mut self.pending } else { &mut self.active };
        let used = place.as_mut().filter(|set| set.set_id == *set_id).and_then(|set| set.use_up(index));
        // Used or destroyed while it was hashed here.
        let Some(remaining) = used else { return Err(self.wrong_pin(now)) };
        if is_pending {
            self.active = self.pending.take();
        }
        if remaining == 0 {
            self.active = None;
            if self.pending.is_none() {
                self.ended = Some(Ended::Exhausted);
            }
        }
        self.failures = 0;
        self.retry_at = 0;
        Ok(remaining)
    }

    /// After a wrong PIN: destroys the sets if it was the last attempt, otherwise refuses with the
    /// answer to give.
    pub(crate) fn lock_if_due(&mut self, now: u64) -> Result<(), OfflineError> {
        self.check_alive()?;
        if self.failures < self.max_failures {
            return Err(self.wrong_pin(now));
        }
        self.destroy(Ended::Locked);
        Ok(())
    }

    pub(crate) fn revoke(&mut self) {
        if self.generation > 0 {
            self.destroy(Ended::Revoked);
        }
    }

    pub(crate) fn ready(&self, now: u64) -> Result<Ready, OfflineError> {
        self.check_alive()?;
        let now = now.max(self.last_seen);
        if self.sets().all(|set| set.is_expired(now)) {
            return Err(OfflineError::Expired);
        }
        match (self.attempts_left(), self.wait_secs(now)) {
            (0, 0) => Err(OfflineError::Locked),
            (attempts_left, wait_secs) => Ok(Ready { attempts_left, wait_secs }),
        }
    }

    /// The living sets, the newest first.
    fn sets(&self) -> impl Iterator<Item = &WrappedSet> {
        self.pending.iter().chain(&self.active)
    }

    fn check_alive(&self) -> Result<(), OfflineError> {
        match self.ended {
            Some(ended) => Err(ended.error()),
            None if self.generation == 0 => Err(OfflineError::NotProvisioned),
            None => Ok(()),
        }
    }

    /// Destroys what is over. A clock turned back afterwards finds nothing.
    fn drop_expired(&mut self, now: u64) {
        self.pending.take_if(|set| set.is_expired(now));
        self.active.take_if(|set| set.is_expired(now));
        if self.sets().next().is_none() && self.ended.is_none() && self.generation > 0 {
            self.ended = Some(Ended::Expired);
        }
    }

    fn destroy(&mut self, ended: Ended) {
        self.pending = None;
        self.active = None;
        self.ended = Some(ended);
    }

    const fn attempts_left(&self) -> u16 {
        self.max_failures.saturating_sub(self.failures)
    }

    fn wait_secs(&self, now: u64) -> u64 {
        self.retry_at.saturating_sub(now.max(self.last_seen))
    }

    fn wrong_pin(&self, now: u64) -> OfflineError {
        OfflineError::WrongPin { attempts_left: self.attempts_left(), wait_secs: self.wait_secs(now) }
    }
}

impl WrappedSet {
    const fn is_expired(&self, now: u64) -> bool {
        now >= self.expires_at
    }

    /// The slots that a PIN may open.
    pub(crate) fn within_window(&self) -> impl Iterator<Item = &Slot> {
        self.slots.iter().take(self.window.map_or(usize::MAX, usize::from))
    }

    /// Destroys the slots up to `index` and returns how many are left; `None` if that one is gone.
    fn use_up(&mut self, index: u16) -> Option<u16> {
        let place = usize::from(index.checked_sub(self.next)?);
        if place >= self.slots.len() {
            return None;
        }
        self.slots.drain(..=place);
        self.next = index.checked_add(1)?;
        u16::try_from(self.slots.len()).ok()
    }
}

impl Ended {
    const fn error(self) -> OfflineError {
        match self {
            Ended::Exhausted => OfflineError::Exhausted,
            Ended::Expired => OfflineError::Expired,
            Ended::Revoked => OfflineError::Revoked,
            Ended::Locked => OfflineError::Locked,
        }
    }
}

/// Whether `acknowledgement` is for `set` and was made with its key.
fn proves(acknowledgement: &Acknowledgement, set: Option<&WrappedSet>) -> Result<bool, OfflineError> {
    let Some(set) = set.filter(|set| set.set_id == acknowledgement.set_id) else { return Ok(false) };
    let genuine =
        set.generation == acknowledgement.generation && bool::from(set.ack.ct_eq(&acknowledgement.mac));
    if genuine { Ok(true) } else { Err(OfflineError::WrongAcknowledgement) }
}

/// Seconds to wait after so many failures: 1, 2, 4 and so on up to a minute (RFC 4226 section 7.3).
fn delay(failures: u16) -> u64 {
    let doublings = u32::from(failures.saturating_sub(1));
    1_u64.checked_shl(doublings).map_or(MAX_DELAY, |delay| delay.min(MAX_DELAY))
}

impl fmt::Debug for VerifierRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierRecord(generation {}, redacted)", self.generation)
    }
}

#[cfg(test)]
mod tests;
