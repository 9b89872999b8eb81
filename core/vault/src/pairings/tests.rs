use std::sync::atomic::{AtomicU32, Ordering};

use latchkey_authenticator::Signal;
use latchkey_authenticator::credential::CredentialId;
use latchkey_authenticator::keys::CredentialKey;
use latchkey_authenticator::ports::{HardwareKey, InsertLimits};
use latchkey_authenticator::store_contract::{NO_LIMITS, credential, image, non_discoverable};
use latchkey_ctap::PublicKey;
use proptest::prelude::*;

use super::*;
use crate::fixture::{Scratch, blob, computer, contains, flipped, open, pairing, registration};

const RP: &str = "login.microsoft.com";

/// A store whose insertions are pairings: begun, made, completed. It keeps the contract of every store.
struct Pairing {
    vault: Arc<Vault>,
    next: AtomicU32,
}

impl CredentialStore for Pairing {
    fn insert(
        &self,
        credential: &Credential,
        limits: &InsertLimits,
    ) -> Result<Option<Credential>, StoreError> {
        let request_id = self.next.fetch_add(1, Ordering::Relaxed).to_string();
        self.vault.begin_pairing(&PendingPairing { request_id: request_id.clone(), ..pairing(1) }).unwrap();
        let made = self.vault.pending_store(&request_id).insert(credential, limits);
        let completed = match &made {
            Ok(_) => self.vault.complete_pairing(&request_id, &registration(1), Some(&computer(1))),
            Err(error) => Err(error.clone()),
        };
        if completed.is_err() {
            self.vault.abandon_pairing(&request_id).unwrap();
        }
        completed
    }

    fn discoverable(&self, rp_id: &str) -> Result<Vec<Credential>, StoreError> {
        self.vault.discoverable(rp_id)
    }

    fn get(&self, rp_id: &str, id: &CredentialId) -> Result<Option<Credential>, StoreError> {
        self.vault.get(rp_id, id)
    }

    fn advance_counter(&self, rp_id: &str, id: &CredentialId) -> Result<u32, StoreError> {
        self.vault.advance_counter(rp_id, id)
    }

    fn note_use(&self, id: &CredentialId, at: u64) -> Result<(), StoreError> {
        self.vault.note_use(id, at)
    }

    fn list(&self) -> Result<Vec<CredentialSummary>, StoreError> {
        self.vault.list()
    }

    fn rename(&self, id: &CredentialId, label: &str) -> Result<(), StoreError> {
        self.vault.rename(id, label)
    }

    fn signal(&self, rp_id: &str, signal: &Signal) -> Result<Vec<CredentialSummary>, StoreError> {
        self.vault.signal(rp_id, signal)
    }

    fn unhide(&self, id: &CredentialId) -> Result<(), StoreError> {
        self.vault.unhide(id)
    }

    fn delete(&self, id: &CredentialId) -> Result<Credential, StoreError> {
        self.vault.delete(id)
    }
}

mod contract {
    use super::*;

    latchkey_authenticator::store_contract!(
        with | test | {
            let folder = tempfile::tempdir().unwrap();
            let vault = open(&folder.path().join("vault.sqlite"));
            test(&Pairing { vault, next: AtomicU32::new(0) });
        }
    );
}

/// A pairing under way, with the passkey of this account.
fn under_way(number: u8, user: &[u8]) -> Scratch {
    let scratch = Scratch::new();
    make(&scratch, number, user);
    scratch
}

fn make(scratch: &Scratch, number: u8, user: &[u8]) {
    scratch.vault.begin_pairing(&pairing(number)).unwrap();
    let store = scratch.vault.pending_store(&format!("request-{number}"));
    assert!(store.insert(&credential(number, RP, user), &NO_LIMITS).unwrap().is_none());
}

fn id(number: u8) -> CredentialId {
    CredentialId(vec![number; 32])
}

