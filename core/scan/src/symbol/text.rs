//! Data codewords to text (ISO/IEC 18004 section 7.4).

use super::Version;

/// Reads all segments. Only what is text beyond doubt is taken: digits, the alphanumeric set and UTF-8 bytes.
/// Kanji, other character sets, GS1 messages and one part of a structured append are refused: reading them would be
/// guessing, and none of the codes this app acts on uses them.
pub(super) fn read(data: &[u8], version: Version) -> Option<String> {
    let mut bits = Bits { data, position: 0 };
    let mut text = Vec::new();
    // A missing terminator is right where the data fills the symbol.
    while let Some(mode) = bits.take(4) {
        match mode {
            0b0000 => break,
            0b0001 => numeric(&mut bits, version, &mut text)?,
            0b0010 => alphanumeric(&mut bits, version, &mut text)?,
            0b0100 => bytes(&mut bits, version, &mut text)?,
            0b0111 => eci(&mut bits)?,
            _ => return None,
        }
    }
    String::from_utf8(text).ok().filter(|text| !text.is_empty())
}

fn numeric(bits: &mut Bits<'_>, version: Version, text: &mut Vec<u8>) -> Option<()> {
    let mut count = bits.take(count_bits(version, [10, 12, 14]))?;
    while count > 0 {
        let digits = count.min(3);
        let (len, limit) = match digits {
            3 => (10, 1000),
            2 => (7, 100),
            _ => (4, 10),
        };
        let value = bits.take(len).filter(|value| *value < limit)?;
        let decimals = [value / 100, value / 10 % 10, value % 10].map(|digit| b'0' + digit as u8);
        text.extend_from_slice(decimals.get(3 - digits..)?);
        count -= digits;
    }
    Some(())
}

fn alphanumeric(bits: &mut Bits<'_>, version: Version, text: &mut Vec<u8>) -> Option<()> {
    const SET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    let count = bits.take(count_bits(version, [9, 11, 13]))?;
    for _ in 0..count / 2 {
        let pair = bits.take(11)?;
        text.push(*SET.get(pair / 45)?);
        text.push(*SET.get(pair % 45)?);
    }
    if count % 2 == 1 {
        text.push(*SET.get(bits.take(6)?)?);
    }
    Some(())
}

fn bytes(bits: &mut Bits<'_>, version: Version, text: &mut Vec<u8>) -> Option<()> {
    let count = bits.take(count_bits(version, [8, 16, 16]))?;
    for _ in 0..count {
        text.push(bits.take(8)? as u8);
    }
    Some(())
}

/// Extended channel interpretation: UTF-8 (26) and US-ASCII (27), whose bytes mean what they mean without it.
fn eci(bits: &mut Bits<'_>) -> Option<()> {
    match bits.take(8)? {
        26 | 27 => Some(()),
        _ => None,
    }
}

/// Width of the character count (Table 3).
fn count_bits(version: Version, widths: [usize; 3]) -> usize {
    let [small, medium, large] = widths;
    match version.number() {
        ..=9 => small,
        10..=26 => medium,
        _ => large,
    }
}

struct Bits<'a> {
    data: &'a [u8],
    position: usize,
}

impl Bits<'_> {
    /// The next `count` bits, at most 16, highest first.
    fn take(&mut self, count: usize) -> Option<usize> {
        let mut value = 0;
        for i in self.position..self.position + count {
            value = value << 1 | usize::from(self.data.get(i / 8)? >> (7 - i % 8) & 1);
        }
        self.position += count;
        Some(value)
    }
}

#[cfg(test)]
mod tests;
