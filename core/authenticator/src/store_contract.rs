//! What every [`CredentialStore`] must do: one test suite, run against each implementation.
//!
//! ```ignore
//! latchkey_authenticator::store_contract!(MemoryStore::new());
//! ```
//!
//! gives one `#[test]` per property; the expression makes an empty store. A store that needs
//! something around it is made by a closure instead:
//!
//! ```ignore
//! latchkey_authenticator::store_contract!(with |test| {
//!     let folder = tempfile::tempdir().unwrap();
//!     test(&FileStore::open(folder.path()));
//! });
//! ```
//!
//! What only a store on disk can show (damage, power loss, two processes) is for that store's own
//! tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use latchkey_ctap::{Algorithm, CredProtect, PublicKey, User};
use zeroize::Zeroizing;

use crate::credential::{Credential, CredentialId, CredentialSummary};
use crate::keys::{CredentialKey, SoftwareKey};
use crate::ports::{CredentialStore, HardwareKey, InsertLimits, StoreError};
use crate::prf::PrfSecret;
use crate::signal::Signal;

/// Limits that no test reaches.
pub const NO_LIMITS: InsertLimits = InsertLimits { per_user: usize::MAX, per_rp: None, replaces: true };

/// A discoverable credential whose ID and key follow from `number`; every optional field is set.
#[must_use]
pub fn credential(number: u8, rp_id: &str, user: &[u8]) -> Credential {
    Credential {
        id: CredentialId(vec![number; 32]),
        rp_id: rp_id.to_owned(),
        rp_name: Some(format!("{rp_id} Inc.")),
        user: User {
            id: user.to_vec(),
            name: Some(format!("user{number}@{rp_id}")),
            display_name: Some(format!("Üser № {number}")),
        },
        // Any byte but 0 and 0xFF, repeated, is a private key on both curves.
        key: software_key(Algorithm::ES256, number.clamp(1, 0xFE)),
        prf_secret: Some(PrfSecret::unseal(Zeroizing::new([number ^ 0x80; 32]))),
        discoverable: true,
        hidden: false,
        cred_protect: CredProtect::UvOptional,
        sign_count: Some(0),
        backup_eligible: false,
        backed_up: false,
        label: Some(format!("label {number}")),
        created_at: 1_700_000_000,
        last_used_at: Some(1_700_000_100),
    }
}

/// The same, found through an allow list only.
#[must_use]
pub fn non_discoverable(number: u8, rp_id: &str, user: &[u8]) -> Credential {
    Credential { discoverable: false, ..credential(number, rp_id, user) }
}

/// A key made of one byte, repeated.
#[must_use]
pub fn software_key(algorithm: Algorithm, byte: u8) -> CredentialKey {
    CredentialKey::Software(SoftwareKey::unseal(algorithm, Zeroizing::new([byte; 32])).expect("a valid key"))
}

/// Everything a credential consists of, comparable; key and PRF secret as their bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    summary: CredentialSummary,
    cred_protect: CredProtect,
    sign_count: Option<u32>,
    key: KeyImage,
    prf_secret: Option<[u8; 32]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum KeyImage {
    Software(Algorithm, [u8; 32]),
    Hardware(HardwareKey),
}

/// The comparable image of a credential.
#[must_use]
pub fn image(credential: &Credential) -> Image {
    Image {
        summary: credential.summary(),
        cred_protect: credential.cred_protect,
        sign_count: credential.sign_count,
        key: match &credential.key {
            CredentialKey::Software(key) => KeyImage::Software(key.algorithm(), key.seal(|secret| *secret)),
            CredentialKey::Hardware(key) => KeyImage::Hardware(key.clone()),
        },
        prf_secret: credential.prf_secret.as_ref().map(|prf| prf.seal(|secret| *secret)),
    }
}

/// The comparable images of several credentials.
#[must_use]
pub fn images(credentials: &[Credential]) -> Vec<Image> {
    credentials.iter().map(image).collect()
}

/// Everything a store shows of these RP IDs, to see that nothing changed.
fn snapshot(store: &dyn CredentialStore, rp_ids: &[&str]) -> (Vec<CredentialSummary>, Vec<Image>) {
    let list = store.list().unwrap();
    let mut all = Vec::new();
    for rp_id in rp_ids {
        all.extend(images(&store.discoverable(rp_id).unwrap()));
        for summary in &list {
            all.extend(store.get(rp_id, &summary.id).unwrap().as_ref().map(image));
        }
    }
    (list, all)
}

