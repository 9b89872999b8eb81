//! Credentials: made, used, renamed and deleted.

use std::collections::BTreeMap;
use std::path::Path;

use latchkey_authenticator::credential::{Credential, CredentialId};
use latchkey_authenticator::ports::CredentialStore;
use latchkey_authenticator::store_contract::{NO_LIMITS, credential};

use crate::{Did, did, in_rounds, in_the_child, open};

fn numbered(number: u32) -> Credential {
    let id = CredentialId(number.to_be_bytes().repeat(8));
    Credential { id, ..credential(1, "example.com", &number.to_be_bytes()) }
}

/// What is known of a credential: acknowledged changes, and that a further one may have happened.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    counter: u32,
    renamed: bool,
    deleted: bool,
}

#[test]
fn nothing_acknowledged_is_lost() {
    in_rounds("credentials::child", |path, done, known: &mut BTreeMap<u32, Known>| {
        for Did { what, number, value } in done {
            let credential = known.entry(*number).or_default();
            match what.as_str() {
                "insert" => {}
                "count" => credential.counter = value.parse().unwrap(),
                "rename" => credential.renamed = true,
                "delete" => credential.deleted = true,
                other => panic!("{other}"),
            }
        }
        check(path, known)
    });
}

/// Compares the vault with what is known, takes over what happened without an acknowledgement, and
/// returns the first number that is free.
fn check(path: &Path, known: &mut BTreeMap<u32, Known>) -> u32 {
    let vault = open(path);
    let mut found = BTreeMap::new();
    for credential in vault.discoverable("example.com").unwrap() {
        let number = u32::from_be_bytes(credential.id.0[..4].try_into().unwrap());
        assert_eq!(credential.id, numbered(number).id);
        let counter = credential.sign_count.unwrap();
        let renamed = credential.label.as_deref() == Some("renamed");
        found.insert(number, Known { counter, renamed, deleted: false });
    }
    // One change at most was under way, and only one.
    let mut unacknowledged = 0;
    for (number, known) in &*known {
        match found.get(number) {
            Some(found) => {
                assert!(!known.deleted, "{number} came back");
                assert!(found.counter >= known.counter, "the counter of {number} went back");
                assert!(found.renamed || !known.renamed, "{number} lost its name");
                unacknowledged += found.counter - known.counter + u32::from(found.renamed != known.renamed);
            }
            None => unacknowledged += u32::from(!known.deleted),
        }
    }
    unacknowledged += found.keys().filter(|number| !known.contains_key(number)).count() as u32;
    assert!(unacknowledged <= 1, "{unacknowledged} changes that nobody acknowledged");

    assert_eq!(vault.list().unwrap().len(), found.len());
    assert_eq!(vault.damaged(), Ok(0));
    vault.close();
    let gone = known.keys().copied().filter(|number| !found.contains_key(number));
    let next = gone.chain(found.keys().copied()).max().map_or(0, |number| number + 1);
    *known = found;
    next
}

/// The process that is killed; a test like any other when it is not told where.
#[test]
fn child() {
    let Some((path, first)) = in_the_child() else { return };
    let vault = open(&path);
    for number in first.. {
        let credential = numbered(number);
        assert!(vault.insert(&credential, &NO_LIMITS).unwrap().is_none());
        did("insert", number, 0);
        for _ in 0..3 {
            vault.note_use(&credential.id, 1).unwrap();
            did("count", number, vault.advance_counter("example.com", &credential.id).unwrap());
        }
        vault.rename(&credential.id, "renamed").unwrap();
        did("rename", number, 0);
        if number % 3 != 0 {
            vault.delete(&credential.id).unwrap();
            did("delete", number, 0);
        }
    }
}
