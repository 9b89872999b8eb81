//! The PRF extension (WebAuthn Level 3 section 10.1.4).

use hmac_sign::{Hmac, KeyInit as _, Mac as _};
use latchkey_ctap::PrfValues;
use sha2_sign::Sha256;
use zeroize::Zeroizing;

use crate::ports::{Consent, Rng};

/// The secret that a credential's PRF outputs come from: 32 random bytes, made together with the
/// credential (`CredRandomWithUV` of CTAP 2.3 section 12.7). It stays in software where the signing
/// key is in hardware, sealed like a software key. Wiped on drop, printed as redacted.
pub struct PrfSecret(Zeroizing<[u8; 32]>);

impl PrfSecret {
    /// Makes a new secret.
    #[must_use]
    pub fn generate(rng: &dyn Rng) -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill(secret.as_mut());
        PrfSecret(secret)
    }

    /// Rebuilds a secret from what [`PrfSecret::seal`] handed to its store. Any 32 bytes are one.
    #[must_use]
    pub const fn unseal(secret: Zeroizing<[u8; 32]>) -> Self {
        PrfSecret(secret)
    }

    /// The outputs for salts that are hashed already: HMAC-SHA-256 of the secret over each (CTAP 2.3
    /// section 12.7).
    #[must_use]
    pub fn evaluate(&self, salts: &PrfValues) -> PrfValues {
        PrfValues {
            first: self.output(&salts.first),
            second: salts.second.as_ref().map(|salt| self.output(salt)),
        }
    }

    fn output(&self, salt: &[u8; 32]) -> [u8; 32] {
        // HMAC takes a key of any length.
        let Ok(hmac) = Hmac::<Sha256>::new_from_slice(self.0.as_ref()) else { unreachable!() };
        hmac.chain_update(salt).finalize().into_bytes().into()
    }

    /// Lets a [`crate::ports::CredentialStore`] encrypt the 32 bytes. There is no other way to reach
    /// them.
    pub fn seal<R>(&self, seal: impl FnOnce(&[u8; 32]) -> R) -> R {
        seal(&self.0)
    }
}

impl core::fmt::Debug for PrfSecret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PrfSecret(redacted)")
    }
}

/// The outputs for salts, if the person was verified in this very ceremony.
///
/// A credential has one PRF, that of user verification (WebAuthn Level 3 section 10.1.4). Outputs
/// without would have to come from a second secret (CTAP 2.3 section 12.7, `CredRandomWithoutUV`), and
/// what a page encrypted under the one would not open with the other.
pub(crate) fn results(
    secret: Option<&PrfSecret>,
    salts: Option<&PrfValues>,
    consent: &Consent,
) -> Option<PrfValues> {
    match (secret, salts) {
        (Some(secret), Some(salts)) if consent.verified => Some(secret.evaluate(salts)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
