//! Several processes on one vault, as app and extension are: nothing is lost, no counter value and no
//! offline PIN is given out twice, and no code is served twice.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use std::collections::BTreeSet;
use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use latchkey_authenticator::credential::{Credential, CredentialId};
use latchkey_authenticator::ports::{CredentialStore, InsertLimits, StoreError};
use latchkey_authenticator::store_contract::{NO_LIMITS, credential};
use latchkey_authenticator::testing::{SeededRng, SoftwareKeyVault};
use latchkey_ctap::cbor::Writer;
use latchkey_offline::Ledger;
use latchkey_vault::Vault;

const VAULT: &str = "LATCHKEY_TEST_VAULT";
const CHILD: &str = "LATCHKEY_TEST_CHILD";
const CHILDREN: u8 = 3;
const ROUNDS: u8 = 30;
const COMPUTER: &str = "machine-1";
const NOW: u64 = 1_800_000_000;

fn open(path: &Path, seed: u8) -> Arc<Vault> {
    let rng = Arc::new(SeededRng::new(seed.into()));
    Arc::new(Vault::open(path, &SoftwareKeyVault::new(1), rng).unwrap())
}

/// A set of 100 PINs as a workstation hands it over.
fn handover() -> Vec<u8> {
    let mut map = Writer::new();
    map.map(11).unsigned(1).unsigned(1).unsigned(2).text(COMPUTER);
    map.unsigned(3)
        .bytes(&[7; 16])
        .unsigned(4)
        .unsigned(1)
        .unsigned(5)
        .unsigned(100)
        .unsigned(6)
        .unsigned(13);
    map.unsigned(7).unsigned(NOW).unsigned(8).unsigned(NOW + 30 * 86_400);
    map.unsigned(9).unsigned(60).unsigned(10).unsigned(20).unsigned(11).bytes(&[8; 32]);
    map.finish()
}

fn id(child: u8, round: u8) -> CredentialId {
    CredentialId([child, round].repeat(16))
}

#[test]
fn processes_share_a_vault() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.sqlite");
    let children: Vec<_> = (1..=CHILDREN)
        .map(|child| {
            Command::new(env::current_exe().unwrap())
                .args(["--exact", "child", "--nocapture"])
                .env(VAULT, &path)
                .env(CHILD, child.to_string())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let (mut counted, mut shown, mut admitted) = (Vec::new(), Vec::new(), Vec::new());
    for child in children {
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text}");
        let values: Vec<u32> =
            text.lines().filter_map(|line| line.strip_prefix("counted ")?.parse().ok()).collect();
        assert_eq!(values.len(), usize::from(ROUNDS));
        assert!(values.is_sorted_by(|earlier, later| earlier < later), "{values:?}");
        counted.extend(values);
        let after =
            |prefix| text.lines().filter_map(move |line| line.strip_prefix(prefix)).map(str::to_owned);
        shown.extend(after("showed "));
        admitted.extend(after("admitted "));
    }
    counted.sort_unstable();
    let total = u32::from(CHILDREN) * u32::from(ROUNDS);
    assert_eq!(counted, (1..=total).collect::<Vec<_>>());

    assert_eq!(shown.len(), usize::from(CHILDREN) * usize::from(ROUNDS));
    assert_eq!(shown.iter().collect::<BTreeSet<_>>().len(), shown.len());
    // Everybody tried every code.
    assert_eq!(admitted.len(), usize::from(ROUNDS));
    assert_eq!(admitted.iter().collect::<BTreeSet<_>>().len(), admitted.len());

    let vault = open(&path, 0);
    for child in 1..=CHILDREN {
        for round in 0..ROUNDS {
            assert!(vault.get("own.example", &id(child, round)).unwrap().is_some(), "{child} {round}");
        }
    }
    let shared = vault.get("shared.example", &CredentialId(vec![200; 32])).unwrap().unwrap();
    assert_eq!(shared.sign_count, Some(total));
    // Of the credentials that every process made for the same user, one is left.
    assert_eq!(vault.discoverable("contested.example").unwrap().len(), 1);
    assert_eq!(vault.list().unwrap().len(), usize::from(CHILDREN) * usize::from(ROUNDS) + 2);
    assert_eq!(vault.damaged(), Ok(0));
    vault.close();
    assert_eq!(folder.path().read_dir().unwrap().count(), 1);
}

/// What each process does; a test like any other when it is not told where.
#[test]
fn child() {
    let (Some(path), Ok(child)) = (env::var_os(VAULT), env::var(CHILD)) else { return };
    let child: u8 = child.parse().unwrap();
    let mut vault = open(Path::new(&path), child);
    let shared = credential(200, "shared.example", b"shared");
    match vault.insert(&shared, &NO_LIMITS) {
        Ok(None) | Err(StoreError::DuplicateId) => {}
        other => panic!("{other:?}"),
    }
    let mut ledger = Ledger::new(vault.clone());
    ledger.accept(COMPUTER, &handover(), NOW).unwrap();
    for round in 0..ROUNDS {
        println!("counted {}", vault.advance_counter("shared.example", &shared.id).unwrap());
        let own = Credential { id: id(child, round), ..credential(1, "own.example", &[child, round]) };
        assert!(vault.insert(&own, &NO_LIMITS).unwrap().is_none());
        vault.note_use(&own.id, round.into()).unwrap();
        let one = InsertLimits { per_user: 1, per_rp: Some(1), replaces: true };
        let contested =
            Credential { id: id(100 + child, round), ..credential(1, "contested.example", b"everyone") };
        vault.insert(&contested, &one).unwrap();
        assert_eq!(vault.get("own.example", &own.id).unwrap().unwrap().last_used_at, Some(round.into()));
        // Further apart than a display lasts, so that each burns a PIN of its own.
        let now = NOW + 1000 * (u64::from(round) * u64::from(CHILDREN) + u64::from(child));
        println!("showed {}", ledger.display(COMPUTER, now).unwrap().pin.expose());
        if vault.admit_code(&[round; 16], NOW, 300).unwrap() {
            println!("admitted {round}");
        }
        if round % 8 == 7 {
            vault.close();
            vault = open(Path::new(&path), child.wrapping_mul(50).wrapping_add(round));
            ledger = Ledger::new(vault.clone());
        }
    }
    vault.close();
}
