use std::fs;
use std::path::PathBuf;

use latchkey_authenticator::testing::SeededRng;
use latchkey_offline::VerifierStore as _;
use latchkey_phone::control_center::wire::{OfflineSettings, PairedDevice, ReportedEvent};
use latchkey_unlock::Proof;
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::*;
use crate::ports::FileKeys;
use crate::webauthn::json::Base64Url;
use crate::workstation::fixture::Passkey;
use crate::workstation::lock::{How, LockState, Unlock};
use crate::workstation::offer::Offer;

const NOW: u64 = 1_800_000_000;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Folder(TempDir::new().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("workstation.sqlite")
    }

    fn open(&self) -> Result<Arc<Store>, WorkstationError> {
        let keys = FileKeys::open(&self.0.path().join("workstation.key")).unwrap();
        Store::open(&self.file(), &keys, "Ada's desk", Arc::new(SeededRng::new(5))).map(Arc::new)
    }

    /// Whether these bytes stand anywhere in the folder.
    fn holds(&self, bytes: &[u8]) -> bool {
        fs::read_dir(self.0.path()).unwrap().any(|entry| {
            let content = fs::read(entry.unwrap().path()).unwrap();
            content.windows(bytes.len()).any(|window| window == bytes)
        })
    }
}

fn code(request_id: &str) -> Code {
    Code {
        request_id: request_id.to_owned(),
        username: "ada@example.com".to_owned(),
        nonce: Zeroizing::new([7; 32]),
        expires_at: NOW + 60,
    }
}

fn listed(passkey: &Passkey, request_id: &str) -> PairedDevice {
    let known = passkey.known();
    PairedDevice {
        device_id: "phone-1".to_owned(),
        device_name: "Ada's phone".to_owned(),
        username: "ada@example.com".to_owned(),
        request_id: request_id.to_owned(),
        credential_id: Base64Url(known.credential_id),
        public_key: Base64Url(known.public_key),
        rp_id: known.rp_id,
    }
}

fn paired(store: &Store, passkey: &Passkey) -> Pairing {
    store.put_code(&code("request-1")).unwrap();
    let pairing = Pairing::of_code(&listed(passkey, "request-1"), &code("request-1"), NOW).unwrap();
    store.add_pairing(&pairing, "request-1").unwrap();
    pairing
}

fn unlock(store: &Store, proof: &Proof) -> Unlock {
    let pairing = store.pairing("phone-1").unwrap().unwrap();
    Unlock::by_proof(pairing, How::Phone, proof, &[9; 32]).unwrap()
}

#[test]
fn meets_the_contract_of_verifier_stores() {
    let (folder, passkey) = (Folder::new(), Passkey::new());
    let store = folder.open().unwrap();
    paired(&store, &passkey);
    let verifier =
        |username: &str| AccountVerifier { store: Arc::clone(&store), username: username.to_owned() };
    latchkey_offline::store_contract::verifier_store(&verifier("ada@example.com"));
    // An account that does not exist has no record and gets none.
    let nobody = verifier("bob@example.com");
    assert!(nobody.load().unwrap().is_none());
}

#[test]
fn is_the_same_machine_after_a_restart() {
    let folder = Folder::new();
    let first = folder.open().unwrap().identity().unwrap();
    let second = folder.open().unwrap().identity().unwrap();
    assert_eq!(first.machine_id, second.machine_id);
    assert_eq!(first.key.public(), second.key.public());
    assert_eq!(second.machine_name, "Ada's desk");
    assert_ne!(Folder::new().open().unwrap().identity().unwrap().machine_name, "");
}

#[test]
fn keeps_what_it_was_told() {
    let (folder, passkey) = (Folder::new(), Passkey::new());
    let store = folder.open().unwrap();
    let enrolment = Enrolment {
        base_url: "https://cc.example.com".to_owned(),
        rp_app_id: "HYPRDefaultWorkstationApplication".to_owned(),
        token: Zeroizing::new("token-of-this-workstation".to_owned()),
    };
    assert!(store.enrolment().unwrap().is_none());
    store.enrol(&enrolment).unwrap();
    let synced = Synced { settings: settings(), clock_offset: -3 };
    store.set_synced(&synced).unwrap();
    let pairing = paired(&store, &passkey);
    drop(store);

    let store = folder.open().unwrap();
    let kept = store.enrolment().unwrap().unwrap();
    assert_eq!((kept.base_url, kept.rp_app_id), (enrolment.base_url, enrolment.rp_app_id));
    assert_eq!(kept.token, enrolment.token);
    assert_eq!(store.synced().unwrap(), Some(synced));
    let kept = store.pairing("phone-1").unwrap().unwrap();
    assert_eq!(*kept.secret, *pairing.secret);
    assert_eq!(kept.passkey, pairing.passkey);
    assert_eq!((kept.device_name, kept.paired_at), (pairing.device_name, NOW));
    assert!(store.code("request-1").unwrap().is_none(), "the code is used up");
    assert_eq!(store.accounts().unwrap(), ["ada@example.com"]);
}

