//! The vault beside the bare costs that it cannot avoid, on the same disk and in the same run:
//! a P-256 signature, and an insert, an update and a commit in SQLite.
//!
//! `cargo bench -p latchkey-vault` prints divan's table, then medians of interleaved rounds, whose
//! ratios hold on a busy machine too. The filled vaults are kept in the target folder: filling one
//! with 100,000 credentials takes that many fsyncs.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use divan::{Bencher, black_box};
use latchkey_authenticator::credential::{Credential, CredentialId};
use latchkey_authenticator::ports::{CredentialStore, InsertLimits, Rng};
use latchkey_authenticator::store_contract::{NO_LIMITS, credential};
use latchkey_authenticator::testing::SoftwareKeyVault;
use latchkey_ctap::cbor::Writer;
use latchkey_offline::Ledger;
use latchkey_vault::{Computer, Vault};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use rand_core::{OsRng, RngCore};
use rusqlite::Connection;
use zeroize::Zeroizing;

const SIZES: [u32; 3] = [10, 10_000, 100_000];
const LIMITS: InsertLimits = InsertLimits { per_user: 5, per_rp: None, replaces: true };

fn main() {
    divan::main();
    if std::env::args().skip(1).all(|argument| argument == "--bench") {
        interleaved();
    }
}

struct SystemRng;

impl Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) {
        OsRng.fill_bytes(bytes);
    }
}

/// Two passkeys per relying party, as sign-in pages see them: a few hundred bytes each.
fn numbered(number: u32) -> Credential {
    let mut id = [0; 32];
    id[..4].copy_from_slice(&number.to_be_bytes());
    Credential {
        id: CredentialId(id.to_vec()),
        sign_count: Some(0),
        ..credential(1, &rp_id(number), &number.to_be_bytes())
    }
}

fn rp_id(number: u32) -> String {
    format!("login.rp-{}.example", number / 2)
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vault-bench");
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn open(path: &Path) -> Vault {
    Vault::open(path, &SoftwareKeyVault::new(1), Arc::new(SystemRng)).unwrap()
}

/// A copy of a vault with `size` credentials, made on the first use.
fn filled(size: u32, name: &str) -> PathBuf {
    let kept = folder().join(format!("{size}.sqlite"));
    if !kept.exists() {
        let filling = folder().join(format!("{size}.filling"));
        let _ = fs::remove_file(&filling);
        let vault = open(&filling);
        for number in 0..size {
            vault.insert(&numbered(number), &NO_LIMITS).unwrap();
        }
        vault.close();
        fs::rename(filling, &kept).unwrap();
    }
    let copy = folder().join(format!("{size}-{name}.sqlite"));
    for suffix in ["", "-wal", "-shm"] {
        let mut path = copy.clone().into_os_string();
        path.push(suffix);
        let _ = fs::remove_file(path);
    }
    fs::copy(kept, &copy).unwrap();
    // Written back now rather than by somebody's fsync later.
    fs::File::open(&copy).unwrap().sync_all().unwrap();
    copy
}

/// When the sets of [`handover`] are issued, in Unix seconds.
const ISSUED: u64 = 1_800_000_000;

/// A set of 100 PINs as a workstation hands it over.
fn handover(computer_id: &str, generation: u64) -> Vec<u8> {
    let mut map = Writer::new();
    map.map(11).unsigned(1).unsigned(1).unsigned(2).text(computer_id);
    map.unsigned(3).bytes(&generation.to_be_bytes().repeat(2)).unsigned(4).unsigned(generation);
    map.unsigned(5).unsigned(100).unsigned(6).unsigned(8);
    map.unsigned(7).unsigned(ISSUED).unsigned(8).unsigned(ISSUED + 30 * 86_400);
    map.unsigned(9).unsigned(60).unsigned(10).unsigned(20).unsigned(11).bytes(&[0xC3; 32]);
    map.finish()
}

/// A copy of a vault with 10 credentials, and 20 computers with offline PINs.
fn paired(name: &str) -> PathBuf {
    let path = filled(10, name);
    let vault = Arc::new(open(&path));
    let ledger = Ledger::new(vault.clone());
    for number in 0..20 {
        let computer = Computer {
            machine_id: format!("machine-{number}"),
            name: "Laptop".to_owned(),
            machine_name: "DESKTOP-1234567".to_owned(),
            os_user: "CORP\\user".to_owned(),
            tenant: "https://login.corp.example".to_owned(),
            rp_app_id: "HYPRDefaultWorkstationApplication".to_owned(),
            device_id: "device".to_owned(),
            public_key: [7; 33],
            pairing_secret: Zeroizing::new([7; 32]),
            credential_id: CredentialId(vec![7; 32]),
            rp_id: "login.microsoft.com".to_owned(),
            paired_at: ISSUED,
            last_online_at: Some(ISSUED),
            leaving: false,
        };
        vault.put_computer(&computer).unwrap();
        ledger.accept(&computer.machine_id, &handover(&computer.machine_id, 1), ISSUED).unwrap();
    }
    vault.close();
    path
}

/// Numbers all over `0..size`, never the same twice in a row.
fn scattered(size: u32) -> impl FnMut() -> u32 {
    let mut state = 1_u32;
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % size
    }
}

