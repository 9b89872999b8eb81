use std::collections::BTreeSet;

use latchkey_offline::{Ledger, OfflineError, State, store_contract};

use super::*;
use crate::fixture::{ISSUED, Scratch, blob, contains, flipped, handover, ledger_record};

const COMPUTER: &str = "machine-1";

fn provisioned() -> (Scratch, Ledger) {
    let scratch = Scratch::new();
    let ledger = Ledger::new(scratch.vault.clone());
    ledger.accept(COMPUTER, &handover(COMPUTER, 1), ISSUED).unwrap();
    (scratch, ledger)
}

#[test]
fn the_vault_keeps_the_contract() {
    store_contract::ledger_store(&*Scratch::new().vault);
}

#[test]
fn a_set_is_there_for_the_next_process() {
    let (scratch, ledger) = provisioned();
    let first = ledger.display(COMPUTER, ISSUED).unwrap();
    let extension = Ledger::new(scratch.another());
    // Within its display time the same PIN, then another.
    assert_eq!(extension.display(COMPUTER, ISSUED + 1).unwrap().pin.expose(), first.pin.expose());
    let second = extension.display(COMPUTER, ISSUED + 100).unwrap();
    assert_ne!(second.pin.expose(), first.pin.expose());
    assert_eq!(ledger.status(COMPUTER, ISSUED + 100).unwrap().remaining, 8);
}

#[test]
fn of_two_who_loaded_the_same_record_one_saves() {
    let (scratch, _) = provisioned();
    let other = scratch.another();
    let stores: [&dyn LedgerStore; 2] = [&*scratch.vault, &*other];
    // What both loaded is revision 1; both made revision 2 of it.
    let source = Scratch::new();
    let second = Ledger::new(source.vault.clone());
    second.accept(COMPUTER, &handover(COMPUTER, 1), ISSUED).unwrap();
    second.display(COMPUTER, ISSUED).unwrap();
    let revision_2 = source.vault.load(COMPUTER).unwrap().unwrap();
    assert_eq!(revision_2.revision(), 2);
    assert_eq!(stores[0].save(&revision_2), Ok(()));
    assert_eq!(stores[1].save(&revision_2), Err(StoreError::Conflict));
    assert_eq!(stores[1].save(&ledger_record(COMPUTER, 2)), Err(StoreError::Conflict));
}

#[test]
fn threads_on_two_connections_show_every_pin_once() {
    let (scratch, _) = provisioned();
    let vaults = [scratch.vault.clone(), scratch.another()];
    let shown = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for (thread, vault) in (0_u64..).zip(vaults.iter().cycle().take(4)) {
            let (shown, ledger) = (&shown, Ledger::new(vault.clone()));
            scope.spawn(move || {
                for round in 0..2 {
                    // Further apart than a display lasts, so that each burns a PIN of its own.
                    let now = ISSUED + 1000 * (4 * round + thread);
                    let displayed = ledger.display(COMPUTER, now).unwrap();
                    shown.lock().unwrap().push(displayed.pin.expose().to_owned());
                }
            });
        }
    });
    let shown = shown.into_inner().unwrap();
    assert_eq!((shown.len(), shown.iter().collect::<BTreeSet<_>>().len()), (8, 8));
    assert_eq!(Ledger::new(scratch.vault.clone()).status(COMPUTER, ISSUED).unwrap().remaining, 2);
}

