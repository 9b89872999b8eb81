use super::*;
use crate::fixture::{COMPUTER, NOW, Pair, SECRET, account, cheap, enabled};
use crate::policy::Settings;
use crate::testing::{Crash, MemoryVerifierStore};

const WRONG: &str = "0000-0000";

fn provisioned() -> Pair {
    Pair::provisioned(enabled())
}

/// Types wrong PINs, waiting as long as told, until something else is answered.
fn exhaust_attempts(verifier: &Verifier, now: &mut u64) -> (u16, OfflineError) {
    let mut wrong = 0;
    loop {
        match verifier.verify(WRONG, *now).unwrap_err() {
            OfflineError::WrongPin { wait_secs, .. } => {
                wrong += 1;
                *now += wait_secs;
            }
            other => return (wrong, other),
        }
    }
}

fn is_wrong(outcome: Result<Unlocked, OfflineError>) -> bool {
    matches!(outcome, Err(OfflineError::WrongPin { .. }))
}

#[test]
fn a_pin_unlocks_once() {
    let pair = provisioned();
    let mut now = NOW;
    let pin = pair.next_pin(&mut now);
    let unlocked = pair.verifier.verify(&pin.to_lowercase(), now).unwrap();
    assert_eq!(unlocked.secret.expose(), &SECRET);
    assert_eq!((unlocked.generation, unlocked.index, unlocked.remaining), (1, 0, 24));
    assert!(is_wrong(pair.verifier.verify(&pin, now)));
}

#[test]
fn skipped_pins_die() {
    let pair = provisioned();
    let mut now = NOW;
    let pins: Vec<_> = (0..5).map(|_| pair.next_pin(&mut now)).collect();
    assert_eq!(pair.verifier.verify(&pins[3], now).unwrap().remaining, 21);
    for pin in &pins[..=3] {
        now += 60;
        assert!(is_wrong(pair.verifier.verify(pin, now)));
    }
    now += 60;
    assert_eq!(pair.verifier.verify(&pins[4], now).unwrap().index, 4);
}

#[test]
fn the_last_slot_is_within_reach_and_then_nothing_is_left() {
    let pair = provisioned();
    let mut now = NOW;
    let last = (0..25).map(|_| pair.next_pin(&mut now)).last().unwrap();
    assert_eq!(pair.verifier.verify(&last, now).unwrap().remaining, 0);
    assert_eq!(pair.verifier.verify(&last, now).unwrap_err(), OfflineError::Exhausted);
    assert_eq!(pair.verifier.ready(now), Err(OfflineError::Exhausted));
}

#[test]
fn a_window_bounds_the_look_ahead() {
    let pair = Pair::provisioned(Settings { window: Some(3), ..enabled() });
    let mut now = NOW;
    let pins: Vec<_> = (0..4).map(|_| pair.next_pin(&mut now)).collect();
    assert!(is_wrong(pair.verifier.verify(&pins[3], now)));
    now += 60;
    assert_eq!(pair.verifier.verify(&pins[2], now).unwrap().index, 2);
    assert_eq!(pair.verifier.verify(&pins[3], now).unwrap().index, 3, "the window moves on");
}

#[test]
fn slips_of_the_fingers_cost_no_attempt() {
    let pair = provisioned();
    let saves = pair.workstation_disk.saves();
    for typed in ["", "1234567", "123456789", "1234567890123456"] {
        let refused = pair.verifier.verify(typed, NOW).unwrap_err();
        assert_eq!(refused, OfflineError::WrongLength { expected: 8 });
    }
    assert_eq!(pair.verifier.verify("1234567U", NOW).unwrap_err(), OfflineError::InvalidCharacter);
    assert_eq!(pair.workstation_disk.saves(), saves);
    assert_eq!(pair.verifier.ready(NOW), Ok(Ready { attempts_left: 10, wait_secs: 0 }));
}

