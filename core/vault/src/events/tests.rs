use super::*;
use crate::fixture::{Scratch, blob, flipped};

const TENANT: &str = "https://login.corp.example";
const OTHER: &str = "https://other.example";

fn texts(events: Vec<(i64, Vec<u8>)>) -> Vec<String> {
    events.into_iter().map(|(_, event)| String::from_utf8(event).unwrap()).collect()
}

#[test]
fn events_wait_in_order_for_their_tenant() {
    let scratch = Scratch::new();
    let vault = &scratch.vault;
    for (tenant, event) in [(TENANT, "one"), (OTHER, "theirs"), (TENANT, ""), (TENANT, "three")] {
        vault.queue_event(tenant, event.as_bytes()).unwrap();
    }
    assert_eq!(texts(vault.queued_events(TENANT, 10).unwrap()), ["one", "", "three"]);
    assert_eq!(texts(vault.queued_events(TENANT, 2).unwrap()), ["one", ""]);
    assert_eq!(texts(scratch.another().queued_events(OTHER, usize::MAX).unwrap()), ["theirs"]);
    assert!(vault.queued_events(TENANT, 0).unwrap().is_empty());
    assert!(vault.queued_events("https://login.corp.example/", 10).unwrap().is_empty());
}

#[test]
fn an_event_is_forgotten_by_a_number_that_is_never_used_again() {
    let scratch = Scratch::new();
    let vault = &scratch.vault;
    vault.queue_event(TENANT, b"one").unwrap();
    let reported: Vec<i64> = vault.queued_events(TENANT, 10).unwrap().iter().map(|(id, _)| *id).collect();
    vault.forget_events(&reported).unwrap();
    vault.queue_event(TENANT, b"two").unwrap();
    // Another process reported the same event, and says so later.
    scratch.another().forget_events(&reported).unwrap();
    assert_eq!(texts(vault.queued_events(TENANT, 10).unwrap()), ["two"]);
}

#[test]
fn the_oldest_go_when_there_are_too_many() {
    let scratch = Scratch::new();
    let vault = &scratch.vault;
    // A thousand commits to disk would take a while.
    vault.with(|database| Ok(database.connection().execute_batch("PRAGMA synchronous = OFF")?)).unwrap();
    for number in 0..=CAPACITY + 1 {
        let tenant = if number % 2 == 0 { TENANT } else { OTHER };
        vault.queue_event(tenant, number.to_string().as_bytes()).unwrap();
    }
    let first = |tenant| texts(vault.queued_events(tenant, 1).unwrap());
    assert_eq!([first(TENANT), first(OTHER)], [["2"], ["3"]]);
    let kept = vault.queued_events(TENANT, usize::MAX).unwrap().len()
        + vault.queued_events(OTHER, usize::MAX).unwrap().len();
    assert_eq!(kept, CAPACITY as usize);
}

#[test]
fn a_damaged_event_is_quarantined_and_does_not_hold_the_others_up() {
    let scratch = Scratch::new();
    let vault = &scratch.vault;
    for event in ["one", "two", "three"] {
        vault.queue_event(TENANT, event.as_bytes()).unwrap();
    }
    let damaged = flipped(&scratch.cell("event", "record", 1), 30);
    scratch.set("event", "record", 1, &damaged);
    scratch.set("event", "record", 2, &scratch.cell("event", "record", 3));
    assert_eq!(vault.damaged(), Ok(0));
    assert_eq!(texts(vault.queued_events(TENANT, 10).unwrap()), ["three"]);
    assert_eq!(vault.damaged(), Ok(2));
    vault.forget_events(&[1, 2, 3]).unwrap();
    assert_eq!(scratch.cell("event", "record", 1), damaged);
    assert!(vault.queued_events(TENANT, 10).unwrap().is_empty());
}

#[test]
fn short_events_look_alike() {
    let scratch = Scratch::new();
    scratch.vault.queue_event(TENANT, b"").unwrap();
    scratch.vault.queue_event(TENANT, &[0; 200]).unwrap();
    let length = |row| blob(&scratch.cell("event", "record", row)).len();
    assert_eq!(length(1), length(2));
    assert_eq!(scratch.vault.queued_events(TENANT, 10).unwrap()[1].1, [0; 200]);
}
