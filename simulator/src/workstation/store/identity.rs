//! Who this machine is, and where it is enrolled.

use latchkey_authenticator::ports::Rng;
use latchkey_hybrid::{KeyPair, Secret};
use rusqlite::{Connection, OptionalExtension as _};
use zeroize::Zeroizing;

use super::{Sealer, Store};
use crate::workstation::error::WorkstationError;

/// Who this machine is. Made once and never changed.
#[derive(Debug)]
pub struct Identity {
    /// The machine's ID: 32 hexadecimal digits.
    pub machine_id: String,
    /// What people call it.
    pub machine_name: String,
    /// The machine key: phones know its public half.
    pub key: KeyPair,
}

/// Where this machine is enrolled.
#[derive(Clone)]
pub struct Enrolment {
    /// Base URL of the Control Center.
    pub base_url: String,
    /// The RP application that it belongs to.
    pub rp_app_id: String,
    /// Its bearer token.
    pub token: Zeroizing<String>,
}

const KEY: &str = "identity.key";
const TOKEN: &str = "enrolment.token";

/// Makes an identity if there is none.
pub(super) fn ensure(
    connection: &Connection,
    sealer: &Sealer,
    machine_name: &str,
    rng: &dyn Rng,
) -> Result<(), WorkstationError> {
    if connection.query_row("SELECT 1 FROM identity", [], |_| Ok(())).optional()?.is_some() {
        return Ok(());
    }
    let mut id = [0u8; 16];
    rng.fill(&mut id);
    let machine_id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    // One in 2^32 numbers is outside the group.
    let mut scalar = Zeroizing::new([0; 32]);
    loop {
        rng.fill(scalar.as_mut());
        if KeyPair::from_secret(&Secret::new(*scalar)).is_ok() {
            break;
        }
    }
    let sealed = sealer.seal(rng, KEY, &machine_id, scalar.as_ref())?;
    connection.execute(
        "INSERT INTO identity (id, machine_id, machine_name, sealed_key) VALUES (1, ?1, ?2, ?3)",
        (&machine_id, machine_name, sealed),
    )?;
    Ok(())
}

impl Store {
    pub(in crate::workstation) fn identity(&self) -> Result<Identity, WorkstationError> {
        let (machine_id, machine_name, sealed) = self.connection().query_row(
            "SELECT machine_id, machine_name, sealed_key FROM identity",
            [],
            |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?)),
        )?;
        let scalar = self.sealer.open_key(KEY, &machine_id, &sealed)?;
        let key = KeyPair::from_secret(&Secret::new(*scalar)).map_err(|_| WorkstationError::Damaged)?;
        Ok(Identity { machine_id, machine_name, key })
    }

    pub(in crate::workstation) fn enrolment(&self) -> Result<Option<Enrolment>, WorkstationError> {
        let row = self
            .connection()
            .query_row("SELECT base_url, rp_app_id, sealed_token FROM enrolment", [], |row| {
                Ok((row.get::<_, String>(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?))
            })
            .optional()?;
        let Some((base_url, rp_app_id, sealed)) = row else { return Ok(None) };
        let token = self.sealer.open(TOKEN, &base_url, &sealed)?;
        let token = str::from_utf8(&token).map_err(|_| WorkstationError::Damaged)?;
        Ok(Some(Enrolment { token: Zeroizing::new(token.to_owned()), base_url, rp_app_id }))
    }

    pub(in crate::workstation) fn enrol(&self, enrolment: &Enrolment) -> Result<(), WorkstationError> {
        let sealed = self.sealer.seal(&*self.rng, TOKEN, &enrolment.base_url, enrolment.token.as_bytes())?;
        self.connection().execute(
            "INSERT OR REPLACE INTO enrolment (id, base_url, rp_app_id, sealed_token) VALUES (1, ?1, ?2, ?3)",
            (&enrolment.base_url, &enrolment.rp_app_id, sealed),
        )?;
        Ok(())
    }
}

impl core::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Enrolment(redacted)")
    }
}
