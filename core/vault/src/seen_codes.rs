//! QR codes that were served: the same code is not served twice, by whichever process.

use latchkey_authenticator::ports::StoreError;
use rusqlite::TransactionBehavior;

use crate::Vault;
use crate::database::Durability;
use crate::keys::LookupTag;

const LOOKUP: &str = "seen_code.lookup";

/// What a code's end is rounded up to, in seconds, so that the file does not tell when it was scanned.
const DAY: u64 = 86_400;

impl Vault {
    /// Remembers the code with this secret for at least `lifetime` seconds from `now`, in Unix
    /// seconds, and until the end of that day. `false` if it is remembered already: it must not be
    /// served again.
    ///
    /// A clock that is turned back makes the vault remember longer, not shorter. The end of the process
    /// does not make it forget; a power cut within moments may, and a computer has stopped listening for
    /// its code before a phone has started again.
    ///
    /// # Errors
    /// [`StoreError`]; nothing changes then
    pub fn admit_code(&self, secret: &[u8], now: u64, lifetime: u64) -> Result<bool, StoreError> {
        let expires = now.saturating_add(lifetime).div_ceil(DAY).saturating_mul(DAY);
        // SQLite's integers are signed.
        let time = |seconds| i64::try_from(seconds).unwrap_or(i64::MAX);
        self.with(|database| {
            let connection = database.commit_each(Durability::Relaxed)?;
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.prepare_cached("DELETE FROM seen_code WHERE expires <= ?1")?.execute([time(now)])?;
            let admitted = transaction
                .prepare_cached(
                    "INSERT INTO seen_code (lookup, expires) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                )?
                .execute((self.code_tag(secret), time(expires)))?;
            transaction.commit()?;
            Ok(admitted == 1)
        })
    }

    /// Forgets a code that was admitted and of which nobody heard.
    ///
    /// # Errors
    /// [`StoreError`]: the code stays remembered
    pub fn readmit_code(&self, secret: &[u8]) -> Result<(), StoreError> {
        let lookup = self.code_tag(secret);
        self.with(|database| {
            let connection = database.commit_each(Durability::Relaxed)?;
            connection.prepare_cached("DELETE FROM seen_code WHERE lookup = ?1")?.execute([lookup])?;
            Ok(())
        })
    }

    fn code_tag(&self, secret: &[u8]) -> LookupTag {
        self.keys.tag(LOOKUP, &[secret])
    }
}

#[cfg(test)]
mod tests;
