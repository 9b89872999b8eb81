//! Databases of every released schema open, and everything in them is as it was stored.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use latchkey_authenticator::PrfSecret;
use latchkey_authenticator::credential::{Credential, CredentialId};
use latchkey_authenticator::keys::{CredentialKey, SoftwareKey};
use latchkey_authenticator::ports::{CredentialStore, HardwareKey};
use latchkey_authenticator::store_contract::{NO_LIMITS, image, images};
use latchkey_authenticator::testing::{SeededRng, SoftwareKeyVault};
use latchkey_ctap::cbor::Writer;
use latchkey_ctap::{Algorithm, CredProtect, PublicKey, User};
use latchkey_offline::Ledger;
use latchkey_vault::{Computer, PendingPairing, Registration, Vault};
use rusqlite::Connection;
use zeroize::Zeroizing;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/vault").join(name)
}

fn open(path: &Path) -> Arc<Vault> {
    Arc::new(Vault::open(path, &SoftwareKeyVault::new(1), Arc::new(SeededRng::new(1))).unwrap())
}

/// What is in the fixtures, oldest first. Never changed: a new schema that holds more adds to it.
fn stored() -> [Credential; 3] {
    let software = |algorithm, byte| {
        CredentialKey::Software(SoftwareKey::unseal(algorithm, Zeroizing::new([byte; 32])).unwrap())
    };
    let public_key = PublicKey::Es256 { x: [0x11; 32], y: [0x22; 32] };
    [
        Credential {
            id: CredentialId(vec![1; 32]),
            rp_id: "example.com".to_owned(),
            rp_name: Some("Example".to_owned()),
            user: User {
                id: b"alice".to_vec(),
                name: Some("alice@example.com".to_owned()),
                display_name: Some("Alice Üxample".to_owned()),
            },
            key: software(Algorithm::ES256, 0x31),
            prf_secret: None,
            discoverable: true,
            hidden: false,
            cred_protect: CredProtect::UvRequired,
            sign_count: Some(7),
            backup_eligible: false,
            backed_up: false,
            label: Some("Work".to_owned()),
            created_at: 1_767_225_600,
            last_used_at: Some(1_767_312_000),
        },
        Credential {
            id: CredentialId(vec![2; 16]),
            rp_id: "example.com".to_owned(),
            rp_name: None,
            user: User { id: vec![0], name: None, display_name: None },
            key: software(Algorithm::EDDSA, 0x32),
            prf_secret: None,
            discoverable: false,
            hidden: false,
            cred_protect: CredProtect::UvOptional,
            sign_count: None,
            backup_eligible: true,
            backed_up: true,
            label: None,
            created_at: 1_767_225_601,
            last_used_at: None,
        },
        Credential {
            id: CredentialId(vec![3; 32]),
            rp_id: "login.example.org".to_owned(),
            rp_name: None,
            user: User { id: vec![0xFF; 64], name: Some("bob".to_owned()), display_name: None },
            key: CredentialKey::Hardware(HardwareKey { handle: vec![0x33; 16], public_key }),
            prf_secret: None,
            discoverable: true,
            hidden: false,
            cred_protect: CredProtect::UvOptionalWithCredentialIdList,
            sign_count: Some(0),
            backup_eligible: false,
            backed_up: false,
            label: None,
            created_at: 1_767_225_602,
            last_used_at: None,
        },
    ]
}

fn opens(name: &str, newer: &[Credential]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::copy(fixture(name), &path).unwrap();
    let stored = stored();

    let vault = open(&path);
    let [first, ..] = &stored;
    let all = || stored.iter().chain(newer);
    assert_eq!(vault.list().unwrap(), all().rev().map(Credential::summary).collect::<Vec<_>>());
    for credential in all() {
        let found = vault.get(&credential.rp_id, &credential.id).unwrap();
        assert_eq!(found.as_ref().map(image), Some(image(credential)));
    }
    assert_eq!(images(&vault.discoverable("example.com").unwrap()), [image(first)]);
    assert_eq!(vault.damaged(), Ok(0));

    // It works on, also when it is opened again.
    assert_eq!(vault.advance_counter(&first.rp_id, &first.id), Ok(8));
    let fresh = Credential { id: CredentialId(vec![4; 32]), ..self::stored().into_iter().next().unwrap() };
    assert_eq!(vault.insert(&fresh, &NO_LIMITS).unwrap().unwrap().id, first.id);
    vault.close();
    assert_eq!(images(&open(&path).discoverable("example.com").unwrap()), [image(&fresh)]);
}

