use super::*;
use crate::fixture::{COMPUTER, NOW, set};
use crate::testing::{Crash, MemoryLedgerStore};

fn ledger() -> (Ledger, Arc<MemoryLedgerStore>) {
    let disk = Arc::new(MemoryLedgerStore::default());
    (Ledger::new(disk.clone()), disk)
}

/// With `set`.
fn holding(set: &PinSet) -> (Ledger, Arc<MemoryLedgerStore>) {
    let (ledger, disk) = ledger();
    ledger.accept(COMPUTER, &set.encode(), NOW).unwrap();
    (ledger, disk)
}

fn shown(ledger: &Ledger, now: u64) -> Result<String, OfflineError> {
    ledger.display(COMPUTER, now).map(|displayed| displayed.pin.expose().to_owned())
}

fn pin(index: u16) -> String {
    set().pin(index).expose().to_owned()
}

#[test]
fn each_pin_is_shown_once() {
    let (ledger, _) = holding(&set());
    for index in 0..25 {
        let now = NOW + u64::from(index) * 60;
        let displayed = ledger.display(COMPUTER, now).unwrap();
        assert_eq!(displayed.pin.expose(), pin(index));
        assert_eq!(displayed.hide_at, now + 60);
        assert_eq!(displayed.status.remaining, 24 - index);
    }
    assert_eq!(shown(&ledger, NOW + 25 * 60), Err(OfflineError::Exhausted));
    assert_eq!(shown(&ledger, NOW + 25 * 60 - 1), Err(OfflineError::Exhausted), "the key is erased by then");
    assert_eq!(ledger.status(COMPUTER, NOW).unwrap().state, State::Exhausted);
}

#[test]
fn within_its_display_time_a_pin_is_shown_again() {
    let (ledger, disk) = holding(&set());
    assert_eq!(shown(&ledger, NOW), Ok(pin(0)));
    let saves = disk.saves();
    let again = ledger.display(COMPUTER, NOW + 59).unwrap();
    assert_eq!(again.pin.expose(), pin(0));
    assert_eq!(again.hide_at, NOW + 60, "looking again does not prolong it");
    assert_eq!(disk.saves(), saves, "nothing is burnt");
    assert_eq!(shown(&ledger, NOW + 60), Ok(pin(1)));
    // After the app was killed, too.
    assert_eq!(shown(&Ledger::new(disk), NOW + 61), Ok(pin(1)));
}

#[test]
fn the_last_pin_can_be_looked_at_again_too() {
    let (ledger, _) = holding(&set());
    for index in 0..25 {
        shown(&ledger, NOW + 60 * index).unwrap();
    }
    assert_eq!(shown(&ledger, NOW + 60 * 24 + 59), Ok(pin(24)));
    assert_eq!(ledger.status(COMPUTER, NOW + 60 * 24 + 59).unwrap().state, State::Exhausted);
}

#[test]
fn a_pin_is_burnt_before_it_is_shown() {
    let (ledger, disk) = holding(&set());
    disk.crash_at(0, Crash::BeforeCommit);
    assert_eq!(shown(&ledger, NOW), Err(StoreError::Failed.into()), "not burnt, not shown");
    assert_eq!(shown(&ledger, NOW), Ok(pin(0)));
    disk.crash_at(0, Crash::AfterCommit);
    assert_eq!(shown(&ledger, NOW + 60), Err(StoreError::Failed.into()), "burnt, not shown");
    assert_eq!(ledger.status(COMPUTER, NOW + 61).unwrap().remaining, 23);
    // Its display time runs, so it is not lost if somebody looks again soon.
    assert_eq!(shown(&ledger, NOW + 61), Ok(pin(1)));
    assert_eq!(shown(&ledger, NOW + 120), Ok(pin(2)));
}

#[test]
fn app_and_extension_burn_different_pins() {
    /// Lets somebody else in between loading and saving, once.
    struct Racing(Arc<MemoryLedgerStore>, std::sync::Mutex<Option<Ledger>>);
    impl LedgerStore for Racing {
        fn load(&self, computer_id: &str) -> Result<Option<LedgerRecord>, StoreError> {
            self.0.load(computer_id)
        }
        fn save(&self, record: &LedgerRecord) -> Result<(), StoreError> {
            if let Some(other) = self.1.lock().unwrap().take() {
                // The other process's clock is off: its PIN is hidden already.
                assert_eq!(shown(&other, NOW - 60), Ok(pin(0)));
            }
            self.0.save(record)
        }
        fn delete(&self, computer_id: &str) -> Result<(), StoreError> {
            self.0.delete(computer_id)
        }
    }
    let (other, disk) = holding(&set());
    let racing = Racing(disk, std::sync::Mutex::new(Some(other)));
    assert_eq!(shown(&Ledger::new(Arc::new(racing)), NOW), Ok(pin(1)));
}