/// Numbers that no filled vault has.
fn fresh() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1_000_000);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// SQLite with the promise of the vault and none of its work: one table, one look-up index, rows of
/// the same size.
struct Bare {
    connection: Connection,
    next: i64,
}

impl Bare {
    fn new(name: &str) -> Self {
        let path = folder().join(name);
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{suffix}", path.display()));
        }
        let connection = Connection::open(path).unwrap();
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL;
                 PRAGMA synchronous = FULL;
                 CREATE TABLE bare (id INTEGER PRIMARY KEY, lookup BLOB NOT NULL UNIQUE, payload BLOB NOT NULL);",
            )
            .unwrap();
        Bare { connection, next: 0 }
    }

    fn insert(&mut self) {
        self.next += 1;
        let mut lookup = [0; 16];
        OsRng.fill_bytes(&mut lookup);
        self.connection
            .prepare_cached("INSERT INTO bare VALUES (?1, ?2, ?3)")
            .unwrap()
            .execute((self.next, lookup, vec![7_u8; 700]))
            .unwrap();
    }

    /// Something new each time: SQLite does not write a page that stays the same.
    fn update(&mut self) {
        let mut lookup = [0; 16];
        OsRng.fill_bytes(&mut lookup);
        self.connection
            .prepare_cached("UPDATE bare SET payload = ?1 WHERE id = 1")
            .unwrap()
            .execute([lookup.repeat(44)])
            .unwrap();
    }
}

#[divan::bench]
fn bare_p256_signature(bencher: Bencher<'_, '_>) {
    bencher.bench_local(bare_signature());
}

#[divan::bench(max_time = 3)]
fn bare_insert_and_commit(bencher: Bencher<'_, '_>) {
    let mut bare = Bare::new("bare-insert.sqlite");
    bencher.bench_local(|| bare.insert());
}

#[divan::bench(max_time = 3)]
fn bare_update_and_commit(bencher: Bencher<'_, '_>) {
    let mut bare = Bare::new("bare-update.sqlite");
    bare.insert();
    bencher.bench_local(|| bare.update());
}

#[divan::bench(args = SIZES)]
fn get_scattered(bencher: Bencher<'_, '_>, size: u32) {
    let vault = open(&filled(size, "get"));
    let mut number = scattered(size);
    bencher
        .with_inputs(|| numbered(number()))
        .bench_local_refs(|wanted| vault.get(&wanted.rp_id, &wanted.id).unwrap().unwrap());
}

#[divan::bench(args = SIZES)]
fn get_same(bencher: Bencher<'_, '_>, size: u32) {
    let vault = open(&filled(size, "same"));
    let wanted = numbered(size / 2);
    bencher.bench_local(|| vault.get(&wanted.rp_id, &wanted.id).unwrap().unwrap());
}

