//! The form of a sealed record: a map in canonical CBOR, padded.

use latchkey_ctap::cbor::{CborError, Item, Writer, map_header};

use crate::keys::Damaged;

/// Records are padded to a multiple of this, so that the length of a name does not show.
pub(crate) const BUCKET: usize = 256;

/// ISO/IEC 7816-4 padding: 0x80 and zeros to a full bucket.
pub(crate) fn pad(mut map: Vec<u8>) -> Vec<u8> {
    map.push(0x80);
    map.resize(map.len().next_multiple_of(BUCKET), 0);
    map
}

/// What was padded, if the payload is exactly what [`pad`] makes of it.
pub(crate) fn unpad(payload: &[u8]) -> Result<&[u8], Damaged> {
    if !payload.len().is_multiple_of(BUCKET) {
        return Err(Damaged);
    }
    let end = payload.iter().rposition(|byte| *byte != 0).ok_or(Damaged)?;
    match payload.split_at_checked(end) {
        Some((content, [0x80, ..])) => Ok(content),
        _ => Err(Damaged),
    }
}

/// Writes an entry that may be missing.
pub(crate) fn text(writer: &mut Writer, key: u64, value: Option<&str>) {
    if let Some(value) = value {
        writer.unsigned(key).text(value);
    }
}

/// The entries of a map in canonical CBOR, asked for in their order and checked as they are reached.
/// One that nobody asked for is an error.
pub(crate) struct Entries<'a> {
    left: u64,
    rest: &'a [u8],
}

impl<'a> Entries<'a> {
    pub(crate) fn of(map: &'a [u8]) -> Result<Self, Damaged> {
        let (left, rest) = map_header(map)?;
        Ok(Entries { left, rest })
    }

    /// The keys are below 24: each is its own encoding (RFC 8949 section 3).
    pub(crate) fn optional(&mut self, key: u8) -> Result<Option<Item<'a>>, Damaged> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        let (next, rest) = self.rest.split_first().ok_or(Damaged)?;
        if *next != key {
            return Ok(None);
        }
        let (value, rest) = Item::parse_prefix(rest)?;
        *self = Entries { left, rest };
        Ok(Some(value))
    }

    pub(crate) fn required(&mut self, key: u8) -> Result<Item<'a>, Damaged> {
        self.optional(key)?.ok_or(Damaged)
    }

    pub(crate) fn text(&mut self, key: u8) -> Result<Option<String>, Damaged> {
        Ok(self.optional(key)?.map(Item::text).transpose()?.map(str::to_owned))
    }

    pub(crate) fn end(self) -> Result<(), Damaged> {
        if self.left == 0 && self.rest.is_empty() { Ok(()) } else { Err(Damaged) }
    }
}

impl From<CborError> for Damaged {
    fn from(_: CborError) -> Self {
        Damaged
    }
}
