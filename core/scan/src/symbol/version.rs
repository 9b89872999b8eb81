//! The tables of ISO/IEC 18004: sizes, function patterns and error correction blocks of the 40 versions.

use super::Level;

/// The largest version, 177 modules a side.
pub(crate) const MAX_VERSION: usize = 40;

/// A symbol's version, 1 to 40.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version(usize);

impl Version {
    pub(crate) fn new(number: usize) -> Option<Self> {
        (1..=MAX_VERSION).contains(&number).then_some(Version(number))
    }

    pub(crate) fn from_size(size: usize) -> Option<Self> {
        let number = size.checked_sub(17)?;
        number.is_multiple_of(4).then(|| Version::new(number / 4))?
    }

    pub(crate) fn number(self) -> usize {
        self.0
    }

    /// Modules a side.
    pub(crate) fn size(self) -> usize {
        17 + 4 * self.0
    }

    /// Row and column numbers of the alignment patterns' centres (Annex E).
    pub(crate) fn alignment(self) -> impl DoubleEndedIterator<Item = usize> + Clone {
        let count = if self.0 == 1 { 0 } else { self.0 / 7 + 2 };
        let last = self.size() - 7;
        let step = match self.0 {
            32 => 26,
            _ => (self.0 * 4 + count * 2 + 1) / (count * 2).saturating_sub(2).max(1) * 2,
        };
        (0..count).map(move |i| if i == 0 { 6 } else { last - (count - 1 - i) * step })
    }

    /// Centres of the alignment patterns that are really there: those under the finder patterns are not.
    pub(crate) fn alignment_centres(self) -> impl Iterator<Item = (usize, usize)> {
        let last = self.size() - 7;
        let taken = [(6, 6), (6, last), (last, 6)];
        let columns = self.alignment();
        self.alignment()
            .flat_map(move |y| columns.clone().map(move |x| (x, y)))
            .filter(move |centre| !taken.contains(centre))
    }

    /// For each module, row by row, whether it belongs to a function pattern, the format or the version information.
    pub(crate) fn function_map(self) -> Vec<bool> {
        let size = self.size();
        let mut map = vec![false; size * size];
        let mut mark = |x: usize, y: usize, width: usize, height: usize| {
            for row in map.chunks_mut(size).skip(y).take(height) {
                row.iter_mut().skip(x).take(width).for_each(|module| *module = true);
            }
        };
        // Finder patterns with their separators and the format information.
        mark(0, 0, 9, 9);
        mark(size - 8, 0, 8, 9);
        mark(0, size - 8, 9, 8);
        // Timing patterns.
        mark(0, 6, size, 1);
        mark(6, 0, 1, size);
        if self.0 >= 7 {
            mark(size - 11, 0, 3, 6);
            mark(0, size - 11, 6, 3);
        }
        for (x, y) in self.alignment_centres() {
            mark(x - 2, y - 2, 5, 5);
        }
        map
    }

    /// All codewords of a symbol, data and error correction.
    pub(crate) fn codewords(self) -> usize {
        let v = self.0;
        let mut modules = (16 * v + 128) * v + 64;
        if v >= 2 {
            let count = v / 7 + 2;
            modules -= (25 * count - 10) * count - 55;
        }
        if v >= 7 {
            modules -= 36;
        }
        modules / 8
    }

    /// Number of blocks and error correction codewords of each (Table 9).
    pub(crate) fn blocks(self, level: Level) -> (usize, usize) {
        let (blocks, parity) = match level {
            Level::L => (&BLOCKS_L, &PARITY_L),
            Level::M => (&BLOCKS_M, &PARITY_M),
            Level::Q => (&BLOCKS_Q, &PARITY_Q),
            Level::H => (&BLOCKS_H, &PARITY_H),
        };
        let at = |table: &[u8; MAX_VERSION]| table.get(self.0 - 1).copied().map_or(1, usize::from);
        (at(blocks), at(parity))
    }
}

#[rustfmt::skip]
const PARITY_L: [u8; MAX_VERSION] = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28,
    28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30];
#[rustfmt::skip]
const PARITY_M: [u8; MAX_VERSION] = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
    26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28];
#[rustfmt::skip]
const PARITY_Q: [u8; MAX_VERSION] = [13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30,
    28, 30, 30, 30, 30, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30];
#[rustfmt::skip]
const PARITY_H: [u8; MAX_VERSION] = [17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28,
    30, 24, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30];
#[rustfmt::skip]
const BLOCKS_L: [u8; MAX_VERSION] = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8,
    8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25];
#[rustfmt::skip]
const BLOCKS_M: [u8; MAX_VERSION] = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16,
    17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49];
#[rustfmt::skip]
const BLOCKS_Q: [u8; MAX_VERSION] = [1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20,
    23, 23, 25, 27, 29, 34, 34, 35, 38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68];
#[rustfmt::skip]
const BLOCKS_H: [u8; MAX_VERSION] = [1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25,
    25, 34, 30, 32, 35, 37, 40, 42, 45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81];
