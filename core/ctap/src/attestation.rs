//! Attestation statements (WebAuthn Level 3 section 8).

use crate::cbor::{Item, Writer};
use crate::{Algorithm, DecodeError};

/// An attestation statement format that the authenticator can produce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttestationFormat {
    /// `none` (section 8.7): an empty map.
    None,
    /// `packed` self attestation (section 8.2): signed with the credential's own key.
    PackedSelf,
}

impl AttestationFormat {
    /// The format's registered identifier.
    #[must_use]
    pub const fn identifier(self) -> &'static str {
        match self {
            AttestationFormat::None => "none",
            AttestationFormat::PackedSelf => "packed",
        }
    }

    /// The format that a client asks for by `identifier`, if it is known here.
    #[must_use]
    pub fn from_identifier(identifier: &str) -> Option<Self> {
        [AttestationFormat::None, AttestationFormat::PackedSelf]
            .into_iter()
            .find(|format| format.identifier() == identifier)
    }
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
    /// Any other statement, which a client passes on without looking into it.
    Other {
        /// Identifier of the format.
        format: String,
        /// The statement in canonical CBOR.
        statement: Vec<u8>,
    },
}

impl AttestationStatement {
    /// Identifier of the format.
    #[must_use]
    pub fn format(&self) -> &str {
        match self {
            AttestationStatement::None => AttestationFormat::None.identifier(),
            AttestationStatement::PackedSelf { .. } => AttestationFormat::PackedSelf.identifier(),
            AttestationStatement::Other { format, .. } => format,
        }
    }

    /// A `none` statement may be left out (CTAP 2.3 section 6.1.2).
    pub(crate) fn read(format: &str, statement: Option<Item<'_>>) -> Result<Self, DecodeError> {
        let known = AttestationFormat::from_identifier(format);
        let Some(statement) = statement else {
            return match known {
                Some(AttestationFormat::None) => Ok(AttestationStatement::None),
                _ => Err(DecodeError::MissingParameter("attStmt")),
            };
        };
        match known {
            Some(AttestationFormat::None) => match statement.map()?.next() {
                None => Ok(AttestationStatement::None),
                Some(_) => Err(DecodeError::InvalidValue("attStmt")),
            },
            Some(AttestationFormat::PackedSelf) if statement.map()?.count() == 2 => {
                let [algorithm, signature] = statement.named(["alg", "sig"])?;
                Ok(AttestationStatement::PackedSelf {
                    algorithm: Algorithm(
                        algorithm.ok_or(DecodeError::MissingMember("attStmt.alg"))?.integer()?,
                    ),
                    signature: signature.ok_or(DecodeError::MissingMember("attStmt.sig"))?.bytes()?.to_vec(),
                })
            }
            _ => Ok(AttestationStatement::Other {
                format: format.to_owned(),
                statement: statement.raw().to_vec(),
            }),
        }
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        match self {
            AttestationStatement::None => out.map(0),
            AttestationStatement::PackedSelf { algorithm, signature } => {
                out.map(2).text("alg").integer(algorithm.0).text("sig").bytes(signature)
            }
            AttestationStatement::Other { statement, .. } => out.raw(statement),
        };
    }
}