fn insert(store: &dyn CredentialStore, credential: &Credential) {
    assert_eq!(store.insert(credential, &NO_LIMITS).unwrap().as_ref().map(image), None);
}

fn numbers(credentials: &[Credential]) -> Vec<u8> {
    credentials.iter().map(|credential| credential.id.0[0]).collect()
}

fn listed(store: &dyn CredentialStore) -> Vec<u8> {
    store.list().unwrap().iter().map(|summary| summary.id.0[0]).collect()
}

fn id(number: u8) -> CredentialId {
    CredentialId(vec![number; 32])
}

pub fn empty_store_has_nothing(store: &dyn CredentialStore) {
    assert!(store.discoverable("example.com").unwrap().is_empty());
    assert!(store.get("example.com", &id(1)).unwrap().is_none());
    assert!(store.list().unwrap().is_empty());
}

pub fn every_field_comes_back(store: &dyn CredentialStore) {
    let full = Credential {
        cred_protect: CredProtect::UvRequired,
        sign_count: Some(7),
        backup_eligible: true,
        backed_up: true,
        ..credential(1, "example.com", b"alice")
    };
    let bare = Credential {
        id: CredentialId(vec![2]),
        rp_name: None,
        user: User { id: vec![0], name: None, display_name: None },
        key: software_key(Algorithm::EDDSA, 9),
        prf_secret: None,
        discoverable: false,
        cred_protect: CredProtect::UvOptionalWithCredentialIdList,
        sign_count: None,
        label: None,
        created_at: 0,
        last_used_at: None,
        ..credential(2, "example.com", b"")
    };
    let large = Credential {
        id: CredentialId(vec![3; 1023]),
        rp_name: Some("名".repeat(300)),
        user: User { id: vec![0xFF; 64], name: Some(String::new()), display_name: Some("\0".repeat(2000)) },
        sign_count: Some(u32::MAX),
        backup_eligible: true,
        created_at: u64::MAX,
        last_used_at: Some(0),
        ..credential(3, "example.com", b"")
    };
    for credential in [&full, &bare, &large] {
        insert(store, credential);
        assert_eq!(
            store.get("example.com", &credential.id).unwrap().as_ref().map(image),
            Some(image(credential))
        );
    }
    assert_eq!(images(&store.discoverable("example.com").unwrap()), [image(&large), image(&full)]);
    assert_eq!(store.list().unwrap(), [large.summary(), bare.summary(), full.summary()]);
}

pub fn hardware_keys_come_back(store: &dyn CredentialStore) {
    let keys = [
        HardwareKey { handle: vec![1; 256], public_key: PublicKey::Es256 { x: [2; 32], y: [3; 32] } },
        HardwareKey { handle: vec![], public_key: PublicKey::EdDsa { x: [4; 32] } },
    ];
    for (number, key) in (1..).zip(keys) {
        let stored =
            Credential { key: CredentialKey::Hardware(key), ..credential(number, "example.com", &[number]) };
        insert(store, &stored);
        assert_eq!(store.get("example.com", &stored.id).unwrap().as_ref().map(image), Some(image(&stored)));
    }
    assert!(store.list().unwrap().iter().all(|summary| summary.hardware_key));
}

pub fn discoverable_is_newest_first_even_within_a_second(store: &dyn CredentialStore) {
    for number in 1..=5 {
        insert(store, &credential(number, "example.com", &[number]));
    }
    assert_eq!(numbers(&store.discoverable("example.com").unwrap()), [5, 4, 3, 2, 1]);
    assert_eq!(listed(store), [5, 4, 3, 2, 1]);
}

pub fn a_clock_that_jumps_does_not_reorder(store: &dyn CredentialStore) {
    for (number, created_at) in [(1, 300), (2, 100), (3, 200)] {
        insert(store, &Credential { created_at, ..credential(number, "example.com", &[number]) });
    }
    assert_eq!(numbers(&store.discoverable("example.com").unwrap()), [3, 2, 1]);
    assert_eq!(listed(store), [3, 2, 1]);
}