#[test]
fn a_set_expires_for_good() {
    let end = set().expires_at;
    let (ledger, _) = holding(&set());
    assert_eq!(shown(&ledger, end - 1), Ok(pin(0)));
    assert_eq!(ledger.status(COMPUTER, end).unwrap().state, State::Expired);
    assert_eq!(shown(&ledger, end), Err(OfflineError::Expired), "even within its display time");
    assert_eq!(shown(&ledger, NOW), Err(OfflineError::Expired), "turning the clock back does not help");
}

#[test]
fn turning_the_clock_back_brings_no_pin_back() {
    let (ledger, _) = holding(&set());
    shown(&ledger, set().expires_at - 1).unwrap();
    // It does not prolong the display time either.
    assert_eq!(shown(&ledger, NOW), Ok(pin(1)));
    assert_eq!(shown(&ledger, NOW - 1), Ok(pin(2)));
}

#[test]
fn an_end_that_cannot_be_stored_is_an_end() {
    let (ledger, disk) = holding(&set());
    let end = set().expires_at;
    disk.crash_at(0, Crash::BeforeCommit);
    assert_eq!(shown(&ledger, end), Err(OfflineError::Expired));
    assert!(disk.restart());
    assert_eq!(shown(&ledger, end), Err(OfflineError::Expired));
    assert_eq!(shown(&ledger, NOW), Err(OfflineError::Expired));
}

#[test]
fn low_begins_at_the_threshold() {
    let cases = [(25, 20, 5), (25, 50, 13), (10, 0, 0), (10, 1, 1), (33, 10, 4), (100, 20, 20)];
    for (count, threshold_pct, low) in cases {
        let (ledger, _) = holding(&PinSet { count, threshold_pct, ..set() });
        assert_eq!(ledger.status(COMPUTER, NOW).unwrap().state, State::Ok);
        for used in 1..=count {
            let status = ledger.display(COMPUTER, NOW + 60 * u64::from(used)).unwrap().status;
            let expected = match count - used {
                0 => State::Exhausted,
                left if left <= low => State::Low,
                _ => State::Ok,
            };
            assert_eq!(status.state, expected, "{used} of {count} at {threshold_pct} percent");
        }
    }
}

#[test]
fn low_begins_three_days_before_the_end() {
    let (ledger, _) = holding(&set());
    let end = set().expires_at;
    let state = |now| ledger.status(COMPUTER, now).unwrap().state;
    assert_eq!(state(end - 3 * DAY - 1), State::Ok);
    assert_eq!(state(end - 3 * DAY), State::Low);
    assert_eq!(state(end - 1), State::Low);
    assert_eq!(state(end), State::Expired);
}

#[test]
fn without_a_set_there_is_no_pin() {
    let (ledger, _) = ledger();
    assert_eq!(shown(&ledger, NOW), Err(OfflineError::NotProvisioned));
    assert_eq!(ledger.status(COMPUTER, NOW).unwrap().state, State::NotProvisioned);
    assert_eq!(ledger.acknowledgement(COMPUTER), Ok(None));
    assert_eq!(ledger.revoke(COMPUTER), Ok(()));
    assert_eq!(ledger.status(COMPUTER, NOW).unwrap().state, State::NotProvisioned);
}

#[test]
fn the_same_handover_again_changes_nothing() {
    let (ledger, disk) = holding(&set());
    shown(&ledger, NOW).unwrap();
    let saves = disk.saves();
    assert_eq!(ledger.accept(COMPUTER, &set().encode(), NOW + 60), Ok(set().acknowledgement()));
    assert_eq!(disk.saves(), saves);
    assert_eq!(shown(&ledger, NOW + 60), Ok(pin(1)), "no PIN comes back");
    assert_eq!(ledger.acknowledgement(COMPUTER), Ok(Some(set().acknowledgement())));
}

