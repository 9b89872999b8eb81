//! Databases of every released schema open, and everything in them is as it was stored.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use latchkey_authenticator::credential::{Credential, CredentialId};
use latchkey_authenticator::keys::{CredentialKey, SoftwareKey};
use latchkey_authenticator::ports::{CredentialStore, HardwareKey};
use latchkey_authenticator::store_contract::{NO_LIMITS, image, images};
use latchkey_authenticator::testing::{SeededRng, SoftwareKeyVault};
use latchkey_ctap::{Algorithm, CredProtect, PublicKey, User};
use latchkey_vault::Vault;
use zeroize::Zeroizing;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/vault").join(name)
}

fn open(path: &Path) -> Vault {
    Vault::open(path, &SoftwareKeyVault::new(1), Arc::new(SeededRng::new(1))).unwrap()
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
            discoverable: true,
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
            discoverable: false,
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
            discoverable: true,
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

fn opens(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::copy(fixture(name), &path).unwrap();
    let stored = stored();

    let vault = open(&path);
    let [first, second, third] = &stored;
    assert_eq!(vault.list().unwrap(), [third.summary(), second.summary(), first.summary()]);
    for credential in &stored {
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
    opens("v1.sqlite");
}

/// Writes the fixture of the newest schema, once, before its release:
/// `cargo test -p latchkey-vault --test released_schemas -- --ignored`
#[test]
#[ignore = "writes a fixture"]
fn write_fixture() {
    let path = fixture("v1.sqlite");
    assert!(!path.exists(), "a released fixture is not written again");
    fs::create_dir_all(fixture("")).unwrap();
    let vault = open(&path);
    for credential in stored() {
        vault.insert(&credential, &NO_LIMITS).unwrap();
    }
    vault.close();
}
