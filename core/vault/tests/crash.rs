//! A process that is killed at any moment loses nothing that it acknowledged.
//!
//! A child makes, uses, renames and deletes credentials and says so after each; it is killed with
//! SIGKILL, hundreds of times when `LATCHKEY_CRASH_ROUNDS` says so. What it said must be true of the
//! vault that it left behind.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::env;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use latchkey_authenticator::credential::{Credential, CredentialId};
use latchkey_authenticator::ports::{CredentialStore, Rng};
use latchkey_authenticator::store_contract::{NO_LIMITS, credential};
use latchkey_authenticator::testing::SoftwareKeyVault;
use latchkey_vault::Vault;
use rand_core::{OsRng, RngCore as _};
use rusqlite::Connection;

const VAULT: &str = "LATCHKEY_TEST_VAULT";
const FIRST: &str = "LATCHKEY_TEST_FIRST";
const ROUNDS: &str = "LATCHKEY_CRASH_ROUNDS";

/// Rounds on one vault; then a new one, so that its creation is interrupted too.
const ROUNDS_PER_VAULT: u32 = 25;

struct SystemRng;

impl Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) {
        OsRng.fill_bytes(bytes);
    }
}

fn open(path: &Path) -> Vault {
    Vault::open(path, &SoftwareKeyVault::new(1), Arc::new(SystemRng)).unwrap()
}

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
    let rounds = env::var(ROUNDS).map_or(50, |rounds| rounds.parse().unwrap());
    let mut folder = tempfile::tempdir().unwrap();
    let mut known = BTreeMap::new();
    let (mut acknowledged, mut next) = (0, 0);
    for round in 0..rounds {
        if round % ROUNDS_PER_VAULT == 0 {
            folder = tempfile::tempdir().unwrap();
            known.clear();
        }
        let path = folder.path().join("vault.sqlite");
        acknowledged += run_and_kill(&path, next, &mut known);
        next = check(&path, &mut known).max(next);
    }
    println!("{rounds} kills, {acknowledged} acknowledged changes, none lost");
    assert!(acknowledged > rounds, "the children were killed before they did anything");
}

/// Lets a child work for a random time and returns how many changes it acknowledged.
fn run_and_kill(path: &Path, first: u32, known: &mut BTreeMap<u32, Known>) -> u32 {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(VAULT, path)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // From before it has opened the vault to after dozens of changes.
    sleep(Duration::from_micros(u64::from(OsRng.next_u32() % 60_000)));
    child.kill().unwrap();
    child.wait().unwrap();
    let mut output = String::new();
    child.stdout.take().unwrap().read_to_string(&mut output).unwrap();

    let mut acknowledged = 0;
    // A line counts only if it is whole.
    for line in output.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
        let words: Vec<_> = line.split(' ').collect();
        let ["did", what, number, value] = words[..] else { continue };
        let credential: &mut Known = known.entry(number.parse().unwrap()).or_default();
        match what {
            "insert" => {}
            "count" => credential.counter = value.parse().unwrap(),
            "rename" => credential.renamed = true,
            "delete" => credential.deleted = true,
            _ => panic!("{line}"),
        }
        acknowledged += 1;
    }
    acknowledged
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
    let raw = Connection::open(path).unwrap();
    let integrity: String = raw.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(integrity, "ok");

    let gone = known.keys().copied().filter(|number| !found.contains_key(number));
    let next = gone.chain(found.keys().copied()).max().map_or(0, |number| number + 1);
    *known = found;
    next
}

/// The process that is killed; a test like any other when it is not told where.
#[test]
fn child() {
    let (Some(path), Ok(first)) = (env::var_os(VAULT), env::var(FIRST)) else { return };
    let vault = open(Path::new(&path));
    let did = |what: &str, number: u32, value: u32| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "did {what} {number} {value}").unwrap();
        out.flush().unwrap();
    };
    for number in first.parse().unwrap().. {
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
