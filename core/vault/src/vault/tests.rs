use std::fs;
use std::path::PathBuf;

use latchkey_authenticator::credential::CredentialId;
use latchkey_authenticator::ports::{CredentialStore, KeyVaultError};
use latchkey_authenticator::store_contract::{NO_LIMITS, credential, image};
use latchkey_authenticator::testing::{SeededRng, SoftwareKeyVault, VaultOperation};
use rusqlite::Connection;
use tempfile::TempDir;

use super::*;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("vault.sqlite")
    }

    fn open(&self) -> Vault {
        self.try_open(&SoftwareKeyVault::new(1)).unwrap()
    }

    fn try_open(&self, key_vault: &SoftwareKeyVault) -> Result<Vault, VaultError> {
        let rng = Arc::new(SeededRng::new(1));
        Vault::open_with_patience(&self.path(), key_vault, rng, Duration::from_millis(50))
    }

    /// A vault with one credential.
    fn filled() -> Self {
        let folder = Self::new();
        folder.open().insert(&credential(1, "example.com", b"alice"), &NO_LIMITS).unwrap();
        folder
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Opening fails like this and leaves the file as it was.
    fn refuses(&self, key_vault: &SoftwareKeyVault, expected: VaultError) {
        let before = fs::read(self.path()).unwrap();
        assert_eq!(self.try_open(key_vault).unwrap_err(), expected);
        assert_eq!(fs::read(self.path()).unwrap(), before);
    }
}

#[test]
fn what_was_stored_is_there_after_reopening() {
    let folder = Folder::filled();
    let stored = folder.open().get("example.com", &CredentialId(vec![1; 32])).unwrap().unwrap();
    assert_eq!(image(&stored), image(&credential(1, "example.com", b"alice")));
}

#[test]
fn the_vault_key_is_random_and_stored_wrapped() {
    let wrapped = |seed| {
        let folder = Folder::new();
        let key_vault = SoftwareKeyVault::new(1);
        Vault::open(&folder.path(), &key_vault, Arc::new(SeededRng::new(seed))).unwrap();
        let raw = Connection::open(folder.path()).unwrap();
        let wrapped: Vec<u8> = raw.query_row("SELECT wrapped FROM vault_key", [], |row| row.get(0)).unwrap();
        let key = key_vault.unwrap(&wrapped).unwrap();
        let file = fs::read(folder.path()).unwrap();
        assert!(!file.windows(32).any(|window| window == key.as_slice()));
        wrapped
    };
    assert_ne!(wrapped(1), wrapped(2));
}

#[test]
fn closing_leaves_one_file_and_refuses_every_call() {
    let folder = Folder::filled();
    let vault = folder.open();
    vault.advance_counter("example.com", &CredentialId(vec![1; 32])).unwrap();
    assert_eq!(folder.names(), ["vault.sqlite", "vault.sqlite-shm", "vault.sqlite-wal"]);
    vault.close();
    assert_eq!(folder.names(), ["vault.sqlite"]);

    let id = CredentialId(vec![1; 32]);
    let closed = StoreError::Closed;
    assert_eq!(vault.discoverable("example.com").unwrap_err(), closed);
    assert_eq!(vault.get("example.com", &id).unwrap_err(), closed);
    assert_eq!(vault.insert(&credential(2, "example.com", b"bob"), &NO_LIMITS).unwrap_err(), closed);
    assert_eq!(vault.advance_counter("example.com", &id), Err(closed.clone()));
    assert_eq!(vault.note_use(&id, 1), Err(closed.clone()));
    assert_eq!(vault.list().unwrap_err(), closed);
    assert_eq!(vault.rename(&id, "label"), Err(closed.clone()));
    assert_eq!(vault.delete(&id).unwrap_err(), closed);
    assert_eq!(vault.damaged(), Err(closed.clone()));
    assert_eq!(vault.computers(), Err(closed.clone()));
    assert_eq!(vault.registrations(), Err(closed.clone()));
    assert_eq!(vault.pending_pairings(), Err(closed.clone()));
    assert_eq!(vault.queue_event("tenant", b"event"), Err(closed));
    vault.close();
    assert_eq!(folder.open().list().unwrap().len(), 1);
}

#[test]
fn the_log_stays_until_the_last_one_closes() {
    let folder = Folder::filled();
    let (app, extension) = (folder.open(), folder.open());
    app.rename(&CredentialId(vec![1; 32]), "renamed").unwrap();
    app.close();
    assert_eq!(extension.list().unwrap()[0].label.as_deref(), Some("renamed"));
    extension.close();
    assert_eq!(folder.names(), ["vault.sqlite"]);
}

