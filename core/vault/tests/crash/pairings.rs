//! Pairings: begun, made, and completed or given up. Whatever happens, a passkey is visible exactly if
//! its registration and its computer are, and the phone knows what it has to ask the server about.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use latchkey_authenticator::credential::{Credential, CredentialId};
use latchkey_authenticator::ports::{CredentialStore, StoreError};
use latchkey_authenticator::store_contract::{NO_LIMITS, credential};
use latchkey_vault::{Computer, PendingPairing, Registration, Vault};
use rand_core::{OsRng, RngCore as _};
use zeroize::Zeroizing;

use crate::{Did, did, in_rounds, in_the_child, open};

const RP: &str = "login.microsoft.com";

/// Two accounts take turns: each pairing replaces the passkey of the last but one.
const ACCOUNTS: u32 = 2;

fn pairing(number: u32) -> PendingPairing {
    PendingPairing {
        request_id: number.to_string(),
        tenant: "https://login.corp.example".to_owned(),
        nonce: Zeroizing::new([7; 32]),
        machine_key: None,
        started_at: 1_800_000_000,
    }
}

fn passkey(number: u32) -> Credential {
    let account = (number % ACCOUNTS).to_be_bytes();
    Credential { id: CredentialId(number.to_be_bytes().repeat(8)), ..credential(1, RP, &account) }
}

fn complete(vault: &Vault, number: u32) -> Result<Option<Credential>, StoreError> {
    let registration = Registration {
        device_id: number.to_string(),
        tenant: "https://login.corp.example".to_owned(),
        username: "user@corp.example".to_owned(),
        token: Zeroizing::new("token".to_owned()),
        credential_id: passkey(number).id,
        rp_id: RP.to_owned(),
        registered_at: 1_800_000_000,
    };
    let computer = Computer {
        machine_id: number.to_string(),
        name: "Laptop".to_owned(),
        machine_name: "LAPTOP".to_owned(),
        os_user: "user".to_owned(),
        tenant: registration.tenant.clone(),
        rp_app_id: "HYPRDefaultWorkstationApplication".to_owned(),
        device_id: number.to_string(),
        public_key: [2; 33],
        pairing_secret: Zeroizing::new([9; 32]),
        credential_id: registration.credential_id.clone(),
        rp_id: RP.to_owned(),
        paired_at: 1_800_000_000,
        last_online_at: None,
        leaving: false,
    };
    vault.complete_pairing(&number.to_string(), &registration, Some(&computer))
}

/// How far a pairing has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Begun = 1,
    Made = 2,
    Ended = 3,
}

/// Every third one is given up.
const fn is_given_up(number: u32) -> bool {
    number.is_multiple_of(3)
}

#[test]
fn nothing_is_half_paired() {
    in_rounds("pairings::child", |path, done, completed: &mut BTreeSet<u32>| {
        let mut acknowledged = BTreeMap::new();
        for Did { what, number, .. } in done {
            let stage = match what.as_str() {
                "begin" => Stage::Begun,
                "make" => Stage::Made,
                "end" => Stage::Ended,
                other => panic!("{other}"),
            };
            acknowledged.insert(*number, stage);
        }
        check(path, &acknowledged, completed)
    });
}

/// Compares the vault with what is known, ends what was interrupted, and returns the first number that
/// is free. `completed` are the pairings of earlier rounds.
fn check(path: &Path, acknowledged: &BTreeMap<u32, Stage>, completed: &mut BTreeSet<u32>) -> u32 {
    let vault = open(path);
    let pending: BTreeMap<u32, Stage> = vault
        .pending_pairings()
        .unwrap()
        .iter()
        .map(|pairing| {
            let made = vault.pending_passkey(&pairing.request_id).unwrap().is_some();
            (pairing.request_id.parse().unwrap(), if made { Stage::Made } else { Stage::Begun })
        })
        .collect();
    let paired = paired(&vault);
    assert!(paired.is_superset(completed), "a computer was lost");

    // One step at most was under way, and only one.
    let numbers: BTreeSet<u32> =
        acknowledged.keys().chain(pending.keys()).chain(paired.difference(completed)).copied().collect();
    let mut unacknowledged = 0;
    for number in &numbers {
        let known = acknowledged.get(number).map_or(0, |stage| *stage as u32);
        let found = match pending.get(number) {
            Some(stage) => *stage,
            None => Stage::Ended,
        };
        assert_eq!(
            paired.contains(number),
            found == Stage::Ended && !is_given_up(*number),
            "{number} is half paired"
        );
        assert!(found as u32 >= known, "{number} went back");
        unacknowledged += found as u32 - known;
    }
    assert!(unacknowledged <= 1, "{unacknowledged} steps that nobody acknowledged");

    // What the phone does when it is opened again: the server decides how each one ends.
    for (number, stage) in &pending {
        if *stage == Stage::Made && OsRng.next_u32().is_multiple_of(2) {
            complete(&vault, *number).unwrap();
        } else {
            let gone = vault.abandon_pairing(&number.to_string()).unwrap();
            assert_eq!(gone.is_some(), *stage == Stage::Made);
        }
    }
    assert!(vault.pending_pairings().unwrap().is_empty());
    *completed = self::paired(&vault);
    assert_eq!(vault.damaged(), Ok(0));
    vault.close();
    numbers.last().map_or(0, |number| number + 1)
}

/// The pairings that were completed, each with registration, computer and passkey, unless a later one of
/// the same account replaced it.
fn paired(vault: &Vault) -> BTreeSet<u32> {
    let computers: Vec<u32> =
        vault.computers().unwrap().iter().map(|computer| computer.machine_id.parse().unwrap()).collect();
    let registrations: Vec<u32> = vault
        .registrations()
        .unwrap()
        .iter()
        .map(|registration| registration.device_id.parse().unwrap())
        .collect();
    assert_eq!(computers, registrations);
    let passkeys: BTreeSet<CredentialId> =
        vault.list().unwrap().into_iter().map(|summary| summary.id).collect();
    let latest =
        (0..ACCOUNTS).filter_map(|account| computers.iter().rfind(|number| **number % ACCOUNTS == account));
    assert_eq!(passkeys, latest.map(|number| passkey(*number).id).collect());
    computers.into_iter().collect()
}

/// The process that is killed; a test like any other when it is not told where.
#[test]
fn child() {
    let Some((path, first)) = in_the_child() else { return };
    let vault = open(&path);
    for number in first.. {
        let request_id = number.to_string();
        vault.begin_pairing(&pairing(number)).unwrap();
        did("begin", number, 0);
        vault.pending_store(&request_id).insert(&passkey(number), &NO_LIMITS).unwrap();
        did("make", number, 0);
        if is_given_up(number) {
            vault.abandon_pairing(&request_id).unwrap();
        } else {
            complete(&vault, number).unwrap();
        }
        did("end", number, 0);
    }
}