#[test]
fn a_pairing_under_way_is_remembered_and_its_passkey_hidden() {
    let scratch = under_way(1, b"alice");
    let reopened = scratch.another();
    for vault in [&scratch.vault, &reopened] {
        assert_eq!(vault.pending_pairings().unwrap(), [pairing(1)]);
        let made = vault.pending_passkey("request-1").unwrap();
        assert!(made == Some(credential(1, RP, b"alice").summary()));
        assert!(vault.list().unwrap().is_empty());
        assert!(vault.discoverable(RP).unwrap().is_empty());
        assert!(vault.get(RP, &id(1)).unwrap().is_none());
        assert_eq!(vault.advance_counter(RP, &id(1)), Err(StoreError::NotFound));
        assert_eq!(vault.note_use(&id(1), 1), Err(StoreError::NotFound));
        assert_eq!(vault.rename(&id(1), "label"), Err(StoreError::NotFound));
        assert_eq!(vault.delete(&id(1)).unwrap_err(), StoreError::NotFound);
    }
}

#[test]
fn completion_shows_the_passkey_the_registration_and_the_computer() {
    let scratch = under_way(1, b"alice");
    let vault = &scratch.vault;
    assert!(vault.complete_pairing("request-1", &registration(1), Some(&computer(1))).unwrap().is_none());
    let passkey = vault.get(RP, &id(1)).unwrap();
    assert_eq!(passkey.as_ref().map(image), Some(image(&credential(1, RP, b"alice"))));
    assert_eq!(vault.registrations().unwrap(), [registration(1)]);
    assert_eq!(vault.computers().unwrap(), [computer(1)]);
    assert!(vault.pending_pairings().unwrap().is_empty());
    assert_eq!(vault.pending_passkey("request-1"), Err(StoreError::NotFound));
    let again = vault.complete_pairing("request-1", &registration(1), None);
    assert_eq!(again.unwrap_err(), StoreError::NotFound);
}

#[test]
fn one_more_computer_leaves_the_others_with_the_new_passkey() {
    let scratch = under_way(1, b"alice");
    let vault = &scratch.vault;
    let stranger = Computer { device_id: "another".to_owned(), ..computer(3) };
    vault.put_computer(&stranger).unwrap();
    let (first, second) = (registration(1), registration(1));
    let of_first = |number| Computer { device_id: first.device_id.clone(), ..computer(number) };
    vault.complete_pairing("request-1", &first, Some(&of_first(1))).unwrap();

    make(&scratch, 2, b"alice");
    let second = Registration { credential_id: id(2), rp_id: RP.to_owned(), ..second };
    vault.complete_pairing("request-2", &second, Some(&of_first(2))).unwrap();
    assert_eq!(vault.registrations().unwrap(), [second]);
    let renewed = Computer { credential_id: id(2), rp_id: RP.to_owned(), ..of_first(1) };
    assert_eq!(vault.computer(&renewed.machine_id).unwrap(), Some(renewed));
    assert_eq!(vault.computer(&stranger.machine_id).unwrap(), Some(stranger));
}

#[test]
fn a_code_without_a_computer_stores_none() {
    let scratch = under_way(1, b"alice");
    scratch.vault.complete_pairing("request-1", &registration(1), None).unwrap();
    assert!(scratch.vault.computers().unwrap().is_empty());
    assert_eq!(scratch.vault.list().unwrap().len(), 1);
}

#[test]
fn the_older_passkey_of_the_account_works_until_the_server_has_agreed() {
    let scratch = Scratch::new();
    let vault = &scratch.vault;
    vault.insert(&credential(9, RP, b"alice"), &NO_LIMITS).unwrap();
    make(&scratch, 1, b"alice");
    assert_eq!(vault.list().unwrap(), [credential(9, RP, b"alice").summary()]);
    assert_eq!(vault.advance_counter(RP, &id(9)), Ok(1));
    let replaced = vault.complete_pairing("request-1", &registration(1), None).unwrap();
    let expected = Credential { sign_count: Some(1), ..credential(9, RP, b"alice") };
    assert_eq!(replaced.as_ref().map(image), Some(image(&expected)));
    assert_eq!(vault.list().unwrap(), [credential(1, RP, b"alice").summary()]);
}

#[test]
fn a_pairing_that_was_given_up_leaves_the_older_passkey() {
    let scratch = Scratch::new();
    let vault = &scratch.vault;
    vault.insert(&credential(9, RP, b"alice"), &NO_LIMITS).unwrap();
    let before = scratch.everything();
    make(&scratch, 1, b"alice");
    assert_ne!(scratch.everything(), before);
    let gone = vault.abandon_pairing("request-1").unwrap();
    assert_eq!(gone.as_ref().map(image), Some(image(&credential(1, RP, b"alice"))));
    assert_eq!(scratch.everything(), before);
    assert_eq!(vault.abandon_pairing("request-1").unwrap_err(), StoreError::NotFound);
}

