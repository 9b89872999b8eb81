//! Light and dark against the surroundings: the luma less a local threshold.

use crate::Frame;

/// Side of the blocks that the threshold is computed for, in pixels. A threshold looks at 5 x 5 of them.
const BLOCK: usize = 8;
/// Surroundings whose luma differs by less hold nothing to see, however quiet or noisy the picture is.
const FLAT: std::ops::RangeInclusive<u16> = 8..=96;
/// What stands for luma equal to the threshold; bit 7 says light.
const ZERO: i16 = 128;

/// The plane that finder patterns are searched in.
pub(crate) struct Contrast {
    width: usize,
    height: usize,
    quiet: u8,
    /// Luma less threshold, cut to a byte, plus [`ZERO`].
    data: Vec<u8>,
}

/// Sum, least and greatest luma of a block or of a neighbourhood of blocks.
#[derive(Clone, Copy)]
struct Stats {
    sum: u32,
    pixels: u32,
    min: u8,
    max: u8,
}

impl Stats {
    const NONE: Stats = Stats { sum: 0, pixels: 0, min: u8::MAX, max: 0 };

    fn with(self, other: &Stats) -> Stats {
        Stats {
            sum: self.sum + other.sum,
            pixels: self.pixels + other.pixels,
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }

    fn range(&self) -> u8 {
        self.max.saturating_sub(self.min)
    }

    /// Between the mean, which follows slopes of light, and the middle of the range, which does not mind how much of
    /// the neighbourhood is dark.
    fn threshold(self, flat: u8) -> i16 {
        if self.range() < flat {
            return i16::from(self.min) - 1;
        }
        let mean = (self.sum / self.pixels.max(1)) as i16;
        let middle = (i16::from(self.min) + i16::from(self.max)) / 2;
        (mean + middle) / 2
    }
}

impl Contrast {
    pub(crate) fn of(frame: Frame<'_>) -> Contrast {
        let (width, height) = (frame.width(), frame.height());
        let across = width.div_ceil(BLOCK);
        let blocks = block_stats(frame, across);
        let quiet = quiet_range(&blocks);
        let thresholds = around(&blocks, across, quiet);
        let mut data = vec![0; width * height];
        // One of the two is zero: bytes that saturate are many at a time for the processor.
        let (mut raise, mut lower) = (vec![0_u8; across * BLOCK], vec![0_u8; across * BLOCK]);
        for (y, (row, out)) in frame.rows().zip(data.chunks_exact_mut(width)).enumerate() {
            if y % BLOCK == 0 {
                let thresholds = thresholds.chunks(across).nth(y / BLOCK).unwrap_or_default();
                let spans = raise.chunks_exact_mut(BLOCK).zip(lower.chunks_exact_mut(BLOCK));
                for ((raise, lower), threshold) in spans.zip(thresholds) {
                    raise.fill((ZERO - threshold).clamp(0, 255) as u8);
                    lower.fill((threshold - ZERO).clamp(0, 255) as u8);
                }
            }
            for (((stored, pixel), raise), lower) in out.iter_mut().zip(row).zip(&raise).zip(&lower) {
                *stored = pixel.saturating_add(*raise).saturating_sub(*lower);
            }
        }
        Contrast { width, height, quiet, data }
    }

    pub(crate) fn height(&self) -> usize {
        self.height
    }

    /// Whether noise reaches the contrast of modules.
    pub(crate) fn is_noisy(&self) -> bool {
        self.quiet > 45
    }

    /// A row as it is stored: bit 7 is set where the pixel is light.
    pub(crate) fn row(&self, y: usize) -> &[u8] {
        self.data.get(y * self.width..(y + 1) * self.width).unwrap_or_default()
    }

    /// Positive is light. Positions as in [`Frame::at`].
    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
        Frame::packed(self.width, self.height, &self.data).at(x, y) - f32::from(ZERO)
    }

