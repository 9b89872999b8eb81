//! The phone's half: which PINs of which computer are still unused.

mod record;
mod store;

use core::fmt;
use std::sync::Arc;

use crate::acknowledgement::Acknowledgement;
use crate::error::OfflineError;
use crate::pin::Pin;
use crate::policy::DAY;
use crate::set::{PinSet, check_computer_id};
use crate::store::{MAX_CONFLICTS, StoreError};

pub use record::LedgerRecord;
use record::{Ended, Holding, Live};
pub use store::LedgerStore;

/// A set that ends within this time counts as low.
const LOW_BEFORE_EXPIRY: u64 = 3 * DAY;

/// The sets of PINs that a phone holds, one for each computer. Keeps nothing in memory.
///
/// Times are Unix seconds of the phone's clock. A set that was found expired is erased, and what is
/// burnt is counted: turning that clock back revives neither.
#[derive(Clone)]
pub struct Ledger {
    store: Arc<dyn LedgerStore>,
}

/// Where the offline PINs of a computer stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// There are PINs.
    Ok,
    /// There are PINs, but few, or not for many days (`offline.low`).
    Low,
    /// All were used (`offline.exhausted`).
    Exhausted,
    /// Their days are over (`offline.expired`).
    Expired,
    /// They were withdrawn (`offline.disabled`).
    Revoked,
    /// There never were any (`offline.not_provisioned`): no button.
    NotProvisioned,
}

/// What a list shows of the offline PINs of a computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerStatus {
    /// Where they stand.
    pub state: State,
    /// PINs that were not shown yet.
    pub remaining: u16,
    /// PINs that the set began with.
    pub total: u16,
    /// Unix seconds; `None` without a living set.
    pub expires_at: Option<u64>,
}

/// A PIN to be shown now.
pub struct Displayed {
    /// The PIN.
    pub pin: Pin,
    /// Hide it at this time, in Unix seconds of the clock that `now` came from.
    pub hide_at: u64,
    /// Where the set stands with this PIN burnt.
    pub status: LedgerStatus,
}

impl Ledger {
    /// A ledger on this store.
    #[must_use]
    pub fn new(store: Arc<dyn LedgerStore>) -> Self {
        Ledger { store }
    }

    /// Takes a set over that `computer_id` sent, inside the channel of an online authentication with
    /// that computer. The set replaces an older one. When this returns, the set is stored and the
    /// answer may be sent; the same set once more gives the same answer and changes nothing.
    ///
    /// # Errors
    /// Those of [`PinSet::decode`]; [`OfflineError::OtherComputer`]; [`OfflineError::OldGeneration`];
    /// [`OfflineError::Expired`] when by this phone's clock the set is over already;
    /// [`OfflineError::Store`]. Nothing changes then.
    pub fn accept(
        &self,
        computer_id: &str,
        handover: &[u8],
        now: u64,
    ) -> Result<Acknowledgement, OfflineError> {
        check_computer_id(computer_id)?;
        for _ in 0..MAX_CONFLICTS {
            let set = PinSet::decode(handover)?;
            if set.computer_id != computer_id {
                return Err(OfflineError::OtherComputer);
            }
            let acknowledgement = set.acknowledgement();
            let revision = match self.store.load(computer_id)? {
                None => 0,
                Some(present) if present.acknowledgement == acknowledgement => return Ok(acknowledgement),
                Some(present) if set.generation <= present.generation() => {
                    return Err(OfflineError::OldGeneration {
                        offered: set.generation,
                        present: present.generation(),
                    });
                }
                Some(present) => present.revision,
            };
            if now >= set.expires_at {
                return Err(OfflineError::Expired);
            }
            match self.save(&mut LedgerRecord::fresh(revision, set)) {
                Err(StoreError::Conflict) => {}
                saved => return saved.map(|()| acknowledgement).map_err(OfflineError::from),
            }
        }
        Err(StoreError::Busy.into())
    }