#[test]
fn a_change_by_another_connection_is_seen_at_once() {
    let folder = Folder::new();
    let (app, extension) = (folder.open(), folder.open());
    let id = CredentialId(vec![1; 32]);
    assert!(extension.get("example.com", &id).unwrap().is_none());
    app.insert(&credential(1, "example.com", b"alice"), &NO_LIMITS).unwrap();
    assert!(extension.get("example.com", &id).unwrap().is_some());
    assert_eq!(extension.advance_counter("example.com", &id), Ok(1));
    assert_eq!(app.advance_counter("example.com", &id), Ok(2));
    app.delete(&id).unwrap();
    assert!(extension.get("example.com", &id).unwrap().is_none());
}

#[test]
fn another_key_is_refused() {
    let folder = Folder::filled();
    folder.refuses(&SoftwareKeyVault::new(2), VaultError::KeyVault(KeyVaultError::Invalidated));

    // The operating system unwraps something, but another vault's key.
    let other = SoftwareKeyVault::new(1).wrap(&[9; 32]).unwrap();
    let raw = Connection::open(folder.path()).unwrap();
    raw.execute("UPDATE vault_key SET wrapped = ?1", [other]).unwrap();
    drop(raw);
    folder.refuses(&SoftwareKeyVault::new(1), VaultError::WrongKey);
}

#[test]
fn the_key_storage_speaks_for_itself() {
    let folder = Folder::filled();
    let key_vault = SoftwareKeyVault::new(1);
    for error in [KeyVaultError::Locked, KeyVaultError::Invalidated, KeyVaultError::Failed] {
        key_vault.fail_next(VaultOperation::Unwrap, error);
        folder.refuses(&key_vault, VaultError::KeyVault(error));
    }
    assert_eq!(folder.try_open(&key_vault).unwrap().list().unwrap().len(), 1);

    // A vault whose key could not be wrapped gets one the next time.
    let folder = Folder::new();
    key_vault.fail_next(VaultOperation::Wrap, KeyVaultError::Locked);
    assert_eq!(folder.try_open(&key_vault).unwrap_err(), VaultError::KeyVault(KeyVaultError::Locked));
    assert!(folder.open().list().unwrap().is_empty());
}

#[test]
fn records_without_their_key_are_a_damaged_file() {
    let folder = Folder::filled();
    let raw = Connection::open(folder.path()).unwrap();
    raw.execute("DELETE FROM vault_key", []).unwrap();
    drop(raw);
    assert_eq!(folder.try_open(&SoftwareKeyVault::new(1)).unwrap_err(), VaultError::Corrupt);
    let raw = Connection::open(folder.path()).unwrap();
    assert_eq!(raw.query_row("SELECT count(*) FROM vault_key", [], |row| row.get(0)), Ok(0));
    assert_eq!(raw.query_row("SELECT count(*) FROM credential", [], |row| row.get(0)), Ok(1));
}

#[test]
fn a_file_that_is_no_vault_is_left_alone() {
    let folder = Folder::new();
    fs::write(folder.path(), b"Dear diary, ".repeat(1000)).unwrap();
    folder.refuses(&SoftwareKeyVault::new(1), VaultError::NotAVault);

    fs::remove_file(folder.path()).unwrap();
    let theirs = Connection::open(folder.path()).unwrap();
    theirs.execute_batch("CREATE TABLE theirs (x)").unwrap();
    drop(theirs);
    folder.refuses(&SoftwareKeyVault::new(1), VaultError::NotAVault);
}

#[test]
fn a_newer_schema_is_left_alone() {
    let folder = Folder::filled();
    let raw = Connection::open(folder.path()).unwrap();
    raw.pragma_update(None, "user_version", 1000).unwrap();
    drop(raw);
    let supported = u32::try_from(crate::migrations::MIGRATIONS.len()).unwrap();
    folder.refuses(&SoftwareKeyVault::new(1), VaultError::NewerSchema { found: 1000, supported });
}

#[test]
fn a_damaged_file_is_reported_and_left_alone() {
    let folder = Folder::filled();
    let sound = fs::read(folder.path()).unwrap();

    let mut header = sound.clone();
    header[0] ^= 1;
    fs::write(folder.path(), &header).unwrap();
    folder.refuses(&SoftwareKeyVault::new(1), VaultError::NotAVault);

    // The root page of the schema.
    let mut schema = sound.clone();
    schema[100..4096].fill(0xA5);
    fs::write(folder.path(), &schema).unwrap();
    folder.refuses(&SoftwareKeyVault::new(1), VaultError::Corrupt);

    fs::write(folder.path(), &sound[..sound.len() / 2]).unwrap();
    folder.refuses(&SoftwareKeyVault::new(1), VaultError::Corrupt);
}

