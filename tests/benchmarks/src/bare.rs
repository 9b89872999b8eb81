//! The yardsticks: what cannot be saved.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use ecdsa_sign::hazmat::sign_prehashed_rfc6979;
use p256_sign::ecdsa::signature::Signer as _;
use p256_sign::ecdsa::{DerSignature, SigningKey};
use p256_sign::elliptic_curve::sec1::ToSec1Point as _;
use p256_sign::{NistP256, NonZeroScalar};
use rand_core::{OsRng, RngCore};
use rusqlite::Connection;
use sha2_sign::{Digest as _, Sha256};

/// Authenticator data of an assertion and the hash of the client data.
const MESSAGE: [u8; 69] = [5; 69];

/// A P-256 signature with the scalar at hand, without a `SigningKey`, as the authenticator makes it.
pub(crate) fn signature(scalar: &NonZeroScalar) -> DerSignature {
    let hash = Sha256::digest(std::hint::black_box(&MESSAGE));
    let (signature, _) = sign_prehashed_rfc6979::<NistP256, Sha256>(scalar, &hash, &[]);
    signature.to_der()
}

/// The same with a `SigningKey` that is ready.
pub(crate) fn signature_of_key(key: &SigningKey) -> DerSignature {
    key.sign(std::hint::black_box(&MESSAGE))
}

/// A scalar that is no effort to come by.
pub(crate) fn fixed_scalar() -> NonZeroScalar {
    NonZeroScalar::try_from([7; 32].as_slice()).unwrap()
}

/// A new private key.
pub(crate) fn scalar() -> NonZeroScalar {
    let mut bytes = [0; 32];
    OsRng.fill_bytes(&mut bytes);
    NonZeroScalar::try_from(bytes.as_slice()).unwrap()
}

/// A new key and its public half.
pub(crate) fn key() -> (NonZeroScalar, p256_sign::Sec1Point) {
    let scalar = scalar();
    let public = p256_sign::PublicKey::from_secret_scalar(&scalar).to_sec1_point(false);
    (scalar, public)
}

/// Bytes on the disk.
pub(crate) struct Log {
    file: File,
}

impl Log {
    pub(crate) fn create(path: &Path) -> Self {
        Log { file: OpenOptions::new().create(true).write(true).truncate(true).open(path).unwrap() }
    }

    /// Appends as much as a commit of one row does and waits for the disk. The file starts again at its
    /// beginning after 4 MB, as the log of a database does.
    pub(crate) fn append(&mut self) {
        if self.file.stream_position().unwrap() > 4_000_000 {
            self.file.seek(SeekFrom::Start(0)).unwrap();
        }
        self.file.write_all(&[7; 3 * 4120]).unwrap();
        self.file.sync_all().unwrap();
    }
}

/// SQLite with the vault's promise and none of its work: one table, one look-up index, rows of the same
/// size, a log as long as the vault's, which settles whether an fsync has to make a file longer.
pub(crate) struct Table {
    connection: Connection,
    rows: i64,
    payload: Vec<u8>,
}

impl Table {
    /// A table with as many rows as the vault in the file `vault`, which are as long as its rows.
    pub(crate) fn like(vault: &Path, path: &Path) -> Self {
        let (rows, length): (i64, u32) = Connection::open(vault)
            .unwrap()
            .query_row(
                "SELECT count(*), CAST(avg(length(rp) + length(account) + length(record) + length(secret)
                                           + length(counter) + length(last_used)) AS INTEGER)
                 FROM credential",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .unwrap();
        let mut connection = Connection::open(path).unwrap();
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL;
                 PRAGMA synchronous = FULL;
                 PRAGMA fullfsync = ON;
                 PRAGMA checkpoint_fullfsync = ON;
                 PRAGMA wal_autocheckpoint = 250;
                 CREATE TABLE bare (id INTEGER PRIMARY KEY, lookup BLOB NOT NULL UNIQUE, payload BLOB NOT NULL);",
            )
            .unwrap();
        let filling = connection.transaction().unwrap();
        let payload = vec![7; length as usize];
        for row in 1..=rows {
            insert(&filling, row, &payload);
        }
        filling.commit().unwrap();
        connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        Table { connection, rows, payload }
    }

    /// Inserts a row and commits.
    pub(crate) fn insert(&mut self) {
        self.rows += 1;
        insert(&self.connection, self.rows, &self.payload);
    }

    /// Changes a row somewhere and commits.
    pub(crate) fn update(&mut self) {
        OsRng.fill_bytes(&mut self.payload[..16]);
        let row = i64::from(OsRng.next_u32()) % self.rows + 1;
        self.connection
            .prepare_cached("UPDATE bare SET payload = ?1 WHERE id = ?2")
            .unwrap()
            .execute((&self.payload, row))
            .unwrap();
    }
}

fn insert(connection: &Connection, row: i64, payload: &[u8]) {
    let mut lookup = [0; 16];
    OsRng.fill_bytes(&mut lookup);
    connection
        .prepare_cached("INSERT INTO bare VALUES (?1, ?2, ?3)")
        .unwrap()
        .execute((row, lookup, payload))
        .unwrap();
}
