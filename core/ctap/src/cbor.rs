//! CTAP2 canonical CBOR (CTAP 2.3 section 8, message encoding).
//!
//! [`Item::parse`] checks a whole message once: shortest integers and lengths, definite lengths, no
//! tags, no floating point, valid UTF-8, keys sorted without duplicates, bounded depth, nothing
//! after the item. An [`Item`] is then a view into bytes that are known to be sound; reading one
//! never allocates. `ciborium-ll` reads the headers, this module checks what it cannot.

use ciborium_ll::{Decoder, Encoder, Header, simple};
use thiserror::Error;

/// Deepest nesting of arrays and maps in a CTAP2 message.
pub const MAX_DEPTH: usize = 4;

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

/// A view of one sound CBOR item inside a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Item<'a> {
    bytes: &'a [u8],
}

/// One header and how many bytes it took.
struct Head {
    header: Header,
    len: usize,
}

fn head(bytes: &[u8]) -> Result<Head, CborError> {
    let mut decoder = Decoder::from(bytes);
    let header = decoder.pull().map_err(|error| match error {
        ciborium_ll::Error::Io(_) => CborError::Truncated,
        ciborium_ll::Error::Syntax(_) => CborError::Malformed,
    })?;
    Ok(Head { header, len: decoder.offset() })
}

/// Length of the shortest header that carries `value`.
const fn shortest(value: u64) -> usize {
    match value {
        0..=23 => 1,
        24..=0xFF => 2,
        0x100..=0xFFFF => 3,
        0x1_0000..=0xFFFF_FFFF => 5,
        _ => 9,
    }
}

/// Checks the item at the start of `bytes` and returns its length.
///
/// Recursion is bounded by `depth`, the number of levels still allowed.
fn check(bytes: &[u8], depth: usize) -> Result<usize, CborError> {
    let Head { header, len } = head(bytes)?;
    let value = match header {
        Header::Positive(n) | Header::Negative(n) => n,
        Header::Bytes(Some(n)) | Header::Text(Some(n)) | Header::Array(Some(n)) | Header::Map(Some(n)) => {
            n as u64
        }
        Header::Simple(simple::FALSE | simple::TRUE | simple::NULL) => 0,
        Header::Bytes(None) | Header::Text(None) | Header::Array(None) | Header::Map(None) => {
            return Err(CborError::Indefinite);
        }
        Header::Tag(_) => return Err(CborError::Tag),
        Header::Break => return Err(CborError::Malformed),
        Header::Simple(_) | Header::Float(_) => return Err(CborError::Simple),
    };
    if len != shortest(value) {
        return Err(CborError::NotShortest);
    }
    match header {
        Header::Bytes(Some(n)) => end_of(bytes, len, n),
        Header::Text(Some(n)) => {
            let end = end_of(bytes, len, n)?;
            let text = bytes.get(len..end).ok_or(CborError::Truncated)?;
            core::str::from_utf8(text).map_err(|_| CborError::InvalidUtf8)?;
            Ok(end)
        }
        Header::Array(Some(n)) => {
            let inner = depth.checked_sub(1).ok_or(CborError::TooDeep)?;
            let mut at = len;
            for _ in 0..n {
                at += check(rest(bytes, at)?, inner)?;
            }
            Ok(at)
        }
        Header::Map(Some(n)) => {
            let inner = depth.checked_sub(1).ok_or(CborError::TooDeep)?;
            let mut at = len;
            let mut previous: Option<&[u8]> = None;
            for _ in 0..n {
                let start = at;
                at += check(rest(bytes, at)?, inner)?;
                let key = bytes.get(start..at).ok_or(CborError::Truncated)?;
                if let Some(previous) = previous {
                    match key_order(previous, key) {
                        core::cmp::Ordering::Less => {}
                        core::cmp::Ordering::Equal => return Err(CborError::DuplicateKey),
                        core::cmp::Ordering::Greater => return Err(CborError::KeyOrder),
                    }
                }
                previous = Some(key);
                at += check(rest(bytes, at)?, inner)?;
            }
            Ok(at)
        }
        _ => Ok(len),
    }
}