#[test]
fn damage_is_reported_once_and_makes_room_for_the_next_set() {
    let (scratch, ledger) = provisioned();
    ledger.accept("machine-2", &handover("machine-2", 1), ISSUED).unwrap();
    let sound = scratch.cell("offline_set", "record", 1);
    for index in [0, 12, 40, blob(&sound).len() - 1] {
        let damaged = flipped(&sound, index);
        scratch.set("offline_set", "record", 1, &damaged);
        assert_eq!(ledger.display(COMPUTER, ISSUED).unwrap_err(), OfflineError::Store(StoreError::Damaged));
        assert_eq!(scratch.vault.damaged(), Ok(1));
        assert_eq!(ledger.status(COMPUTER, ISSUED).unwrap().state, State::NotProvisioned);
        assert_eq!(scratch.cell("offline_set", "record", 1), damaged);
    }
    assert_eq!(ledger.status("machine-2", ISSUED).unwrap().state, State::Ok);
    ledger.accept(COMPUTER, &handover(COMPUTER, 2), ISSUED).unwrap();
    assert_eq!(ledger.status(COMPUTER, ISSUED).unwrap().remaining, 10);
    ledger.forget(COMPUTER).unwrap();
    assert_eq!(scratch.vault.damaged(), Ok(1));
}

#[test]
fn a_record_of_another_computer_or_revision_is_damaged() {
    let (scratch, ledger) = provisioned();
    ledger.accept("machine-2", &handover("machine-2", 1), ISSUED).unwrap();
    scratch.set("offline_set", "record", 1, &scratch.cell("offline_set", "record", 2));
    scratch.set("offline_set", "revision", 2, &rusqlite::types::Value::Integer(2));
    for computer_id in [COMPUTER, "machine-2"] {
        assert_eq!(scratch.vault.load(computer_id).unwrap_err(), StoreError::Damaged, "{computer_id}");
    }
    assert_eq!(scratch.vault.damaged(), Ok(2));
}

#[test]
fn an_older_record_put_back_shows_a_burnt_pin_at_most_on_the_phone() {
    // What the file cannot prove (see the crate's documentation): the workstation refuses the PIN.
    let (scratch, ledger) = provisioned();
    let older = scratch.cell("offline_set", "record", 1);
    let first = ledger.display(COMPUTER, ISSUED).unwrap();
    scratch.set("offline_set", "record", 1, &older);
    // The revision in the clear gives it away unless that is put back too.
    assert_eq!(scratch.vault.load(COMPUTER).unwrap_err(), StoreError::Damaged);
    scratch.set("offline_set", "revision", 1, &rusqlite::types::Value::Integer(1));
    let again = ledger.display(COMPUTER, ISSUED).unwrap();
    assert_eq!(again.pin.expose(), first.pin.expose());
}

#[test]
fn the_key_of_a_set_that_ended_is_gone_from_the_file() {
    let (scratch, ledger) = provisioned();
    let cells = |scratch: &Scratch| blob(&scratch.cell("offline_set", "record", 1))[..60].to_vec();
    let fresh = cells(&scratch);
    ledger.display(COMPUTER, ISSUED).unwrap();
    let burnt = cells(&scratch);
    ledger.revoke(COMPUTER).unwrap();
    let files = scratch.closed_files();
    assert!(!contains(&files, &fresh) && !contains(&files, &burnt));
}

#[test]
fn a_removed_computer_takes_its_set_along() {
    let (scratch, ledger) = provisioned();
    scratch.vault.put_computer(&crate::fixture::computer(1)).unwrap();
    scratch.vault.remove_computer(COMPUTER).unwrap();
    assert_eq!(ledger.status(COMPUTER, ISSUED).unwrap().state, State::NotProvisioned);
}

#[test]
fn the_store_speaks_for_itself() {
    let (scratch, ledger) = provisioned();
    let patience = "PRAGMA busy_timeout = 1";
    scratch.vault.with(|database| Ok(database.connection().execute_batch(patience)?)).unwrap();
    scratch.raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    // What cannot be burnt is not shown.
    assert_eq!(ledger.display(COMPUTER, ISSUED).unwrap_err(), OfflineError::Store(StoreError::Busy));
    scratch.raw.execute_batch("ROLLBACK").unwrap();
    assert_eq!(ledger.status(COMPUTER, ISSUED).unwrap().remaining, 10);
    scratch.vault.close();
    assert_eq!(ledger.display(COMPUTER, ISSUED).unwrap_err(), OfflineError::Store(StoreError::Closed));
    assert_eq!(scratch.vault.delete(COMPUTER), Err(StoreError::Closed));
}
