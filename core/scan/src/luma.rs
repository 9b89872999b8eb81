//! Luma planes that the reader makes for itself: smaller and smoother copies of the frame.

use crate::Frame;

/// An owned plane without padding.
pub(crate) struct Luma {
    width: usize,
    height: usize,
    data: Vec<u8>,
}

impl Luma {
    /// The plane at half the size: each pixel is the mean of four, which also halves the noise.
    /// `None` when nothing would be left.
    pub(crate) fn half(of: Frame<'_>) -> Option<Luma> {
        let (width, height) = (of.width() / 2, of.height() / 2);
        if width == 0 || height == 0 {
            return None;
        }
        let mut data = vec![0; width * height];
        let mut sums = vec![0_u16; of.width()];
        let mut rows = of.rows();
        for out in data.chunks_exact_mut(width) {
            let (Some(upper), Some(lower)) = (rows.next(), rows.next()) else { break };
            for ((sum, a), b) in sums.iter_mut().zip(upper).zip(lower) {
                *sum = u16::from(*a) + u16::from(*b);
            }
            for (pixel, pair) in out.iter_mut().zip(sums.as_chunks::<2>().0) {
                *pixel = ((pair[0] + pair[1] + 2) / 4) as u8;
            }
        }
        Some(Luma { width, height, data })
    }

    /// The plane smoothed by a 3 x 3 binomial filter, which takes two thirds of the noise away.
    pub(crate) fn smooth(of: Frame<'_>) -> Luma {
        let filter = |[a, b, c]: [u16; 3]| (a + 2 * b + c + 8) / 16;
        Luma::filtered(of, |above, row, below| {
            let column = |i: usize| {
                let at = |row: &[u8; 3]| u16::from(row.get(i).copied().unwrap_or(0));
                at(above) + 2 * at(row) + at(below)
            };
            filter([0, 1, 2].map(column)) as u8
        })
    }

    /// The plane with its edges sharpened: twice each pixel less the mean of its four neighbours. Brings out modules
    /// that are hardly larger than a pixel.
    pub(crate) fn sharp(of: Frame<'_>) -> Luma {
        Luma::filtered(of, |above, row, below| {
            let around = [above[1], below[1], row[0], row[2]].into_iter().map(i16::from).sum::<i16>();
            (2 * i16::from(row[1]) - around / 4).clamp(0, 255) as u8
        })
    }

    /// Applies a 3 x 3 filter; the first and last column stay, beyond the first and last row these go on.
    fn filtered(of: Frame<'_>, filter: impl Fn(&[u8; 3], &[u8; 3], &[u8; 3]) -> u8) -> Luma {
        let (width, height) = (of.width(), of.height());
        let mut data = Vec::with_capacity(width * height);
        let rows: Vec<&[u8]> = of.rows().collect();
        for (y, row) in rows.iter().enumerate() {
            let above = rows.get(y.wrapping_sub(1)).unwrap_or(row);
            let below = rows.get(y + 1).unwrap_or(row);
            data.extend(row.first());
            let windows = above.array_windows().zip(row.array_windows()).zip(below.array_windows());
            data.extend(windows.map(|((above, row), below)| filter(above, row, below)));
            data.extend(row.last().filter(|_| width > 1));
        }
        Luma { width, height, data }
    }

    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame::packed(self.width, self.height, &self.data)
    }
}

#[cfg(test)]
mod tests;
