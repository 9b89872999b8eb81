//! Refuses a QR code that was served a short time ago.

use core::time::Duration;
use std::collections::VecDeque;

use sha2::{Digest, Sha256};

use crate::{HybridError, Secret};

/// How long a code is remembered. Computers show a code for less.
pub const REMEMBERED: Duration = Duration::from_secs(300);

/// How many codes are remembered; then the oldest goes.
pub const CAPACITY: usize = 64;

/// Codes served a short time ago. It keeps digests, not secrets.
#[derive(Default)]
pub struct SeenCodes {
    /// Digest of the secret and when it was seen, oldest first.
    seen: VecDeque<([u8; 32], Duration)>,
}

impl SeenCodes {
    /// Admits a code once in [`REMEMBERED`]. `now` is monotonic time since any fixed moment.
    ///
    /// # Errors
    /// [`HybridError::CodeAlreadyUsed`]
    pub fn admit(&mut self, secret: &Secret<16>, now: Duration) -> Result<(), HybridError> {
        self.seen.retain(|&(_, at)| now.saturating_sub(at) < REMEMBERED);
        let digest = digest(secret);
        if self.seen.iter().any(|&(other, _)| other == digest) {
            return Err(HybridError::CodeAlreadyUsed);
        }
        if self.seen.len() == CAPACITY {
            self.seen.pop_front();
        }
        self.seen.push_back((digest, now));
        Ok(())
    }

    /// Forgets a code whose ceremony ended before anything was advertised, so that it may be scanned again.
    pub fn forget(&mut self, secret: &Secret<16>) {
        let digest = digest(secret);
        self.seen.retain(|&(other, _)| other != digest);
    }
}

impl core::fmt::Debug for SeenCodes {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SeenCodes({})", self.seen.len())
    }
}

fn digest(secret: &Secret<16>) -> [u8; 32] {
    Sha256::digest(secret.expose()).into()
}

#[cfg(test)]
mod tests;