pub fn discoverable_leaves_out_others(store: &dyn CredentialStore) {
    insert(store, &credential(1, "example.com", b"alice"));
    insert(store, &non_discoverable(2, "example.com", b"alice"));
    insert(store, &credential(3, "login.example.com", b"alice"));
    insert(store, &credential(4, "EXAMPLE.COM", b"alice"));
    insert(store, &credential(5, "example.com\0", b"alice"));
    insert(store, &credential(6, "", b"alice"));
    assert_eq!(numbers(&store.discoverable("example.com").unwrap()), [1]);
    assert_eq!(numbers(&store.discoverable("").unwrap()), [6]);
    assert_eq!(numbers(&store.discoverable("com").unwrap()), [] as [u8; 0]);
    assert_eq!(listed(store), [6, 5, 4, 3, 2, 1]);
}

pub fn get_wants_the_exact_id_and_rp_id(store: &dyn CredentialStore) {
    insert(store, &credential(1, "example.com", b"alice"));
    insert(store, &non_discoverable(2, "example.com", b"alice"));
    assert!(store.get("example.com", &id(1)).unwrap().is_some());
    assert!(store.get("example.com", &id(2)).unwrap().is_some());
    for rp_id in ["", "com", "example.co", "example.com.", "Example.com", "example.com\0"] {
        assert!(store.get(rp_id, &id(1)).unwrap().is_none(), "{rp_id}");
    }
    let mut longer = vec![1; 33];
    for other in [
        vec![],
        vec![1; 31],
        longer.clone(),
        {
            longer[32] = 0;
            longer
        },
        vec![3; 32],
    ] {
        assert!(store.get("example.com", &CredentialId(other)).unwrap().is_none());
    }
}

/// RP ID and user handle may not run into each other in a look-up.
pub fn neighbouring_strings_are_distinct(store: &dyn CredentialStore) {
    insert(store, &credential(1, "a.example", b"bc"));
    insert(store, &credential(2, "a.exampleb", b"c"));
    insert(store, &credential(3, "a.example", b"b"));
    assert_eq!(numbers(&store.discoverable("a.example").unwrap()), [3, 1]);
    assert_eq!(numbers(&store.discoverable("a.exampleb").unwrap()), [2]);
}

pub fn same_rp_and_user_is_replaced(store: &dyn CredentialStore) {
    let old = credential(1, "example.com", b"alice");
    insert(store, &old);
    insert(store, &credential(2, "example.com", b"bob"));
    insert(store, &credential(3, "example.org", b"alice"));
    let new = credential(4, "example.com", b"alice");
    assert_eq!(store.insert(&new, &NO_LIMITS).unwrap().as_ref().map(image), Some(image(&old)));
    assert!(store.get("example.com", &old.id).unwrap().is_none());
    assert_eq!(images(&store.discoverable("example.com").unwrap())[0], image(&new));
    assert_eq!(listed(store), [4, 3, 2]);
    // The old ID is free again.
    assert_eq!(store.insert(&old, &NO_LIMITS).unwrap().as_ref().map(image), Some(image(&new)));
}

pub fn replacement_returns_the_state_of_the_moment(store: &dyn CredentialStore) {
    insert(store, &credential(1, "example.com", b"alice"));
    store.advance_counter("example.com", &id(1)).unwrap();
    store.note_use(&id(1), 5).unwrap();
    store.rename(&id(1), "renamed").unwrap();
    let replaced = store.insert(&credential(2, "example.com", b"alice"), &NO_LIMITS).unwrap().unwrap();
    assert_eq!(replaced.sign_count, Some(1));
    assert_eq!(replaced.last_used_at, Some(5));
    assert_eq!(replaced.label.as_deref(), Some("renamed"));
}

pub fn only_discoverable_ones_replace_and_are_replaced(store: &dyn CredentialStore) {
    insert(store, &non_discoverable(1, "example.com", b"alice"));
    insert(store, &credential(2, "example.com", b"alice"));
    insert(store, &non_discoverable(3, "example.com", b"alice"));
    assert_eq!(listed(store), [3, 2, 1]);
    let replaced = store.insert(&credential(4, "example.com", b"alice"), &NO_LIMITS).unwrap();
    assert_eq!(replaced.unwrap().id, id(2));
    assert_eq!(listed(store), [4, 3, 1]);
}

