//! COSE algorithms and public keys (RFC 9052, RFC 9053).

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
