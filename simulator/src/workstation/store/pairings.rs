//! The phones of this workstation, and the codes that are not answered yet.

use latchkey_ctap::PublicKey;
use latchkey_phone::control_center::wire::PairedDevice;
use latchkey_unlock::{KnownPasskey, Psk, pairing_secret};
use rusqlite::{Connection, OptionalExtension as _, Row};
use zeroize::Zeroizing;

use super::{Store, accounts};
use crate::workstation::error::WorkstationError;

/// A pairing code whose outcome is not known yet.
pub struct Code {
    /// Names the request.
    pub request_id: String,
    /// The account that it pairs.
    pub username: String,
    /// What the code shows to the phone alone.
    pub nonce: Zeroizing<[u8; 32]>,
    /// When it ends, by the server's clock.
    pub expires_at: u64,
}

/// A phone that unlocks this workstation.
#[derive(Clone)]
pub struct Pairing {
    /// The phone's registration.
    pub device_id: String,
    /// What its owner calls it.
    pub device_name: String,
    /// The account that it unlocks.
    pub username: String,
    /// What both sides derived from the code.
    pub secret: Zeroizing<[u8; 32]>,
    /// The passkey that proves its owner.
    pub passkey: KnownPasskey,
    /// Unix seconds.
    pub paired_at: u64,
}

const NONCE: &str = "codes.nonce";
const SECRET: &str = "pairings.secret";

/// How long a code is kept after its end: the phone may have answered it while this workstation could
/// not ask.
const CODE_KEPT: u64 = 30 * 86_400;

impl Pairing {
    /// The pairing that a phone made with this code.
    ///
    /// # Errors
    /// [`WorkstationError::ForeignAnswer`] when the server's answer does not fit the code, or has no
    /// passkey that can be verified.
    pub(in crate::workstation) fn of_code(
        listed: &PairedDevice,
        code: &Code,
        now: u64,
    ) -> Result<Self, WorkstationError> {
        let fits = listed.username == code.username
            && PublicKey::from_cose(&listed.public_key.0).is_ok()
            && !listed.credential_id.0.is_empty();
        if !fits {
            return Err(WorkstationError::ForeignAnswer);
        }
        Ok(Pairing {
            device_id: listed.device_id.clone(),
            device_name: listed.device_name.clone(),
            username: listed.username.clone(),
            secret: pairing_secret(&code.nonce, &code.request_id),
            passkey: KnownPasskey {
                credential_id: listed.credential_id.0.clone(),
                public_key: listed.public_key.0.clone(),
                rp_id: listed.rp_id.clone(),
                sign_count: 0,
            },
            paired_at: now,
        })
    }

    /// The passkey that the server lists now, if that is another one for the same account that can be
    /// verified.
    pub(in crate::workstation) fn newer_passkey(&self, listed: &PairedDevice) -> Option<KnownPasskey> {
        let other = listed.credential_id.0 != self.passkey.credential_id
            && listed.username == self.username
            && PublicKey::from_cose(&listed.public_key.0).is_ok();
        other.then(|| KnownPasskey {
            credential_id: listed.credential_id.0.clone(),
            public_key: listed.public_key.0.clone(),
            rp_id: listed.rp_id.clone(),
            sign_count: 0,
        })
    }

    /// The key of the channel with this phone.
    pub(in crate::workstation) fn psk(&self) -> Psk {
        Psk::of_pairing(&self.secret)
    }
}

impl Store {
    /// Remembers a code before it is shown.
    pub(in crate::workstation) fn put_code(&self, code: &Code) -> Result<(), WorkstationError> {
        let sealed = self.sealer.seal(&*self.rng, NONCE, &code.request_id, code.nonce.as_ref())?;
        self.connection().execute(
            "INSERT OR REPLACE INTO codes (request_id, username, sealed_nonce, expires_at)
             VALUES (?1, ?2, ?3, ?4)",
            (&code.request_id, &code.username, sealed, seconds(code.expires_at)),
        )?;
        Ok(())
    }