pub fn per_user_limit_counts_after_replacement(store: &dyn CredentialStore) {
    let limits = InsertLimits { per_user: 2, per_rp: None, replaces: true };
    assert!(store.insert(&credential(1, "example.com", b"alice"), &limits).unwrap().is_none());
    assert!(store.insert(&non_discoverable(2, "example.com", b"alice"), &limits).unwrap().is_none());
    let before = snapshot(store, &["example.com"]);
    assert_eq!(
        store.insert(&non_discoverable(3, "example.com", b"alice"), &limits).unwrap_err(),
        StoreError::Full
    );
    assert_eq!(snapshot(store, &["example.com"]), before);
    assert!(store.get("example.com", &id(3)).unwrap().is_none());
    // At the limit, yet a replacement adds nothing.
    assert_eq!(store.insert(&credential(4, "example.com", b"alice"), &limits).unwrap().unwrap().id, id(1));
    // Other users and other relying parties have their own count.
    assert!(store.insert(&credential(5, "example.com", b"bob"), &limits).unwrap().is_none());
    assert!(store.insert(&credential(6, "example.org", b"alice"), &limits).unwrap().is_none());
    // A deletion makes room.
    store.delete(&id(2)).unwrap();
    assert!(store.insert(&non_discoverable(7, "example.com", b"alice"), &limits).unwrap().is_none());
}

pub fn a_refused_replacement_keeps_the_old_one(store: &dyn CredentialStore) {
    insert(store, &credential(1, "example.com", b"alice"));
    insert(store, &non_discoverable(2, "example.com", b"alice"));
    insert(store, &non_discoverable(3, "example.com", b"alice"));
    let before = snapshot(store, &["example.com"]);
    let limits = InsertLimits { per_user: 2, per_rp: None, replaces: true };
    assert_eq!(store.insert(&credential(4, "example.com", b"alice"), &limits).unwrap_err(), StoreError::Full);
    assert_eq!(snapshot(store, &["example.com"]), before);
}

pub fn per_rp_limit_counts_every_user_after_replacement(store: &dyn CredentialStore) {
    let limits = InsertLimits { per_user: 5, per_rp: Some(1), replaces: true };
    let rp_id = "login.microsoft.com";
    assert!(store.insert(&credential(1, rp_id, b"alice"), &limits).unwrap().is_none());
    let before = snapshot(store, &[rp_id]);
    for refused in [credential(2, rp_id, b"bob"), non_discoverable(2, rp_id, b"alice")] {
        assert_eq!(store.insert(&refused, &limits).unwrap_err(), StoreError::OnlyOnePerDevice);
        assert_eq!(snapshot(store, &[rp_id]), before);
    }
    assert_eq!(store.insert(&credential(3, rp_id, b"alice"), &limits).unwrap().unwrap().id, id(1));
    assert!(store.insert(&credential(4, "example.com", b"bob"), &limits).unwrap().is_none());
    store.delete(&id(3)).unwrap();
    assert!(store.insert(&credential(5, rp_id, b"bob"), &limits).unwrap().is_none());
}

pub fn nothing_is_replaced_where_that_is_not_allowed(store: &dyn CredentialStore) {
    let limits = InsertLimits { per_user: 2, per_rp: None, replaces: false };
    insert(store, &credential(1, "example.com", b"alice"));
    insert(store, &non_discoverable(2, "example.com", b"bob"));
    for hidden in [false, true] {
        let before = snapshot(store, &["example.com"]);
        let second = credential(3, "example.com", b"alice");
        assert_eq!(store.insert(&second, &limits).unwrap_err(), StoreError::AccountExists);
        let duplicate = credential(1, "example.com", b"alice");
        assert_eq!(store.insert(&duplicate, &limits).unwrap_err(), StoreError::DuplicateId);
        let full = InsertLimits { per_user: 0, per_rp: Some(1), ..limits };
        assert_eq!(store.insert(&second, &full).unwrap_err(), StoreError::AccountExists);
        assert_eq!(snapshot(store, &["example.com"]), before);
        assert!(hidden || signal(store, "example.com", &Signal::Unknown(id(1))) == [1]);
    }
    // What would not replace anything comes in.
    for new in [
        non_discoverable(4, "example.com", b"alice"),
        credential(5, "example.com", b"bob"),
        credential(6, "example.org", b"alice"),
    ] {
        assert!(store.insert(&new, &limits).unwrap().is_none());
    }
    assert_eq!(listed(store), [6, 5, 4, 2, 1]);
}

