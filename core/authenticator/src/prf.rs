//! The secret of the PRF extension.

use zeroize::Zeroizing;

use crate::ports::Rng;

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
