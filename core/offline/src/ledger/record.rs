//! What the phone keeps of one computer.

use core::fmt;

use latchkey_ctap::cbor::{Item, Writer};
use zeroize::Zeroizing;

use crate::acknowledgement::Acknowledgement;
use crate::entries::{entries, u16};
use crate::error::OfflineError;
use crate::set::{PinSet, check_computer_id};

const VERSION: u64 = 1;

/// What the phone keeps of one computer. Holds a key: stored sealed, wiped, never logged.
pub struct LedgerRecord {
    pub(crate) revision: u64,
    pub(crate) computer_id: String,
    /// Of the newest set that was accepted; it outlives the set.
    pub(crate) acknowledgement: Acknowledgement,
    pub(crate) holding: Holding,
}

pub(crate) enum Holding {
    Live(Live),
    Ended(Ended),
}

/// A set with PINs to show.
pub(crate) struct Live {
    /// Index of the next PIN; those below were burnt.
    pub(crate) next: u16,
    /// When the last PIN was first shown, in Unix seconds.
    pub(crate) shown_at: Option<u64>,
    pub(crate) set: PinSet,
}

/// How a set ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Exhausted = 1,
    Expired = 2,
    Revoked = 3,
}

impl LedgerRecord {
    /// A set of which no PIN was shown.
    pub(crate) fn fresh(revision: u64, set: PinSet) -> Self {
        LedgerRecord {
            revision,
            computer_id: set.computer_id.clone(),
            acknowledgement: set.acknowledgement(),
            holding: Holding::Live(Live { next: 0, shown_at: None, set }),
        }
    }

    /// Counts the changes of the record from 1, so that a store notices a lost race.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// The computer that it belongs to. Traceable to a person: look it up by a keyed hash.
    #[must_use]
    pub fn computer_id(&self) -> &str {
        &self.computer_id
    }

    pub(crate) const fn generation(&self) -> u32 {
        self.acknowledgement.generation
    }

    /// Canonical CBOR, to be sealed: {1: version, 2: revision, 3: computer ID, 4: acknowledgement,
    /// 5: how the set ended}, or in the place of 5 {6: next, 7: shown at (optional), 8: the set as it was
    /// handed over}.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let own = match &self.holding {
            Holding::Ended(_) => 1,
            Holding::Live(Live { shown_at: None, .. }) => 2,
            Holding::Live(_) => 3,
        };
        let mut map = Writer::new();
        map.map(own + 4);
        map.unsigned(1).unsigned(VERSION);
        map.unsigned(2).unsigned(self.revision);
        map.unsigned(3).text(&self.computer_id);
        map.unsigned(4).raw(&self.acknowledgement.encode());
        match &self.holding {
            Holding::Ended(ended) => {
                map.unsigned(5).unsigned(*ended as u64);
            }
            Holding::Live(live) => {
                map.unsigned(6).unsigned(live.next.into());
                if let Some(shown_at) = live.shown_at {
                    map.unsigned(7).unsigned(shown_at);
                }
                // Last, so that no growing buffer leaves a copy of the key behind.
                map.unsigned(8).raw(&live.set.encode());
            }
        }
        Zeroizing::new(map.finish())
    }

    /// Undoes [`LedgerRecord::encode`]; nothing else is accepted.
    ///
    /// # Errors
    /// As [`PinSet::decode`]; [`OfflineError::Inconsistent`]
    pub fn decode(bytes: &[u8]) -> Result<Self, OfflineError> {
        let [version, revision, computer_id, acknowledgement, ended, next, shown_at, set] =
            entries(Item::parse(bytes)?, [1, 2, 3, 4, 5, 6, 7, 8])?;
        let required = |item: Option<_>| item.ok_or(OfflineError::UnexpectedEntries);
        match required(version)?.unsigned()? {
            VERSION => {}
            other => return Err(OfflineError::UnknownVersion(other)),
        }
        let holding = match (ended, next, set) {
            (Some(ended), None, None) if shown_at.is_none() => {
                Holding::Ended(Ended::of(ended.unsigned()?).ok_or(OfflineError::Inconsistent)?)
            }
            (None, Some(next), Some(set)) => Holding::Live(Live {
                next: u16(next)?,
                shown_at: shown_at.map(Item::unsigned).transpose()?,
                set: PinSet::read(set)?,
            }),
            _ => return Err(OfflineError::UnexpectedEntries),
        };
        let record = LedgerRecord {
            revision: required(revision)?.unsigned()?,
            computer_id: check_computer_id(required(computer_id)?.text()?)?.to_owned(),
            acknowledgement: Acknowledgement::decode(required(acknowledgement)?.raw())?,
            holding,
        };
        record.check()?;
        Ok(record)
    }

    fn check(&self) -> Result<(), OfflineError> {
        let consistent = match &self.holding {
            Holding::Ended(_) => true,
            Holding::Live(live) => {
                live.next <= live.set.count
                    && (live.next == 0) == live.shown_at.is_none()
                    && live.set.computer_id == self.computer_id
                    && live.set.acknowledgement() == self.acknowledgement
            }
        };
        if consistent && self.revision > 0 { Ok(()) } else { Err(OfflineError::Inconsistent) }
    }
}

impl Ended {
    const fn of(code: u64) -> Option<Self> {
        match code {
            1 => Some(Ended::Exhausted),
            2 => Some(Ended::Expired),
            3 => Some(Ended::Revoked),
            _ => None,
        }
    }
}

impl fmt::Debug for LedgerRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LedgerRecord(generation {}, redacted)", self.generation())
    }
}

#[cfg(test)]
mod tests;
