//! Sealing of columns.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use latchkey_authenticator::ports::{KeyVault, Rng};
use rusqlite::{Connection, OptionalExtension as _};
use zeroize::Zeroizing;

use crate::workstation::error::WorkstationError;

const NONCE_LEN: usize = 12;

/// AES-256-GCM under the key of this state. What is sealed opens in its own column and row alone.
pub(super) struct Sealer(Aes256Gcm);

impl Sealer {
    /// The sealer of this state, whose key is made the first time.
    pub(super) fn load(
        connection: &Connection,
        keys: &dyn KeyVault,
        rng: &dyn Rng,
    ) -> Result<Self, WorkstationError> {
        let wrapped = connection
            .query_row("SELECT wrapped FROM seal", [], |row| row.get::<_, Vec<u8>>(0))
            .optional()?;
        let key = match wrapped {
            Some(wrapped) => keys.unwrap(&wrapped).map_err(|_| WorkstationError::Damaged)?,
            None => {
                let mut key = Zeroizing::new([0; 32]);
                rng.fill(key.as_mut());
                let wrapped = keys.wrap(&key).map_err(|_| WorkstationError::Damaged)?;
                connection.execute("INSERT INTO seal (id, wrapped) VALUES (1, ?1)", (wrapped,))?;
                key
            }
        };
        Ok(Sealer(Aes256Gcm::new((&*key).into())))
    }

    /// Nonce, ciphertext, tag.
    pub(super) fn seal(
        &self,
        rng: &dyn Rng,
        column: &str,
        row: &str,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, WorkstationError> {
        let mut nonce = [0; NONCE_LEN];
        rng.fill(&mut nonce);
        let aad = place(column, row);
        let sealed = self.0.encrypt(&Nonce::from(nonce), Payload { msg: plaintext, aad: &aad });
        Ok([&nonce[..], &sealed.map_err(|_| WorkstationError::Damaged)?].concat())
    }

    /// Undoes [`Sealer::seal`] for the same column and row.
    pub(super) fn open(
        &self,
        column: &str,
        row: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, WorkstationError> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(WorkstationError::Damaged)?;
        let aad = place(column, row);
        let opened = self.0.decrypt(&Nonce::from(*nonce), Payload { msg: body, aad: &aad });
        Ok(Zeroizing::new(opened.map_err(|_| WorkstationError::Damaged)?))
    }

    /// Like [`Sealer::open`], for 32 bytes.
    pub(super) fn open_key(
        &self,
        column: &str,
        row: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, WorkstationError> {
        let opened = self.open(column, row, sealed)?;
        Ok(Zeroizing::new(opened.as_slice().try_into().map_err(|_| WorkstationError::Damaged)?))
    }
}

/// Column and row as associated data. No column's name contains a zero byte.
fn place(column: &str, row: &str) -> Vec<u8> {
    [column.as_bytes(), &[0], row.as_bytes()].concat()
}
