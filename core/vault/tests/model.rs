//! Random operations give the same results on the vault, closed and opened in between, as on the
//! store in memory.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use std::path::Path;
use std::sync::Arc;

use latchkey_authenticator::Signal;
use latchkey_authenticator::credential::{Credential, CredentialId, CredentialSummary};
use latchkey_authenticator::ports::{CredentialStore, InsertLimits, StoreError};
use latchkey_authenticator::store_contract::{Image, credential, image, images};
use latchkey_authenticator::testing::{MemoryStore, SeededRng, SoftwareKeyVault};
use latchkey_ctap::User;
use latchkey_vault::Vault;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Operation {
    Insert {
        id: u8,
        rp: u8,
        user: u8,
        discoverable: bool,
        counter: Option<u32>,
        limits: (usize, Option<usize>, bool),
    },
    Get {
        rp: u8,
        id: u8,
    },
    Discoverable {
        rp: u8,
    },
    Advance {
        rp: u8,
        id: u8,
    },
    NoteUse {
        id: u8,
        at: u64,
    },
    Rename {
        id: u8,
        label: String,
    },
    Signal {
        rp: u8,
        about: Signal,
    },
    Unhide {
        id: u8,
    },
    Delete {
        id: u8,
    },
    Reopen,
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Credentials(Vec<Image>),
    Count(u32),
    Changed(Vec<CredentialSummary>),
    Done,
}

/// Few values, so that operations meet.
fn operation() -> impl Strategy<Value = Operation> {
    let (id, rp, user) = (|| 1..9_u8, || 0..3_u8, || 0..3_u8);
    let counter = prop_oneof![Just(None), Just(Some(0)), Just(Some(u32::MAX - 1))];
    let limits = (1..4_usize, prop::option::of(1..4_usize), any::<bool>());
    prop_oneof![
        4 => (id(), rp(), user(), any::<bool>(), counter, limits).prop_map(
            |(id, rp, user, discoverable, counter, limits)| {
                Operation::Insert { id, rp, user, discoverable, counter, limits }
            }
        ),
        1 => (rp(), id()).prop_map(|(rp, id)| Operation::Get { rp, id }),
        1 => rp().prop_map(|rp| Operation::Discoverable { rp }),
        2 => (rp(), id()).prop_map(|(rp, id)| Operation::Advance { rp, id }),
        1 => (id(), any::<u64>()).prop_map(|(id, at)| Operation::NoteUse { id, at }),
        1 => (id(), "[a-zß]{0,3}").prop_map(|(id, label)| Operation::Rename { id, label }),
        2 => (rp(), signal()).prop_map(|(rp, about)| Operation::Signal { rp, about }),
        1 => id().prop_map(|id| Operation::Unhide { id }),
        1 => id().prop_map(|id| Operation::Delete { id }),
        1 => Just(Operation::Reopen),
    ]
}

fn signal() -> impl Strategy<Value = Signal> {
    let id = |number: u8| CredentialId(vec![number; 32]);
    let (name, display_name) = (prop::option::of("[a-zß]{0,3}"), prop::option::of("[a-zß]{0,3}"));
    prop_oneof![
        (1..9_u8).prop_map(move |number| Signal::Unknown(id(number))),
        (0..3_u8, prop::collection::vec(1..9_u8, 0..6)).prop_map(move |(user, ids)| Signal::Accepted {
            user_handle: vec![user],
            ids: ids.into_iter().map(id).collect(),
        }),
        (0..3_u8, name, display_name).prop_map(|(user, name, display_name)| Signal::UserDetails(User {
            id: vec![user],
            name,
            display_name
        })),
    ]
}

fn rp_id(rp: u8) -> String {
    format!("rp{rp}.example")
}

fn apply(store: &dyn CredentialStore, operation: &Operation) -> Result<Outcome, StoreError> {
    let id = |number: u8| CredentialId(vec![number; 32]);
    let one = |credential: Option<Credential>| Outcome::Credentials(credential.iter().map(image).collect());
    match operation {
        Operation::Insert { id, rp, user, discoverable, counter, limits: (per_user, per_rp, replaces) } => {
            let new = Credential {
                discoverable: *discoverable,
                sign_count: *counter,
                ..credential(*id, &rp_id(*rp), &[*user])
            };
            store
                .insert(&new, &InsertLimits { per_user: *per_user, per_rp: *per_rp, replaces: *replaces })
                .map(one)
        }
        Operation::Get { rp, id: number } => store.get(&rp_id(*rp), &id(*number)).map(one),
        Operation::Discoverable { rp } => {
            store.discoverable(&rp_id(*rp)).map(|all| Outcome::Credentials(images(&all)))
        }
        Operation::Advance { rp, id: number } => {
            store.advance_counter(&rp_id(*rp), &id(*number)).map(Outcome::Count)
        }
        Operation::NoteUse { id: number, at } => store.note_use(&id(*number), *at).map(|()| Outcome::Done),
        Operation::Rename { id: number, label } => store.rename(&id(*number), label).map(|()| Outcome::Done),
        Operation::Signal { rp, about } => store.signal(&rp_id(*rp), about).map(Outcome::Changed),
        Operation::Unhide { id: number } => store.unhide(&id(*number)).map(|()| Outcome::Done),
        Operation::Delete { id: number } => store.delete(&id(*number)).map(|gone| one(Some(gone))),
        Operation::Reopen => Ok(Outcome::Done),
    }
}

/// Everything that can be seen.
fn everything(store: &dyn CredentialStore) -> (Vec<CredentialSummary>, Vec<Vec<Image>>) {
    let list = store.list().unwrap();
    let discoverable = (0..3).map(|rp| images(&store.discoverable(&rp_id(rp)).unwrap())).collect();
    (list, discoverable)
}

fn open(path: &Path, seed: u64) -> Vault {
    Vault::open(path, &SoftwareKeyVault::new(1), Arc::new(SeededRng::new(seed))).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn vault_and_memory_agree(operations in prop::collection::vec(operation(), 1..60)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault.sqlite");
        let memory = MemoryStore::new();
        let mut vault = open(&path, 0);
        for (number, operation) in (1..).zip(&operations) {
            if let Operation::Reopen = operation {
                vault.close();
                vault = open(&path, number);
            }
            prop_assert_eq!(apply(&vault, operation), apply(&memory, operation), "{:?}", operation);
        }
        prop_assert_eq!(everything(&vault), everything(&memory));
        prop_assert_eq!(vault.damaged(), Ok(0));
    }
}