fn rest(bytes: &[u8], at: usize) -> Result<&[u8], CborError> {
    bytes.get(at..).ok_or(CborError::Truncated)
}

fn end_of(bytes: &[u8], start: usize, len: usize) -> Result<usize, CborError> {
    start.checked_add(len).filter(|&end| end <= bytes.len()).ok_or(CborError::Truncated)
}

/// Order of encoded keys: major type, then length, then bytes.
fn key_order(a: &[u8], b: &[u8]) -> core::cmp::Ordering {
    let major = |key: &[u8]| key.first().map(|byte| byte >> 5);
    major(a).cmp(&major(b)).then(a.len().cmp(&b.len())).then_with(|| a.cmp(b))
}

impl<'a> Item<'a> {
    /// Checks that `bytes` are exactly one item in CTAP2 canonical form.
    ///
    /// # Errors
    /// Every variant of [`CborError`] except [`CborError::UnexpectedType`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, CborError> {
        let end = check(bytes, MAX_DEPTH)?;
        if end == bytes.len() { Ok(Item { bytes }) } else { Err(CborError::TrailingBytes) }
    }

    /// The item's encoding.
    #[must_use]
    pub const fn raw(self) -> &'a [u8] {
        self.bytes
    }

    /// The type of the item.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self.bytes.first().map(|byte| byte >> 5) {
            Some(0 | 1) => Kind::Integer,
            Some(2) => Kind::Bytes,
            Some(3) => Kind::Text,
            Some(4) => Kind::Array,
            Some(5) => Kind::Map,
            _ if self.bytes == [0xF6] => Kind::Null,
            _ => Kind::Bool,
        }
    }

    /// An integer. Values outside `i64` do not occur in CTAP and count as unexpected.
    ///
    /// # Errors
    /// [`CborError::UnexpectedType`]
    pub fn integer(self) -> Result<i64, CborError> {
        let unexpected = |_| CborError::UnexpectedType;
        match head(self.bytes)?.header {
            Header::Positive(n) => i64::try_from(n).map_err(unexpected),
            Header::Negative(n) => i64::try_from(n).map(|n| !n).map_err(unexpected),
            _ => Err(CborError::UnexpectedType),
        }
    }

    /// An unsigned integer.
    ///
    /// # Errors
    /// [`CborError::UnexpectedType`]
    pub fn unsigned(self) -> Result<u64, CborError> {
        match head(self.bytes)?.header {
            Header::Positive(n) => Ok(n),
            _ => Err(CborError::UnexpectedType),
        }
    }

    /// A byte string.
    ///
    /// # Errors
    /// [`CborError::UnexpectedType`]
    pub fn bytes(self) -> Result<&'a [u8], CborError> {
        let Head { header, len } = head(self.bytes)?;
        match header {
            Header::Bytes(Some(_)) => rest(self.bytes, len),
            _ => Err(CborError::UnexpectedType),
        }
    }

    /// A byte string of exactly `N` bytes.
    ///
    /// # Errors
    /// [`CborError::UnexpectedType`]
    pub fn byte_array<const N: usize>(self) -> Result<[u8; N], CborError> {
        self.bytes()?.try_into().map_err(|_| CborError::UnexpectedType)
    }

    /// A text string.
    ///
    /// # Errors
    /// [`CborError::UnexpectedType`]
    pub fn text(self) -> Result<&'a str, CborError> {
        let Head { header, len } = head(self.bytes)?;
        match header {
            Header::Text(Some(_)) => {
                core::str::from_utf8(rest(self.bytes, len)?).map_err(|_| CborError::InvalidUtf8)
            }
            _ => Err(CborError::UnexpectedType),
        }
    }

    /// `false` or `true`.
    ///
    /// # Errors
    /// [`CborError::UnexpectedType`]
    pub fn boolean(self) -> Result<bool, CborError> {
        match head(self.bytes)?.header {
            Header::Simple(simple::FALSE) => Ok(false),
            Header::Simple(simple::TRUE) => Ok(true),
            _ => Err(CborError::UnexpectedType),
        }
    }

    /// The elements of an array.
    ///
    /// # Errors
    /// [`CborError::UnexpectedType`]
    pub fn array(self) -> Result<impl Iterator<Item = Item<'a>>, CborError> {
        let Head { header, len } = head(self.bytes)?;
        match header {
            Header::Array(Some(_)) => Ok(Items { rest: rest(self.bytes, len)? }),
            _ => Err(CborError::UnexpectedType),
        }
    }

    /// The entries of a map, in canonical order.
    ///
    /// # Errors
    /// [`CborError::UnexpectedType`]
    pub fn map(self) -> Result<impl Iterator<Item = (Item<'a>, Item<'a>)>, CborError> {
        let Head { header, len } = head(self.bytes)?;
        match header {
            Header::Map(Some(_)) => {
                let mut items = Items { rest: rest(self.bytes, len)? };
                Ok(core::iter::from_fn(move || Some((items.next()?, items.next()?))))
            }
            _ => Err(CborError::UnexpectedType),
        }
    }
}