#[divan::bench(args = SIZES)]
fn discoverable(bencher: Bencher<'_, '_>, size: u32) {
    let vault = open(&filled(size, "discoverable"));
    let mut number = scattered(size);
    bencher
        .with_inputs(|| rp_id(number()))
        .bench_local_refs(|rp_id| assert_eq!(vault.discoverable(rp_id).unwrap().len(), 2));
}

#[divan::bench(args = SIZES)]
fn note_use(bencher: Bencher<'_, '_>, size: u32) {
    let vault = open(&filled(size, "use"));
    let wanted = numbered(size / 2);
    bencher.bench_local(|| vault.note_use(&wanted.id, 1_800_000_000).unwrap());
}

#[divan::bench(args = SIZES, max_time = 3)]
fn insert(bencher: Bencher<'_, '_>, size: u32) {
    let vault = open(&filled(size, "insert"));
    bencher
        .with_inputs(|| numbered(fresh()))
        .bench_local_refs(|new| assert!(vault.insert(new, &LIMITS).unwrap().is_none()));
}

#[divan::bench(args = SIZES, max_time = 3)]
fn advance_counter(bencher: Bencher<'_, '_>, size: u32) {
    let vault = open(&filled(size, "counter"));
    let wanted = numbered(size / 2);
    bencher.bench_local(|| vault.advance_counter(&wanted.rp_id, &wanted.id).unwrap());
}

#[divan::bench(args = SIZES)]
fn open_and_list_one_relying_party(bencher: Bencher<'_, '_>, size: u32) {
    let path = filled(size, "open");
    let rp_id = rp_id(size / 2);
    bencher.bench_local(|| {
        let vault = open(&path);
        assert_eq!(vault.discoverable(&rp_id).unwrap().len(), 2);
    });
}

/// What one round of interleaved measuring runs.
struct Case {
    name: String,
    calls: u32,
    call: Box<dyn FnMut()>,
    times: Vec<Duration>,
}

impl Case {
    fn new(name: impl Into<String>, calls: u32, call: impl FnMut() + 'static) -> Self {
        Case { name: name.into(), calls, call: Box::new(call), times: Vec::new() }
    }

    fn run(&mut self) {
        let start = Instant::now();
        for _ in 0..self.calls {
            (self.call)();
        }
        self.times.push(start.elapsed() / self.calls);
    }

    fn median(&mut self) -> Duration {
        self.times.sort();
        self.times[self.times.len() / 2]
    }
}

