//! A process that is killed at any moment loses nothing that it acknowledged, and leaves nothing half
//! done.
//!
//! A child changes a vault and says so after each change; it is killed with SIGKILL, hundreds of times
//! when `LATCHKEY_CRASH_ROUNDS` says so. What it said must be true of the vault that it left behind.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout)]

mod credentials;
mod offline_pins;
mod pairings;

use std::env;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use latchkey_authenticator::ports::Rng;
use latchkey_authenticator::testing::SoftwareKeyVault;
use latchkey_vault::Vault;
use rand_core::{OsRng, RngCore as _};
use rusqlite::Connection;

const VAULT: &str = "LATCHKEY_TEST_VAULT";
const FIRST: &str = "LATCHKEY_TEST_FIRST";
const ROUNDS: &str = "LATCHKEY_CRASH_ROUNDS";

/// Rounds on one vault; then a new one, so that its creation is interrupted too.
const ROUNDS_PER_VAULT: u32 = 25;

/// How long children live at most, where one does something in that time: from before it has opened the
/// vault to after dozens of changes.
const SHORTEST: Duration = Duration::from_millis(60);

struct SystemRng;

impl Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) {
        OsRng.fill_bytes(bytes);
    }
}

fn open(path: &Path) -> Arc<Vault> {
    Arc::new(Vault::open(path, &SoftwareKeyVault::new(1), Arc::new(SystemRng)).unwrap())
}

/// Kills children round by round. `check` is told the vault's file, and what the child acknowledged;
/// what it knows of that vault is in `T`. It returns the number that the next child begins with.
fn in_rounds<T: Default>(child: &str, mut check: impl FnMut(&Path, &[Did], &mut T) -> u32) {
    let rounds = env::var(ROUNDS).map_or(50, |rounds| rounds.parse().unwrap());
    let mut folder = tempfile::tempdir().unwrap();
    let mut known = T::default();
    let (mut acknowledged, mut next) = (0, 0);
    let mut longest = SHORTEST;
    for round in 0..rounds {
        if round % ROUNDS_PER_VAULT == 0 {
            folder = tempfile::tempdir().unwrap();
            known = T::default();
        }
        let path = folder.path().join("vault.sqlite");
        let done = run_and_kill(child, &path, next, longest);
        // On a busy machine a child needs longer to begin.
        longest = if done.is_empty() { longest * 2 } else { longest / 2 }.clamp(SHORTEST, 32 * SHORTEST);
        acknowledged += done.len();
        // What was under way may have had the next number.
        next = check(&path, &done, &mut known).max(next) + 1;
        integrity(&path);
    }
    println!("{rounds} kills, {acknowledged} acknowledged changes, none lost");
    assert!(acknowledged > rounds as usize, "the children were killed before they did anything");
}

/// A change that a child acknowledged.
struct Did {
    what: String,
    number: u32,
    value: String,
}

/// Lets a child work for a random time, `longest` at most, and returns what it acknowledged.
fn run_and_kill(test: &str, path: &Path, first: u32, longest: Duration) -> Vec<Did> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(VAULT, path)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    sleep(longest.mul_f64(f64::from(OsRng.next_u32()) / f64::from(u32::MAX)));
    child.kill().unwrap();
    child.wait().unwrap();
    let mut output = String::new();
    child.stdout.take().unwrap().read_to_string(&mut output).unwrap();

    // A line counts only if it is whole.
    let lines = output.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
    lines
        .filter_map(|line| {
            let words: Vec<_> = line.split(' ').collect();
            let ["did", what, number, value] = words[..] else { return None };
            let (what, value) = (what.to_owned(), value.to_owned());
            Some(Did { what, number: number.parse().unwrap(), value })
        })
        .collect()
}

/// Where the child works and the number it begins with, if this process is one.
fn in_the_child() -> Option<(PathBuf, u32)> {
    Some((env::var_os(VAULT)?.into(), env::var(FIRST).ok()?.parse().unwrap()))
}

/// Acknowledges a change.
fn did(what: &str, number: u32, value: impl core::fmt::Display) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "did {what} {number} {value}").unwrap();
    out.flush().unwrap();
}

fn integrity(path: &Path) {
    let raw = Connection::open(path).unwrap();
    let integrity: String = raw.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(integrity, "ok");
}
