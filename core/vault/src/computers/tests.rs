use super::*;
use crate::fixture::{Scratch, computer};

#[test]
fn computers_come_back_in_the_order_of_pairing() {
    let scratch = Scratch::new();
    assert!(scratch.vault.computers().unwrap().is_empty());
    assert_eq!(scratch.vault.computer("machine-1"), Ok(None));
    let bare = Computer { last_online_at: None, leaving: true, name: String::new(), ..computer(2) };
    for stored in [&computer(3), &bare, &computer(1)] {
        scratch.vault.put_computer(stored).unwrap();
    }
    assert_eq!(scratch.vault.computers().unwrap(), [computer(3), bare.clone(), computer(1)]);
    assert_eq!(scratch.another().computer("machine-2"), Ok(Some(bare)));
    assert_eq!(scratch.vault.computer("machine-"), Ok(None));
}

#[test]
fn a_computer_that_is_stored_again_keeps_its_place() {
    let scratch = Scratch::new();
    for number in 1..=2 {
        scratch.vault.put_computer(&computer(number)).unwrap();
    }
    let again = Computer { pairing_secret: Zeroizing::new([9; 32]), paired_at: 5, ..computer(1) };
    scratch.vault.put_computer(&again).unwrap();
    assert_eq!(scratch.vault.computers().unwrap(), [again, computer(2)]);
}

#[test]
fn a_change_touches_one_computer_and_never_its_id() {
    let scratch = Scratch::new();
    for number in 1..=2 {
        scratch.vault.put_computer(&computer(number)).unwrap();
    }
    scratch
        .vault
        .change_computer("machine-1", |computer| {
            computer.name = "Büro".to_owned();
            computer.machine_id = "machine-2".to_owned();
        })
        .unwrap();
    let renamed = Computer { name: "Büro".to_owned(), ..computer(1) };
    assert_eq!(scratch.vault.computers().unwrap(), [renamed, computer(2)]);
    assert_eq!(scratch.vault.change_computer("machine-3", |_| ()), Err(StoreError::NotFound));
}

#[test]
fn a_computer_is_removed_once() {
    let scratch = Scratch::new();
    for number in 1..=2 {
        scratch.vault.put_computer(&computer(number)).unwrap();
    }
    scratch.vault.remove_computer("machine-1").unwrap();
    assert_eq!(scratch.vault.computers().unwrap(), [computer(2)]);
    assert_eq!(scratch.vault.remove_computer("machine-1"), Err(StoreError::NotFound));
}

#[test]
fn a_record_is_read_strictly() {
    let stored = computer(1);
    let (record, secret) = (stored.record(), stored.secret());
    assert!(Computer::unseal(&record, &secret).unwrap() == stored);
    assert_eq!(Computer::unseal(&record, &secret[1..]), Err(Damaged));
    assert_eq!(Computer::unseal(&record[..255], &secret), Err(Damaged));
    // Another version, another kind of record.
    let mut other = record;
    other[2] = 2;
    assert_eq!(Computer::unseal(&other, &secret), Err(Damaged));
    assert_eq!(Computer::unseal(&crate::fixture::registration(1).record(), &secret), Err(Damaged));
}

#[test]
fn nothing_is_shown() {
    assert_eq!(format!("{:?}", computer(1)), "Computer(redacted)");
}