#[test]
fn only_a_newer_set_replaces_one() {
    let (ledger, _) = holding(&PinSet { generation: 5, ..set() });
    for (generation, set_id) in [(1, [7; 16]), (4, [7; 16]), (5, [7; 16])] {
        let offered = PinSet { generation, set_id: crate::SetId(set_id), ..set() };
        assert_eq!(
            ledger.accept(COMPUTER, &offered.encode(), NOW),
            Err(OfflineError::OldGeneration { offered: generation, present: 5 })
        );
    }
    // The same set under another key is another set.
    let forged = PinSet { generation: 5, key: crate::set::SetKey([9; 32]), ..set() };
    assert!(matches!(
        ledger.accept(COMPUTER, &forged.encode(), NOW),
        Err(OfflineError::OldGeneration { .. })
    ));
    shown(&ledger, NOW).unwrap();
    let newer = PinSet { generation: 6, set_id: crate::SetId([7; 16]), ..set() };
    ledger.accept(COMPUTER, &newer.encode(), NOW).unwrap();
    assert_eq!(shown(&ledger, NOW), Ok(newer.pin(0).expose().to_owned()));
}

#[test]
fn an_ended_set_does_not_come_back() {
    let revoked = holding(&set()).0;
    revoked.revoke(COMPUTER).unwrap();
    let expired = holding(&set()).0;
    shown(&expired, set().expires_at).unwrap_err();
    for (ledger, error, state) in
        [(revoked, OfflineError::Revoked, State::Revoked), (expired, OfflineError::Expired, State::Expired)]
    {
        // It was accepted once; saying so again is no harm.
        assert_eq!(ledger.accept(COMPUTER, &set().encode(), NOW), Ok(set().acknowledgement()));
        assert_eq!(shown(&ledger, NOW), Err(error));
        assert_eq!(ledger.status(COMPUTER, NOW).unwrap().state, state);
        let other = PinSet { set_id: crate::SetId([7; 16]), ..set() };
        assert!(matches!(
            ledger.accept(COMPUTER, &other.encode(), NOW),
            Err(OfflineError::OldGeneration { offered: 1, present: 1 })
        ));
        let newer = PinSet { generation: 2, ..other };
        ledger.accept(COMPUTER, &newer.encode(), NOW).unwrap();
        assert!(shown(&ledger, NOW).is_ok());
    }
}

#[test]
fn a_set_for_another_computer_is_refused() {
    let (ledger, disk) = ledger();
    assert_eq!(ledger.accept("computer-2", &set().encode(), NOW), Err(OfflineError::OtherComputer));
    assert_eq!(ledger.accept("", &set().encode(), NOW), Err(OfflineError::InvalidComputerId));
    assert_eq!(ledger.accept(COMPUTER, &set().encode(), set().expires_at), Err(OfflineError::Expired));
    assert!(matches!(ledger.accept(COMPUTER, b"", NOW), Err(OfflineError::Malformed(_))));
    assert_eq!(disk.saves(), 0);
}

#[test]
fn a_handover_that_is_cut_off_can_be_repeated() {
    for crash in [Crash::BeforeCommit, Crash::AfterCommit] {
        let (ledger, disk) = ledger();
        disk.crash_at(0, crash);
        assert_eq!(ledger.accept(COMPUTER, &set().encode(), NOW), Err(StoreError::Failed.into()));
        assert_eq!(ledger.accept(COMPUTER, &set().encode(), NOW), Ok(set().acknowledgement()));
        assert_eq!(disk.saves(), 1);
    }
}

#[test]
fn a_forgotten_computer_begins_again() {
    let (ledger, _) = holding(&PinSet { generation: 9, ..set() });
    ledger.forget(COMPUTER).unwrap();
    assert_eq!(ledger.status(COMPUTER, NOW).unwrap().state, State::NotProvisioned);
    assert!(ledger.accept(COMPUTER, &set().encode(), NOW).is_ok());
}

#[test]
fn what_is_displayed_does_not_print() {
    let (ledger, _) = holding(&set());
    let printed = format!("{:?}", ledger.display(COMPUTER, NOW).unwrap());
    assert!(printed.starts_with("Displayed(Pin(redacted), LedgerStatus"), "{printed}");
    assert!(!printed.contains(&pin(0)));
}
