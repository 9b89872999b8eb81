//! P-256 keys: the computer's key of a QR code, the phone's identity key of a link.

use core::fmt;

use p256::elliptic_curve::sec1::{FromEncodedPoint, ToEncodedPoint};
use p256::{AffinePoint, EncodedPoint, SecretKey};
use p256_sign::NonZeroScalar;
use p256_sign::elliptic_curve::sec1::ToSec1Point as _;
use rand_core::CryptoRngCore;
use zeroize::Zeroizing;

use crate::{HybridError, Secret};

/// How many draws a random source gets for one scalar. One fails with probability 2^-32.
const DRAWS: usize = 16;

/// A public key: a point that was checked to lie on the curve, in uncompressed form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 65]);

impl PublicKey {
    /// Decodes the compressed form: 0x02 or 0x03, then x, 32 bytes big endian.
    ///
    /// # Errors
    /// [`HybridError::InvalidPublicKey`]
    pub fn from_compressed(bytes: &[u8; 33]) -> Result<Self, HybridError> {
        match bytes {
            [2 | 3, ..] => Self::from_sec1(bytes),
            _ => Err(HybridError::InvalidPublicKey),
        }
    }

    /// Decodes the uncompressed form: 0x04, then x and y, 32 bytes big endian each.
    ///
    /// # Errors
    /// [`HybridError::InvalidPublicKey`]
    pub fn from_uncompressed(bytes: &[u8; 65]) -> Result<Self, HybridError> {
        match bytes {
            [4, ..] => Self::from_sec1(bytes),
            _ => Err(HybridError::InvalidPublicKey),
        }
    }

    fn from_sec1(bytes: &[u8]) -> Result<Self, HybridError> {
        let encoded = EncodedPoint::from_bytes(bytes).map_err(|_| HybridError::InvalidPublicKey)?;
        let point = Option::<AffinePoint>::from(AffinePoint::from_encoded_point(&encoded))
            .ok_or(HybridError::InvalidPublicKey)?;
        Self::from_point(&point.to_encoded_point(false))
    }

    fn from_point(point: &EncodedPoint) -> Result<Self, HybridError> {
        point.as_bytes().try_into().map(PublicKey).map_err(|_| HybridError::InvalidPublicKey)
    }

    /// 0x04, x, y.
    #[must_use]
    pub const fn uncompressed(&self) -> &[u8; 65] {
        &self.0
    }

    /// 0x02 or 0x03 by the parity of y, then x.
    #[must_use]
    pub fn compressed(&self) -> [u8; 33] {
        let [_, coordinates @ .., last] = self.0;
        let mut out = [0; 33];
        for (to, from) in out.iter_mut().zip([2 | last & 1].into_iter().chain(coordinates)) {
            *to = from;
        }
        out
    }
}

impl fmt::Debug for PublicKey {
    /// Shows nothing of the key: it identifies a ceremony or a phone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey(..)")
    }
}

/// A private key and its public key.
pub struct KeyPair {
    // Boxed, so that moving the pair leaves no copy of the scalar behind; wipes itself.
    secret: Box<SecretKey>,
    public: PublicKey,
}

impl KeyPair {
    /// A new random key pair.
    ///
    /// # Errors
    /// [`HybridError::Randomness`] when the source repeatedly gives numbers outside the group.
    pub fn generate(rng: &mut dyn CryptoRngCore) -> Result<Self, HybridError> {
        Self::from_secret(&draw_scalar(rng)?)
    }

    /// The key pair of a stored private key: 32 bytes, big endian.
    ///
    /// # Errors
    /// [`HybridError::InvalidPrivateKey`] when it is zero or not below the group order.
    pub fn from_secret(scalar: &Secret<32>) -> Result<Self, HybridError> {
        let secret = SecretKey::from_slice(scalar.expose()).map_err(|_| HybridError::InvalidPrivateKey)?;
        let public = public_of(scalar.expose()).ok_or(HybridError::InvalidPrivateKey)?;
        Ok(KeyPair { secret: Box::new(secret), public: PublicKey(public) })
    }

    /// The public key.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The private key, for the Noise library.
    pub(crate) fn scalar(&self) -> Secret<32> {
        Secret::new(self.secret.to_bytes().into())
    }

    /// ECDH: x of the shared point, 32 bytes big endian.
    ///
    /// # Errors
    /// [`HybridError::InvalidPublicKey`] does not happen for a checked [`PublicKey`].
    pub fn diffie_hellman(&self, peer: &PublicKey) -> Result<Secret<32>, HybridError> {
        ecdh(&self.secret, peer.uncompressed()).ok_or(HybridError::InvalidPublicKey)
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyPair(<redacted>)")
    }
}

/// The public key of a private one, uncompressed; `None` when that is no scalar of the group. p256 0.14 multiplies the
/// generator in 0.4 of the time that 0.13 takes, whose ECDH is the faster one.
pub(crate) fn public_of(scalar: &[u8]) -> Option<[u8; 65]> {
    let scalar = Zeroizing::new(NonZeroScalar::try_from(scalar).ok()?);
    p256_sign::PublicKey::from_secret_scalar(&scalar).to_sec1_point(false).as_bytes().try_into().ok()
}

/// ECDH with a point that was not checked yet; `None` when it is not on the curve.
pub(crate) fn ecdh(secret: &SecretKey, point: &[u8]) -> Option<Secret<32>> {
    let peer = p256::PublicKey::from_sec1_bytes(point).ok()?;
    let shared = p256::ecdh::diffie_hellman(secret.to_nonzero_scalar(), peer.as_affine());
    Some(Secret::filled(|out| out.copy_from_slice(shared.raw_secret_bytes())))
}

/// Draws a private key: 32 bytes that are a scalar of the group.
pub(crate) fn draw_scalar(rng: &mut dyn CryptoRngCore) -> Result<Secret<32>, HybridError> {
    core::iter::repeat_with(|| Secret::random(rng))
        .take(DRAWS)
        .find(|scalar| SecretKey::from_slice(scalar.expose()).is_ok())
        .ok_or(HybridError::Randomness)
}

#[cfg(test)]
mod tests;
