//! What the tests of several modules begin with.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use latchkey_authenticator::credential::CredentialId;
use latchkey_authenticator::testing::{SeededRng, SoftwareKeyVault};
use latchkey_ctap::cbor::Writer;
use latchkey_offline::testing::MemoryLedgerStore;
use latchkey_offline::{Ledger, LedgerRecord, LedgerStore};
use rusqlite::Connection;
use rusqlite::types::Value;
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::{Computer, PendingPairing, Registration, Vault};

/// When the sets of [`handover`] are issued, in Unix seconds.
pub(crate) const ISSUED: u64 = 1_800_000_000;

pub(crate) fn open(path: &Path) -> Arc<Vault> {
    Arc::new(Vault::open(path, &SoftwareKeyVault::new(1), Arc::new(SeededRng::new(1))).unwrap())
}

pub(crate) fn computer(number: u8) -> Computer {
    Computer {
        machine_id: format!("machine-{number}"),
        name: format!("Laptop {number}"),
        machine_name: format!("DESKTOP-{number}"),
        os_user: format!("CORP\\user{number}"),
        tenant: "https://login.corp.example".to_owned(),
        rp_app_id: "HYPRDefaultWorkstationApplication".to_owned(),
        device_id: format!("device-{number}"),
        public_key: [number; 33],
        pairing_secret: Zeroizing::new([number ^ 0x5A; 32]),
        credential_id: CredentialId(vec![number; 32]),
        rp_id: "login.microsoft.com".to_owned(),
        paired_at: 1_800_000_000,
        last_online_at: Some(1_800_000_100),
        leaving: false,
    }
}

pub(crate) fn registration(number: u8) -> Registration {
    Registration {
        device_id: format!("device-{number}"),
        tenant: "https://login.corp.example".to_owned(),
        username: format!("user{number}@corp.example"),
        token: Zeroizing::new(format!("device-token-{number}")),
        credential_id: CredentialId(vec![number; 32]),
        rp_id: "login.microsoft.com".to_owned(),
        registered_at: 1_800_000_000,
    }
}

pub(crate) fn pairing(number: u8) -> PendingPairing {
    PendingPairing {
        request_id: format!("request-{number}"),
        tenant: "https://login.corp.example".to_owned(),
        nonce: Zeroizing::new([number ^ 0xA5; 32]),
        started_at: 1_800_000_000,
        machine_key: Some([number; 33]),
    }
}

/// A set of ten PINs as a workstation hands it over.
pub(crate) fn handover(computer_id: &str, generation: u64) -> Vec<u8> {
    let mut map = Writer::new();
    map.map(11).unsigned(1).unsigned(1).unsigned(2).text(computer_id);
    map.unsigned(3).bytes(&generation.to_be_bytes().repeat(2)).unsigned(4).unsigned(generation);
    map.unsigned(5).unsigned(10).unsigned(6).unsigned(8);
    map.unsigned(7).unsigned(ISSUED).unsigned(8).unsigned(ISSUED + 30 * 86_400);
    map.unsigned(9).unsigned(60).unsigned(10).unsigned(20).unsigned(11).bytes(&[0xC3; 32]);
    map.finish()
}

/// A record of such a set, fresh from a ledger.
pub(crate) fn ledger_record(computer_id: &str, generation: u64) -> LedgerRecord {
    let store = Arc::new(MemoryLedgerStore::default());
    let ledger = Ledger::new(store.clone());
    ledger.accept(computer_id, &handover(computer_id, generation), ISSUED).unwrap();
    store.load(computer_id).unwrap().unwrap()
}

/// A vault, and a way past it to its file.
pub(crate) struct Scratch {
    pub(crate) vault: Arc<Vault>,
    pub(crate) raw: Connection,
    folder: TempDir,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault.sqlite");
        let vault = open(&path);
        let raw = Connection::open(path).unwrap();
        raw.execute_batch("PRAGMA synchronous = OFF").unwrap();
        Scratch { vault, raw, folder }
    }

    /// Another connection to the same file, as another process has it.
    pub(crate) fn another(&self) -> Arc<Vault> {
        open(&self.folder.path().join("vault.sqlite"))
    }

    pub(crate) fn cell(&self, table: &str, column: &str, row: i64) -> Value {
        let sql = format!("SELECT {column} FROM {table} WHERE id = ?1");
        self.raw.query_row(&sql, [row], |row| row.get(0)).unwrap()
    }

    pub(crate) fn set(&self, table: &str, column: &str, row: i64, value: &Value) {
        let sql = format!("UPDATE {table} SET {column} = ?1, damaged = 0 WHERE id = ?2");
        assert_eq!(self.raw.execute(&sql, (value, row)).unwrap(), 1);
    }

    /// Everything in every table.
    pub(crate) fn everything(&self) -> Vec<(String, Vec<Vec<Value>>)> {
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let mut statement = self.raw.prepare(tables).unwrap();
        let names = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        names.map(|name| name.unwrap()).map(|name| (name.clone(), self.rows(&name))).collect()
    }

    fn rows(&self, table: &str) -> Vec<Vec<Value>> {
        let mut statement = self.raw.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|index| row.get(index)).collect());
        rows.unwrap().map(Result::unwrap).collect()
    }

    /// Every file of the vault, log included.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let paths = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    }

    /// The same once everybody has closed it.
    pub(crate) fn closed_files(self) -> Vec<(PathBuf, Vec<u8>)> {
        self.vault.close();
        let Scratch { vault: _, raw, folder } = self;
        drop(raw);
        let path = folder.path().join("vault.sqlite");
        let files = vec![(path.clone(), fs::read(path).unwrap())];
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        files
    }
}

pub(crate) fn flipped(value: &Value, index: usize) -> Value {
    let mut bytes = blob(value).to_vec();
    bytes[index] ^= 1 << (index % 8);
    Value::Blob(bytes)
}

pub(crate) fn blob(value: &Value) -> &[u8] {
    match value {
        Value::Blob(bytes) => bytes,
        other => panic!("not a blob: {other:?}"),
    }
}

pub(crate) fn contains(files: &[(PathBuf, Vec<u8>)], wanted: &[u8]) -> bool {
    files.iter().any(|(_, bytes)| bytes.windows(wanted.len()).any(|window| window == wanted))
}