    pub(in crate::workstation) fn code(&self, request_id: &str) -> Result<Option<Code>, WorkstationError> {
        let row = self
            .connection()
            .query_row(
                "SELECT username, sealed_nonce, expires_at FROM codes WHERE request_id = ?1",
                (request_id,),
                |row| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, i64>(2)?)),
            )
            .optional()?;
        let Some((username, sealed, expires_at)) = row else { return Ok(None) };
        let nonce = self.sealer.open_key(NONCE, request_id, &sealed)?;
        let expires_at = expires_at.unsigned_abs();
        Ok(Some(Code { request_id: request_id.to_owned(), username, nonce, expires_at }))
    }

    pub(in crate::workstation) fn forget_code(&self, request_id: &str) -> Result<(), WorkstationError> {
        self.connection().execute("DELETE FROM codes WHERE request_id = ?1", (request_id,))?;
        Ok(())
    }

    /// Forgets codes and served requests that ended long ago.
    pub(in crate::workstation) fn forget_old_codes(&self, now: u64) -> Result<(), WorkstationError> {
        let old = seconds(now.saturating_sub(CODE_KEPT));
        let connection = self.connection();
        connection.execute("DELETE FROM codes WHERE expires_at < ?1", (old,))?;
        connection.execute("DELETE FROM served WHERE expires_at < ?1", (old,))?;
        Ok(())
    }

    /// Stores a pairing, and its account if that is new; the code is used up.
    pub(in crate::workstation) fn add_pairing(
        &self,
        pairing: &Pairing,
        request_id: &str,
    ) -> Result<(), WorkstationError> {
        self.write(|transaction| {
            self.insert_pairing(transaction, pairing)?;
            transaction.execute("DELETE FROM codes WHERE request_id = ?1", (request_id,))?;
            Ok(())
        })
    }

    /// Stores the passkey that a phone has now, unless somebody else has changed it meanwhile. Everything
    /// else of the pairing stays: it may have been paired anew at this moment.
    pub(in crate::workstation) fn renew_passkey(
        &self,
        pairing: &Pairing,
        passkey: &KnownPasskey,
    ) -> Result<(), WorkstationError> {
        self.connection().execute(
            "UPDATE pairings SET credential_id = ?3, public_key = ?4, rp_id = ?5, sign_count = ?6
             WHERE device_id = ?1 AND credential_id = ?2",
            (
                &pairing.device_id,
                &pairing.passkey.credential_id,
                &passkey.credential_id,
                &passkey.public_key,
                &passkey.rp_id,
                passkey.sign_count,
            ),
        )?;
        Ok(())
    }

    pub(super) fn insert_pairing(
        &self,
        connection: &Connection,
        pairing: &Pairing,
    ) -> Result<(), WorkstationError> {
        accounts::ensure(self, connection, &pairing.username)?;
        let sealed = self.sealer.seal(&*self.rng, SECRET, &pairing.device_id, pairing.secret.as_ref())?;
        connection.execute(
            "INSERT OR REPLACE INTO pairings (device_id, device_name, username, sealed_secret, credential_id,
                 public_key, rp_id, sign_count, paired_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            (
                &pairing.device_id,
                &pairing.device_name,
                &pairing.username,
                sealed,
                &pairing.passkey.credential_id,
                &pairing.passkey.public_key,
                &pairing.passkey.rp_id,
                pairing.passkey.sign_count,
                seconds(pairing.paired_at),
            ),
        )?;
        Ok(())
    }

    /// All phones, in the order of pairing.
    pub(in crate::workstation) fn pairings(&self) -> Result<Vec<Pairing>, WorkstationError> {
        let connection = self.connection();
        let mut statement = connection.prepare_cached(&format!("{SELECT} ORDER BY paired_at, device_id"))?;
        let rows = statement.query_map([], read)?.collect::<Result<Vec<_>, _>>()?;
        rows.into_iter().map(|row| self.pairing_of(row)).collect()
    }

    pub(in crate::workstation) fn pairing(
        &self,
        device_id: &str,
    ) -> Result<Option<Pairing>, WorkstationError> {
        let row = self
            .connection()
            .query_row(&format!("{SELECT} WHERE device_id = ?1"), (device_id,), read)
            .optional()?;
        row.map(|row| self.pairing_of(row)).transpose()
    }

    pub(in crate::workstation) fn remove_pairing(&self, device_id: &str) -> Result<(), WorkstationError> {
        self.connection().execute("DELETE FROM pairings WHERE device_id = ?1", (device_id,))?;
        Ok(())
    }

    /// Takes a request for this process; `false` if another one has it, or had it.
    pub(in crate::workstation) fn take_request(
        &self,
        request_id: &str,
        expires_at: u64,
    ) -> Result<bool, WorkstationError> {
        let taken = self.connection().execute(
            "INSERT OR IGNORE INTO served (request_id, expires_at) VALUES (?1, ?2)",
            (request_id, seconds(expires_at)),
        )?;
        Ok(taken == 1)
    }

    fn pairing_of(&self, (mut pairing, sealed): (Pairing, Vec<u8>)) -> Result<Pairing, WorkstationError> {
        pairing.secret = self.sealer.open_key(SECRET, &pairing.device_id, &sealed)?;
        Ok(pairing)
    }
}

const SELECT: &str =
    "SELECT device_id, device_name, username, sealed_secret, credential_id, public_key, rp_id,
    sign_count, paired_at FROM pairings";

/// A row of [`SELECT`], without its secret.
fn read(row: &Row<'_>) -> rusqlite::Result<(Pairing, Vec<u8>)> {
    let pairing = Pairing {
        device_id: row.get(0)?,
        device_name: row.get(1)?,
        username: row.get(2)?,
        secret: Zeroizing::default(),
        passkey: KnownPasskey {
            credential_id: row.get(4)?,
            public_key: row.get(5)?,
            rp_id: row.get(6)?,
            sign_count: row.get(7)?,
        },
        paired_at: row.get::<_, i64>(8)?.unsigned_abs(),
    };
    Ok((pairing, row.get(3)?))
}

/// Unix seconds as SQLite keeps numbers.
pub(super) fn seconds(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}

impl core::fmt::Debug for Pairing {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Pairing(redacted)")
    }
}

impl core::fmt::Debug for Code {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Code(redacted)")
    }
}
