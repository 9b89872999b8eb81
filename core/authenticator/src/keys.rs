//! Credential keys behind handles: sign with them, never take them out.

use std::sync::Once;

use ecdsa_sign::hazmat::sign_prehashed_rfc6979;
use ed25519_dalek::Signer as _;
use latchkey_ctap::{Algorithm, PublicKey};
use p256_sign::elliptic_curve::Group as _;
use p256_sign::elliptic_curve::sec1::ToSec1Point as _;
use p256_sign::{NistP256, NonZeroScalar, ProjectivePoint, Scalar};
use sha2_sign::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::ports::{HardwareKey, Rng};

/// The signing key of a credential.
#[derive(Debug)]
pub enum CredentialKey {
    /// A key that the vault keeps sealed.
    Software(SoftwareKey),
    /// A key in hardware, used through [`crate::ports::KeyVault`].
    Hardware(HardwareKey),
}

/// A private key in memory. Wiped on drop, printed as redacted.
pub struct SoftwareKey(Secret);

/// Both kinds wipe themselves when dropped.
enum Secret {
    /// The bare scalar. A `SigningKey` would compute the public key whenever it is
    /// built, which costs as much as the signature that it is built for.
    Es256(Zeroizing<NonZeroScalar>),
    /// EdDSA hashes the public key into every signature, so this one carries it.
    EdDsa(ed25519_dalek::SigningKey),
}

/// A stored key that is not a valid private key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid private key")]
pub struct InvalidKey;

impl SoftwareKey {
    /// The algorithms that keys can be made for, in the order of preference.
    pub const ALGORITHMS: [Algorithm; 2] = [Algorithm::ES256, Algorithm::EDDSA];

    /// Makes a new key, or `None` for an algorithm that is not supported.
    #[must_use]
    pub fn generate(algorithm: Algorithm, rng: &dyn Rng) -> Option<Self> {
        if !Self::ALGORITHMS.contains(&algorithm) {
            return None;
        }
        // 32 random bytes are a valid scalar of P-256 but once in 2^32 draws; any 32 bytes are an
        // Ed25519 seed.
        loop {
            let mut secret = Zeroizing::new([0; 32]);
            rng.fill(secret.as_mut());
            if let Ok(key) = Self::unseal(algorithm, secret) {
                return Some(key);
            }
        }
    }

    /// Rebuilds a key from what [`SoftwareKey::seal`] handed to its store: for ES256 the scalar (32
    /// bytes, big endian), for EdDSA the seed (RFC 8032 section 5.1.5, 32 bytes).
    ///
    /// # Errors
    /// [`InvalidKey`] for a scalar of zero or not below the order of the curve, and for an algorithm
    /// that is not supported.
    pub fn unseal(algorithm: Algorithm, secret: Zeroizing<[u8; 32]>) -> Result<Self, InvalidKey> {
        match algorithm {
            Algorithm::ES256 => NonZeroScalar::try_from(secret.as_slice())
                .map(|scalar| SoftwareKey(Secret::Es256(Zeroizing::new(scalar))))
                .map_err(|_| InvalidKey),
            Algorithm::EDDSA => {
                Ok(SoftwareKey(Secret::EdDsa(ed25519_dalek::SigningKey::from_bytes(&secret))))
            }
            _ => Err(InvalidKey),
        }
    }

    /// Lets a [`crate::ports::CredentialStore`] encrypt the 32 secret bytes. There is no other way
    /// to reach them.
    pub fn seal<R>(&self, seal: impl FnOnce(&[u8; 32]) -> R) -> R {
        match &self.0 {
            Secret::Es256(scalar) => {
                let secret: Zeroizing<[u8; 32]> =
                    Zeroizing::new(p256_sign::FieldBytes::from(**scalar).into());
                seal(&secret)
            }
            Secret::EdDsa(key) => seal(key.as_bytes()),
        }
    }

    /// The key's algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self.0 {
            Secret::Es256(_) => Algorithm::ES256,
            Secret::EdDsa(_) => Algorithm::EDDSA,
        }
    }

    /// The public half. For ES256 it is computed on every call, which costs about as much as a
    /// signature.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        match &self.0 {
            Secret::Es256(scalar) => {
                let point = p256_sign::PublicKey::from_secret_scalar(scalar).to_sec1_point(false);
                // The point of a non-zero scalar is never the identity: both coordinates exist.
                PublicKey::Es256 {
                    x: point.x().copied().unwrap_or_default().into(),
                    y: point.y().copied().unwrap_or_default().into(),
                }
            }
            Secret::EdDsa(key) => PublicKey::EdDsa { x: key.verifying_key().to_bytes() },
        }
    }

    /// Signs `message`: ES256 gives ASN.1 DER, EdDSA 64 raw bytes. Both are deterministic (RFC 6979,
    /// RFC 8032): a signature needs no randomness that could fail.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.0 {
            Secret::Es256(scalar) => {
                let hash = Sha256::digest(message);
                let (signature, _) = sign_prehashed_rfc6979::<NistP256, Sha256>(scalar, &hash, &[]);
                signature.to_der().as_bytes().to_vec()
            }
            Secret::EdDsa(key) => key.sign(message).to_bytes().to_vec(),
        }
    }
}

/// Builds the table of multiples of P-256's generator (25 KB), unless this process has it. Whoever
/// first makes a key or signs builds it otherwise, and takes five times as long for it: better while
/// the person is being asked.
pub(crate) fn prepare() {
    static PREPARED: Once = Once::new();
    PREPARED.call_once(|| {
        core::hint::black_box(ProjectivePoint::mul_by_generator(&Scalar::ONE));
    });
}

impl core::fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SoftwareKey({:?}, redacted)", self.algorithm())
    }
}

#[cfg(test)]
mod tests;