pub fn the_user_limit_is_reported_before_the_device_limit(store: &dyn CredentialStore) {
    let limits = InsertLimits { per_user: 1, per_rp: Some(1), replaces: true };
    assert!(store.insert(&credential(1, "example.com", b"alice"), &limits).unwrap().is_none());
    assert_eq!(
        store.insert(&non_discoverable(2, "example.com", b"alice"), &limits).unwrap_err(),
        StoreError::Full
    );
    let none = InsertLimits { per_user: 0, per_rp: None, replaces: true };
    assert_eq!(store.insert(&credential(3, "example.org", b"bob"), &none).unwrap_err(), StoreError::Full);
    assert_eq!(listed(store), [1]);
}

pub fn an_id_exists_once_across_relying_parties(store: &dyn CredentialStore) {
    insert(store, &credential(1, "example.com", b"alice"));
    let before = snapshot(store, &["example.com", "example.org"]);
    for duplicate in [
        credential(1, "example.com", b"bob"),
        credential(1, "example.org", b"carol"),
        non_discoverable(1, "example.com", b"alice"),
        // Not even to replace the very credential that has the ID.
        credential(1, "example.com", b"alice"),
    ] {
        // The ID is reported before any limit.
        let limits = InsertLimits { per_user: 1, per_rp: Some(1), replaces: true };
        assert_eq!(store.insert(&duplicate, &limits).unwrap_err(), StoreError::DuplicateId);
        assert_eq!(snapshot(store, &["example.com", "example.org"]), before);
    }
}

pub fn counters_advance_by_one_each_on_its_own(store: &dyn CredentialStore) {
    insert(store, &credential(1, "example.com", b"alice"));
    insert(store, &Credential { sign_count: Some(41), ..credential(2, "example.com", b"bob") });
    assert_eq!(store.advance_counter("example.com", &id(1)), Ok(1));
    assert_eq!(store.advance_counter("example.com", &id(1)), Ok(2));
    assert_eq!(store.advance_counter("example.com", &id(2)), Ok(42));
    assert_eq!(store.get("example.com", &id(1)).unwrap().unwrap().sign_count, Some(2));
    assert_eq!(store.get("example.com", &id(2)).unwrap().unwrap().sign_count, Some(42));
    assert_eq!(store.discoverable("example.com").unwrap()[1].sign_count, Some(2));
}

pub fn a_credential_without_a_counter_stays_at_zero(store: &dyn CredentialStore) {
    insert(store, &Credential { sign_count: None, ..credential(1, "example.com", b"alice") });
    assert_eq!(store.advance_counter("example.com", &id(1)), Ok(0));
    assert_eq!(store.advance_counter("example.com", &id(1)), Ok(0));
    assert_eq!(store.get("example.com", &id(1)).unwrap().unwrap().sign_count, None);
}

pub fn a_counter_ends_instead_of_wrapping(store: &dyn CredentialStore) {
    insert(store, &Credential { sign_count: Some(u32::MAX - 1), ..credential(1, "example.com", b"alice") });
    assert_eq!(store.advance_counter("example.com", &id(1)), Ok(u32::MAX));
    for _ in 0..2 {
        assert_eq!(store.advance_counter("example.com", &id(1)), Err(StoreError::CounterExhausted));
    }
    assert_eq!(store.get("example.com", &id(1)).unwrap().unwrap().sign_count, Some(u32::MAX));
}

pub fn a_counter_belongs_to_its_relying_party(store: &dyn CredentialStore) {
    insert(store, &credential(1, "example.com", b"alice"));
    assert_eq!(store.advance_counter("example.org", &id(1)), Err(StoreError::NotFound));
    assert_eq!(store.advance_counter("example.com", &id(2)), Err(StoreError::NotFound));
    assert_eq!(store.get("example.com", &id(1)).unwrap().unwrap().sign_count, Some(0));
}

pub fn use_is_remembered(store: &dyn CredentialStore) {
    let unused = Credential { last_used_at: None, ..credential(1, "example.com", b"alice") };
    insert(store, &unused);
    insert(store, &credential(2, "example.com", b"bob"));
    for at in [1_800_000_000, 0, u64::MAX] {
        store.note_use(&id(1), at).unwrap();
        let expected = Credential { last_used_at: Some(at), ..credential(1, "example.com", b"alice") };
        assert_eq!(store.get("example.com", &id(1)).unwrap().as_ref().map(image), Some(image(&expected)));
        assert_eq!(store.list().unwrap()[1], expected.summary());
    }
    assert_eq!(store.list().unwrap()[0].last_used_at, Some(1_700_000_100));
    assert_eq!(store.note_use(&id(3), 1), Err(StoreError::NotFound));
    // Use does not make a credential newer.
    assert_eq!(numbers(&store.discoverable("example.com").unwrap()), [2, 1]);
}

