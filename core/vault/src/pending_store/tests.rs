use latchkey_authenticator::store_contract::{NO_LIMITS, credential, image, images, non_discoverable};

use super::*;
use crate::fixture::{Scratch, pairing};

const RP: &str = "login.microsoft.com";

/// A vault with credential 9 of bob, and the store of a pairing.
fn begun() -> (Scratch, Arc<dyn CredentialStore>) {
    let scratch = Scratch::new();
    scratch.vault.insert(&credential(9, RP, b"bob"), &NO_LIMITS).unwrap();
    scratch.vault.begin_pairing(&pairing(1)).unwrap();
    let store = scratch.vault.pending_store("request-1");
    (scratch, store)
}

fn id(number: u8) -> CredentialId {
    CredentialId(vec![number; 32])
}

#[test]
fn the_view_shows_what_is_there_and_the_passkey_of_its_pairing() {
    let (scratch, store) = begun();
    let (bob, alice) = (credential(9, RP, b"bob"), credential(1, RP, b"alice"));
    assert_eq!(store.list().unwrap(), [bob.summary()]);
    assert!(store.insert(&alice, &NO_LIMITS).unwrap().is_none());
    assert_eq!(store.list().unwrap(), [alice.summary(), bob.summary()]);
    assert_eq!(images(&store.discoverable(RP).unwrap()), [image(&alice), image(&bob)]);
    assert_eq!(store.get(RP, &id(1)).unwrap().as_ref().map(image), Some(image(&alice)));
    assert_eq!(store.get(RP, &id(9)).unwrap().as_ref().map(image), Some(image(&bob)));
    assert!(store.get("example.com", &id(1)).unwrap().is_none());
    assert!(store.discoverable("example.com").unwrap().is_empty());

    // That of another pairing is not there.
    scratch.vault.begin_pairing(&pairing(2)).unwrap();
    let other = scratch.vault.pending_store("request-2");
    assert_eq!(other.list().unwrap(), [bob.summary()]);
    assert!(other.get(RP, &id(1)).unwrap().is_none());
}

#[test]
fn a_passkey_that_is_not_discoverable_is_found_by_its_id() {
    let (_scratch, store) = begun();
    store.insert(&non_discoverable(1, RP, b"alice"), &NO_LIMITS).unwrap();
    assert_eq!(store.discoverable(RP).unwrap().len(), 1);
    assert!(store.get(RP, &id(1)).unwrap().is_some());
}

#[test]
fn limits_count_what_is_there_and_what_will_be_replaced() {
    let (scratch, store) = begun();
    let one = InsertLimits { per_user: 1, per_rp: Some(1), replaces: true };
    let before = scratch.everything();
    let refused = store.insert(&credential(1, RP, b"alice"), &one).unwrap_err();
    assert_eq!(refused, StoreError::OnlyOnePerDevice);
    let refused = store.insert(&non_discoverable(1, RP, b"bob"), &one).unwrap_err();
    assert_eq!(refused, StoreError::Full);
    let refused = store.insert(&credential(9, RP, b"bob"), &NO_LIMITS).unwrap_err();
    assert_eq!(refused, StoreError::DuplicateId);
    assert_eq!(scratch.everything(), before);
    // The passkey of the same account makes room, but only when the server has agreed.
    assert!(store.insert(&credential(1, RP, b"bob"), &one).unwrap().is_none());
    assert_eq!(scratch.vault.list().unwrap(), [credential(9, RP, b"bob").summary()]);
}

#[test]
fn a_pairing_has_one_passkey() {
    let (scratch, store) = begun();
    store.insert(&credential(1, RP, b"alice"), &NO_LIMITS).unwrap();
    let before = scratch.everything();
    for other in [
        credential(2, RP, b"carol"),
        credential(2, "example.com", b"alice"),
        non_discoverable(2, RP, b"alice"),
    ] {
        assert_eq!(store.insert(&other, &NO_LIMITS).unwrap_err(), StoreError::Full);
    }
    assert_eq!(store.insert(&credential(1, RP, b"alice"), &NO_LIMITS).unwrap_err(), StoreError::DuplicateId);
    assert_eq!(scratch.everything(), before);
    // Another attempt takes the place of the first, whose key comes back.
    let replaced = store.insert(&credential(2, RP, b"alice"), &NO_LIMITS).unwrap();
    assert_eq!(replaced.as_ref().map(image), Some(image(&credential(1, RP, b"alice"))));
    assert_eq!(scratch.vault.abandon_pairing("request-1").unwrap().unwrap().id, id(2));
}

#[test]
fn a_pending_passkey_cannot_be_used_and_the_others_can() {
    let (_scratch, store) = begun();
    store.insert(&credential(1, RP, b"alice"), &NO_LIMITS).unwrap();
    assert_eq!(store.advance_counter(RP, &id(1)), Err(StoreError::NotFound));
    assert_eq!(store.note_use(&id(1), 1), Err(StoreError::NotFound));
    assert_eq!(store.rename(&id(1), "label"), Err(StoreError::NotFound));
    assert_eq!(store.delete(&id(1)).unwrap_err(), StoreError::NotFound);
    assert_eq!(store.advance_counter(RP, &id(9)), Ok(1));
    store.note_use(&id(9), 1).unwrap();
    store.rename(&id(9), "label").unwrap();
    assert_eq!(store.delete(&id(9)).unwrap().label.as_deref(), Some("label"));
}

#[test]
fn without_its_pairing_nothing_is_made() {
    let (scratch, store) = begun();
    scratch.vault.abandon_pairing("request-1").unwrap();
    let before = scratch.everything();
    assert_eq!(store.insert(&credential(1, RP, b"alice"), &NO_LIMITS).unwrap_err(), StoreError::NotFound);
    assert_eq!(scratch.everything(), before);
    scratch.vault.close();
    assert_eq!(store.insert(&credential(1, RP, b"alice"), &NO_LIMITS).unwrap_err(), StoreError::Closed);
}