#[test]
fn wrong_pins_are_slowed_down_and_then_destroy_the_sets() {
    let pair = provisioned();
    let mut now = NOW;
    let right = pair.next_pin(&mut now);
    for (failure, wait_secs) in (1_u16..).zip([1, 2, 4, 8, 16, 32, 60, 60, 60]) {
        let attempts_left = 10 - failure;
        let refused = pair.verifier.verify(WRONG, now).unwrap_err();
        assert_eq!(refused, OfflineError::WrongPin { attempts_left, wait_secs });
        // Meanwhile not even the right one is taken, and asking costs nothing.
        for waited in [0, wait_secs - 1] {
            let refused = pair.verifier.verify(&right, now + waited).unwrap_err();
            assert_eq!(refused, OfflineError::Throttled { wait_secs: wait_secs - waited });
        }
        assert_eq!(pair.verifier.ready(now), Ok(Ready { attempts_left, wait_secs }));
        now += wait_secs;
    }
    assert_eq!(pair.verifier.verify(WRONG, now).unwrap_err(), OfflineError::Locked);
    for typed in [&right, "", "U"] {
        assert_eq!(pair.verifier.verify(typed, now + 1_000).unwrap_err(), OfflineError::Locked);
    }
    assert_eq!(pair.verifier.ready(now), Err(OfflineError::Locked));
}

#[test]
fn the_last_attempt_may_be_the_right_one() {
    let pair = provisioned();
    let mut now = NOW;
    let right = pair.next_pin(&mut now);
    for _ in 0..9 {
        assert!(is_wrong(pair.verifier.verify(WRONG, now)));
        now += 60;
    }
    assert!(pair.verifier.verify(&right, now).is_ok());
    assert_eq!(exhaust_attempts(&pair.verifier, &mut now), (9, OfflineError::Locked), "counted anew");
}

#[test]
fn an_online_authentication_lifts_the_lock() {
    let mut pair = provisioned();
    let mut now = NOW;
    let old = pair.next_pin(&mut now);
    exhaust_attempts(&pair.verifier, &mut now);
    pair.replenish(enabled(), now).unwrap();
    assert!(is_wrong(pair.verifier.verify(&old, now)));
    let pin = pair.next_pin(&mut now);
    assert_eq!(pair.verifier.verify(&pin, now).unwrap().generation, 2);
}

#[test]
fn the_policy_bounds_the_attempts() {
    let pair = Pair::provisioned(Settings { max_failures: 3, ..enabled() });
    assert_eq!(exhaust_attempts(&pair.verifier, &mut { NOW }), (2, OfflineError::Locked));
}

#[test]
fn another_account_and_another_workstation_are_refused() {
    for change in [
        |account: &mut Account| account.user_sid = "S-1-5-21-1-2-3-1002".to_owned(),
        |account: &mut Account| account.machine_id = "machine-8".to_owned(),
    ] {
        let pair = provisioned();
        let mut now = NOW;
        let pin = pair.next_pin(&mut now);
        let mut swapped = account();
        change(&mut swapped);
        let disk = Arc::new(pair.workstation_disk.copy());
        let verifier = Verifier::new(disk, swapped, cheap()).unwrap();
        assert!(is_wrong(verifier.verify(&pin, now)));
        assert!(pair.verifier.verify(&pin, now).is_ok());
    }
}

#[test]
fn pins_of_another_set_are_refused() {
    let pair = provisioned();
    let mut other = Pair::new();
    // The same random numbers twice would be the same set.
    other.issue(enabled(), NOW).unwrap();
    other.replenish(enabled(), NOW).unwrap();
    let mut now = NOW;
    assert!(is_wrong(pair.verifier.verify(&other.next_pin(&mut now), now)));
}

#[test]
fn without_a_set_nothing_is_accepted() {
    let pair = Pair::new();
    assert_eq!(pair.verifier.verify(WRONG, NOW).unwrap_err(), OfflineError::NotProvisioned);
    assert_eq!(pair.verifier.ready(NOW), Err(OfflineError::NotProvisioned));
    assert_eq!(pair.workstation_disk.saves(), 0);
    pair.verifier.revoke().unwrap();
    assert_eq!(pair.verifier.ready(NOW), Err(OfflineError::NotProvisioned));
}