pub fn renaming_changes_the_label_alone(store: &dyn CredentialStore) {
    insert(store, &credential(1, "example.com", b"alice"));
    insert(store, &credential(2, "example.com", b"bob"));
    store.advance_counter("example.com", &id(1)).unwrap();
    for (label, stored) in [("Büro ☎", Some("Büro ☎")), ("", None), ("again", Some("again"))] {
        store.rename(&id(1), label).unwrap();
        let expected = Credential {
            label: stored.map(str::to_owned),
            sign_count: Some(1),
            ..credential(1, "example.com", b"alice")
        };
        assert_eq!(store.get("example.com", &id(1)).unwrap().as_ref().map(image), Some(image(&expected)));
    }
    assert_eq!(store.list().unwrap()[0], credential(2, "example.com", b"bob").summary());
    assert_eq!(store.rename(&id(3), "nobody"), Err(StoreError::NotFound));
    assert_eq!(listed(store), [2, 1]);
}

fn accepted(user: &[u8], ids: &[u8]) -> Signal {
    Signal::Accepted { user_handle: user.to_vec(), ids: ids.iter().map(|&number| id(number)).collect() }
}

/// The numbers of those that a signal changed.
fn signal(store: &dyn CredentialStore, rp_id: &str, signal: &Signal) -> Vec<u8> {
    store.signal(rp_id, signal).unwrap().iter().map(|summary| summary.id.0[0]).collect()
}

pub fn what_is_hidden_is_not_discoverable_and_all_else_stays(store: &dyn CredentialStore) {
    insert(store, &credential(1, "example.com", b"alice"));
    insert(store, &credential(2, "example.com", b"bob"));
    store.advance_counter("example.com", &id(1)).unwrap();
    let hidden = Credential { hidden: true, sign_count: Some(1), ..credential(1, "example.com", b"alice") };
    let unknown = Signal::Unknown(id(1));
    assert_eq!(store.signal("example.com", &unknown).unwrap(), [hidden.summary()]);
    assert_eq!(store.signal("example.com", &unknown).unwrap(), []);
    assert_eq!(numbers(&store.discoverable("example.com").unwrap()), [2]);
    assert_eq!(store.get("example.com", &id(1)).unwrap().as_ref().map(image), Some(image(&hidden)));
    assert_eq!(store.list().unwrap(), [credential(2, "example.com", b"bob").summary(), hidden.summary()]);

    // It can be used, named and deleted as before, and is hidden all the while.
    assert_eq!(store.advance_counter("example.com", &id(1)), Ok(2));
    store.note_use(&id(1), 7).unwrap();
    store.rename(&id(1), "old").unwrap();
    assert_eq!(numbers(&store.discoverable("example.com").unwrap()), [2]);
    let used =
        Credential { sign_count: Some(2), last_used_at: Some(7), label: Some("old".to_owned()), ..hidden };
    assert_eq!(image(&store.delete(&id(1)).unwrap()), image(&used));
}

pub fn a_signal_is_about_its_relying_party_alone(store: &dyn CredentialStore) {
    insert(store, &credential(1, "example.com", b"alice"));
    insert(store, &credential(2, "example.com", b"bob"));
    insert(store, &credential(3, "example.org", b"alice"));
    let before = snapshot(store, &["example.com", "example.org"]);
    let renamed = User { name: Some("mallory".to_owned()), ..credential(1, "", b"alice").user };
    for rp_id in ["example.net", "", "com", "Example.com"] {
        for about in [Signal::Unknown(id(1)), accepted(b"alice", &[]), Signal::UserDetails(renamed.clone())] {
            assert_eq!(signal(store, rp_id, &about), []);
        }
    }
    assert_eq!(signal(store, "example.org", &Signal::Unknown(id(1))), []);
    assert_eq!(signal(store, "example.com", &accepted(b"carol", &[])), []);
    assert_eq!(signal(store, "example.com", &accepted(b"alice", &[1, 9])), []);
    assert_eq!(snapshot(store, &["example.com", "example.org"]), before);
    assert_eq!(signal(store, "example.org", &accepted(b"alice", &[1])), [3]);
    assert_eq!(numbers(&store.discoverable("example.com").unwrap()), [2, 1]);
}