#[test]
fn schema_1_opens() {
    opens("v1.sqlite", &[]);
    let folder = tempfile::tempdir().unwrap();
    let vault = copy("v1.sqlite", &folder);
    assert!(vault.computers().unwrap().is_empty() && vault.registrations().unwrap().is_empty());
    assert!(vault.pending_pairings().unwrap().is_empty());
    fill(&vault);
    filled(&vault);
}

#[test]
fn processes_that_meet_an_older_file_bring_it_up_to_date_once() {
    for _ in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v1.sqlite");
        fs::copy(fixture("v1.sqlite"), &path).unwrap();
        std::thread::scope(|scope| {
            for number in 0..4_u8 {
                let path = &path;
                scope.spawn(move || assert_eq!(open(path).admit_code(&[number; 16], NOW, 300), Ok(true)));
            }
        });
        let vault = open(&path);
        assert!((0..4_u8).all(|number| vault.admit_code(&[number; 16], NOW, 300) == Ok(false)));
        assert_eq!(vault.list().unwrap().len(), stored().len());
    }
}

#[test]
fn schema_2_opens() {
    opens("v2.sqlite", &[]);
    let folder = tempfile::tempdir().unwrap();
    let vault = copy("v2.sqlite", &folder);
    filled(&vault);

    // It works on: the pairing is completed, a PIN is shown, the event is reported.
    vault.complete_pairing("request-2", &registration(), Some(&computer())).unwrap();
    assert_eq!(vault.computers().unwrap(), [computer()]);
    assert_eq!(vault.list().unwrap()[0], pending_passkey().summary());
    vault.forget_events(&[1]).unwrap();
    vault.queue_event(TENANT, b"another").unwrap();
    assert_eq!(vault.queued_events(TENANT, 9).unwrap(), [(2, b"another".to_vec())]);
}

#[test]
fn schema_3_opens() {
    opens("v3.sqlite", &[hidden()]);
    let folder = tempfile::tempdir().unwrap();
    let vault = copy("v3.sqlite", &folder);
    filled(&vault);
    assert!(vault.discoverable(&hidden().rp_id).unwrap().is_empty());
    vault.unhide(&hidden().id).unwrap();
    let shown = Credential { hidden: false, ..hidden() };
    assert_eq!(images(&vault.discoverable(&shown.rp_id).unwrap()), [image(&shown)]);
}

#[test]
fn schema_4_opens() {
    opens("v4.sqlite", &[hidden()]);
    let folder = tempfile::tempdir().unwrap();
    filled(&copy("v4.sqlite", &folder));
}

#[test]
fn what_is_damaged_in_an_older_file_is_kept_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v3.sqlite");
    fs::copy(fixture("v3.sqlite"), &path).unwrap();
    let kept = |sql: &str| -> Vec<u8> {
        Connection::open(&path).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    // One whose relying party cannot be told any more, and one that was found damaged before.
    let broken =
        "UPDATE credential SET rp = x'FF' WHERE id = 1; UPDATE credential SET damaged = 1 WHERE id = 2";
    Connection::open(&path).unwrap().execute_batch(broken).unwrap();
    let before = [1, 2].map(|id| kept(&format!("SELECT record FROM credential WHERE id = {id}")));

    let vault = open(&path);
    let [_, _, third] = stored();
    let sound = [hidden().summary(), third.summary()];
    assert_eq!(vault.list().unwrap().iter().filter(|found| sound.contains(found)).count(), 2);
    assert_eq!((vault.list().unwrap().len(), vault.damaged()), (2, Ok(2)));
    let after = [1, 2].map(|id| kept(&format!("SELECT record FROM credential WHERE number = {id}")));
    assert_eq!(after, before);
}

/// A process may go on with the library from before while another one brings the file up to date.
#[test]
fn a_library_from_before_that_has_the_file_open_changes_nothing_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v3.sqlite");
    fs::copy(fixture("v3.sqlite"), &path).unwrap();
    let before = Connection::open(&path).unwrap();
    let statements = [
        "UPDATE credential SET counter = x'00' WHERE id = 1",
        "UPDATE credential SET record = x'00' WHERE id = 1",
        "UPDATE credential SET damaged = 1 WHERE id = 1 AND damaged = 0",
        "DELETE FROM credential WHERE id = 1",
        "INSERT INTO credential (id, lookup, rp, account, record, secret, counter, last_used)
         VALUES (9, x'00', x'00', x'00', x'00', x'00', x'00', x'00')",
    ];
    let mut prepared = statements.map(|sql| before.prepare(sql).unwrap());
    let vault = open(&path);
    let list = vault.list().unwrap();
    for (sql, statement) in statements.iter().zip(&mut prepared) {
        let refused = statement.execute([]).unwrap_err();
        assert!(refused.to_string().contains("column"), "{sql}: {refused}");
    }
    assert_eq!((vault.list().unwrap(), vault.damaged()), (list, Ok(0)));
}

