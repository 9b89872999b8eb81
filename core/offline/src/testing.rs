//! Stores in memory that lose power where a test wants them to.
//!
//! Nothing here protects anything: behind the feature `testing`, never in a product.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::ledger::{LedgerRecord, LedgerStore};
use crate::store::StoreError;
#[cfg(feature = "workstation")]
use crate::verifier::{VerifierRecord, VerifierStore};

/// Where the power is lost around a save. The caller sees [`StoreError::Failed`] either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// The record was not stored.
    BeforeCommit,
    /// The record was stored, but its caller never learns.
    AfterCommit,
}

/// The phone's store.
#[derive(Default)]
pub struct MemoryLedgerStore(Disk);

/// The workstation's store.
#[cfg(feature = "workstation")]
#[derive(Default)]
pub struct MemoryVerifierStore(Disk);

/// Encoded records by computer, so that every test goes through the encoding.
#[derive(Default)]
struct Disk(Mutex<State>);

#[derive(Clone, Default)]
struct State {
    records: HashMap<String, (u64, Vec<u8>)>,
    crash: Option<(u32, Crash)>,
    saves: u32,
}

impl Disk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn copy(&self) -> Self {
        Disk(Mutex::new(State { crash: None, ..self.state().clone() }))
    }

    fn crash_at(&self, saves: u32, crash: Crash) {
        self.state().crash = Some((saves, crash));
    }

    fn restart(&self) -> bool {
        self.state().crash.take().is_none()
    }

    fn load(&self, key: &str) -> Option<Vec<u8>> {
        self.state().records.get(key).map(|(_, bytes)| bytes.clone())
    }

    fn save(&self, key: &str, revision: u64, bytes: &[u8]) -> Result<(), StoreError> {
        let mut state = self.state();
        let stored = state.records.get(key).map_or(0, |(revision, _)| *revision);
        if revision.checked_sub(1) != Some(stored) {
            return Err(StoreError::Conflict);
        }
        let crash = match &mut state.crash {
            Some((0, crash)) => Some(*crash),
            Some((saves, _)) => {
                *saves = saves.saturating_sub(1);
                None
            }
            None => None,
        };
        if crash.is_some() {
            state.crash = None;
        }
        if crash == Some(Crash::BeforeCommit) {
            return Err(StoreError::Failed);
        }
        state.records.insert(key.to_owned(), (revision, bytes.to_vec()));
        state.saves = state.saves.saturating_add(1);
        if crash.is_some() { Err(StoreError::Failed) } else { Ok(()) }
    }
}

/// What both stores offer to tests.
macro_rules! double {
    () => {
        /// An independent store with the same records, for trying out what would happen.
        #[must_use]
        pub fn copy(&self) -> Self {
            Self(self.0.copy())
        }

        /// Loses power once, around the save after the next `saves` ones.
        pub fn crash_at(&self, saves: u32, crash: Crash) {
            self.0.crash_at(saves, crash);
        }

        /// Takes back a crash that has not happened; whether it had happened, or there was none.
        pub fn restart(&self) -> bool {
            self.0.restart()
        }

        /// How many records were committed.
        #[must_use]
        pub fn saves(&self) -> u32 {
            self.0.state().saves
        }
    };
}

impl MemoryLedgerStore {
    double!();
}

impl LedgerStore for MemoryLedgerStore {
    fn load(&self, computer_id: &str) -> Result<Option<LedgerRecord>, StoreError> {
        let bytes = self.0.load(computer_id);
        bytes.map(|bytes| LedgerRecord::decode(&bytes)).transpose().map_err(|_| StoreError::Damaged)
    }

    fn save(&self, record: &LedgerRecord) -> Result<(), StoreError> {
        self.0.save(record.computer_id(), record.revision(), &record.encode())
    }

    fn delete(&self, computer_id: &str) -> Result<(), StoreError> {
        self.0.state().records.remove(computer_id);
        Ok(())
    }
}

#[cfg(feature = "workstation")]
impl MemoryVerifierStore {
    double!();
}

#[cfg(feature = "workstation")]
impl VerifierStore for MemoryVerifierStore {
    fn load(&self) -> Result<Option<VerifierRecord>, StoreError> {
        let bytes = self.0.load("");
        bytes.map(|bytes| VerifierRecord::decode(&bytes)).transpose().map_err(|_| StoreError::Damaged)
    }

    fn save(&self, record: &VerifierRecord) -> Result<(), StoreError> {
        self.0.save("", record.revision(), &record.encode())
    }
}

#[cfg(test)]
mod tests;