#[test]
fn the_policy_decides_whether_there_are_sets() {
    let mut pair = Pair::new();
    assert_eq!(pair.issue(Settings::default(), NOW), Err(OfflineError::Disabled));
    let unprotected = Issue {
        policy: &OfflinePolicy::new(enabled()).unwrap(),
        secret: &UnlockSecret::new(SECRET),
        protection: Protection::None,
        phone_holds: None,
        now: NOW,
    };
    let refused = pair.verifier.issue(&unprotected, &mut rand_core::OsRng).unwrap_err();
    assert_eq!(refused, OfflineError::TooShortWithoutTpm { minimum: 10 });
    assert_eq!(pair.workstation_disk.saves(), 0);
}

#[test]
fn revoking_destroys_everything() {
    let mut pair = provisioned();
    let mut now = NOW;
    let pin = pair.next_pin(&mut now);
    pair.issue(enabled(), now).unwrap();
    pair.verifier.revoke().unwrap();
    assert_eq!(pair.verifier.verify(&pin, now).unwrap_err(), OfflineError::Revoked);
    let held = pair.ledger.acknowledgement(COMPUTER).unwrap().unwrap();
    assert_eq!(pair.verifier.acknowledge(&held), Err(OfflineError::UnknownSet));
    pair.replenish(enabled(), now).unwrap();
    assert_eq!(pair.verifier.verify(&pair.next_pin(&mut now), now).unwrap().generation, 3);
}

#[test]
fn a_set_expires_for_good() {
    let pair = provisioned();
    let mut now = NOW;
    let pins: Vec<_> = (0..3).map(|_| pair.next_pin(&mut now)).collect();
    let end = NOW + 30 * DAY;
    assert!(pair.verifier.verify(&pins[0], end - 1).is_ok());
    assert_eq!(pair.verifier.ready(end), Err(OfflineError::Expired));
    assert_eq!(pair.verifier.verify(&pins[1], end).unwrap_err(), OfflineError::Expired);
    // Turning the clock back does not help.
    assert_eq!(pair.verifier.verify(&pins[1], now).unwrap_err(), OfflineError::Expired);
    assert_eq!(pair.verifier.ready(now), Err(OfflineError::Expired));
}

#[test]
fn turning_the_clock_back_does_not_shorten_the_wait() {
    let pair = provisioned();
    let mut now = NOW;
    let right = pair.next_pin(&mut now);
    for _ in 0..4 {
        assert!(is_wrong(pair.verifier.verify(WRONG, now)));
        now += 8;
    }
    let last = now - 8;
    for earlier in [last, last - 1, NOW, 0] {
        let refused = pair.verifier.verify(&right, earlier).unwrap_err();
        assert_eq!(refused, OfflineError::Throttled { wait_secs: 8 });
    }
    assert!(pair.verifier.verify(&right, now).is_ok());
}

#[test]
fn the_latest_time_seen_counts_towards_the_end() {
    let mut pair = provisioned();
    let mut now = NOW;
    let right = pair.next_pin(&mut now);
    let end = NOW + 30 * DAY;
    assert!(is_wrong(pair.verifier.verify(WRONG, end - 1)));
    // By this clock there are weeks left; one second later by the latest seen it is over.
    assert!(pair.verifier.verify(&right, now).is_err());
    assert_eq!(pair.verifier.ready(end), Err(OfflineError::Expired));
    // An online authentication sets the time right, but does not revive what was over.
    pair.verifier.verify(&right, end).unwrap_err();
    pair.issue(enabled(), now).unwrap();
    assert!(is_wrong(pair.verifier.verify(&right, now)));
}