impl core::fmt::Debug for Item<'_> {
    /// Shows the type only: a message may carry personal data.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Item({:?}, {} bytes)", self.kind(), self.bytes.len())
    }
}

/// Items that follow each other in checked bytes.
struct Items<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let (bytes, rest) = self.rest.split_at_checked(length(self.rest)?)?;
        self.rest = rest;
        Some(Item { bytes })
    }
}

/// Length of the checked item at the start of `bytes`.
fn length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0usize;
    let mut open = 1usize;
    while open > 0 {
        let Head { header, len } = head(bytes.get(at..)?).ok()?;
        at = at.checked_add(len)?;
        open -= 1;
        match header {
            Header::Bytes(Some(n)) | Header::Text(Some(n)) => at = at.checked_add(n)?,
            Header::Array(Some(n)) => open = open.checked_add(n)?,
            Header::Map(Some(n)) => open = open.checked_add(n.checked_mul(2)?)?,
            _ => {}
        }
    }
    Some(at)
}

/// Writes CTAP2 canonical CBOR. The caller gives map entries in canonical order; numbers and
/// lengths come out in their shortest form by themselves.
#[derive(Default)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// An empty message.
    #[must_use]
    pub fn new() -> Self {
        Writer::default()
    }

    fn push(&mut self, header: Header) -> &mut Self {
        // Writing to a vector cannot fail.
        let Ok(()) = Encoder::from(&mut self.out).push(header);
        self
    }

    /// Starts a map of `entries` pairs; keys and values follow in turn.
    pub fn map(&mut self, entries: usize) -> &mut Self {
        self.push(Header::Map(Some(entries)))
    }

    /// Starts an array of `len` items.
    pub fn array(&mut self, len: usize) -> &mut Self {
        self.push(Header::Array(Some(len)))
    }

    /// An integer.
    pub fn integer(&mut self, value: i64) -> &mut Self {
        self.push(match u64::try_from(value) {
            Ok(value) => Header::Positive(value),
            Err(_) => Header::Negative(value.unsigned_abs().wrapping_sub(1)),
        })
    }

    /// An unsigned integer.
    pub fn unsigned(&mut self, value: u64) -> &mut Self {
        self.push(Header::Positive(value))
    }

    /// A byte string.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.push(Header::Bytes(Some(value.len()))).raw(value)
    }

    /// A text string.
    pub fn text(&mut self, value: &str) -> &mut Self {
        self.push(Header::Text(Some(value.len()))).raw(value.as_bytes())
    }

    /// `false` or `true`.
    pub fn boolean(&mut self, value: bool) -> &mut Self {
        self.push(Header::Simple(if value { simple::TRUE } else { simple::FALSE }))
    }

    /// Bytes that are already canonical CBOR.
    pub fn raw(&mut self, encoded: &[u8]) -> &mut Self {
        self.out.extend_from_slice(encoded);
        self
    }

    /// The message.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.out
    }
}