#[test]
fn a_hardware_key_comes_back_to_be_deleted() {
    let scratch = Scratch::new();
    let public_key = PublicKey::Es256 { x: [2; 32], y: [3; 32] };
    let key = CredentialKey::Hardware(HardwareKey { handle: vec![7; 40], public_key });
    let passkey = Credential { key, ..credential(1, RP, b"alice") };
    scratch.vault.begin_pairing(&pairing(1)).unwrap();
    scratch.vault.pending_store("request-1").insert(&passkey, &NO_LIMITS).unwrap();
    let gone = scratch.vault.abandon_pairing("request-1").unwrap();
    assert_eq!(gone.as_ref().map(image), Some(image(&passkey)));
}

#[test]
fn a_pairing_is_begun_once() {
    let scratch = under_way(1, b"alice");
    let before = scratch.everything();
    let again = PendingPairing { started_at: 5, ..pairing(1) };
    assert_eq!(scratch.vault.begin_pairing(&again), Err(StoreError::DuplicateId));
    assert_eq!(scratch.everything(), before);
    scratch.vault.begin_pairing(&pairing(2)).unwrap();
    assert_eq!(scratch.vault.pending_pairings().unwrap(), [pairing(1), pairing(2)]);
}

#[test]
fn a_pairing_without_a_passkey_cannot_be_completed() {
    let scratch = Scratch::new();
    scratch.vault.begin_pairing(&pairing(1)).unwrap();
    let before = scratch.everything();
    for request_id in ["request-1", "request-2"] {
        let completed = scratch.vault.complete_pairing(request_id, &registration(1), Some(&computer(1)));
        assert_eq!(completed.unwrap_err(), StoreError::NotFound);
        assert_eq!(scratch.everything(), before);
    }
    assert_eq!(scratch.vault.pending_passkey("request-1"), Ok(None));
    assert!(scratch.vault.abandon_pairing("request-1").unwrap().is_none());
}

#[test]
fn limits_that_were_reached_in_the_meantime_stop_the_completion() {
    let only_one = InsertLimits { per_user: 5, per_rp: Some(1), replaces: true };
    let one_each = InsertLimits { per_user: 1, per_rp: None, replaces: true };
    for (limits, other, error) in [
        (only_one, credential(9, RP, b"bob"), StoreError::OnlyOnePerDevice),
        (one_each, non_discoverable(9, RP, b"alice"), StoreError::Full),
    ] {
        let scratch = Scratch::new();
        let vault = &scratch.vault;
        vault.begin_pairing(&pairing(1)).unwrap();
        let store = vault.pending_store("request-1");
        store.insert(&credential(1, RP, b"alice"), &limits).unwrap();
        vault.insert(&other, &limits).unwrap();
        let before = scratch.everything();
        let completed = vault.complete_pairing("request-1", &registration(1), Some(&computer(1)));
        assert_eq!(completed.unwrap_err(), error);
        assert_eq!(scratch.everything(), before);
        vault.delete(&id(9)).unwrap();
        assert!(vault.complete_pairing("request-1", &registration(1), None).unwrap().is_none());
    }
}

#[test]
fn pairing_anew_takes_the_place_of_what_was() {
    let scratch = under_way(1, b"alice");
    let vault = &scratch.vault;
    vault.complete_pairing("request-1", &registration(1), Some(&computer(1))).unwrap();
    vault.put_computer(&computer(2)).unwrap();
    let store: &dyn latchkey_offline::LedgerStore = &**vault;
    for machine_id in ["machine-1", "machine-2"] {
        store.save(&crate::fixture::ledger_record(machine_id, 1)).unwrap();
    }
    make(&scratch, 3, b"alice");
    let again = Computer { device_id: "device-3".to_owned(), ..computer(1) };
    let replaced = vault.complete_pairing("request-3", &registration(3), Some(&again)).unwrap();
    assert_eq!(replaced.unwrap().id, id(1));
    assert_eq!(vault.computers().unwrap(), [again, computer(2)]);
    assert_eq!(vault.registrations().unwrap(), [registration(1), registration(3)]);
    // Its generations begin again; those of the others do not.
    assert!(store.load("machine-1").unwrap().is_none());
    assert!(store.load("machine-2").unwrap().is_some());
}