#[test]
fn secrets_do_not_stand_in_the_file() {
    let (folder, passkey) = (Folder::new(), Passkey::new());
    let store = folder.open().unwrap();
    store.put_code(&code("request-1")).unwrap();
    assert!(!folder.holds(&[7; 32]));
    let pairing = paired(&store, &passkey);
    assert!(!folder.holds(pairing.secret.as_ref()));
    assert!(!folder.holds(store.unlock_secret("ada@example.com").unwrap().expose()));
    assert!(folder.holds(b"ada@example.com"), "the search finds what is there");
}

#[test]
fn what_was_removed_is_overwritten() {
    let (folder, passkey) = (Folder::new(), Passkey::new());
    let store = folder.open().unwrap();
    paired(&store, &passkey);
    let sealed: Vec<u8> =
        store.connection().query_row("SELECT sealed_secret FROM pairings", [], |row| row.get(0)).unwrap();
    assert!(folder.holds(&sealed));
    store.remove_pairing("phone-1").unwrap();
    assert!(!folder.holds(&sealed));
}

#[test]
fn a_secret_of_another_row_or_key_file_does_not_open() {
    let (folder, passkey) = (Folder::new(), Passkey::new());
    let store = folder.open().unwrap();
    paired(&store, &passkey);
    store
        .connection()
        .execute("UPDATE pairings SET sealed_secret = (SELECT sealed_secret FROM accounts)", [])
        .unwrap();
    assert!(matches!(store.pairing("phone-1"), Err(WorkstationError::Damaged)));
    drop(store);
    fs::write(folder.0.path().join("workstation.key"), [1; 32]).unwrap();
    assert!(matches!(folder.open(), Err(WorkstationError::Damaged)));
}

#[test]
fn a_newer_state_is_left_alone() {
    let folder = Folder::new();
    folder.open().unwrap().connection().pragma_update(None, "user_version", 2).unwrap();
    assert!(matches!(folder.open(), Err(WorkstationError::TooNew)));
}

#[test]
fn a_pairing_must_fit_its_code() {
    let passkey = Passkey::new();
    let refused = |change: &dyn Fn(&mut PairedDevice)| {
        let mut listed = listed(&passkey, "request-1");
        change(&mut listed);
        let refused = Pairing::of_code(&listed, &code("request-1"), NOW);
        assert!(matches!(refused, Err(WorkstationError::ForeignAnswer)));
    };
    refused(&|listed| listed.username = "eve@example.com".to_owned());
    refused(&|listed| listed.public_key = Base64Url(vec![0xA0]));
    refused(&|listed| listed.credential_id = Base64Url(Vec::new()));
    let pairing = Pairing::of_code(&listed(&passkey, "request-1"), &code("request-1"), NOW).unwrap();
    assert_eq!(*pairing.secret, *latchkey_unlock::pairing_secret(&[7; 32], "request-1"));
}

#[test]
fn starts_locked_and_an_unlock_uses_the_counter_up() {
    let (folder, passkey) = (Folder::new(), Passkey::new());
    let store = folder.open().unwrap();
    assert_eq!(store.lock_state().unwrap(), LockState::Locked);
    paired(&store, &passkey);

    let proof = passkey.prove(4, &[9; 32]);
    let (first, second) = (unlock(&store, &proof), unlock(&store, &proof));
    let session = store.unlock(&first, NOW).unwrap();
    assert_eq!(store.lock_state().unwrap(), LockState::Unlocked(session.clone()));
    assert_eq!(folder.open().unwrap().lock_state().unwrap(), LockState::Unlocked(session.clone()));
    assert_eq!((session.account.as_str(), session.how, session.since), ("ada@example.com", How::Phone, NOW));
    assert_eq!(session.device_id.as_deref(), Some("phone-1"));
    assert_eq!(store.pairing("phone-1").unwrap().unwrap().passkey.sign_count, 4);

    // The same proof, checked before the first one was used: its counter is used up.
    store.lock().unwrap();
    assert!(matches!(store.unlock(&second, NOW), Err(WorkstationError::NotPaired)));
    assert_eq!(store.lock_state().unwrap(), LockState::Locked);
}

