//! Format information and data masks (ISO/IEC 18004 sections 7.8 and 7.9).

use super::{Level, Modules};

#[derive(Debug, Clone, Copy)]
pub(super) struct Format {
    pub(super) level: Level,
    pub(super) mask: u8,
    /// Bits in which the better of the two copies differs from the codeword.
    pub(super) errors: u32,
}

/// Reads the better of the two copies. The code corrects three bits of fifteen.
pub(super) fn read(modules: &Modules) -> Option<Format> {
    let size = modules.size;
    let around_corner =
        (0..6).chain([7, 8]).map(|x| (x, 8)).chain([7].into_iter().chain((0..6).rev()).map(|y| (8, y)));
    let along_edges = (0..7).map(|i| (8, size - 1 - i)).chain((0..8).map(|i| (size - 8 + i, 8)));
    let bits = |word: u16, (x, y): (usize, usize)| word << 1 | u16::from(modules.value(x, y) > 0.0);
    let copies = [around_corner.fold(0, bits), along_edges.fold(0, bits)];

    let distance = |data: &u16| copies.map(|copy| (copy ^ codeword(*data)).count_ones());
    let (data, errors) = (0..32)
        .map(|data| (data, distance(&data).into_iter().min().unwrap_or(15)))
        .min_by_key(|&(_, d)| d)?;
    let level = match data >> 3 {
        0b01 => Level::L,
        0b00 => Level::M,
        0b11 => Level::Q,
        _ => Level::H,
    };
    (errors <= 3).then_some(Format { level, mask: (data & 7) as u8, errors })
}

/// The BCH (15,5) codeword of five data bits, with the fixed mask over it (Annex C).
fn codeword(data: u16) -> u16 {
    let mut rest = data << 10;
    for bit in (10..15).rev() {
        if rest >> bit & 1 == 1 {
            rest ^= 0x537 << (bit - 10);
        }
    }
    (data << 10 | rest) ^ 0x5412
}

/// Whether the mask inverts a module (Table 10).
pub(super) fn is_masked(mask: u8, x: usize, y: usize) -> bool {
    let product = x * y;
    match mask {
        0 => (x + y).is_multiple_of(2),
        1 => y.is_multiple_of(2),
        2 => x.is_multiple_of(3),
        3 => (x + y).is_multiple_of(3),
        4 => (y / 2 + x / 3).is_multiple_of(2),
        5 => product % 2 + product % 3 == 0,
        6 => (product % 2 + product % 3).is_multiple_of(2),
        _ => ((x + y) % 2 + product % 3).is_multiple_of(2),
    }
}