/// Gives a cell a value that its table does not admit, as a flipped bit in the file does.
fn force(path: &Path, assignment: &str, row: &str) {
    let schema = |change: &str| {
        let sql = format!(
            "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = {change} WHERE name = 'credential'"
        );
        Connection::open(path).unwrap().execute_batch(&sql).unwrap();
    };
    let strict: String = Connection::open(path)
        .unwrap()
        .query_row("SELECT sql FROM sqlite_schema WHERE name = 'credential'", [], |row| row.get(0))
        .unwrap();
    schema("replace(replace(sql, ' NOT NULL', ''), ' STRICT', '')");
    let connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "ignore_check_constraints", true).unwrap();
    let sql = format!("UPDATE credential SET {assignment} WHERE {row} = 1");
    assert_eq!(connection.execute(&sql, []), Ok(1), "{assignment}");
    drop(connection);
    schema(&format!("'{}'", strict.replace('\'', "''")));
}

#[test]
fn a_cell_of_another_type_in_an_older_file_costs_its_own_passkey_alone() {
    for (assignment, damaged) in [
        ("lookup = 'text'", 1),
        ("lookup = NULL", 1),
        ("rp = 'text'", 1),
        ("rp = NULL", 1),
        ("account = 1.5", 1),
        ("record = NULL", 1),
        ("secret = 'text'", 1),
        ("counter = 7", 1),
        ("damaged = NULL", 1),
        ("damaged = 2", 1),
        ("last_used = NULL", 0),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v3.sqlite");
        fs::copy(fixture("v3.sqlite"), &path).unwrap();
        force(&path, assignment, "id");
        let vault = open(&path);
        assert_eq!(vault.list().unwrap().len(), 4 - damaged, "{assignment}");
        assert_eq!(vault.damaged(), Ok(u32::try_from(damaged).unwrap()), "{assignment}");
    }
}

#[test]
fn a_number_of_another_type_costs_its_own_passkey_alone() {
    for assignment in ["number = NULL", "number = 'text'", "position = 1"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v4.sqlite");
        fs::copy(fixture("v4.sqlite"), &path).unwrap();
        force(&path, assignment, "number");
        assert_eq!(open(&path).list().unwrap().len(), 3, "{assignment}");
    }
}

const TENANT: &str = "https://login.corp.example:8443";
const NOW: u64 = 1_767_312_000;

fn copy(name: &str, folder: &tempfile::TempDir) -> Arc<Vault> {
    let path = folder.path().join(name);
    fs::copy(fixture(name), &path).unwrap();
    open(&path)
}

fn computer() -> Computer {
    Computer {
        machine_id: "8f2c1a50-machine".to_owned(),
        name: "Büro".to_owned(),
        machine_name: "DESKTOP-1".to_owned(),
        os_user: "CORP\\alice".to_owned(),
        tenant: TENANT.to_owned(),
        rp_app_id: "HYPRDefaultWorkstationApplication".to_owned(),
        device_id: "device-1".to_owned(),
        public_key: core::array::from_fn(|index| index as u8),
        pairing_secret: Zeroizing::new([0x41; 32]),
        credential_id: CredentialId(vec![5; 32]),
        rp_id: "login.microsoft.com".to_owned(),
        paired_at: 1_767_225_600,
        last_online_at: Some(1_767_312_000),
        leaving: true,
    }
}

fn registration() -> Registration {
    Registration {
        device_id: "device-1".to_owned(),
        tenant: TENANT.to_owned(),
        username: "alice@corp.example".to_owned(),
        token: Zeroizing::new("a bearer token".to_owned()),
        credential_id: CredentialId(vec![5; 32]),
        rp_id: "login.microsoft.com".to_owned(),
        registered_at: 1_767_225_600,
    }
}

fn pairing(request_id: &str) -> PendingPairing {
    PendingPairing {
        request_id: request_id.to_owned(),
        tenant: TENANT.to_owned(),
        nonce: Zeroizing::new([0x42; 32]),
        machine_key: Some([3; 33]),
        started_at: 1_767_225_600,
    }
}

