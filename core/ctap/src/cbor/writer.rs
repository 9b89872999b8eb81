//! Writing canonical bytes.

use super::head::{FALSE, Head, Major, TRUE};

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

    fn head(&mut self, major: Major, argument: u64) -> &mut Self {
        Head::write(major, argument, &mut self.out);
        self
    }

    /// Starts a map of `entries` pairs; keys and values follow in turn.
    pub fn map(&mut self, entries: usize) -> &mut Self {
        self.head(Major::Map, entries as u64)
    }

    /// Starts an array of `len` items.
    pub fn array(&mut self, len: usize) -> &mut Self {
        self.head(Major::Array, len as u64)
    }

    /// An integer.
    pub fn integer(&mut self, value: i64) -> &mut Self {
        match u64::try_from(value) {
            Ok(value) => self.head(Major::Unsigned, value),
            Err(_) => self.head(Major::Negative, value.unsigned_abs().wrapping_sub(1)),
        }
    }

    /// An unsigned integer.
    pub fn unsigned(&mut self, value: u64) -> &mut Self {
        self.head(Major::Unsigned, value)
    }

    /// A byte string.
    pub fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.head(Major::Bytes, value.len() as u64).raw(value)
    }

    /// A text string.
    pub fn text(&mut self, value: &str) -> &mut Self {
        self.head(Major::Text, value.len() as u64).raw(value.as_bytes())
    }

    /// `false` or `true`.
    pub fn boolean(&mut self, value: bool) -> &mut Self {
        self.head(Major::Simple, if value { TRUE } else { FALSE })
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

/// Writes a map of as many entries as are written: for maps with optional members.
/// The caller gives the entries in canonical order.
pub struct MapWriter {
    entries: usize,
    /// Its first byte is the header of a map with fewer than 24 entries, as nearly every one is.
    map: Writer,
}

/// Room for most messages: growing bit by bit would cost more than writing.
const ROOM: usize = 256;

impl MapWriter {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        let mut map = Writer { out: Vec::with_capacity(ROOM) };
        map.map(0);
        MapWriter { entries: 0, map }
    }

    /// Starts the entry of an integer key; the value follows.
    pub fn number(&mut self, key: i64) -> &mut Writer {
        self.entries += 1;
        self.map.integer(key)
    }

    /// Starts the entry of a text key; the value follows.
    pub fn name(&mut self, key: &str) -> &mut Writer {
        self.entries += 1;
        self.map.text(key)
    }

    /// The map.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        let mut header = Writer::new();
        header.map(self.entries);
        let mut map = self.map.out;
        match (map.first_mut(), header.out.as_slice()) {
            (Some(first), &[header]) => *first = header,
            (_, header) => drop(map.splice(..1, header.iter().copied())),
        }
        map
    }
}

impl Default for MapWriter {
    fn default() -> Self {
        Self::new()
    }
}
