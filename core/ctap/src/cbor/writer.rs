//! Writing canonical bytes.

use ciborium_ll::{Encoder, Header, simple};

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
        // Writing to a vector cannot fail. The type of the error says so too, unless some other crate of
        // the program turns on ciborium's `std`, which makes it an I/O error.
        let _ = Encoder::from(&mut self.out).push(header);
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

/// Writes a map of as many entries as are written: for maps with optional members.
/// The caller gives the entries in canonical order.
#[derive(Default)]
pub struct MapWriter {
    entries: usize,
    body: Writer,
}

impl MapWriter {
    /// An empty map.
    #[must_use]
    pub fn new() -> Self {
        MapWriter::default()
    }

    /// Starts the entry of an integer key; the value follows.
    pub fn number(&mut self, key: i64) -> &mut Writer {
        self.entries += 1;
        self.body.integer(key)
    }

    /// Starts the entry of a text key; the value follows.
    pub fn name(&mut self, key: &str) -> &mut Writer {
        self.entries += 1;
        self.body.text(key)
    }

    /// The map.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        let mut out = Writer::new();
        out.map(self.entries).raw(&self.body.out);
        out.finish()
    }
}
