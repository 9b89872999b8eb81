//! What the phone spends to burn and show a PIN, and what the workstation spends on a typed one,
//! beside the Argon2id that it cannot cost less than.
//!
//! The phone's store is in memory: a store on disk adds its commit, which the vault's benchmark
//! measures.
#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use divan::{Bencher, black_box};
use latchkey_offline::testing::{MemoryLedgerStore, MemoryVerifierStore};
use latchkey_offline::{
    Account, Argon2Cost, Issue, Ledger, OfflineError, OfflinePolicy, Protection, Settings, UnlockSecret,
    Unlocked, Verifier,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

const COMPUTER: &str = "computer-1";
const NOW: u64 = 1_800_000_000;
const COUNTS: [u16; 3] = [10, 25, 100];

fn main() {
    divan::main();
}

struct Pair {
    disk: Arc<MemoryVerifierStore>,
    ledger: Ledger,
}

fn verifier(disk: Arc<MemoryVerifierStore>, cost: Argon2Cost) -> Verifier {
    let account = Account {
        computer_id: COMPUTER.to_owned(),
        user_sid: "S-1-5-21-1-2-3-1001".to_owned(),
        machine_id: "machine-7".to_owned(),
    };
    Verifier::new(disk, account, cost).unwrap()
}

/// A phone and a workstation with a set of `count` PINs.
fn provisioned(count: u16, cost: Argon2Cost) -> Pair {
    let (disk, ledger) = (Arc::default(), Ledger::new(Arc::new(MemoryLedgerStore::default())));
    let policy = OfflinePolicy::new(Settings { enabled: true, count, ..Settings::default() }).unwrap();
    let issue = Issue {
        policy: &policy,
        secret: &UnlockSecret::new([7; 32]),
        protection: Protection::Tpm,
        phone_holds: None,
        now: NOW,
    };
    let pair = Pair { disk, ledger };
    let verifier = verifier(pair.disk.clone(), cost);
    let issued = verifier.issue(&issue, &mut ChaCha20Rng::seed_from_u64(1)).unwrap();
    let acknowledgement = pair.ledger.accept(COMPUTER, issued.handover.as_bytes(), NOW).unwrap();
    verifier.acknowledge(&acknowledgement).unwrap();
    pair
}

fn cheap() -> Argon2Cost {
    Argon2Cost::new(8, 1, 1).unwrap()
}

/// The phone: load, derive, burn, show.
#[divan::bench]
fn display(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(|| provisioned(10, cheap()).ledger)
        .bench_values(|ledger| ledger.display(black_box(COMPUTER), NOW).unwrap());
}

/// The workstation: a PIN that is none, with all slots tried.
fn refuse(verifier: &Verifier) -> Result<Unlocked, OfflineError> {
    verifier.verify(black_box("0000-0000"), NOW)
}

#[divan::bench(args = COUNTS, sample_count = 20)]
fn check_wrong_pin(bencher: Bencher<'_, '_>, count: u16) {
    let disk = at_full_cost(count).disk;
    bencher
        .with_inputs(|| verifier(Arc::new(disk.copy()), Argon2Cost::default()))
        .bench_values(|verifier| assert!(refuse(&verifier).is_err()));
}

/// The workstation: the PIN of the last slot.
#[divan::bench(args = COUNTS, sample_count = 20)]
fn check_right_pin(bencher: Bencher<'_, '_>, count: u16) {
    let Pair { disk, ledger } = at_full_cost(count);
    for index in 1..u64::from(count) {
        ledger.display(COMPUTER, NOW + 60 * index).unwrap();
    }
    let last = ledger.display(COMPUTER, NOW + 60 * u64::from(count)).unwrap();
    bencher
        .with_inputs(|| verifier(Arc::new(disk.copy()), Argon2Cost::default()))
        .bench_values(|verifier| verifier.verify(last.pin.expose(), NOW).unwrap());
}

/// The workstation without Argon2id: two commits and all slots.
#[divan::bench(args = COUNTS)]
fn check_without_argon2(bencher: Bencher<'_, '_>, count: u16) {
    let disk = provisioned(count, cheap()).disk;
    bencher
        .with_inputs(|| verifier(Arc::new(disk.copy()), cheap()))
        .bench_values(|verifier| assert!(refuse(&verifier).is_err()));
}

/// The yardstick: one Argon2id with 64 MiB that is fetched from the system each time.
#[divan::bench(sample_count = 20)]
fn bare_argon2(bencher: Bencher<'_, '_>) {
    bencher.bench(|| {
        let params = Params::new(64 * 1024, 3, 1, Some(32)).unwrap();
        let mut memory = vec![Block::new(); params.block_count()];
        let mut out = [0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(black_box(b"00000000"), &[1; 16], &mut out, &mut memory)
            .unwrap();
        out
    });
}

/// The workstation after an online authentication, in the background.
#[divan::bench(sample_count = 3)]
fn issue_25() -> Pair {
    provisioned(25, Argon2Cost::default())
}

fn at_full_cost(count: u16) -> Pair {
    provisioned(count, Argon2Cost::default())
}
