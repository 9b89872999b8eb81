use super::*;
use crate::store_contract::{NO_LIMITS, credential};

crate::store_contract!(MemoryStore::new());

#[test]
fn a_damaged_record_is_reported_by_id_left_out_elsewhere_and_kept() {
    let store = MemoryStore::new();
    let sound = credential(1, "example.com", b"sound");
    let damaged = credential(2, "example.com", b"damaged");
    store.insert(&sound, &NO_LIMITS).unwrap();
    store.insert(&damaged, &NO_LIMITS).unwrap();
    store.damage(&damaged.id);

    assert_eq!(store.get("example.com", &damaged.id).unwrap_err(), StoreError::Damaged);
    assert_eq!(store.advance_counter("example.com", &damaged.id).unwrap_err(), StoreError::Damaged);
    assert_eq!(store.delete(&damaged.id).unwrap_err(), StoreError::Damaged);
    assert_eq!(store.unhide(&damaged.id), Err(StoreError::Damaged));
    assert_eq!(store.signal("example.com", &Signal::Unknown(damaged.id.clone())), Ok(Vec::new()));
    assert_eq!(store.discoverable("example.com").unwrap().len(), 1);
    assert_eq!(store.list().unwrap(), [sound.summary()]);
    // It takes no one's place, and its ID stays taken.
    let limits = InsertLimits { per_user: 1, per_rp: Some(2), replaces: true };
    store.insert(&credential(3, "example.com", b"damaged"), &limits).unwrap();
    assert_eq!(
        store.insert(&credential(2, "example.org", b"other"), &NO_LIMITS).unwrap_err(),
        StoreError::DuplicateId
    );
}

#[test]
fn a_scripted_failure_changes_nothing_and_happens_once() {
    let store = MemoryStore::new();
    store.fail_next(StoreOperation::Insert, StoreError::DiskFull);
    let new = credential(1, "example.com", b"user");
    assert_eq!(store.insert(&new, &NO_LIMITS).unwrap_err(), StoreError::DiskFull);
    assert_eq!(store.changes(), 0);
    store.insert(&new, &NO_LIMITS).unwrap();
    assert_eq!(store.changes(), 1);
}

#[test]
fn a_closed_store_refuses_everything() {
    let store = MemoryStore::new();
    store.close();
    assert_eq!(store.list().unwrap_err(), StoreError::Closed);
    assert_eq!(store.discoverable("example.com").unwrap_err(), StoreError::Closed);
}
