use latchkey_authenticator::ports::StoreError;
use latchkey_authenticator::store_contract::{NO_LIMITS, credential};

use crate::Computer;
use crate::fixture::{Scratch, blob, computer, contains, flipped, pairing, registration};

/// Computers 1 and 2.
fn two() -> Scratch {
    let scratch = Scratch::new();
    for number in 1..=2 {
        scratch.vault.put_computer(&computer(number)).unwrap();
    }
    scratch
}

fn only_the_first_is_damaged(scratch: &Scratch) {
    let before = rows(scratch);
    assert_eq!(scratch.vault.computers().unwrap(), [computer(2)]);
    assert_eq!(scratch.vault.damaged(), Ok(1));
    assert_eq!(scratch.vault.computer("machine-1"), Ok(None));
    assert_eq!(scratch.vault.computer("machine-2"), Ok(Some(computer(2))));
    assert_eq!(rows(scratch), before);
}

/// Number, tag, record and secret.
type Row = (i64, Vec<u8>, Vec<u8>, Vec<u8>);

/// All but the mark of quarantine.
fn rows(scratch: &Scratch) -> Vec<Row> {
    let mut statement = scratch.raw.prepare("SELECT id, lookup, record, secret FROM computer").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_flipped_byte_anywhere_quarantines_its_row_alone() {
    let scratch = two();
    for column in ["record", "secret"] {
        let sound = scratch.cell("computer", column, 1);
        for index in (0..blob(&sound).len()).step_by(7) {
            scratch.set("computer", column, 1, &flipped(&sound, index));
            assert_eq!(scratch.vault.computer("machine-1"), Err(StoreError::Damaged), "{column} {index}");
            only_the_first_is_damaged(&scratch);
        }
        scratch.set("computer", column, 1, &sound);
        assert_eq!(scratch.vault.computers().unwrap(), [computer(1), computer(2)]);
        assert_eq!(scratch.vault.damaged(), Ok(0));
    }
}

#[test]
fn a_row_that_moved_is_damaged() {
    let changes = [
        "UPDATE computer SET id = 9 WHERE id = 1",
        "UPDATE computer SET lookup = zeroblob(16) WHERE id = 1",
        "UPDATE computer SET lookup = x'00' WHERE id = 1",
        "UPDATE computer SET record = (SELECT record FROM computer WHERE id = 2) WHERE id = 1",
        "UPDATE computer SET secret = (SELECT secret FROM computer WHERE id = 2) WHERE id = 1",
        "UPDATE computer SET secret = record WHERE id = 1",
        "UPDATE computer SET record = x'' WHERE id = 1",
    ];
    for change in changes {
        let scratch = two();
        scratch.raw.execute(change, []).unwrap();
        only_the_first_is_damaged(&scratch);
    }
}

#[test]
fn a_row_of_another_table_is_damaged() {
    let scratch = Scratch::new();
    scratch.vault.begin_pairing(&pairing(1)).unwrap();
    scratch.raw.execute("INSERT INTO computer SELECT * FROM pairing", []).unwrap();
    assert!(scratch.vault.computers().unwrap().is_empty());
    assert_eq!(scratch.vault.damaged(), Ok(1));
    assert_eq!(scratch.vault.pending_pairings().unwrap(), [pairing(1)]);
}

#[test]
fn a_damaged_row_is_never_changed_and_makes_room() {
    let scratch = two();
    scratch.set("computer", "record", 1, &flipped(&scratch.cell("computer", "record", 1), 40));
    let damaged = rows(&scratch)[0].clone();
    let vault = &scratch.vault;
    // Nobody has met it yet.
    assert_eq!(vault.change_computer("machine-1", |_| ()), Err(StoreError::Damaged));
    assert_eq!(vault.remove_computer("machine-1"), Err(StoreError::Damaged));
    assert_eq!(vault.damaged(), Ok(0));
    vault.put_computer(&computer(1)).unwrap();
    assert_eq!(vault.damaged(), Ok(1));
    assert_eq!(vault.computers().unwrap(), [computer(2), computer(1)]);
    vault.remove_computer("machine-1").unwrap();
    assert_eq!(vault.change_computer("machine-1", |_| ()), Err(StoreError::NotFound));
    assert_eq!(vault.damaged(), Ok(1));
    assert_eq!(rows(&scratch)[0], damaged);
}

#[test]
fn damage_is_reported_while_another_process_writes() {
    let scratch = two();
    scratch.set("computer", "secret", 1, &flipped(&scratch.cell("computer", "secret", 1), 20));
    let patience = "PRAGMA busy_timeout = 1";
    scratch.vault.with(|database| Ok(database.connection().execute_batch(patience)?)).unwrap();
    scratch.raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(scratch.vault.computer("machine-1"), Err(StoreError::Damaged));
    assert_eq!(scratch.vault.computers().unwrap(), [computer(2)]);
    assert_eq!(scratch.vault.damaged(), Ok(0));
    scratch.raw.execute_batch("COMMIT").unwrap();
    only_the_first_is_damaged(&scratch);
}

#[test]
fn rows_of_different_people_look_alike() {
    let scratch = two();
    let long = Computer { name: "x".repeat(10), last_online_at: None, ..computer(3) };
    scratch.vault.put_computer(&long).unwrap();
    for column in ["lookup", "record", "secret"] {
        let length = |row| blob(&scratch.cell("computer", column, row)).len();
        assert_eq!([length(2), length(3)], [length(1); 2], "{column}");
    }
}

#[test]
fn the_files_show_nothing_personal() {
    let scratch = two();
    let vault = &scratch.vault;
    for number in 3..=5 {
        vault.begin_pairing(&pairing(number)).unwrap();
        let passkey = credential(number, "login.microsoft.com", &[b'u', b's', b'e', b'r', number]);
        vault.pending_store(&format!("request-{number}")).insert(&passkey, &NO_LIMITS).unwrap();
    }
    vault.complete_pairing("request-5", &registration(5), Some(&computer(5))).unwrap();
    vault.queue_event("https://login.corp.example", b"{\"eventName\":\"X_UNPAIRED\"}").unwrap();
    vault.admit_code(&[0x77; 16], 1_800_000_000, 300).unwrap();

    let secrets: [&[u8]; 14] = [
        b"machine-",
        b"DESKTOP",
        b"Laptop",
        b"corp.example",
        b"microsoft",
        b"HYPR",
        b"device-",
        b"user",
        b"request-",
        b"X_UNPAIRED",
        &[1 ^ 0x5A; 8],
        &[4 ^ 0xA5; 8],
        &[4; 8],
        &[0x77; 8],
    ];
    let with_log = scratch.files();
    assert_eq!(with_log.len(), 3);
    for files in [with_log, scratch.closed_files()] {
        for secret in secrets {
            assert!(!contains(&files, secret), "{secret:?}");
        }
        // The search does find what is there.
        assert!(contains(&files, b"CREATE TABLE computer"));
    }
}