#[test]
fn until_the_acknowledgement_both_sets_are_alive() {
    let mut pair = provisioned();
    let mut now = NOW;
    let old = [pair.next_pin(&mut now), pair.next_pin(&mut now)];
    let handover = pair.issue(enabled(), now).unwrap();
    // The handover was lost: the phone goes on with the old set.
    assert_eq!(pair.verifier.verify(&old[0], now).unwrap().generation, 1);
    // It arrived, but the acknowledgement was lost: a PIN of the new set does as well.
    pair.ledger.accept(COMPUTER, &handover, now).unwrap();
    assert_eq!(pair.verifier.verify(&pair.next_pin(&mut now), now).unwrap().generation, 2);
    assert!(is_wrong(pair.verifier.verify(&old[1], now)), "the old set is destroyed by it");
}

#[test]
fn an_acknowledgement_destroys_the_old_set() {
    let mut pair = provisioned();
    let mut now = NOW;
    let old = pair.next_pin(&mut now);
    pair.replenish(enabled(), now).unwrap();
    assert!(is_wrong(pair.verifier.verify(&old, now)));
}

#[test]
fn acknowledgements_are_checked() {
    let mut pair = provisioned();
    let first = pair.ledger.acknowledgement(COMPUTER).unwrap().unwrap();
    let saves = pair.workstation_disk.saves();
    assert_eq!(pair.verifier.acknowledge(&first), Ok(()), "again");
    assert_eq!(pair.workstation_disk.saves(), saves);

    let handover = pair.issue(enabled(), NOW).unwrap();
    assert_eq!(pair.verifier.acknowledge(&first), Ok(()), "still the active one");
    let second = pair.ledger.accept(COMPUTER, &handover, NOW).unwrap();
    let forged = [
        Acknowledgement { mac: [0; 32], ..second.clone() },
        Acknowledgement { mac: first.mac, ..second.clone() },
        Acknowledgement { generation: 9, ..second.clone() },
    ];
    for forged in &forged {
        assert_eq!(pair.verifier.acknowledge(forged), Err(OfflineError::WrongAcknowledgement));
        let refused = pair.issue_to(enabled(), Some(forged), NOW);
        assert_eq!(refused, Err(OfflineError::WrongAcknowledgement));
    }
    let unknown = Acknowledgement { set_id: SetId([0; 16]), ..second.clone() };
    assert_eq!(pair.verifier.acknowledge(&unknown), Err(OfflineError::UnknownSet));
    assert_eq!(pair.verifier.acknowledge(&second), Ok(()));
    assert_eq!(pair.verifier.acknowledge(&first), Err(OfflineError::UnknownSet), "replayed");
}

#[test]
fn the_set_that_the_phone_holds_survives_the_next_issue() {
    // Whether the acknowledgement was lost or the whole handover.
    for arrives in [true, false] {
        let mut pair = provisioned();
        let mut now = NOW;
        let second = pair.issue(enabled(), now).unwrap();
        if arrives {
            pair.ledger.accept(COMPUTER, &second, now).unwrap();
        }
        // This one is lost altogether.
        pair.issue(enabled(), now).unwrap();
        let generation = if arrives { 2 } else { 1 };
        assert_eq!(pair.verifier.verify(&pair.next_pin(&mut now), now).unwrap().generation, generation);
    }
}

#[test]
fn sets_of_different_lengths_are_told_apart() {
    let mut pair = provisioned();
    let mut now = NOW;
    let old = pair.next_pin(&mut now);
    let handover = pair.issue(Settings { length: 10, ..enabled() }, now).unwrap();
    let refused = pair.verifier.verify("123456789", now).unwrap_err();
    assert_eq!(refused, OfflineError::WrongLength { expected: 10 });
    assert_eq!(pair.verifier.verify(&old, now).unwrap().generation, 1);
    pair.ledger.accept(COMPUTER, &handover, now).unwrap();
    let new = pair.next_pin(&mut now);
    assert_eq!(new.len(), 10);
    assert_eq!(pair.verifier.verify(&new, now).unwrap().generation, 2);
}

