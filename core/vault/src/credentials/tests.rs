use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use latchkey_authenticator::keys::CredentialKey;
use latchkey_authenticator::ports::HardwareKey;
use latchkey_authenticator::store_contract::{NO_LIMITS, credential, image, non_discoverable};
use latchkey_authenticator::testing::{SeededRng, SoftwareKeyVault};
use latchkey_ctap::PublicKey;
use rusqlite::types::Value;
use tempfile::TempDir;

use super::*;

latchkey_authenticator::store_contract!(
    with | test | {
        let folder = tempfile::tempdir().unwrap();
        test(&open(&folder.path().join("vault.sqlite")));
    }
);

fn open(path: &Path) -> Vault {
    Vault::open(path, &SoftwareKeyVault::new(1), Arc::new(SeededRng::new(1))).unwrap()
}

fn id(number: u8) -> CredentialId {
    CredentialId(vec![number; 32])
}

/// A vault with credentials 1 and 2 of one relying party, and a way past it to its file.
struct Tampered {
    vault: Vault,
    raw: Connection,
    folder: TempDir,
}

impl Tampered {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vault = open(&folder.path().join("vault.sqlite"));
        vault.insert(&credential(1, "example.com", b"alice"), &NO_LIMITS).unwrap();
        vault.insert(&credential(2, "example.com", b"bob"), &NO_LIMITS).unwrap();
        let raw = Connection::open(folder.path().join("vault.sqlite")).unwrap();
        raw.execute_batch("PRAGMA synchronous = OFF").unwrap();
        Tampered { vault, raw, folder }
    }

    fn cell(&self, column: &str, row: i64) -> Value {
        let sql = format!("SELECT {column} FROM credential WHERE number = ?1");
        self.raw.query_row(&sql, [row], |row| row.get(0)).unwrap()
    }

    fn set(&self, column: &str, row: i64, value: &Value) {
        let sql = format!("UPDATE credential SET {column} = ?1, damaged = 0 WHERE number = ?2");
        self.raw.execute(&sql, (value, row)).unwrap();
    }

    /// Credential 1 is reported and kept, credential 2 works.
    fn only_the_first_is_damaged(&self) {
        let rows: i64 = self.raw.query_row("SELECT count(*) FROM credential", [], |row| row.get(0)).unwrap();
        assert_eq!(self.vault.discoverable("example.com").unwrap().len(), 1);
        assert_eq!(self.vault.damaged(), Ok(1));
        assert_eq!(self.vault.list().unwrap(), [credential(2, "example.com", b"bob").summary()]);
        let second = self.vault.get("example.com", &id(2)).unwrap();
        assert_eq!(second.as_ref().map(image), Some(image(&credential(2, "example.com", b"bob"))));
        assert_eq!(self.raw.query_row("SELECT count(*) FROM credential", [], |row| row.get(0)), Ok(rows));
    }

    fn everything_is_sound(&self) {
        assert_eq!(self.vault.list().unwrap().len(), 2);
        assert_eq!(self.vault.damaged(), Ok(0));
        let first = self.vault.get("example.com", &id(1)).unwrap();
        assert_eq!(first.as_ref().map(image), Some(image(&credential(1, "example.com", b"alice"))));
    }
}

fn flipped(value: &Value, index: usize) -> Value {
    match value {
        Value::Blob(bytes) => {
            let mut bytes = bytes.clone();
            bytes[index] ^= 1 << (index % 8);
            Value::Blob(bytes)
        }
        other => panic!("not a blob: {other:?}"),
    }
}

fn length(value: &Value) -> usize {
    match value {
        Value::Blob(bytes) => bytes.len(),
        _ => 0,
    }
}

#[test]
fn a_flipped_byte_anywhere_quarantines_its_record_alone() {
    let tampered = Tampered::new();
    for column in ["record", "secret", "counter", "account"] {
        let sound = tampered.cell(column, 1);
        for index in 0..length(&sound) {
            tampered.set(column, 1, &flipped(&sound, index));
            let found = tampered.vault.get("example.com", &id(1)).map(|found| found.is_some());
            assert_eq!(found, Err(StoreError::Damaged), "{column} {index}");
            assert_eq!(tampered.vault.damaged(), Ok(1));
        }
        tampered.only_the_first_is_damaged();
        tampered.set(column, 1, &sound);
        tampered.everything_is_sound();
    }
}