#[test]
fn a_phone_that_was_removed_in_between_does_not_unlock() {
    let (folder, passkey) = (Folder::new(), Passkey::new());
    let store = folder.open().unwrap();
    paired(&store, &passkey);
    let unlock = unlock(&store, &passkey.prove(1, &[9; 32]));
    store.remove_pairing("phone-1").unwrap();
    assert!(matches!(store.unlock(&unlock, NOW), Err(WorkstationError::NotPaired)));
    assert_eq!(store.lock_state().unwrap(), LockState::Locked);
}

#[test]
fn a_phone_from_a_sign_in_code_is_paired_by_its_unlock_alone() {
    let (folder, passkey) = (Folder::new(), Passkey::new());
    let store = folder.open().unwrap();
    let pairing = Pairing::of_code(&listed(&passkey, "request-1"), &code("request-1"), NOW).unwrap();
    let refused = Unlock::by_proof(pairing.clone(), How::Code, &passkey.prove(1, &[8; 32]), &[9; 32]);
    assert!(refused.is_err());
    assert!(store.pairings().unwrap().is_empty());

    let unlock = Unlock::by_proof(pairing, How::Code, &passkey.prove(1, &[9; 32]), &[9; 32]).unwrap();
    store.unlock(&unlock, NOW).unwrap();
    assert_eq!(store.pairing("phone-1").unwrap().unwrap().passkey.sign_count, 1);
}

#[test]
fn a_request_is_taken_once_and_forgotten_long_after() {
    let folder = Folder::new();
    let (one, other) = (folder.open().unwrap(), folder.open().unwrap());
    assert!(one.take_request("request-1", NOW).unwrap());
    assert!(!other.take_request("request-1", NOW).unwrap());
    one.put_code(&code("request-1")).unwrap();
    one.forget_old_codes(NOW + 86_400).unwrap();
    assert!(one.code("request-1").unwrap().is_some(), "a code is kept until its outcome is known");
    one.forget_old_codes(NOW + 40 * 86_400).unwrap();
    assert!(one.code("request-1").unwrap().is_none());
    assert!(other.take_request("request-1", NOW).unwrap());
}

#[test]
fn an_offer_counts_the_sign_ins_after_it_was_declined() {
    let (folder, passkey) = (Folder::new(), Passkey::new());
    let store = folder.open().unwrap();
    paired(&store, &passkey);
    assert_eq!(store.offer("ada@example.com").unwrap(), Offer::Never);
    store.set_offer("ada@example.com", Offer::Later { since: NOW, sign_ins: 0 }).unwrap();
    for count in 1..=3 {
        store.unlock(&unlock(&store, &passkey.prove(count, &[9; 32])), NOW).unwrap();
        assert_eq!(store.offer("ada@example.com").unwrap(), Offer::Later { since: NOW, sign_ins: count });
    }
    store.set_offer("ada@example.com", Offer::Created).unwrap();
    assert_eq!(store.offer("ada@example.com").unwrap(), Offer::Created);
}

#[test]
fn events_wait_in_order_and_the_oldest_of_too_many_go() {
    let folder = Folder::new();
    let store = folder.open().unwrap();
    let event = |number: u64| ReportedEvent {
        event_id: number.to_string(),
        event_name: "X_UNLOCK_COMPLETED".to_owned(),
        event_time_in_utc: number,
        machine_id: None,
    };
    store
        .write(|transaction| {
            for number in 0..1000 {
                let event = serde_json::to_string(&event(number)).unwrap();
                transaction.execute("INSERT INTO events (event) VALUES (?1)", (event,))?;
            }
            Ok(())
        })
        .unwrap();
    for number in 1000..1003 {
        store.queue_event(&event(number)).unwrap();
    }
    let (ids, events): (Vec<_>, Vec<_>) = store.queued_events(2).unwrap().into_iter().unzip();
    assert_eq!(events, [event(3), event(4)]);
    store.forget_events(&ids).unwrap();
    assert_eq!(store.queued_events(1).unwrap().remove(0).1, event(5));
}

fn settings() -> WorkstationSettings {
    WorkstationSettings {
        workstation_rp_app_id: None,
        require_user_presence_for_registration: true,
        offline: OfflineSettings {
            enabled: true,
            length: 10,
            count: 10,
            valid_days: 7,
            display_secs: 15,
            prompt_threshold_pct: 20,
            max_failures: 3,
            window: None,
        },
    }
}
