//! What several tests begin with.

use std::sync::Arc;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;

use crate::policy::DAY;
use crate::set::{PinSet, SetId, SetKey};
use crate::testing::{MemoryLedgerStore, MemoryVerifierStore};
use crate::{
    Account, Acknowledgement, Argon2Cost, Issue, Ledger, OfflineError, OfflinePolicy, Protection, Settings,
    UnlockSecret, Verifier,
};

pub(crate) const COMPUTER: &str = "computer-1";
pub(crate) const NOW: u64 = 1_800_000_000;
/// The smallest that Argon2 allows.
pub(crate) const CHEAP: (u32, u32, u32) = (8, 1, 1);
pub(crate) const SECRET: [u8; 32] = [0x5E; 32];

/// The set of `tests/vectors.py`.
pub(crate) fn set() -> PinSet {
    PinSet {
        computer_id: COMPUTER.to_owned(),
        set_id: SetId(core::array::from_fn(|i| 0xA0 + i as u8)),
        generation: 1,
        count: 25,
        length: 8,
        issued_at: NOW,
        expires_at: NOW + 30 * DAY,
        display_secs: 60,
        threshold_pct: 20,
        key: SetKey(core::array::from_fn(|i| i as u8)),
    }
}

pub(crate) fn enabled() -> Settings {
    Settings { enabled: true, ..Settings::default() }
}

pub(crate) fn account() -> Account {
    Account {
        computer_id: COMPUTER.to_owned(),
        user_sid: "S-1-5-21-1-2-3-1001".to_owned(),
        machine_id: "machine-7".to_owned(),
    }
}

pub(crate) fn cheap() -> Argon2Cost {
    Argon2Cost::new(CHEAP.0, CHEAP.1, CHEAP.2).unwrap()
}

/// A phone and a workstation.
pub(crate) struct Pair {
    pub(crate) workstation_disk: Arc<MemoryVerifierStore>,
    pub(crate) ledger: Ledger,
    pub(crate) verifier: Verifier,
    rng: ChaCha20Rng,
}

impl Pair {
    pub(crate) fn new() -> Self {
        let workstation_disk = Arc::new(MemoryVerifierStore::default());
        Pair {
            ledger: Ledger::new(Arc::new(MemoryLedgerStore::default())),
            verifier: Verifier::new(workstation_disk.clone(), account(), cheap()).unwrap(),
            workstation_disk,
            rng: ChaCha20Rng::seed_from_u64(1),
        }
    }

    /// With a set on both sides.
    pub(crate) fn provisioned(settings: Settings) -> Self {
        let mut pair = Pair::new();
        pair.replenish(settings, NOW).unwrap();
        pair
    }

    /// A whole handover.
    pub(crate) fn replenish(&mut self, settings: Settings, now: u64) -> Result<(), OfflineError> {
        let handover = self.issue(settings, now)?;
        let acknowledgement = self.ledger.accept(COMPUTER, &handover, now)?;
        self.verifier.acknowledge(&acknowledgement)
    }

    /// Its first half.
    pub(crate) fn issue(&mut self, settings: Settings, now: u64) -> Result<Vec<u8>, OfflineError> {
        let phone_holds = self.ledger.acknowledgement(COMPUTER)?;
        self.issue_to(settings, phone_holds.as_ref(), now)
    }

    pub(crate) fn issue_to(
        &mut self,
        settings: Settings,
        phone_holds: Option<&Acknowledgement>,
        now: u64,
    ) -> Result<Vec<u8>, OfflineError> {
        let issue = Issue {
            policy: &OfflinePolicy::new(settings)?,
            secret: &UnlockSecret::new(SECRET),
            protection: Protection::Tpm,
            phone_holds,
            now,
        };
        Ok(self.verifier.issue(&issue, &mut self.rng)?.handover.as_bytes().to_vec())
    }

    /// Waits for the last PIN to be hidden, then shows the next one.
    pub(crate) fn next_pin(&self, now: &mut u64) -> String {
        *now += 120;
        self.ledger.display(COMPUTER, *now).unwrap().pin.expose().to_owned()
    }
}