#[test]
fn a_workstation_that_lost_its_record_goes_on_after_the_phone() {
    let mut pair = provisioned();
    for _ in 0..3 {
        pair.replenish(enabled(), NOW).unwrap();
    }
    pair.verifier = Verifier::new(Arc::new(MemoryVerifierStore::default()), account(), cheap()).unwrap();
    pair.replenish(enabled(), NOW).unwrap();
    let mut now = NOW;
    assert_eq!(pair.verifier.verify(&pair.next_pin(&mut now), now).unwrap().generation, 5);
}

#[test]
fn generations_end() {
    let mut pair = Pair::new();
    let last = Acknowledgement { generation: u32::MAX, set_id: SetId([1; 16]), mac: [1; 32] };
    assert_eq!(pair.issue_to(enabled(), Some(&last), NOW), Err(OfflineError::GenerationsExhausted));
    assert_eq!(pair.workstation_disk.saves(), 0);
}

#[test]
fn an_attempt_counts_before_it_is_computed() {
    let pair = provisioned();
    let mut now = NOW;
    let right = pair.next_pin(&mut now);
    // Power is cut after each guess, before its outcome is stored.
    for _ in 0..10 {
        pair.workstation_disk.crash_at(1, Crash::BeforeCommit);
        pair.verifier.verify(WRONG, now).unwrap_err();
        pair.workstation_disk.restart();
        now += 60;
    }
    assert_eq!(pair.verifier.verify(&right, now).unwrap_err(), OfflineError::Locked);
}

#[test]
fn an_attempt_that_cannot_be_counted_is_not_made() {
    let pair = provisioned();
    let mut now = NOW;
    let right = pair.next_pin(&mut now);
    pair.workstation_disk.crash_at(0, Crash::BeforeCommit);
    assert_eq!(pair.verifier.verify(&right, now).unwrap_err(), StoreError::Failed.into());
    assert_eq!(pair.verifier.ready(now), Ok(Ready { attempts_left: 10, wait_secs: 0 }));
    assert!(pair.verifier.verify(&right, now).is_ok());
}

#[test]
fn a_pin_is_used_up_before_it_unlocks() {
    for (crash, usable) in [(Crash::BeforeCommit, true), (Crash::AfterCommit, false)] {
        let pair = provisioned();
        let mut now = NOW;
        let right = pair.next_pin(&mut now);
        pair.workstation_disk.crash_at(1, crash);
        assert_eq!(pair.verifier.verify(&right, now).unwrap_err(), StoreError::Failed.into());
        assert_eq!(pair.verifier.verify(&right, now + 60).is_ok(), usable);
        assert!(pair.verifier.verify(&pair.next_pin(&mut now), now + 60).is_ok(), "the next one works");
    }
}

/// Lets somebody else in while a PIN is hashed: after the attempt was counted, before it is redeemed.
fn verify_during(
    pair: &Pair,
    pin: &str,
    now: u64,
    meanwhile: impl FnOnce() + Send + 'static,
) -> OfflineError {
    type Meanwhile = Box<dyn FnOnce() + Send>;
    struct Racing(Arc<MemoryVerifierStore>, std::sync::Mutex<(u32, Option<Meanwhile>)>);
    impl VerifierStore for Racing {
        fn load(&self) -> Result<Option<VerifierRecord>, StoreError> {
            let meanwhile = {
                let mut state = self.1.lock().unwrap();
                state.0 += 1;
                if state.0 == 2 { state.1.take() } else { None }
            };
            if let Some(meanwhile) = meanwhile {
                meanwhile();
            }
            self.0.load()
        }
        fn save(&self, record: &VerifierRecord) -> Result<(), StoreError> {
            self.0.save(record)
        }
    }
    let state = std::sync::Mutex::new((0, Some(Box::new(meanwhile) as Meanwhile)));
    let racing = Arc::new(Racing(pair.workstation_disk.clone(), state));
    let outcome = Verifier::new(racing.clone(), account(), cheap()).unwrap().verify(pin, now);
    assert!(racing.1.lock().unwrap().1.is_none(), "nobody came in between");
    outcome.unwrap_err()
}

