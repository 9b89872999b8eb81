//! CTAP2 canonical CBOR (CTAP 2.3 section 8, message encoding).
//!
//! [`Item::parse`] checks a whole message once: shortest integers and lengths, definite lengths, no
//! tags, no floating point, valid UTF-8, keys sorted without duplicates, bounded depth, nothing
//! after the item. An [`Item`] is then a view into bytes that are known to be sound; reading one
//! never allocates.

mod check;
mod head;
mod item;
mod writer;

use thiserror::Error;

pub use item::{Item, map_header};
pub use writer::{MapWriter, Writer};

/// Deepest nesting of arrays and maps in a CTAP2 message: four (CTAP 2.3 section 8), and one more for
/// the `prf` extension, whose salts by credential lie that deep.
pub const MAX_DEPTH: usize = 5;

/// Why bytes are not an acceptable message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CborError {
    /// The input ends inside an item, or a length points past its end.
    #[error("CBOR ends too early")]
    Truncated,
    /// Bytes follow the item.
    #[error("bytes follow the CBOR item")]
    TrailingBytes,
    /// Not well-formed: a reserved additional information value or a stray break.
    #[error("CBOR is not well-formed")]
    Malformed,
    /// An integer or a length is not in its shortest form.
    #[error("CBOR number is not in its shortest form")]
    NotShortest,
    /// An indefinite-length item.
    #[error("CBOR item of indefinite length")]
    Indefinite,
    /// A tag.
    #[error("CBOR tag")]
    Tag,
    /// A floating-point number, or a simple value other than false, true and null.
    #[error("CBOR simple value or floating-point number")]
    Simple,
    /// A text string is not UTF-8.
    #[error("CBOR text is not UTF-8")]
    InvalidUtf8,
    /// Map keys are not in canonical order.
    #[error("CBOR map keys are out of order")]
    KeyOrder,
    /// A map key occurs twice.
    #[error("CBOR map key occurs twice")]
    DuplicateKey,
    /// Arrays and maps are nested deeper than [`MAX_DEPTH`].
    #[error("CBOR is nested too deeply")]
    TooDeep,
    /// Sound CBOR, but not of the type that belongs here.
    #[error("CBOR item of an unexpected type")]
    UnexpectedType,
}

/// The type of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Major types 0 and 1.
    Integer,
    /// Major type 2.
    Bytes,
    /// Major type 3.
    Text,
    /// Major type 4.
    Array,
    /// Major type 5.
    Map,
    /// `false` or `true`.
    Bool,
    /// `null`.
    Null,
}

#[cfg(test)]
mod tests;
