//! The header of an item (RFC 8949 section 3), read and written.
//!
//! By hand, because everything that is read goes through it several times: a general reader, which has
//! to tell what this one refuses, takes ten times as long.

use super::CborError;

/// What stands at the start of an item, and how many bytes that takes.
#[derive(Clone, Copy)]
pub(super) struct Head {
    pub(super) major: Major,
    /// The number of a [`Major::Unsigned`]; how far a [`Major::Negative`] lies below -1; the length
    /// of a string in bytes; how many items an array has, or entries a map; a simple value.
    pub(super) argument: u64,
    pub(super) len: usize,
}

/// Major types. Tags, type 6, are missing: nothing reads or writes them.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Major {
    Unsigned = 0,
    Negative = 1,
    Bytes = 2,
    Text = 3,
    Array = 4,
    Map = 5,
    Simple = 7,
}

/// The simple values that a message may have.
pub(super) const FALSE: u64 = 20;
pub(super) const TRUE: u64 = 21;
const NULL: u64 = 22;

impl Head {
    /// Reads the header at the start of `bytes`, which must be canonical.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, CborError> {
        let (&initial, rest) = bytes.split_first().ok_or(CborError::Truncated)?;
        let (argument, len) = match initial & 0x1F {
            information @ 0..24 => (information.into(), 1),
            24 => (u8::from_be_bytes(following(rest)?).into(), 2),
            25 => (u16::from_be_bytes(following(rest)?).into(), 3),
            26 => (u32::from_be_bytes(following(rest)?).into(), 5),
            27 => (u64::from_be_bytes(following(rest)?), 9),
            31 if matches!(initial >> 5, 2..=5) => return Err(CborError::Indefinite),
            // Reserved, or a break outside an item of indefinite length.
            _ => return Err(CborError::Malformed),
        };
        let major = match initial >> 5 {
            0 => Major::Unsigned,
            1 => Major::Negative,
            2 => Major::Bytes,
            3 => Major::Text,
            4 => Major::Array,
            5 => Major::Map,
            6 => return Err(CborError::Tag),
            // Two, four and eight bytes are a floating-point number.
            _ if len <= 2 && matches!(argument, FALSE..=NULL) => Major::Simple,
            _ => return Err(CborError::Simple),
        };
        if len == shortest(argument) {
            Ok(Head { major, argument, len })
        } else {
            Err(CborError::NotShortest)
        }
    }

    /// Appends a header in its shortest form.
    pub(super) fn write(major: Major, argument: u64, out: &mut Vec<u8>) {
        let initial = (major as u8) << 5;
        let [a, b, c, d, e, f, g, h] = argument.to_be_bytes();
        match shortest(argument) {
            1 => out.push(initial | h),
            2 => out.extend([initial | 24, h]),
            3 => out.extend([initial | 25, g, h]),
            5 => out.extend([initial | 26, e, f, g, h]),
            _ => out.extend([initial | 27, a, b, c, d, e, f, g, h]),
        }
    }
}

fn following<const N: usize>(bytes: &[u8]) -> Result<[u8; N], CborError> {
    bytes.first_chunk().copied().ok_or(CborError::Truncated)
}

/// Length of the shortest header that carries `argument`.
const fn shortest(argument: u64) -> usize {
    match argument {
        0..=23 => 1,
        24..=0xFF => 2,
        0x100..=0xFFFF => 3,
        0x1_0000..=0xFFFF_FFFF => 5,
        _ => 9,
    }
}

#[cfg(test)]
mod tests;