/// Runs the cases of each group in turn, round after round, and compares their medians with that of
/// the first.
fn interleaved() {
    let mut groups = [
        vec![Case::new("bare P-256 signature", 4, bare_signature())],
        vec![Case::new("bare insert and commit", 1, {
            let mut bare = Bare::new("bare-insert-2.sqlite");
            move || bare.insert()
        })],
        vec![Case::new("bare update and commit", 1, {
            let mut bare = Bare::new("bare-update-2.sqlite");
            bare.insert();
            move || bare.update()
        })],
    ];
    for size in SIZES {
        let wanted = numbered(size / 2);
        let vault = open(&filled(size, "get-same-2"));
        groups[0].push(Case::new(format!("get, one of {size}"), 8, move || {
            black_box(vault.get(&wanted.rp_id, &wanted.id).unwrap().unwrap());
        }));
        let vault = open(&filled(size, "get-2"));
        let mut number = scattered(size);
        groups[0].push(Case::new(format!("get, all over {size}"), 8, move || {
            let number = number();
            let mut id = vec![0; 32];
            id[..4].copy_from_slice(&number.to_be_bytes());
            black_box(vault.get(&rp_id(number), &CredentialId(id)).unwrap().unwrap());
        }));
        let vault = open(&filled(size, "use-2"));
        let wanted = numbered(size / 2);
        let mut at = 0;
        groups[0].push(Case::new(format!("note use, one of {size}"), 8, move || {
            at += 1;
            vault.note_use(&wanted.id, at).unwrap();
        }));
        let vault = open(&filled(size, "discoverable-2"));
        let rp = rp_id(size / 2);
        groups[0].push(Case::new(format!("both of one relying party, of {size}"), 8, move || {
            assert_eq!(vault.discoverable(&rp).unwrap().len(), 2);
        }));
        let vault = open(&filled(size, "insert-2"));
        groups[1].push(Case::new(format!("insert into {size}"), 1, move || {
            assert!(vault.insert(&numbered(fresh()), &LIMITS).unwrap().is_none());
        }));
        let vault = open(&filled(size, "counter-2"));
        let wanted = numbered(size / 2);
        groups[2].push(Case::new(format!("advance counter, one of {size}"), 1, move || {
            black_box(vault.advance_counter(&wanted.rp_id, &wanted.id).unwrap());
        }));
        let path = filled(size, "open-2");
        let rp = rp_id(size / 2);
        groups[0].push(Case::new(format!("open, both of one relying party, of {size}"), 1, move || {
            assert_eq!(open(&path).discoverable(&rp).unwrap().len(), 2);
        }));
    }
    let path = paired("paired-2");
    let vault = open(&path);
    let wanted = numbered(5);
    groups[0].push(Case::new("get, one of 10, with 20 computers", 8, move || {
        black_box(vault.get(&wanted.rp_id, &wanted.id).unwrap().unwrap());
    }));
    let rp = rp_id(5);
    groups[0].push(Case::new("open, both of one relying party, with 20 computers", 1, move || {
        assert_eq!(open(&path).discoverable(&rp).unwrap().len(), 2);
    }));
    let vault = open(&paired("computers-2"));
    groups[0]
        .push(Case::new("list 20 computers", 8, move || assert_eq!(vault.computers().unwrap().len(), 20)));
    let vault = open(&paired("counter-paired-2"));
    let wanted = numbered(5);
    groups[2].push(Case::new("advance counter, one of 10, with 20 computers", 1, move || {
        black_box(vault.advance_counter(&wanted.rp_id, &wanted.id).unwrap());
    }));
    let ledger = Ledger::new(Arc::new(open(&paired("burn-2"))));
    let mut burnt = 0;
    groups[2].push(Case::new("show an offline PIN", 1, move || {
        burnt += 1;
        // Further apart than a display lasts, so that each burns a PIN.
        let now = ISSUED + 100 * burnt;
        match ledger.display("machine-7", now) {
            Ok(displayed) => drop(black_box(displayed)),
            Err(_) => drop(ledger.accept("machine-7", &handover("machine-7", burnt), now).unwrap()),
        }
    }));
    let vault = open(&paired("admit-2"));
    let mut code = 0_u128;
    groups[2].push(Case::new("admit a code", 1, move || {
        code += 1;
        assert!(vault.admit_code(&code.to_be_bytes(), ISSUED, 300).unwrap());
    }));
    let vault = open(&paired("event-2"));
    groups[2].push(Case::new("queue an event", 1, move || {
        vault.queue_event("https://login.corp.example", &[7; 200]).unwrap();
    }));
    println!("\nmedians of interleaved rounds, and as a multiple of the bare cost");
    for group in &mut groups {
        for _ in 0..400 {
            group.iter_mut().for_each(Case::run);
        }
        let bare = group[0].median();
        for case in group {
            let median = case.median();
            let multiple = median.as_secs_f64() / bare.as_secs_f64();
            println!("{:>9.1} µs {multiple:>7.3}  {}", median.as_secs_f64() * 1e6, case.name);
        }
    }
    println!("{:>9} KiB peak resident memory of it all", peak_resident());
}

fn bare_signature() -> impl FnMut() {
    let key = SigningKey::random(&mut OsRng);
    move || {
        let signature: Signature = key.sign(black_box(&[7; 69]));
        black_box(signature);
    }
}

/// In KiB, where the system tells.
fn peak_resident() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("?");
    line.trim().trim_end_matches(" kB").to_owned()
}
