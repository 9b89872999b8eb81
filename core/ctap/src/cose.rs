//! COSE algorithms and public keys (RFC 9052, RFC 9053).

use coset::iana;

use crate::DecodeError;
use crate::cbor::{Item, Writer};

// Labels of a COSE key in canonical order. EC2 and OKP keys share those of curve and x.
const KTY: i64 = iana::KeyParameter::Kty as i64;
const ALG: i64 = iana::KeyParameter::Alg as i64;
const CRV: i64 = iana::Ec2KeyParameter::Crv as i64;
const X: i64 = iana::Ec2KeyParameter::X as i64;
const Y: i64 = iana::Ec2KeyParameter::Y as i64;

const EC2: i64 = iana::KeyType::EC2 as i64;
const OKP: i64 = iana::KeyType::OKP as i64;
const P_256: i64 = iana::EllipticCurve::P_256 as i64;
const ED25519: i64 = iana::EllipticCurve::Ed25519 as i64;

/// A COSE algorithm identifier, as a relying party asks for it.
///
/// Any integer can stand in a request; which ones are supported is the authenticator's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Algorithm(pub i64);

impl Algorithm {
    /// ECDSA with SHA-256 on P-256; signatures are ASN.1 DER.
    pub const ES256: Algorithm = Algorithm(-7);
    /// EdDSA on Ed25519; signatures are 64 raw bytes.
    pub const EDDSA: Algorithm = Algorithm(-8);
}

/// A credential public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// ES256: affine coordinates on P-256, 32 bytes each, big endian.
    Es256 {
        /// x coordinate.
        x: [u8; 32],
        /// y coordinate.
        y: [u8; 32],
    },
    /// EdDSA: an Ed25519 public key (RFC 8032), 32 bytes.
    EdDsa {
        /// The encoded point.
        x: [u8; 32],
    },
}

impl PublicKey {
    /// The key's algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            PublicKey::Es256 { .. } => Algorithm::ES256,
            PublicKey::EdDsa { .. } => Algorithm::EDDSA,
        }
    }

    /// The COSE key in canonical CBOR, with `alg` and no other optional parameter (WebAuthn Level 3
    /// section 6.5.1): 77 bytes for ES256, 42 bytes for EdDSA.
    #[must_use]
    pub fn to_cose(&self) -> Vec<u8> {
        let mut out = Writer::new();
        match self {
            PublicKey::Es256 { x, y } => {
                out.map(5).integer(KTY).integer(EC2).integer(ALG).integer(Algorithm::ES256.0);
                out.integer(CRV).integer(P_256).integer(X).bytes(x).integer(Y).bytes(y);
            }
            PublicKey::EdDsa { x } => {
                out.map(4).integer(KTY).integer(OKP).integer(ALG).integer(Algorithm::EDDSA.0);
                out.integer(CRV).integer(ED25519).integer(X).bytes(x);
            }
        }
        out.finish()
    }

    /// Reads a COSE key that has exactly the form of [`PublicKey::to_cose`]. Whether the point is
    /// on its curve is for those to check who compute with it.
    ///
    /// # Errors
    /// [`DecodeError::Cbor`] unless it is a canonical map, [`DecodeError::UnknownKey`] for any other
    /// key type, algorithm, curve, coordinate length, point compression or optional parameter.
    pub fn from_cose(bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::read(Item::parse(bytes)?)
    }

    pub(crate) fn read(key: Item<'_>) -> Result<Self, DecodeError> {
        let [x, y] = key.numbered([X, Y])?;
        let coordinate = |item: Item<'_>| item.byte_array::<32>().map_err(|_| DecodeError::UnknownKey);
        let x = coordinate(x.ok_or(DecodeError::UnknownKey)?)?;
        let public_key = match y {
            Some(y) => PublicKey::Es256 { x, y: coordinate(y)? },
            None => PublicKey::EdDsa { x },
        };
        // Everything else in a key is fixed, so that comparing checks it all.
        if public_key.to_cose() == key.raw() { Ok(public_key) } else { Err(DecodeError::UnknownKey) }
    }
}

#[cfg(test)]
mod tests;