pub fn an_account_is_hidden_and_offered_again_as_its_list_says(store: &dyn CredentialStore) {
    insert(store, &non_discoverable(1, "example.com", b"alice"));
    insert(store, &non_discoverable(2, "example.com", b"alice"));
    insert(store, &credential(3, "example.com", b"alice"));
    insert(store, &credential(4, "example.com", b"bob"));
    let hidden = || -> Vec<u8> {
        let list = store.list().unwrap().into_iter();
        list.filter(|summary| summary.hidden).map(|summary| summary.id.0[0]).collect()
    };
    for (list, changed, now) in [
        (&[3, 2, 1][..], &[][..], &[][..]),
        (&[1], &[3, 2], &[3, 2]),
        (&[3], &[3, 1], &[2, 1]),
        (&[], &[3], &[3, 2, 1]),
        (&[3, 2, 1, 9], &[3, 2, 1], &[]),
    ] {
        assert_eq!(signal(store, "example.com", &accepted(b"alice", list)), changed, "{list:?}");
        assert_eq!(hidden(), now, "{list:?}");
    }
    assert_eq!(numbers(&store.discoverable("example.com").unwrap()), [4, 3]);
}

pub fn names_follow_the_relying_party(store: &dyn CredentialStore) {
    insert(store, &non_discoverable(1, "example.com", b"alice"));
    insert(store, &credential(2, "example.com", b"alice"));
    insert(store, &credential(3, "example.com", b"bob"));
    assert_eq!(signal(store, "example.com", &Signal::Unknown(id(2))), [2]);
    let user = User { id: b"alice".to_vec(), name: Some("Ålice".to_owned()), display_name: None };
    assert_eq!(signal(store, "example.com", &Signal::UserDetails(user.clone())), [2, 1]);
    assert_eq!(signal(store, "example.com", &Signal::UserDetails(user)), []);
    for (number, hidden) in [(1, false), (2, true)] {
        let found = store.get("example.com", &id(number)).unwrap().unwrap();
        assert_eq!(found.user.name.as_deref(), Some("Ålice"));
        assert_eq!(found.user.display_name, credential(number, "", b"").user.display_name);
        assert_eq!((found.hidden, found.label), (hidden, credential(number, "", b"").label));
    }
    assert_eq!(store.list().unwrap()[0], credential(3, "example.com", b"bob").summary());
    // A name of any length, and none at all.
    for name in ["x".repeat(2000), String::new()] {
        let user = User { id: b"bob".to_vec(), name: Some(name.clone()), display_name: Some(name.clone()) };
        assert_eq!(signal(store, "example.com", &Signal::UserDetails(user.clone())), [3]);
        assert!(store.get("example.com", &id(3)).unwrap().unwrap().user == user);
    }
}

pub fn unhiding_offers_again(store: &dyn CredentialStore) {
    insert(store, &credential(1, "example.com", b"alice"));
    let before = snapshot(store, &["example.com"]);
    store.unhide(&id(1)).unwrap();
    assert_eq!(snapshot(store, &["example.com"]), before);
    assert_eq!(signal(store, "example.com", &Signal::Unknown(id(1))), [1]);
    store.unhide(&id(1)).unwrap();
    assert_eq!(snapshot(store, &["example.com"]), before);
    assert_eq!(store.unhide(&id(2)), Err(StoreError::NotFound));
}

/// A new one of the account replaces what is hidden, and what is hidden takes its place in the limits.
pub fn what_is_hidden_counts_and_is_replaced(store: &dyn CredentialStore) {
    let limits = InsertLimits { per_user: 1, per_rp: Some(1), replaces: true };
    insert(store, &credential(1, "example.com", b"alice"));
    assert_eq!(signal(store, "example.com", &accepted(b"alice", &[])), [1]);
    let second = non_discoverable(2, "example.com", b"alice");
    assert_eq!(store.insert(&second, &limits).unwrap_err(), StoreError::Full);
    let other = credential(2, "example.com", b"bob");
    assert_eq!(store.insert(&other, &limits).unwrap_err(), StoreError::OnlyOnePerDevice);
    let replaced = store.insert(&credential(3, "example.com", b"alice"), &limits).unwrap();
    let hidden = Credential { hidden: true, ..credential(1, "example.com", b"alice") };
    assert_eq!(replaced.as_ref().map(image), Some(image(&hidden)));
    assert_eq!(numbers(&store.discoverable("example.com").unwrap()), [3]);
    assert_eq!(listed(store), [3]);
}