#[test]
fn a_full_disk_completes_nothing() {
    let scratch = under_way(1, b"alice");
    let vault = &scratch.vault;
    vault.with(|database| Ok(database.connection().execute_batch("PRAGMA max_page_count = 1")?)).unwrap();
    let before = scratch.everything();
    let large = Computer { os_user: "x".repeat(20_000), ..computer(1) };
    let completed = vault.complete_pairing("request-1", &registration(1), Some(&large));
    assert_eq!(completed.unwrap_err(), StoreError::DiskFull);
    assert_eq!(scratch.everything(), before);
    assert!(vault.complete_pairing("request-1", &registration(1), None).unwrap().is_none());
}

#[test]
fn a_damaged_pairing_is_quarantined_and_never_deleted() {
    let scratch = under_way(1, b"alice");
    make(&scratch, 2, b"bob");
    let vault = &scratch.vault;
    // In the passkey, behind the nonce.
    let damaged = flipped(&scratch.cell("pairing", "secret", 1), 300);
    scratch.set("pairing", "secret", 1, &damaged);
    assert_eq!(vault.abandon_pairing("request-1").unwrap_err(), StoreError::Damaged);
    let completed = vault.complete_pairing("request-1", &registration(1), None);
    assert_eq!(completed.unwrap_err(), StoreError::Damaged);
    assert_eq!(vault.pending_store("request-1").list().unwrap_err(), StoreError::Damaged);
    assert_eq!(vault.pending_pairings().unwrap(), [pairing(2)]);
    assert_eq!(vault.damaged(), Ok(1));
    assert_eq!(scratch.cell("pairing", "secret", 1), damaged);
    vault.begin_pairing(&pairing(1)).unwrap();
    assert_eq!(vault.pending_pairings().unwrap(), [pairing(2), pairing(1)]);
}

#[test]
fn a_nonce_and_a_key_that_were_given_up_are_gone_from_the_file() {
    let scratch = under_way(1, b"alice");
    let cell = scratch.cell("pairing", "secret", 1);
    scratch.vault.abandon_pairing("request-1").unwrap();
    assert!(!contains(&scratch.closed_files(), &blob(&cell)[..28]));
}

#[test]
fn a_record_is_read_strictly() {
    let stored = StoredPairing { pairing: pairing(1), passkey: None };
    let (record, secret) = (stored.record(), stored.secret());
    assert!(StoredPairing::unseal(&record, &secret).unwrap().pairing == pairing(1));
    assert!(StoredPairing::unseal(&record, &secret[1..]).is_err());
    assert!(StoredPairing::unseal(&record, &[&secret[..], &[0xA0]].concat()).is_err());
    assert!(StoredPairing::unseal(&computer(1).record(), &secret).is_err());
}

#[test]
fn nothing_is_shown() {
    assert_eq!(format!("{:?}", pairing(1)), "PendingPairing(redacted)");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn a_pairing_that_was_given_up_leaves_no_trace(
        present in prop::collection::vec((1..100_u8, 0..3_u8, any::<bool>()), 0..6),
        attempts in prop::collection::vec((100..200_u8, 0..3_u8, any::<bool>(), 1..4_usize), 0..4),
        others in 0..3_u8,
    ) {
        let scratch = Scratch::new();
        let vault = &scratch.vault;
        for (number, user, discoverable) in present {
            let new = Credential { discoverable, ..credential(number, RP, &[user]) };
            let _ = vault.insert(&new, &NO_LIMITS);
        }
        for number in 0..others {
            make(&scratch, 200 + number, &[number]);
        }
        let before = scratch.everything();
        vault.begin_pairing(&pairing(1)).unwrap();
        let store = vault.pending_store("request-1");
        for (number, user, discoverable, limit) in attempts {
            let new = Credential { discoverable, ..credential(number, RP, &[user]) };
            let _ = store.insert(&new, &InsertLimits { per_user: limit, per_rp: Some(limit), replaces: true });
        }
        let pending = vault.pending_passkey("request-1").unwrap();
        let gone = vault.abandon_pairing("request-1").unwrap();
        prop_assert!(gone.map(|gone| gone.summary()) == pending);
        prop_assert_eq!(scratch.everything(), before);
    }
}
