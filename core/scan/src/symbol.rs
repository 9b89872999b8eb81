//! A sampled symbol to its text (ISO/IEC 18004 section 12, the decoding procedure from the module matrix on).

mod format;
mod reed_solomon;
mod text;
mod version;

pub(crate) use version::{MAX_VERSION, Version};

/// The modules of one symbol as the camera saw them: positive is dark, and the further from zero the surer.
#[derive(Debug, Clone)]
pub(crate) struct Modules {
    size: usize,
    values: Vec<f32>,
}

impl Modules {
    /// Takes `size * size` values, row by row.
    pub(crate) fn new(size: usize, values: Vec<f32>) -> Self {
        Modules { size, values }
    }

    pub(crate) fn value(&self, x: usize, y: usize) -> f32 {
        self.values.get(y * self.size + x).copied().unwrap_or(0.0)
    }

    fn mirrored(&self) -> Modules {
        let values = (0..self.size).flat_map(|y| (0..self.size).map(move |x| self.value(y, x))).collect();
        Modules { size: self.size, values }
    }
}

/// Reads the text of a symbol. `None` when it is damaged beyond repair or holds something that is no plain text.
///
/// A symbol that is seen from behind, or in a front camera, is mirrored along its main diagonal; it is read too.
pub(crate) fn decode(modules: &Modules) -> Option<String> {
    let version = Version::from_size(modules.size)?;
    let format = format::read(modules);
    if let Some(text) = format.and_then(|format| decode_as(modules, version, format)) {
        return Some(text);
    }
    let mirrored = modules.mirrored();
    let other = format::read(&mirrored)?;
    // The format that fits better tells which side is up; both are tried only when they tie.
    if format.is_some_and(|format| format.errors < other.errors) {
        return None;
    }
    decode_as(&mirrored, version, other)
}

fn decode_as(modules: &Modules, version: Version, format: format::Format) -> Option<String> {
    let codewords = read_codewords(modules, version, format.mask);
    let data = correct(&codewords, version, format.level)?;
    text::read(&data, version)
}

/// Error correction level, in the order of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    L,
    M,
    Q,
    H,
}

/// One codeword and how sure its least sure module is.
#[derive(Debug, Clone, Copy)]
struct Codeword {
    byte: u8,
    sure: f32,
}

/// Reads the codewords in their zigzag from the lower right corner and takes the mask off
/// (ISO/IEC 18004 sections 7.7.3 and 7.8).
fn read_codewords(modules: &Modules, version: Version, mask: u8) -> Vec<Codeword> {
    let size = modules.size;
    let function = version.function_map();
    let mut codewords = Vec::with_capacity(version.codewords());
    let (mut byte, mut sure, mut bits) = (0_u8, f32::MAX, 0);
    let mut upward = true;
    // Column pairs from right to left; the vertical timing pattern in column 6 is not part of any pair.
    for right in (1..size).rev().step_by(2).map(|right| if right <= 6 { right - 1 } else { right }) {
        for step in 0..size {
            let y = if upward { size - 1 - step } else { step };
            for x in [right, right - 1] {
                if function.get(y * size + x).copied().unwrap_or(true) {
                    continue;
                }
                let value = modules.value(x, y);
                byte = byte << 1 | u8::from((value > 0.0) != format::is_masked(mask, x, y));
                sure = sure.min(value.abs());
                bits += 1;
                if bits == 8 {
                    codewords.push(Codeword { byte, sure });
                    (byte, sure, bits) = (0, f32::MAX, 0);
                }
            }
        }
        upward = !upward;
    }
    codewords.truncate(version.codewords());
    codewords
}

/// Undoes the interleaving of the blocks and corrects each (ISO/IEC 18004 section 7.6 backwards).
fn correct(codewords: &[Codeword], version: Version, level: Level) -> Option<Vec<u8>> {
    let (blocks, parity) = version.blocks(level);
    let data_len = version.codewords().checked_sub(blocks * parity)?;
    let (short, long_blocks) = (data_len / blocks, data_len % blocks);
    let mut data = Vec::with_capacity(data_len);
    let mut block = Vec::with_capacity(short + 1 + parity);
    for b in 0..blocks {
        block.clear();
        block.extend((0..short).map(|i| i * blocks + b));
        // The long blocks are the last ones; their extra codewords stand in a row of their own.
        let short_blocks = blocks - long_blocks;
        block.extend(b.checked_sub(short_blocks).map(|long| short * blocks + long));
        let len = block.len();
        block.extend((0..parity).map(|i| data_len + i * blocks + b));
        let received: Option<Vec<Codeword>> = block.iter().map(|&i| codewords.get(i).copied()).collect();
        let corrected = reed_solomon::correct(&received?, parity)?;
        data.extend_from_slice(corrected.get(..len)?);
    }
    Some(data)
}

#[cfg(test)]
mod tests;