pub fn deletion_removes_one_and_returns_it(store: &dyn CredentialStore) {
    for number in 1..=3 {
        insert(store, &credential(number, "example.com", &[number]));
    }
    store.advance_counter("example.com", &id(2)).unwrap();
    let expected = Credential { sign_count: Some(1), ..credential(2, "example.com", &[2]) };
    assert_eq!(image(&store.delete(&id(2)).unwrap()), image(&expected));
    assert_eq!(store.delete(&id(2)).map(|gone| image(&gone)), Err(StoreError::NotFound));
    assert!(store.get("example.com", &id(2)).unwrap().is_none());
    assert_eq!(store.advance_counter("example.com", &id(2)), Err(StoreError::NotFound));
    assert_eq!(store.rename(&id(2), "gone"), Err(StoreError::NotFound));
    assert_eq!(store.unhide(&id(2)), Err(StoreError::NotFound));
    assert_eq!(store.note_use(&id(2), 1), Err(StoreError::NotFound));
    assert_eq!(numbers(&store.discoverable("example.com").unwrap()), [3, 1]);
    assert_eq!(listed(store), [3, 1]);
    // Its ID is free, and what takes it is the newest, also after the newest was deleted.
    store.delete(&id(3)).unwrap();
    insert(store, &credential(2, "example.com", &[2]));
    assert_eq!(listed(store), [2, 1]);
}

pub fn threads_do_not_lose_updates(store: &dyn CredentialStore) {
    insert(store, &credential(1, "example.com", b"alice"));
    std::thread::scope(|scope| {
        for thread in 2..6 {
            scope.spawn(move || {
                for _ in 0..10 {
                    store.advance_counter("example.com", &id(1)).unwrap();
                }
                insert(store, &credential(thread, "example.com", &[thread]));
            });
        }
    });
    assert_eq!(store.get("example.com", &id(1)).unwrap().unwrap().sign_count, Some(40));
    assert_eq!(store.list().unwrap().len(), 5);
}

/// Gives a property to what makes a store for it.
pub fn run(with: impl FnOnce(Property), property: Property) {
    with(property);
}

/// A test of an empty store.
pub type Property = fn(&dyn CredentialStore);

/// One `#[test]` per property of the contract, each against a new store.
#[macro_export]
macro_rules! store_contract {
    (with $with:expr) => {
        $crate::store_contract! { @properties $with =>
            empty_store_has_nothing
            every_field_comes_back
            hardware_keys_come_back
            discoverable_is_newest_first_even_within_a_second
            a_clock_that_jumps_does_not_reorder
            discoverable_leaves_out_others
            get_wants_the_exact_id_and_rp_id
            neighbouring_strings_are_distinct
            same_rp_and_user_is_replaced
            replacement_returns_the_state_of_the_moment
            only_discoverable_ones_replace_and_are_replaced
            per_user_limit_counts_after_replacement
            a_refused_replacement_keeps_the_old_one
            per_rp_limit_counts_every_user_after_replacement
            nothing_is_replaced_where_that_is_not_allowed
            the_user_limit_is_reported_before_the_device_limit
            an_id_exists_once_across_relying_parties
            counters_advance_by_one_each_on_its_own
            a_credential_without_a_counter_stays_at_zero
            a_counter_ends_instead_of_wrapping
            a_counter_belongs_to_its_relying_party
            use_is_remembered
            what_is_hidden_is_not_discoverable_and_all_else_stays
            a_signal_is_about_its_relying_party_alone
            an_account_is_hidden_and_offered_again_as_its_list_says
            names_follow_the_relying_party
            unhiding_offers_again
            what_is_hidden_counts_and_is_replaced
            renaming_changes_the_label_alone
            deletion_removes_one_and_returns_it
            threads_do_not_lose_updates
        }
    };
    (@properties $with:expr => $($property:ident)+) => {
        $(
            #[test]
            fn $property() {
                $crate::store_contract::run($with, $crate::store_contract::$property);
            }
        )+
    };
    ($make:expr) => {
        $crate::store_contract!(with |test| test(&$make));
    };
}