#[test]
fn damage_is_found_by_whoever_reads_first() {
    let tampered = Tampered::new();
    let sound = tampered.cell("record", 1);
    let readers: [fn(&Vault); 3] = [
        |vault| drop(vault.list().unwrap()),
        |vault| drop(vault.discoverable("example.com").unwrap()),
        |vault| assert_eq!(vault.get("example.com", &id(1)).unwrap_err(), StoreError::Damaged),
    ];
    for read in readers {
        tampered.set("record", 1, &flipped(&sound, 20));
        assert_eq!(tampered.vault.damaged(), Ok(0));
        read(&tampered.vault);
        tampered.only_the_first_is_damaged();
    }
}

#[test]
fn a_record_whose_hashes_changed_is_quarantined_when_it_is_met() {
    for (column, by_id) in [("lookup", Ok(false)), ("rp", Err(StoreError::Damaged))] {
        let tampered = Tampered::new();
        tampered.set(column, 1, &flipped(&tampered.cell(column, 1), 3));
        let found = tampered.vault.get("example.com", &id(1)).map(|found| found.is_some());
        assert_eq!(found, by_id, "{column}");
        assert_eq!(tampered.vault.list().unwrap().len(), 1);
        tampered.only_the_first_is_damaged();
    }
}

#[test]
fn a_record_that_moved_is_damaged() {
    // Another place in the order of lists.
    let tampered = Tampered::new();
    tampered.raw.execute("UPDATE credential SET number = 9 WHERE number = 1", []).unwrap();
    tampered.only_the_first_is_damaged();

    // A position of another relying party, where its own does not look.
    let tampered = Tampered::new();
    tampered
        .raw
        .execute("UPDATE credential SET position = position + (1 << 23) WHERE number = 1", [])
        .unwrap();
    assert_eq!(tampered.vault.get("example.com", &id(1)).unwrap_err(), StoreError::Damaged);
    tampered.only_the_first_is_damaged();

    // A cell of another row, and of another column.
    for (column, from, row) in [
        ("record", "record", 2),
        ("secret", "secret", 2),
        ("counter", "counter", 2),
        ("counter", "last_used", 1),
        ("record", "secret", 1),
    ] {
        let tampered = Tampered::new();
        tampered.set(column, 1, &tampered.cell(from, row));
        tampered.only_the_first_is_damaged();
    }
}

#[test]
fn a_cell_of_another_length_or_type_is_damaged() {
    for column in ["record", "secret", "counter"] {
        for length in [0, 1, 12, 28, 29, 4000] {
            let tampered = Tampered::new();
            tampered.set(column, 1, &Value::Blob(vec![0; length]));
            tampered.only_the_first_is_damaged();
        }
    }
    let tampered = Tampered::new();
    tampered.set("secret", 1, &Value::Null);
    tampered.only_the_first_is_damaged();
}

/// Two relying parties whose keyed hashes begin alike under the key of this test: a search among a million found them.
#[test]
fn relying_parties_that_share_positions_stay_apart() {
    let Tampered { vault, folder: _folder, .. } = Tampered::new();
    let (one, other) = ("972417.example", "1193929.example");
    assert_eq!(Positions::of(&vault.rp_tag(one)).first, Positions::of(&vault.rp_tag(other)).first);
    vault.insert(&credential(3, one, b"alice"), &NO_LIMITS).unwrap();
    vault.insert(&credential(4, other, b"alice"), &NO_LIMITS).unwrap();
    let ids =
        |rp_id| vault.discoverable(rp_id).unwrap().iter().map(|found| found.id.0[0]).collect::<Vec<_>>();
    assert_eq!((ids(one), ids(other)), (vec![3], vec![4]));
    assert!(vault.get(one, &id(4)).unwrap().is_none() && vault.get(other, &id(4)).unwrap().is_some());
    // Neither counts towards the other's limits, nor replaces it.
    let one_alone = InsertLimits { per_rp: Some(1), ..NO_LIMITS };
    assert_eq!(vault.insert(&credential(5, other, b"alice"), &one_alone).unwrap().unwrap().id, id(4));
    assert_eq!((ids(one), ids(other)), (vec![3], vec![5]));
    assert_eq!(vault.damaged(), Ok(0));
}

#[test]
fn no_position_is_left_at_last() {
    let Tampered { vault, raw, folder: _folder } = Tampered::new();
    raw.execute("UPDATE credential SET position = position | ((1 << 23) - 1) WHERE number = 2", []).unwrap();
    let refused = vault.insert(&credential(3, "example.com", b"carol"), &NO_LIMITS);
    assert_eq!(refused.unwrap_err(), StoreError::Failed);
    vault.delete(&id(2)).unwrap();
    vault.insert(&credential(3, "example.com", b"carol"), &NO_LIMITS).unwrap();
    assert_eq!(vault.list().unwrap().len(), 2);
}