#[test]
fn of_two_who_type_the_same_pin_one_is_let_in() {
    let pair = provisioned();
    let mut now = NOW;
    let pin = pair.next_pin(&mut now);
    let (other, same) = (pair.verifier.clone(), pin.clone());
    // The wait of the first attempt is over for a slow machine.
    let meanwhile = move || assert!(other.verify(&same, now + 1).is_ok());
    assert!(matches!(verify_during(&pair, &pin, now, meanwhile), OfflineError::WrongPin { .. }));
}

#[test]
fn a_set_that_is_destroyed_while_its_pin_is_hashed_does_not_unlock() {
    let mut now = NOW;
    // By an acknowledgement.
    let mut pair = provisioned();
    let pin = pair.next_pin(&mut now);
    let handover = pair.issue(enabled(), now).unwrap();
    let acknowledgement = pair.ledger.accept(COMPUTER, &handover, now).unwrap();
    let verifier = pair.verifier.clone();
    let refused = verify_during(&pair, &pin, now, move || verifier.acknowledge(&acknowledgement).unwrap());
    assert!(matches!(refused, OfflineError::WrongPin { .. }));
    // By a revocation.
    let pin = pair.next_pin(&mut now);
    let verifier = pair.verifier.clone();
    let refused = verify_during(&pair, &pin, now, move || verifier.revoke().unwrap());
    assert_eq!(refused, OfflineError::Revoked);
    // By a newer set, while none is active.
    let mut pair = Pair::new();
    let handover = pair.issue(enabled(), now).unwrap();
    pair.ledger.accept(COMPUTER, &handover, now).unwrap();
    let pin = pair.next_pin(&mut now);
    let mut issuer = Pair::new();
    // The same random numbers twice would be the same set.
    issuer.issue(enabled(), now).unwrap();
    issuer.verifier = pair.verifier.clone();
    let meanwhile = move || drop(issuer.issue(enabled(), now).unwrap());
    assert!(matches!(verify_during(&pair, &pin, now, meanwhile), OfflineError::WrongPin { .. }));
}

#[test]
fn a_copy_of_the_disk_has_neither_pins_nor_keys_nor_the_secret() {
    let mut pair = Pair::new();
    let handover = pair.issue(enabled(), NOW).unwrap();
    let key = PinSet::decode(&handover).unwrap().key;
    let disk = pair.workstation_disk.load().unwrap().unwrap().encode();
    for secret in [key.0, SECRET] {
        assert!(!disk.windows(32).any(|window| window == secret));
    }
    let pin = PinSet::decode(&handover).unwrap().pin(0);
    assert!(!disk.windows(8).any(|window| window == pin.expose().as_bytes()));
}

#[test]
fn nothing_of_it_prints() {
    let mut pair = provisioned();
    let mut now = NOW;
    let pin = pair.next_pin(&mut now);
    let unlocked = format!("{:?}", pair.verifier.verify(&pin, now).unwrap());
    assert!(unlocked.starts_with("Unlocked { secret: UnlockSecret(redacted), generation: 1"), "{unlocked}");
    assert_eq!(format!("{:?}", account()), "Account(redacted)");
    let handover = Handover(Zeroizing::new(pair.issue(enabled(), now).unwrap()));
    let issued = format!("{:?}", Issued { handover, generation: 2 });
    assert_eq!(issued, "Issued { handover: Handover(redacted), generation: 2 }");
}

#[test]
fn an_account_has_a_computer() {
    for computer_id in [String::new(), "x".repeat(129)] {
        let account = Account { computer_id, ..account() };
        let refused = Verifier::new(Arc::new(MemoryVerifierStore::default()), account, cheap());
        assert!(matches!(refused, Err(OfflineError::InvalidComputerId)));
    }
}