    /// Burns the next PIN and returns it to be shown. The caller has verified the user before.
    ///
    /// The PIN is burnt on disk before this returns; if that fails, no PIN is returned. Within the
    /// display time of the last PIN that same PIN is returned again and none is burnt.
    ///
    /// # Errors
    /// [`OfflineError::NotProvisioned`], [`OfflineError::Revoked`], [`OfflineError::Expired`],
    /// [`OfflineError::Exhausted`] (the last two also erase the key of the set);
    /// [`OfflineError::Store`]
    pub fn display(&self, computer_id: &str, now: u64) -> Result<Displayed, OfflineError> {
        for _ in 0..MAX_CONFLICTS {
            let mut record = self.store.load(computer_id)?.ok_or(OfflineError::NotProvisioned)?;
            let live = match &mut record.holding {
                Holding::Ended(ended) => return Err(ended.error()),
                Holding::Live(live) => live,
            };
            if now >= live.set.expires_at {
                return Err(self.end(record, Ended::Expired));
            }
            if let Some(displayed) = live.shown(now) {
                return Ok(displayed);
            }
            let index = live.next;
            if index >= live.set.count {
                return Err(self.end(record, Ended::Exhausted));
            }
            let displayed = live.burn(now);
            match self.save(&mut record) {
                Ok(()) => return Ok(displayed),
                // Somebody else burnt it first. What was derived here is wiped unseen.
                Err(StoreError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Busy.into())
    }

    /// Where the PINs of a computer stand. Changes nothing.
    ///
    /// # Errors
    /// [`OfflineError::Store`]
    pub fn status(&self, computer_id: &str, now: u64) -> Result<LedgerStatus, OfflineError> {
        let gone = |state| LedgerStatus { state, remaining: 0, total: 0, expires_at: None };
        Ok(match self.store.load(computer_id)?.map(|record| record.holding) {
            None => gone(State::NotProvisioned),
            Some(Holding::Ended(ended)) => gone(ended.state()),
            Some(Holding::Live(live)) => live.status(now),
        })
    }

    /// The acknowledgement of the newest set that was accepted from this computer, if there was one:
    /// the phone sends it at the start of every online authentication.
    ///
    /// # Errors
    /// [`OfflineError::Store`]
    pub fn acknowledgement(&self, computer_id: &str) -> Result<Option<Acknowledgement>, OfflineError> {
        Ok(self.store.load(computer_id)?.map(|record| record.acknowledgement))
    }

    /// Erases the set of a computer because it was withdrawn: the policy is off. What remains is its
    /// generation, so that an old set cannot come back. Without a record nothing happens.
    ///
    /// # Errors
    /// [`OfflineError::Store`]
    pub fn revoke(&self, computer_id: &str) -> Result<(), OfflineError> {
        for _ in 0..MAX_CONFLICTS {
            let Some(mut record) = self.store.load(computer_id)? else { return Ok(()) };
            record.holding = Holding::Ended(Ended::Revoked);
            match self.save(&mut record) {
                Err(StoreError::Conflict) => {}
                saved => return Ok(saved?),
            }
        }
        Err(StoreError::Busy.into())
    }

    /// Forgets a computer altogether, when it is unpaired or paired anew: its generations begin again.
    ///
    /// # Errors
    /// [`OfflineError::Store`]
    pub fn forget(&self, computer_id: &str) -> Result<(), OfflineError> {
        Ok(self.store.delete(computer_id)?)
    }

    /// Ends a set for good, so that a clock turned back cannot revive it and its key is gone. If that
    /// fails, the next call tries again; the answer is the same.
    fn end(&self, mut record: LedgerRecord, ended: Ended) -> OfflineError {
        record.holding = Holding::Ended(ended);
        let _ = self.save(&mut record);
        ended.error()
    }

    fn save(&self, record: &mut LedgerRecord) -> Result<(), StoreError> {
        record.revision = record.revision.saturating_add(1);
        self.store.save(record)
    }
}

impl Live {
    /// The last PIN, while its display time lasts. A clock that went back ends the display time.
    fn shown(&self, now: u64) -> Option<Displayed> {
        let hide_at = self.shown_at?.saturating_add(self.set.display_secs.into());
        let index = self.next.checked_sub(1)?;
        (self.shown_at? <= now && now < hide_at).then(|| Displayed {
            pin: self.set.pin(index),
            hide_at,
            status: self.status(now),
        })
    }

    /// Counts the next PIN as used. It may be shown once this is on disk.
    fn burn(&mut self, now: u64) -> Displayed {
        let pin = self.set.pin(self.next);
        self.next = self.next.saturating_add(1);
        self.shown_at = Some(now);
        let hide_at = now.saturating_add(self.set.display_secs.into());
        Displayed { pin, hide_at, status: self.status(now) }
    }

    fn status(&self, now: u64) -> LedgerStatus {
        let remaining = self.set.count.saturating_sub(self.next);
        // 100 PINs times 50 percent: far below the type's end.
        let low_water =
            u32::from(self.set.count).saturating_mul(u32::from(self.set.threshold_pct)).div_ceil(100);
        let left = self.set.expires_at.saturating_sub(now);
        let state = if left == 0 {
            State::Expired
        } else if remaining == 0 {
            State::Exhausted
        } else if u32::from(remaining) <= low_water || left <= LOW_BEFORE_EXPIRY {
            State::Low
        } else {
            State::Ok
        };
        LedgerStatus { state, remaining, total: self.set.count, expires_at: Some(self.set.expires_at) }
    }
}

impl Ended {
    const fn error(self) -> OfflineError {
        match self {
            Ended::Exhausted => OfflineError::Exhausted,
            Ended::Expired => OfflineError::Expired,
            Ended::Revoked => OfflineError::Revoked,
        }
    }

    const fn state(self) -> State {
        match self {
            Ended::Exhausted => State::Exhausted,
            Ended::Expired => State::Expired,
            Ended::Revoked => State::Revoked,
        }
    }
}

impl fmt::Debug for Displayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Displayed({:?}, {:?})", self.pin, self.status)
    }
}

#[cfg(test)]
mod tests;