    /// The pixel at a position, without interpolation; `None` outside.
    pub(crate) fn near(&self, x: f32, y: f32) -> Option<i32> {
        if x < 0.0 || y < 0.0 {
            return None;
        }
        let (x, y) = (x as usize, y as usize);
        if x >= self.width {
            return None;
        }
        self.data.get(y * self.width + x).map(|stored| i32::from(*stored) - i32::from(ZERO))
    }

    pub(crate) fn contains(&self, x: f32, y: f32) -> bool {
        x >= 0.0 && y >= 0.0 && x <= self.width as f32 && y <= self.height as f32
    }
}

/// How far a stored value is from the threshold.
pub(crate) fn distance(stored: u8) -> f32 {
    f32::from((i16::from(stored) - ZERO).unsigned_abs())
}

fn block_stats(frame: Frame<'_>, across: usize) -> Vec<Stats> {
    let width = frame.width();
    let mut blocks = Vec::with_capacity(across * frame.height().div_ceil(BLOCK));
    let (mut sums, mut mins, mut maxs) = (vec![0_u16; width], vec![u8::MAX; width], vec![0_u8; width]);
    let last = frame.height() - 1;
    let mut rows = 0;
    for (y, row) in frame.rows().enumerate() {
        for (sum, p) in sums.iter_mut().zip(row) {
            *sum += u16::from(*p);
        }
        for (min, p) in mins.iter_mut().zip(row) {
            *min = (*min).min(*p);
        }
        for (max, p) in maxs.iter_mut().zip(row) {
            *max = (*max).max(*p);
        }
        rows += 1;
        if y % BLOCK == BLOCK - 1 || y == last {
            let columns = sums.chunks(BLOCK).zip(mins.chunks(BLOCK)).zip(maxs.chunks(BLOCK));
            blocks.extend(columns.map(|((sums, mins), maxs)| Stats {
                sum: sums.iter().map(|sum| u32::from(*sum)).sum(),
                pixels: rows * sums.len() as u32,
                min: mins.iter().copied().min().unwrap_or(u8::MAX),
                max: maxs.iter().copied().max().unwrap_or(0),
            }));
            sums.fill(0);
            mins.fill(u8::MAX);
            maxs.fill(0);
            rows = 0;
        }
    }
    blocks
}

/// The range of luma that noise alone makes in a block: the quietest tenth of the blocks shows nothing else.
fn quiet_range(blocks: &[Stats]) -> u8 {
    let mut ranges: Vec<u8> = blocks.iter().map(Stats::range).collect();
    let tenth = ranges.len() / 10;
    if tenth < ranges.len() { *ranges.select_nth_unstable(tenth).1 } else { 0 }
}

/// The threshold of each block from the 5 x 5 blocks around it, fewer at the border.
fn around(blocks: &[Stats], across: usize, quiet: u8) -> Vec<i16> {
    // The widest of many neighbourhoods of 25 blocks that show only noise has about 2.2 times the range of a block.
    let flat = (u16::from(quiet) * 9 / 4 + 2).clamp(*FLAT.start(), *FLAT.end()) as u8;
    let merge = |stats: &[Stats]| stats.iter().fold(Stats::NONE, Stats::with);
    let horizontal: Vec<Stats> = blocks
        .chunks(across)
        .flat_map(|row| {
            (0..row.len()).map(|x| merge(row.get(x.saturating_sub(2)..row.len().min(x + 3)).unwrap_or(row)))
        })
        .collect();
    let down = horizontal.len() / across;
    let mut thresholds = Vec::with_capacity(horizontal.len());
    let mut column = vec![Stats::NONE; across];
    for y in 0..down {
        column.fill(Stats::NONE);
        for row in horizontal.chunks(across).take(down.min(y + 3)).skip(y.saturating_sub(2)) {
            for (sum, stats) in column.iter_mut().zip(row) {
                *sum = sum.with(stats);
            }
        }
        thresholds.extend(column.iter().map(|stats| stats.threshold(flat)));
    }
    thresholds
}

#[cfg(test)]
mod tests;