fn pending_passkey() -> Credential {
    let [first, ..] = stored();
    Credential { id: CredentialId(vec![6; 32]), rp_id: "login.microsoft.com".to_owned(), ..first }
}

/// A set of ten PINs as a workstation hands it over.
fn handover(computer_id: &str) -> Vec<u8> {
    let mut map = Writer::new();
    map.map(11).unsigned(1).unsigned(1).unsigned(2).text(computer_id);
    map.unsigned(3).bytes(&[7; 16]).unsigned(4).unsigned(1).unsigned(5).unsigned(10).unsigned(6).unsigned(8);
    map.unsigned(7).unsigned(NOW).unsigned(8).unsigned(NOW + 30 * 86_400);
    map.unsigned(9).unsigned(60).unsigned(10).unsigned(20).unsigned(11).bytes(&[8; 32]);
    map.finish()
}

/// Stores what schema 2 holds beside credentials. Never changed, as [`stored`].
fn fill(vault: &Arc<Vault>) {
    // A registration comes with a pairing alone; its passkey is not of this fixture.
    vault.begin_pairing(&pairing("request-1")).unwrap();
    let own = Credential { id: CredentialId(vec![5; 32]), ..pending_passkey() };
    vault.pending_store("request-1").insert(&own, &NO_LIMITS).unwrap();
    vault.complete_pairing("request-1", &registration(), Some(&computer())).unwrap();
    CredentialStore::delete(&**vault, &own.id).unwrap();

    vault.begin_pairing(&pairing("request-2")).unwrap();
    vault.pending_store("request-2").insert(&pending_passkey(), &NO_LIMITS).unwrap();
    vault.begin_pairing(&PendingPairing { machine_key: None, ..pairing("request-3") }).unwrap();
    let ledger = Ledger::new(vault.clone());
    ledger.accept("other-machine", &handover("other-machine"), NOW).unwrap();
    ledger.display("other-machine", NOW).unwrap();
    vault.queue_event(TENANT, b"an event").unwrap();
    assert_eq!(vault.admit_code(&[9; 16], NOW, 300), Ok(true));
}

/// What [`fill`] stored is there.
fn filled(vault: &Arc<Vault>) {
    assert_eq!(vault.computers().unwrap(), [computer()]);
    assert_eq!(vault.registrations().unwrap(), [registration()]);
    let without_key = PendingPairing { machine_key: None, ..pairing("request-3") };
    assert_eq!(vault.pending_pairings().unwrap(), [pairing("request-2"), without_key]);
    assert!(vault.pending_passkey("request-2").unwrap() == Some(pending_passkey().summary()));
    assert_eq!(vault.pending_passkey("request-3"), Ok(None));
    let pending = vault.pending_store("request-2").get("login.microsoft.com", &CredentialId(vec![6; 32]));
    assert_eq!(pending.unwrap().as_ref().map(image), Some(image(&pending_passkey())));
    let shown = Ledger::new(vault.clone()).display("other-machine", NOW + 30).unwrap();
    assert_eq!((shown.pin.expose(), shown.status.remaining), ("ZR1XFEJW", 9));
    assert_eq!(vault.queued_events(TENANT, 9).unwrap(), [(1, b"an event".to_vec())]);
    assert_eq!(vault.admit_code(&[9; 16], NOW, 300), Ok(false));
    assert_eq!(vault.damaged(), Ok(0));
}

/// What schema 3 holds beside that. Never changed, as [`stored`].
fn hidden() -> Credential {
    let [.., third] = stored();
    Credential {
        id: CredentialId(vec![7; 32]),
        rp_id: "hidden.example".to_owned(),
        prf_secret: Some(PrfSecret::unseal(Zeroizing::new([0x51; 32]))),
        hidden: true,
        ..third
    }
}

/// Writes the fixture of the newest schema, once, before its release:
/// `cargo test -p latchkey-vault --test released_schemas -- --ignored`
#[test]
#[ignore = "writes a fixture"]
fn write_fixture() {
    let path = fixture("v4.sqlite");
    assert!(!path.exists(), "a released fixture is not written again");
    fs::create_dir_all(fixture("")).unwrap();
    let vault = open(&path);
    for credential in stored() {
        vault.insert(&credential, &NO_LIMITS).unwrap();
    }
    fill(&vault);
    vault.insert(&hidden(), &NO_LIMITS).unwrap();
    vault.close();
}