#[test]
fn without_a_next_number_nothing_is_admitted() {
    let Tampered { vault, raw, folder: _folder } = Tampered::new();
    for tampering in
        ["UPDATE credential_count SET inserted = 9223372036854775807", "DELETE FROM credential_count"]
    {
        raw.execute(tampering, []).unwrap();
        let refused = vault.insert(&credential(3, "example.com", b"carol"), &NO_LIMITS);
        assert_eq!(refused.unwrap_err(), StoreError::Failed, "{tampering}");
        assert_eq!(vault.list().unwrap().len(), 2);
    }
}

#[test]
fn an_emptied_cell_of_a_hardware_credential_is_damaged() {
    let Tampered { vault, raw, .. } = &Tampered::new();
    let public_key = PublicKey::Es256 { x: [0xAB; 32], y: [0xCD; 32] };
    let key = CredentialKey::Hardware(HardwareKey { handle: vec![0xEF; 32], public_key });
    let hardware = Credential { key, ..credential(3, "example.com", b"carol") };
    vault.insert(&hardware, &NO_LIMITS).unwrap();
    let found = vault.get("example.com", &id(3)).unwrap();
    assert_eq!(found.as_ref().map(image), Some(image(&hardware)));
    assert_eq!(raw.execute("UPDATE credential SET secret = NULL WHERE number = 3", ()), Ok(1));
    assert_eq!(vault.get("example.com", &id(3)).map(drop), Err(StoreError::Damaged));
}

#[test]
fn a_damaged_last_use_is_forgotten_and_set_again() {
    let tampered = Tampered::new();
    tampered.set("last_used", 1, &flipped(&tampered.cell("last_used", 1), 14));
    let found = tampered.vault.get("example.com", &id(1)).unwrap().unwrap();
    assert_eq!(found.last_used_at, None);
    assert_eq!(tampered.vault.damaged(), Ok(0));
    tampered.vault.note_use(&id(1), 5).unwrap();
    assert_eq!(tampered.vault.get("example.com", &id(1)).unwrap().unwrap().last_used_at, Some(5));
}

#[test]
fn a_damaged_record_is_never_changed() {
    let tampered = Tampered::new();
    tampered.set("record", 1, &flipped(&tampered.cell("record", 1), 20));
    let columns = "number, lookup, rp, account, record, secret, counter, last_used";
    let row = || -> Vec<Value> {
        let sql = format!("SELECT {columns} FROM credential WHERE number = 1");
        tampered.raw.query_row(&sql, [], |row| (0..8).map(|index| row.get(index)).collect()).unwrap()
    };
    let before = row();
    let vault = &tampered.vault;
    for _ in 0..2 {
        assert_eq!(vault.advance_counter("example.com", &id(1)), Err(StoreError::Damaged));
        assert_eq!(vault.rename(&id(1), "label"), Err(StoreError::Damaged));
        assert_eq!(vault.delete(&id(1)).unwrap_err(), StoreError::Damaged);
        assert_eq!(vault.unhide(&id(1)), Err(StoreError::Damaged));
        let none = Signal::Accepted { user_handle: b"alice".to_vec(), ids: Vec::new() };
        for signal in [Signal::Unknown(id(1)), none] {
            assert_eq!(vault.signal("example.com", &signal), Ok(Vec::new()));
        }
        // Found from here on.
        tampered.only_the_first_is_damaged();
    }
    assert_eq!(vault.note_use(&id(1), 1), Err(StoreError::Damaged));
    // Neither replaced nor counted; its ID stays taken.
    let limits = InsertLimits { per_user: 1, per_rp: Some(2), replaces: true };
    assert!(vault.insert(&credential(3, "example.com", b"alice"), &limits).unwrap().is_none());
    let again = vault.insert(&credential(1, "example.org", b"carol"), &NO_LIMITS);
    assert_eq!(again.unwrap_err(), StoreError::DuplicateId);
    assert_eq!(row(), before);
}

#[test]
fn an_account_is_held_by_what_a_new_passkey_would_replace() {
    let Tampered { vault, folder: _folder, .. } = Tampered::new();
    vault.insert(&non_discoverable(3, "example.com", b"carol"), &NO_LIMITS).unwrap();
    let held = |rp_id, user: &str| vault.holds_account(rp_id, user.as_bytes());
    assert_eq!((held("example.com", "alice"), held("example.com", "carol")), (Ok(true), Ok(false)));
    assert_eq!((held("example.org", "alice"), held("example.com", "ali")), (Ok(false), Ok(false)));
    vault.signal("example.com", &Signal::Unknown(id(1))).unwrap();
    assert_eq!(held("example.com", "alice"), Ok(true));
}

