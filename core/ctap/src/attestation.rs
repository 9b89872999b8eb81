//! Attestation statements (WebAuthn Level 3 section 8).

use crate::Algorithm;

/// An attestation statement format that the authenticator can produce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttestationFormat {
    /// `none` (section 8.7): an empty map.
    None,
    /// `packed` self attestation (section 8.2): signed with the credential's own key.
    PackedSelf,
}

/// An attestation statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttestationStatement {
    /// `none`: an empty map.
    None,
    /// `packed` without `x5c`.
    PackedSelf {
        /// The credential's algorithm.
        algorithm: Algorithm,
        /// Signature over authenticator data and client data hash.
        signature: Vec<u8>,
    },
}
