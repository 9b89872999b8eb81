//! Reading checked bytes.

use super::check::{check, length, rest};
use super::head::{FALSE, Head, Major, TRUE};
use super::{CborError, Kind, MAX_DEPTH};

/// Reads the header of a map at the start of `bytes`: how many entries the map has, and what follows.
///
/// For a map whose entries are known, read one after the other with [`Item::parse_prefix`]: whoever
/// does that checks their order by expecting it.
///
/// # Errors
/// [`CborError::UnexpectedType`]; for a header that is not canonical as [`Item::parse`].
pub fn map_header(bytes: &[u8]) -> Result<(u64, &[u8]), CborError> {
    match Head::read(bytes)? {
        Head { major: Major::Map, argument, len } => Ok((argument, rest(bytes, len)?)),
        _ => Err(CborError::UnexpectedType),
    }
}

/// A view of one sound CBOR item inside a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Item<'a> {
    bytes: &'a [u8],
}

impl<'a> Item<'a> {
    /// Checks that `bytes` are exactly one item in CTAP2 canonical form.
    ///
    /// # Errors
    /// Every variant of [`CborError`] except [`CborError::UnexpectedType`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, CborError> {
        match Self::parse_prefix(bytes)? {
            (item, []) => Ok(item),
            _ => Err(CborError::TrailingBytes),
        }
    }

    /// Like [`Item::parse`] for an item that other bytes may follow; returns those bytes too.
    ///
    /// # Errors
    /// As [`Item::parse`], except [`CborError::TrailingBytes`].
    pub fn parse_prefix(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), CborError> {
        let end = check(bytes, MAX_DEPTH)?;
        let (bytes, rest) = bytes.split_at_checked(end).ok_or(CborError::Truncated)?;
        Ok((Item { bytes }, rest))
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
        let Head { major, argument, .. } = Head::read(self.bytes)?;
        match (major, i64::try_from(argument)) {
            (Major::Unsigned, Ok(number)) => Ok(number),
            (Major::Negative, Ok(number)) => Ok(!number),
            _ => Err(CborError::UnexpectedType),
        }
    }

    /// An unsigned integer.
    ///
    /// # Errors
    /// [`CborError::UnexpectedType`]
    pub fn unsigned(self) -> Result<u64, CborError> {
        match Head::read(self.bytes)? {
            Head { major: Major::Unsigned, argument, .. } => Ok(argument),
            _ => Err(CborError::UnexpectedType),
        }
    }

    /// A byte string.
    ///
    /// # Errors
    /// [`CborError::UnexpectedType`]
    pub fn bytes(self) -> Result<&'a [u8], CborError> {
        self.content(Major::Bytes)
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
        core::str::from_utf8(self.content(Major::Text)?).map_err(|_| CborError::InvalidUtf8)
    }

    /// `false` or `true`.
    ///
    /// # Errors
    /// [`CborError::UnexpectedType`]
    pub fn boolean(self) -> Result<bool, CborError> {
        match Head::read(self.bytes)? {
            Head { major: Major::Simple, argument: FALSE, .. } => Ok(false),
            Head { major: Major::Simple, argument: TRUE, .. } => Ok(true),
            _ => Err(CborError::UnexpectedType),
        }
    }

    /// The elements of an array.
    ///
    /// # Errors
    /// [`CborError::UnexpectedType`]
    pub fn array(self) -> Result<impl Iterator<Item = Item<'a>>, CborError> {
        Ok(Items { rest: self.content(Major::Array)? })
    }

    /// The entries of a map, in canonical order.
    ///
    /// # Errors
    /// [`CborError::UnexpectedType`]
    pub fn map(self) -> Result<impl Iterator<Item = (Item<'a>, Item<'a>)>, CborError> {
        let mut items = Items { rest: self.content(Major::Map)? };
        Ok(core::iter::from_fn(move || Some((items.next()?, items.next()?))))
    }

    /// What follows the header of an item of this type.
    fn content(self, wanted: Major) -> Result<&'a [u8], CborError> {
        let Head { major, len, .. } = Head::read(self.bytes)?;
        if major == wanted { rest(self.bytes, len) } else { Err(CborError::UnexpectedType) }
    }
}

/// Members of a map, picked by key. A CTAP map has few known members and may have unknown ones.
impl<'a> Item<'a> {
    /// The values of a map's integer keys `keys`, in that order. Other keys are passed over.
    ///
    /// # Errors
    /// [`CborError::UnexpectedType`]
    pub fn numbered<const N: usize>(self, keys: [i64; N]) -> Result<[Option<Self>; N], CborError> {
        self.pick(|key| {
            let key = key.integer().ok()?;
            keys.iter().position(|&known| known == key)
        })
    }

    /// The values of a map's text keys `keys`, in that order. Other keys are passed over.
    ///
    /// # Errors
    /// [`CborError::UnexpectedType`]
    pub fn named<const N: usize>(self, keys: [&str; N]) -> Result<[Option<Self>; N], CborError> {
        self.pick(|key| {
            let key = key.content(Major::Text).ok()?;
            keys.iter().position(|&known| known.as_bytes() == key)
        })
    }

    fn pick<const N: usize>(
        self,
        place: impl Fn(Item<'a>) -> Option<usize>,
    ) -> Result<[Option<Self>; N], CborError> {
        let mut found = [None; N];
        for (key, value) in self.map()? {
            if let Some(slot) = place(key).and_then(|place| found.get_mut(place)) {
                *slot = Some(value);
            }
        }
        Ok(found)
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