#[test]
fn damage_that_nobody_met_yet_counts_towards_no_limit() {
    let tampered = Tampered::new();
    tampered.set("counter", 1, &flipped(&tampered.cell("counter", 1), 20));
    let limits = InsertLimits { per_user: 1, per_rp: Some(2), replaces: true };
    let new = non_discoverable(3, "example.com", b"alice");
    assert!(tampered.vault.insert(&new, &limits).unwrap().is_none());
}

#[test]
fn damage_is_reported_while_another_process_writes() {
    let tampered = Tampered::new();
    tampered.set("record", 1, &flipped(&tampered.cell("record", 1), 20));
    let patience = "PRAGMA busy_timeout = 1";
    tampered.vault.with(|database| Ok(database.connection().execute_batch(patience)?)).unwrap();
    tampered.raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(tampered.vault.get("example.com", &id(1)).unwrap_err(), StoreError::Damaged);
    assert_eq!(tampered.vault.list().unwrap().len(), 1);
    assert_eq!(tampered.vault.damaged(), Ok(0));
    tampered.raw.execute_batch("COMMIT").unwrap();
    tampered.only_the_first_is_damaged();
}

/// Every file of the vault, log included.
fn files(folder: &TempDir) -> Vec<(PathBuf, Vec<u8>)> {
    let paths = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[test]
fn the_files_show_nothing_personal() {
    let Tampered { vault, folder, raw } = Tampered::new();
    drop(raw);
    let public_key = PublicKey::Es256 { x: [0xAB; 32], y: [0xCD; 32] };
    let hardware = HardwareKey { handle: vec![0xEF; 32], public_key };
    let third =
        Credential { key: CredentialKey::Hardware(hardware), ..credential(3, "example.com", b"carol") };
    vault.insert(&third, &NO_LIMITS).unwrap();
    vault.rename(&id(1), "Work laptop").unwrap();
    vault.note_use(&id(1), 0x1122_3344_5566_7788).unwrap();
    vault.insert(&credential(4, "example.com", b"bob"), &NO_LIMITS).unwrap();

    let secrets: [&[u8]; 19] = [
        b"example.com",
        b"example",
        b"alice",
        b"bob",
        b"carol",
        b"user1",
        "Üser".as_bytes(),
        b"Inc.",
        b"label",
        b"Work laptop",
        &[1; 8],
        &[2; 8],
        &[4; 8],
        &[0x81; 8],
        &[0x83; 8],
        &[0xAB; 8],
        &[0xCD; 8],
        &[0xEF; 8],
        &0x1122_3344_5566_7788_u64.to_be_bytes(),
    ];
    let log_too = files(&folder);
    assert_eq!(log_too.len(), 3);
    vault.close();
    for files in [log_too, files(&folder)] {
        for (path, bytes) in &files {
            for secret in secrets {
                assert!(!contains(bytes, secret), "{secret:?} in {path:?}");
            }
        }
        // The search does find what is there.
        assert!(files.iter().any(|(_, bytes)| contains(bytes, b"CREATE TABLE vault_key")));
    }
}

#[test]
fn what_was_deleted_or_replaced_is_gone_from_the_file() {
    let Tampered { vault, folder, raw } = Tampered::new();
    let cells: Vec<Vec<u8>> = [1, 2]
        .into_iter()
        .flat_map(|row| ["record", "secret"].map(|column| (column, row)))
        .map(|(column, row)| {
            let sql = format!("SELECT {column} FROM credential WHERE number = ?1");
            raw.query_row(&sql, [row], |row| row.get(0)).unwrap()
        })
        .collect();
    drop(raw);
    vault.delete(&id(1)).unwrap();
    vault.insert(&credential(3, "example.com", b"bob"), &NO_LIMITS).unwrap();
    vault.close();
    for (_, bytes) in files(&folder) {
        assert!(cells.iter().all(|cell| !contains(&bytes, &cell[..28])));
    }
}

#[test]
fn records_of_different_people_look_alike() {
    let tampered = Tampered::new();
    let long = Credential { label: Some("x".repeat(40)), ..credential(3, "a.example", b"a-longer-handle") };
    let bare =
        Credential { sign_count: None, last_used_at: None, label: None, ..credential(4, "b.example", b"b") };
    for new in [&long, &bare] {
        tampered.vault.insert(new, &NO_LIMITS).unwrap();
    }
    for column in ["record", "secret", "counter", "last_used", "lookup", "rp", "account"] {
        let lengths: Vec<_> = (1..=4).map(|row| length(&tampered.cell(column, row))).collect();
        assert_eq!(lengths, [lengths[0]; 4], "{column}");
    }
}