#[test]
fn a_file_that_cannot_be_opened_is_reported() {
    let folder = Folder::new();
    let rng = || Arc::new(SeededRng::new(1));
    let missing = folder.0.path().join("missing").join("vault.sqlite");
    let opened = Vault::open(&missing, &SoftwareKeyVault::new(1), rng());
    assert_eq!(opened.unwrap_err(), VaultError::CannotOpen);
    let opened = Vault::open(folder.0.path(), &SoftwareKeyVault::new(1), rng());
    assert_eq!(opened.unwrap_err(), VaultError::CannotOpen);
}

#[cfg(unix)]
#[test]
fn a_read_only_file_is_reported() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new();
    fs::write(folder.path(), b"").unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o444)).unwrap();
    // Permissions do not hold the superuser back.
    if fs::OpenOptions::new().write(true).open(folder.path()).is_err() {
        folder.refuses(&SoftwareKeyVault::new(1), VaultError::ReadOnly);
    }

    let vault = folder.open();
    vault.with(|database| Ok(database.connection().execute_batch("PRAGMA query_only = ON")?)).unwrap();
    let refused = vault.insert(&credential(1, "example.com", b"alice"), &NO_LIMITS);
    assert_eq!(refused.unwrap_err(), StoreError::Failed);
    let written = vault.with(|database| {
        let error = database.connection().execute("DELETE FROM credential", []).unwrap_err();
        assert_eq!(VaultError::from(error), VaultError::ReadOnly);
        Ok(())
    });
    assert_eq!(written, Ok(()));
}

#[test]
fn a_vault_that_another_holds_is_busy_for_writers_alone() {
    let folder = Folder::filled();
    let vault = folder.open();
    let id = CredentialId(vec![1; 32]);
    let other = Connection::open(folder.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(vault.advance_counter("example.com", &id), Err(StoreError::Busy));
    assert_eq!(vault.note_use(&id, 1), Err(StoreError::Busy));
    let refused = vault.insert(&credential(2, "example.com", b"bob"), &NO_LIMITS);
    assert_eq!(refused.unwrap_err(), StoreError::Busy);
    assert_eq!(vault.get("example.com", &id).unwrap().unwrap().sign_count, Some(0));
    assert_eq!(folder.open().list().unwrap().len(), 1);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(vault.advance_counter("example.com", &id), Ok(1));

    drop((vault, other));
    let other = Connection::open(folder.path()).unwrap();
    other.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    assert_eq!(folder.try_open(&SoftwareKeyVault::new(1)).unwrap_err(), VaultError::Busy);
}

#[test]
fn a_full_disk_is_reported_and_changes_nothing() {
    let folder = Folder::filled();
    let vault = folder.open();
    // SQLite's own limit gives the same result code as the file system's.
    vault.with(|database| Ok(database.connection().execute_batch("PRAGMA max_page_count = 1")?)).unwrap();
    let mut number = 2;
    let refused = loop {
        match vault.insert(&credential(number, "example.com", &[number]), &NO_LIMITS) {
            Ok(_) => number += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(refused, StoreError::DiskFull);
    assert_eq!(vault.list().unwrap().len(), usize::from(number) - 1);
    assert_eq!(vault.advance_counter("example.com", &CredentialId(vec![1; 32])), Ok(1));
    drop(vault);
    let vault = folder.open();
    assert_eq!(vault.list().unwrap().len(), usize::from(number) - 1);
    vault.insert(&credential(number, "example.com", &[number]), &NO_LIMITS).unwrap();
}

#[test]
fn many_openings_at_once_make_one_key() {
    for _ in 0..20 {
        let folder = Folder::new();
        std::thread::scope(|scope| {
            for number in 1..=4 {
                let folder = &folder;
                scope.spawn(move || {
                    let rng = Arc::new(SeededRng::new(number.into()));
                    let vault = Vault::open(&folder.path(), &SoftwareKeyVault::new(1), rng).unwrap();
                    vault.insert(&credential(number, "example.com", &[number]), &NO_LIMITS).unwrap();
                });
            }
        });
        assert_eq!(folder.open().list().unwrap().len(), 4);
    }
}

#[test]
fn nothing_is_shown() {
    assert_eq!(format!("{:?}", Folder::new().open()), "Vault(redacted)");
}
